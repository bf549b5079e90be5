import itertools

import pytest

import client
from demo import TOKEN, Demo
from receiver import Receiver, authority
from settings import FULL
from visitor import Visitor
from wire import Wire

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def demo(framework, store, tmp_path_factory):
    """A server that tests share. Each test has users of its own."""
    with Demo(framework, store, tmp_path_factory.mktemp(store)) as demo:
        yield demo


@pytest.fixture
def durable(framework, durable_store, tmp_path):
    """A server of one test, which may stop, kill and restart the server."""
    with Demo(framework, durable_store, tmp_path) as demo:
        yield demo


@pytest.fixture(scope="session")
def certified(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def gateway():
    with Receiver(status=200) as gateway:
        yield gateway


@pytest.fixture
def service(certified):
    """A push service."""
    with Receiver(certified[0]) as service:
        yield service


@pytest.fixture
def outgoing(framework, store, tmp_path, certified, gateway):
    """A server of one test, whose messages reach `gateway` and `service`."""
    arguments = ["--allow-private-network", "--sms-gateway", f"{gateway.url}/messages"]
    trust = {"SSL_CERT_FILE": str(certified[1])}
    with Demo(framework, store, tmp_path, arguments=arguments, environment=trust) as demo:
        yield demo


@pytest.fixture
def site(outgoing, user):
    """The browser of `user`, who has just signed up."""
    site = Visitor(outgoing.url, user)
    site.sign_up()
    return site


@pytest.fixture
def api(demo):
    """The real client with a valid token."""
    return client.connect(demo.url, TOKEN)


@pytest.fixture
def creator(demo):
    """The real client with a valid token in every request, replacements as well."""
    return client.connect_as_creator(demo.url, TOKEN)


@pytest.fixture
def anonymous(demo):
    """The real client without a token."""
    return client.connect(demo.url)


@pytest.fixture
def wire(demo):
    wire = Wire(demo.url, TOKEN)
    yield wire
    wire.close()


@pytest.fixture
def user():
    return f"user-{next(numbers)}@example.com"


@pytest.fixture
def other():
    return f"other-{next(numbers)}@example.com"


@pytest.fixture
def new_number():
    """Returns unused phone numbers. On a shared store, the limits of a number count over all tests."""
    return lambda: f"+1555010{next(numbers):04}"


@pytest.fixture
def number(new_number):
    return new_number()


@pytest.fixture
def code_challenge(api, user):
    """An issued challenge of type code, with answer data."""
    return api.create_challenge(client.challenge(user, "code", answer_data={"ticket": "T-1000"}))


@pytest.fixture
def full():
    """Skips the test unless CHALLENGES_FULL=1."""
    if not FULL:
        pytest.skip("takes minutes: run ./test.sh --full")
