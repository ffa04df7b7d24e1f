"""What happened, written in the same transaction as what it changed, and handed on after the commit.

An event may have three kinds of subscribers, all named in ``app/subscribers.py``: *now* (in the same transaction, so
that both happen or neither), *live* (tell open browsers; run by processes that can reach sockets) and *work* (start
jobs, plan deliveries; run by workers). Live and work rows are claimed with a lease and deleted when done, so a killed
process loses nothing; handlers must bear running twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

import structlog
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Index, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import JSON

from app.core.clock import Clock
from app.core.db import Base, Database, EnumText, Id

log = structlog.get_logger(__name__)

#: How long a claimed row is left to its claimer, before somebody else may take it, unless the caller says otherwise.
LEASE = timedelta(seconds=60)
#: After so many failures a row is kept, but no longer tried; ``qiao doctor`` counts it.
MAX_ATTEMPTS = 15


class Event(BaseModel):
    """Something that happened, past tense. Ids only; whoever handles it reads the rest as it is then."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[str]


class Lane(StrEnum):
    LIVE = "live"
    WORK = "work"


class OutboxRow(Base):
    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_lane_available_at", "lane", "available_at", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    lane: Mapped[Lane] = mapped_column(EnumText(Lane))
    name: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON())
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)


NowHandler = Callable[[Session, Any, datetime], None]
LaterHandler = Callable[[Any], None]


@dataclass(frozen=True)
class Subscribers:
    """The table "event → functions". ``now`` handlers get the session, the event and the time; the lanes only say
    which events they want."""

    now: Mapping[type[Event], Sequence[NowHandler]] = field(default_factory=dict)
    live: frozenset[type[Event]] = frozenset()
    work: frozenset[type[Event]] = frozenset()

    def lanes_of(self, event_type: type[Event]) -> list[Lane]:
        return [lane for lane, wanted in ((Lane.LIVE, self.live), (Lane.WORK, self.work)) if event_type in wanted]


def record(session: Session, event: Event, *, now: datetime) -> None:
    """Run the event's *now* subscribers and write its rows for the lanes. Nothing leaves before the commit."""
    subscribers: Subscribers = session.info.get("subscribers", Subscribers())
    for handler in subscribers.now.get(type(event), ()):
        handler(session, event, now)
    for lane in subscribers.lanes_of(type(event)):
        payload = event.model_dump(mode="json")
        session.add(OutboxRow(lane=lane, name=event.name, payload=payload, created_at=now, available_at=now))
        session.info["has_events"] = True


@dataclass(frozen=True)
class _Claimed:
    id: int
    name: str
    payload: dict[str, Any]
    attempts: int


class Dispatcher:
    """Hands the rows of one lane to their handlers, in order of recording, at least once."""

    def __init__(
        self,
        database: Database,
        lane: Lane,
        handlers: Mapping[type[Event], Sequence[LaterHandler]],
        *,
        clock: Clock,
        lease: timedelta = LEASE,
    ) -> None:
        self._database = database
        self._lane = lane
        self._clock = clock
        self._lease = lease
        self._types = {event_type.name: event_type for event_type in handlers}
        self._handlers = handlers

    def drain(self, *, limit: int = 100) -> int:
        """Handle what is due until nothing is left; the number of rows handled."""
        handled = 0
        while claimed := self._claim(limit):
            done = [row.id for row in claimed if self._handle(row)]
            if done:
                with self._database.transaction() as session:
                    session.execute(delete(OutboxRow).where(OutboxRow.id.in_(done)))
            handled += len(claimed)
        return handled

    def _claim(self, limit: int) -> list[_Claimed]:
        now = self._clock()
        due = (
            select(OutboxRow.id)
            .where(OutboxRow.lane == self._lane, OutboxRow.available_at <= now, OutboxRow.attempts < MAX_ATTEMPTS)
            .order_by(OutboxRow.id)
            .limit(limit)
        )
        with self._database.reading() as session:
            # A cheap look first: an idle poll must not take the write lock of SQLite.
            if session.scalar(due.limit(1)) is None:
                return []
        with self._database.transaction() as session:
            ids = list(session.scalars(due.with_for_update(skip_locked=True)))
            if not ids:
                return []
            rows = session.execute(
                update(OutboxRow)
                .where(OutboxRow.id.in_(ids))
                .values(available_at=now + self._lease, attempts=OutboxRow.attempts + 1)
                .returning(OutboxRow.id, OutboxRow.name, OutboxRow.payload, OutboxRow.attempts)
            ).all()
        return sorted((_Claimed(*row) for row in rows), key=lambda row: row.id)

    def _handle(self, row: _Claimed) -> bool:
        event_type = self._types.get(row.name)
        if event_type is None:
            # Written by another version; nobody here wants it.
            return True
        event = event_type(**row.payload)
        try:
            for handler in self._handlers[event_type]:
                handler(event)
        except Exception:
            log.exception("outbox.failed", lane=self._lane.value, event_name=row.name, attempts=row.attempts)
            delay = timedelta(seconds=min(300, 2**row.attempts))
            with self._database.transaction() as session:
                session.execute(
                    update(OutboxRow).where(OutboxRow.id == row.id).values(available_at=self._clock() + delay)
                )
            return False
        return True


def count_dead_rows(session: Session) -> int:
    """Rows that failed so often that they are no longer tried."""
    return session.scalar(select(func.count()).where(OutboxRow.attempts >= MAX_ATTEMPTS)) or 0
