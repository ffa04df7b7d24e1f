"""Source texts: adding them, asking for their translations, correcting their language, withdrawing them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.db import insert_absent
from translation.detection import detect_language
from translation.events import TranslationsChanged, TranslationsRequested
from translation.facts import list_facts
from translation.languages import LanguageTag
from translation.models import (
    Candidate,
    EngineSet,
    Grade,
    MemoryEntry,
    SourceText,
    Translation,
    TranslationState,
    WaitReason,
)
from translation.results import Basis, OriginKind
from translation.service import memory
from translation.service.bridges import BRIDGE, go_on_from
from translation.service.changes import describe_change, is_human
from translation.service.language_reports import settle_language_reports
from translation.service.turns import take_turns
from translation.text import digest_text


def add_source_text(
    session: Session,
    *,
    text: str,
    declared: LanguageTag | None,
    prior: Mapping[LanguageTag, float],
    scope: str,
    engine_set: EngineSet,
    now: datetime,
    owner_id: int | None = None,
) -> SourceText:
    """Store a normalised, masked text with its language. ``prior`` is what the author and the thread make likely,
    ``owner_id`` whose share of the machine's time its translations take."""
    detected = detect_language(text, prior=prior)
    decided = detect_language(text, declared=declared, prior=prior) if declared else detected
    source = SourceText(
        text=text,
        digest=digest_text(text),
        language=decided.tag,
        basis=decided.basis,
        confidence=decided.confidence,
        declared_language=declared,
        detected_language=detected.tag,
        detected_confidence=detected.confidence,
        scope=scope,
        engine_set=engine_set,
        owner_id=owner_id,
        facts=[asdict(fact) for fact in list_facts(text, decided.tag)],
        created_at=now,
    )
    session.add(source)
    session.flush()
    return source


def request_translations(
    session: Session,
    *,
    sources: Sequence[SourceText],
    targets: Collection[LanguageTag],
    now: datetime,
    stale_candidates: Mapping[tuple[int, LanguageTag], int] | None = None,
) -> None:
    """Make sure that each text has a translation, in whatever state, into each target that isn't its own language.

    An exact verified match in memory is used at once. ``stale_candidates`` maps (source text id, target) to what
    readers saw before an edit.
    """
    stale = stale_candidates or {}
    wanted = {
        (source.id, target)
        for source in sources
        for target in targets
        if target not in (source.language, LanguageTag.UND)
    }
    # What is there already takes no place in the queue.
    wanted -= _list_there(session, {source_id for source_id, _ in wanted})
    if not wanted:
        return
    by_id = {source.id: source for source in sources}
    turns = _take_turns(session, by_id, sorted(wanted))
    values = [
        _make_values(by_id[source_id], target, stale.get((source_id, target)), turns.get((source_id, target), 0), now)
        for source_id, target in sorted(wanted)
    ]
    _settle_new(session, insert_absent(session, Translation, values), by_id, now)


def _list_there(session: Session, source_ids: Collection[int]) -> set[tuple[int, LanguageTag]]:
    rows = session.execute(
        select(Translation.source_text_id, Translation.target_language).where(
            Translation.source_text_id.in_(source_ids)
        )
    )
    return {(source_id, target) for source_id, target in rows}


def _take_turns(
    session: Session, sources: Mapping[int, SourceText], wanted: Sequence[tuple[int, LanguageTag]]
) -> dict[tuple[int, LanguageTag], int]:
    """Places in the workers' queue for what a machine is going to be asked for; one query an owner."""
    by_owner: dict[int | None, list[tuple[int, LanguageTag]]] = defaultdict(list)
    for source_id, target in wanted:
        if sources[source_id].language is not LanguageTag.UND:
            by_owner[sources[source_id].owner_id].append((source_id, target))
    turns: dict[tuple[int, LanguageTag], int] = {}
    for owner_id, own in by_owner.items():
        costs = [len(sources[source_id].text) for source_id, _ in own]
        turns |= zip(own, take_turns(session, owner_id=owner_id, costs=costs), strict=True)
    return turns


def _make_values(
    source: SourceText, target: LanguageTag, stale_candidate_id: int | None, turn: int, now: datetime
) -> dict[str, Any]:
    is_unknown = source.language is LanguageTag.UND
    return {
        "source_text_id": source.id,
        "source_language": source.language,
        "target_language": target,
        "state": TranslationState.WAITING if is_unknown else TranslationState.PENDING,
        "reason": WaitReason.UNKNOWN_LANGUAGE if is_unknown else None,
        "is_reported": False,
        "checks": [],
        "stale_candidate_id": stale_candidate_id,
        "attempts": 0,
        "owner_id": source.owner_id,
        "turn": turn,
        "available_at": now,
        "created_at": now,
        "updated_at": now,
    }


def _settle_new(session: Session, new: Sequence[Translation], sources: Mapping[int, SourceText], now: datetime) -> None:
    """Answer new translations from memory where it knows them, and tell who wants to know about the rest."""
    pending = [row for row in new if row.state is TranslationState.PENDING]
    settled = [row for row in new if row.state is not TranslationState.PENDING]
    for source_id in sorted({row.source_text_id for row in pending}):
        source = sources[source_id]
        of_source = [row for row in pending if row.source_text_id == source_id]
        matches = memory.find_exact(session, source=source, targets={row.target_language for row in of_source})
        for row in of_source:
            if row.target_language in matches:
                _verify_from_memory(session, row, source, matches[row.target_language], now)
                settled.append(row)
    if settled:
        session.flush()
        changes = [describe_change(session, row) for row in settled]
        outbox.record(session, TranslationsChanged(changes=changes), now=now)
    if any(row.state is TranslationState.PENDING for row in pending):
        outbox.record(session, TranslationsRequested(), now=now)


def _verify_from_memory(
    session: Session, row: Translation, source: SourceText, match: MemoryEntry, now: datetime
) -> None:
    candidate = Candidate(
        translation_id=row.id,
        text=match.target_text,
        source_digest=source.digest,
        origin=OriginKind.MEMORY,
        is_active=True,
        created_at=now,
    )
    session.add(candidate)
    row.state = TranslationState.VERIFIED
    row.grade = Grade(match.grade)
    row.stale_candidate_id = None
    row.updated_at = now
    if row.target_language is BRIDGE:
        session.flush()
        go_on_from(session, source=source, english=candidate, before=None, now=now)


def set_source_language(
    session: Session, *, source_text_ids: Collection[int], language: LanguageTag, confirmed_by_id: int, now: datetime
) -> None:
    """A person says which language it is: where it was another, everything is translated again, and memory made from
    the mistake goes. Where it was that one, its translations stay."""
    sources = list(session.scalars(select(SourceText).where(SourceText.id.in_(source_text_ids)).with_for_update()))
    settle_language_reports(session, source_text_ids=source_text_ids)
    # A translation into what was taken for its own language was withdrawn, and comes back with the language.
    changed = [source.id for source in sources if source.language is not language and source.withdrawn_at is None]
    for source in sources:
        source.confirmed_language = language
        source.confirmed_by_id = confirmed_by_id
        source.language, source.basis, source.confidence = language, Basis.CONFIRMED, 1.0
    rows = list(
        session.scalars(
            select(Translation)
            .where(Translation.source_text_id.in_(changed))
            .order_by(Translation.id)
            .with_for_update()
        )
    )
    ids = [row.id for row in rows]
    places = [(row.source_text_id, row.target_language) for row in rows if row.target_language is not language]
    turns = _take_turns(session, {source.id: source for source in sources}, places)
    memory.forget_translations(session, translation_ids=ids)
    session.execute(update(Candidate).where(Candidate.translation_id.in_(ids)).values(is_active=False))
    for row in rows:
        is_own = row.target_language is language
        row.source_language = language
        row.state = TranslationState.WITHDRAWN if is_own else TranslationState.PENDING
        row.grade = row.reason = row.stale_candidate_id = row.bridge_candidate_id = None
        row.checks, row.is_reported, row.attempts = [], False, 0
        row.turn = turns.get((row.source_text_id, row.target_language), 0)
        row.available_at = row.updated_at = now
    session.flush()
    if rows:
        changes = [describe_change(session, row) for row in rows]
        outbox.record(session, TranslationsChanged(changes=changes), now=now)
        outbox.record(session, TranslationsRequested(), now=now)


def mark_stale(
    session: Session, *, old_source_id: int, new_source_id: int, now: datetime
) -> dict[tuple[int, LanguageTag], int]:
    """The text was edited: its translations become outdated. Returns what readers saw of it, for the new text's
    translations to show until there is something better."""
    rows = list(
        session.scalars(
            select(Translation)
            .where(Translation.source_text_id == old_source_id, Translation.state != TranslationState.WITHDRAWN)
            .order_by(Translation.id)
            .with_for_update()
        )
    )
    active = dict(
        session.execute(
            select(Candidate.translation_id, Candidate.id).where(
                Candidate.translation_id.in_([row.id for row in rows]), Candidate.is_active
            )
        ).all()
    )
    shown: dict[tuple[int, LanguageTag], int] = {}
    for row in rows:
        is_shown = row.state in (TranslationState.MACHINE, TranslationState.VERIFIED)
        # A person's text of an earlier version goes before a machine's of this one, as it does for readers.
        stale = session.get(Candidate, row.stale_candidate_id) if row.stale_candidate_id is not None else None
        candidate_id = active.get(row.id) if is_shown and not is_human(stale) else row.stale_candidate_id
        if candidate_id is not None:
            shown[new_source_id, row.target_language] = candidate_id
        row.state, row.updated_at = TranslationState.STALE, now
    session.flush()
    if rows:
        changes = [describe_change(session, row) for row in rows]
        outbox.record(session, TranslationsChanged(changes=changes), now=now)
    return shown


def withdraw_sources(session: Session, *, source_text_ids: Collection[int], now: datetime) -> None:
    """Remove texts and everything made from them: candidates, memory, findings, notes of reports. Only ids stay."""
    rows = list(
        session.scalars(
            select(Translation)
            .where(Translation.source_text_id.in_(source_text_ids))
            .order_by(Translation.id)
            .with_for_update()
        )
    )
    ids = [row.id for row in rows]
    memory.forget_translations(session, translation_ids=ids)
    candidates = select(Candidate.id).where(Candidate.translation_id.in_(ids))
    session.execute(
        update(Translation).where(Translation.stale_candidate_id.in_(candidates)).values(stale_candidate_id=None)
    )
    session.execute(delete(Candidate).where(Candidate.translation_id.in_(ids)))
    memory.forget_reports(session, translation_ids=ids)
    settle_language_reports(session, source_text_ids=source_text_ids)
    for row in rows:
        row.state, row.grade, row.reason, row.checks = TranslationState.WITHDRAWN, None, None, []
        row.stale_candidate_id = row.bridge_candidate_id = None
        row.updated_at = now
    session.execute(
        update(SourceText)
        .where(SourceText.id.in_(source_text_ids))
        .values(text="", digest="", facts=[], withdrawn_at=now)
    )
    session.flush()
    if rows:
        changes = [describe_change(session, row) for row in rows]
        outbox.record(session, TranslationsChanged(changes=changes), now=now)
