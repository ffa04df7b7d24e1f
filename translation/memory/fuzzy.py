"""The index of fuzzy look-ups in the database: bands are written with an entry, and candidates found by them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import Select, bindparam, func, insert, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from translation.languages import LanguageTag
from translation.memory.signatures import sign_entry, sign_query
from translation.memory.similarity import Form, measure_likeness, prepare
from translation.models import Grade, MemoryBand, MemoryEntry, MemoryImport


@dataclass(frozen=True)
class Effort:
    """How much one look-up may read, so that no text and no memory makes it slow. Of a band the ``newest`` entries: one
    that more of them share tells little. Of all those the ``candidates`` that share the most bands with the text: they
    are compared character by character."""

    newest: int
    candidates: int


#: For a text alone, and for each of many.
THOROUGH: Final = Effort(newest=600, candidates=200)
QUICK: Final = Effort(newest=200, candidates=60)


@dataclass(frozen=True)
class StoredEntry:
    """What a look-up reads of an entry. ``import_name`` is None for what a person of this installation verified."""

    id: int
    source_text: str
    target_text: str
    scope: str
    grade: Grade
    created_at: datetime
    import_name: str | None


@dataclass(frozen=True)
class Similar:
    """An entry whose source is like the text that was looked up; ``likeness`` disregards numbers."""

    entry_id: int
    form: Form
    likeness: int


def index_entries(session: Session, entries: Collection[MemoryEntry]) -> None:
    """Write the bands of entries that are in the database and have none yet."""
    rows = sorted(
        (band, entry.id)
        for entry in entries
        for band in sign_entry(
            entry.source_text,
            source=LanguageTag(entry.source_language),
            target=LanguageTag(entry.target_language),
            scope=entry.scope,
        )
    )
    if rows:
        # In the order of the index, so that each of its pages is touched once.
        session.execute(insert(MemoryBand), [{"band": band, "entry_id": entry_id} for band, entry_id in rows])


def select_stored(
    *, scopes: Collection[str], source: LanguageTag, target: LanguageTag
) -> Select[int, str, str, str, Grade, datetime, str]:
    """Entries of a pair in these scopes, but for those of an import that isn't complete yet, or is being removed."""
    return (
        select(
            MemoryEntry.id,
            MemoryEntry.source_text,
            MemoryEntry.target_text,
            MemoryEntry.scope,
            MemoryEntry.grade,
            MemoryEntry.created_at,
            MemoryImport.name,
        )
        .outerjoin(MemoryImport, MemoryImport.id == MemoryEntry.import_id)
        .where(
            MemoryEntry.source_language == source,
            MemoryEntry.target_language == target,
            MemoryEntry.scope.in_(scopes),
            or_(MemoryEntry.import_id.is_(None), MemoryImport.entries > 0),
        )
    )


def find_similar(
    session: Session, *, text: str, source: LanguageTag, target: LanguageTag, scopes: Sequence[str], effort: Effort
) -> list[Similar]:
    """Entries whose source is like the text, the most alike first. Only those in ``scopes``: the bands lead nowhere
    else, and what they lead to is asked for its pair and scope once more."""
    bands = sign_query(text, source=source, target=target, scopes=scopes)
    if not bands:
        return []
    values: dict[str, object] = {f"band_{number}": band for number, band in enumerate(bands)}
    values |= {"source": source, "target": target, **{f"scope_{number}": each for number, each in enumerate(scopes)}}
    asked = prepare(text, source)
    similar = []
    for entry_id, source_text in session.execute(_build_look_up(len(bands), len(scopes), effort), values):
        form = prepare(source_text, source)
        likeness = measure_likeness(asked, form)
        if likeness:
            similar.append(Similar(entry_id, form, likeness))
    return sorted(similar, key=lambda each: (-each.likeness, -each.entry_id))


@lru_cache(maxsize=32)
def _build_look_up(bands: int, scopes: int, effort: Effort) -> Select[int, str]:
    """The statement for so many bands: the newest entries of each, and of them those that share the most."""
    parts = []
    for number in range(bands):
        newest = (
            select(MemoryBand.entry_id)
            .where(MemoryBand.band == bindparam(f"band_{number}"))
            .order_by(MemoryBand.entry_id.desc())
            # As a literal: a bound limit would be written into the statement anew at every look-up.
            .limit(literal_column(str(effort.newest)))
            .subquery(f"newest_{number}")
        )
        parts.append(select(newest.c.entry_id))
    found = union_all(*parts).subquery("found")
    best = (
        select(found.c.entry_id)
        .group_by(found.c.entry_id)
        .order_by(func.count().desc(), found.c.entry_id.desc())
        .limit(literal_column(str(effort.candidates)))
        .subquery("best")
    )
    return (
        select(MemoryEntry.id, MemoryEntry.source_text)
        .join(best, best.c.entry_id == MemoryEntry.id)
        .where(
            MemoryEntry.source_language == bindparam("source"),
            MemoryEntry.target_language == bindparam("target"),
            or_(*(MemoryEntry.scope == bindparam(f"scope_{number}") for number in range(scopes))),
        )
    )
