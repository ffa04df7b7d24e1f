"""Readers who say that a text's language was got wrong. Nothing changes before somebody who knows has looked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.db import insert_if_absent
from app.core.errors import NotFoundError
from translation.events import LanguageReported
from translation.languages import LanguageTag
from translation.models import LanguageReport, SourceText


class SourceTextNotFoundError(NotFoundError):
    """There is no such text, or it was taken back."""

    code = "translation.text_not_found"


def report_language(
    session: Session, *, source_text_id: int, account_id: int, language: LanguageTag | None, now: datetime
) -> bool:
    """Keep a reader's word that the text is not in the language it is taken for, and perhaps in ``language``; one a
    reader and text. False for a second one. Raises :class:`SourceTextNotFoundError`."""
    source = session.get(SourceText, source_text_id)
    if source is None or source.withdrawn_at is not None:
        raise SourceTextNotFoundError
    values = {"source_text_id": source.id, "account_id": account_id, "language": language, "created_at": now}
    if not insert_if_absent(session, LanguageReport, values):
        return False
    outbox.record(session, LanguageReported(source_text_id=source.id), now=now)
    return True


def find_reported(session: Session, source_text_ids: Collection[int]) -> set[int]:
    """Which of these texts have reports that nobody has settled yet."""
    rows = session.scalars(
        select(LanguageReport.source_text_id).where(LanguageReport.source_text_id.in_(source_text_ids)).distinct()
    )
    return set(rows)


def settle_language_reports(session: Session, *, source_text_ids: Collection[int]) -> None:
    """Somebody has said which language it is, or the text is gone."""
    session.execute(delete(LanguageReport).where(LanguageReport.source_text_id.in_(source_text_ids)))
