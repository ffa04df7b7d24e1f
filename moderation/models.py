"""Rows of moderation: what people report or screening holds, and what was decided about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, EnumText, Id


class ReportReason(StrEnum):
    SCAM = "scam"
    THREAT = "threat"
    HATE = "hate"
    PERSONAL_DATA = "personal_data"
    DANGEROUS_ADVICE = "dangerous_advice"
    SPAM = "spam"
    OTHER = "other"


class ItemKind(StrEnum):
    """Why a post is in the queue: a reader reported it, or screening held it back."""

    REPORTED = "reported"
    SCREENED = "screened"


class ItemState(StrEnum):
    OPEN = "open"
    DECIDED = "decided"


class Action(StrEnum):
    KEEP = "keep"
    HIDE = "hide"
    REMOVE = "remove"
    WARN = "warn"
    SUSPEND = "suspend"


class ModerationItem(Base):
    """A post that somebody should look at; at most one open item a post."""

    __tablename__ = "moderation_items"
    __table_args__ = (
        Index(
            "uq_moderation_items_open",
            "post_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_moderation_items_state", "state", "id"),
        Index("ix_moderation_items_post_id", "post_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    kind: Mapped[ItemKind] = mapped_column(EnumText(ItemKind))
    state: Mapped[ItemState] = mapped_column(EnumText(ItemState), default=ItemState.OPEN)
    #: What screening held it for; None for a reported post.
    hold_reason: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class Report(Base):
    """One reader's report; a second one of the same reader changes nothing while the item is open."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("item_id", "reporter_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("moderation_items.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[ReportReason] = mapped_column(EnumText(ReportReason))
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class ModerationDecision(Base):
    """What was decided, by whom and why. Only ever added: a new decision follows, none is rewritten."""

    __tablename__ = "moderation_decisions"
    __table_args__ = (Index("ix_moderation_decisions_item_id", "item_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("moderation_items.id"))
    action: Mapped[Action] = mapped_column(EnumText(Action))
    note: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class DecisionLogError(RuntimeError):
    """The code tried to change or delete a decision."""


@event.listens_for(ModerationDecision, "before_update")
@event.listens_for(ModerationDecision, "before_delete")
def _refuse_change(_mapper: Any, _connection: Any, decision: ModerationDecision) -> None:
    raise DecisionLogError(f"decision {decision.id} is final")
