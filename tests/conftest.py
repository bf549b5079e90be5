import pytest

from settings import FRAMEWORKS

pytest.register_assert_rewrite("browser", "client", "crowd", "demo", "security_key", "waiting", "wire")


@pytest.fixture(scope="session", params=FRAMEWORKS)
def framework(request):
    return request.param
