"""The application of `crates/challenges-axum/examples/pages.rs`, run as a child process, and a visitor's browser."""

import importlib.util
import itertools
import queue
import subprocess
import threading
from pathlib import Path

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from authenticator import Authenticator
from browser import DESKTOP, PHONE, Browser
from demo import BINARIES, START_SECONDS

NUMBERS = itertools.count()
# WCAG 2.2 up to AA, and the best practices of axe-core.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """
    const [tags, done] = arguments;
    axe.run({ runOnly: tags }).then(({ violations }) => done(violations.map(
        ({ id, help, nodes }) => [id, help, ...nodes.map(node => node.html)])), error => done(String(error)));
"""
FOCUSABLE = """
    return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")]
        .filter(element => element.checkVisibility()).length;
"""
FOCUSED = """
    const element = document.activeElement;
    if (element === null || element === document.body) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    document.stops ??= new Set();
    document.stops.add(element);
    return [element.outerHTML, outlineStyle, parseFloat(outlineWidth), document.stops.size];
"""


class Application:
    """The application, as a context manager. Its messages are printed in place of being sent."""

    def __enter__(self) -> "Application":
        binary = BINARIES / "examples" / "pages"
        self._process = subprocess.Popen([binary], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8")
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.url = self.next("listening on")
        return self

    def message(self, kind: str, number: str) -> str:
        """Returns the `code` or `link` of the next message to a phone number."""
        return self.next(f"{kind} for {number}:")

    def __exit__(self, *_) -> None:
        self._process.kill()
        self._process.wait()

    def next(self, kind: str) -> str:
        """Returns the rest of the next printed line that starts with `kind`."""
        while True:
            line = self._lines.get(timeout=START_SECONDS)
            if line.startswith(kind + " "):
                return line.removeprefix(kind + " ").strip()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._lines.put(line)


class Visitor:
    """A user of the application in a browser."""

    def __init__(self, application: Application, browser: Browser, name: str):
        self.application, self.browser, self.name = application, browser, name
        self.app: Authenticator | None = None
        self.number = f"+442079460{next(NUMBERS):03}"

    def open(self, path: str) -> None:
        self.browser.open(f"/mfa/{path}")

    def press(self, action: str, **fields: str) -> None:
        """Fills in the visible form that posts to a path ending with `action`, and submits it."""
        form = self.form(action)
        for name, value in fields.items():
            field = form.find_element(By.NAME, name)
            field.clear()
            field.send_keys(value)
        self.submit(form.find_element(By.CSS_SELECTOR, "button[type=submit]"))

    def form(self, action: str):
        return self.browser.element(f'form[action$="{action}"], form[action*="{action}?"]')

    def submit(self, control) -> None:
        """Presses a control that leads to another page, and waits for the page."""
        page = self.browser.driver.find_element(By.TAG_NAME, "html")
        control.click()
        self.browser.until(lambda: is_gone(page) and self.browser.all("h1"))

    def sign_in(self) -> None:
        self.browser.open("/login")
        self.browser.element("[name=name]").send_keys(self.name)
        self.submit(self.browser.element("form button"))

    def sign_out(self) -> None:
        self.browser.open("/")
        self.browser.click("form button")
        self.browser.element("[name=password]")

    def is_signed_in(self) -> bool:
        return self.browser.text("#user") == self.name

    def show_other_ways(self) -> None:
        for details in self.browser.all("details:not([open]) > summary"):
            details.click()

    def step_up(self) -> None:
        self.show_other_ways()
        self.press("/factor/totp", code=self.app.next_code())


class Inspector:
    """Checks every page that a visitor sees: axe-core, sizes, color schemes and the keyboard."""

    def __init__(self, browser: Browser, looks: list[tuple[str, str]]):
        package = importlib.util.find_spec("axe_playwright_python").submodule_search_locations[0]
        self._axe = (Path(package) / "axe.min.js").read_text()
        self._browser, self._looks = browser, looks
        self.seen: list[str] = []

    def look(self, name: str) -> None:
        self.seen.append(name)
        browser = self._browser
        for scheme, size in self._looks:
            feature = {"name": "prefers-color-scheme", "value": scheme}
            browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
            metrics = {"phone": PHONE, "desktop": DESKTOP}[size]
            browser.resize(metrics)
            browser.assert_no_sideways_scrolling(metrics["width"])
            browser.driver.execute_script(self._axe)
            violations = browser.driver.execute_async_script(RUN_AXE, TAGS)
            assert violations == [], f"{name}, {scheme}, {size}: {violations}"
            browser.picture(f"{name}-{scheme}-{size}")
        browser.resize(DESKTOP)

    def walk_by_keyboard(self) -> None:
        """Asserts that the tab key reaches every control, and that each shows its focus."""
        driver = self._browser.driver
        count = driver.execute_script(FOCUSABLE)
        driver.execute_script("document.activeElement?.blur(); document.stops = new Set()")
        if count == 0:
            return
        for _ in range(count + 2):
            driver.switch_to.active_element.send_keys(Keys.TAB)
            focused = driver.execute_script(FOCUSED)
            if focused is None:
                continue
            element, style, width, stops = focused
            assert style != "none" and width >= 2, element
            if stops == count:
                return
        raise AssertionError(f"the tab key reaches {driver.execute_script('return document.stops.size')} of {count}")


def is_gone(element) -> bool:
    try:
        element.is_enabled()
        return False
    except StaleElementReferenceException:
        return True
    except WebDriverException:
        # chromedriver fails in other ways while the next page loads.
        return False
