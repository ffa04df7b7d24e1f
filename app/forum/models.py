"""Rows of conversations: categories, threads, posts, their immutable revisions, followers and ratings."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, EnumText, Id


class CategoryGroup(StrEnum):
    LIVING = "living"
    COUNTRY = "country"


class ThreadKind(StrEnum):
    QUESTION = "question"
    DISCUSSION = "discussion"
    CONSULTATION = "consultation"


class ThreadStatus(StrEnum):
    OPEN = "open"
    SOLVED = "solved"
    CLOSED = "closed"


class PostState(StrEnum):
    VISIBLE = "visible"
    HELD = "held"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


class Channel(StrEnum):
    WEB = "web"
    LINE = "line"


class Solved(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Category(Base):
    """A place for threads: a topic of living in Taiwan, or a facet of a country. Titles come from the catalogue."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    group: Mapped[CategoryGroup] = mapped_column(EnumText(CategoryGroup))
    country: Mapped[str | None] = mapped_column(String(2))
    position: Mapped[int]
    is_risky: Mapped[bool] = mapped_column(default=False)


class Thread(Base):
    """A conversation. ``change`` is the number of its last change, given under this row's lock."""

    __tablename__ = "threads"
    __table_args__ = (
        Index("ix_threads_category_id", "category_id", "id"),
        Index("ix_threads_author_id", "author_id"),
        Index("ix_threads_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[ThreadKind] = mapped_column(EnumText(ThreadKind))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    status: Mapped[ThreadStatus] = mapped_column(EnumText(ThreadStatus), default=ThreadStatus.OPEN)
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    first_post_id: Mapped[int | None] = mapped_column(Id)
    change: Mapped[int] = mapped_column(default=0)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_post_at: Mapped[datetime]

    @property
    def is_private(self) -> bool:
        return self.kind is ThreadKind.CONSULTATION


class Post(Base):
    """A message of a thread. ``change`` is the thread's change at which it, or a translation of it, last changed.

    ``source_text_id`` and ``title_text_id`` are those of the latest revision, repeated here so that a page of posts
    needs no look-up of revisions; the title stands only on a thread's first post.
    """

    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_thread_id_change", "thread_id", "change"),
        Index("ix_posts_thread_id", "thread_id", "id"),
        Index("ix_posts_author_id", "author_id"),
        Index("ix_posts_source_text_id", "source_text_id"),
        Index("ix_posts_title_text_id", "title_text_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    channel: Mapped[Channel] = mapped_column(EnumText(Channel))
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    state: Mapped[PostState] = mapped_column(EnumText(PostState), default=PostState.VISIBLE)
    hold_reason: Mapped[str | None] = mapped_column(String(80))
    source_text_id: Mapped[int] = mapped_column(ForeignKey("source_texts.id"))
    title_text_id: Mapped[int | None] = mapped_column(ForeignKey("source_texts.id"))
    change: Mapped[int]
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]


class Revision(Base):
    """One immutable text of a post."""

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("post_id", "number"),
        Index("ix_revisions_source_text_id", "source_text_id"),
        Index("ix_revisions_title_text_id", "title_text_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    number: Mapped[int]
    source_text_id: Mapped[int] = mapped_column(ForeignKey("source_texts.id"))
    title_text_id: Mapped[int | None] = mapped_column(ForeignKey("source_texts.id"))
    created_at: Mapped[datetime]


class Follow(Base):
    """Somebody wants to be told about a thread; authors of posts follow by writing."""

    __tablename__ = "follows"
    __table_args__ = (Index("ix_follows_account_id", "account_id"),)

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    created_at: Mapped[datetime]


class Rating(Base):
    """The asker's answer to "did this solve it?", one a thread, changeable."""

    __tablename__ = "ratings"

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    solved: Mapped[Solved] = mapped_column(EnumText(Solved))
    reasons: Mapped[list[str]]
    rated_at: Mapped[datetime]


class IdempotencyKey(Base):
    """What a caller's key created, so that the same key gives the same row back."""

    __tablename__ = "idempotency_keys"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    subject_id: Mapped[int] = mapped_column(Id)
    created_at: Mapped[datetime]
