# The messages of the domain “factor”.
factor-title = Confirm that it is you
factor-why-login = Your password is right. Confirm the sign-in with a second factor.
factor-why-step-up = Confirm with your second factor to continue.
factor-second = One factor is confirmed. Now confirm with another one.
factor-wrong = That did not work. Check the answer and try again.
factor-disabled = This way is blocked after too many wrong answers. Ask the support of this site for help.
factor-locked = Too many wrong answers. Try again after
factor-confirm = Confirm
factor-continue = Continue
factor-cancel = Cancel
factor-trust = Trust this browser and do not ask here again for a while
factor-passkey = Passkey
factor-passkey-use = Use a passkey
factor-passkey-needs-script = Passkeys need JavaScript. Use another way, or turn JavaScript on.
factor-totp = Authenticator app
factor-totp-label = Code from your authenticator app
factor-message = Message to your phone or browser
factor-message-sent = We are sending a message to:
factor-message-sent-again = We are sending another message. Earlier messages no longer work.
factor-message-label = Code from the message
factor-message-continue = If you approve with the link in the message, this page continues by itself.
factor-message-late = If nothing arrives, send the message again, or use another way.
factor-message-check = I have approved
factor-number = Type this number on the page that opens from the message:
factor-resend = Send the message again
factor-resend-wait = { $count ->
    [one] Too many messages. Try again in { $count } second.
   *[other] Too many messages. Try again in { $count } seconds.
  }
factor-too-many-messages = No message was sent.
factor-other-way = Another way
factor-recovery = Recovery code
factor-recovery-hint = For a lost phone or passkey. Each recovery code works once.
factor-recovery-label = Recovery code
factor-renew = Try again
factor-exhausted = Too many wrong answers. Start again.
factor-declined = The request was declined.
factor-timed-out = The time is up. Start again.
factor-failed = You cannot confirm at the moment. Try again later, or ask the support of this site for help.
factor-passed = This confirmation was used already. Start again.
