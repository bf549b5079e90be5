"""An authenticator app (RFC 6238) on top of pyotp."""

import time

import pyotp

STEP_SECONDS = 30
# The longest time from computing a code to its arrival at the server.
TRAVEL_SECONDS = 5


class Authenticator:
    """Returns each code once, oldest first. A window of one step each way holds three codes."""

    def __init__(self, key: str):
        self._totp = pyotp.TOTP(key)
        self._last_step = 0

    def next_code(self) -> str:
        """Returns an unused code that the server must accept. Waits for the clock after three codes in a row."""
        oldest = int((time.time() + TRAVEL_SECONDS) // STEP_SECONDS) - 1
        step = max(oldest, self._last_step + 1)
        while step > time.time() // STEP_SECONDS + 1:
            time.sleep(0.1)
        self._last_step = step
        return self._totp.generate_otp(step)

    def current_code(self) -> str:
        """Returns the code of the current time step, used or not."""
        return self._totp.now()

    def wrong_codes(self, count: int) -> list[str]:
        """Returns distinct well-formed codes that match no time step near now."""
        now = int(time.time() // STEP_SECONDS)
        near = {self._totp.generate_otp(step) for step in range(now - 4, now + 20)}
        numbers = (f"{number:06}" for number in range(1_000_000))
        candidates = (code for code in numbers if code not in near)
        return [next(candidates) for _ in range(count)]
