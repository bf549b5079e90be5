# The pages on which users manage their factors.

account-title = Account security
account-back = Back to the overview
account-continue = Continue
account-drop = Discard
account-remove = Remove
account-rename = Rename
account-save = Save
account-confirm = Confirm
account-copy = Copy
account-print = Print
account-download = Download
account-created = Added:
account-used = Last used:
account-expires = Expires:
account-pending = Not completed yet
account-needs-script = This page needs JavaScript.
account-no-factor = Your account is protected by your password only. Add a passkey or an authenticator app.

# Reports on a change
account-done-totp-added = The authenticator app was added.
account-done-totp-removed = The authenticator app was removed. Its codes are no longer accepted.
account-done-passkey-added = The passkey was added.
account-done-passkey-renamed = The passkey was renamed.
account-done-passkey-removed = The passkey was removed. Your device may still offer it until you delete it there.
account-done-device-revoked = The device is no longer trusted.
account-done-devices-revoked = No device is trusted any more.
account-done-phone-added = The phone number was confirmed.
account-done-phone-known = You added this phone number before.
account-done-phone-removed = The phone number was removed.
account-done-email-added = The e-mail address was confirmed.
account-done-email-known = You added this e-mail address before.
account-done-email-removed = The e-mail address was removed.
account-done-browser-added = This browser now shows your requests.
account-done-browser-removed = The browser was removed. It no longer shows your requests.

# Locks after too many wrong codes
account-lock-until = You can try again after:
account-lock-disabled = Ask the support of this site to unlock it.
account-lock-totp = Too many wrong codes from your authenticator app.
account-lock-totp-enrollment = Too many wrong codes while adding an authenticator app.
account-lock-code = Too many wrong codes.
account-lock-message-code = Too many wrong codes from text messages.
account-lock-email-code = Too many wrong codes from e-mails.
account-lock-confirmation = Too many wrong codes while confirming an address.
account-lock-number = Too many wrong numbers.
account-lock-recovery-code = Too many wrong recovery codes.

# Passkeys
account-passkeys = Passkeys
account-passkeys-hint = Sign in with your fingerprint, face, device PIN or a security key. Passkeys resist phishing.
account-passkeys-add = Add a passkey
account-passkeys-intro = A passkey lives on your phone, computer, password manager or security key. Nobody can read it or guess it.
account-passkeys-start = Create a passkey
account-passkeys-create = Your browser will ask where to keep the passkey.
account-passkey-unnamed = Passkey
account-passkey-verifies = Checks your fingerprint, face or PIN
account-passkey-touch = Checks only that you touch it
account-passkey-synced = Synchronized between your devices
account-passkey-name = Name
account-passkey-name-hint = For example the device that keeps the passkey
account-passkey-rename-title = Rename a passkey

# Authenticator apps
account-totp = Authenticator apps
account-totp-hint = An app on your phone shows a new code every 30 seconds.
account-totp-add = Add an authenticator app
account-totp-name = Authenticator app { $count }
account-totp-intro = Install an authenticator app on your phone first. Then connect the app to your account.
account-totp-start = Show the QR code
account-totp-scan = Scan this QR code with the app.
account-totp-qr = QR code for your authenticator app
account-totp-open = Open the app on this device
account-totp-type = If you cannot scan, type this key into the app:
account-totp-enter = Enter the code that the app shows.
account-totp-lost-key = The QR code is shown only once. If you have not scanned it, start again.
account-totp-restart = Start again

# Phone numbers, e-mail addresses and browsers
account-phones = Phone numbers
account-phones-hint = You receive a text message.
account-phones-add = Add a phone number
account-phone-label = Phone number
account-phone-hint = With the country code, for example +44 20 7946 0000
account-emails = E-mail addresses
account-emails-hint = For messages about your account. An e-mail address is not a second factor.
account-emails-add = Add an e-mail address
account-email-label = E-mail address
account-browsers = Browsers
account-browsers-hint = A browser shows a notification for each request, and you approve or decline there.
account-browsers-add = Add this browser
account-browsers-start = Turn on notifications
account-browsers-unavailable = This site sends no notifications to browsers.
account-address-unknown = Unreadable address
account-address-disabled = Turned off
account-send-code = Send a code
account-code-title = Enter the code
account-code-label = Code
account-code-sent = We are sending a code to:
account-code-sent-again = We are sending another code. Earlier codes no longer work.
account-resend = Send another code

# Recovery codes
account-recovery-codes = Recovery codes
account-recovery-codes-hint = A recovery code lets you in when you have lost your other factors. Each code works once.
account-recovery-codes-left =
    { $count ->
        [0] You have no recovery codes.
        [one] You have one unused recovery code.
       *[other] You have { $count } unused recovery codes.
    }
account-recovery-codes-missing = You have no recovery codes. Without them you cannot get in when you lose your other factors.
account-recovery-codes-void =
    { $count ->
        [one] One of your recovery codes no longer works. Generate new codes.
       *[other] { $count } of your recovery codes no longer work. Generate new codes.
    }
account-recovery-codes-generate = Generate recovery codes
account-recovery-codes-replaced = Your earlier codes stop working.
account-recovery-codes-no-factor = Add a passkey, an authenticator app or a phone number first.
account-recovery-codes-new = Your recovery codes
account-recovery-codes-once = Keep these codes in a safe place now. They are shown only once.
account-recovery-codes-kept = I have saved the codes

# Trusted devices
account-devices = Trusted devices
account-devices-hint = On these devices you sign in with your password only.
account-device-revoke = Stop trusting
account-devices-revoke-all = Stop trusting all devices

# Activity
account-activity-link = Recent activity
account-activity-title = Recent activity
account-activity-hint = Requests to confirm that it is you. If you did not start one, change your password.
account-activity-none = No recent requests
account-activity-wrong =
    { $count ->
        [one] One wrong answer
       *[other] { $count } wrong answers
    }
account-state-pending = Not sent yet
account-state-issued = Waiting for an answer
account-state-challenge-failed = Not delivered
account-state-challenge-passed = Approved
account-state-challenge-declined = Declined
account-state-timed-out = Expired

# Questions before a removal
account-removal-title = Are you sure?
account-removal-totp = Remove this authenticator app? Its codes are no longer accepted.
account-removal-passkey = Remove this passkey? You can no longer sign in with it.
account-removal-phone = Remove this phone number?
account-removal-email = Remove this e-mail address?
account-removal-browser = Remove this browser? It no longer shows your requests.
account-removal-device = Stop trusting this device? It needs a second factor at the next sign-in.
account-removal-all-devices = Stop trusting all devices? Each needs a second factor at the next sign-in.

# Reasons beside a form
account-error-wrong-code = This code was not accepted. Check the clock of your device, and enter the newest code.
account-error-wrong-message-code = This code was not accepted. Enter the code of the newest message.
account-error-delayed = Too many wrong codes. You can try again after:
account-error-disabled = Too many wrong codes. Ask the support of this site to allow codes again.
account-error-setup-over = This setup took too long, or is completed already. Start again.
account-error-no-code-expected = This address no longer accepts a code. Discard it, and add it again.
account-error-too-many-messages = We sent you several messages already. You can ask for another one after:
account-error-full =
    { $count ->
        [0] None can be added.
        [one] Only one can be added. Remove it first.
       *[other] At most { $count } can be added. Remove one first.
    }
account-error-phone-number = This is not a phone number with a country code. Begin with + and the code of your country.
account-error-email-address = This is not an e-mail address. An address has the form name@example.org.
account-error-push-subscription = Your browser could not be added. Allow notifications for this site, and try again.
account-error-passkey-name = Enter a name of at most 60 letters.
account-error-passkey-refused = The passkey was not accepted. Try again, or use another device.
account-error-passkey-taken = This passkey was added before. Use another device or security key.
account-error-passkeys-unavailable = This site does not offer passkeys.
account-error-last-factor = This is your only second factor. Add another one before you remove it.
account-error-same-factor = Confirm with a factor of another type first, for example a recovery code.
account-error-no-factor-yet = Recovery codes stand in for another factor. Add a passkey, an authenticator app or a phone number first.
account-error-number-missing = Enter the number shown where you started the request.
account-error-answer-refused = Your answer was not accepted. The number may be wrong, or there is a newer message with another link.
