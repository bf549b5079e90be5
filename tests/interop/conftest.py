import itertools

import pytest

import client
from demo import TOKEN, Demo
from settings import DURABLE_STORES, FULL, STORES
from wire import Wire

numbers = itertools.count(1)


@pytest.fixture(scope="session", params=STORES)
def demo(framework, request, tmp_path_factory):
    """A server that the tests share: each uses its own users."""
    with Demo(framework, request.param, tmp_path_factory.mktemp(request.param)) as demo:
        yield demo


@pytest.fixture(params=DURABLE_STORES)
def durable(framework, request, tmp_path):
    """A server of this test alone, which it may stop, kill and start again."""
    with Demo(framework, request.param, tmp_path) as demo:
        yield demo


@pytest.fixture
def api(demo):
    """The real client with the right token."""
    return client.connect(demo.url, TOKEN)


@pytest.fixture
def anonymous(demo):
    """The real client without any token."""
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
    """An issued challenge that a code answers, with data for whoever does."""
    return api.create_challenge(client.challenge(user, "code", answer_data={"ticket": "T-1000"}))


@pytest.fixture
def full():
    """Whether the long loops were asked for; without them the test is skipped."""
    if not FULL:
        pytest.skip("takes long: run ./test.sh --full")
