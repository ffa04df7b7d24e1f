"""What an interpreter's text says to a reader of the original: her translation, translated back by a machine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.forum.policy import require_signed_in
from app.interpreting.errors import LanguageExpectedError, LeaseLostError
from app.interpreting.opening import is_leased
from app.interpreting.service import find_workable_task
from moderation.screening import screen_text
from translation.models import SourceText, Translation
from translation.previews.models import Preview
from translation.previews.service import MAX_LENGTH, request_preview
from translation.text import parse_user_text


def preview_back_translation(session: Session, *, actor: Actor, task_id: int, text: str, now: datetime) -> Preview:
    """Ask for ``text`` in the language of the original. Only for who holds the task; raises :class:`LeaseLostError`,
    :class:`LanguageExpectedError` for a task that has no translation."""
    task = find_workable_task(session, actor, task_id)
    if task.translation_id is None:
        raise LanguageExpectedError
    if not is_leased(task, now) or task.lease_holder_id != actor.account_id:
        raise LeaseLostError
    translation = session.get_one(Translation, task.translation_id)
    source = session.get_one(SourceText, translation.source_text_id)
    typed = parse_user_text(text, field="text", max_length=MAX_LENGTH)
    return request_preview(
        session,
        account_id=require_signed_in(actor),
        text=screen_text(typed, language=task.target_language).masked,
        source=task.target_language,
        target=task.source_language,
        engine_set=source.engine_set,
        is_round_trip=False,
        now=now,
    )
