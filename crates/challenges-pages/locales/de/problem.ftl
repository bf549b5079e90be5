# Gründe, aus denen eine Anfrage scheitert.
problem-title = Das hat nicht geklappt
problem-no-such-page = Diese Seite gibt es nicht.
problem-method = Diese Adresse kann so nicht verwendet werden.
problem-other-origin = Die Anfrage kam von einer anderen Website und wurde abgewiesen.
problem-prefetch = Öffnen Sie die Seite selbst, um fortzufahren.
problem-signed-out = Melden Sie sich zuerst an.
problem-login-expired = Diese Anmeldung ist abgelaufen. Melden Sie sich noch einmal an.
problem-sign-in = Anmelden
problem-malformed = Das Formular ist unvollständig. Gehen Sie zurück, und versuchen Sie es noch einmal.
problem-too-large = Das Formular ist zu groß.
problem-step-up-needed = Bestätigen Sie zuerst mit Ihrem zweiten Faktor.
problem-no-factor = Hierfür brauchen Sie einen Faktor, den Sie noch nicht haben. Fügen Sie ihn zuerst hinzu.
problem-add-factor = Zweiten Faktor hinzufügen
problem-refused = Die Antwort wurde nicht angenommen.
problem-too-many-messages = Es wurden zu viele Nachrichten gesendet. Versuchen Sie es später noch einmal.
problem-invalid = Das geht nicht. Prüfen Sie die Eingabe, und versuchen Sie es noch einmal.
problem-unavailable = Der Dienst ist nicht erreichbar. Versuchen Sie es später noch einmal.
