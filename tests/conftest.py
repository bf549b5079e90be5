import pytest

# Before anything imports one of them.
pytest.register_assert_rewrite(
    "browser", "client", "crowd", "demo", "receiver", "redis_server", "security_key", "stores", "visitor", "waiting", "wire"
)

from settings import FRAMEWORKS  # noqa: E402
from stores import STORES  # noqa: E402


@pytest.fixture(scope="session", params=FRAMEWORKS)
def framework(request):
    return request.param


@pytest.fixture(scope="session", autouse=True)
def servers():
    """Ends what the stores started."""
    yield
    STORES.close()
