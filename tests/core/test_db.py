"""Transactions on both databases: what commits, what doesn't, and what concurrent writers see."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from app.core import outbox
from app.core.db import Database, insert_if_absent
from app.core.errors import UnavailableError
from app.core.logging import format_safely
from app.core.outbox import Dispatcher, Event, Lane, OutboxRow, Subscribers
from app.core.schema import is_schema_current, list_schema_differences
from app.forum.models import Category, CategoryGroup
from tests.conftest import TickingClock

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def _category(slug: str) -> dict[str, object]:
    return {"slug": slug, "group": CategoryGroup.LIVING, "country": None, "position": 99, "is_risky": False}


class Happened(Event):
    name = "test.happened"
    number: int


def test_transaction_rolls_back_when_the_block_raises(db: Database) -> None:
    with pytest.raises(RuntimeError), db.transaction() as session:
        session.add(OutboxRow(lane=Lane.WORK, name="x", payload={}, created_at=NOW, available_at=NOW))
        raise RuntimeError
    with db.reading() as session:
        assert session.scalar(select(OutboxRow)) is None


def test_reading_changes_nothing(db: Database) -> None:
    with db.reading() as session:
        session.add(OutboxRow(lane=Lane.WORK, name="x", payload={}, created_at=NOW, available_at=NOW))
        session.flush()
    with db.reading() as session:
        assert session.scalar(select(OutboxRow)) is None


def test_times_come_back_aware_in_utc(db: Database) -> None:
    taipei = datetime(2026, 3, 2, 16, 0, tzinfo=timezone(timedelta(hours=8)))
    with db.transaction() as session:
        session.add(OutboxRow(lane=Lane.WORK, name="x", payload={}, created_at=taipei, available_at=NOW))
    with db.reading() as session:
        assert session.scalars(select(OutboxRow)).one().created_at == NOW
    with pytest.raises(StatementError, match="naive"), db.transaction() as session:
        naive = NOW.replace(tzinfo=None)
        session.add(OutboxRow(lane=Lane.WORK, name="x", payload={}, created_at=naive, available_at=NOW))


def test_insert_if_absent_tells_who_was_first(db: Database) -> None:
    with db.transaction() as session:
        assert insert_if_absent(session, Category, _category("one"))
        assert not insert_if_absent(session, Category, _category("one"))


def test_insert_if_absent_lets_one_of_two_writers_win(db: Database) -> None:
    results: list[bool] = []
    barrier = threading.Barrier(2)

    def write() -> None:
        barrier.wait()
        with db.transaction() as session:
            results.append(insert_if_absent(session, Category, _category("race")))

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]


def test_many_writers_lose_nothing(db: Database) -> None:
    def write() -> None:
        for _ in range(10):
            with db.transaction() as session:
                row = session.scalars(select(Category).where(Category.slug == "work").with_for_update()).one()
                row.position += 1

    with db.reading() as session:
        before = session.scalars(select(Category.position).where(Category.slug == "work")).one()
    threads = [threading.Thread(target=write) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading() as session:
        assert session.scalars(select(Category.position).where(Category.slug == "work")).one() == before + 50


def test_an_unreachable_database_is_unavailable() -> None:
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    with pytest.raises(UnavailableError), gone.reading() as session:
        session.connection()
    with pytest.raises(UnavailableError), gone.transaction() as session:
        session.connection()


def test_schema_of_the_migrations_is_that_of_the_models(db: Database) -> None:
    assert is_schema_current(db)
    assert list_schema_differences(db) == []


def test_record_writes_rows_only_for_lanes_that_want_them(make_database: Callable[..., Database]) -> None:
    database = make_database(Subscribers(work=frozenset({Happened})))
    woken: list[bool] = []
    database.after_commit(lambda: woken.append(True))
    with database.transaction() as session:
        outbox.record(session, Happened(number=1), now=NOW)
        assert woken == []
    assert woken == [True]
    with database.reading() as session:
        assert [row.lane for row in session.scalars(select(OutboxRow))] == [Lane.WORK]


def test_now_subscribers_share_the_transaction(make_database: Callable[..., Database]) -> None:
    def refuse(_session: object, _event: Happened, _now: datetime) -> None:
        raise RuntimeError

    database = make_database(Subscribers(now={Happened: [refuse]}, work=frozenset({Happened})))
    with pytest.raises(RuntimeError), database.transaction() as session:
        outbox.record(session, Happened(number=1), now=NOW)
    with database.reading() as session:
        assert session.scalar(select(OutboxRow)) is None


def _record(database: Database, *numbers: int) -> None:
    with database.transaction() as session:
        for number in numbers:
            outbox.record(session, Happened(number=number), now=NOW)


def test_drain_hands_on_in_order_and_once(make_database: Callable[..., Database], clock: TickingClock) -> None:
    database = make_database(Subscribers(work=frozenset({Happened})))
    _record(database, 1, 2, 3)
    seen: list[int] = []
    handlers = {Happened: [lambda event: seen.append(event.number)]}
    dispatcher = Dispatcher(database, Lane.WORK, handlers, clock=clock)
    assert dispatcher.drain(limit=2) == 3
    assert dispatcher.drain() == 0
    assert seen == [1, 2, 3]


def test_drain_tries_again_later_when_a_handler_fails(
    make_database: Callable[..., Database], clock: TickingClock
) -> None:
    database = make_database(Subscribers(work=frozenset({Happened})))
    _record(database, 1, 2)
    seen: list[int] = []
    is_broken = True

    def handle(event: Happened) -> None:
        if event.number == 1 and is_broken:
            raise RuntimeError
        seen.append(event.number)

    dispatcher = Dispatcher(database, Lane.WORK, {Happened: [handle]}, clock=clock)
    dispatcher.drain()
    assert seen == [2]
    dispatcher.drain()
    assert seen == [2]
    is_broken = False
    clock.advance(seconds=2)
    dispatcher.drain()
    assert seen == [2, 1]


def test_a_claimed_row_comes_back_when_its_claimer_died(
    make_database: Callable[..., Database], clock: TickingClock
) -> None:
    database = make_database(Subscribers(work=frozenset({Happened})))
    _record(database, 1)
    seen: list[int] = []

    def die(_event: Happened) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Dispatcher(database, Lane.WORK, {Happened: [die]}, clock=clock).drain()
    survivor = Dispatcher(database, Lane.WORK, {Happened: [lambda event: seen.append(event.number)]}, clock=clock)
    survivor.drain()
    assert seen == []
    clock.advance(seconds=61)
    survivor.drain()
    assert seen == [1]


def test_errors_do_not_carry_texts(db: Database) -> None:
    words = "what somebody wrote"
    with pytest.raises(IntegrityError) as raised, db.transaction() as session:
        session.execute(text("INSERT INTO categories (slug) VALUES (:words)"), {"words": words})
    assert "[parameters:" not in str(raised.value)
    assert words not in format_safely((IntegrityError, raised.value, raised.tb))
