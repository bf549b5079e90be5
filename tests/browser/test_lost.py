"""The walk through the chapter "A user lost everything" of the guide."""

import pytest

from customer import Customer
from virtual_authenticator import VirtualAuthenticator


@pytest.fixture
def demo(new_demo):
    return new_demo


def test_recovery_code_replaces_a_lost_phone(enrolled):
    """The way back without support."""
    browser = enrolled.browser
    enrolled.ask_for_codes()
    lost = enrolled.app
    enrolled.sign_out()

    enrolled.log_in()
    enrolled.answer_by_recovery_code()
    assert enrolled.is_signed_in()
    enrolled.open("account/totp")
    enrolled.answer_by_recovery_code()
    enrolled.press("/account/totp")
    enrolled.confirm_app()
    assert len(browser.all("section[aria-labelledby=totp] .row")) == 2
    # The list is in order of creation.
    enrolled.submit(browser.element('a[href*="/totp/"][href$="/remove"]'))
    enrolled.press("/remove")
    assert len(browser.all("section[aria-labelledby=totp] .row")) == 1
    enrolled.open("account/recovery-codes")
    old_code = next(enrolled.codes)
    enrolled.generate_codes()

    enrolled.sign_out()
    enrolled.log_in()
    enrolled.show_other_ways()
    enrolled.press("/factor/totp", code=lost.next_code())
    assert enrolled.error(), "the lost phone"
    enrolled.show_other_ways()
    enrolled.press("/factor/recovery", code=old_code)
    assert enrolled.error(), "a code of the old list"
    enrolled.answer_by_app()
    assert enrolled.is_signed_in()


def test_support_resets_a_user_who_has_nothing(browser, gateway):
    """Support checks the identity outside of the demo, and stays until the user has enrolled anew."""
    eve = Customer(browser, "Eve")
    eve.sign_up()
    VirtualAuthenticator(browser, transport="internal", resident_keys=True)
    eve.add_passkey()
    eve.sign_out()

    bob = Customer(browser, "Bob", gateway)
    bob.sign_up()
    bob.add_app()
    bob.open("account/phones")
    bob.answer_by_app()
    bob.add_phone()
    bob.open("account/recovery-codes")
    bob.generate_codes()
    bob.sign_out()

    eve.log_in()
    eve.press("/factor/passkey")
    browser.open("/support?name=Bob")
    eve.press("/factor/passkey")
    assert "Authenticator apps\n1\n" in browser.text("dl")
    browser.element("#case").send_keys("4711")
    eve.submit(browser.element("[name=reset]"))
    assert "Authenticator apps\n0\n" in browser.text("dl")
    assert gateway.notice(bob.number, "Removed")
    eve.sign_out()

    bob.log_in()
    assert bob.is_signed_in(), "the password alone, from the reset to the next factor"
    bob.open("account")
    assert not browser.all(".row"), "nothing is left"
    bob.add_app()
    bob.ask_for_codes()
    bob.sign_out()
    bob.log_in()
    assert not bob.is_signed_in()
    bob.open("factor")
    bob.answer_by_recovery_code()
    assert bob.is_signed_in()
