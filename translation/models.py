"""Rows of texts and their translations. Knows languages and texts, not posts or people.

One translation a (source text, target language); candidates are only ever added, one of them is active, by a
database constraint; only verified text enters the memory.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from app.core.db import LANGUAGE_LENGTH, Base, EnumText, Id
from translation.languages import LanguageTag
from translation.results import Basis, OriginKind

#: Scope of texts that everybody may read. A private thread's scope is ``thread:<id>``; memory made in one scope is used
#: in that scope only, and public memory everywhere.
PUBLIC_SCOPE = "public"


class EngineSet(StrEnum):
    """Which engines a text may meet. The demo's small model never sees anybody else's text."""

    INSTALLED = "installed"
    DEMO = "demo"


class TranslationState(StrEnum):
    PENDING = "pending"
    MACHINE = "machine"
    WAITING = "waiting"
    VERIFIED = "verified"
    STALE = "stale"
    WITHDRAWN = "withdrawn"


class Grade(StrEnum):
    ONE = "one"
    TWO = "two"


class WaitReason(StrEnum):
    NO_ENGINE = "no_engine"
    HELD = "held"
    ENGINE_FAILED = "engine_failed"
    UNKNOWN_LANGUAGE = "unknown_language"


class SourceText(Base):
    """An exact text that somebody wrote, already masked. Declared, detected and confirmed language are kept apart;
    ``language`` and ``basis`` are what follows from them. Withdrawing empties ``text``."""

    __tablename__ = "source_texts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    basis: Mapped[Basis] = mapped_column(EnumText(Basis))
    confidence: Mapped[float]
    declared_language: Mapped[LanguageTag | None] = mapped_column(EnumText(LanguageTag))
    detected_language: Mapped[LanguageTag | None] = mapped_column(EnumText(LanguageTag))
    detected_confidence: Mapped[float | None]
    confirmed_language: Mapped[LanguageTag | None] = mapped_column(EnumText(LanguageTag))
    confirmed_by_id: Mapped[int | None] = mapped_column(Id)
    scope: Mapped[str] = mapped_column(String(40))
    engine_set: Mapped[EngineSet] = mapped_column(EnumText(EngineSet))
    #: Whose share of the machine's time it takes; None is everybody's.
    owner_id: Mapped[int | None] = mapped_column(Id)
    facts: Mapped[list[Any]] = mapped_column(JSON())
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Translation(Base):
    """A source text in one target language. ``stale_candidate_id`` is what readers saw of the text before an edit; it
    is shown, labelled outdated, until there is something better for the new text."""

    __tablename__ = "translations"
    __table_args__ = (
        UniqueConstraint("source_text_id", "target_language"),
        # The queue of the workers; only pending rows are in it, so it stays small as the table grows.
        Index(
            "ix_translations_pending",
            "turn",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        # What an engine that is installed later, or comes back, can do at once.
        Index(
            "ix_translations_left",
            "source_language",
            "target_language",
            sqlite_where=text("state = 'waiting' AND reason = 'no_engine'"),
            postgresql_where=text("state = 'waiting' AND reason = 'no_engine'"),
        ),
        # An owner's place in that queue.
        Index(
            "ix_translations_pending_owner",
            "owner_id",
            "turn",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source_text_id: Mapped[int] = mapped_column(ForeignKey("source_texts.id"))
    source_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    target_language: Mapped[LanguageTag] = mapped_column(EnumText(LanguageTag))
    state: Mapped[TranslationState] = mapped_column(EnumText(TranslationState))
    grade: Mapped[Grade | None] = mapped_column(EnumText(Grade))
    reason: Mapped[WaitReason | None] = mapped_column(EnumText(WaitReason))
    is_reported: Mapped[bool] = mapped_column(default=False)
    #: Findings of the gate, as {code, severity, message, detail}.
    checks: Mapped[list[Any]] = mapped_column(JSON())
    stale_candidate_id: Mapped[int | None] = mapped_column(Id)
    #: A person's text in the language between, which the machine goes on from; of a verified text, one that has changed
    #: since.
    bridge_candidate_id: Mapped[int | None] = mapped_column(Id)
    attempts: Mapped[int] = mapped_column(default=0)
    owner_id: Mapped[int | None] = mapped_column(Id)
    #: Place in the queue: the owners' texts take turns, and what somebody is looking at goes first.
    turn: Mapped[int] = mapped_column(BigInteger, default=0)
    #: When a worker may take it next: now, or the end of another worker's lease or of a back-off.
    available_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Candidate(Base):
    """A proposed text of a translation and where it came from. Never changed; withdrawing deletes it."""

    __tablename__ = "candidates"
    __table_args__ = (
        Index("ix_candidates_translation_id", "translation_id"),
        Index(
            "uq_candidates_active",
            "translation_id",
            unique=True,
            sqlite_where=text("is_active"),
            postgresql_where=text("is_active"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    translation_id: Mapped[int] = mapped_column(ForeignKey("translations.id"))
    text: Mapped[str] = mapped_column(Text)
    source_digest: Mapped[str] = mapped_column(String(64))
    origin: Mapped[OriginKind] = mapped_column(EnumText(OriginKind))
    engine: Mapped[str | None] = mapped_column(String(40))
    route: Mapped[list[str] | None]
    model_version: Mapped[str | None] = mapped_column(String(120))
    score: Mapped[float | None]
    is_active: Mapped[bool]
    created_by_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]


class MemoryImport(Base):
    """A file of pairs that an operator brought in and answers for; its entries go with it."""

    __tablename__ = "memory_imports"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    entries: Mapped[int]
    created_by_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]


class MemoryEntry(Base):
    """A verified pair of texts: a whole text or one of its segments. It comes from a candidate, and goes when the
    verification goes, or from an import."""

    __tablename__ = "memory_entries"
    __table_args__ = (
        UniqueConstraint("candidate_id", "source_digest"),
        CheckConstraint("(candidate_id IS NULL) <> (import_id IS NULL)", name="provenance"),
        Index("ix_memory_entries_import_id", "import_id"),
        Index("ix_memory_entries_look_up", "source_digest", "source_language", "target_language", "scope"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source_language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH))
    target_language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH))
    source_digest: Mapped[str] = mapped_column(String(64))
    source_text: Mapped[str] = mapped_column(Text)
    target_text: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(String(40))
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("candidates.id"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("memory_imports.id", ondelete="CASCADE"))
    grade: Mapped[Grade] = mapped_column(EnumText(Grade))
    created_at: Mapped[datetime]


class MemoryBand(Base):
    """The index of fuzzy look-ups: entries whose sources are alike share bands of their signatures (MinHash)."""

    __tablename__ = "memory_bands"
    # Deleting an entry finds its bands by this.
    __table_args__ = (Index("ix_memory_bands_entry_id", "entry_id"),)

    band: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("memory_entries.id", ondelete="CASCADE"), primary_key=True)


class TranslationReport(Base):
    """A reader says that a translation is wrong; one open report a reader and translation."""

    __tablename__ = "translation_reports"
    __table_args__ = (UniqueConstraint("translation_id", "account_id", "candidate_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    translation_id: Mapped[int] = mapped_column(ForeignKey("translations.id"))
    candidate_id: Mapped[int] = mapped_column(Id)
    account_id: Mapped[int] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class LanguageReport(Base):
    """A reader says that a text's language was got wrong, and perhaps which one it is; one a reader and text."""

    __tablename__ = "language_reports"
    __table_args__ = (UniqueConstraint("source_text_id", "account_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source_text_id: Mapped[int] = mapped_column(ForeignKey("source_texts.id"))
    account_id: Mapped[int] = mapped_column(Id)
    language: Mapped[LanguageTag | None] = mapped_column(EnumText(LanguageTag))
    created_at: Mapped[datetime]


class WorkBudget(Base):
    """Characters that the machine has taken on in an hour, for an owner, or for all of them together (owner 0)."""

    __tablename__ = "work_budgets"
    __table_args__ = (UniqueConstraint("owner_id", "hour"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    owner_id: Mapped[int] = mapped_column(Id)
    hour: Mapped[datetime]
    characters: Mapped[int] = mapped_column(BigInteger)
