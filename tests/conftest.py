import pytest

# pytest rewrites the assertions of modules registered before their first import.
pytest.register_assert_rewrite(
    "browser", "client", "crowd", "customer", "demo", "inspector", "mounted", "person", "postgres_server", "receiver",
    "redis_server", "security_key", "spoken", "stores", "visitor", "waiting", "wire",
)

from settings import FRAMEWORKS, FULL  # noqa: E402
from stores import ALL, DURABLE, SHARED, STORES  # noqa: E402

DIMENSIONS = {"framework": FRAMEWORKS, "store": ALL, "durable_store": DURABLE, "shared_store": SHARED}


def pytest_collection_modifyitems(config, items):
    """Deselects the tests that need CHALLENGES_FULL=1; see settings.py."""
    if FULL:
        return
    chosen = [item for item in items if item.get_closest_marker("smoke") or on_the_first_of_each(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def on_the_first_of_each(item) -> bool:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    names = DIMENSIONS.keys() - {"framework"} if item.get_closest_marker("every_framework") else DIMENSIONS
    return all(parameters.get(name, DIMENSIONS[name][0]) == DIMENSIONS[name][0] for name in names)


@pytest.fixture(scope="session", params=FRAMEWORKS)
def framework(request):
    return request.param


@pytest.fixture(scope="session", params=ALL)
def store(request):
    return request.param


@pytest.fixture(scope="session", params=DURABLE)
def durable_store(request):
    """A store whose records survive a kill of the demo."""
    return request.param


@pytest.fixture(scope="session", params=SHARED)
def shared_store(request):
    """A store that several demos can share."""
    return request.param


@pytest.fixture(scope="session", autouse=True)
def servers():
    """Stops the servers of the stores at the end."""
    yield
    STORES.close()
