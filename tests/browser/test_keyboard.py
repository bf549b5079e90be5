"""The demo by keyboard alone: no click, and the focus is never lost."""

import itertools

import pytest
from selenium.webdriver.common.keys import Keys

from authenticator import Authenticator
from customer import Customer
from virtual_authenticator import VirtualAuthenticator
from visitor import PASSWORD

MOST_STOPS = 60
NUMBERS = itertools.count(1)
FOCUSED = """
    const element = document.activeElement;
    if (element === null || element === document.body) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return [element.matches(arguments[0]), outlineStyle !== "none" && parseFloat(outlineWidth) >= 2, element.outerHTML];
"""


class Typist(Customer):
    """A customer without a mouse."""

    def at(self, selector: str) -> bool:
        """Returns whether the focus is at an element. Asserts that a focus is visible."""
        focused = self.browser.driver.execute_script(FOCUSED, selector)
        if focused is None:
            return False
        is_there, is_visible, element = focused
        assert is_visible, element
        return is_there

    def type(self, *keys: str) -> None:
        self.browser.driver.switch_to.active_element.send_keys(*keys)

    def reach(self, selector: str) -> None:
        """Presses the tab key up to a control."""
        self.browser.element(selector)
        for _ in range(MOST_STOPS):
            if self.at(selector):
                return
            self.type(Keys.TAB)
        raise AssertionError(f"the tab key does not reach {selector}")

    def log_in(self, password: str = PASSWORD) -> None:
        self.browser.open("/login")
        self.reach("[name=name]")
        self.type(self.name)
        self.enter("[name=password]", password)

    def sign_out(self) -> None:
        self.browser.open("/")
        self.enter('form[action="/sign-out"] button')

    def enter(self, selector: str, *keys: str) -> None:
        """Goes to a control, types, presses the Enter key, and waits for the next page."""
        self.reach(selector)
        self.leave(lambda: self.type(*keys, Keys.ENTER))

    def field(self, action: str) -> str:
        return f'form[action*="{action}"] [name=code]'


@pytest.fixture
def typist(browser):
    typist = Typist(browser, f"Ann at the keyboard {next(NUMBERS)}")
    browser.open("/sign-up")
    typist.reach("[name=name]")
    typist.type(typist.name)
    typist.enter("[name=password]", PASSWORD)
    return typist


def test_every_flow_works_by_keyboard_alone(typist):
    browser = typist.browser
    # An authenticator app, with a wrong code first.
    typist.enter('a[href$="/account/totp"]')
    typist.enter('form[action$="/account/totp"] button')
    assert typist.at("[name=code]"), "the field of the code has the focus"
    typist.app = Authenticator(browser.text("#key").replace(" ", ""))
    typist.enter("[name=code]", typist.app.wrong_codes(1)[0])
    assert typist.at("[name=code][aria-invalid=true]"), "the focus is at the wrong field"
    typist.enter("[name=code]", typist.app.next_code())
    assert "added" in browser.text("[role=status]")

    # A step-up on the way to recovery codes, and back to the page.
    typist.enter('a[href$="/account/recovery-codes"]')
    assert typist.at(typist.field("/factor/totp"))
    typist.enter(typist.field("/factor/totp"), typist.app.wrong_codes(1)[0])
    assert typist.at(typist.field("/factor/totp") + "[aria-invalid=true]")
    typist.enter(typist.field("/factor/totp"), typist.app.next_code())
    typist.enter('form[action$="/account/recovery-codes"] button')
    typist.codes = iter([code.text for code in browser.all(".codes code")])
    typist.enter('a.primary[href$="/account"]')

    # A login by the authenticator app, which trusts the browser.
    typist.sign_out()
    typist.log_in()
    assert typist.at(typist.field("/factor/totp"))
    typist.type(typist.app.next_code())
    typist.reach('form[action*="/factor/totp"] [name=trust]')
    typist.type(Keys.SPACE)
    typist.enter('form[action*="/factor/totp"] button')
    assert typist.is_signed_in()
    typist.sign_out()
    typist.log_in()
    assert typist.is_signed_in(), "the browser is trusted"

    # The end of the trust, after a step-up by a recovery code.
    typist.open("account")
    typist.enter('a[href$="/revoke"]')
    typist.reach("summary")
    typist.type(Keys.ENTER)
    typist.enter(typist.field("/factor/recovery"), next(typist.codes))
    typist.enter('form[action$="/revoke"] button')
    assert "no longer trusted" in browser.text("[role=status]")


def test_focus_stays_at_the_button_after_an_error_of_the_browser(typist):
    passkeys = VirtualAuthenticator(typist.browser, transport="internal", resident_keys=True)
    typist.enter('a[href$="/account/passkeys"]')
    typist.enter('form[action$="/account/passkeys"] button')
    passkeys.recognizes_user(False)
    typist.reach("form[data-passkey-create] button")
    typist.type(Keys.ENTER)
    assert typist.error()
    assert typist.at("form[data-passkey-create] button")
    passkeys.recognizes_user(True)
    typist.enter("form[data-passkey-create] button")
    assert "added" in typist.browser.text("[role=status]")
