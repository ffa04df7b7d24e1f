"""Finding a thread or a post that the actor may know of; for everybody else there is no such thing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.forum import policy
from app.forum.errors import PostNotFoundError, ThreadNotFoundError
from app.forum.models import Category, Follow, Post, PostState, Rating, Thread
from app.forum.service.locks import lock_thread


@dataclass(frozen=True)
class ThreadHeader:
    """A thread that the actor may read, with what stands around it. ``first`` is None only while it is being made."""

    thread: Thread
    category: Category
    first: Post | None
    rating: Rating | None
    is_following: bool


def require_header(session: Session, *, actor: Actor, thread_id: int) -> ThreadHeader:
    """One query. Raises :class:`ThreadNotFoundError` if there is no such thread for this actor."""
    row = session.execute(
        select(Thread, Category, Post, Rating, Follow.account_id)
        .join(Category, Category.id == Thread.category_id)
        .outerjoin(Post, Post.id == Thread.first_post_id)
        .outerjoin(Rating, Rating.thread_id == Thread.id)
        .outerjoin(Follow, and_(Follow.thread_id == Thread.id, Follow.account_id == (actor.account_id or 0)))
        .where(Thread.id == thread_id)
    ).one_or_none()
    if row is None:
        raise ThreadNotFoundError
    thread, category, first, rating, follower_id = row
    is_participant = actor.is_signed_in and (thread.author_id == actor.account_id or follower_id is not None)
    is_held = first is not None and first.state is PostState.HELD and not policy.can_see_post(actor, first)
    if is_held or not policy.can_read_thread(actor, thread, is_participant=is_participant):
        raise ThreadNotFoundError
    return ThreadHeader(
        thread=thread, category=category, first=first, rating=rating, is_following=follower_id is not None
    )


def require_thread(session: Session, *, actor: Actor, thread_id: int) -> Thread:
    """The thread, if the actor may read it. Raises :class:`ThreadNotFoundError`."""
    return require_header(session, actor=actor, thread_id=thread_id).thread


def require_own_post(session: Session, *, actor: Actor, post_id: int) -> Post:
    """A post that its author may change, its thread locked. Somebody else's readable post is forbidden, any other isn't
    there."""
    post = find_locked_post(session, post_id)
    if post is None or post.state is PostState.WITHDRAWN:
        raise PostNotFoundError
    if post.author_id != actor.account_id:
        require_readable_post(session, actor=actor, post_id=post_id)
    policy.require(policy.can_change_post(actor, post))
    return post


def require_readable_post(session: Session, *, actor: Actor, post_id: int) -> Post:
    """A post that the actor sees in its thread."""
    post = session.get(Post, post_id)
    if post is None or not policy.can_see_post(actor, post):
        raise PostNotFoundError
    try:
        require_thread(session, actor=actor, thread_id=post.thread_id)
    except ThreadNotFoundError:
        raise PostNotFoundError from None
    return post


def find_locked_post(session: Session, post_id: int) -> Post | None:
    """The post as it is now, its thread locked."""
    post = session.get(Post, post_id)
    if post is None:
        return None
    lock_thread(session, post.thread_id)
    session.refresh(post)
    return post
