"""Other engines make machine text again, behind everything that readers wait for, and never a person's."""

from __future__ import annotations

from tests.translation.engines.fake import FakeEngine
from tests.translation.service.desk import EN, HUMAN, TABLE, TEXT, VI, ZH, Desk
from translation.models import EngineSet, TranslationState, WaitReason
from translation.service.again import list_left_pairs, request_again, request_left
from translation.service.turns import BACKGROUND

BETTER = "我想延長居留證，請問需要準備哪些文件？"
NOBODY: list[tuple[str, str]] = []


def _again(desk: Desk, *, present: list[tuple[str, str]] = NOBODY, limit: int = 100, after: int = 0) -> list[int]:
    with desk.db.transaction() as session:
        return request_again(session, source=VI, target=ZH, present=present, now=desk.clock(), limit=limit, after=after)


def _install_better(desk: Desk) -> None:
    desk.use(FakeEngine({(VI, ZH)}, name="better", table={(TEXT, (VI, ZH)): BETTER}))


def test_other_machine_text_is_made_again_and_readers_never_see_a_blank(desk: Desk) -> None:
    source = desk.add()
    desk.run()
    before = desk.view(source).text
    _install_better(desk)
    assert _again(desk, present=[("better", "1")]) == [desk.row(source).id]
    assert desk.row(source).turn >= BACKGROUND
    assert (desk.view(source).text, desk.view(source).underlying) == (before, TranslationState.PENDING)
    desk.run()
    view = desk.view(source)
    assert (view.state, view.text) == (TranslationState.MACHINE, BETTER)
    assert [candidate.is_active for candidate in desk.candidates(source)] == [False, True]


def test_what_the_present_engine_made_is_left_alone(desk: Desk) -> None:
    desk.add()
    desk.run()
    assert _again(desk, present=[("fake", "1>1")]) == []
    assert _again(desk, present=[("fake", "2")]) != []


def test_a_persons_text_is_left_alone(desk: Desk) -> None:
    source = desk.add()
    desk.run()
    desk.submit(source)
    assert _again(desk) == []
    assert desk.view(source).text == HUMAN


def test_a_person_who_submits_meanwhile_wins(desk: Desk) -> None:
    source = desk.add()
    desk.run()
    _again(desk)
    late = desk.translate(desk.claim())
    desk.submit(source)
    desk.finish(late)
    assert desk.view(source).text == HUMAN
    assert desk.row(source).stale_candidate_id is None


def test_what_waited_for_an_engine_is_tried(desk: Desk) -> None:
    desk.use(FakeEngine(set()))
    source = desk.add()
    desk.run()
    assert desk.view(source).reason is WaitReason.NO_ENGINE
    _install_better(desk)
    _again(desk)
    desk.run()
    assert desk.view(source).text == BETTER


def test_readers_keep_the_old_text_when_the_engine_is_gone_again(desk: Desk) -> None:
    source = desk.add()
    desk.run()
    before = desk.view(source)
    _again(desk)
    desk.use(FakeEngine(set()))
    desk.run()
    assert (desk.view(source).state, desk.view(source).text) == (before.state, before.text)


def test_after_an_edit_a_persons_earlier_text_stays_shown(desk: Desk) -> None:
    old = desk.add()
    desk.submit(old)
    new = desk.edit(old, TEXT + " Cảm ơn.")
    desk.run()
    assert _again(desk) != []
    assert desk.view(new).text == HUMAN
    desk.run()
    assert (desk.view(new).text, desk.view(new).underlying) == (HUMAN, TranslationState.MACHINE)


def test_an_edit_after_it_shows_the_text_that_was_shown(desk: Desk) -> None:
    source = desk.add()
    desk.run()
    _install_better(desk)
    _again(desk)
    desk.run()
    new = desk.edit(source, TEXT + " Cảm ơn.")
    assert (desk.view(new).state, desk.view(new).text) == (TranslationState.STALE, BETTER)


def test_everything_is_reached_piece_by_piece(desk: Desk) -> None:
    texts = [vi for vi, hop in TABLE if hop == (VI, EN)]
    desk.add_many(texts, owner=1)
    desk.run()
    reached: list[int] = []
    while found := _again(desk, limit=2, after=reached[-1] if reached else 0):
        assert len(found) <= 2
        reached += found
    assert len(reached) == len(set(reached)) == len(texts)


def _take_left(desk: Desk) -> list[int]:
    with desk.db.transaction() as session:
        pairs = list_left_pairs(session)
        return [
            row_id
            for source, target in pairs
            for row_id in request_left(session, source=source, target=target, now=desk.clock(), limit=100)
        ]


def test_an_engine_that_comes_later_does_what_was_left_for_it(desk: Desk) -> None:
    desk.use(FakeEngine(set()))
    source = desk.add()
    desk.run()
    _install_better(desk)
    assert _take_left(desk) == [desk.row(source).id]
    desk.run()
    assert (desk.view(source).state, desk.view(source).text) == (TranslationState.MACHINE, BETTER)
    assert _take_left(desk) == []


def test_what_failed_or_was_held_is_not_left_for_an_engine(desk: Desk) -> None:
    desk.use(FakeEngine({(VI, ZH)}, table={(TEXT, (VI, ZH)): ""}))
    source = desk.add()
    desk.run()
    assert desk.view(source).reason is WaitReason.HELD
    assert _take_left(desk) == []


def test_the_demos_texts_are_left_to_the_demos_engines(desk: Desk) -> None:
    source = desk.add(engine_set=EngineSet.DEMO)
    desk.run()
    assert desk.view(source).reason is WaitReason.NO_ENGINE
    assert _take_left(desk) == []
    assert _again(desk) == []
