import pytest

pytest.register_assert_rewrite("browser", "client", "crowd", "demo", "security_key", "waiting", "wire")
