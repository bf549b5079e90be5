import itertools

import pytest

from browser import Browser
from customer import Customer, Gateway
from demo import Demo
from mounted import Application, Visitor
from receiver import Receiver

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def gateway():
    """Receives the text messages of every demo."""
    with Receiver(status=200) as receiver:
        yield Gateway(receiver)


@pytest.fixture(scope="session")
def arguments(gateway):
    return ["--allow-private-network", "--confirm-actions", "--sms-gateway", gateway.url]


@pytest.fixture(scope="session")
def demo(framework, store, arguments, tmp_path_factory):
    with Demo(framework, store, tmp_path_factory.mktemp("demo"), arguments) as demo:
        yield demo


@pytest.fixture(scope="session")
def application():
    """The application with nothing but the pages."""
    with Application() as application:
        yield application


@pytest.fixture
def new_demo(framework, store, arguments, tmp_path):
    """A demo without users. The first one to sign up works for support."""
    with Demo(framework, store, tmp_path, arguments) as demo:
        yield demo


@pytest.fixture
def browser(demo, tmp_path, request):
    """A browser with a new profile."""
    with Browser(demo.public_url, tmp_path, request.node.originalname) as browser:
        yield browser
        browser.assert_clean()


@pytest.fixture
def customer(browser, gateway):
    """A customer who has just signed up, at the overview of the account."""
    customer = Customer(browser, f"Ann Lee {next(numbers)}", gateway)
    customer.sign_up()
    return customer


@pytest.fixture
def enrolled(customer):
    """A customer with an authenticator app."""
    customer.add_app()
    return customer


@pytest.fixture
def visitor(application, browser, request):
    """A user of the application who has just signed in. The module opens `browser` there."""
    visitor = Visitor(application, browser, f"Ann {request.node.name}")
    visitor.sign_in()
    browser.element("#user")
    return visitor
