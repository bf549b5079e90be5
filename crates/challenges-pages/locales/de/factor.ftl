# Die Bestätigung mit einem zweiten Faktor.
factor-title = Bestätigen Sie, dass Sie es sind
factor-why-login = Ihr Passwort ist richtig. Bestätigen Sie die Anmeldung mit einem zweiten Faktor.
factor-why-step-up = Das braucht eine Bestätigung mit Ihrem zweiten Faktor.
factor-second = Ein Faktor ist bestätigt. Hier ist noch ein weiterer nötig.
factor-wrong = Das hat nicht geklappt. Prüfen Sie die Antwort, und versuchen Sie es noch einmal.
factor-disabled = Dieser Weg ist nach zu vielen falschen Antworten gesperrt. Bitten Sie den Support dieses Dienstes um Hilfe.
factor-locked = Zu viele falsche Antworten. Ein neuer Versuch ist möglich ab:
factor-confirm = Bestätigen
factor-continue = Weiter
factor-cancel = Abbrechen
factor-trust = Diesem Browser vertrauen und hier eine Weile nicht mehr fragen
factor-passkey = Passkey
factor-passkey-use = Passkey verwenden
factor-passkey-needs-script = Passkeys brauchen JavaScript. Nehmen Sie einen anderen Weg, oder schalten Sie JavaScript ein.
factor-totp = Authenticator-App
factor-totp-label = Code aus Ihrer Authenticator-App
factor-message = Nachricht an Ihr Telefon oder Ihren Browser
factor-message-sent = Wir senden eine Nachricht an:
factor-message-sent-again = Wir senden eine neue Nachricht. Frühere Nachrichten gelten nicht mehr.
factor-message-label = Code aus der Nachricht
factor-message-continue = Wenn Sie mit dem Link in der Nachricht zustimmen, geht es hier von selbst weiter.
factor-message-late = Wenn nichts ankommt, senden Sie die Nachricht noch einmal, oder nehmen Sie einen anderen Weg.
factor-message-check = Ich habe zugestimmt
factor-number = Geben Sie diese Zahl auf der Seite ein, die sich aus der Nachricht öffnet:
factor-resend = Nachricht noch einmal senden
factor-resend-wait = { $count ->
    [one] Zu viele Nachrichten. Ein neuer Versuch ist in { $count } Sekunde möglich.
   *[other] Zu viele Nachrichten. Ein neuer Versuch ist in { $count } Sekunden möglich.
  }
factor-too-many-messages = Es wurde keine Nachricht gesendet.
factor-other-way = Anderer Weg
factor-recovery = Wiederherstellungscode
factor-recovery-hint = Wenn ein Telefon oder Passkey verloren ist. Jeder Wiederherstellungscode gilt einmal.
factor-recovery-label = Wiederherstellungscode
factor-renew = Noch einmal versuchen
factor-exhausted = Zu viele falsche Antworten. Beginnen Sie von vorn.
factor-declined = Die Anfrage wurde abgelehnt.
factor-timed-out = Die Zeit ist abgelaufen. Beginnen Sie von vorn.
factor-failed = Im Moment ist keine Bestätigung möglich. Versuchen Sie es noch einmal, oder bitten Sie den Support dieses Dienstes um Hilfe.
factor-passed = Diese Bestätigung wurde schon verwendet. Beginnen Sie von vorn.
