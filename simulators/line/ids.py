"""Identifiers in the forms LINE gives them, and the clock a test can turn."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds since the epoch."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now: float | None = None) -> None:
        self._now = time.time() if now is None else now

    def __call__(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


def user_id_for(name: str) -> str:
    """The user ID that belongs to a name: the same in every run, so that a bot's database knows its users again."""
    return "U" + hashlib.sha256(name.encode()).hexdigest()[:32]


class IdSource:
    """Hands out message ids, event ids and tokens. Not safe across threads: the state calls it under its lock."""

    def __init__(self, clock: Clock, seed: int | None = None) -> None:
        self._clock = clock
        # Without a seed no two runs hand out the same ids: a bot's database must not see them twice.
        self._random = random.Random(seed)
        self._last_message = 0

    def message_id(self) -> str:
        """18 digits as a string, growing with time."""
        self._last_message = max(self._last_message + 1, int(self._clock() * 1000) * 10**5)
        return str(self._last_message)

    def event_id(self) -> str:
        """A ULID: 48 bits of milliseconds and 80 random bits in Crockford's base 32."""
        value = (int(self._clock() * 1000) << 80) | self._random.getrandbits(80)
        return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))

    def token(self, length: int = 32) -> str:
        """A reply, quote, link or mark-as-read token."""
        return "".join(self._random.choices("0123456789abcdef", k=length))

    def request_id(self) -> str:
        """The value of `X-Line-Request-Id`, a UUID."""
        digits = self.token(32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
