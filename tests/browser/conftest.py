import pytest

from browser import Browser
from demo import Demo


@pytest.fixture(scope="session")
def demo(framework, tmp_path_factory):
    with Demo(framework, "memory", tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def browser(demo, tmp_path):
    """A browser that never saw the demo before."""
    with Browser(demo.public_url, tmp_path, demo.framework) as browser:
        yield browser
        browser.assert_clean()
