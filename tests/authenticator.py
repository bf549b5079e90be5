"""A user's authenticator app: codes by RFC 6238, made by pyotp."""

import time

import pyotp

STEP_SECONDS = 30
# A request may arrive this long after its code was computed.
TRAVEL_SECONDS = 5


class Authenticator:
    """Hands out each code once, oldest first, so that three fit into a window of one step each way."""

    def __init__(self, key: str):
        self._totp = pyotp.TOTP(key)
        self._last_step = 0

    def next_code(self) -> str:
        """A code that the server has not seen and must accept; waits for the clock only after three in a row."""
        oldest = int((time.time() + TRAVEL_SECONDS) // STEP_SECONDS) - 1
        step = max(oldest, self._last_step + 1)
        while step > time.time() // STEP_SECONDS + 1:
            time.sleep(0.1)
        self._last_step = step
        return self._totp.generate_otp(step)

    def current_code(self) -> str:
        """The code on the display now, whether used or not."""
        return self._totp.now()

    def wrong_codes(self, count: int) -> list[str]:
        """Distinct well-formed codes that no step near now has."""
        now = int(time.time() // STEP_SECONDS)
        near = {self._totp.generate_otp(step) for step in range(now - 4, now + 20)}
        numbers = (f"{number:06}" for number in range(1_000_000))
        candidates = (code for code in numbers if code not in near)
        return [next(candidates) for _ in range(count)]
