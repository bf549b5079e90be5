"""The application of `crates/challenges-axum/examples/pages.rs`, run as a child process, and a visitor's browser."""

import queue
import subprocess
import threading

from browser import Browser
from demo import BINARIES, START_SECONDS
from person import Person


class Application:
    """The application, as a context manager. Its messages are printed in place of being sent."""

    def __enter__(self) -> "Application":
        binary = BINARIES / "examples" / "pages"
        self._process = subprocess.Popen([binary], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8")
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.url = self.next("listening on")
        return self

    def message(self, kind: str, number: str) -> str:
        """Returns the `code` or `link` of the next message to a phone number."""
        return self.next(f"{kind} for {number}:")

    def __exit__(self, *_) -> None:
        self._process.kill()
        self._process.wait()

    def next(self, kind: str) -> str:
        """Returns the rest of the next printed line that starts with `kind`."""
        while True:
            line = self._lines.get(timeout=START_SECONDS)
            if line.startswith(kind + " "):
                return line.removeprefix(kind + " ").strip()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._lines.put(line)


class Visitor(Person):
    """A user of the application. Every password is right."""

    def __init__(self, application: Application, browser: Browser, name: str):
        super().__init__(browser, name)
        self.application = application

    def sign_in(self) -> None:
        self.browser.open("/login")
        self.browser.element("[name=name]").send_keys(self.name)
        self.submit(self.browser.element("form button"))

    def sign_out(self) -> None:
        self.browser.open("/")
        self.browser.click("form button")
        self.browser.element("[name=password]")

    def is_signed_in(self) -> bool:
        return self.browser.text("#user") == self.name

    def add_phone(self) -> None:
        self.open("account/phones")
        self.press("/account/phones", number=self.number)
        self.press("/confirm", code=self.application.message("code", self.number))
