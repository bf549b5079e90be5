"""The demo's own pages around the ready ones: sign-up, login, transfer, support, sign-out."""

import pytest
from selenium.webdriver.common.by import By

from browser import WITHOUT_SCRIPT, Browser
from customer import Customer
from inspector import Inspector
from virtual_authenticator import VirtualAuthenticator

RECIPIENT = "Bob & Söhne"
LOOKS = [("light", "phone"), ("dark", "desktop")]


@pytest.fixture
def demo(new_demo):
    return new_demo


def confirm_transfer(customer: Customer) -> str:
    """Presses the button of the transfer, as filled in at home before the step-up. Returns the receipt."""
    assert customer.browser.element("#to").get_attribute("value") == RECIPIENT
    customer.press("/transfer")
    return customer.browser.text("[role=status]")


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_of_the_bank_is_accessible(browser, language):
    """Each is checked by axe-core, by keyboard, in both color schemes and at both sizes. The first user is the
    administrator."""
    eve = Customer(browser, "Eve <b>Support</b>")
    browser.accept_languages(language)
    inspector = Inspector(browser, LOOKS)
    headings = {}

    def look(name: str) -> None:
        assert browser.driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
        headings[name] = browser.text("h1")
        inspector.look(f"{language}-{name}")
        if language == "en":
            inspector.walk_by_keyboard()

    browser.open("/sign-up")
    look("sign-up")
    eve.sign_up()
    look("account")
    VirtualAuthenticator(browser, transport="internal", resident_keys=True)
    eve.add_passkey("Laptop")
    look("account-with-passkey")
    browser.open("/")
    assert browser.text("#user") == eve.name, "names are escaped"
    look("home")
    eve.transfer(RECIPIENT, "120")
    look("step-up")
    eve.press("/factor/passkey")
    look("transfer")
    confirm_transfer(eve)
    look("transferred")
    browser.open("/support")
    eve.press("/factor/passkey")
    look("support")
    eve.press("/support", case="4711")
    look("support-done")

    eve.sign_out()
    browser.open("/login")
    look("login")
    eve.log_in("wrong")
    look("login-refused")
    eve.log_in()
    look("factor")
    browser.open("/sign-up")
    eve.sign_up()
    look("sign-up-refused")
    bob = Customer(browser, "Bob")
    bob.sign_up()
    browser.open("/support")
    look("support-without-factor")
    bob.add_passkey()
    browser.open("/support")
    bob.press("/factor/passkey")
    look("support-refused")
    browser.open("/nothing")
    look("not-found")
    titles = {"en": ("Sign up", "Sign in"), "de": ("Registrieren", "Anmelden")}[language]
    assert (headings["sign-up"], headings["login"]) == titles
    assert len(inspector.seen) == len(set(inspector.seen))


def test_customer_signs_in_and_transfers(enrolled):
    """A password alone makes no session, and neither a session nor a trusted browser transfers."""
    browser = enrolled.browser
    VirtualAuthenticator(browser, transport="internal", resident_keys=True)
    enrolled.step_up("manage-factors")
    enrolled.answer_by_app()
    enrolled.add_passkey("Laptop")
    enrolled.open("account/recovery-codes")
    enrolled.generate_codes()

    enrolled.sign_out()
    enrolled.log_in("wrong")
    assert enrolled.error()
    assert not enrolled.is_signed_in()
    enrolled.log_in()
    enrolled.form("/factor/passkey")
    assert not enrolled.is_signed_in()
    enrolled.open("factor")
    browser.element("form[data-passkey-get] [name=trust]").click()
    enrolled.press("/factor/passkey")
    assert enrolled.is_signed_in()

    enrolled.sign_out()
    enrolled.log_in()
    assert enrolled.is_signed_in(), "the browser is trusted"
    enrolled.transfer(RECIPIENT, "120")
    code = enrolled.app.next_code()
    enrolled.show_other_ways()
    enrolled.press("/factor/totp", code=code)
    assert "120" in confirm_transfer(enrolled)

    enrolled.step_up("transfer")
    enrolled.show_other_ways()
    enrolled.press("/factor/totp", code=code)
    assert enrolled.error(), "a code passes once"
    enrolled.answer_by_recovery_code()
    assert enrolled.is_signed_in()

    enrolled.sign_out()
    browser.open("/transfer?to=Bob&amount=1")
    enrolled.form("/login")
    enrolled.open("account")
    enrolled.form("/login")


def test_bank_works_without_script(demo, tmp_path):
    with Browser(demo.public_url, tmp_path, "bank-without-script", preferences=WITHOUT_SCRIPT) as browser:
        customer = Customer(browser, "Ann without script")
        customer.sign_up()
        customer.add_app()
        customer.sign_out()
        customer.log_in()
        customer.answer_by_app()
        customer.transfer(RECIPIENT, "120")
        customer.answer_by_app()
        assert "120" in confirm_transfer(customer)
        customer.sign_out()
        assert not customer.is_signed_in()
        browser.assert_clean()
