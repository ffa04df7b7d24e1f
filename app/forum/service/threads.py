"""Writers of threads: asking, following, rating, reading in another language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.actor import Actor
from app.core.db import insert_if_absent
from app.core.errors import FieldError, InvalidInputError
from app.forum import policy
from app.forum.errors import UnknownCategoryError
from app.forum.events import ThreadChanged
from app.forum.models import (
    Category,
    Channel,
    Follow,
    Post,
    PostState,
    Rating,
    Solved,
    Thread,
    ThreadKind,
    ThreadStatus,
)
from app.forum.service.access import require_thread
from app.forum.service.keys import claim_key, settle_key
from app.forum.service.posts import Created, NewPost, insert_post
from app.forum.service.texts import COMMON_LANGUAGE, parse_body, parse_title, to_translated_language
from translation.languages import LanguageTag
from translation.models import SourceText
from translation.service.sources import request_translations

MAX_REASONS = 8
MAX_REASON_LENGTH = 40


@dataclass(frozen=True)
class NewThread:
    """What somebody asks. ``language`` is what the author says it is written in, if anything."""

    category: str
    kind: ThreadKind
    title: str
    body: str
    language: LanguageTag | None = None
    channel: Channel = Channel.WEB


def create_thread(
    session: Session, *, actor: Actor, new: NewThread, key: str | None, now: datetime, is_demo: bool = False
) -> Created:
    """Open a thread with its first post. The same ``key`` of the same actor gives the first one's ids again."""
    author_id = policy.require_signed_in(actor)
    policy.require(policy.can_ask(actor, new.kind))
    title = parse_title(new.title, actor=actor, declared=new.language)
    body = parse_body(new.body, actor=actor, declared=new.language)
    category = session.scalar(select(Category).where(Category.slug == new.category))
    if category is None:
        raise UnknownCategoryError(field="category")
    if key is not None and (known := claim_key(session, author_id, "thread", key, now)) is not None:
        post_id = session.get_one(Thread, known).first_post_id
        return Created(thread_id=known, post_id=post_id or 0, is_new=False)
    thread = Thread(
        kind=new.kind,
        category_id=category.id,
        author_id=author_id,
        is_demo=is_demo,
        created_at=now,
        last_post_at=now,
    )
    session.add(thread)
    session.flush()
    post = insert_post(
        session,
        actor=actor,
        thread=thread,
        new=NewPost(body=new.body, language=new.language, channel=new.channel),
        screened=body,
        title=title,
        now=now,
    )
    thread.first_post_id = post.id
    session.flush()
    if key is not None:
        settle_key(session, author_id, "thread", key, thread.id)
    return Created(thread_id=thread.id, post_id=post.id, is_new=True)


def follow_thread(session: Session, *, actor: Actor, thread_id: int, now: datetime) -> None:
    """Be told of what happens; from now on the thread is also translated for this reader."""
    account_id = policy.require_signed_in(actor)
    require_thread(session, actor=actor, thread_id=thread_id)
    insert_if_absent(session, Follow, {"thread_id": thread_id, "account_id": account_id, "created_at": now})


def unfollow_thread(session: Session, *, actor: Actor, thread_id: int) -> None:
    account_id = policy.require_signed_in(actor)
    session.execute(delete(Follow).where(Follow.thread_id == thread_id, Follow.account_id == account_id))


def rate_thread(
    session: Session, *, actor: Actor, thread_id: int, solved: Solved, reasons: Sequence[str], now: datetime
) -> Rating:
    """The asker says whether it is solved; yes closes the question as solved, anything else opens it again."""
    account_id = policy.require_signed_in(actor)
    thread = require_thread(session, actor=actor, thread_id=thread_id)
    policy.require(policy.can_rate(actor, thread))
    if len(reasons) > MAX_REASONS or any(not 0 < len(reason) <= MAX_REASON_LENGTH for reason in reasons):
        raise InvalidInputError(errors=[FieldError(field="reasons", code="list.invalid")])
    rating = session.get(Rating, thread_id) or Rating(thread_id=thread_id, account_id=account_id)
    rating.solved, rating.reasons, rating.rated_at = solved, list(reasons), now
    session.add(rating)
    if thread.status is not ThreadStatus.CLOSED:
        thread.status = ThreadStatus.SOLVED if solved is Solved.YES else ThreadStatus.OPEN
    session.flush()
    outbox.record(session, ThreadChanged(thread_id=thread_id), now=now)
    return rating


def want_language(session: Session, *, post_ids: Sequence[int], language: LanguageTag, now: datetime) -> None:
    """A reader looks at these posts in a language: ask for what isn't there yet. Visibility is the caller's."""
    posts = list(session.scalars(select(Post).where(Post.id.in_(post_ids), Post.state != PostState.WITHDRAWN)))
    ids = {text_id for post in posts for text_id in (post.source_text_id, post.title_text_id) if text_id is not None}
    if not ids:
        return
    sources = list(session.scalars(select(SourceText).where(SourceText.id.in_(ids)).order_by(SourceText.id)))
    targets = {COMMON_LANGUAGE, to_translated_language(language)}
    request_translations(session, sources=sources, targets=targets, now=now)
