import itertools

import pytest

from authenticator import Authenticator
from browser import Browser
from demo import Demo
from home_page import entries
from receiver import Receiver

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def gateway():
    """Receives the text messages of every demo."""
    with Receiver(status=200) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def demo(framework, store, gateway, tmp_path_factory):
    arguments = ["--allow-private-network", "--confirm-actions", "--sms-gateway", gateway.url]
    with Demo(framework, store, tmp_path_factory.mktemp("demo"), arguments=arguments) as demo:
        yield demo


@pytest.fixture
def browser(demo, tmp_path):
    """A browser with a new profile."""
    with Browser(demo.public_url, tmp_path, f"{demo.framework}-{demo.store}") as browser:
        yield browser
        browser.assert_clean()


@pytest.fixture
def signed_in(browser):
    browser.open()
    browser.fill_in("#sign-in", "#user-name", f"Ann Lee {next(numbers)}")
    browser.element("#enroll-totp")
    return browser


@pytest.fixture
def enrolled(signed_in):
    """The page of a user with an authenticator app, and that app."""
    signed_in.click("#enroll-totp")
    authenticator = Authenticator(signed_in.text("#totp-key").replace(" ", ""))
    signed_in.fill_in("#confirm-totp", "#totp-code", authenticator.next_code())
    signed_in.until(lambda: entries(signed_in) == 1 and not signed_in.shows("#confirm-totp"))
    return signed_in, authenticator
