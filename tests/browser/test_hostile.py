"""Pages of another origin against the pages: frames, forms, and links that lead away. Nothing but the pages defends."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

import pytest
from selenium.webdriver.common.by import By

from browser import Browser
from virtual_authenticator import VirtualAuthenticator

FRAMED = [
    "/mfa/account",
    "/mfa/account/totp",
    "/mfa/factor?purpose=manage-factors&return_to=/",
    "/mfa/answer",
    "/mfa/nothing",
]
# A page of the application itself, which can be framed.
CONTROL = "/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# HOST is the host of the application, and EVIL an address of another origin.
AWAY = [
    "EVIL",
    "//evil.localhost/",
    "///evil.localhost/",
    "/\\evil.localhost/",
    "\\\\evil.localhost/",
    "/\t/evil.localhost/",
    "/\n/evil.localhost/",
    "%2F%2Fevil.localhost/",
    "//HOST@evil.localhost/",
    "http://HOST@evil.localhost/",
    "javascript:document.title='evil'",
    "\tjavascript:document.title='evil'",
    "data:text/html,evil",
]
FORM = """<!DOCTYPE html><html lang="en"><title>Form</title><h1>Form</h1>
    <form method="post" action="ACTION"><button>Send</button></form>"""
FRAME = '<!DOCTYPE html><html lang="en"><title>Frame</title><h1>Frame</h1><iframe title="demo" src="SOURCE"></iframe>'


class Site:
    """Another origin with a page for each path, as a context manager."""

    def __init__(self):
        self.pages: dict[str, str] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = site.pages.get(self.path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # The same site as the application, so that browsers send its cookies: sites have no port.
        self.url = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> "Site":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site():
    with Site() as site:
        yield site


@pytest.fixture
def browser(application, tmp_path):
    """Without the check of the console, where Chromium reports each refused frame."""
    with Browser(application.url, tmp_path, "hostile") as browser:
        yield browser


@contextmanager
def frame(browser: Browser):
    driver = browser.driver
    driver.switch_to.frame(driver.find_element(By.TAG_NAME, "iframe"))
    yield
    driver.switch_to.default_content()


def test_no_page_shows_in_a_frame(visitor, site):
    """R77."""
    browser, driver = visitor.browser, visitor.browser.driver
    for path in [*FRAMED, CONTROL]:
        site.pages["/"] = FRAME.replace("SOURCE", browser.url + path)
        driver.get(site.url)
        with frame(browser):
            assert bool(driver.find_elements(By.TAG_NAME, "main")) == (path == CONTROL), path


def test_form_of_another_origin_changes_nothing(visitor, site):
    """R77: the session goes along, because both origins are of one site."""
    browser, driver = visitor.browser, visitor.browser.driver

    def send(action: str) -> None:
        site.pages["/"] = FORM.replace("ACTION", browser.url + action)
        driver.get(site.url)
        visitor.submit(browser.element("button"))

    send("/mfa/account/totp")
    assert driver.current_url == browser.url + "/mfa/account/totp"
    assert "another site" in browser.text("[role=alert]")
    visitor.open("account")
    assert not browser.all(".row")
    visitor.open("account/totp")
    visitor.press("/account/totp")
    assert browser.text("#key"), "control: the form of the own origin"
    send("/logout")
    browser.open("/")
    assert browser.all("[name=password]"), "control: a form of the application itself, which checks no origin"


def test_forged_return_to_leads_home(visitor, site):
    """R77."""
    browser, driver = visitor.browser, visitor.browser.driver
    site.pages["/"] = FORM
    VirtualAuthenticator(browser, transport="internal", resident_keys=True)
    visitor.add_passkey()

    def lands_at(target: str) -> str:
        browser.open(f"/mfa/factor?purpose=manage-factors&return_to={quote(target, safe='')}")
        links = [link.get_attribute("href") for link in browser.all("main a[href]")]
        assert all(link.startswith(browser.url + "/") for link in links), links
        visitor.press("/factor/passkey")
        return driver.current_url

    host = urlsplit(browser.url).netloc
    for target in AWAY:
        target = target.replace("HOST", host).replace("EVIL", site.url + "/")
        assert lands_at(target) == browser.url + "/", target
    own = "/mfa/account?next=//evil.localhost"
    assert lands_at(own) == browser.url + own, "control"


def test_pending_login_moves_to_no_other_browser(application, visitor, tmp_path):
    """R76: neither to a browser of another kind, nor past the factor."""
    visitor.add_app()
    visitor.sign_out()
    visitor.sign_in()
    stolen = [cookie for cookie in visitor.browser.driver.get_cookies() if cookie["name"].startswith("challenges_")]
    assert "challenges_login" in [cookie["name"] for cookie in stolen], stolen
    for agent, is_asked in [(FIREFOX, False), (None, True)]:
        with Browser(application.url, tmp_path / str(is_asked), "thief") as browser:
            if agent is not None:
                browser.driver.execute_cdp_cmd("Network.setUserAgentOverride", {"userAgent": agent})
            browser.open("/login")
            for cookie in stolen:
                browser.driver.add_cookie(cookie)
            browser.open("/mfa/factor")
            assert bool(browser.all("[name=code]")) == is_asked, agent
            browser.open("/login/finish")
            browser.open("/")
            assert not browser.all("#user")
    visitor.answer_by_app()
    assert visitor.is_signed_in(), "control"
