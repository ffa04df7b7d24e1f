"""A whole installation: a real database with the product's subscribers, people, and workers with a moody engine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final, TypeVar, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.actor import AccountKind, Actor, Role
from app.core.db import Database
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from app.core.outbox import Dispatcher, Lane, OutboxRow
from app.forum.models import Channel
from app.notifications.service import set_channel
from app.runtime import Runtime
from app.subscribers import build_work_handlers
from tests.conftest import TickingClock
from tests.people import make_interpreter, make_person
from tests.translation.stateful.cast import CARD, MoodyEngine
from tests.translation.stateful.checks import list_broken
from tests.translation.stateful.invariants import Moment
from tests.translation.stateful.ledger import Doer, Ledger
from tests.translation.stateful.snapshot import Snapshot, take_snapshot
from translation.engines.registry import EngineRegistry
from translation.glossary.models import Term
from translation.glossary.service import add_concept
from translation.models import EngineSet
from translation.service.budgets import Limits
from translation.service.verification import ChecksFailedError

T = TypeVar("T")

#: For how long a worker has what it took.
LEASE: Final = timedelta(seconds=60)
RICH: Final = Limits(per_hour=1_000_000, per_owner_hour=1_000_000)
#: What a text costs a few times over.
POOR: Final = Limits(per_hour=200, per_owner_hour=60)

#: The answers of the product that people get in the ordinary course of things.
_REFUSALS: Final = (ConflictError, ForbiddenError, InvalidInputError, NotFoundError, ChecksFailedError)


class World:
    """``readers`` write and read in one language each; of the ``interpreters`` the last is the only one for Khmer."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = TickingClock()
        self.engine = MoodyEngine()
        self.engines = {EngineSet.INSTALLED: EngineRegistry([self.engine]), EngineSet.DEMO: EngineRegistry([])}
        self.limits = RICH
        self.ledger = Ledger()
        self.before: Snapshot | None = None
        now = self.clock()
        self.readers = [
            make_person(db, now=now, reads=[reads], kind=kind)
            for reads, kind in (
                ("vi", AccountKind.RESIDENT),
                ("zh-Hant", AccountKind.CITIZEN),
                ("en", AccountKind.RESIDENT),
                ("km", AccountKind.RESIDENT),
            )
        ]
        self.interpreters = [
            make_interpreter(db, ("vi", "zh-Hant"), ("zh-Hant", "vi"), ("vi", "en"), ("en", "zh-Hant"), now=now),
            make_interpreter(db, ("vi", "zh-Hant"), ("zh-Hant", "en"), ("vi", "en"), ("en", "vi"), now=now),
            make_interpreter(
                db,
                *(("km", other) for other in ("zh-Hant", "en", "vi")),
                *((other, "km") for other in ("zh-Hant", "en", "vi")),
                now=now,
            ),
        ]
        self.moderator = make_person(db, now=now, roles=[Role.MODERATOR])
        with db.transaction() as session:
            for reader in (self.readers[0], self.readers[3]):
                account_id = cast(int, reader.account_id)
                set_channel(session, account_id=account_id, channel=Channel.LINE, is_active=True, now=now)
            concept = add_concept(session, actor_id=1, draft=CARD, now=now)
            self.terms = list(session.scalars(select(Term.id).where(Term.concept_id == concept.id).order_by(Term.id)))
        runtime = SimpleNamespace(db=db, clock=self.clock, jobs=SimpleNamespace(enqueue=lambda _name: None))
        handlers = build_work_handlers(cast(Runtime, runtime))
        self._dispatcher = Dispatcher(db, Lane.WORK, handlers, clock=self.clock)

    @property
    def people(self) -> list[Actor]:
        return [*self.readers, *self.interpreters]

    @property
    def only_khmer(self) -> Actor:
        return self.interpreters[-1]

    def attempt(self, deed: Callable[[Session], T]) -> T | None:
        """In a transaction; None where the product says no."""
        with suppress(*_REFUSALS), self.db.transaction() as session:
            return deed(session)
        return None

    def read(self, look: Callable[[Session], T]) -> T | None:
        with suppress(*_REFUSALS), self.db.reading() as session:
            return look(session)
        return None

    def tell(self) -> None:
        """What is to happen after the commits: notices are planned."""
        self._dispatcher.drain()
        with self.db.transaction() as session:
            failed = session.scalars(select(OutboxRow.name).where(OutboxRow.attempts > 0)).all()
            self.ledger.failures += failed
            session.execute(delete(OutboxRow).where(OutboxRow.lane == Lane.LIVE))

    def look(self) -> list[str]:
        """After a step: what is wrong now."""
        with self.db.reading() as session:
            now = take_snapshot(session, now=self.clock())
        self.ledger.follow(self.before, now)
        broken = list_broken(Moment(now, self.before, self.ledger))
        self.before = now
        self.ledger.reported.clear()
        self.ledger.doer = Doer.PERSON
        return broken

    @property
    def seen(self) -> Snapshot:
        """The tables after the last step."""
        if self.before is None:
            self.look()
        return cast(Snapshot, self.before)


def choose(options: Any, pick: int) -> Any:
    """One of them, whatever the number; None where there are none."""
    options = list(options)
    return options[pick % len(options)] if options else None
