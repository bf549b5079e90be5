import itertools

import pytest

import client
from demo import TOKEN, Demo
from settings import FULL
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
def code_challenge(api, user):
    """An issued challenge of type code, with answer data."""
    return api.create_challenge(client.challenge(user, "code", answer_data={"ticket": "T-1000"}))


@pytest.fixture
def full():
    """Skips the test unless CHALLENGES_FULL=1."""
    if not FULL:
        pytest.skip("takes minutes: run ./test.sh --full")
