"""What the page of a signed-in user shows."""

ISSUED, PASSED, DECLINED = "issued", "challenge_passed", "challenge_declined"


def entries(page, of: str = "#enrollments") -> int:
    return len(page.all(f"{of} > *"))


def states(page) -> list[str]:
    return [item.get_attribute("data-state") for item in page.all("#challenges [data-state]")]


def states_become(page, *expected: str) -> None:
    """The list comes to show exactly these, in whatever order, without a reload."""
    page.until(lambda: sorted(states(page)) == sorted(expected))


def changed(text: str, before: str) -> str | None:
    return text if text and text != before else None
