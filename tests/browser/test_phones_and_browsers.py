"""Phones and browsers as endpoints: registration, approval, refusal."""

import json

import agilicus
import pytest
from home_page import DECLINED, ISSUED, PASSED, entries, states_become

from demo import TOKEN

NUMBER = "+1 (555) 010-0199"
PUSHED = {"title": "Is this you?", "body": "https://shop.example.org asks.", "url": "https://evil.example/", "tag": "t"}
REGISTER = """
    const done = arguments[0];
    navigator.serviceWorker.register("service-worker.js");
    navigator.serviceWorker.ready.then(() => done(true), (error) => done(String(error)));
"""
NOTIFICATIONS = """
    const done = arguments[0];
    navigator.serviceWorker.ready
        .then((registration) => registration.getNotifications())
        .then((shown) => done(shown.map(({ title, body, tag }) => ({ title, body, tag }))));
"""


@pytest.fixture
def with_phone(signed_in, gateway):
    """The page of a user with a confirmed phone."""
    signed_in.fill_in("#add-phone", "#phone-number", NUMBER)
    code = next(word for word in gateway.next().json["text"].replace(".", " ").split() if word.isdigit() and len(word) == 6)
    signed_in.fill_in("#confirm-phone", "#phone-code", code)
    signed_in.until(lambda: "Ready" in signed_in.text("#endpoints"))
    return signed_in


def ask(page, gateway) -> tuple[str, str]:
    """Asks for approval by message. Returns the number on the page and the received link."""
    page.click("#ask-by-message")
    number = page.text("#approval-number strong")
    link = next(word for word in gateway.next().json["text"].split() if word.startswith("http") and "challenge_id" in word)
    return number, link


def test_phone_is_added_confirmed_and_removed(signed_in, gateway):
    assert not signed_in.shows("#ask-by-message")
    signed_in.fill_in("#add-phone", "#phone-number", "12345")
    assert "country code" in signed_in.text("#messages-message")
    signed_in.fill_in("#add-phone", "#phone-number", NUMBER)
    text = gateway.next().json["text"]
    assert signed_in.until(lambda: entries(signed_in, "#endpoints") == 1)
    signed_in.look("phone-added")
    signed_in.fill_in("#confirm-phone", "#phone-code", "000000" if "000000" not in text else "111111")
    assert "not accepted" in signed_in.until(lambda: signed_in.text("#messages-message"))
    signed_in.look("phone-refused")
    code = next(word for word in text.replace(".", " ").split() if word.isdigit() and len(word) == 6)
    signed_in.fill_in("#confirm-phone", "#phone-code", code)
    signed_in.until(lambda: signed_in.shows("#ask-by-message"))
    signed_in.look("phone-confirmed")
    signed_in.click("#endpoints .remove")
    signed_in.until(lambda: entries(signed_in, "#endpoints") == 0)
    assert not signed_in.shows("#ask-by-message")


def test_approval_by_text_message_needs_the_number(with_phone, gateway):
    with_phone.element("#approval-about").send_keys("Open door 7")
    number, link = ask(with_phone, gateway)
    states_become(with_phone, ISSUED)
    with_phone.look("asked-by-message")
    page = with_phone.driver.current_window_handle
    with_phone.driver.switch_to.new_window("tab")
    with_phone.driver.get(link)
    assert with_phone.text("#asked-origin") == with_phone.url
    assert with_phone.text("#asked-about") == "Open door 7"
    with_phone.look("answer-number")
    with_phone.click("#approve")
    assert "number" in with_phone.text("#outcome")
    # Copied text may have a no-break space and invisible characters.
    with_phone.element("#number").send_keys(f"\u202a{number}\u00a0\u2060")
    with_phone.click("#approve")
    assert with_phone.until(lambda: "Approved" in with_phone.text("#outcome"))
    with_phone.driver.switch_to.window(page)
    states_become(with_phone, PASSED)


def test_not_me_declines_the_challenge(with_phone, gateway):
    _, link = ask(with_phone, gateway)
    page = with_phone.driver.current_window_handle
    with_phone.driver.switch_to.new_window("tab")
    with_phone.driver.get(link)
    with_phone.click("#not-me")
    assert with_phone.until(lambda: "password" in with_phone.text("#outcome"))
    with_phone.look("answer-not-me")
    with_phone.driver.switch_to.window(page)
    states_become(with_phone, DECLINED)


def test_missing_push_service_is_explained(signed_in):
    """The test environment has no push service."""
    permissions = {"permissions": ["notifications"], "origin": signed_in.url}
    signed_in.driver.execute_cdp_cmd("Browser.grantPermissions", permissions)
    signed_in.click("#add-browser")
    assert "push service" in signed_in.until(lambda: signed_in.text("#messages-message"))
    signed_in.look("no-push-service")
    assert entries(signed_in, "#endpoints") == 0


def test_pushed_message_is_shown(signed_in):
    permissions = {"permissions": ["notifications"], "origin": signed_in.url}
    signed_in.driver.execute_cdp_cmd("Browser.grantPermissions", permissions)
    assert signed_in.driver.execute_async_script(REGISTER) is True
    signed_in.driver.execute_cdp_cmd("ServiceWorker.enable", {})
    # Registration 0 is the first one of a new profile.
    pushed = {"origin": signed_in.url, "registrationId": "0", "data": json.dumps(PUSHED)}

    def deliver():
        # The browser may still be storing the registration. Repeats are harmless: messages with one tag show once.
        signed_in.driver.execute_cdp_cmd("ServiceWorker.deliverPushMessage", pushed)
        return signed_in.driver.execute_async_script(NOTIFICATIONS)

    shown = signed_in.until(deliver)
    assert shown == [{name: PUSHED[name] for name in ("title", "body", "tag")}]


def test_action_is_decided_on_a_page(demo, signed_in):
    api = agilicus.ChallengesApi(agilicus.ApiClient(agilicus.Configuration(host=demo.url, access_token=TOKEN)))
    spec = agilicus.OneTimeUseActionChallengeSpec(
        approved_actions=[],
        declined_actions=[],
        actors=[agilicus.ChallengeActor(user_id="ann", org_id="org")],
        timeout_seconds=600,
    )
    created = api.create_one_time_use_action(agilicus.OneTimeUseActionChallenge(spec=spec))
    identifier = created.challenge.metadata.id
    signed_in.driver.get(created.answer_details[0].decline_uri)
    assert signed_in.text("#asked-user") == "ann"
    assert signed_in.shows("#decline") and not signed_in.shows("#approve")
    signed_in.look("answer-action")
    assert api.get_challenge(identifier).status.state == ISSUED
    signed_in.click("#decline")
    assert signed_in.until(lambda: "Declined" in signed_in.text("#outcome"))
    assert api.get_challenge(identifier).status.state == DECLINED
