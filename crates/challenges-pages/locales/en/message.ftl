# Text messages, e-mails and push messages. $link and $code are secrets, and stand apart from letters. The form of the
# last line of a message with a code is fixed, and not in this file.

# Text messages: best in letters of GSM-7, because other letters more than double the price.
message-sms-link = Is this you? To confirm, open { $link } within { $minutes } min. If not, ignore this.
message-sms-code = { $code } is your code for { $origin }, good for { $minutes } min. Or open { $link } to confirm. If this is not you, ignore this.
message-sms-confirmation = { $code } is your code to confirm this phone number, good for { $minutes } min. Do not share it.

# E-mails
message-email-subject = Is this you at { $origin }?
message-email-link =
    { $origin } asks for your confirmation. Open this page within { $minutes } minutes:

    { $link }

    If this is not you, ignore this message.
message-email-code =
    { $origin } asks for your confirmation. Your code is { $code }, good for { $minutes } minutes. Enter the code on the page that asked for it, or open this page:

    { $link }

    If this is not you, ignore this message.
message-email-confirmation-subject = Your code to confirm this address
message-email-confirmation =
    { $code } is your code to confirm this e-mail address, good for { $minutes } minutes. Do not share it.

    If this is not you, ignore this message.

# Push messages: without link and code, because locked screens show them.
message-push-title = Is this you?
message-push-body = { $origin } asks for your confirmation. Open this within { $minutes } minutes.

# Notices of changes, by text message, e-mail and push message. No link, so that nobody learns to follow such links.
message-notice-title = Your account was changed
message-notice = { $change } If this was not you, check your account now.
message-notice-time = Time: { $time }

# The changes
message-added = Added to your account: { $what }.
message-removed = Removed from your account: { $what }.
message-enabled = Switched on for your account: { $what }.
message-disabled = Switched off for your account: { $what }.
message-imported = Moved from an earlier system to your account: { $what }.
message-locked = Too many wrong answers in your account: { $what }.
message-recovery-codes-generated = New recovery codes were generated for your account. Earlier codes no longer work.
message-recovery-codes-deleted = The recovery codes of your account were deleted.
message-recovery-code-used = A recovery code of your account was used, { $count } left.
message-recovery-code-used-few = A recovery code of your account was used, { $count } left. Make new ones.
message-device-trusted = A browser now signs in to your account without a second factor.
message-device-stolen = The sign-in data of a browser was copied. The browser needs the second factor again.
message-reset = Support unlocked your account.
message-changed = The ways to sign in to your account were changed.

# What was added, removed, or switched on or off
message-what-totp = an authenticator app
message-what-passkey = a passkey
message-what-phone = a phone number
message-what-browser = push messages to a browser
message-what-email = an e-mail address
message-what-other = a way to sign in

# What was answered wrong too often
message-wrong-totp = codes from an authenticator app
message-wrong-recovery-code = recovery codes
message-wrong-sms = codes from text messages
message-wrong-email = codes from e-mails
message-wrong-confirmation = codes for a new address
message-wrong-code = codes
