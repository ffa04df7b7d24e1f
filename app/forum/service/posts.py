"""Writers of posts: writing, editing, withdrawing, hiding, correcting the language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.actor import Actor
from app.core.db import insert_if_absent
from app.forum import policy
from app.forum.errors import UnknownReplyError
from app.forum.events import PostChanged, PostCreated, PostHeld, PostRestored, PostWithdrawn
from app.forum.models import Channel, Follow, Post, PostState, Revision, Thread
from app.forum.service.access import (
    find_locked_post,
    require_own_post,
    require_readable_post,
    require_thread,
)
from app.forum.service.keys import claim_key, settle_key
from app.forum.service.locks import lock_thread
from app.forum.service.texts import ScreenedText, parse_body, request_needed, store_text
from translation.languages import LanguageTag
from translation.models import SourceText
from translation.previews.service import forget_texts_of
from translation.service import sources


@dataclass(frozen=True)
class NewPost:
    body: str
    language: LanguageTag | None = None
    reply_to: int | None = None
    channel: Channel = Channel.WEB


@dataclass(frozen=True)
class Created:
    """``is_new`` is False when the caller's idempotency key had created it before."""

    thread_id: int
    post_id: int
    is_new: bool


def create_post(
    session: Session, *, actor: Actor, thread_id: int, new: NewPost, key: str | None, now: datetime
) -> Created:
    """Answer in a thread. The same ``key`` of the same actor and thread gives the first one's ids again."""
    author_id = policy.require_signed_in(actor)
    thread = require_thread(session, actor=actor, thread_id=thread_id)
    policy.require(policy.can_reply(actor, thread))
    screened = parse_body(new.body, actor=actor, declared=new.language)
    if new.reply_to is not None:
        _require_reply_target(session, thread_id, new.reply_to)
    scope = f"post:{thread_id}"
    if key is not None and (known := claim_key(session, author_id, scope, key, now)) is not None:
        return Created(thread_id=thread_id, post_id=known, is_new=False)
    post = insert_post(session, actor=actor, thread=thread, new=new, screened=screened, title=None, now=now)
    if key is not None:
        settle_key(session, author_id, scope, key, post.id)
    return Created(thread_id=thread_id, post_id=post.id, is_new=True)


def _require_reply_target(session: Session, thread_id: int, post_id: int) -> None:
    target = session.get(Post, post_id)
    if target is None or target.thread_id != thread_id or target.state is not PostState.VISIBLE:
        raise UnknownReplyError(field="reply_to")


def insert_post(
    session: Session,
    *,
    actor: Actor,
    thread: Thread,
    new: NewPost,
    screened: ScreenedText,
    title: ScreenedText | None,
    now: datetime,
) -> Post:
    """Insert an allowed, screened post with its revision, follow the thread, and ask for translations."""
    author_id = policy.require_signed_in(actor)
    # Everybody who writes wants to read the answers, and is counted among the readers below.
    insert_if_absent(session, Follow, {"thread_id": thread.id, "account_id": author_id, "created_at": now})
    body_text = store_text(session, text=screened.text, actor=actor, declared=new.language, thread=thread, now=now)
    title_text = (
        store_text(
            session, text=title.text, actor=actor, declared=_title_language(new, body_text), thread=thread, now=now
        )
        if title is not None
        else None
    )
    hold_reason = screened.hold_reason or (title.hold_reason if title is not None else None)
    post = Post(
        thread_id=thread.id,
        author_id=author_id,
        channel=new.channel,
        reply_to_id=new.reply_to,
        state=PostState.HELD if hold_reason else PostState.VISIBLE,
        hold_reason=hold_reason,
        source_text_id=body_text.id,
        title_text_id=title_text.id if title_text is not None else None,
        change=next_change(session, thread.id, last_post_at=now),
        created_at=now,
    )
    session.add(post)
    session.flush()
    _insert_revision(session, post, number=1, now=now)
    event_type = PostHeld if hold_reason else PostCreated
    outbox.record(session, event_type(post_id=post.id, thread_id=thread.id), now=now)
    texts = [body_text] if title_text is None else [body_text, title_text]
    request_needed(session, thread_id=thread.id, sources=texts, now=now)
    return post


def _title_language(new: NewPost, body: SourceText) -> LanguageTag | None:
    """A title is too short to tell; it is taken to be in the language of its body unless its script says otherwise."""
    return new.language or (body.language if body.language.is_known else None)


def _insert_revision(session: Session, post: Post, *, number: int, now: datetime) -> None:
    revision = Revision(
        post_id=post.id,
        number=number,
        source_text_id=post.source_text_id,
        title_text_id=post.title_text_id,
        created_at=now,
    )
    session.add(revision)
    session.flush()


def next_change(session: Session, thread_id: int, *, count: int = 1, last_post_at: datetime | None = None) -> int:
    """Take the thread's next ``count`` changes under its row's lock; the first of them."""
    values: dict[str, object] = {"change": Thread.change + count}
    if last_post_at is not None:
        values["last_post_at"] = last_post_at
    last = session.scalar(
        update(Thread)
        .where(Thread.id == thread_id)
        .values(values)
        .returning(Thread.change)
        .execution_options(synchronize_session=False)
    )
    assert last is not None  # noqa: S101  (a post's thread exists, by a foreign key)
    return last - count + 1


def edit_post(session: Session, *, actor: Actor, post_id: int, body: str, now: datetime) -> Post:
    """A new revision. Its translations are outdated at once and made anew; a person's text is kept, labelled."""
    post = require_own_post(session, actor=actor, post_id=post_id)
    screened = parse_body(body, actor=actor)
    thread = session.get_one(Thread, post.thread_id)
    old = session.get_one(SourceText, post.source_text_id)
    if old.text == screened.text:
        return post
    declared = old.confirmed_language or old.declared_language
    new = store_text(session, text=screened.text, actor=actor, declared=declared, thread=thread, now=now)
    post.source_text_id, post.edited_at = new.id, now
    post.change = next_change(session, thread.id)
    number = session.scalar(select(func.max(Revision.number)).where(Revision.post_id == post.id)) or 0
    _insert_revision(session, post, number=number + 1, now=now)
    stale = sources.mark_stale(session, old_source_id=old.id, new_source_id=new.id, now=now)
    languages = {language for _, language in stale}
    if screened.hold_reason and post.state is PostState.VISIBLE:
        post.state, post.hold_reason = PostState.HELD, screened.hold_reason
        outbox.record(session, PostWithdrawn(post_id=post.id, thread_id=thread.id, is_final=False), now=now)
        outbox.record(session, PostHeld(post_id=post.id, thread_id=thread.id), now=now)
    else:
        outbox.record(session, PostChanged(post_id=post.id, thread_id=thread.id), now=now)
    request_needed(session, thread_id=thread.id, sources=[new], now=now, also=languages, stale_candidates=stale)
    return post


def withdraw_post(session: Session, *, actor: Actor, post_id: int, now: datetime) -> None:
    """The author takes the post back: its text, all revisions and everything made from them go."""
    post = require_own_post(session, actor=actor, post_id=post_id)
    remove_post(session, post=post, now=now)


def remove_post(session: Session, *, post: Post, now: datetime) -> None:
    """Withdraw a post for good, on whoever's decision."""
    post.state, post.hold_reason = PostState.WITHDRAWN, None
    post.change = next_change(session, post.thread_id)
    session.flush()
    revisions = session.execute(
        select(Revision.source_text_id, Revision.title_text_id).where(Revision.post_id == post.id)
    )
    texts = {text_id for revision in revisions for text_id in revision if text_id is not None}
    outbox.record(session, PostWithdrawn(post_id=post.id, thread_id=post.thread_id, is_final=True), now=now)
    sources.withdraw_sources(session, source_text_ids=texts, now=now)
    forget_texts_of(session, account_id=post.author_id)


def hide_post(session: Session, *, post_id: int, now: datetime) -> None:
    """Out of readers' sight until a moderator restores it. Who may is decided by moderation."""
    post = find_locked_post(session, post_id)
    if post is None or post.state not in (PostState.VISIBLE, PostState.HELD):
        return
    post.state = PostState.HIDDEN
    post.change = next_change(session, post.thread_id)
    session.flush()
    outbox.record(session, PostWithdrawn(post_id=post.id, thread_id=post.thread_id, is_final=False), now=now)


def restore_post(session: Session, *, post_id: int, now: datetime) -> None:
    """Publish a held post, or show a hidden one again."""
    post = find_locked_post(session, post_id)
    if post is None or post.state not in (PostState.HELD, PostState.HIDDEN):
        return
    post.state, post.hold_reason = PostState.VISIBLE, None
    post.change = next_change(session, post.thread_id)
    session.flush()
    outbox.record(session, PostRestored(post_id=post.id, thread_id=post.thread_id), now=now)


def set_post_language(session: Session, *, actor: Actor, post_id: int, language: LanguageTag, now: datetime) -> Post:
    """A person says which language the post is written in; everything is translated again."""
    account_id = policy.require_signed_in(actor)
    post = require_readable_post(session, actor=actor, post_id=post_id)
    lock_thread(session, post.thread_id)
    policy.require(policy.can_set_language(actor, post))
    texts = {text_id for text_id in (post.source_text_id, post.title_text_id) if text_id is not None}
    post.change = next_change(session, post.thread_id)
    sources.set_source_language(session, source_text_ids=texts, language=language, confirmed_by_id=account_id, now=now)
    stored = list(session.scalars(select(SourceText).where(SourceText.id.in_(texts))))
    request_needed(session, thread_id=post.thread_id, sources=stored, now=now)
    outbox.record(session, PostChanged(post_id=post.id, thread_id=post.thread_id), now=now)
    return post
