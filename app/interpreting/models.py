"""Rows of human work: who works which pairs, what is to be done, who is at it, and what she has typed so far."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, EnumText, Id
from translation.languages import LanguageTag


class TaskKind(StrEnum):
    TRANSLATE = "translate"
    CHECK = "check"
    REPORTED = "reported"
    OUTDATED = "outdated"
    CONFIRM_LANGUAGE = "confirm_language"
    MODERATE = "moderate"


class TaskState(StrEnum):
    """As stored. A claimed task whose lease has expired counts as open everywhere; nothing has to run for that."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    CANCELLED = "cancelled"


_UNFINISHED = "state IN ('open', 'claimed')"


class InterpreterPair(Base):
    """An interpreter works from one language into another. ``zh-Hans`` is worked by those who work ``zh-Hant``."""

    __tablename__ = "interpreter_pairs"
    __table_args__ = (Index("ix_interpreter_pairs_languages", "source_language", "target_language"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    source_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag), primary_key=True)
    target_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag), primary_key=True)
    created_at: Mapped[datetime]


class Task(Base):
    """One unit of human work on a post: a translation to write or look at, or, without one, a language to name.

    The languages are those of the pair that can do it (``und`` for a language to name). ``urgency`` is larger for
    what can do more harm; among equals the oldest comes first.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        # Two jobs that open the same task at once leave one; NULLs are distinct, so tasks of a post have their own.
        Index(
            "uq_tasks_translation_unfinished",
            "translation_id",
            "kind",
            unique=True,
            sqlite_where=text(f"{_UNFINISHED} AND translation_id IS NOT NULL"),
            postgresql_where=text(f"{_UNFINISHED} AND translation_id IS NOT NULL"),
        ),
        Index(
            "uq_tasks_post_unfinished",
            "post_id",
            "kind",
            unique=True,
            sqlite_where=text(f"{_UNFINISHED} AND translation_id IS NULL"),
            postgresql_where=text(f"{_UNFINISHED} AND translation_id IS NULL"),
        ),
        # The queue; finished work is not in it, so it stays small.
        Index(
            "ix_tasks_queue",
            "source_language",
            "target_language",
            "urgency",
            "id",
            sqlite_where=text(_UNFINISHED),
            postgresql_where=text(_UNFINISHED),
        ),
        Index("ix_tasks_closed_at", "source_language", "target_language", "closed_at"),
        Index("ix_tasks_post_id", "post_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[TaskKind] = mapped_column(EnumText(TaskKind))
    translation_id: Mapped[int | None] = mapped_column(ForeignKey("translations.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    source_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    target_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    state: Mapped[TaskState] = mapped_column(EnumText(TaskState), default=TaskState.OPEN)
    urgency: Mapped[int]
    #: Why a person is asked: a code such as ``no_engine``, ``held``, ``risky`` or ``title``.
    reason: Mapped[str | None] = mapped_column(String(40))
    lease_holder_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    lease_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class TaskDraft(Base):
    """What an interpreter has typed, one a person and task, so that nobody's text can overwrite another's.

    It outlives the lease. It goes when the task is done or its post is withdrawn, and moves to the task that follows
    when the author edits the post.
    """

    __tablename__ = "task_drafts"

    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]


class TaskSkip(Base):
    """An interpreter passed on a task; "take next" doesn't offer it to her again."""

    __tablename__ = "task_skips"

    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
