# The frame of every page, and the texts of the script.

# Errors of the browser, shown beside the button that was pressed.
layout-script-insecure = This works only on a secure (https) page.
layout-script-unsupported = This browser does not support this. Use another browser or another way.
layout-script-cancelled = This was cancelled, took too long, or your device could not confirm that it is you. Try again.
layout-script-registered = This passkey or security key is already registered. Use another one.
layout-script-unverified = This device cannot confirm that it is you. Use another one.
layout-script-elsewhere = Passkeys of this site do not work at this address. Open the site at its own address.
layout-script-blocked = Your browser blocks notifications from this site. Allow them in the settings of the browser, then try again.
layout-script-offline = Your browser could not reach its push service. Check the connection, then try again.
layout-script-failed = Your browser reported an error. Try again.

# Said after a press on “Copy”.
layout-script-copied = Copied
