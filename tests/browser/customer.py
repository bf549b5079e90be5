"""A customer of the demo's bank, in a browser."""

from collections.abc import Callable

from browser import Browser
from person import Person
from receiver import Receiver
from visitor import PASSWORD


class Gateway:
    """The text messages of a demo, by phone number."""

    def __init__(self, receiver: Receiver):
        self._receiver, self.url = receiver, receiver.url

    def notice(self, number: str, part: str) -> str:
        """Returns the next message to `number` that contains `part`."""
        while True:
            message = self._receiver.next().json
            if message["to"] == number and part in message["text"]:
                return message["text"]

    def word(self, number: str, is_wanted: Callable[[str], bool]) -> str:
        """Returns the wanted word of the next message to `number` with one. Passes over all other messages."""
        while True:
            message = self._receiver.next().json
            for word in message["text"].split() if message["to"] == number else ():
                if is_wanted(word.rstrip(".")):
                    return word.rstrip(".")

    def code(self, number: str) -> str:
        return self.word(number, lambda word: word.isdigit() and len(word) == 6)

    def link(self, number: str) -> str:
        return self.word(number, lambda word: word.startswith("http") and "challenge_id" in word)


class Customer(Person):
    def __init__(self, browser: Browser, name: str, gateway: Gateway | None = None):
        super().__init__(browser, name)
        self._gateway = gateway

    def sign_up(self) -> None:
        self.browser.open("/sign-up")
        self.press("/sign-up", name=self.name, password=PASSWORD)

    def log_in(self, password: str = PASSWORD) -> None:
        self.browser.open("/login")
        self.press("/login", name=self.name, password=password)

    def sign_out(self) -> None:
        self.browser.open("/")
        self.press("/sign-out")

    def is_signed_in(self) -> bool:
        """Looks for the user name at the home page. Does not wait: without a session, the login page comes at once."""
        self.browser.open("/")
        return [user.text for user in self.browser.all("#user")] == [self.name]

    def step_up(self, purpose: str) -> None:
        """Opens the page that asks for a factor, also after an earlier step-up for this purpose."""
        self.browser.open(f"/mfa/factor?purpose={purpose}&return_to=/")

    def transfer(self, to: str, amount: str) -> None:
        """Fills in the form at home."""
        self.browser.open("/")
        self.browser.element("#to").send_keys(to)
        self.browser.element("#amount").send_keys(amount)
        self.submit(self.browser.element('form[action="/transfer"] button'))

    def add_phone(self) -> None:
        self.open("account/phones")
        self.press("/account/phones", number=self.number)
        self.press("/confirm", code=self._gateway.code(self.number))
