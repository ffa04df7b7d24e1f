"""``qiao memory``: translation memories of other tools in, what people here verified out, as TMX files."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Final

import click
from sqlalchemy import func, select
from tqdm import tqdm

from app.commands.common import fail, load_runtime, tell
from app.commands.languages import LANGUAGE
from app.core.errors import QiaoError
from app.runtime import Runtime
from moderation.screening import ScreeningDecision, screen_text
from translation.languages import LanguageTag
from translation.memory import imports
from translation.memory.exchange import ImportProblem, Pair, TmxError, read_tmx, write_tmx
from translation.models import MemoryEntry
from translation.text import normalise_user_text

#: Entries of one transaction: others write between two of them.
_AT_ONCE: Final = 500
_MAX_BYTES: Final = 512 * 1024**2


@click.group("memory")
def memory_group() -> None:
    """The translation memory."""


@dataclass
class _Tally:
    """What became of a file's units."""

    units: int = 0
    entries: int = 0
    masked: int = 0
    problems: Counter[ImportProblem] = field(default_factory=Counter)


@memory_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="", help="What interpreters see as its origin. Default: the file's name.")
def import_file(file: Path, name: str) -> None:
    """Add the pairs of a TMX file, as suggestions to interpreters; people still decide about every translation.

    Personal data is masked. All of the file is imported, or nothing; what can't be used is counted and left out.
    """
    shown = " ".join(normalise_user_text(name or file.name).split())[: imports.MAX_NAME]
    if not shown:
        raise click.BadParameter("a name is needed", param_hint="--name")
    if file.stat().st_size > _MAX_BYTES:
        fail("Not imported: the file is larger than 512 MB. Cut it.")
    runtime = load_runtime()
    try:
        with file.open("rb") as opened:
            import_id, tally = _import(runtime, opened, shown)
    except OSError as error:
        fail(f"The file can't be read: {error.strerror}.")
    if tally.problems:
        tell("Left out:")
        for problem, count in tally.problems.most_common():
            tell(f"  {count}: {problem.value}")
    if import_id is None:
        fail("Nothing was imported: there is no pair of two of the six languages in the file.")
    masked = f" Personal data was masked in {tally.masked}." if tally.masked else ""
    tell(f"Imported {tally.entries} pairs of {tally.units} units as import {import_id}, {shown}.{masked}")


def _import(runtime: Runtime, file: BufferedReader, name: str) -> tuple[int | None, _Tally]:
    """The id of the import, None if nothing in the file could be used; after a failure nothing of it stays."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = file.tell()
    file.seek(0)
    now = runtime.clock()
    try:
        with runtime.db.transaction() as session:
            import_id = imports.begin_import(session, name=name, digest=digest, now=now)
    except imports.ImportExistsError as error:
        _tell_exists(error)
    tally = _Tally()
    try:
        with tqdm(total=size, unit="B", unit_scale=True, desc="Importing") as bar:
            pairs = _read_pairs(file, bar, tally)
            while batch := list(islice(pairs, _AT_ONCE)):
                with runtime.db.transaction() as session:
                    imports.add_pairs(session, import_id=import_id, pairs=batch, now=now)
                tally.entries += len(batch)
        if tally.entries:
            with runtime.db.transaction() as session:
                imports.finish_import(session, import_id=import_id, entries=tally.entries)
    except BaseException as error:
        _remove(runtime, import_id)
        if isinstance(error, TmxError):
            fail(f"Nothing was imported: line {error.data['line']}: {error.data['reason']}.")
        if isinstance(error, QiaoError):
            fail(f"Nothing was imported: {error.code}")
        raise
    if not tally.entries:
        _remove(runtime, import_id)
        return None, tally
    return import_id, tally


def _tell_exists(error: imports.ImportExistsError) -> None:
    number = error.data["import_id"]
    if error.data["is_complete"]:
        fail(f"This very file is there already, as import {number}.")
    fail(f"An import of this file was broken off. Remove it first: qiao memory remove-import {number}")


def _read_pairs(file: BufferedReader, bar: tqdm[None], tally: _Tally) -> Iterator[Pair]:
    """Pairs fit to be stored, each once."""
    seen: set[bytes] = set()
    for unit in read_tmx(file, on_read=bar.update):
        tally.units += 1
        tally.problems.update(unit.problems)
        for pair in unit.pairs:
            screened = _screen(pair)
            if screened is None:
                tally.problems[ImportProblem.HELD] += 1
                continue
            key = "\0".join((pair.source, pair.target, screened.source_text, screened.target_text))
            digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
            if digest in seen:
                tally.problems[ImportProblem.DOUBLE] += 1
                continue
            seen.add(digest)
            tally.masked += screened != pair
            yield screened


def _screen(pair: Pair) -> Pair | None:
    """As posts are: personal data masked; None for what would be held for a moderator."""
    source = screen_text(pair.source_text, language=pair.source)
    target = screen_text(pair.target_text, language=pair.target)
    if ScreeningDecision.HOLD in (source.decision, target.decision):
        return None
    return replace(pair, source_text=source.masked, target_text=target.masked)


def _remove(runtime: Runtime, import_id: int) -> int:
    """Remove an import bit by bit; it is hidden at once. Raises :class:`imports.ImportNotFoundError`."""
    with runtime.db.transaction() as session:
        total = imports.hide_import(session, import_id=import_id)
    with tqdm(total=total, unit=" entries", desc="Removing", disable=not total) as bar:
        while True:
            with runtime.db.transaction() as session:
                removed = imports.remove_some(session, import_id=import_id, limit=_AT_ONCE)
            if not removed:
                return total
            bar.update(removed)


@memory_group.command("imports")
def list_imports() -> None:
    """List what was imported: number, entries, day, name."""
    runtime = load_runtime()
    with runtime.db.reading() as session:
        rows = imports.list_imports(session)
    for row in rows:
        entries = str(row.entries) if row.entries else "broken off"
        click.echo(f"{row.id}\t{entries}\t{row.created_at:%Y-%m-%d}\t{row.name}")
    if not rows:
        tell("Nothing was imported.")


@memory_group.command("remove-import")
@click.argument("number", type=click.IntRange(min=1))
def remove_import(number: int) -> None:
    """Remove an import with all its entries. What people verified with their help stays."""
    runtime = load_runtime()
    try:
        removed = _remove(runtime, number)
    except imports.ImportNotFoundError:
        fail(f"There is no import {number}. See: qiao memory imports")
    tell(f"Removed import {number} with {removed} entries.")


@memory_group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--from", "source", type=LANGUAGE, help="Only pairs from this language.")
@click.option("--to", "target", type=LANGUAGE, help="Only pairs into this language.")
def export_file(file: Path, source: LanguageTag | None, target: LanguageTag | None) -> None:
    """Write what people verified in public as TMX 1.4b; nothing of private conversations, and nothing imported."""
    runtime = load_runtime()
    # Beside the file, so that a failure leaves no half of one.
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as opened, runtime.db.reading() as session, tqdm(unit=" entries", desc="Exporting") as bar:
            entries = imports.iterate_verified(session, source=source, target=target)
            counted = (bar.update() or entry for entry in entries)
            count = write_tmx(opened, counted, source=source, now=runtime.clock())
        os.replace(part, file)
    except OSError as error:
        part.unlink(missing_ok=True)
        fail(f"The file can't be written: {error.strerror}.")
    tell(f"Exported {count} pairs.")


@memory_group.command("reindex")
def reindex() -> None:
    """Build the index of fuzzy look-ups anew, for entries from before there was one."""
    runtime = load_runtime()
    with runtime.db.reading() as session:
        total = session.scalar(select(func.count()).select_from(MemoryEntry)) or 0
    after: int | None = 0
    with tqdm(total=total, unit=" entries", desc="Indexing") as bar:
        while after is not None:
            with runtime.db.transaction() as session:
                after = imports.reindex_some(session, after=after, limit=_AT_ONCE)
            bar.update(min(_AT_ONCE, total - bar.n))
    tell(f"Indexed {total} entries.")
