"""How a translation's change is told to whoever subscribed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from translation.events import TranslationChange
from translation.models import Candidate, Translation
from translation.results import OriginKind


def is_human(candidate: Candidate | None) -> bool:
    """Vouched for by a person, at once or through the memory."""
    return candidate is not None and candidate.origin is not OriginKind.MACHINE


def describe_change(session: Session, row: Translation) -> TranslationChange:
    stale = session.get(Candidate, row.stale_candidate_id) if row.stale_candidate_id is not None else None
    return TranslationChange(
        translation_id=row.id,
        source_text_id=row.source_text_id,
        source=row.source_language,
        target=row.target_language,
        state=row.state,
        reason=row.reason,
        keeps_human_text=is_human(stale),
    )
