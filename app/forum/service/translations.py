"""What a changed translation means for the thread: the posts it belongs to take the thread's next change, in the same
transaction, so that nobody who catches up can miss it. And what readers do to translations: report them, and be there,
so that what they look at comes first."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.actor import Actor
from app.forum import policy
from app.forum.events import PostTranslated
from app.forum.models import Post, PostState
from app.forum.service.access import require_readable_post
from app.forum.service.locks import lock_thread
from app.forum.service.posts import next_change
from app.forum.service.texts import to_translated_language
from translation.events import TranslationsChanged
from translation.languages import LanguageTag
from translation.queries import find_translation
from translation.service.verification import ReportReason, TranslationNotFoundError, report_translation


def record_translation_changes(session: Session, event: TranslationsChanged, now: datetime) -> None:
    """*Now* subscriber of ``TranslationsChanged``. Threads are locked in ascending order, so that two workers that
    finish batches at the same time can't wait for each other."""
    languages: dict[int, set[LanguageTag]] = defaultdict(set)
    for change in event.changes:
        languages[change.source_text_id].add(change.target)
    posts = session.scalars(
        select(Post)
        .where(
            or_(Post.source_text_id.in_(languages), Post.title_text_id.in_(languages)),
            Post.state != PostState.WITHDRAWN,
        )
        .order_by(Post.thread_id, Post.id)
    ).all()
    by_thread: dict[int, list[Post]] = defaultdict(list)
    for post in posts:
        by_thread[post.thread_id].append(post)
    for thread_id, changed in by_thread.items():
        first = next_change(session, thread_id, count=len(changed))
        for number, post in enumerate(changed, start=first):
            post.change = number
            if post.state is not PostState.VISIBLE:
                continue
            of_post = languages[post.source_text_id] | languages.get(post.title_text_id or 0, set())
            for language in sorted(of_post):
                translated = PostTranslated(post_id=post.id, thread_id=thread_id, language=language.value)
                outbox.record(session, translated, now=now)
    session.flush()


def report_post_translation(
    session: Session,
    *,
    actor: Actor,
    post_id: int,
    language: LanguageTag,
    reason: ReportReason,
    note: str | None,
    now: datetime,
) -> None:
    """A reader of a post says that its translation is wrong."""
    account_id = policy.require_signed_in(actor)
    post = require_readable_post(session, actor=actor, post_id=post_id)
    lock_thread(session, post.thread_id)
    target = to_translated_language(language)
    row = find_translation(session, source_text_id=post.source_text_id, target=target)
    if row is None:
        raise TranslationNotFoundError
    report_translation(session, translation_id=row.id, account_id=account_id, reason=reason, note=note, now=now)
