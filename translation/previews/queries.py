"""Readers of previews: only who asked for one sees it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.errors import NotFoundError
from translation.languages import LanguageTag
from translation.models import WaitReason
from translation.previews.models import Preview, PreviewState
from translation.queries import to_finding
from translation.results import Finding


class PreviewNotFoundError(NotFoundError):
    """There is none, it is somebody else's, or its hour is over."""

    code = "preview.not_found"


@dataclass(frozen=True)
class PreviewView:
    """``forward_text`` is how readers of ``target`` would see it, ``back_text`` that again in ``source``; of a way back
    only, ``back_text`` is the text in ``target``. ``findings`` are the gate's: it would hold a text with an error."""

    id: int
    source: LanguageTag
    target: LanguageTag
    state: PreviewState
    reason: WaitReason | None
    text: str
    forward_text: str | None
    back_text: str | None
    findings: tuple[Finding, ...]
    is_round_trip: bool


def get_preview(session: Session, *, account_id: int, preview_id: int) -> PreviewView:
    """Raises :class:`PreviewNotFoundError`."""
    row = session.get(Preview, preview_id)
    if row is None or row.account_id != account_id:
        raise PreviewNotFoundError
    return PreviewView(
        id=row.id,
        source=row.source_language,
        target=row.target_language,
        state=row.state,
        reason=row.reason,
        text=row.text,
        forward_text=row.forward_text,
        back_text=row.back_text,
        findings=tuple(to_finding(check) for check in row.checks),
        is_round_trip=row.is_round_trip,
    )
