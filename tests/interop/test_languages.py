"""Messages in the language of the user."""

import re

import pytest

from test_messages import text_of
from visitor import Visitor
from waiting import until

GERMAN = "de-AT, fr;q=0.8"
TEXTS = {
    "en": {
        "question": "Is this you?",
        "phone": "is your code to confirm this phone number",
        "mailbox": "is your code to confirm this e-mail address",
        "subject": "Your code to confirm this address",
        "added": "Added to your account: an e-mail address.",
        "generated": "New recovery codes were generated for your account.",
        "used": "A recovery code of your account was used",
    },
    GERMAN: {
        "question": "Is this you?",
        "question": "Sind Sie das?",
        "phone": "ist Ihr Code zum Bestätigen dieser Telefonnummer",
        "mailbox": "ist Ihr Code zum Bestätigen dieser E-Mail-Adresse",
        "subject": "Ihr Code zum Bestätigen dieser Adresse",
        "added": "Ihrem Konto hinzugefügt: eine E-Mail-Adresse.",
        "generated": "Für Ihr Konto wurden neue Wiederherstellungscodes erzeugt.",
        "used": "Ein Wiederherstellungscode Ihres Kontos wurde verwendet",
    },
}


class Recipient:
    """A user with a phone at `gateway` and a mailbox at `demo`, which prints e-mails."""

    def __init__(self, demo, gateway, user: str, number: str, language: str):
        self.visitor = Visitor(demo.url, user, language=language)
        self.demo, self.gateway, self.number = demo, gateway, number

    def text_message(self) -> str:
        message = self.gateway.next()
        assert message.json["to"] == self.number
        return text_of(message)

    def notice_of_use(self) -> str:
        """Returns the next notice of a recovery code, in any language. A login may send other messages."""
        while True:
            message = self.text_message()
            if any(texts["used"] in message for texts in TEXTS.values()):
                return message

    def e_mail(self, count: int) -> str:
        """Returns the e-mail with this number, from 1: the subject, and the first line of the text."""
        start = f"e-mail to {self.visitor.user}: "
        until(lambda: self.demo.log.count(start) >= count and self.demo.log.split(start)[count].count("\n") >= 2)
        return self.demo.log.split(start)[count]

    def confirm(self, kind: str, body: dict, message) -> str:
        """Adds an address, confirms it with the code in the message, and returns the message."""
        added = self.visitor.change(f"account/{kind}", body).ok()
        text = message()
        self.visitor.change(f"account/{kind}/{added['id']}/confirm", {"code": re.search(r"\b\d{6}\b", text)[0]}).ok()
        return text


@pytest.mark.every_framework
@pytest.mark.parametrize("language", TEXTS)
def test_messages_are_in_the_language_of_the_user(outgoing, gateway, user, number, language):
    """English is the control of German. The language of the last sign-in counts, also for notices."""
    texts, user = TEXTS[language], Recipient(outgoing, gateway, user, number, language)
    visitor = user.visitor
    visitor.sign_up()
    visitor.add_app()
    visitor.step_up()
    assert texts["phone"] in user.confirm("phones", {"number": number}, user.text_message)
    mail = user.confirm("emails", {"address": visitor.user}, lambda: user.e_mail(1))
    assert mail.startswith(texts["subject"]) and texts["mailbox"] in mail
    assert texts["added"] in user.text_message()
    codes = visitor.change("account/recovery-codes").ok()["codes"]
    assert texts["generated"] in user.text_message()
    assert texts["generated"] in user.e_mail(2)

    (visitor.language,) = TEXTS.keys() - {language}
    visitor.sign_out()
    visitor.log_in()
    assert texts["question"] in user.text_message(), "the password alone changes nothing"
    # The first notice may precede the sign-in that it is about.
    for code in codes[:2]:
        visitor.post("/mfa/factor/recovery", code=code)
        notice = user.notice_of_use()
        visitor.sign_out()
        visitor.log_in()
    assert TEXTS[visitor.language]["used"] in notice
