"""The demo's pages: sign-in, enrollment, step-up, approval."""

import pytest
from selenium.webdriver.common.keys import Keys

from authenticator import Authenticator
from home_page import DECLINED, ISSUED, PASSED, changed, entries, states, states_become

ABOUT = "Pay <b>120 €</b> to Bob & Söhne"


def step_up(page, code: str) -> str:
    """Starts a challenge, answers with `code` and returns the page's message."""
    before = len(states(page))
    page.click("#step-up")
    page.until(lambda: len(states(page)) == before + 1)
    asked = page.text("#message") if page.shows("#message") else ""
    page.fill_in("#answer-totp", "#step-up-code", code)
    return page.until(lambda: page.shows("#message") and changed(page.text("#message"), asked))


@pytest.mark.smoke
def test_sign_in_shows_the_home_page(browser):
    browser.open()
    assert browser.driver.title
    assert browser.driver.find_element("tag name", "html").get_attribute("lang")
    assert not browser.shows("#enroll-totp")
    browser.look("sign-in")
    browser.element("#user-name").send_keys("Ann Lee", Keys.ENTER)
    browser.element("#enroll-totp")
    assert not browser.shows("#sign-in")
    browser.look("signed-in")


def test_authenticator_app_is_enrolled(signed_in):
    assert entries(signed_in) == 0
    signed_in.click("#enroll-totp")
    code = signed_in.element("svg#totp-qr, #totp-qr svg")
    assert code.size["width"] >= 100 and abs(code.size["width"] - code.size["height"]) <= 2
    assert code.accessible_name or signed_in.element("#totp-qr").accessible_name
    key = signed_in.text("#totp-key").replace(" ", "")
    assert len(key) == 32
    signed_in.look("enroll")
    authenticator = Authenticator(key)
    signed_in.fill_in("#confirm-totp", "#totp-code", authenticator.wrong_codes(1)[0])
    assert signed_in.text("#totp-message")
    signed_in.look("enroll-refused")
    signed_in.fill_in("#confirm-totp", "#totp-code", authenticator.next_code())
    signed_in.until(lambda: entries(signed_in) == 1 and not signed_in.shows("#totp-key"))
    signed_in.look("enrolled")
    signed_in.driver.refresh()
    signed_in.until(lambda: entries(signed_in) == 1)
    assert key not in signed_in.driver.page_source, "the key is shown once"


def test_step_up_passes_and_refuses_code_reuse(enrolled):
    page, authenticator = enrolled
    code = authenticator.next_code()
    page.click("#step-up")
    page.element("#answer-totp")
    page.look("step-up")
    states_become(page, ISSUED)
    page.driver.refresh()

    passed = step_up(page, code)
    page.look("step-up-passed")
    states_become(page, ISSUED, PASSED)

    refused = step_up(page, code)
    assert refused != passed
    page.look("step-up-refused")
    states_become(page, ISSUED, ISSUED, PASSED)


def test_message_has_the_status_role(enrolled):
    page, authenticator = enrolled
    step_up(page, authenticator.wrong_codes(1)[0])
    assert page.element("#message").aria_role == "status"


@pytest.mark.parametrize(("button", "outcome"), [("#approve", PASSED), ("#decline", DECLINED)])
def test_answer_page_decides_once(signed_in, button, outcome):
    signed_in.element("#approval-about").send_keys(ABOUT)
    signed_in.look("approval")
    signed_in.click("#start-approval")
    link = signed_in.element("#answer-link").get_attribute("href")
    assert link.startswith(signed_in.url)
    states_become(signed_in, ISSUED)
    page = signed_in.driver.current_window_handle

    signed_in.driver.switch_to.new_window("tab")
    signed_in.driver.get(link)
    assert signed_in.shows("#approve") and signed_in.shows("#decline")
    assert not signed_in.shows("#outcome") or not signed_in.text("#outcome")
    assert signed_in.text("#asked-about") == ABOUT
    signed_in.look("answer")
    signed_in.click(button)
    decided = signed_in.until(lambda: signed_in.text("#outcome"))
    signed_in.look(f"answer-{outcome}")

    signed_in.driver.get(link)
    for other in ("#decline", "#approve"):
        if signed_in.shows(other) and signed_in.element(other).is_enabled():
            signed_in.click(other)
            assert signed_in.until(lambda: signed_in.text("#outcome")) != decided
            break

    signed_in.driver.switch_to.window(page)
    states_become(signed_in, outcome)
    signed_in.look(f"challenges-{outcome}")


def test_opening_the_answer_page_decides_nothing(signed_in):
    signed_in.click("#start-approval")
    link = signed_in.element("#answer-link").get_attribute("href")
    signed_in.driver.get(link)
    signed_in.element("#approve")
    assert not signed_in.all("#asked-about")
    signed_in.open()
    signed_in.element("#challenges [data-state]")
    assert states(signed_in) == [ISSUED]


def test_home_page_shows_own_records_only(enrolled):
    page, authenticator = enrolled
    step_up(page, authenticator.next_code())
    states_become(page, PASSED)
    page.driver.delete_all_cookies()
    page.driver.execute_script("localStorage.clear(); sessionStorage.clear()")
    page.open()
    page.fill_in("#sign-in", "#user-name", "Somebody Else")
    page.element("#enroll-totp")
    assert states(page) == []
    assert entries(page) == 0


def test_user_name_is_escaped(browser):
    browser.open()
    browser.fill_in("#sign-in", "#user-name", "<img src=x onerror=alert(1)><b id=bold>")
    browser.until(lambda: browser.shows("#enroll-totp") or browser.shows("#message"))
    assert not browser.all("#bold") and not browser.all("img[src=x]")
