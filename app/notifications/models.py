"""Rows of what people are told: one delivery a person, subject and channel, and the channels people have."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, EnumText, Id
from app.forum.models import Channel
from translation.languages import LanguageTag


class DeliveryKind(StrEnum):
    """``answer``: somebody wrote in a thread that the person asked in or follows. ``waiting_notice``: an answer is
    there, but a person has to translate it first. ``decision``: about the person's own post. ``report_outcome``: what
    became of her report."""

    ANSWER = "answer"
    WAITING_NOTICE = "waiting_notice"
    DECISION = "decision"
    REPORT_OUTCOME = "report_outcome"


class DeliveryState(StrEnum):
    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"


class AccountChannel(Base):
    """A person can be reached by a channel besides the web. Kept by that channel's edge."""

    __tablename__ = "account_channels"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[Channel] = mapped_column(EnumText(Channel), primary_key=True)
    is_active: Mapped[bool]
    changed_at: Mapped[datetime]


class Delivery(Base):
    """One notice to one person by one channel. Ids and codes only: the text is made when it is sent.

    ``available_at`` is when it may be sent: None while the post can't be read in ``language`` yet; the end of the lease
    while it is being sent. ``retry_key`` is made once, so that a repeated attempt can be told from a second notice.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "ix_deliveries_due",
            "channel",
            "available_at",
            sqlite_where=text("state IN ('planned', 'sending')"),
            postgresql_where=text("state IN ('planned', 'sending')"),
        ),
        Index("ix_deliveries_account_id", "account_id", "channel", "id"),
        Index("ix_deliveries_post_id", "post_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    channel: Mapped[Channel] = mapped_column(EnumText(Channel))
    kind: Mapped[DeliveryKind] = mapped_column(EnumText(DeliveryKind))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("threads.id"))
    language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    payload: Mapped[dict[str, Any]]
    state: Mapped[DeliveryState] = mapped_column(EnumText(DeliveryState), default=DeliveryState.PLANNED)
    retry_key: Mapped[str] = mapped_column(String(36))
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[datetime | None]
    first_attempt_at: Mapped[datetime | None]
    #: A code of the last failure, never the words of another server.
    error: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
