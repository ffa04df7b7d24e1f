"""Readers of conversations, as frozen read models. Every one of them checks what the actor may see first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import NotFoundError
from app.forum.errors import PostNotFoundError
from app.forum.models import (
    Category,
    Follow,
    Post,
    PostState,
    Thread,
    ThreadKind,
    ThreadStatus,
)
from app.forum.service.access import require_header, require_readable_post
from app.forum.views import NO_TITLE, PostView, ThreadList, ThreadSummary, ThreadView, load_authors, to_views
from translation.languages import LanguageTag

#: Posts of a thread on one page.
PAGE = 50


class CategoryNotFoundError(NotFoundError):
    code = "forum.category_not_found"


def list_categories(session: Session) -> list[Category]:
    return list(session.scalars(select(Category).order_by(Category.position)))


def get_category(session: Session, slug: str) -> Category:
    category = session.scalar(select(Category).where(Category.slug == slug))
    if category is None:
        raise CategoryNotFoundError
    return category


def get_thread_view(
    session: Session,
    *,
    actor: Actor,
    thread_id: int,
    language: LanguageTag,
    after: int | None = None,
    after_post: int | None = None,
    limit: int = PAGE,
) -> ThreadView:
    """A thread and a page of its posts.

    Plain reading: visible posts as they were written, going on after ``after_post``. Catching up (``after``, a change):
    every post changed since, in the order of the changes, those that vanished as tombstones. Who has read all plain
    pages catches up from the ``change`` of the first. Raises :class:`ThreadNotFoundError`.
    """
    header = require_header(session, actor=actor, thread_id=thread_id)
    thread, first = header.thread, header.first
    statement = select(Post).where(Post.thread_id == thread_id).limit(limit + 1)
    if after is not None:
        statement = statement.where(Post.change > after, _visible_or_gone(actor)).order_by(Post.change)
    else:
        statement = statement.where(Post.id > (after_post or 0), _visible_to(actor)).order_by(Post.id)
    rows = list(session.scalars(statement))
    page, has_more = rows[:limit], len(rows) > limit
    loaded = page if first is None or first in page else [*page, first]
    authors = load_authors(session, {thread.author_id, *(post.author_id for post in loaded)})
    views = {view.id: view for view in to_views(session, actor, loaded, {thread.id: thread}, language, authors)}
    first_view = views.get(first.id) if first is not None else None
    return ThreadView(
        id=thread.id,
        kind=thread.kind,
        category_slug=header.category.slug,
        is_risky=header.category.is_risky,
        status=thread.status,
        author=authors[thread.author_id],
        title=first_view.title if first_view is not None and first_view.title is not None else NO_TITLE,
        created_at=thread.created_at,
        change=thread.change,
        posts=tuple(views[post.id] for post in page),
        next_after=page[-1].change if has_more and after is not None else None,
        next_post=page[-1].id if has_more and after is None else None,
        rating=header.rating.solved if header.rating is not None else None,
        is_following=header.is_following,
        is_demo=thread.is_demo,
    )


def get_post_view(session: Session, *, actor: Actor, post_id: int, language: LanguageTag) -> PostView:
    """A post that the actor sees in its thread. Raises :class:`PostNotFoundError`."""
    post = require_readable_post(session, actor=actor, post_id=post_id)
    return load_post_views(session, actor=actor, posts=[post], language=language)[0]


def load_post_views(
    session: Session, *, actor: Actor, posts: Sequence[Post], language: LanguageTag, include_hidden: bool = False
) -> list[PostView]:
    """Views of posts that the caller has found and may show. ``include_hidden`` is for the moderators' room and for
    an interpreter's task: hidden and held posts come with their texts."""
    thread_ids = {post.thread_id for post in posts}
    threads = {row.id: row for row in session.scalars(select(Thread).where(Thread.id.in_(thread_ids)))}
    return to_views(session, actor, posts, threads, language, include_hidden=include_hidden)


def get_post(session: Session, post_id: int) -> Post:
    """The row, whatever its state. Visibility is the caller's."""
    post = session.get(Post, post_id)
    if post is None:
        raise PostNotFoundError
    return post


def list_posts_before(session: Session, *, post: Post, limit: int) -> list[Post]:
    """The visible posts of the same thread before this one, oldest first."""
    rows = session.scalars(
        select(Post)
        .where(Post.thread_id == post.thread_id, Post.id < post.id, Post.state == PostState.VISIBLE)
        .order_by(Post.id.desc())
        .limit(limit)
    )
    return list(rows)[::-1]


def list_threads(
    session: Session,
    *,
    actor: Actor,
    language: LanguageTag,
    category: str | None = None,
    status: ThreadStatus | None = None,
    author_id: int | None = None,
    thread_ids: Collection[int] | None = None,
    before: int | None = None,
    limit: int = 20,
) -> ThreadList:
    """Threads that the actor may read, newest first; private ones only where the actor takes part."""
    statement = (
        select(Thread, Category.slug, Post)
        .join(Category, Category.id == Thread.category_id)
        .join(Post, Post.id == Thread.first_post_id)
        .where(_visible_to(actor), _readable_by(actor))
        .order_by(Thread.id.desc())
        .limit(limit + 1)
    )
    if category is not None:
        statement = statement.where(Category.slug == category)
    if status is not None:
        statement = statement.where(Thread.status == status)
    if author_id is not None:
        statement = statement.where(Thread.author_id == author_id)
    if thread_ids is not None:
        statement = statement.where(Thread.id.in_(thread_ids))
    if before is not None:
        statement = statement.where(Thread.id < before)
    rows = session.execute(statement).all()
    page = rows[:limit]
    threads = {thread.id: thread for thread, _, _ in page}
    views = to_views(session, actor, [post for _, _, post in page], threads, language)
    items = tuple(
        ThreadSummary(
            id=thread.id,
            kind=thread.kind,
            category_slug=slug,
            status=thread.status,
            author=view.author,
            title=view.title or NO_TITLE,
            created_at=thread.created_at,
            last_post_at=thread.last_post_at,
            change=thread.change,
            is_demo=thread.is_demo,
        )
        for (thread, slug, _), view in zip(page, views, strict=True)
    )
    return ThreadList(items=items, next_before=page[-1][0].id if len(rows) > limit else None)


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    if actor.account_id is None:
        return Post.state == PostState.VISIBLE
    own = and_(Post.state == PostState.HELD, Post.author_id == actor.account_id)
    return or_(Post.state == PostState.VISIBLE, own)


def _visible_or_gone(actor: Actor) -> ColumnElement[bool]:
    return or_(_visible_to(actor), Post.state.in_([PostState.WITHDRAWN, PostState.HIDDEN, PostState.HELD]))


def _readable_by(actor: Actor) -> ColumnElement[bool]:
    public = Thread.kind != ThreadKind.CONSULTATION
    if actor.account_id is None:
        return public
    if actor.is_interpreter or actor.is_moderator:
        return or_(public, Thread.kind == ThreadKind.CONSULTATION)
    followed = select(Follow.thread_id).where(Follow.account_id == actor.account_id)
    return or_(public, Thread.author_id == actor.account_id, Thread.id.in_(followed))
