# Der Rahmen jeder Seite und die Texte des Skripts.

# Fehler des Browsers, neben der gedrückten Schaltfläche.
layout-script-insecure = Das geht nur auf einer sicheren Seite (https).
layout-script-unsupported = Ihr Browser unterstützt das nicht. Nehmen Sie einen anderen Browser oder einen anderen Weg.
layout-script-cancelled = Der Vorgang wurde abgebrochen, hat zu lange gedauert, oder Ihr Gerät konnte nicht bestätigen, dass Sie es sind. Versuchen Sie es noch einmal.
layout-script-registered = Dieser Passkey oder Sicherheitsschlüssel ist schon registriert. Nehmen Sie einen anderen.
layout-script-unverified = Dieses Gerät kann nicht bestätigen, dass Sie es sind. Nehmen Sie ein anderes.
layout-script-elsewhere = Die Passkeys dieser Website gelten nicht unter dieser Adresse. Öffnen Sie die Website unter ihrer eigenen Adresse.
layout-script-blocked = Ihr Browser blockiert Benachrichtigungen dieser Website. Erlauben Sie sie in den Einstellungen des Browsers, und versuchen Sie es noch einmal.
layout-script-offline = Ihr Browser konnte seinen Push-Dienst nicht erreichen. Prüfen Sie die Verbindung, und versuchen Sie es noch einmal.
layout-script-failed = Ihr Browser hat einen Fehler gemeldet. Versuchen Sie es noch einmal.

# Nach einem Druck auf „Kopieren“.
layout-script-copied = Kopiert
