"""The contents of a signed-in user's home page."""

ISSUED, PASSED, DECLINED = "issued", "challenge_passed", "challenge_declined"


def entries(page, of: str = "#enrollments") -> int:
    return len(page.all(f"{of} > *"))


def states(page) -> list[str]:
    return [item.get_attribute("data-state") for item in page.all("#challenges [data-state]")]


def states_become(page, *expected: str) -> None:
    """Waits until the page lists exactly these states, in any order, without a reload."""
    page.until(lambda: sorted(states(page)) == sorted(expected))


def changed(text: str, before: str) -> str | None:
    return text if text and text != before else None
