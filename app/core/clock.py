"""The time, as an argument that tests can set. Always aware, always UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

#: Anything that says what time it is.
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)
