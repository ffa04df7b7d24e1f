"""Open connections: who is behind each, what it has joined, and how fast it may talk.

The request of a socket event is the one of the handshake, so nothing about the person is taken from it later: the
account is read again for every event, and a revoked token or a suspension takes effect at once.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from app.accounts.queries import find_account, find_account_by_token
from app.core.actor import NOBODY, Actor
from app.core.errors import ForbiddenError, NotAuthenticatedError, TooManyRequestsError
from app.interpreting.queries import build_actor
from app.runtime import Runtime
from translation.languages import LanguageTag

#: Threads that one connection may have open; a browser shows one or two.
MAX_JOINED: Final = 20
#: Events of one connection: so many at once, and so many a second in the long run.
EVENT_BURST: Final = 40
EVENTS_PER_SECOND: Final = 10.0
#: Callers whose pace is remembered before those who have long been quiet are forgotten.
_MAX_REMEMBERED: Final = 10_000


class TokenInvalidError(NotAuthenticatedError):
    """The token is unknown, expired or revoked, or its owner is suspended."""

    code = "accounts.token_invalid"


class Pace:
    """A token bucket: ``burst`` at once, refilled with ``per_second``. Times are monotonic seconds."""

    def __init__(self, *, burst: float, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._left = burst
        self._seen = time.monotonic()

    def take(self) -> None:
        """Raises :class:`TooManyRequestsError` with the seconds until there is room again."""
        self._refill()
        if self._left < 1:
            raise TooManyRequestsError(retry_after_seconds=(1 - self._left) / self._per_second)
        self._left -= 1

    def is_rested(self) -> bool:
        self._refill()
        return self._left >= self._burst

    def _refill(self) -> None:
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._seen) * self._per_second)
        self._seen = now


@dataclass
class Connection:
    """One open socket. ``languages`` are the languages in which the joined threads are read, by thread."""

    sid: str
    token: str | None
    account_id: int | None
    pace: Pace = field(default_factory=lambda: Pace(burst=EVENT_BURST, per_second=EVENTS_PER_SECOND))
    languages: dict[int, LanguageTag] = field(default_factory=dict)


class Connections:
    """The connections of this process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._open: dict[str, Connection] = {}
        self._writing: dict[int, Pace] = {}

    def open(self, connection: Connection) -> None:
        with self._lock:
            self._open[connection.sid] = connection

    def close(self, sid: str) -> Connection | None:
        with self._lock:
            return self._open.pop(sid, None)

    def get(self, sid: str) -> Connection:
        with self._lock:
            connection = self._open.get(sid)
        if connection is None:
            raise NotAuthenticatedError
        return connection

    def load_actor(self, session: Session, connection: Connection) -> Actor:
        """Who it is now. Raises :class:`TokenInvalidError`, or :class:`ForbiddenError` for the suspended."""
        if connection.token is not None:
            account = find_account_by_token(session, connection.token, now=self._runtime.clock())
            if account is None:
                raise TokenInvalidError
        elif connection.account_id is not None:
            account = find_account(session, connection.account_id)
        else:
            return NOBODY
        if account is None:
            return NOBODY
        if account.suspended_at is not None:
            raise ForbiddenError(reason="accounts.suspended")
        return build_actor(session, account)

    def take_write(self, account_id: int) -> None:
        """Count a post of this person, over all connections. Raises :class:`TooManyRequestsError`."""
        with self._lock:
            if len(self._writing) > _MAX_REMEMBERED:
                self._writing = {known: pace for known, pace in self._writing.items() if not pace.is_rested()}
            limit = self._runtime.settings.writes_per_minute
            self._writing.setdefault(account_id, Pace(burst=limit, per_second=limit / 60)).take()
