from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.web.pages.shown import Label, show_text
from translation.languages import LanguageTag
from translation.models import Grade, TranslationState, WaitReason
from translation.queries import OriginView, TranslationView
from translation.results import OriginKind

MACHINE = TranslationView(
    id=1,
    source_text_id=1,
    source_language=LanguageTag.VI,
    language=LanguageTag.ZH_HANT,
    state=TranslationState.MACHINE,
    underlying=TranslationState.MACHINE,
    grade=None,
    is_reported=False,
    text="你好",
    origin=OriginView(OriginKind.MACHINE, "argos", ("vi", "en", "zh-Hant")),
    candidate_id=3,
    reason=None,
    checks=(),
    is_demo=False,
    updated_at=datetime(2026, 3, 2, tzinfo=UTC),
)
WAITING = replace(MACHINE, state=TranslationState.WAITING, text=None, origin=None, reason=WaitReason.NO_ENGINE)


def test_translation_comes_first_when_there_is_one() -> None:
    shown = show_text("Xin chào", LanguageTag.VI, MACHINE)
    assert (shown.text, shown.language, shown.label) == ("你好", "zh-Hant", Label.MACHINE)
    assert (shown.original, shown.original_language, shown.is_original) == ("Xin chào", "vi", False)


@pytest.mark.parametrize(
    ("state", "label"),
    [
        (TranslationState.MACHINE, Label.MACHINE),
        (TranslationState.VERIFIED, Label.VERIFIED),
        (TranslationState.STALE, Label.OUTDATED),
    ],
)
def test_label_follows_the_state_when_a_text_is_shown(state: TranslationState, label: Label) -> None:
    assert show_text("Xin chào", LanguageTag.VI, replace(MACHINE, state=state)).label is label


@pytest.mark.parametrize(
    ("state", "label"), [(TranslationState.PENDING, Label.TRANSLATING), (TranslationState.WAITING, Label.WAITING)]
)
def test_original_is_shown_when_no_translation_may_be(state: TranslationState, label: Label) -> None:
    shown = show_text("Xin chào", LanguageTag.VI, replace(WAITING, state=state))
    assert (shown.text, shown.language, shown.is_original, shown.label) == ("Xin chào", "vi", True, label)


def test_reason_is_told_when_a_person_is_waited_for() -> None:
    assert show_text("Xin chào", LanguageTag.VI, WAITING).reason == "no_engine"


def test_nobody_vouches_when_the_text_is_in_the_readers_language() -> None:
    assert show_text("你好", LanguageTag.ZH_HANT, None).label is Label.NONE


def test_text_is_being_translated_when_nobody_asked_before() -> None:
    assert show_text("Xin chào", LanguageTag.VI, None, lacks=True).label is Label.TRANSLATING


def test_language_is_not_guessed_when_it_is_unknown() -> None:
    shown = show_text("abc", LanguageTag.UND, WAITING)
    assert (shown.label, shown.language) == (Label.UNKNOWN, "und")


def test_flags_are_carried_when_set() -> None:
    shown = show_text("x", LanguageTag.VI, replace(MACHINE, is_reported=True, is_demo=True, grade=Grade.TWO))
    assert (shown.is_reported, shown.is_demo, shown.is_checked_twice) == (True, True, True)


def test_demo_model_is_not_named_when_a_person_wrote_the_text() -> None:
    shown = show_text("x", LanguageTag.VI, replace(MACHINE, is_demo=True, state=TranslationState.VERIFIED))
    assert not shown.is_demo
