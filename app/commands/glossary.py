"""``qiao glossary``: terms in and out of files, and what there is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from app.commands.common import fail, load_runtime, tell
from app.commands.languages import LANGUAGE
from app.core.errors import QiaoError
from app.runtime import Runtime
from translation.glossary.drafts import ConceptDraft
from translation.glossary.exchange import FileInvalidError, Row, format_csv, parse_csv
from translation.glossary.models import TermStatus
from translation.glossary.queries import MAX_PAGE, ConceptView, list_concepts
from translation.glossary.service import import_concepts
from translation.glossary.tbx import TbxVersion, format_tbx, parse_tbx
from translation.languages import LANGUAGES, LanguageTag

_AT_ONCE = 100
_FORMATS = ("csv", TbxVersion.MARTIF.value, TbxVersion.TBX3.value)
#: What the codes of :class:`ConceptInvalidError` mean.
_PROBLEMS = {
    "glossary.key": "use small letters, digits and hyphens, at most 80",
    "glossary.key_twice": "stood in the file before",
    "glossary.category": "use a topic's short name, or nothing",
    "glossary.url": "no address that begins with https:// or http://",
    "glossary.no_term": "there is no term in any of the six languages",
    "glossary.too_many_terms": "more terms than a concept can have",
    "glossary.too_many_cells": "more cells than the first line has",
    "glossary.language": "not one of the six languages",
    "glossary.term_short": "a term of one character would be found everywhere",
    "glossary.term_mark": "a term can't hold | or a line break, or begin with !",
    "glossary.term_twice": "the same term is allowed and forbidden",
    "glossary.preferred_twice": "there can be one preferred term",
    "text.empty": "empty",
    "text.too_long": "too long",
    "text.surrogate": "not valid text",
}


@click.group("glossary")
def glossary_group() -> None:
    """Terms in six languages."""


@glossary_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "kind", type=click.Choice(["csv", "tbx"]), help="Default: by the file's name.")
@click.option("--source-url", default="", help="Where terms come from, for rows that don't say it.")
@click.option("--update", is_flag=True, help="Also change concepts that are there; changed terms are unverified again.")
def import_file(file: Path, kind: str | None, source_url: str, update: bool) -> None:
    """Add the concepts of a CSV or TBX file. All rows must be right, or nothing is imported."""
    is_tbx = kind == "tbx" if kind else file.suffix.lower() in {".tbx", ".xml"}
    try:
        data = file.read_bytes()
        rows = parse_tbx(data, source_url=source_url) if is_tbx else parse_csv(data, source_url=source_url)
    except OSError as error:
        fail(f"The file can't be read: {error.strerror}.")
    except FileInvalidError as error:
        fail(f"Nothing was imported: {error.data['reason']}.")
    if problems := [problem for row in rows for problem in _list_problems(row, is_tbx=is_tbx)]:
        fail("Nothing was imported.\n" + "\n".join(problems))
    drafts = [row.draft for row in rows if row.draft is not None]
    added, updated, untouched = _store(load_runtime(), drafts, updates=update)
    tell(f"{added} added, {updated} changed, {untouched} left as they were.")
    if untouched and not update:
        tell("Concepts that were there before are only changed with --update.")


def _store(runtime: Runtime, drafts: Sequence[ConceptDraft], *, updates: bool) -> tuple[int, int, int]:
    """Short transactions, because others write meanwhile; doing it again goes on where it stopped."""
    added = updated = 0
    for start in range(0, len(drafts), _AT_ONCE):
        try:
            with runtime.db.transaction() as session:
                batch = drafts[start : start + _AT_ONCE]
                done = import_concepts(session, drafts=batch, updates=updates, now=runtime.clock())
        except QiaoError as error:
            fail(f"Stopped after {start} concepts: {error.code}")
        added, updated = added + done.added, updated + done.updated
    return added, updated, len(drafts) - added - updated


def _list_problems(row: Row, *, is_tbx: bool) -> list[str]:
    place = f"{'entry' if is_tbx else 'line'} {row.place}" + (f" ({row.key[:80]})" if row.key else "")
    return [f"  {place}: {error.field}: {_PROBLEMS.get(error.code, error.code)}" for error in row.errors]


@glossary_group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path))
@click.option("--format", "kind", type=click.Choice(_FORMATS), help="Default: by the file's name, or csv.")
def export_file(file: Path, kind: str | None) -> None:
    """Write all concepts to a file, or to standard output for "-": CSV, TBX that most tools read, or TBX of 2019."""
    kind = kind or ("tbx" if file.suffix.lower() in {".tbx", ".xml"} else "csv")
    concepts = _read_all(load_runtime())
    data = format_csv(concepts) if kind == "csv" else format_tbx(concepts, version=TbxVersion(kind))
    if str(file) == "-":
        sys.stdout.buffer.write(data)
    else:
        try:
            file.write_bytes(data)
        except OSError as error:
            fail(f"The file can't be written: {error.strerror}.")
    tell(f"{len(concepts)} concepts.")


@glossary_group.command("list")
@click.option("--language", type=LANGUAGE, help="Only concepts with a term in it.")
@click.option("--category", help="Only those of a topic.")
@click.option("--verified/--unverified", "is_verified", default=None, help="Only those with such a term.")
@click.option("--query", help="Only those with a term that has this in it.")
def list_terms(language: LanguageTag | None, category: str | None, is_verified: bool | None, query: str | None) -> None:
    """List concepts, one a line: key, then the preferred term of each language, * where it is verified."""
    if language is not None and language not in LANGUAGES:
        raise click.BadParameter(f"{language} has no terms of its own")
    for concept in _read_all(
        load_runtime(), language=language, category=category, is_verified=is_verified, query=query
    ):
        click.echo("\t".join((concept.key, *(_show(concept, tag) for tag in LANGUAGES))))


def _show(concept: ConceptView, language: LanguageTag) -> str:
    for term in concept.terms:
        if term.language is language and term.status is not TermStatus.FORBIDDEN:
            return f"{term.text}{'*' if term.is_verified else ''}"
    return "-"


def _read_all(
    runtime: Runtime,
    *,
    language: LanguageTag | None = None,
    category: str | None = None,
    is_verified: bool | None = None,
    query: str | None = None,
) -> list[ConceptView]:
    concepts: list[ConceptView] = []
    with runtime.db.reading() as session:
        while page := list_concepts(
            session,
            language=language,
            category=category,
            is_verified=is_verified,
            query=query,
            after_id=concepts[-1].id if concepts else 0,
            limit=MAX_PAGE,
        ):
            concepts += page
    return concepts
