"""How long people take: said honestly, in one query."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts.service import record_seen, suspend_account
from app.core.actor import Actor
from app.core.db import Database
from app.interpreting.models import Task, TaskKind, TaskState
from app.interpreting.queries import Wait, count_open, estimate_waits
from tests.conftest import CountQueries, TickingClock
from tests.interpreting.work import KM, QUESTION, VI, ZH, run_engine
from tests.people import ask
from translation.languages import LanguageTag


def _close(db: Database, post_id: int, *seconds: int, at: datetime, state: TaskState = TaskState.DONE) -> None:
    with db.transaction() as session:
        session.add_all(
            Task(
                kind=TaskKind.TRANSLATE,
                post_id=post_id,
                source_language=VI,
                target_language=ZH,
                state=state,
                urgency=0,
                created_at=at - timedelta(seconds=each),
                closed_at=at,
            )
            for each in seconds
        )


def _ask(db: Database, asker: Actor, clock: TickingClock) -> int:
    with db.transaction() as session:
        return ask(session, asker, QUESTION, language=VI, now=clock()).post_id


def _estimate(db: Database, clock: TickingClock) -> Wait:
    with db.reading() as session:
        return estimate_waits(session, {(VI, ZH)}, clock())[VI, ZH]


def test_wait_is_unknown_until_three_tasks_are_done(db: Database, clock: TickingClock, asker: Actor) -> None:
    post_id = _ask(db, asker, clock)
    _close(db, post_id, 60, 120, at=clock())
    assert _estimate(db, clock) == Wait(people_on_shift=0, expected_seconds=None)
    _close(db, post_id, 9_000, at=clock())
    assert _estimate(db, clock).expected_seconds == 120


def test_wait_counts_the_last_month_of_done_tasks_only(db: Database, clock: TickingClock, asker: Actor) -> None:
    post_id = _ask(db, asker, clock)
    _close(db, post_id, 60, 60, 60, at=clock() - timedelta(days=31))
    _close(db, post_id, 5, 5, 5, at=clock(), state=TaskState.CANCELLED)
    assert _estimate(db, clock).expected_seconds is None


def test_on_shift_is_who_was_seen_in_the_last_quarter_of_an_hour(
    db: Database, clock: TickingClock, interpreter: Actor, colleague: Actor
) -> None:
    assert _estimate(db, clock).people_on_shift == 0
    with db.transaction() as session:
        record_seen(session, account_id=interpreter.account_id or 0, now=clock())
        record_seen(session, account_id=colleague.account_id or 0, now=clock())
    assert _estimate(db, clock).people_on_shift == 2
    with db.transaction() as session:
        suspend_account(session, account_id=colleague.account_id or 0, now=clock())
    assert _estimate(db, clock).people_on_shift == 1
    clock.advance(minutes=16)
    assert _estimate(db, clock).people_on_shift == 0


def test_waits_of_all_pairs_cost_one_query(
    db: Database, clock: TickingClock, interpreter: Actor, khmer: Actor, count_queries: CountQueries
) -> None:
    with db.transaction() as session:
        record_seen(session, account_id=interpreter.account_id or 0, now=clock())
    pairs = {(VI, ZH), (ZH, VI), (KM, ZH), (LanguageTag.ZH_HANS, VI), (LanguageTag.TH, ZH)}
    with db.reading() as session, session.connection(), count_queries(db) as queries:
        waits = estimate_waits(session, pairs, clock())
        assert estimate_waits(session, set(), clock()) == {}
    assert queries.count == 1
    assert waits.keys() == pairs
    on_shift = {pair for pair, wait in waits.items() if wait.people_on_shift}
    assert on_shift == {(VI, ZH), (ZH, VI), (LanguageTag.ZH_HANS, VI)}


def test_desk_counts_what_is_free_for_this_person(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, khmer: Actor
) -> None:
    _ask(db, asker, clock)
    run_engine(db, {}, now=clock())
    with db.reading() as session:
        counts = [count_open(session, actor=actor, now=clock()) for actor in (interpreter, khmer, asker)]
    assert counts == [1, 0, 0]
