# SMS, E-Mails und Push-Nachrichten.

# SMS: möglichst in den Zeichen von GSM-7.
message-sms-link =
    Sind Sie das? Zum Bestätigen innerhalb von { $minutes } Min. öffnen:
    { $link }
    Wenn nicht, ignorieren Sie diese Nachricht.
message-sms-code =
    { $code } ist Ihr Code für { $origin }, gültig { $minutes } Min. Oder zum Bestätigen öffnen:
    { $link }
    Wenn Sie das nicht sind, ignorieren Sie diese Nachricht.
message-sms-confirmation = { $code } ist Ihr Code zum Bestätigen dieser Telefonnummer, gültig { $minutes } Min. Geben Sie ihn niemandem.

# E-Mails
message-email-subject = Sind Sie das bei { $origin }?
message-email-link =
    { $origin } bittet um Ihre Bestätigung. Öffnen Sie diese Seite innerhalb von { $minutes } Min.:

    { $link }

    Wenn Sie das nicht sind, ignorieren Sie diese Nachricht.
message-email-code =
    { $origin } bittet um Ihre Bestätigung. Ihr Code ist { $code }, gültig { $minutes } Min. Geben Sie ihn auf der Seite ein, die danach fragt, oder öffnen Sie diese Seite:

    { $link }

    Wenn Sie das nicht sind, ignorieren Sie diese Nachricht.
message-email-confirmation-subject = Ihr Code zum Bestätigen dieser Adresse
message-email-confirmation =
    { $code } ist Ihr Code zum Bestätigen dieser E-Mail-Adresse, gültig { $minutes } Min. Geben Sie ihn niemandem.

    Wenn Sie das nicht sind, ignorieren Sie diese Nachricht.

# Push-Nachrichten
message-push-title = Sind Sie das?
message-push-body = { $origin } bittet um Ihre Bestätigung. Öffnen Sie dies innerhalb von { $minutes } Min.

# Mitteilungen über Änderungen
message-notice-title = Ihr Konto wurde geändert
message-notice = { $change } Waren Sie das nicht, prüfen Sie jetzt Ihr Konto.
message-notice-time = Zeit: { $time }

# Die Änderungen
message-added = Ihrem Konto hinzugefügt: { $what }.
message-removed = Aus Ihrem Konto entfernt: { $what }.
message-enabled = Für Ihr Konto eingeschaltet: { $what }.
message-disabled = Für Ihr Konto ausgeschaltet: { $what }.
message-imported = Aus einem früheren System in Ihr Konto übernommen: { $what }.
message-locked = Zu viele falsche Antworten in Ihrem Konto: { $what }.
message-recovery-codes-generated = Für Ihr Konto wurden neue Wiederherstellungscodes erzeugt. Frühere Codes gelten nicht mehr.
message-recovery-codes-deleted = Die Wiederherstellungscodes Ihres Kontos wurden gelöscht.
message-recovery-code-used = Ein Wiederherstellungscode Ihres Kontos wurde verwendet. Übrig: { $count }.
message-recovery-code-used-few = Ein Wiederherstellungscode Ihres Kontos wurde verwendet. Übrig: { $count }. Erzeugen Sie neue.
message-device-trusted = Ein Browser meldet sich jetzt ohne zweiten Faktor bei Ihrem Konto an.
message-device-stolen = Die Anmeldedaten eines Browsers wurden kopiert. Er braucht wieder den zweiten Faktor.
message-reset = Der Support hat Ihr Konto entsperrt.
message-changed = Die Wege zur Anmeldung bei Ihrem Konto wurden geändert.

# Was hinzugefügt, entfernt, ein- oder ausgeschaltet wurde
message-what-totp = eine Authenticator-App
message-what-passkey = ein Passkey
message-what-phone = eine Telefonnummer
message-what-browser = Push-Nachrichten an einen Browser
message-what-email = eine E-Mail-Adresse
message-what-other = ein Weg zur Anmeldung

# Was zu oft falsch beantwortet wurde
message-wrong-totp = Codes einer Authenticator-App
message-wrong-recovery-code = Wiederherstellungscodes
message-wrong-sms = Codes aus SMS
message-wrong-email = Codes aus E-Mails
message-wrong-confirmation = Codes für eine neue Adresse
message-wrong-code = Codes
