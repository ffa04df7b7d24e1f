"""Asking for previews, and what workers do with them. The text is masked before it gets here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.errors import ConflictError, InvalidInputError
from translation.events import PreviewRequested
from translation.glossary.queries import find_terms
from translation.languages import LanguageTag
from translation.models import EngineSet, WaitReason
from translation.previews.models import Preview, PreviewState
from translation.results import Finding, GlossaryTerm

#: Longest text that is previewed, in characters: somebody sits and waits for it.
MAX_LENGTH: Final = 5_000
#: How long a preview is kept.
LIFE: Final = timedelta(hours=1)
#: Previews of one account that may be waiting at a time.
MOST_PENDING: Final = 3
#: A preview that failed so often is given up; whoever waits for it has gone.
MAX_ATTEMPTS: Final = 2


class TooManyPreviewsError(ConflictError):
    """Earlier previews of this account are still being made."""

    code = "preview.too_many"


class NothingToPreviewError(InvalidInputError):
    """The language is not known, or the text is in the reader's language already."""

    code = "preview.nothing_to_do"


@dataclass(frozen=True)
class PreviewItem:
    """One claimed preview: what to translate, with the glossary's terms for the way there and the way back."""

    id: int
    text: str
    source: LanguageTag
    target: LanguageTag
    engine_set: EngineSet
    is_round_trip: bool
    terms: tuple[GlossaryTerm, ...]


@dataclass(frozen=True)
class PreviewDone:
    """What came of it. Without texts, ``reason`` says why; without a reason it is tried again."""

    id: int
    forward_text: str | None = None
    back_text: str | None = None
    findings: tuple[Finding, ...] = ()
    reason: WaitReason | None = None
    has_failed: bool = False


def request_preview(
    session: Session,
    *,
    account_id: int,
    text: str,
    source: LanguageTag,
    target: LanguageTag,
    engine_set: EngineSet,
    is_round_trip: bool,
    now: datetime,
) -> Preview:
    """Ask for the masked ``text`` as it reads in ``target`` and again in ``source``; without ``is_round_trip`` only
    for the way from ``source`` to ``target``, which is a way back for who wrote the text from ``target``.

    The same question within the hour gets the same row. Raises :class:`NothingToPreviewError`,
    :class:`TooManyPreviewsError`, :class:`InvalidInputError` for a text longer than ``MAX_LENGTH``.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidInputError(field="text")
    if not source.is_known or not target.is_known or source is target:
        raise NothingToPreviewError(field="language")
    forget_old(session, now=now)
    mine = Preview.account_id == account_id
    known = session.scalar(
        select(Preview)
        .where(
            mine,
            Preview.text == text,
            Preview.source_language == source,
            Preview.target_language == target,
            Preview.engine_set == engine_set,
            Preview.is_round_trip == is_round_trip,
            Preview.state != PreviewState.UNAVAILABLE,
        )
        .limit(1)
    )
    if known is not None:
        return known
    pending = session.scalar(select(func.count()).where(mine, Preview.state == PreviewState.PENDING))
    if (pending or 0) >= MOST_PENDING:
        raise TooManyPreviewsError
    preview = Preview(
        account_id=account_id,
        text=text,
        source_language=source,
        target_language=target,
        engine_set=engine_set,
        is_round_trip=is_round_trip,
        state=PreviewState.PENDING,
        checks=[],
        available_at=now,
        created_at=now,
    )
    session.add(preview)
    session.flush()
    outbox.record(session, PreviewRequested(), now=now)
    return preview


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete what is older than its hour."""
    session.execute(delete(Preview).where(Preview.created_at < now - LIFE))


def forget_texts_of(session: Session, *, account_id: int) -> None:
    """Delete all previews of an account."""
    session.execute(delete(Preview).where(Preview.account_id == account_id))


def has_previews(session: Session, *, now: datetime) -> bool:
    """A look without a lock: an idle worker must not take SQLite's one."""
    due = select(Preview.id).where(Preview.state == PreviewState.PENDING, Preview.available_at <= now)
    return session.scalar(due.limit(1)) is not None


def claim_previews(session: Session, *, now: datetime, lease: timedelta, limit: int) -> list[PreviewItem]:
    """Take up to ``limit`` due previews, oldest first; another worker may have them only after the lease."""
    due = (
        select(Preview.id)
        .where(Preview.state == PreviewState.PENDING, Preview.available_at <= now)
        .order_by(Preview.available_at, Preview.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(due))
    if not ids:
        return []
    session.execute(
        update(Preview).where(Preview.id.in_(ids)).values(available_at=now + lease, attempts=Preview.attempts + 1)
    )
    rows = session.scalars(
        select(Preview).where(Preview.id.in_(ids)).order_by(Preview.id).execution_options(populate_existing=True)
    )
    return [
        PreviewItem(
            id=row.id,
            text=row.text,
            source=row.source_language,
            target=row.target_language,
            engine_set=row.engine_set,
            is_round_trip=row.is_round_trip,
            terms=find_terms(session, texts=[row.text], source=row.source_language, target=row.target_language)[0],
        )
        for row in rows
    ]


def finish_previews(session: Session, *, done: Sequence[PreviewDone], now: datetime) -> None:
    """Write results of previews that are still wanted."""
    for each in done:
        row = session.get(Preview, each.id, with_for_update=True)
        if row is None or row.state is not PreviewState.PENDING:
            continue
        if each.has_failed and row.attempts < MAX_ATTEMPTS:
            row.available_at = now
            continue
        row.forward_text, row.back_text = each.forward_text, each.back_text
        row.checks = [asdict(finding) for finding in each.findings]
        row.reason = WaitReason.ENGINE_FAILED if each.has_failed else each.reason
        row.state = PreviewState.UNAVAILABLE if row.reason is not None else PreviewState.READY
