"""The routing table in memory, for engines that ask for it at every batch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core.clock import Clock, utc_now
from app.core.db import Database
from app.core.errors import UnavailableError
from app.core.loop import LoopThread, wait_natively
from app.core.native import make_native_lock
from translation.engines.routing import RoutingTable
from translation.routing.published import PUBLISHED_TABLE
from translation.routing.queries import load_table

log = structlog.get_logger(__name__)

#: How long a native thread waits for the very first reading.
_FIRST_SECONDS: Final = 10


class CachedTable:
    """Call it for the routing table, at most ``ttl_seconds`` old. Make it on the event loop's thread.

    Thread-safe, and it never fails: while one caller reads the database the others go on with the last table, and so do
    all while the database is away. Before the first reading that is the table of published figures. So a decision of an
    operator is followed within ``ttl_seconds`` in every process. Native threads beside the loop leave the reading to
    it, and wait for the first one only, lest a rule be overlooked.
    """

    def __init__(self, database: Database, *, ttl_seconds: float = 5, clock: Clock = utc_now) -> None:
        self._database = database
        self._ttl = timedelta(seconds=ttl_seconds)
        self._clock = clock
        self._loop = LoopThread()
        self._table = PUBLISHED_TABLE
        self._due: datetime | None = None
        self._was_read = False
        self._reading = make_native_lock()

    def __call__(self) -> RoutingTable:
        if self._is_due():
            if self._loop.is_here():
                self._read()
            else:
                self._loop.spawn(self._read)
                if not self._was_read:
                    wait_natively(lambda: self._was_read, seconds=_FIRST_SECONDS)
        return self._table

    def _is_due(self) -> bool:
        return self._due is None or self._clock() >= self._due

    def _read(self) -> None:
        # Nobody waits here: a caller may hold a database connection that the reader needs.
        if not self._reading.acquire(blocking=False):
            return
        try:
            if not self._is_due():
                return
            # Set first: a database that is away is asked once in a while, not by everybody all the time.
            self._due = self._clock() + self._ttl
            with self._database.reading() as session:
                self._table = load_table(session)
        except (UnavailableError, SQLAlchemyError):
            # Also before the first ``qiao db upgrade``, when there is no such table.
            log.warning("routing.table_not_read")
        finally:
            self._was_read = True
            self._reading.release()
