"""What people do to translations: write or correct them, and say that one is wrong."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.db import insert_if_absent
from app.core.errors import ConflictError, NotFoundError, QiaoError
from translation.checks.base import CheckInput
from translation.events import TranslationReported, TranslationsChanged
from translation.gate import judge_human
from translation.glossary.queries import find_terms
from translation.models import (
    Candidate,
    Grade,
    SourceText,
    Translation,
    TranslationReport,
    TranslationState,
)
from translation.results import OriginKind, Severity
from translation.service import memory
from translation.service.bridges import BRIDGE, go_on_from
from translation.service.changes import describe_change, is_human
from translation.text import parse_user_text

#: Longer than any post, because translations into Khmer or Vietnamese grow.
MAX_TEXT_LENGTH = 60_000


class TranslationNotFoundError(NotFoundError):
    code = "translation.not_found"


class ChecksFailedError(QiaoError):
    """The text fails checks. ``findings`` in the data; warnings alone pass with ``accept_warnings``."""

    code = "translation.checks_failed"


class CandidateChangedError(ConflictError):
    """Somebody was faster, or the source was edited. Data: ``mine``, ``theirs`` (or None), ``source``."""

    code = "translation.candidate_changed"


class ReportReason(StrEnum):
    MEANING = "meaning"
    UNCLEAR = "unclear"
    FACTS = "facts"
    OTHER = "other"


def submit_translation(
    session: Session,
    *,
    translation_id: int,
    text: str,
    base_candidate_id: int | None,
    actor_id: int,
    accept_warnings: bool,
    now: datetime,
) -> Candidate:
    """A person vouches for a text. Raises :class:`ChecksFailedError`, :class:`CandidateChangedError`."""
    row = session.scalar(select(Translation).where(Translation.id == translation_id).with_for_update())
    source = session.get(SourceText, row.source_text_id) if row else None
    if row is None or source is None or row.state is TranslationState.WITHDRAWN:
        raise TranslationNotFoundError
    text = parse_user_text(text, field="text", max_length=MAX_TEXT_LENGTH)
    active = _find_active(session, row.id)
    _require_unchanged(row, source, active, text, base_candidate_id)
    _require_checked(session, row, source, text, accept_warnings=accept_warnings)
    row.grade = _grade(active, text, actor_id) if row.state is TranslationState.VERIFIED else Grade.ONE
    memory.forget_translations(session, translation_ids=[row.id])
    if active is not None:
        active.is_active = False
        session.flush()
    candidate = Candidate(
        translation_id=row.id,
        text=text,
        source_digest=source.digest,
        origin=OriginKind.INTERPRETER,
        is_active=True,
        created_by_id=actor_id,
        created_at=now,
    )
    session.add(candidate)
    session.flush()
    row.state, row.reason, row.checks, row.is_reported = TranslationState.VERIFIED, None, [], False
    row.stale_candidate_id = row.bridge_candidate_id = None
    row.updated_at = now
    memory.remember(session, source=source, target=row.target_language, candidate=candidate, grade=row.grade, now=now)
    session.flush()
    if row.target_language is BRIDGE:
        go_on_from(session, source=source, english=candidate, before=active, now=now)
    outbox.record(session, TranslationsChanged(changes=[describe_change(session, row)]), now=now)
    return candidate


def _find_active(session: Session, translation_id: int) -> Candidate | None:
    return session.scalar(select(Candidate).where(Candidate.translation_id == translation_id, Candidate.is_active))


def _require_unchanged(
    row: Translation, source: SourceText, active: Candidate | None, text: str, base_candidate_id: int | None
) -> None:
    """Machine text may be overwritten by anybody; a person's only by somebody who has seen it."""
    is_seen = active is None or base_candidate_id == active.id or not is_human(active)
    if row.state is not TranslationState.STALE and is_seen:
        return
    raise CandidateChangedError(mine=text, theirs=active.text if active else None, source=source.text)


def _require_checked(
    session: Session, row: Translation, source: SourceText, text: str, *, accept_warnings: bool
) -> None:
    languages = row.source_language, row.target_language
    (terms,) = find_terms(session, texts=[source.text], source=languages[0], target=languages[1])
    findings = judge_human(CheckInput(source.text, text, *languages, terms))
    is_blocked = any(finding.severity is Severity.ERROR for finding in findings)
    if is_blocked or (findings and not accept_warnings):
        raise ChecksFailedError(findings=findings)


def _grade(active: Candidate | None, text: str, actor_id: int) -> Grade:
    """By two: a second person confirms the very text that another one wrote."""
    is_confirmed = active is not None and active.text == text and active.created_by_id not in (None, actor_id)
    return Grade.TWO if is_confirmed else Grade.ONE


def report_translation(
    session: Session,
    *,
    translation_id: int,
    account_id: int,
    reason: ReportReason,
    note: str | None,
    now: datetime,
) -> None:
    """A reader says that the shown text is wrong. It stays shown, labelled, and goes to the front of the desk."""
    row = session.scalar(select(Translation).where(Translation.id == translation_id).with_for_update())
    active = _find_active(session, translation_id)
    if row is None or active is None or row.state not in (TranslationState.MACHINE, TranslationState.VERIFIED):
        raise TranslationNotFoundError
    values = {
        "translation_id": row.id,
        "candidate_id": active.id,
        "account_id": account_id,
        "reason": reason.value,
        "note": parse_user_text(note, field="note", max_length=1_000) if note and note.strip() else None,
        "created_at": now,
    }
    if not insert_if_absent(session, TranslationReport, values):
        return
    row.is_reported, row.updated_at = True, now
    session.flush()
    outbox.record(session, TranslationsChanged(changes=[describe_change(session, row)]), now=now)
    reported = TranslationReported(translation_id=row.id, source_text_id=row.source_text_id, target=row.target_language)
    outbox.record(session, reported, now=now)
