"""The pages of challenges-pages, mounted in an application."""

import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from authenticator import Authenticator
from browser import WITHOUT_SCRIPT, Browser
from inspector import Inspector
from mounted import Visitor
from settings import FULL
from spoken import assert_spoken
from virtual_authenticator import VirtualAuthenticator

EVERY_LOOK = [(scheme, size) for scheme in ("light", "dark") for size in ("phone", "desktop")]
# Left to right in every look, and right to left once. The full run has right to left in every look, and the other languages,
# whose words are long or cannot be broken, on the phone.
LANGUAGES = {"en": EVERY_LOOK, "ar": [("dark", "phone")]}
COLORS = """
    const { color, backgroundColor } = getComputedStyle(document.querySelector(".codes"));
    return [color, backgroundColor];
"""
BLACK_ON_WHITE = ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
if FULL:
    LANGUAGES |= {"ar": EVERY_LOOK} | {tag: [("light", "phone")] for tag in ("de", "fr", "es", "pt", "ja")}


@pytest.fixture
def browser(application, tmp_path, request):
    with Browser(application.url, tmp_path, f"pages-{request.node.name}") as browser:
        yield browser
        browser.assert_clean()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible(visitor, language):
    """Walks through the pages. Each is checked by axe-core, in both color schemes, at both sizes, and by keyboard."""
    browser = visitor.browser
    browser.accept_languages(language)
    inspector = Inspector(browser, LANGUAGES[language])

    def look(name: str) -> None:
        html = browser.driver.find_element(By.TAG_NAME, "html")
        assert html.get_attribute("lang") == language
        assert html.get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        inspector.look(name)
        if language == "en":
            inspector.walk_by_keyboard()

    visitor.open("account")
    look("empty")
    visitor.open("account/totp")
    look("totp")
    visitor.press("/account/totp")
    look("totp-key")
    visitor.app = Authenticator(browser.text("#key").replace(" ", ""))
    visitor.press("/confirm", code=visitor.app.wrong_codes(1)[0])
    look("totp-wrong")
    visitor.press("/confirm", code=visitor.app.next_code())
    look("totp-added")

    visitor.open("account/passkeys")
    look("step-up")
    visitor.show_other_ways()
    look("step-up-other-ways")
    visitor.press("/factor/totp", code=visitor.app.wrong_codes(1)[0])
    look("step-up-wrong")
    visitor.answer_by_app()
    look("passkeys")
    passkeys = VirtualAuthenticator(browser, transport="internal", resident_keys=True)
    visitor.press("/account/passkeys")
    look("passkey")
    visitor.press("/confirm", name="Laptop")
    look("passkey-added")
    visitor.submit(browser.element('a[href$="/rename"]'))
    look("passkey-rename")
    visitor.open("account")
    visitor.submit(browser.element('a[href*="/passkeys/"][href$="/remove"]'))
    look("passkey-remove")

    visitor.open("account/phones")
    visitor.press("/account/phones", number="7946")
    look("phone-wrong")
    visitor.press("/account/phones", number=visitor.number)
    look("phone-code")
    visitor.press("/confirm", code=visitor.application.message("code", visitor.number))
    look("phone-added")
    visitor.open("account/emails")
    look("emails")
    visitor.open("account/browsers")
    look("browsers")
    visitor.open("account/recovery-codes")
    look("recovery-codes")
    visitor.press("/account/recovery-codes")
    look("recovery-codes-new")
    visitor.open("account/activity")
    look("activity")
    visitor.open("nothing")
    look("not-found")
    visitor.open("answer")
    look("answer-incomplete")

    visitor.sign_out()
    visitor.sign_in()
    visitor.show_other_ways()
    look("login")
    link = visitor.application.message("link", visitor.number)
    with browser.new_tab():
        browser.accept_languages(language)
        browser.driver.get(link)
        look("answer")
        visitor.submit(browser.element("[value=approve]"))
        look("answered")
    # The factor page has asked for the state all the time, and goes on by itself.
    assert visitor.is_signed_in()

    visitor.sign_out()
    visitor.sign_in()
    browser.element("form[data-passkey-get] [name=trust]").click()
    visitor.press("/factor/passkey")
    assert visitor.is_signed_in()
    visitor.open("account")
    look("trusted")
    visitor.submit(browser.element('a[href$="/revoke"]'))
    visitor.press("/factor/passkey")
    look("revoke")
    visitor.press("/revoke")
    look("revoked")
    passkeys.unplug()
    assert len(inspector.seen) == len(set(inspector.seen))


def test_inspection_finds_faults(visitor):
    visitor.open("account")
    inspector, driver = Inspector(visitor.browser, [("light", "phone")]), visitor.browser.driver
    inspector.look("control")
    driver.execute_script("document.documentElement.style.setProperty('--challenges-soft', '#c0c0c0')")
    with pytest.raises(AssertionError, match="color-contrast"):
        inspector.look("pale")
    inspector.walk_by_keyboard()
    driver.execute_script("document.querySelector('a.primary').tabIndex = -1")
    with pytest.raises(AssertionError, match="reaches"):
        inspector.walk_by_keyboard()


@pytest.mark.parametrize(("fault", "says"), [
    ("document.querySelector('label').remove()", "without a name"),
    ("document.querySelector('h1').remove()", "[]"),
    ("document.querySelector('h1').insertAdjacentHTML('afterend', '<h3>Three</h3>')", "a level is left out"),
    ("document.title = 'Example'", "the title"),
    ("document.querySelector('input[name=number]').removeAttribute('aria-describedby')", "the error is not told"),
    ("document.activeElement.blur(); document.querySelector('form').ariaHidden = 'true'", "'textbox'"),
], ids=["label", "heading", "level", "title", "error", "hidden"])
def test_inspection_finds_faults_for_screen_readers(visitor, fault, says):
    visitor.open("account/phones")
    visitor.press("/account/phones", number="7946")
    assert_spoken(visitor.browser)
    visitor.browser.driver.execute_script(fault)
    with pytest.raises(AssertionError, match=re.escape(says)):
        assert_spoken(visitor.browser)


def test_browser_error_is_told_beside_the_button(visitor):
    passkeys = VirtualAuthenticator(visitor.browser, transport="internal", resident_keys=True)
    visitor.open("account/passkeys")
    visitor.press("/account/passkeys")
    passkeys.recognizes_user(False)
    visitor.button("/confirm").click()
    assert "Try again" in visitor.error()
    passkeys.recognizes_user(True)
    visitor.press("/confirm")
    assert visitor.browser.text("form .error, .notice") != ""


def test_login_works_by_keyboard_alone(visitor):
    visitor.add_app()
    visitor.sign_out()
    visitor.sign_in()
    visitor.form("/factor/totp")
    keys = visitor.browser.driver.switch_to
    while visitor.browser.driver.switch_to.active_element.get_attribute("name") != "code":
        keys.active_element.send_keys(Keys.TAB)
    code = visitor.app.next_code()
    # Apps show codes in groups, and input methods of other scripts have digits of their own.
    wide = "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in code[3:])
    keys.active_element.send_keys(f"{code[:3]} {wide}", Keys.ENTER)
    assert visitor.is_signed_in()


def test_recovery_codes_are_copied(visitor):
    visitor.add_app()
    visitor.ask_for_codes()
    visitor.browser.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    visitor.browser.click("[data-copy]")
    assert visitor.browser.element("[data-copied]").text == "Copied"
    copied = visitor.browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied.split("\n") == [code.text for code in visitor.browser.all(".codes code")]


def test_recovery_codes_are_downloaded_and_printed(visitor, tmp_path):
    driver = visitor.browser.driver
    visitor.add_app()
    visitor.ask_for_codes()
    codes = [code.text for code in visitor.browser.all(".codes code")]
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    visitor.browser.click("[data-download]")
    file = tmp_path / "recovery-codes.txt"
    visitor.browser.until(lambda: file.exists() and file.read_text().split("\n") == [*codes, ""])

    driver.execute_script("document.documentElement.dataset.theme = 'dark'")
    driver.execute_script("window.print = () => (document.printed = true)")
    visitor.browser.click("[data-print]")
    assert driver.execute_script("return document.printed")
    assert driver.execute_script(COLORS) != BLACK_ON_WHITE, "control: dark on the screen"
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert driver.execute_script(COLORS) == BLACK_ON_WHITE
    assert not visitor.browser.shows("button, form, .buttons a")


def test_flows_work_without_script(application, tmp_path):
    with Browser(application.url, tmp_path, "pages-without-script", preferences=WITHOUT_SCRIPT) as browser:
        visitor = Visitor(application, browser, "Ann without script")
        visitor.sign_in()
        visitor.add_app()
        visitor.ask_for_codes()
        assert not browser.shows("[data-needs-script]")
        visitor.add_phone()

        visitor.sign_out()
        visitor.sign_in()
        visitor.show_other_ways()
        assert not browser.shows("form[data-passkey-get]")
        browser.element('form[action*="/factor/totp"] [name=trust]').click()
        visitor.press("/factor/totp", code=visitor.app.next_code())
        assert visitor.is_signed_in()
        visitor.sign_out()
        visitor.sign_in()
        assert visitor.is_signed_in()

        visitor.open("account/devices/revoke-all")
        visitor.answer_by_recovery_code()
        visitor.press("/revoke-all")
        visitor.sign_out()
        visitor.sign_in()
        visitor.answer_by_recovery_code()
        assert visitor.is_signed_in()
        browser.assert_clean()


def test_link_is_approved_without_script(application, tmp_path):
    with Browser(application.url, tmp_path, "pages-link-without-script", preferences=WITHOUT_SCRIPT) as browser:
        visitor = Visitor(application, browser, "Ann with a phone")
        visitor.sign_in()
        visitor.add_phone()
        visitor.sign_out()
        visitor.sign_in()
        with browser.new_tab():
            browser.driver.get(application.message("link", visitor.number))
            visitor.submit(browser.element("[value=approve]"))
        visitor.submit(browser.element('[data-poll] a[href*="/factor"]'))
        assert visitor.is_signed_in()
        browser.assert_clean()
