"""Imported pairs in the database: written bit by bit, hidden until the import is complete, removed as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.core.db import insert_if_absent
from app.core.errors import ConflictError, NotFoundError
from translation.languages import LanguageTag
from translation.memory.exchange import ExportEntry, Pair
from translation.memory.fuzzy import index_entries
from translation.models import PUBLIC_SCOPE, Grade, MemoryBand, MemoryEntry, MemoryImport
from translation.text import digest_text

#: Longest name of an import.
MAX_NAME: Final = 200
_PAGE: Final = 1000


class ImportExistsError(ConflictError):
    """The very same file is there already, or its import was broken off. ``import_id``, ``is_complete`` in the data."""

    code = "memory.import_exists"


class ImportNotFoundError(NotFoundError):
    code = "memory.import_not_found"


def begin_import(session: Session, *, name: str, digest: str, now: datetime) -> int:
    """The id of a new import that is hidden (``entries`` is 0) until :func:`finish_import`. ``digest`` is that of the
    file. Raises :class:`ImportExistsError`."""
    values = {"name": name, "digest": digest, "entries": 0, "created_by_id": None, "created_at": now}
    is_new = insert_if_absent(session, MemoryImport, values)
    row = session.scalars(select(MemoryImport).where(MemoryImport.digest == digest)).one()
    if not is_new:
        raise ImportExistsError(import_id=row.id, is_complete=row.entries > 0)
    return row.id


def add_pairs(session: Session, *, import_id: int, pairs: Sequence[Pair], now: datetime) -> None:
    """Public entries of grade one, for the operator answers for them; suggestions only."""
    entries = [
        MemoryEntry(
            source_language=pair.source,
            target_language=pair.target,
            source_digest=digest_text(pair.source_text),
            source_text=pair.source_text,
            target_text=pair.target_text,
            scope=PUBLIC_SCOPE,
            import_id=import_id,
            grade=Grade.ONE,
            created_at=now,
        )
        for pair in pairs
    ]
    session.add_all(entries)
    session.flush()
    index_entries(session, entries)


def finish_import(session: Session, *, import_id: int, entries: int) -> None:
    """All is there: from now on interpreters are shown it."""
    session.execute(update(MemoryImport).where(MemoryImport.id == import_id).values(entries=entries))


def list_imports(session: Session) -> Sequence[MemoryImport]:
    """All, oldest first; those with 0 ``entries`` were broken off."""
    return session.scalars(select(MemoryImport).order_by(MemoryImport.id)).all()


def hide_import(session: Session, *, import_id: int) -> int:
    """Begin to remove an import: nobody is shown it any more. How many entries it has. Raises
    :class:`ImportNotFoundError`."""
    statement = update(MemoryImport).where(MemoryImport.id == import_id).values(entries=0).returning(MemoryImport.id)
    if session.scalar(statement) is None:
        raise ImportNotFoundError
    return session.scalar(select(func.count()).where(MemoryEntry.import_id == import_id)) or 0


def remove_some(session: Session, *, import_id: int, limit: int) -> int:
    """Delete so many entries of a hidden import, and the import when none is left; how many were deleted."""
    some = select(MemoryEntry.id).where(MemoryEntry.import_id == import_id).limit(limit)
    deleted = session.execute(delete(MemoryEntry).where(MemoryEntry.id.in_(some)).returning(MemoryEntry.id)).all()
    if not deleted:
        session.execute(delete(MemoryImport).where(MemoryImport.id == import_id))
    return len(deleted)


def iterate_verified(
    session: Session, *, source: LanguageTag | None = None, target: LanguageTag | None = None
) -> Iterator[ExportEntry]:
    """Public entries that people of this installation verified, oldest first, read a page at a time; never a private
    conversation's, never imported ones, which have an owner elsewhere."""
    statement = (
        select(MemoryEntry)
        .where(MemoryEntry.scope == PUBLIC_SCOPE, MemoryEntry.import_id.is_(None))
        .order_by(MemoryEntry.id)
        .limit(_PAGE)
    )
    if source is not None:
        statement = statement.where(MemoryEntry.source_language == source)
    if target is not None:
        statement = statement.where(MemoryEntry.target_language == target)
    last = 0
    while rows := session.scalars(statement.where(MemoryEntry.id > last)).all():
        for row in rows:
            pair = Pair(
                LanguageTag(row.source_language), LanguageTag(row.target_language), row.source_text, row.target_text
            )
            yield ExportEntry(row.id, pair, row.grade.value, row.created_at)
        last = rows[-1].id
        session.expunge_all()


def reindex_some(session: Session, *, after: int, limit: int) -> int | None:
    """Write the bands of the next entries anew; the id to go on after, None at the end."""
    rows = session.scalars(
        select(MemoryEntry).where(MemoryEntry.id > after).order_by(MemoryEntry.id).limit(limit)
    ).all()
    if not rows:
        return None
    session.execute(delete(MemoryBand).where(MemoryBand.entry_id.in_([row.id for row in rows])))
    index_entries(session, rows)
    return rows[-1].id
