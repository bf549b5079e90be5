"""Passkeys and security keys in a real browser, with simulated authenticators."""

import base64
import itertools
import json
from dataclasses import replace

import pytest

from home_page import ISSUED, PASSED, entries, states, states_become
from virtual_authenticator import VirtualAuthenticator

GOOD, BAD = "good", "bad"
AUTHENTICATORS = {
    "u2f": {"protocol": "u2f", "verifies_user": False},
} | {
    f"ctap2-{transport}{'-resident' * resident_keys}{'-verifying' * verifies_user}": {
        "transport": transport,
        "resident_keys": resident_keys,
        "verifies_user": verifies_user,
    }
    for transport, resident_keys, verifies_user in itertools.product(("usb", "internal"), (False, True), (False, True))
    # Chromium stores a resident key on a security key only after a PIN, which this one could not ask for.
    if (transport, resident_keys, verifies_user) != ("usb", True, False)
}
RECORD = """
    const send = window.fetch;
    window.fetch = (path, options) => {
        if (options.method === "POST" && path.endsWith("/passkey")) window.recorded = options.body;
        return send(path, options);
    };
"""
RESIDENT = """
    const parse = PublicKeyCredential.parseCreationOptionsFromJSON;
    PublicKeyCredential.parseCreationOptionsFromJSON = (options) => {
        const authenticatorSelection = { ...options.authenticatorSelection, residentKey: "required" };
        return parse({ ...options, authenticatorSelection });
    };
"""
OLD_BROWSER = """
    delete PublicKeyCredential.parseCreationOptionsFromJSON;
    delete PublicKeyCredential.parseRequestOptionsFromJSON;
    delete PublicKeyCredential.prototype.toJSON;
"""
PASSWORD_MANAGER = """
    const copy = (credential) => {
        const { id, rawId, type, authenticatorAttachment, response } = credential;
        const parts = { clientDataJSON: { value: response.clientDataJSON } };
        for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
            if (response[name] !== undefined) parts[name] = { value: response[name] };
        }
        const values = { id, rawId, type, authenticatorAttachment, response: Object.create({}, parts) };
        const own = Object.entries(values).map(([name, value]) => [name, { value }]);
        return Object.create(PublicKeyCredential.prototype, Object.fromEntries(own));
    };
    for (const name of ["create", "get"]) {
        const native = navigator.credentials[name].bind(navigator.credentials);
        navigator.credentials[name] = async (options) => copy(await native(options));
    }
    try {
        Object.create(PublicKeyCredential.prototype).toJSON();
    } catch (error) {
        return error.message;
    }
"""
SEND = """
    const [path, body, done] = arguments;
    fetch(path, { method: "POST", body }).then(async (response) => done([response.status, await response.text()]));
"""


@pytest.fixture
def key(signed_in):
    return VirtualAuthenticator(signed_in)


@pytest.fixture
def registered(signed_in, key):
    """The page of a user with a security key that verifies its user."""
    add(signed_in)
    return signed_in


@pytest.fixture
def nameless(demo, tmp_path):
    """A demo whose public URL is an IP address."""
    with replace(demo, directory=tmp_path, arguments=["--public-url", "http://127.0.0.1:1"], output=[]) as nameless:
        yield nameless


def said(page, line: str, tone: str) -> str:
    """Waits for a status line in this tone and returns the text."""
    page.until(lambda: page.element(line).get_attribute("data-tone") == tone)
    return page.text(line)


def add(page, tone: str = GOOD) -> str:
    """Adds a passkey under the proposed name and returns the page's message."""
    page.click("#add-passkey")
    told = said(page, "#passkey-message", tone)
    if tone == GOOD:
        page.click("#cancel-name")
    return told


def start(page) -> None:
    before = len(states(page))
    page.click("#step-up")
    page.until(lambda: len(states(page)) == before + 1)


def use(page, tone: str = GOOD) -> str:
    """Answers the newest step-up and returns the page's message."""
    page.click("#use-passkey")
    return said(page, "#message", tone)


def step_up(page, app) -> None:
    """Passes a step-up with the authenticator app: changes of factors need one from the last minutes."""
    start(page)
    page.fill_in("#answer-totp", "#step-up-code", app.next_code())
    said(page, "#message", GOOD)


def names(page) -> list[str]:
    return [name.text for name in page.all("#passkeys .name")]


def remove(page) -> None:
    page.click("#passkeys .remove")
    page.until(lambda: entries(page, "#passkeys") == 0)


@pytest.mark.parametrize("kind", AUTHENTICATORS.values(), ids=AUTHENTICATORS)
def test_passkey_is_added_used_and_removed(signed_in, kind):
    page = signed_in
    VirtualAuthenticator(page, **kind)
    factors = "two factors in one" if kind["verifies_user"] else "one factor"

    page.click("#add-passkey")
    assert factors in said(page, "#passkey-message", GOOD)
    proposed = "Passkey" if kind.get("transport") == "internal" else "Security key"
    assert page.element("#passkey-name").get_attribute("value") == proposed
    page.fill_in("#name-passkey", "#passkey-name", "On my ring")
    page.until(lambda: names(page) == ["On my ring"])
    assert factors in page.text("#passkeys .state")

    start(page)
    assert not page.shows("#answer-totp"), "there is no authenticator app"
    assert factors in use(page)
    states_become(page, PASSED)

    start(page)
    remove(page)
    assert "No passkey" in use(page, BAD)
    states_become(page, PASSED, ISSUED)
    page.click("#step-up")
    assert "no second factor" in said(page, "#message", BAD)


def test_security_key_pages(enrolled):
    page, app = enrolled
    page.click("#add-passkey")
    assert "needs a step-up" in said(page, "#passkey-message", BAD)
    step_up(page, app)
    authenticator = VirtualAuthenticator(page, resident_keys=True, backed_up=True)
    authenticator.user_is_there(False)
    page.click("#add-passkey")
    page.element("#stop-adding")
    page.look("passkey-adding")
    page.click("#stop-adding")
    assert "Nothing was added" in said(page, "#passkey-message", BAD)
    assert entries(page, "#passkeys") == 0, "a cancelled registration leaves nothing"
    page.until(lambda: page.driver.switch_to.active_element.get_attribute("id") == "add-passkey")
    page.look("passkey-cancelled")

    authenticator.user_is_there(True)
    page.click("#add-passkey")
    page.element("#passkey-name")
    page.look("passkey-added")
    page.fill_in("#name-passkey", "#passkey-name", "A blue one")
    page.until(lambda: names(page) == ["A blue one"])
    assert "; backed up" in page.text("#passkeys .state")
    page.click("#passkeys .rename")
    assert page.element("#passkey-name").get_attribute("value") == "A blue one"
    page.fill_in("#name-passkey", "#passkey-name", "A red one, <b>bold</b>")
    page.until(lambda: names(page) == ["A red one, <b>bold</b>"])
    page.look("passkey-renamed")

    start(page)
    page.look("passkey-step-up")
    authenticator.user_is_there(False)
    page.click("#use-passkey")
    page.click("#stop-using")
    assert "Cancelled" in said(page, "#message", BAD)
    authenticator.user_is_there(True)
    use(page)
    page.look("passkey-passed")
    remove(page)
    page.look("passkey-removed")


def test_step_up_takes_either_factor(enrolled):
    page, app = enrolled
    VirtualAuthenticator(page)
    step_up(page, app)
    add(page)
    start(page)
    use(page)
    states_become(page, PASSED, PASSED)
    step_up(page, app)
    states_become(page, PASSED, PASSED, PASSED)


def test_authenticator_is_registered_once(registered, key):
    start(registered)
    use(registered)
    assert "registered already" in add(registered, BAD)
    assert names(registered) == ["Security key"]
    key.unplug()
    VirtualAuthenticator(registered, transport="internal")
    add(registered)
    registered.until(lambda: names(registered) == ["Security key", "Passkey"])


def test_key_registered_with_verification_needs_it(registered, key):
    """A key registered with user verification is refused without it."""
    start(registered)
    key.recognizes_user(False)
    assert "could not verify" in use(registered, BAD)
    states_become(registered, ISSUED)
    key.recognizes_user(True)
    use(registered)
    states_become(registered, PASSED)


def test_unregistered_authenticator_is_refused(registered, key):
    start(registered)
    key.unplug()
    VirtualAuthenticator(registered)
    assert "not one that you added" in use(registered, BAD)
    states_become(registered, ISSUED)


def test_user_handle_of_another_user_is_refused(signed_in):
    """R46."""
    key = VirtualAuthenticator(signed_in, transport="internal", resident_keys=True)
    signed_in.driver.execute_script(RESIDENT + RECORD)
    add(signed_in)
    credential = key.credential()
    assert credential["isResidentCredential"]

    key.replace(credential | {"userHandle": base64.b64encode(b"another user").decode()})
    start(signed_in)
    assert "not accepted" in use(signed_in, BAD)
    states_become(signed_in, ISSUED)

    key.replace(credential)
    use(signed_in)
    states_become(signed_in, PASSED)
    recorded = json.loads(signed_in.driver.execute_script("return window.recorded"))
    named = base64.urlsafe_b64decode(recorded["response"]["userHandle"] + "=")
    assert named == base64.b64decode(credential["userHandle"]) and len(named) == 32


def test_copied_key_is_refused(registered, key):
    """R50: a counter that goes back reveals a copy."""
    copy = key.credential()
    for _ in range(2):
        start(registered)
        use(registered)
    original = key.credential()
    assert original["signCount"] > copy["signCount"]

    key.replace(copy)
    start(registered)
    assert "copied" in use(registered, BAD)
    states_become(registered, PASSED, PASSED, ISSUED)

    key.replace(original)
    use(registered)
    states_become(registered, PASSED, PASSED, PASSED)


def test_assertion_passes_once(registered):
    """R47."""
    start(registered)
    first = registered.driver.execute_script("return document.querySelector('#challenges > *').dataset.id")
    registered.driver.execute_script(RECORD)
    use(registered)
    recorded = registered.driver.execute_script("return window.recorded")
    assert json.loads(recorded)["response"]["signature"]
    start(registered)
    second = registered.driver.execute_script("return document.querySelector('#challenges > *').dataset.id")
    assert second != first
    for challenge in (first, second):
        path = f"demo/step-ups/{challenge}/passkey"
        status, told = registered.driver.execute_async_script(SEND, path, recorded)
        assert status == 400 and "not accepted" in told
    states_become(registered, PASSED, ISSUED)
    use(registered)
    states_become(registered, PASSED, PASSED)


def test_registration_without_user_adds_nothing(signed_in, key):
    key.recognizes_user(False)
    assert "Nothing was added" in add(signed_in, BAD)
    assert entries(signed_in, "#passkeys") == 0


def test_browser_without_webauthn_is_told_why(signed_in, key):
    signed_in.driver.execute_script("delete window.PublicKeyCredential")
    assert "another one" in add(signed_in, BAD)
    assert signed_in.shows("#no-passkeys")


@pytest.mark.parametrize("browser_is", ["old", "with a password manager"])
def test_credential_without_json_of_the_browser_works(signed_in, browser_is):
    """An old browser lacks the methods for JSON, and the credential of a password manager throws in `toJSON`."""
    VirtualAuthenticator(signed_in, transport="internal", resident_keys=True)
    if browser_is == "old":
        signed_in.driver.execute_script(OLD_BROWSER)
    else:
        thrown = signed_in.driver.execute_script(PASSWORD_MANAGER)
        assert "Illegal invocation" in thrown, "control: toJSON throws"
    add(signed_in)
    start(signed_in)
    assert "factor" in use(signed_in)
    states_become(signed_in, PASSED)
    # The second one is excluded, and so the ids in the options are converted.
    assert "registered already" in add(signed_in, BAD)


def test_ip_address_is_told_to_use_localhost(demo, browser):
    """The page is at 127.0.0.1, and passkeys belong to localhost."""
    browser.url = demo.url
    browser.open()
    browser.fill_in("#sign-in", "#user-name", "Ann Lee at an address")
    VirtualAuthenticator(browser)
    told = add(browser, BAD)
    assert "localhost" in told and "127.0.0.1" in told
    assert browser.shows("#no-passkeys")


def test_public_ip_address_offers_no_passkeys(nameless, browser):
    browser.url = nameless.url
    browser.open()
    browser.fill_in("#sign-in", "#user-name", "Ann Lee")
    assert "host name" in browser.text("#passkeys-unavailable")
    assert not browser.all("#add-passkey")
    browser.click("#step-up")
    assert "no second factor" in said(browser, "#message", BAD)
    browser.look("passkeys-unavailable")
