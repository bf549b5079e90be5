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
# The test environment has no push service.
SUBSCRIBED = """
    const json = arguments[0];
    const subscription = {
        endpoint: json.endpoint,
        toJSON: () => json,
        unsubscribe: async () => sessionStorage.setItem("unsubscribed", json.endpoint),
    };
    let current = null;
    const pushManager = { getSubscription: async () => current, subscribe: async () => (current = subscription) };
    Object.defineProperty(ServiceWorkerRegistration.prototype, "pushManager", { get: () => pushManager });
"""
# Runs the script of the service worker in the page, and sends the event that browsers send.
RENEWED = """
    const [before, after, isGiven, done] = arguments;
    const listeners = {};
    const asSubscription = (json) => json && ({
        endpoint: json.endpoint,
        toJSON: () => json,
        unsubscribe: async () => unsubscribed.push(json.endpoint),
    });
    const unsubscribed = [];
    let subscribed = 0;
    const pushManager = { subscribe: async () => (subscribed += 1, asSubscription(after)) };
    const self = { addEventListener: (name, run) => (listeners[name] = run), registration: { pushManager } };
    (() => { SCRIPT })();
    listeners.pushsubscriptionchange({
        oldSubscription: asSubscription(before),
        newSubscription: isGiven ? asSubscription(after) : null,
        waitUntil: (work) => work.then(() => done([subscribed, ...unsubscribed]), (error) => done(String(error))),
    });
"""
FETCH_WORKER = 'fetch("service-worker.js").then((response) => response.text()).then(arguments[0]);'
SIGN_OUT = 'fetch("demo/sign-out", { method: "POST" }).then(() => arguments[0]());'
NOTIFICATIONS = """
    const done = arguments[0];
    navigator.serviceWorker.ready
        .then((registration) => registration.getNotifications())
        .then((shown) => done(shown.map(({ title, body, tag }) => ({ title, body, tag }))));
"""


@pytest.fixture
def with_phone(signed_in, gateway):
    """The page of a user with a confirmed phone."""
    add_phone(signed_in, gateway)
    return signed_in


def received(gateway, is_wanted) -> str:
    """Returns the wanted word of the next message with one. Passes over notices of changes."""
    while True:
        for word in gateway.next().json["text"].split():
            if is_wanted(word.rstrip(".")):
                return word.rstrip(".")


def is_code(word: str) -> bool:
    return word.isdigit() and len(word) == 6


def add_phone(page, gateway) -> None:
    page.fill_in("#add-phone", "#phone-number", NUMBER)
    code = received(gateway, is_code)
    page.fill_in("#confirm-phone", "#phone-code", code)
    page.until(lambda: "Ready" in page.text("#endpoints"))


def ask(page, gateway) -> tuple[str, str]:
    """Asks for approval by message. Returns the number on the page and the received link."""
    page.click("#ask-by-message")
    number = page.text("#approval-number strong")
    link = received(gateway, lambda word: word.startswith("http") and "challenge_id" in word)
    return number, link


def test_phone_is_added_and_confirmed(signed_in, gateway):
    assert not signed_in.shows("#ask-by-message")
    signed_in.fill_in("#add-phone", "#phone-number", "12345")
    assert "country code" in signed_in.text("#messages-message")
    signed_in.fill_in("#add-phone", "#phone-number", NUMBER)
    code = received(gateway, is_code)
    assert signed_in.until(lambda: entries(signed_in, "#endpoints") == 1)
    signed_in.look("phone-added")
    signed_in.fill_in("#confirm-phone", "#phone-code", "000000" if code != "000000" else "111111")
    assert "not accepted" in signed_in.until(lambda: signed_in.text("#messages-message"))
    signed_in.look("phone-refused")
    signed_in.fill_in("#confirm-phone", "#phone-code", code)
    signed_in.until(lambda: signed_in.shows("#ask-by-message"))
    signed_in.look("phone-confirmed")
    signed_in.click("#endpoints .remove")
    signed_in.until(lambda: "needs a step-up" in signed_in.text("#messages-message"))
    assert entries(signed_in, "#endpoints") == 1


def test_phone_is_removed_after_a_step_up(enrolled, gateway):
    page, app = enrolled
    page.click("#step-up")
    page.fill_in("#answer-totp", "#step-up-code", app.next_code())
    states_become(page, PASSED)
    add_phone(page, gateway)
    page.click("#endpoints .remove")
    page.until(lambda: entries(page, "#endpoints") == 0)
    assert not page.shows("#ask-by-message")


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


def subscription(name: str) -> dict:
    keys = {
        "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
        "auth": "AAECAwQFBgcICQoLDA0ODw",
    }
    return {"endpoint": f"https://push.example.org/{name}", "expirationTime": None, "keys": keys}


def add_browser(page, made: dict) -> None:
    permissions = {"permissions": ["notifications"], "origin": page.url}
    page.driver.execute_cdp_cmd("Browser.grantPermissions", permissions)
    page.driver.execute_script(SUBSCRIBED, made)
    page.click("#add-browser")
    page.until(lambda: entries(page, "#endpoints") == 1)


def renew(page, before: dict | None, after: dict, *, is_given: bool = False) -> list:
    """Runs the event of a replaced subscription. Returns how often the worker subscribed, and what it gave up."""
    script = page.driver.execute_async_script(FETCH_WORKER)
    return page.driver.execute_async_script(RENEWED.replace("SCRIPT", script), before, after, is_given)


def test_sign_out_ends_the_subscription(signed_in):
    user = signed_in.text("#user")
    made = subscription(f"sign-out-{user.replace(' ', '-')}")
    add_browser(signed_in, made)
    signed_in.click("#sign-out")
    signed_in.element("#sign-in")
    assert signed_in.driver.execute_script('return sessionStorage.getItem("unsubscribed")') == made["endpoint"]
    signed_in.fill_in("#sign-in", "#user-name", user)
    signed_in.until(lambda: signed_in.shows("#no-endpoints"))
    assert entries(signed_in, "#endpoints") == 0


def test_replaced_subscription_is_registered_again(signed_in):
    user = signed_in.text("#user").replace(" ", "-")
    before, after = subscription(f"before-{user}"), subscription(f"after-{user}")
    after["endpoint"] = after["endpoint"].replace("push.", "other-push.")
    add_browser(signed_in, before)
    assert "by push.example.org" in signed_in.text("#endpoints")
    assert renew(signed_in, before, after) == [1]
    signed_in.until(lambda: "by other-push.example.org" in signed_in.text("#endpoints"))
    assert entries(signed_in, "#endpoints") == 1, "the old subscription is removed"


def test_subscription_of_nobody_is_given_up(signed_in):
    made = subscription("nobody")
    assert renew(signed_in, None, made, is_given=True) == [0], "control: the user is signed in"
    signed_in.driver.execute_async_script(SIGN_OUT)
    assert renew(signed_in, None, made, is_given=True) == [0, made["endpoint"]]
    assert renew(signed_in, None, made) == [0], "the worker does not subscribe for nobody"
    # Chromium logs each 401.
    logged = [entry for entry in signed_in.driver.get_log("browser") if entry["level"] == "SEVERE"]
    assert all("status of 401" in entry["message"] for entry in logged)


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
