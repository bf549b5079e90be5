"""A user of an application with the pages of challenges-pages, in a browser."""

import itertools
from collections.abc import Callable, Iterator

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By

from authenticator import Authenticator
from browser import Browser

NUMBERS = itertools.count()


class Person:
    """The browser shows one page at a time. Each method expects the page with its form, or opens the page."""

    def __init__(self, browser: Browser, name: str):
        self.browser, self.name = browser, name
        self.app: Authenticator | None = None
        self.codes: Iterator[str] = iter(())
        """The unused recovery codes."""
        self.number = f"+442079460{next(NUMBERS):03}"

    def open(self, path: str) -> None:
        """Opens a page below the prefix."""
        self.browser.open(f"/mfa/{path}")

    def form(self, action: str):
        """Returns the visible form that posts to a path ending with `action`."""
        return self.browser.element(f'form[method=post][action$="{action}"], form[method=post][action*="{action}?"]')

    def button(self, action: str):
        """Returns the first button of the form that posts to `action`."""
        return self.form(action).find_element(By.CSS_SELECTOR, "button:not([type=button])")

    def press(self, action: str, **fields: str) -> None:
        """Fills in the form that posts to `action`, and submits it."""
        form = self.form(action)
        for name, value in fields.items():
            field = form.find_element(By.NAME, name)
            field.clear()
            field.send_keys(value)
        self.submit(self.button(action))

    def submit(self, control) -> None:
        """Presses a control that leads to another page, and waits for the page."""
        self.leave(control.click)

    def leave(self, act: Callable[[], None]) -> None:
        """Does what leads to another page, and waits for the page."""
        page = self.browser.driver.find_element(By.TAG_NAME, "html")
        act()
        self.browser.until(lambda: is_gone(page) and self.browser.all("h1"))

    def error(self) -> str:
        """Returns the message of a refused form, of the script or of the next page. Waits for one."""
        errors = ".error[role=alert]"
        return self.browser.until(lambda: next((error.text for error in self.browser.all(errors) if error.text), None))

    def show_other_ways(self) -> None:
        for details in self.browser.all("details:not([open]) > summary"):
            details.click()

    def answer_by_app(self) -> None:
        self.show_other_ways()
        self.press("/factor/totp", code=self.app.next_code())

    def answer_by_recovery_code(self) -> None:
        self.show_other_ways()
        self.press("/factor/recovery", code=next(self.codes))

    def add_app(self) -> None:
        self.open("account/totp")
        self.press("/account/totp")
        self.confirm_app()

    def confirm_app(self) -> None:
        """Takes the key on the page into a new authenticator app, and types its first code."""
        self.app = Authenticator(self.browser.text("#key").replace(" ", ""))
        self.press("/confirm", code=self.app.next_code())

    def generate_codes(self) -> None:
        """Presses the button of the page for recovery codes, and keeps the codes."""
        self.press("/account/recovery-codes")
        self.codes = iter([code.text for code in self.browser.all(".codes code")])

    def ask_for_codes(self) -> None:
        """Generates recovery codes after a step-up by the authenticator app."""
        self.open("account/recovery-codes")
        self.answer_by_app()
        self.generate_codes()

    def add_passkey(self, name: str = "") -> None:
        self.open("account/passkeys")
        self.press("/account/passkeys")
        self.press("/confirm", name=name)


def is_gone(element) -> bool:
    try:
        element.is_enabled()
        return False
    except StaleElementReferenceException:
        return True
    except WebDriverException:
        # chromedriver fails in other ways while the next page loads.
        return False
