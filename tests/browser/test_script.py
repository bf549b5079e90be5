"""The script of the pages on a page of the host's own, and the JSON that such a page exchanges with the pages."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import Browser
from person import is_gone
from virtual_authenticator import VirtualAuthenticator

RUN = """
    const done = arguments[arguments.length - 1];
    const run = async (script, send, ...args) => { BODY };
    const send = async (path, body) => {
        const headers = { accept: "application/json", "content-type": "application/json" };
        const change = body ? { method: "POST", body: JSON.stringify(body) } : {};
        const response = await fetch("/mfa/" + path, { headers, ...change });
        return { status: response.status, ...(await response.json()) };
    };
    import("/mfa/assets/challenges.js")
        .then((script) => run(script, send, ...arguments))
        .then(done, (error) => done({ error: String(error) }));
"""
ADD_PASSKEY = """
    const { id, options } = await send("account/passkeys", {});
    const credential = await script.createPasskey(options);
    return send(`account/passkeys/${id}/confirm`, { credential, name: "Laptop" });
"""
SIGN_IN = """
    const { passkey } = await send("factor");
    const credential = await script.getPasskey(passkey);
    return send("factor/passkey", { credential: JSON.stringify(credential), trust: "yes" });
"""
REASON = """
    const { options } = await send("account/passkeys", {});
    const error = await script.createPasskey(options).catch((error) => error);
    return [error instanceof script.BrowserError, error.reason];
"""
CODE_FIELD = """
    document.querySelector("main").insertAdjacentHTML("beforeend", "<form id=own><input name=code id=own-code></form>");
    const form = document.querySelector("#own");
    document.submissions = 0;
    form.addEventListener("submit", (event) => { event.preventDefault(); document.submissions += 1; });
    script.codeField(form.elements.code, 6);
    return script.cleanCode("\\u0661 2\\u200b3\\uff14");
"""

# The server has stored the answer of a form, and its response is still on its way.
PASSED = """
    window.fetch = async () => {
        setTimeout(() => (document.polled = true), 500);
        return Response.json({ state: "challenge_passed" });
    };
"""
SUBMIT = """
    const form = document.querySelector('form[action*="/factor/message"]');
    form.elements.code.value = "123456";
    form.addEventListener("submit", (event) => event.preventDefault());
    form.requestSubmit();
"""


@pytest.fixture
def browser(application, tmp_path):
    with Browser(application.url, tmp_path, "script") as browser:
        yield browser
        browser.assert_clean()


@pytest.fixture
def run(visitor):
    """Returns a function that runs JavaScript on a page of the host's own, with the exports of the script."""
    visitor.browser.open("/")
    assert not visitor.browser.all("meta[name=challenges-words]")
    return lambda body, *values: visitor.browser.driver.execute_async_script(RUN.replace("BODY", body), *values)


def test_page_of_the_host_signs_in_by_json(visitor, run):
    browser = visitor.browser
    VirtualAuthenticator(browser, transport="internal", resident_keys=True)
    assert run('return send("account")')["has_factor"] is False
    assert run(ADD_PASSKEY)["status"] == 200
    assert run('return send("account")')["passkeys"][0]["name"] == "Laptop"

    refused = run('return send("account/totp", {})')
    assert (refused["status"], refused["error_code"]) == (401, "step_up_needed")
    assert refused["location"].startswith("/mfa/factor?purpose=manage-factors")
    visitor.sign_out()
    visitor.sign_in()
    browser.open("/login")
    finished = run(SIGN_IN)
    assert finished["location"] == "/login/finish"
    browser.open(finished["location"])
    assert visitor.is_signed_in()


def test_field_of_the_host_takes_codes(visitor, run):
    browser = visitor.browser
    assert run(CODE_FIELD) == "1234"
    field = browser.element("#own-code")
    field.send_keys("12 3\u00a045")
    assert (field.get_attribute("value"), browser.driver.execute_script("return document.submissions")) == ("12345", 0)
    field.send_keys("6", Keys.BACKSPACE, "7")
    assert browser.driver.execute_script("return document.submissions") == 1, "once"


def test_reason_of_the_browser_is_a_word(visitor, run):
    VirtualAuthenticator(visitor.browser, transport="internal", resident_keys=True).recognizes_user(False)
    assert run(REASON) == [True, "cancelled"]


def test_poll_interrupts_no_form_on_its_way(visitor):
    """The factor page asks for the state all the time. The answer by a form changes the state before its response."""
    browser = visitor.browser
    visitor.add_phone()
    visitor.sign_out()
    browser.run_before_pages(PASSED)
    visitor.sign_in()
    browser.element("[name=code]")
    browser.driver.execute_script(SUBMIT)
    browser.until(lambda: browser.driver.execute_script("return document.polled"))
    assert browser.all("form[aria-busy=true]"), "still the same page"

    visitor.open("factor")
    page = browser.driver.find_element(By.TAG_NAME, "html")
    # The control: without a form, the page goes on.
    browser.until(lambda: is_gone(page))
