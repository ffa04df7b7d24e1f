"""Rows of the routing table: how good each hop of an engine is said to be, and what operators decided for a pair."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, EnumText, Id
from translation.languages import LanguageTag


class HopQuality(Base):
    """Quality of one engine on one hop, 0…100 (chrF2), with where the figure comes from. Operators' own measurements
    (``is_measured``) replace the published ones."""

    __tablename__ = "hop_qualities"
    __table_args__ = (UniqueConstraint("engine", "source_language", "target_language"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    engine: Mapped[str] = mapped_column(String(40))
    source_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    target_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    value: Mapped[float]
    citation: Mapped[str] = mapped_column(Text)
    is_measured: Mapped[bool]
    updated_at: Mapped[datetime]


class RoutingRule(Base):
    """What an operator decided for a pair: this engine over these hops, or with neither: ask people. Without a rule the
    best route that is there is taken."""

    __tablename__ = "routing_rules"
    __table_args__ = (UniqueConstraint("source_language", "target_language"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    target_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    engine: Mapped[str | None] = mapped_column(String(40))
    hops: Mapped[list[str] | None]
    updated_by_id: Mapped[int | None] = mapped_column(Id)
    updated_at: Mapped[datetime]
