"""The glossary as files: CSV for spreadsheets, TBX (ISO 30042) for the tools of translators, in and out.

In a CSV file a line is a concept and a column a language; a cell holds the preferred name, admitted ones after ``|``,
forbidden ones with ``!`` before them. Imported names are unverified, whatever the file says: a person must vouch here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.core.errors import FieldError, InvalidInputError
from translation.glossary.drafts import ConceptDraft, TermDraft, clean_draft
from translation.glossary.models import TermStatus
from translation.glossary.queries import ConceptView
from translation.languages import LANGUAGES, LanguageTag

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_CONCEPTS: Final = 20_000
_FIXED: Final = ("key", "category", "source_url", "do_not_translate")
COLUMNS: Final = (*_FIXED, *(tag.value for tag in LANGUAGES), "note")
_TRUE: Final = frozenset({"1", "true", "yes", "x"})
#: A spreadsheet takes what begins so for a formula and runs it.
_FORMULA: Final = tuple("=+-@\t\r")


class FileInvalidError(InvalidInputError):
    """The file as a whole can't be read; ``reason`` (English) in the data."""

    code = "glossary.file_invalid"


@dataclass(frozen=True)
class Row:
    """What stands at a place of a file (a line, or an entry counted from 1): a concept, or what is wrong with it."""

    place: int
    key: str
    draft: ConceptDraft | None = None
    errors: tuple[FieldError, ...] = ()


def parse_csv(data: bytes, *, source_url: str = "") -> list[Row]:
    """The rows of a CSV file in UTF-8, separated by commas, semicolons or tabs, with a header of :data:`COLUMNS` in any
    order; ``key`` and one language are needed. ``source_url`` is for rows without one of their own. Raises
    :class:`FileInvalidError`."""
    text = _decode(data)
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
        _require_columns(columns)
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_parse_row(reader.line_num, columns, cells, source_url))
            if len(rows) > MAX_CONCEPTS:
                raise FileInvalidError(reason=f"more than {MAX_CONCEPTS} concepts")
    except csv.Error as error:
        raise FileInvalidError(reason=f"line {reader.line_num}: {error}") from None
    return mark_doubles(rows)


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise FileInvalidError(reason=f"larger than {MAX_BYTES // 1024**2} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileInvalidError(reason="not UTF-8") from None


def _require_columns(columns: Sequence[str]) -> None:
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown:
        raise FileInvalidError(reason="unknown columns: " + ", ".join(name[:40] for name in unknown[:10]))
    if len(set(columns)) < len(columns):
        raise FileInvalidError(reason="a column stands there twice")
    if "key" not in columns or not any(tag.value in columns for tag in LANGUAGES):
        raise FileInvalidError(reason="the first line must name the columns: key, a language such as zh-Hant, …")


def _parse_row(line: int, columns: Sequence[str], cells: Sequence[str], source_url: str) -> Row:
    key = _unguard(cells[0]) if columns[0] == "key" and cells else ""
    if len(cells) > len(columns):
        return Row(line, key, errors=(FieldError("row", "glossary.too_many_cells"),))
    values = dict(zip(columns, map(_unguard, cells), strict=False))
    return make_row(
        line,
        ConceptDraft(
            key=values.get("key", ""),
            category=values.get("category") or None,
            source_url=values.get("source_url", "").strip() or source_url,
            note=values.get("note") or None,
            is_do_not_translate=values.get("do_not_translate", "").strip().lower() in _TRUE,
            terms=tuple(term for tag in LANGUAGES for term in parse_cell(values.get(tag.value, ""), tag)),
        ),
    )


def make_row(place: int, draft: ConceptDraft) -> Row:
    """The draft, cleaned, or what is wrong with it."""
    try:
        return Row(place, draft.key, clean_draft(draft))
    except InvalidInputError as error:
        return Row(place, draft.key, errors=error.errors)


def mark_doubles(rows: Iterable[Row]) -> list[Row]:
    """Rows whose key has stood in the file before are errors."""
    seen: set[str] = set()
    marked = []
    for row in rows:
        is_double = row.draft is not None and row.key in seen
        marked.append(Row(row.place, row.key, errors=(FieldError("key", "glossary.key_twice"),)) if is_double else row)
        seen.add(row.key)
    return marked


def parse_cell(cell: str, language: LanguageTag) -> Iterator[TermDraft]:
    """The names in a cell: ``移工 | 移住勞工 | !外勞``."""
    is_first = True
    for part in filter(None, (part.strip() for part in cell.split("|"))):
        if part.startswith("!"):
            yield TermDraft(language, part[1:].strip(), TermStatus.FORBIDDEN)
            continue
        yield TermDraft(language, part, TermStatus.PREFERRED if is_first else TermStatus.ADMITTED)
        is_first = False


def format_cell(concept: ConceptView, language: LanguageTag) -> str:
    """What :func:`parse_cell` reads. An admitted name without a preferred one becomes that."""
    return " | ".join(
        f"!{term.text}" if term.status is TermStatus.FORBIDDEN else term.text
        for term in concept.terms
        if term.language is language
    )


def format_csv(concepts: Iterable[ConceptView]) -> bytes:
    """A CSV file in UTF-8 with the mark by which spreadsheets know it; no cell can be taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for concept in concepts:
        cells = [
            concept.key,
            concept.category or "",
            concept.source_url,
            "1" if concept.is_do_not_translate else "0",
            *(format_cell(concept, tag) for tag in LANGUAGES),
            concept.note or "",
        ]
        writer.writerow(map(_guard, cells))
    return out.getvalue().encode("utf-8-sig")


def _guard(cell: str) -> str:
    # A quote that was there already is doubled, so that taking one away gives back what was written.
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def _unguard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell
