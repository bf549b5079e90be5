"""Checks for every page that a person sees: accessibility, names, sizes, color schemes and the keyboard."""

import importlib.util
from pathlib import Path

from selenium.webdriver.common.keys import Keys

from browser import DESKTOP, PHONE, Browser
from spoken import assert_spoken

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


class Inspector:
    """Checks every page that a visitor sees: axe-core, names for screen readers, sizes, color schemes and the keyboard."""

    def __init__(self, browser: Browser, looks: list[tuple[str, str]]):
        package = importlib.util.find_spec("axe_playwright_python").submodule_search_locations[0]
        self._axe = (Path(package) / "axe.min.js").read_text()
        self._browser, self._looks = browser, looks
        self.seen: list[str] = []

    def look(self, name: str) -> None:
        self.seen.append(name)
        browser = self._browser
        browser.assert_local_links()
        assert_spoken(browser)
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
