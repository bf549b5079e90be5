"""The page as a screen reader gets it: the accessibility tree of Chromium."""

from dataclasses import dataclass

from browser import Browser

# The role of each visible control, by its element.
SHOWN = """
    const roles = { A: "link", BUTTON: "button", SELECT: "combobox", TEXTAREA: "textbox", SUMMARY: "DisclosureTriangle" };
    const role = (element) => roles[element.tagName] ?? (element.type === "checkbox" ? "checkbox" : "textbox");
    return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
        .filter(element => element.checkVisibility()).map(role);
"""
CONTROLS = ("link", "button", "combobox", "textbox", "checkbox", "DisclosureTriangle")
FIELDS = ("textbox", "checkbox", "combobox")


@dataclass(frozen=True)
class Spoken:
    """What a screen reader says of an element."""

    role: str
    name: str
    description: str
    properties: dict

    @classmethod
    def of(cls, node: dict) -> "Spoken":
        text = {part: node.get(part, {}).get("value", "").strip() for part in ("role", "name", "description")}
        return cls(**text, properties={each["name"]: each["value"].get("value") for each in node.get("properties", [])})


def spoken(browser: Browser) -> list[Spoken]:
    """Returns the elements in the order of the page."""
    browser.driver.execute_cdp_cmd("Accessibility.enable", {})
    nodes = browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}
    found, pending = [], [nodes[0]]
    while pending:
        node = pending.pop()
        if not node["ignored"]:
            found.append(Spoken.of(node))
        pending += [by_id[child] for child in reversed(node.get("childIds", [])) if child in by_id]
    return found


def assert_spoken(browser: Browser) -> None:
    """Asserts the title, the order of headings, the name and role of each control, and the error of a wrong field."""
    page, *elements = spoken(browser)
    headings = [element for element in elements if element.role == "heading"]
    levels = [heading.properties["level"] for heading in headings]
    assert all(heading.name for heading in headings), headings
    assert levels[:1] == [1] and levels.count(1) == 1, levels
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:])), f"a level is left out: {levels}"
    assert page.name.startswith(headings[0].name), f"the title {page.name!r} is not the heading {headings[0].name!r}"

    controls = [element for element in elements if element.role in CONTROLS]
    assert sorted(control.role for control in controls) == sorted(browser.driver.execute_script(SHOWN)), controls
    nameless = [control for control in controls if not control.name]
    assert nameless == [], f"without a name: {nameless}"
    names = [control.name for control in controls if control.role in FIELDS and control.role != "checkbox"]
    assert len(names) == len(set(names)), f"fields of one name: {names}"
    alerts = [element.text for element in browser.all("[role=alert]") if element.is_displayed() and element.text]
    assert [element.role for element in elements].count("alert") >= len(alerts), alerts
    for field in controls:
        if field.properties.get("invalid", "false") != "false":
            assert any(alert in field.description for alert in alerts), f"the error is not told at {field}: {alerts}"
