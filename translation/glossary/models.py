"""Rows of the glossary: concepts, and the terms that name them in each language."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, EnumText, Id
from translation.languages import LanguageTag


class TermStatus(StrEnum):
    """How a term may be used, after ISO 30042 (TBX): preferred, admitted beside it, or forbidden (``外勞``)."""

    PREFERRED = "preferred"
    ADMITTED = "admitted"
    FORBIDDEN = "forbidden"


class Concept(Base):
    """One meaning. ``key`` names it in files; ``category`` is a topic's slug, or None for every topic.
    A do-not-translate concept is written the same in every language."""

    __tablename__ = "glossary_concepts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    category: Mapped[str | None] = mapped_column(String(40))
    source_url: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    is_do_not_translate: Mapped[bool] = mapped_column(default=False)
    created_by_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Term(Base):
    """What a concept is called in a language. ``folded`` is the form that is matched. Unverified until an interpreter
    confirms it: it is shown and offered, but never holds a translation."""

    __tablename__ = "glossary_terms"
    __table_args__ = (
        UniqueConstraint("concept_id", "language", "folded"),
        Index("ix_glossary_terms_folded", "language", "folded"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    concept_id: Mapped[int] = mapped_column(ForeignKey("glossary_concepts.id", ondelete="CASCADE"))
    language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    text: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str] = mapped_column(String(200))
    status: Mapped[TermStatus] = mapped_column(EnumText(TermStatus))
    source_url: Mapped[str | None] = mapped_column(Text)
    verified_by_id: Mapped[int | None] = mapped_column(Id)
    verified_at: Mapped[datetime | None]


class Regate(Base):
    """A changed concept whose terms the shown machine texts have not been checked against yet. ``after_id`` is the last
    translation that has been looked at."""

    __tablename__ = "glossary_regates"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    concept_id: Mapped[int] = mapped_column(ForeignKey("glossary_concepts.id", ondelete="CASCADE"))
    after_id: Mapped[int] = mapped_column(Id, default=0)
    created_at: Mapped[datetime]
