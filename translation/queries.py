"""Readers of translations: what somebody who may see a text sees of it in a language."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from translation.glossary.queries import GistTerm, list_gist
from translation.languages import LanguageTag
from translation.models import (
    Candidate,
    EngineSet,
    Grade,
    SourceText,
    Translation,
    TranslationState,
    WaitReason,
)
from translation.results import CheckCode, Finding, OriginKind, Severity
from translation.service.changes import is_human
from translation.service.verification import TranslationNotFoundError


@dataclass(frozen=True)
class OriginView:
    kind: OriginKind
    engine: str | None
    route: tuple[str, ...]


@dataclass(frozen=True)
class TranslationView:
    """What a reader sees. ``state`` is STALE while the text shown belongs to an earlier version of the source; then
    ``underlying`` is where the translation of the new version stands. ``text`` is None unless it may be shown; while
    people are waited for, ``gist`` has the glossary's terms in the source."""

    id: int
    source_text_id: int
    source_language: LanguageTag
    language: LanguageTag
    state: TranslationState
    underlying: TranslationState
    grade: Grade | None
    is_reported: bool
    text: str | None
    origin: OriginView | None
    candidate_id: int | None
    reason: WaitReason | None
    checks: tuple[Finding, ...]
    is_demo: bool
    updated_at: datetime
    gist: tuple[GistTerm, ...] = ()


_SHOWN = (TranslationState.MACHINE, TranslationState.VERIFIED)


def load_views(
    session: Session, *, source_text_ids: Collection[int], target: LanguageTag
) -> dict[int, TranslationView]:
    """The translations of texts into one language, by source text id, in one query (and a look at whether the glossary
    has changed, at most every few seconds, where somebody waits for people). Visibility is the caller's."""
    if not source_text_ids:
        return {}
    active, stale = aliased(Candidate), aliased(Candidate)
    rows = session.execute(
        select(Translation, active, stale, SourceText.engine_set, SourceText.text)
        .join(SourceText, SourceText.id == Translation.source_text_id)
        .outerjoin(active, and_(active.translation_id == Translation.id, active.is_active))
        .outerjoin(stale, stale.id == Translation.stale_candidate_id)
        .where(
            Translation.source_text_id.in_(source_text_ids),
            Translation.target_language == target,
            Translation.state != TranslationState.WITHDRAWN,
        )
    )
    views = {}
    for row, active_row, stale_row, engines, text in rows:
        view = _to_view(row, active_row, stale_row, engines)
        if view.text is None and row.state is TranslationState.WAITING and row.source_language.is_known:
            gist = list_gist(session, text=text, source=row.source_language, target=target)
            view = replace(view, gist=gist)
        views[row.source_text_id] = view
    return views


def _to_view(
    row: Translation, active: Candidate | None, stale: Candidate | None, engine_set: EngineSet
) -> TranslationView:
    # A person's text of the version before an edit is kept until a person has done the new version.
    is_shown = row.state in _SHOWN and not (row.state is TranslationState.MACHINE and is_human(stale))
    is_stale = stale is not None and not is_shown
    shown = stale if is_stale else active if is_shown else None
    return TranslationView(
        id=row.id,
        source_text_id=row.source_text_id,
        source_language=row.source_language,
        language=row.target_language,
        # Machine text of this very text that is being made again is not outdated.
        state=_name_state(row, stale) if stale is not None and is_stale else row.state,
        underlying=row.state,
        grade=row.grade,
        is_reported=row.is_reported,
        text=shown.text if shown else None,
        origin=_to_origin(shown) if shown else None,
        candidate_id=shown.id if shown else None,
        reason=row.reason,
        checks=tuple(to_finding(check) for check in row.checks),
        is_demo=engine_set is EngineSet.DEMO,
        updated_at=row.updated_at,
    )


def _name_state(row: Translation, stale: Candidate) -> TranslationState:
    return TranslationState.MACHINE if stale.translation_id == row.id else TranslationState.STALE


def _to_origin(candidate: Candidate) -> OriginView:
    return OriginView(kind=candidate.origin, engine=candidate.engine, route=tuple(candidate.route or ()))


def to_finding(stored: dict[str, Any]) -> Finding:
    """A finding as it was stored with the translation."""
    return Finding(
        code=CheckCode(stored["code"]),
        severity=Severity(stored["severity"]),
        message=stored["message"],
        detail=tuple(stored["detail"]),
    )


def get_translation(session: Session, translation_id: int) -> Translation:
    row = session.get(Translation, translation_id)
    if row is None:
        raise TranslationNotFoundError
    return row


def find_translation(session: Session, *, source_text_id: int, target: LanguageTag) -> Translation | None:
    return session.scalar(
        select(Translation).where(Translation.source_text_id == source_text_id, Translation.target_language == target)
    )


def find_active_candidate(session: Session, translation_id: int) -> Candidate | None:
    """The active candidate, shown to readers or not (a held machine text is an interpreter's starting point)."""
    return session.scalar(select(Candidate).where(Candidate.translation_id == translation_id, Candidate.is_active))


def count_by_state(session: Session) -> dict[TranslationState, int]:
    rows = session.execute(select(Translation.state, func.count()).group_by(Translation.state))
    return dict(rows.all())
