"""Texts: asked for, edited, withdrawn, their language corrected."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.translation.service.desk import HUMAN, TEXT, VI, ZH, Desk
from translation.languages import LanguageTag
from translation.models import (
    Candidate,
    MemoryEntry,
    SourceText,
    Translation,
    TranslationState,
    WaitReason,
)
from translation.queries import load_views
from translation.service.sources import request_translations, set_source_language, withdraw_sources
from translation.service.verification import (
    CandidateChangedError,
)


def test_an_unknown_language_waits_at_once(desk: Desk) -> None:
    source = desk.add("555")
    assert desk.view(source).reason is WaitReason.UNKNOWN_LANGUAGE
    assert desk.run() == 0
    assert [change.reason for change in desk.heard] == [WaitReason.UNKNOWN_LANGUAGE]


def test_requesting_again_changes_nothing(desk: Desk) -> None:
    source_id = desk.add()
    desk.run()
    with desk.db.transaction() as session:
        source = session.get_one(SourceText, source_id)
        request_translations(session, sources=[source], targets=[ZH, VI], now=desk.clock())
    assert desk.view(source_id).state is TranslationState.MACHINE
    with desk.db.reading() as session:
        assert len(session.scalars(select(Translation)).all()) == 1


def test_after_an_edit_machine_text_is_outdated_until_redone(desk: Desk) -> None:
    old = desk.add()
    desk.run()
    before = desk.view(old).text
    new = desk.edit(old, TEXT + " Cảm ơn.")
    assert (desk.view(new).state, desk.view(new).text) == (TranslationState.STALE, before)
    desk.run()
    assert desk.view(new).state is TranslationState.MACHINE


def test_after_an_edit_a_persons_text_stays_until_a_person_redoes_it(desk: Desk) -> None:
    old = desk.add()
    desk.submit(old)
    new = desk.edit(old, TEXT + " Cảm ơn nhiều.")
    desk.run()
    view = desk.view(new)
    assert (view.state, view.underlying) == (TranslationState.STALE, TranslationState.MACHINE)
    assert view.text == HUMAN
    newer = desk.edit(new, TEXT + " Cảm ơn rất nhiều.")
    assert desk.view(newer).text == HUMAN
    desk.run()
    desk.submit(newer, HUMAN + "非常感謝。")
    assert (desk.view(newer).state, desk.view(newer).text) == (TranslationState.VERIFIED, HUMAN + "非常感謝。")


def test_the_text_of_an_earlier_version_can_not_be_submitted_any_more(desk: Desk) -> None:
    old = desk.add()
    desk.run()
    desk.edit(old, TEXT + " Cảm ơn.")
    with pytest.raises(CandidateChangedError):
        desk.submit(old)


def test_withdrawing_leaves_no_text_anywhere(desk: Desk) -> None:
    old = desk.add()
    desk.submit(old)
    new = desk.edit(old, TEXT + " Cảm ơn.")
    desk.run()
    with desk.db.transaction() as session:
        withdraw_sources(session, source_text_ids=[old, new], now=desk.clock())
    with desk.db.reading() as session:
        assert session.scalars(select(SourceText.text)).all() == ["", ""]
        assert session.scalars(select(Candidate)).all() == []
        assert session.scalars(select(MemoryEntry)).all() == []
        assert load_views(session, source_text_ids=[old, new], target=ZH) == {}
    assert desk.view(desk.add()).state is TranslationState.PENDING


def test_a_corrected_language_takes_memory_of_the_mistake(desk: Desk) -> None:
    source = desk.add("Nasi lemak sedap", declared=VI)
    desk.submit(source, "好吃的飯")
    with desk.db.transaction() as session:
        set_source_language(
            session, source_text_ids=[source], language=LanguageTag.ID, confirmed_by_id=1, now=desk.clock()
        )
    assert desk.view(source).state is TranslationState.PENDING
    assert desk.view(source).text is None
    with desk.db.reading() as session:
        assert session.scalars(select(MemoryEntry)).all() == []
