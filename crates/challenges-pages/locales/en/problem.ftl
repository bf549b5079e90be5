# Reasons for which a request fails.
problem-title = This did not work
problem-no-such-page = There is no such page.
problem-method = This address cannot be used this way.
problem-other-origin = The request came from another site, and was refused.
problem-prefetch = Open the page itself to continue.
problem-signed-out = Sign in first.
problem-login-expired = This sign-in has expired. Sign in again.
problem-sign-in = Sign in
problem-malformed = The form is incomplete. Go back and try again.
problem-too-large = The form is too large.
problem-step-up-needed = Confirm with your second factor first.
problem-no-factor = This needs a factor that you do not have yet. Add one first.
problem-add-factor = Add a second factor
problem-refused = The answer was not accepted.
problem-too-many-messages = Too many messages were sent. Try again later.
problem-invalid = This is not possible. Check your entry and try again.
problem-unavailable = The service is not available. Try again later.
