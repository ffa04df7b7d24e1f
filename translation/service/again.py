"""Making machine text anew: from a person's English (``bridges.py``), or with another engine. A person's text is never
touched, and what readers see stays until there is something better."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.core import outbox
from translation.events import TranslationsRequested
from translation.languages import LanguageTag
from translation.models import Candidate, EngineSet, SourceText, Translation, TranslationState, WaitReason
from translation.results import OriginKind
from translation.service.changes import is_human
from translation.service.turns import take_background_turns

#: What an engine that has come since may put right.
_WITHOUT_ENGINE = (WaitReason.NO_ENGINE, WaitReason.ENGINE_FAILED)
_IS_LEFT = and_(Translation.state == TranslationState.WAITING, Translation.reason == WaitReason.NO_ENGINE)


def start_again(
    session: Session,
    *,
    rows: Sequence[Translation],
    active: Mapping[int, Candidate],
    turns: Sequence[int],
    now: datetime,
) -> None:
    """Put locked translations back into the queue. ``active`` are their active candidates, all of them a machine's, by
    translation id.

    What readers see of one becomes its stale candidate, like the text before an edit; unless there is a person's of an
    earlier version, which stays. :func:`find_kept` finds it again when nothing better came.
    """
    for row, turn in zip(rows, turns, strict=True):
        candidate = active.get(row.id)
        if candidate is not None:
            candidate.is_active = False
            if row.state is TranslationState.MACHINE and not _has_human_stale(session, row):
                row.stale_candidate_id = candidate.id
        row.state, row.reason, row.attempts = TranslationState.PENDING, None, 0
        row.turn, row.available_at, row.updated_at = turn, now, now
    session.flush()
    if rows:
        outbox.record(session, TranslationsRequested(), now=now)


def _has_human_stale(session: Session, row: Translation) -> bool:
    return row.stale_candidate_id is not None and is_human(session.get(Candidate, row.stale_candidate_id))


def find_kept(session: Session, row: Translation) -> Candidate | None:
    """The machine's text of this very source that readers see while it is made again."""
    if row.stale_candidate_id is None:
        return None
    kept = session.get(Candidate, row.stale_candidate_id)
    return kept if kept is not None and kept.translation_id == row.id and not is_human(kept) else None


def request_again(
    session: Session,
    *,
    source: LanguageTag,
    target: LanguageTag,
    present: Collection[tuple[str, str]],
    now: datetime,
    limit: int,
    after: int = 0,
) -> list[int]:
    """An operator says that the engines have changed: make a pair's machine text again, shown or held, where something
    else than ``present`` made it, and try what waits because there was no engine or it failed; behind everything that
    readers wait for. The demo's texts stay as they are.

    ``present`` are (engine, model version) of the ways that the pair takes now: its route, and that from English for
    what a person's English was the start of. Returns the ids of at most ``limit`` translations, oldest first, from the
    one after ``after`` on: whoever does all goes on from the last until none is left.
    """
    made_by = tuple_(func.coalesce(Candidate.engine, ""), func.coalesce(Candidate.model_version, ""))
    is_held = and_(Translation.state == TranslationState.WAITING, Translation.reason == WaitReason.HELD)
    is_left = and_(Translation.state == TranslationState.WAITING, Translation.reason.in_(_WITHOUT_ENGINE))
    is_made_otherwise = and_(
        or_(Translation.state == TranslationState.MACHINE, is_held),
        Candidate.origin == OriginKind.MACHINE,
        made_by.not_in(list(present)),
    )
    is_wanted = and_(Translation.id > after, or_(is_made_otherwise, is_left))
    return _put_back(session, source=source, target=target, is_wanted=is_wanted, now=now, limit=limit)


def list_left_pairs(session: Session) -> list[tuple[LanguageTag, LanguageTag]]:
    """The pairs of which texts wait for people only because there was no engine; not the demo's."""
    rows = session.execute(
        select(Translation.source_language, Translation.target_language)
        .join(SourceText, SourceText.id == Translation.source_text_id)
        .where(_IS_LEFT, SourceText.engine_set == EngineSet.INSTALLED)
        .distinct()
    )
    return [(source, target) for source, target in rows]


def request_left(session: Session, *, source: LanguageTag, target: LanguageTag, now: datetime, limit: int) -> list[int]:
    """An engine for the pair is there now (again): try at most ``limit`` of the texts that there was none for. A person
    at work on one goes on. Returns the ids of the translations."""
    return _put_back(session, source=source, target=target, is_wanted=_IS_LEFT, now=now, limit=limit)


def _put_back(
    session: Session,
    *,
    source: LanguageTag,
    target: LanguageTag,
    is_wanted: ColumnElement[bool],
    now: datetime,
    limit: int,
) -> list[int]:
    found = session.execute(
        select(Translation, Candidate, func.length(SourceText.text))
        .join(SourceText, SourceText.id == Translation.source_text_id)
        .outerjoin(Candidate, and_(Candidate.translation_id == Translation.id, Candidate.is_active))
        .where(
            Translation.source_language == source,
            Translation.target_language == target,
            SourceText.withdrawn_at.is_(None),
            SourceText.engine_set == EngineSet.INSTALLED,
            is_wanted,
        )
        .order_by(Translation.id)
        .limit(limit)
        .with_for_update(of=Translation)
    ).all()
    if not found:
        return []
    turns = take_background_turns(session, costs=[length for _, _, length in found])
    active = {row.id: candidate for row, candidate, _ in found if candidate is not None}
    start_again(session, rows=[row for row, _, _ in found], active=active, turns=turns, now=now)
    return [row.id for row, _, _ in found]
