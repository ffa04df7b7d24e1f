"""Machine texts checked again after the glossary has changed: what fails now is held, what was held only for a term
that is gone is shown. What people vouch for is never touched."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.clock import Clock
from app.core.db import Database
from translation.checks.base import CheckInput
from translation.checks.glossary import REPLACED, GlossaryCheck
from translation.events import TranslationsChanged
from translation.glossary.models import Regate
from translation.glossary.queries import CACHE, REFRESH_SECONDS, Glossary
from translation.models import Candidate, SourceText, Translation, TranslationState, WaitReason
from translation.results import CheckCode, OriginKind, Severity
from translation.service.changes import describe_change

#: A change is left alone until no process works with the glossary before it.
SETTLING: Final = timedelta(seconds=2 * REFRESH_SECONDS)
BATCH: Final = 500

#: Takes the locks of whatever hangs above the source texts with these ids, before theirs are taken.
Lock = Callable[[Session, Collection[int]], None]

_IS_MACHINES: Final = and_(
    Candidate.origin == OriginKind.MACHINE,
    Candidate.source_digest == SourceText.digest,
    or_(
        and_(Candidate.is_active, Translation.state == TranslationState.MACHINE),
        and_(
            Candidate.is_active,
            Translation.state == TranslationState.WAITING,
            Translation.reason == WaitReason.HELD,
        ),
        # What readers see while it is being made again.
        and_(Candidate.id == Translation.stale_candidate_id, Translation.state == TranslationState.PENDING),
    ),
)


@dataclass(frozen=True)
class _Verdict:
    """What the glossary says of a candidate now. ``checks`` are all findings, those of other checks as they were."""

    candidate_id: int
    checks: list[Any]
    is_held: bool


def run_regates(database: Database, *, clock: Clock, lock: Lock) -> int:
    """Check until nothing is left, in short transactions; the number of translations looked at."""
    looked_at = 0
    while _has_regates(database, clock()):
        with database.transaction() as session:
            count = regate_batch(session, now=clock(), limit=BATCH, lock=lock)
        if not count and _has_regates(database, clock()):
            # Another worker has them.
            break
        looked_at += count
    return looked_at


def _has_regates(database: Database, now: datetime) -> bool:
    """A look without a lock: an idle worker must not take SQLite's one."""
    with database.reading() as session:
        return session.scalar(_due(now).limit(1)) is not None


def _due(now: datetime) -> Select[Regate]:
    return select(Regate).where(Regate.created_at <= now - SETTLING)


def regate_batch(session: Session, *, now: datetime, limit: int, lock: Lock | None = None) -> int:
    """Look at the next translations, at most ``limit``, for the changed concepts that are furthest behind; how many.
    0 means that there are none left to look at, or another worker has them.

    Concepts at the same place are looked at together. Only the glossary is asked again; findings of other checks stay.
    """
    regates = session.scalars(_due(now).order_by(Regate.after_id, Regate.id).with_for_update(skip_locked=True)).all()
    if not regates:
        return 0
    after_id = regates[0].after_id
    together = [regate for regate in regates if regate.after_id == after_id]
    next_id = min((regate.after_id for regate in regates if regate.after_id > after_id), default=None)
    window = select(Translation.id).where(Translation.id > after_id)
    if next_id is not None:
        # Up to where another one stands, and with it from there.
        window = window.where(Translation.id <= next_id)
    ids = list(session.scalars(window.order_by(Translation.id).limit(limit)))
    if ids:
        _regate(session, ids, {regate.concept_id for regate in together}, lock, now)
    for regate in together:
        if len(ids) == limit:
            regate.after_id = ids[-1]
        elif next_id is not None:
            regate.after_id = next_id
        else:
            session.delete(regate)
    session.flush()
    if not ids and next_id is not None:
        return regate_batch(session, now=now, limit=limit, lock=lock)
    return len(ids)


def _regate(session: Session, ids: list[int], concept_ids: set[int], lock: Lock | None, now: datetime) -> None:
    CACHE.expire(session)
    glossary = CACHE.get_glossary(session)
    verdicts = {
        row.id: verdict
        for row, source, candidate in _list_rows(session, ids)
        if (verdict := _judge(glossary, row, source, candidate, concept_ids)) is not None
    }
    if not verdicts:
        return
    if lock is not None:
        sources = select(Translation.source_text_id).where(Translation.id.in_(verdicts))
        lock(session, set(session.scalars(sources)))
    changed: list[Translation] = []
    # Read again: somebody may have been faster than the locks.
    for row, _source, candidate in _list_rows(session, list(verdicts), is_locking=True):
        verdict = verdicts[row.id]
        if candidate.id != verdict.candidate_id:
            continue
        row.checks, row.updated_at = verdict.checks, now
        if row.state is TranslationState.PENDING:
            if verdict.is_held:
                row.stale_candidate_id = None
                changed.append(row)
            continue
        if verdict.is_held is (row.state is TranslationState.WAITING):
            continue
        row.state = TranslationState.WAITING if verdict.is_held else TranslationState.MACHINE
        row.reason = WaitReason.HELD if verdict.is_held else None
        changed.append(row)
    if changed:
        session.flush()
        changes = [describe_change(session, row) for row in changed]
        outbox.record(session, TranslationsChanged(changes=changes), now=now)


def _list_rows(
    session: Session, ids: list[int], *, is_locking: bool = False
) -> list[Row[Translation, SourceText, Candidate]]:
    statement = (
        select(Translation, SourceText, Candidate)
        .join(SourceText, SourceText.id == Translation.source_text_id)
        .join(Candidate, Candidate.translation_id == Translation.id)
        .where(Translation.id.in_(ids), SourceText.withdrawn_at.is_(None), _IS_MACHINES)
        .order_by(Translation.id)
        .execution_options(populate_existing=True)
    )
    return list(session.execute(statement.with_for_update(of=Translation) if is_locking else statement).all())


def _judge(
    glossary: Glossary, row: Translation, source: SourceText, candidate: Candidate, concept_ids: set[int]
) -> _Verdict | None:
    """None where the change makes no difference."""
    is_glossary = [finding["code"] == CheckCode.GLOSSARY and finding["message"] != REPLACED for finding in row.checks]
    # A text that an old name of the concept holds need not have any of its present ones.
    if not any(is_glossary) and not glossary.has_concept(source.text, row.source_language, concept_ids):
        return None
    terms = glossary.find_terms(source.text, source=row.source_language, target=row.target_language)
    pair = CheckInput(source.text, candidate.text, row.source_language, row.target_language, terms)
    others = [finding for finding, is_own in zip(row.checks, is_glossary, strict=True) if not is_own]
    checks = [*others, *(asdict(finding) for finding in GlossaryCheck().check(pair))]
    is_held = any(finding["severity"] == Severity.ERROR for finding in checks)
    if [_to_key(finding) for finding in checks] == [_to_key(finding) for finding in row.checks]:
        return None
    return _Verdict(candidate.id, checks, is_held)


def _to_key(finding: dict[str, Any]) -> tuple[Any, ...]:
    return (finding["code"], finding["severity"], finding["message"], *finding["detail"])
