"""Simplified Chinese as a way of showing Traditional Chinese: made by OpenCC when it is read, stored nowhere, so that
there is one Chinese text for people to check."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from translation.engines.opencc import OPENCC, OpenccEngine
from translation.languages import LanguageTag
from translation.models import TranslationState
from translation.queries import OriginView, TranslationView
from translation.results import OriginKind

_HANT, _HANS = LanguageTag.ZH_HANT, LanguageTag.ZH_HANS
_engine = OpenccEngine()


@lru_cache(maxsize=4_096)
def to_simplified(text: str) -> str:
    return _engine.translate([text], pair=(_HANT, _HANS))[0].text


def show_simplified(view: TranslationView) -> TranslationView:
    """A translation into Traditional Chinese, as a reader of Simplified Chinese sees it."""
    if view.language is not _HANT:
        return view
    gist = tuple(replace(term, target=to_simplified(term.target)) for term in view.gist)
    return replace(view, language=_HANS, text=to_simplified(view.text) if view.text is not None else None, gist=gist)


def convert_original(*, source_text_id: int, text: str, is_demo: bool, written_at: datetime) -> TranslationView:
    """A text written in Traditional Chinese, as a reader of Simplified Chinese sees it. It has no row, so no id."""
    return TranslationView(
        id=0,
        source_text_id=source_text_id,
        source_language=_HANT,
        language=_HANS,
        state=TranslationState.MACHINE,
        underlying=TranslationState.MACHINE,
        grade=None,
        is_reported=False,
        text=to_simplified(text),
        origin=OriginView(kind=OriginKind.MACHINE, engine=OPENCC, route=(_HANT.value, _HANS.value)),
        candidate_id=None,
        reason=None,
        checks=(),
        is_demo=is_demo,
        updated_at=written_at,
    )
