"""Phones and browsers that receive messages: registration, approval, refusal."""

import json

import agilicus

from customer import Customer
from demo import TOKEN

PUSHED = {"title": "Is this you?", "body": "https://shop.example.org asks.", "url": "https://evil.example/", "tag": "t"}
REGISTER = """
    const done = arguments[0];
    navigator.serviceWorker.register("/mfa/service-worker.js").then(() => navigator.serviceWorker.ready)
        .then(() => done(true), (error) => done(String(error)));
"""
# The test environment has no push service. The storage of the tab keeps the state from page to page.
SUBSCRIBED = """
    const json = SUBSCRIPTION;
    const become = (state) => sessionStorage.setItem("push", state);
    const subscription = {
        endpoint: json.endpoint,
        toJSON: () => json,
        unsubscribe: async () => (become("unsubscribed"), true),
    };
    const pushManager = {
        getSubscription: async () => (sessionStorage.getItem("push") === "subscribed" ? subscription : null),
        subscribe: async () => (become("subscribed"), subscription),
    };
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
    const location = new URL("/mfa/service-worker.js", window.location);
    const self = { addEventListener: (name, run) => (listeners[name] = run), registration: { pushManager }, location };
    (() => { SCRIPT })();
    listeners.pushsubscriptionchange({
        oldSubscription: asSubscription(before),
        newSubscription: isGiven ? asSubscription(after) : null,
        waitUntil: (work) => work.then(() => done([subscribed, ...unsubscribed]), (error) => done(String(error))),
    });
"""
FETCH_WORKER = 'fetch("/mfa/service-worker.js").then((response) => response.text()).then(arguments[0]);'
NOTIFICATIONS = """
    const done = arguments[0];
    navigator.serviceWorker.ready
        .then((registration) => registration.getNotifications())
        .then((shown) => done(shown.map(({ title, body, tag }) => ({ title, body, tag }))));
"""


def allow_notifications(customer: Customer) -> None:
    permissions = {"permissions": ["notifications"], "origin": customer.browser.url}
    customer.browser.driver.execute_cdp_cmd("Browser.grantPermissions", permissions)


def subscription(name: str) -> dict:
    keys = {
        "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
        "auth": "AAECAwQFBgcICQoLDA0ODw",
    }
    return {"endpoint": f"https://push.example.org/{name.replace(' ', '-')}", "expirationTime": None, "keys": keys}


def browsers(customer: Customer) -> list[str]:
    customer.open("account")
    return [row.text for row in customer.browser.all("section[aria-labelledby=browsers] bdi")]


def renew(customer: Customer, before: dict | None, after: dict, *, is_given: bool = False) -> list:
    """Runs the event of a replaced subscription. Returns how often the worker subscribed, and what it gave up."""
    driver = customer.browser.driver
    script = driver.execute_async_script(FETCH_WORKER)
    return driver.execute_async_script(RENEWED.replace("SCRIPT", script), before, after, is_given)


def test_login_is_approved_and_denied_by_text_message(customer, gateway):
    browser = customer.browser
    customer.add_phone()
    customer.sign_out()
    customer.log_in()
    with browser.new_tab():
        browser.driver.get(gateway.link(customer.number))
        assert customer.name in browser.text("dl")
        customer.submit(browser.element("[value=approve]"))
    # The factor page asks for the state all the time, and goes on by itself.
    assert browser.text("#user") == customer.name

    customer.sign_out()
    customer.log_in()
    with browser.new_tab():
        browser.driver.get(gateway.link(customer.number))
        customer.submit(browser.element("[value=not_me]"))
        assert "password" in browser.text("strong")
    assert "declined" in browser.text(".warning")
    assert not customer.is_signed_in()


def test_missing_push_service_is_told(customer):
    """The test environment has no push service."""
    allow_notifications(customer)
    customer.open("account/browsers")
    customer.button("/account/browsers").click()
    assert "push service" in customer.error()
    assert browsers(customer) == []


def test_pushed_message_is_shown(customer):
    driver = customer.browser.driver
    allow_notifications(customer)
    assert driver.execute_async_script(REGISTER) is True
    driver.execute_cdp_cmd("ServiceWorker.enable", {})
    # Registration 0 is the first one of a new profile.
    pushed = {"origin": customer.browser.url, "registrationId": "0", "data": json.dumps(PUSHED)}

    def deliver():
        # The browser may still be storing the registration. Repeats are harmless: messages with one tag show once.
        driver.execute_cdp_cmd("ServiceWorker.deliverPushMessage", pushed)
        return driver.execute_async_script(NOTIFICATIONS)

    shown = customer.browser.until(deliver)
    assert shown == [{name: PUSHED[name] for name in ("title", "body", "tag")}]


def test_replaced_subscription_is_registered_again(customer):
    before, after = subscription(f"before {customer.name}"), subscription(f"after {customer.name}")
    after["endpoint"] = after["endpoint"].replace("push.", "other-push.")
    allow_notifications(customer)
    customer.browser.run_before_pages(SUBSCRIBED.replace("SUBSCRIPTION", json.dumps(before)))
    customer.open("account/browsers")
    customer.press("/account/browsers")
    (shown,) = browsers(customer)
    assert "push.example.org" in shown
    assert renew(customer, before, after) == [1]
    (shown,) = browsers(customer)
    assert "other-push.example.org" in shown


def test_sign_out_ends_the_subscription(customer):
    driver = customer.browser.driver
    allow_notifications(customer)
    customer.browser.run_before_pages(SUBSCRIBED.replace("SUBSCRIPTION", json.dumps(subscription(customer.name))))
    customer.open("account/browsers")
    customer.press("/account/browsers")
    assert driver.execute_script('return sessionStorage.getItem("push")') == "subscribed"
    customer.sign_out()
    assert driver.execute_script('return sessionStorage.getItem("push")') == "unsubscribed"


def test_subscription_of_nobody_is_given_up(customer):
    before, after = subscription(f"before {customer.name}"), subscription(f"after {customer.name}")
    customer.sign_out()
    # A page of the same folder, because the pages of the bank connect to nothing.
    customer.open("answer")
    assert renew(customer, before, after, is_given=True) == [0, after["endpoint"]]


def test_action_is_decided_on_a_page(demo, browser):
    """The link of a mail, which opens no session."""
    api = agilicus.ChallengesApi(agilicus.ApiClient(agilicus.Configuration(host=demo.url, access_token=TOKEN)))
    spec = agilicus.OneTimeUseActionChallengeSpec(
        approved_actions=[],
        declined_actions=[],
        actors=[agilicus.ChallengeActor(user_id="ann", org_id="org")],
        timeout_seconds=600,
    )
    created = api.create_one_time_use_action(agilicus.OneTimeUseActionChallenge(spec=spec))
    identifier = created.challenge.metadata.id
    browser.driver.get(created.answer_details[0].decline_uri)
    assert "ann" in browser.text("dl")
    assert not browser.all("[value=approve]")
    assert api.get_challenge(identifier).status.state == "issued"
    browser.click("[value=decline]")
    assert "declined" in browser.text("[role=status]")
    assert api.get_challenge(identifier).status.state == "challenge_declined"
