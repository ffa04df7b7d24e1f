"""Rows of previews: "see how it will read", and back again in the author's own language."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from app.core.db import Base, EnumText, Id
from translation.languages import LanguageTag
from translation.models import EngineSet, WaitReason


class PreviewState(StrEnum):
    PENDING = "pending"
    READY = "ready"
    #: No machine text could be made, for ``reason``.
    UNAVAILABLE = "unavailable"


class Preview(Base):
    """A masked text on its way there and back. A round trip fills ``forward_text`` and ``back_text``; a way back only
    (an interpreter's own text) fills ``back_text``. Never shown to anybody but its author, gone after an hour."""

    __tablename__ = "previews"
    __table_args__ = (
        Index(
            "ix_previews_pending",
            "available_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_previews_account_id", "account_id"),
        Index("ix_previews_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(Id)
    text: Mapped[str] = mapped_column(Text)
    source_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    target_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    engine_set: Mapped[EngineSet] = mapped_column(EnumText(EngineSet))
    is_round_trip: Mapped[bool]
    state: Mapped[PreviewState] = mapped_column(EnumText(PreviewState))
    reason: Mapped[WaitReason | None] = mapped_column(EnumText(WaitReason))
    forward_text: Mapped[str | None] = mapped_column(Text)
    back_text: Mapped[str | None] = mapped_column(Text)
    #: Findings of the gate on the way there, as {code, severity, message, detail}.
    checks: Mapped[list[Any]] = mapped_column(JSON())
    attempts: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[datetime]
    created_at: Mapped[datetime]
