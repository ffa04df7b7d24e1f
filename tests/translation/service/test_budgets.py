"""Budgets: what is over waits for the next hour and stays pending, and nobody else waits with it."""

from __future__ import annotations

from sqlalchemy import select

from tests.translation.engines.fake import FakeEngine
from tests.translation.service.desk import TEXT, VI, ZH, Desk
from translation.models import EngineSet, TranslationState, WorkBudget
from translation.service.budgets import EVERYBODY, Limits, end_hour, is_over_budget
from translation.service.turns import find_put_off_until, prioritise
from translation.service.work import has_work, release_work

RICH = Limits(per_hour=1_000_000, per_owner_hour=1000)
ONE, TWO = 1, 2


def _texts(count: int, *, length: int = 100, mark: str = "a") -> list[str]:
    return [f"{number:04} ".ljust(length, mark) for number in range(count)]


def _books(desk: Desk) -> dict[int, int]:
    with desk.db.reading() as session:
        return {row.owner_id: row.characters for row in session.scalars(select(WorkBudget))}


def _states(desk: Desk, sources: list[int]) -> list[TranslationState]:
    return [desk.row(source).state for source in sources]


def _use_direct(desk: Desk) -> None:
    desk.use(FakeEngine({(VI, ZH)}))


def test_characters_are_booked_for_the_owner_and_for_all(desk: Desk) -> None:
    _use_direct(desk)
    desk.add_many(_texts(3), owner=ONE)
    desk.add(owner=None)
    desk.run(limits=RICH)
    assert _books(desk) == {EVERYBODY: 300 + len(TEXT), ONE: 300}


def test_an_owner_over_the_budget_waits_for_the_next_hour_and_the_others_go_on(desk: Desk) -> None:
    _use_direct(desk)
    flood = desk.add_many(_texts(40), owner=ONE)
    others = desk.add_many(_texts(5, mark="b"), owner=TWO)
    assert desk.run(limits=RICH) == 15
    assert TranslationState.PENDING not in _states(desk, flood[:10] + others)
    assert set(_states(desk, flood[10:])) == {TranslationState.PENDING}
    assert find_put_off_until(desk.row(flood[-1])) == end_hour(desk.clock())
    assert find_put_off_until(desk.row(others[0])) is None
    with desk.db.reading() as session:
        assert not has_work(session, now=desk.clock())
        assert is_over_budget(session, owner_id=ONE, limits=RICH, now=desk.clock())
        assert not is_over_budget(session, owner_id=TWO, limits=RICH, now=desk.clock())
    desk.clock.advance(hours=1)
    assert desk.run(limits=RICH) == 10
    desk.clock.advance(hours=2)
    assert desk.run(limits=RICH) == 10


def test_what_is_over_the_budget_of_all_waits_whoever_wrote_it(desk: Desk) -> None:
    _use_direct(desk)
    limits = Limits(per_hour=500, per_owner_hour=1000)
    desk.add_many(_texts(4), owner=ONE)
    desk.add_many(_texts(4, mark="b"), owner=TWO)
    assert desk.run(limits=limits) == 5
    with desk.db.reading() as session:
        assert is_over_budget(session, owner_id=3, limits=limits, now=desk.clock())
        assert not has_work(session, now=desk.clock())
    desk.clock.advance(hours=1)
    assert desk.run(limits=limits) == 3


def test_a_text_longer_than_the_budget_is_not_put_off_for_ever(desk: Desk) -> None:
    _use_direct(desk)
    long = desk.add("a" * 5000, declared=VI, owner=ONE)
    after = desk.add("b" * 10, declared=VI, owner=ONE)
    assert desk.run(limits=RICH) == 1
    assert desk.row(long).state is not TranslationState.PENDING
    assert desk.row(after).state is TranslationState.PENDING


def test_a_later_owner_is_not_held_up_by_a_flood_that_was_put_off(desk: Desk) -> None:
    _use_direct(desk)
    flood = desk.add_many(_texts(200), owner=ONE)
    desk.run(limits=RICH)
    desk.clock.advance(hours=1)
    single = desk.add(owner=TWO)
    items = desk.claim(limit=32, limits=RICH)
    assert single in [item.source_text_id for item in items]
    assert len(items) < 32 < len(flood)


def test_a_put_off_text_is_not_brought_forward_by_looking(desk: Desk) -> None:
    _use_direct(desk)
    flood = desk.add_many(_texts(20), owner=ONE)
    desk.run(limits=RICH)
    with desk.db.transaction() as session:
        assert prioritise(session, source_text_ids=flood, target=ZH) == 0


def test_the_demos_texts_are_free(desk: Desk) -> None:
    _use_direct(desk)
    desk.add_many(_texts(20), owner=ONE)
    free = [desk.add(each, declared=VI, owner=ONE, engine_set=EngineSet.DEMO) for each in _texts(20, mark="d")]
    desk.run(limits=Limits(per_hour=500, per_owner_hour=300))
    assert TranslationState.PENDING not in _states(desk, free)
    assert _books(desk) == {EVERYBODY: 300, ONE: 300}


def test_the_books_of_earlier_hours_are_thrown_away(desk: Desk) -> None:
    _use_direct(desk)
    desk.add(owner=ONE)
    desk.run(limits=RICH)
    desk.clock.advance(hours=3)
    desk.add("Xin chào.", declared=VI, owner=TWO)
    desk.run(limits=RICH)
    assert _books(desk) == {EVERYBODY: len("Xin chào."), TWO: len("Xin chào.")}


def test_what_is_given_back_is_not_paid_for_and_counts_as_no_attempt(desk: Desk) -> None:
    source = desk.add(owner=ONE)
    items = desk.claim(limits=RICH)
    with desk.db.transaction() as session:
        release_work(session, items=items, now=desk.clock())
    assert _books(desk) == {EVERYBODY: 0, ONE: 0}
    assert desk.row(source).attempts == 0
    assert [item.source_text_id for item in desk.claim(limits=RICH)] == [source]


def test_what_another_worker_has_by_now_is_not_given_back(desk: Desk) -> None:
    source = desk.add(owner=ONE)
    late = desk.claim(limits=RICH)
    desk.clock.advance(seconds=61)
    desk.claim(limits=RICH)
    with desk.db.transaction() as session:
        release_work(session, items=late, now=desk.clock())
    assert desk.row(source).attempts == 2
    assert desk.claim(limits=RICH) == []
