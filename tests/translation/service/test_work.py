"""What workers do to translations, and what wins over them."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from tests.translation.service.desk import HUMAN, KM, LEASE, TEXT, ZH, Desk, add_source
from translation.languages import LanguageTag
from translation.models import (
    Candidate,
    EngineSet,
    TranslationState,
    WaitReason,
)
from translation.results import OriginKind
from translation.service.sources import request_translations, set_source_language, withdraw_sources
from translation.service.work import MAX_ATTEMPTS, WorkDone, claim_work


def test_machine_text_is_shown_with_its_route(desk: Desk) -> None:
    source = desk.add()
    assert desk.view(source).state is TranslationState.PENDING
    assert desk.run() == 1
    view = desk.view(source)
    assert view.state is TranslationState.MACHINE
    assert view.text
    assert view.origin is not None
    assert view.origin.route == ("vi", "en", "zh-Hant")
    assert [change.state for change in desk.heard] == [TranslationState.MACHINE]


def test_without_an_engine_a_person_is_asked(desk: Desk) -> None:
    source = desk.add(TEXT, KM)
    desk.run()
    view = desk.view(source, KM)
    assert (view.state, view.reason, view.text) == (TranslationState.WAITING, WaitReason.NO_ENGINE, None)


def test_a_claimed_batch_is_left_alone_until_its_lease_ends(desk: Desk) -> None:
    desk.add()
    with desk.db.transaction() as session:
        assert len(claim_work(session, now=desk.clock(), lease=LEASE, limit=10)) == 1
    with desk.db.transaction() as session:
        assert claim_work(session, now=desk.clock(), lease=LEASE, limit=10) == []
    desk.clock.advance(seconds=61)
    with desk.db.transaction() as session:
        assert len(claim_work(session, now=desk.clock(), lease=LEASE, limit=10)) == 1


def test_a_late_worker_does_not_double_what_another_has_done(desk: Desk) -> None:
    source = desk.add()
    late = desk.translate(desk.claim())
    desk.clock.advance(seconds=61)
    desk.run()
    desk.finish(late)
    assert len(desk.candidates(source)) == 1


def test_a_result_is_dropped_when_a_person_was_faster(desk: Desk) -> None:
    source = desk.add()
    late = desk.translate(desk.claim())
    desk.submit(source)
    desk.finish(late)
    view = desk.view(source)
    assert (view.state, view.text) == (TranslationState.VERIFIED, HUMAN)
    assert [candidate.origin for candidate in desk.candidates(source)] == [OriginKind.INTERPRETER]


def test_a_result_is_dropped_when_the_text_was_withdrawn(desk: Desk) -> None:
    source = desk.add()
    late = desk.translate(desk.claim())
    with desk.db.transaction() as session:
        withdraw_sources(session, source_text_ids=[source], now=desk.clock())
    desk.finish(late)
    assert desk.row(source).state is TranslationState.WITHDRAWN
    assert desk.candidates(source) == []


def test_a_result_is_dropped_when_the_language_was_corrected(desk: Desk) -> None:
    source = desk.add()
    late = desk.translate(desk.claim())
    with desk.db.transaction() as session:
        set_source_language(
            session, source_text_ids=[source], language=LanguageTag.ID, confirmed_by_id=1, now=desk.clock()
        )
    desk.finish(late)
    assert desk.row(source).state is TranslationState.PENDING


def test_a_failing_engine_is_tried_again_and_then_a_person_is_asked(desk: Desk) -> None:
    source = desk.add()
    for _ in range(MAX_ATTEMPTS):
        assert desk.row(source).state is TranslationState.PENDING
        done = [WorkDone(item=each.item, reason=WaitReason.ENGINE_FAILED) for each in desk.translate(desk.claim())]
        assert done
        desk.finish(done)
        desk.clock.advance(minutes=5)
    assert desk.row(source).reason is WaitReason.ENGINE_FAILED


def test_the_database_allows_one_active_candidate(desk: Desk) -> None:
    source = desk.add()
    desk.run()
    translation_id = desk.row(source).id
    with pytest.raises(IntegrityError), desk.db.transaction() as session:
        session.add(
            Candidate(
                translation_id=translation_id,
                text="x",
                source_digest="",
                origin=OriginKind.MACHINE,
                is_active=True,
                created_at=desk.clock(),
            )
        )


def test_the_demos_texts_never_meet_installed_engines(desk: Desk) -> None:
    with desk.db.transaction() as session:
        source = add_source(session, desk, TEXT)
        source.engine_set = EngineSet.DEMO
        request_translations(session, sources=[source], targets=[ZH], now=desk.clock())
        source_id = source.id
    desk.run()
    assert desk.view(source_id).reason is WaitReason.NO_ENGINE
    assert desk.view(source_id).is_demo
