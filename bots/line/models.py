"""Rows of the LINE bot: who is who, what came in, what became of each message, and what is being sent.

User ids and everything that people wrote are encrypted; they are looked up by a keyed hash.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, EnumText, Id
from bots.line.events import EventKind
from translation.languages import LanguageTag

#: A keyed hash in hexadecimal, see :class:`app.core.crypto.Vault`.
_KEY_LENGTH = 64


class LineIdentity(Base):
    """A LINE user and the account that stands for them here. ``language`` is what the person chose, never a guess."""

    __tablename__ = "line_identities"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), unique=True)
    user_key: Mapped[str] = mapped_column(String(_KEY_LENGTH), unique=True)
    user_id_encrypted: Mapped[str] = mapped_column(Text)
    is_friend: Mapped[bool]
    language: Mapped[LanguageTag | None] = mapped_column(EnumText(LanguageTag))
    #: Which version of the privacy note the person was shown.
    consent_version: Mapped[int | None]
    last_inbound_at: Mapped[datetime | None]
    #: The thread that the person asked last here; a later text may belong to it.
    thread_id: Mapped[int | None] = mapped_column(Id)
    #: A :class:`bots.line.conversation.Conversation`: texts that wait for a choice, and what the next text answers.
    conversation_encrypted: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class InboxState(StrEnum):
    """``answering`` means that the domain's part is committed and the reply is on its way."""

    NEW = "new"
    PROCESSING = "processing"
    ANSWERING = "answering"
    DONE = "done"
    IGNORED = "ignored"
    DEAD = "dead"


UNFINISHED = (InboxState.NEW, InboxState.PROCESSING, InboxState.ANSWERING)
#: States in which an event holds back the later ones of its chat.
BLOCKING = (InboxState.NEW, InboxState.PROCESSING)
_UNFINISHED_SQL = "state IN ('new', 'processing', 'answering')"


class LineInbox(Base):
    """One event of a webhook, stored before LINE is told that it arrived. Its content goes when it is done."""

    __tablename__ = "line_inbox"
    __table_args__ = (
        # Only what is still to be done is in it, so it stays small as the table grows.
        Index(
            "ix_line_inbox_unfinished",
            "available_at",
            sqlite_where=text(_UNFINISHED_SQL),
            postgresql_where=text(_UNFINISHED_SQL),
        ),
        Index("ix_line_inbox_chat_key", "chat_key", "event_at"),
        Index("ix_line_inbox_message_key", "message_key"),
        Index("ix_line_inbox_received_at", "received_at"),
    )

    webhook_event_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    event_at: Mapped[datetime]
    kind: Mapped[EventKind] = mapped_column(EnumText(EventKind))
    #: The lane: the user's key in a one-to-one chat, the group's otherwise.
    chat_key: Mapped[str | None] = mapped_column(String(_KEY_LENGTH))
    message_key: Mapped[str | None] = mapped_column(String(_KEY_LENGTH))
    payload_encrypted: Mapped[str | None] = mapped_column(Text)
    reply_token_encrypted: Mapped[str | None] = mapped_column(Text)
    reply_usable_until: Mapped[datetime | None]
    reply_used_at: Mapped[datetime | None]
    #: A :class:`bots.line.turns.Turn` that is to be sent, from the domain's commit until it is.
    turn_encrypted: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]
    is_redelivery: Mapped[bool]
    state: Mapped[InboxState] = mapped_column(EnumText(InboxState))
    attempts: Mapped[int] = mapped_column(default=0)
    #: When a worker may take it: at once, or at the end of a lease or of a back-off.
    available_at: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(String(80))


class LineMessage(Base):
    """What became of a message. A row with ``withdrawn_at`` is a tombstone, which may come before the message does."""

    __tablename__ = "line_messages"
    __table_args__ = (Index("ix_line_messages_post_id", "post_id"),)

    message_key: Mapped[str] = mapped_column(String(_KEY_LENGTH), primary_key=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class LineSend(Base):
    """The exact body of a delivery's push, because a retry key promises the same bytes; gone when it is over."""

    __tablename__ = "line_sends"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True)
    messages_encrypted: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
