"""Waiting for a condition, with a time limit."""

import time
from collections.abc import Callable

PAUSE_SECONDS = 0.05


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(PAUSE_SECONDS)
