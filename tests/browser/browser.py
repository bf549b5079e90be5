"""Headless Chromium, with checks that hold for every page."""

import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

WAIT_SECONDS = 20
SCRIPT_SECONDS = 300
DESKTOP = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
# Chromium logs the status of a page with a refused form, of a page that does not exist, or of one for others.
REFUSALS = (400, 401, 403, 404, 409, 422)
NETWORK_SCHEMES = ("http", "https", "ws", "wss", "ftp")
IGNORED = (NoSuchElementException, StaleElementReferenceException)
SCREENSHOTS = os.environ.get("SCREENSHOTS")

# A preference of profiles.
WITHOUT_SCRIPT = {"profile.managed_default_content_settings.javascript": 2}
FLAGS = [
    "--headless=new",
    "--window-size=1280,800",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

DRAWN = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"
LINKS = """
    return [...document.querySelectorAll("[src], [href], [action], [formaction]")]
        .flatMap(element => [element.src, element.href, element.action, element.formAction])
        .filter(link => typeof link === "string" && link !== "");
"""


class Browser:
    """A Chromium with a new profile, as a context manager. Names of screenshots start with `pictures`."""

    def __init__(self, url: str, profile: Path, pictures: str, preferences: dict | None = None):
        self.url, self._pictures = url, pictures
        options = ChromeOptions()
        options.binary_location = executable("chromium")
        for flag in [*FLAGS, f"--user-data-dir={profile / 'chromium'}"]:
            options.add_argument(flag)
        options.add_experimental_option("prefs", preferences or {})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = Chrome(options=options, service=Service(executable("chromedriver")))
        # axe-core takes a minute where many tests share a processor.
        self.driver.set_script_timeout(SCRIPT_SECONDS)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_) -> None:
        self.driver.quit()

    def open(self, path: str = "/") -> None:
        self.driver.get(self.url + path)

    def element(self, selector: str) -> WebElement:
        """Returns the first visible element, and waits for one."""
        return self.until(lambda: next((found for found in self.all(selector) if found.is_displayed()), None))

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def shows(self, selector: str) -> bool:
        return any(found.is_displayed() for found in self.all(selector))

    def text(self, selector: str) -> str:
        return self.element(selector).text.strip()

    def click(self, selector: str) -> None:
        self.element(selector).click()

    def until(self, value):
        """Calls `value` until the result is true, and returns the result. Missing and replaced elements count as false."""
        return WebDriverWait(self.driver, WAIT_SECONDS, 0.05, IGNORED).until(lambda _: value())

    def run_before_pages(self, script: str) -> None:
        """Runs `script` in each page from now on, before the scripts of the page."""
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    def accept_languages(self, languages: str) -> None:
        """Sets the languages of requests from this tab."""
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": languages}})

    @contextmanager
    def new_tab(self):
        """Opens another tab, and closes the tab at the end."""
        first = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        yield
        self.driver.close()
        self.driver.switch_to.window(first)

    def assert_local_links(self) -> None:
        for link in self.driver.execute_script(LINKS):
            assert is_local(link), link

    def resize(self, metrics: dict) -> None:
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.execute_async_script(DRAWN)

    def assert_no_sideways_scrolling(self, width: int) -> None:
        script = "return [innerWidth, document.documentElement.scrollWidth, document.body.scrollWidth]"
        assert max(self.driver.execute_script(script)) <= width

    def picture(self, name: str) -> None:
        if not SCREENSHOTS:
            return
        Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
        assert self.driver.save_screenshot(str(Path(SCREENSHOTS) / f"{self._pictures}-{name}.png"))

    def assert_clean(self, refusals: tuple[int, ...] = REFUSALS) -> None:
        """Asserts that no request left this machine and that the console holds no errors but these statuses."""
        requested = [event["params"]["request"]["url"] for event in self._events("Network.requestWillBeSent")]
        assert any(url.startswith(self.url) for url in requested), "the browser's requests were not seen"
        assert [url for url in requested if not is_local(url)] == []
        errors = [entry for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        assert [entry for entry in errors if not is_refusal(entry, refusals)] == []

    def _events(self, method: str):
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == method:
                yield message


def executable(name: str) -> str:
    path = shutil.which(name)
    assert path, f"{name} is not installed"
    return path


def is_local(url: str) -> bool:
    """Returns True for this machine and for the browser's own schemes, such as `data:` and `chrome:`."""
    address = urlsplit(url)
    return address.scheme not in NETWORK_SCHEMES or address.hostname in ("localhost", "127.0.0.1")


def is_refusal(entry: dict, statuses: tuple[int, ...]) -> bool:
    """Returns True for a status that Chromium logs, and that a refused answer or change causes."""
    return entry["source"] == "network" and any(f"status of {status}" in entry["message"] for status in statuses)
