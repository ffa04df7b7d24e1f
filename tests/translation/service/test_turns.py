"""Whose text is next: owners take turns, what somebody looks at goes first, and no queue is too long for it."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Barrier, Thread
from typing import Any

from sqlalchemy import Select, func, select, text, update

from tests.conftest import CountQueries
from tests.translation.engines.fake import FakeEngine
from tests.translation.service.desk import EN, KM, TEXT, VI, ZH, Desk
from translation.languages import LanguageTag
from translation.models import PUBLIC_SCOPE, EngineSet, SourceText, Translation, TranslationState
from translation.results import Basis
from translation.service.sources import request_translations, set_source_language
from translation.service.turns import BACKGROUND, IS_PENDING, is_behind, is_due, prioritise, take_turns
from translation.service.work import has_work
from translation.text import digest_text

#: Texts of a claim.
BATCH = 32
FLOODER, OTHER, THIRD = 1, 2, 3
FLOOD = 5000


def _pour(desk: Desk, count: int, *, owner: int, length: int = 40) -> list[int]:
    """Many texts of one owner at once."""
    ids: list[int] = []
    for start in range(0, count, 500):
        numbers = range(start, min(start + 500, count))
        with desk.db.transaction() as session:
            rows = [_make_source(desk, f"{number:06} ".ljust(length, "a"), owner) for number in numbers]
            session.add_all(rows)
            session.flush()
            request_translations(session, sources=rows, targets=[ZH], now=desk.clock())
            ids += [row.id for row in rows]
    return ids


def _make_source(desk: Desk, words: str, owner: int) -> SourceText:
    return SourceText(
        text=words,
        digest=digest_text(words),
        language=VI,
        basis=Basis.DECLARED,
        confidence=1.0,
        scope=PUBLIC_SCOPE,
        engine_set=EngineSet.INSTALLED,
        owner_id=owner,
        facts=[],
        created_at=desk.clock(),
    )


def _claim_order(desk: Desk, *, rounds: int) -> list[int]:
    """Source texts in the order in which batches take them."""
    return [item.source_text_id for _ in range(rounds) for item in desk.claim(limit=BATCH)]


def _work_off(desk: Desk, *, rounds: int) -> None:
    desk.use(FakeEngine({(VI, ZH)}))
    for _ in range(rounds):
        desk.finish(desk.translate(desk.claim(limit=BATCH)))


def _lift(desk: Desk, source_ids: Sequence[int], target: LanguageTag = ZH) -> int:
    with desk.db.transaction() as session:
        return prioritise(session, source_text_ids=source_ids, target=target)


def test_a_flood_delays_nobody_else_by_more_than_a_batch(desk: Desk) -> None:
    flood = _pour(desk, FLOOD, owner=FLOODER)
    _work_off(desk, rounds=3)
    single = desk.add(owner=OTHER)
    assert single in _claim_order(desk, rounds=1)
    # And it is the queue that does it, not the newest first: the flood goes on in its own order.
    later = _claim_order(desk, rounds=1)
    assert later == sorted(later)
    assert set(later) < set(flood)


def test_the_texts_of_two_floods_alternate(desk: Desk) -> None:
    first = _pour(desk, 500, owner=FLOODER)
    second = _pour(desk, 500, owner=OTHER)
    taken = _claim_order(desk, rounds=4)
    shares = [sum(each in ids for each in taken) for ids in (set(first), set(second))]
    assert min(shares) >= len(taken) // 2 - 1


def test_shares_are_counted_in_characters(desk: Desk) -> None:
    long = _pour(desk, 100, owner=FLOODER, length=400)
    short = _pour(desk, 500, owner=OTHER, length=40)
    taken = _claim_order(desk, rounds=4)
    assert 9 <= sum(each in set(short) for each in taken) / sum(each in set(long) for each in taken) <= 11


def test_who_was_away_has_saved_up_nothing(desk: Desk) -> None:
    _pour(desk, 320, owner=FLOODER)
    _work_off(desk, rounds=5)
    newcomer = _pour(desk, 320, owner=OTHER)
    taken = _claim_order(desk, rounds=2)
    assert len(taken) // 2 - 2 <= sum(each in set(newcomer) for each in taken) <= len(taken) // 2 + 2


def test_texts_of_nobody_are_one_flow_among_others(desk: Desk) -> None:
    for _ in range(BATCH + 8):
        desk.add()
    mine = desk.add(owner=OTHER)
    assert mine in _claim_order(desk, rounds=1)


def test_a_text_in_five_languages_takes_five_places(desk: Desk) -> None:
    source = desk.add(TEXT, ZH, EN, KM, LanguageTag.TH, LanguageTag.ID, owner=OTHER)
    targets = (ZH, EN, KM, LanguageTag.TH, LanguageTag.ID)
    turns = sorted(desk.row(source, target).turn for target in targets)
    assert turns == [len(TEXT) * number for number in range(5)]


def test_what_somebody_looks_at_goes_first(desk: Desk) -> None:
    flood = _pour(desk, 200, owner=FLOODER)
    looked_at = flood[-3:]
    assert _lift(desk, looked_at) == 3
    assert _claim_order(desk, rounds=1)[:3] == looked_at


def test_looked_at_texts_keep_their_fair_order(desk: Desk) -> None:
    flood = _pour(desk, 200, owner=FLOODER)
    _lift(desk, flood)
    single = desk.add(owner=OTHER)
    _lift(desk, [single])
    assert single in _claim_order(desk, rounds=1)[:3]


def test_looking_twice_moves_nothing_twice(desk: Desk) -> None:
    flood = _pour(desk, 50, owner=FLOODER)
    _lift(desk, flood[-1:])
    before = desk.row(flood[-1]).turn
    assert _lift(desk, flood[-1:]) == 0
    assert desk.row(flood[-1]).turn == before


def test_looking_at_one_language_leaves_the_others(desk: Desk) -> None:
    source = desk.add(TEXT, ZH, KM, owner=OTHER)
    _lift(desk, [source], KM)
    assert desk.row(source, KM).turn < 0 <= desk.row(source, ZH).turn


def test_looking_does_not_move_the_owners_next_text_forward(desk: Desk) -> None:
    flood = _pour(desk, 100, owner=FLOODER)
    _lift(desk, flood)
    single = desk.add(owner=OTHER)
    again = desk.add(owner=FLOODER)
    assert desk.row(single).turn < desk.row(again).turn


def test_a_look_at_what_is_done_writes_nothing(desk: Desk, count_queries: CountQueries) -> None:
    source = desk.add()
    assert _is_behind(desk, source)
    desk.run()
    assert not _is_behind(desk, source)
    with desk.db.transaction() as session, count_queries(desk.db) as queries:
        assert prioritise(session, source_text_ids=[source], target=ZH) == 0
    assert queries.count == 1


def _is_behind(desk: Desk, source_id: int) -> bool:
    with desk.db.reading() as session:
        return is_behind(session, source_text_ids=[source_id], target=ZH)


def test_what_is_only_made_again_waits_until_nobody_waits(desk: Desk) -> None:
    again = desk.add(owner=OTHER)
    with desk.db.transaction() as session:
        session.execute(update(Translation).values(turn=BACKGROUND))
    new = _pour(desk, 40, owner=FLOODER)
    assert _claim_order(desk, rounds=2) == [*new, again]


def test_a_text_whose_language_was_corrected_queues_like_a_new_one(desk: Desk) -> None:
    source = desk.add(owner=OTHER)
    desk.run()
    flood = _pour(desk, 100, owner=FLOODER)
    _claim_order(desk, rounds=1)
    with desk.db.transaction() as session:
        set_source_language(
            session, source_text_ids=[source], language=LanguageTag.ID, confirmed_by_id=1, now=desk.clock()
        )
    assert desk.row(source).turn == desk.row(flood[0]).turn


def test_asking_costs_one_query_for_the_turns_however_long_the_queue(desk: Desk, count_queries: CountQueries) -> None:
    counts = []
    for _ in range(2):
        with desk.db.transaction() as session:
            row = _make_source(desk, TEXT, OTHER)
            session.add(row)
            session.flush()
            with count_queries(desk.db) as queries:
                request_translations(session, sources=[row], targets=[ZH, KM], now=desk.clock())
        counts.append(queries.count)
        _pour(desk, 200, owner=OTHER)
    assert counts[0] == counts[1]
    with desk.db.transaction() as session, count_queries(desk.db) as queries:
        take_turns(session, owner_id=OTHER, costs=[1, 2, 3])
    assert queries.count == 1


def test_the_queue_is_read_through_its_indexes(desk: Desk) -> None:
    _pour(desk, 100, owner=FLOODER)
    next_one = select(Translation.id).where(is_due(desk.clock())).order_by(Translation.turn, Translation.id).limit(1)
    of_owner = select(Translation.turn).where(IS_PENDING, Translation.owner_id == FLOODER)
    last_of_owner = of_owner.order_by(Translation.turn.desc()).limit(1)
    assert "ix_translations_pending " in _explain(desk, next_one)
    assert "ix_translations_pending_owner " in _explain(desk, last_of_owner)
    # Without the condition of the indexes there is nothing to read but the table.
    assert "ix_translations_pending" not in _explain(desk, select(func.max(Translation.turn)))


def _explain(desk: Desk, statement: Select[Any]) -> str:
    explain = "EXPLAIN QUERY PLAN" if desk.db.is_sqlite else "EXPLAIN"
    compiled = statement.compile(desk.db.engine, compile_kwargs={"literal_binds": True})
    with desk.db.reading() as session:
        if not desk.db.is_sqlite:
            # A small table is read whole otherwise, and rightly.
            session.execute(text("SET LOCAL enable_seqscan = off"))
        return "\n".join(f"{row[-1]} " for row in session.execute(text(f"{explain} {compiled}")))


def test_two_workers_share_the_work_and_double_nothing(desk: Desk) -> None:
    sources = _pour(desk, 200, owner=FLOODER)
    engine = desk.use(FakeEngine({(VI, ZH)}))
    started = Barrier(2)
    taken: list[int] = []

    def work() -> None:
        started.wait()
        taken.append(desk.run())

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(taken) == len(sources)
    asked = [each for _, texts in engine.calls for each in texts]
    assert len(asked) == len(set(asked)) == len(sources)
    with desk.db.reading() as session:
        assert not has_work(session, now=desk.clock())
        assert session.query(Translation).where(Translation.state == TranslationState.PENDING).count() == 0
