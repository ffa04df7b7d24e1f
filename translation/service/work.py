"""What workers do: claim a batch of pending translations, and write what came out. Inference is in between, with no
transaction open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import outbox
from translation.events import TranslationsChanged
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
from translation.results import OriginKind, PipelineResult, Route
from translation.segments import split_segments
from translation.service import memory
from translation.service.changes import describe_change

#: A translation that failed so often waits for a person.
MAX_ATTEMPTS = 4


@dataclass(frozen=True)
class WorkItem:
    """One pending translation as it was when it was claimed. ``digest`` is compared before anything is written."""

    translation_id: int
    source_text_id: int
    attempt: int
    text: str
    digest: str
    scope: str
    source: LanguageTag
    target: LanguageTag
    engine_set: EngineSet
    remembered: dict[str, str]


@dataclass(frozen=True)
class WorkDone:
    """What came of an item: a result with its route, or why there is none."""

    item: WorkItem
    result: PipelineResult | None = None
    route: Route | None = None
    model_version: str = ""
    reason: WaitReason | None = None


def has_work(session: Session, *, now: datetime) -> bool:
    """A look without a lock: an idle worker must not take SQLite's one."""
    due = select(Translation.id).where(Translation.state == TranslationState.PENDING, Translation.available_at <= now)
    return session.scalar(due.limit(1)) is not None


def claim_work(session: Session, *, now: datetime, lease: timedelta, limit: int) -> list[WorkItem]:
    """Take up to ``limit`` due translations, oldest first; another worker may have them only after the lease."""
    due = (
        select(Translation.id)
        .where(Translation.state == TranslationState.PENDING, Translation.available_at <= now)
        .order_by(Translation.available_at, Translation.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(due))
    if not ids:
        return []
    session.execute(
        update(Translation)
        .where(Translation.id.in_(ids))
        .values(available_at=now + lease, attempts=Translation.attempts + 1)
    )
    rows = session.execute(
        select(Translation, SourceText)
        .join(SourceText, SourceText.id == Translation.source_text_id)
        .where(Translation.id.in_(ids))
        .order_by(Translation.id)
        .execution_options(populate_existing=True)
    ).all()
    # One look-up for the whole batch: a query for each text costs more than a small engine.
    remembered = memory.find_segments(session, lookups=[_to_lookup(row, source) for row, source in rows])
    return [_to_item(row, source, known) for (row, source), known in zip(rows, remembered, strict=True)]


def _to_lookup(row: Translation, source: SourceText) -> memory.Lookup:
    segments = frozenset(segment.text for segment in split_segments(source.text))
    return memory.Lookup(segments, source.scope, row.source_language, row.target_language)


def _to_item(row: Translation, source: SourceText, remembered: dict[str, str]) -> WorkItem:
    return WorkItem(
        translation_id=row.id,
        source_text_id=source.id,
        attempt=row.attempts,
        text=source.text,
        digest=source.digest,
        scope=source.scope,
        source=row.source_language,
        target=row.target_language,
        engine_set=source.engine_set,
        remembered=remembered,
    )


def finish_work(session: Session, *, done: Sequence[WorkDone], now: datetime) -> None:
    """Write results. Whatever has changed since the claim (edited, withdrawn, another language, a person's text) wins
    over the result, which is then dropped."""
    by_id = {each.item.translation_id: each for each in done}
    rows = session.execute(
        select(Translation, SourceText)
        .join(SourceText, SourceText.id == Translation.source_text_id)
        .where(Translation.id.in_(by_id), Translation.state == TranslationState.PENDING)
        .order_by(Translation.id)
        .with_for_update(of=Translation)
    )
    changed: list[Translation] = []
    for row, source in rows:
        each = by_id[row.id]
        is_fresh = source.digest == each.item.digest and row.source_language is each.item.source
        if not is_fresh or row.attempts != each.item.attempt:
            continue
        if each.result is not None:
            _store_result(session, row, each, each.result, now)
        elif each.reason is not WaitReason.ENGINE_FAILED or row.attempts >= MAX_ATTEMPTS:
            row.state, row.reason, row.updated_at = TranslationState.WAITING, each.reason, now
        else:
            row.available_at = now + timedelta(seconds=5 * 2**row.attempts)
            continue
        changed.append(row)
    if changed:
        session.flush()
        changes = [describe_change(session, row) for row in changed]
        outbox.record(session, TranslationsChanged(changes=changes), now=now)


def _store_result(session: Session, row: Translation, done: WorkDone, result: PipelineResult, now: datetime) -> None:
    is_machine = result.origin is OriginKind.MACHINE
    session.add(
        Candidate(
            translation_id=row.id,
            text=result.text,
            source_digest=done.item.digest,
            origin=result.origin,
            engine=done.route.engine if done.route and is_machine else None,
            route=[hop.value for hop in done.route.hops] if done.route and is_machine else None,
            model_version=done.model_version or None,
            score=result.score,
            is_active=True,
            created_at=now,
        )
    )
    row.checks = [asdict(finding) for finding in result.decision.findings]
    row.updated_at = now
    if not result.decision.is_published:
        row.state, row.reason = TranslationState.WAITING, WaitReason.HELD
    elif is_machine:
        row.state = TranslationState.MACHINE
    else:
        row.state, row.grade = TranslationState.VERIFIED, Grade.ONE
