# Die Seiten, auf denen Nutzer ihre Faktoren verwalten.

account-title = Sicherheit Ihres Kontos
account-back = Zurück zur Übersicht
account-continue = Fortsetzen
account-drop = Verwerfen
account-remove = Entfernen
account-rename = Umbenennen
account-save = Speichern
account-confirm = Bestätigen
account-copy = Kopieren
account-print = Drucken
account-download = Herunterladen
account-created = Hinzugefügt:
account-used = Zuletzt benutzt:
account-expires = Endet:
account-pending = Noch nicht abgeschlossen
account-needs-script = Diese Seite braucht JavaScript.
account-no-factor = Ihr Konto ist nur durch Ihr Passwort geschützt. Fügen Sie einen Passkey oder eine Authenticator-App hinzu.

# Meldungen nach einer Änderung
account-done-totp-added = Die Authenticator-App wurde hinzugefügt.
account-done-totp-removed = Die Authenticator-App wurde entfernt. Ihre Codes werden nicht mehr angenommen.
account-done-passkey-added = Der Passkey wurde hinzugefügt.
account-done-passkey-renamed = Der Passkey wurde umbenannt.
account-done-passkey-removed = Der Passkey wurde entfernt. Ihr Gerät bietet ihn vielleicht weiter an, bis Sie ihn dort löschen.
account-done-device-revoked = Dem Gerät wird nicht mehr vertraut.
account-done-devices-revoked = Keinem Gerät wird mehr vertraut.
account-done-phone-added = Die Telefonnummer wurde bestätigt.
account-done-phone-known = Sie haben diese Telefonnummer schon früher hinzugefügt.
account-done-phone-removed = Die Telefonnummer wurde entfernt.
account-done-email-added = Die E-Mail-Adresse wurde bestätigt.
account-done-email-known = Sie haben diese E-Mail-Adresse schon früher hinzugefügt.
account-done-email-removed = Die E-Mail-Adresse wurde entfernt.
account-done-browser-added = Dieser Browser zeigt Ihnen ab jetzt Ihre Anfragen.
account-done-browser-removed = Der Browser wurde entfernt. Er zeigt Ihre Anfragen nicht mehr.

# Sperren nach zu vielen falschen Codes
account-lock-until = Ein neuer Versuch ist möglich ab:
account-lock-disabled = Bitten Sie den Support dieser Website, die Sperre aufzuheben.
account-lock-totp = Zu viele falsche Codes Ihrer Authenticator-App.
account-lock-totp-enrollment = Zu viele falsche Codes beim Hinzufügen einer Authenticator-App.
account-lock-code = Zu viele falsche Codes.
account-lock-message-code = Zu viele falsche Codes aus SMS.
account-lock-email-code = Zu viele falsche Codes aus E-Mails.
account-lock-confirmation = Zu viele falsche Codes beim Bestätigen einer Adresse.
account-lock-number = Zu viele falsche Zahlen.
account-lock-recovery-code = Zu viele falsche Wiederherstellungscodes.

# Passkeys
account-passkeys = Passkeys
account-passkeys-hint = Melden Sie sich mit Fingerabdruck, Gesicht, Geräte-PIN oder Sicherheitsschlüssel an. Passkeys schützen vor Phishing.
account-passkeys-add = Passkey hinzufügen
account-passkeys-intro = Ein Passkey liegt auf Ihrem Telefon, Computer, in einem Passwortmanager oder auf einem Sicherheitsschlüssel. Niemand kann ihn auslesen oder erraten.
account-passkeys-start = Passkey erstellen
account-passkeys-create = Ihr Browser fragt gleich, wo der Passkey aufbewahrt werden soll.
account-passkey-unnamed = Passkey
account-passkey-verifies = Prüft Fingerabdruck, Gesicht oder PIN
account-passkey-touch = Prüft nur eine Berührung
account-passkey-synced = Zwischen Ihren Geräten synchronisiert
account-passkey-name = Name
account-passkey-name-hint = Zum Beispiel das Gerät, auf dem der Passkey liegt
account-passkey-rename-title = Passkey umbenennen

# Authenticator-Apps
account-totp = Authenticator-Apps
account-totp-hint = Eine App auf Ihrem Telefon zeigt alle 30 Sekunden einen neuen Code.
account-totp-add = Authenticator-App hinzufügen
account-totp-name = Authenticator-App { $count }
account-totp-intro = Installieren Sie zuerst eine Authenticator-App auf Ihrem Telefon. Verbinden Sie die App dann mit Ihrem Konto.
account-totp-start = QR-Code anzeigen
account-totp-scan = Scannen Sie diesen QR-Code mit der App.
account-totp-qr = QR-Code für Ihre Authenticator-App
account-totp-open = App auf diesem Gerät öffnen
account-totp-type = Wenn Sie nicht scannen können, geben Sie diesen Schlüssel in die App ein:
account-totp-enter = Geben Sie den Code ein, den die App zeigt.
account-totp-lost-key = Der QR-Code wird nur einmal gezeigt. Wenn Sie ihn nicht gescannt haben, beginnen Sie von vorn.
account-totp-restart = Von vorn beginnen

# Telefonnummern, E-Mail-Adressen und Browser
account-phones = Telefonnummern
account-phones-hint = Sie erhalten eine SMS.
account-phones-add = Telefonnummer hinzufügen
account-phone-label = Telefonnummer
account-phone-hint = Mit Landesvorwahl, zum Beispiel +49 30 901820
account-emails = E-Mail-Adressen
account-emails-hint = Für Nachrichten zu Ihrem Konto. Eine E-Mail-Adresse ist kein zweiter Faktor.
account-emails-add = E-Mail-Adresse hinzufügen
account-email-label = E-Mail-Adresse
account-browsers = Browser
account-browsers-hint = Ein Browser zeigt eine Benachrichtigung, und dort stimmen Sie zu oder lehnen ab.
account-browsers-add = Diesen Browser hinzufügen
account-browsers-start = Benachrichtigungen einschalten
account-browsers-unavailable = Diese Website sendet keine Benachrichtigungen an Browser.
account-address-unknown = Unlesbare Adresse
account-address-disabled = Ausgeschaltet
account-send-code = Code senden
account-code-title = Code eingeben
account-code-label = Code
account-code-sent = Wir senden einen Code an:
account-code-sent-again = Wir senden einen neuen Code. Frühere Codes gelten nicht mehr.
account-resend = Neuen Code senden

# Wiederherstellungscodes
account-recovery-codes = Wiederherstellungscodes
account-recovery-codes-hint = Mit einem Wiederherstellungscode kommen Sie hinein, wenn Sie Ihre anderen Faktoren verloren haben. Jeder Code gilt einmal.
account-recovery-codes-missing = Sie haben keine Wiederherstellungscodes. Ohne sie kommen Sie nicht hinein, wenn Sie Ihre anderen Faktoren verlieren.
account-recovery-codes-left =
    { $count ->
        [0] Sie haben keine Wiederherstellungscodes.
        [one] Sie haben einen unbenutzten Wiederherstellungscode.
       *[other] Sie haben { $count } unbenutzte Wiederherstellungscodes.
    }
account-recovery-codes-void =
    { $count ->
        [one] Einer Ihrer Wiederherstellungscodes gilt nicht mehr. Erzeugen Sie neue Codes.
       *[other] { $count } Ihrer Wiederherstellungscodes gelten nicht mehr. Erzeugen Sie neue Codes.
    }
account-recovery-codes-generate = Wiederherstellungscodes erzeugen
account-recovery-codes-replaced = Ihre bisherigen Codes werden ungültig.
account-recovery-codes-no-factor = Fügen Sie zuerst einen Passkey, eine Authenticator-App oder eine Telefonnummer hinzu.
account-recovery-codes-new = Ihre Wiederherstellungscodes
account-recovery-codes-once = Bewahren Sie diese Codes jetzt an einem sicheren Ort auf. Sie werden nur einmal gezeigt.
account-recovery-codes-kept = Ich habe die Codes aufbewahrt

# Vertrauenswürdige Geräte
account-devices = Vertrauenswürdige Geräte
account-devices-hint = Auf diesen Geräten melden Sie sich nur mit Ihrem Passwort an.
account-device-revoke = Nicht mehr vertrauen
account-devices-revoke-all = Keinem Gerät mehr vertrauen

# Aktivität
account-activity-link = Letzte Aktivität
account-activity-title = Letzte Aktivität
account-activity-hint = Anfragen zur Bestätigung, dass Sie es sind. Wenn Sie eine davon nicht begonnen haben, ändern Sie Ihr Passwort.
account-activity-none = Keine Anfragen in letzter Zeit
account-activity-wrong =
    { $count ->
        [one] Eine falsche Antwort
       *[other] { $count } falsche Antworten
    }
account-state-pending = Noch nicht gesendet
account-state-issued = Wartet auf eine Antwort
account-state-challenge-failed = Nicht zugestellt
account-state-challenge-passed = Bestätigt
account-state-challenge-declined = Abgelehnt
account-state-timed-out = Abgelaufen

# Fragen vor dem Entfernen
account-removal-title = Sind Sie sicher?
account-removal-totp = Diese Authenticator-App entfernen? Ihre Codes werden dann nicht mehr angenommen.
account-removal-passkey = Diesen Passkey entfernen? Sie können sich dann nicht mehr damit anmelden.
account-removal-phone = Diese Telefonnummer entfernen?
account-removal-email = Diese E-Mail-Adresse entfernen?
account-removal-browser = Diesen Browser entfernen? Er zeigt Ihre Anfragen dann nicht mehr.
account-removal-device = Diesem Gerät nicht mehr vertrauen? Bei der nächsten Anmeldung braucht es einen zweiten Faktor.
account-removal-all-devices = Keinem Gerät mehr vertrauen? Bei der nächsten Anmeldung braucht jedes einen zweiten Faktor.

# Gründe neben einem Formular
account-error-wrong-code = Dieser Code wurde nicht angenommen. Prüfen Sie die Uhr Ihres Geräts, und geben Sie den neuesten Code ein.
account-error-wrong-message-code = Dieser Code wurde nicht angenommen. Geben Sie den Code der neuesten Nachricht ein.
account-error-delayed = Zu viele falsche Codes. Ein neuer Versuch ist möglich ab:
account-error-disabled = Zu viele falsche Codes. Bitten Sie den Support dieser Website, Codes wieder zuzulassen.
account-error-setup-over = Diese Einrichtung hat zu lange gedauert oder ist schon abgeschlossen. Beginnen Sie von vorn.
account-error-no-code-expected = Diese Adresse nimmt keinen Code mehr an. Verwerfen Sie sie, und fügen Sie sie neu hinzu.
account-error-too-many-messages = Wir haben Ihnen schon mehrere Nachrichten gesendet. Eine weitere ist möglich ab:
account-error-full =
    { $count ->
        [0] Hier lässt sich nichts hinzufügen.
        [one] Nur ein Eintrag ist möglich. Entfernen Sie ihn zuerst.
       *[other] Höchstens { $count } Einträge sind möglich. Entfernen Sie zuerst einen.
    }
account-error-phone-number = Das ist keine Telefonnummer mit Landesvorwahl. Beginnen Sie mit + und der Vorwahl Ihres Landes.
account-error-email-address = Das ist keine E-Mail-Adresse. Eine Adresse hat die Form name@example.org.
account-error-push-subscription = Ihr Browser konnte nicht hinzugefügt werden. Erlauben Sie Benachrichtigungen für diese Website, und versuchen Sie es noch einmal.
account-error-passkey-name = Geben Sie einen Namen mit höchstens 60 Zeichen ein.
account-error-passkey-refused = Der Passkey wurde nicht angenommen. Versuchen Sie es noch einmal, oder nehmen Sie ein anderes Gerät.
account-error-passkey-taken = Dieser Passkey wurde schon früher hinzugefügt. Nehmen Sie ein anderes Gerät oder einen anderen Sicherheitsschlüssel.
account-error-passkeys-unavailable = Diese Website bietet keine Passkeys an.
account-error-last-factor = Das ist Ihr einziger zweiter Faktor. Fügen Sie einen anderen hinzu, bevor Sie ihn entfernen.
account-error-same-factor = Bestätigen Sie zuerst mit einem Faktor anderer Art, zum Beispiel mit einem Wiederherstellungscode.
account-error-no-factor-yet = Wiederherstellungscodes ersetzen einen anderen Faktor. Fügen Sie zuerst einen Passkey, eine Authenticator-App oder eine Telefonnummer hinzu.
account-error-number-missing = Geben Sie die Zahl ein, die dort gezeigt wird, wo Sie die Anfrage begonnen haben.
account-error-answer-refused = Ihre Antwort wurde nicht angenommen. Vielleicht ist die Zahl falsch, oder es gibt eine neuere Nachricht mit einem anderen Link.
