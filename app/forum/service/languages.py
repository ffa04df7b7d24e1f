"""Readers who doubt the language that a post is taken to be in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.forum import policy
from app.forum.service.access import require_readable_post
from app.forum.service.locks import lock_thread
from translation.languages import LanguageTag
from translation.service.language_reports import report_language


def report_post_language(
    session: Session, *, actor: Actor, post_id: int, language: LanguageTag | None, now: datetime
) -> None:
    """A reader says that the post is in another language, perhaps in which. An interpreter is asked; until then nothing
    changes, because a reader may be wrong too. Telling it twice is telling it once."""
    account_id = policy.require_signed_in(actor)
    post = require_readable_post(session, actor=actor, post_id=post_id)
    policy.require(policy.can_report_language(actor))
    lock_thread(session, post.thread_id)
    report_language(session, source_text_id=post.source_text_id, account_id=account_id, language=language, now=now)
