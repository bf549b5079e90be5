# The texts of the bank.

bank-home = Your account
bank-user = Signed in as
bank-sign-in = Sign in
bank-sign-up = Sign up
bank-sign-out = Sign out
bank-name = User name
bank-password = Password
bank-wrong-password = Wrong name or password.
bank-short = A password has at least 8 characters.
bank-no-name = This is not a name.
bank-taken-name = This name is taken.
bank-security = Security
bank-no-page = There is no page at this address.

# Transfers.
bank-transfer = Transfer
bank-to = Recipient
bank-amount = Amount
bank-transferred = Transferred { $amount } from { $user } to { $to }.

# Support.
bank-support = Support
bank-show = Show
bank-apps = Authenticator apps
bank-passkeys = Passkeys
bank-recovery-codes = Recovery codes
bank-addresses = Phones, mailboxes and browsers
bank-locks = Locked factors
bank-case = Case number
bank-unlock = Unlock
bank-reset = Remove all factors
bank-done = Done.
bank-no-support = Only support may open this page.
