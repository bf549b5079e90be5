# Die Texte der Bank.

bank-home = Ihr Konto
bank-user = Angemeldet als
bank-sign-in = Anmelden
bank-sign-up = Registrieren
bank-sign-out = Abmelden
bank-name = Benutzername
bank-password = Passwort
bank-wrong-password = Name oder Passwort ist falsch.
bank-short = Ein Passwort hat mindestens 8 Zeichen.
bank-no-name = Das ist kein Name.
bank-taken-name = Dieser Name ist vergeben.
bank-security = Sicherheit
bank-no-page = Unter dieser Adresse gibt es keine Seite.

# Überweisungen.
bank-transfer = Überweisen
bank-to = Empfänger
bank-amount = Betrag
bank-transferred = { $amount } von { $user } an { $to } überwiesen.

# Support.
bank-support = Support
bank-show = Anzeigen
bank-apps = Authenticator-Apps
bank-passkeys = Passkeys
bank-recovery-codes = Wiederherstellungscodes
bank-addresses = Telefone, Postfächer und Browser
bank-locks = Gesperrte Faktoren
bank-case = Fallnummer
bank-unlock = Entsperren
bank-reset = Alle Faktoren entfernen
bank-done = Erledigt.
bank-no-support = Diese Seite ist nur für den Support.
