"""Translation memories as TMX files (1.1 to 1.4b in, 1.4b out), read and written as a stream. Pure.

Files come from strangers' tools. They are read with expat, a piece at a time: entities can't be declared, nothing
outside the file is ever fetched, and depth, lengths and numbers are bounded. (The toolkit's reader builds the whole
tree in memory, takes the markup inside ``<bpt>`` for words and doesn't know TMX 1.1's ``lang``.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import permutations
from typing import BinaryIO, Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

import regex

from app.core.errors import InvalidInputError
from translation.languages import LANGUAGES, LanguageTag, find_language_tag
from translation.text import LoneSurrogateError, normalise_user_text

#: Pairs of one file, units without any counted too; more is a file to be cut.
MAX_PAIRS: Final = 200_000
#: Longest text of a unit, in characters.
MAX_TEXT: Final = 10_000
_MAX_VARIANTS: Final = 32
_MAX_DEPTH: Final = 64
_CHUNK: Final = 256 * 1024
#: Longest tag or comment in bytes; expat reads one again from its beginning with every piece of it.
_MAX_TOKEN: Final = 4 * 1024 * 1024
_ALL: Final = "*all*"
#: Stands for a text that was too long to be kept; no text of an XML file holds it.
_OVERLONG: Final = "\0"

#: Their content is the code of another format, not words (TMX 1.4b, section 3.3; "ut" until 1.3).
_CODES: Final = frozenset({"bpt", "ept", "ph", "it", "ut"})
_SPACES: Final = regex.compile(r"[ \t]{2,}")
#: What XML 1.0 can't hold, of that which a normalised text can.
_NO_XML: Final = regex.compile(r"[\ufffe\uffff]")
#: Every attribute of the header that TMX 1.4b requires, and when the file was made.
_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4">
<header creationtool="Qiao" creationtoolversion="1" segtype="block" o-tmf="Qiao" adminlang="en" srclang="{}"
 datatype="plaintext" creationdate="{}"/>
<body>
"""


class TmxError(InvalidInputError):
    """The file can't be read on. ``reason`` (English) and ``line`` in the data."""

    code = "memory.tmx_invalid"


class ImportProblem(StrEnum):
    """Why a unit, or a pair of one, was left out."""

    NO_SOURCE = "no text in the file's source language, or not in one of ours"
    NO_TARGET = "no text in another one of the six languages"
    EMPTY = "an empty text"
    TOO_LONG = "a text that is too long"
    ENTITY = "an unknown entity"
    HELD = "a text that a moderator would have to see"
    DOUBLE = "the same pair again"


@dataclass(frozen=True)
class Pair:
    """A text and its translation, normalised as everything that is stored."""

    source: LanguageTag
    target: LanguageTag
    source_text: str
    target_text: str


@dataclass(frozen=True)
class Unit:
    """A ``<tu>``: the pairs that can be made of it, and why others can't be."""

    pairs: tuple[Pair, ...]
    problems: tuple[ImportProblem, ...]


@dataclass(frozen=True)
class ExportEntry:
    """A pair to be written. ``grade`` as in :class:`translation.models.Grade`."""

    id: int
    pair: Pair
    grade: str
    created_at: datetime


def read_tmx(file: BinaryIO, *, on_read: Callable[[int], object] = lambda _bytes: None) -> Iterator[Unit]:
    """The units of a TMX file in UTF-8, UTF-16 (with BOM) or what its first line says, in their order.

    The source of a unit is the text in its, or the header's, ``srclang``; with ``*all*`` every language is a source for
    every other. ``on_read`` is told how many bytes were read. Raises :class:`TmxError`, possibly after some units.
    """
    handler = _Handler()
    count = 0
    while not handler.is_closed:
        chunk = file.read(_CHUNK)
        try:
            handler.feed(chunk)
        except expat.ExpatError as error:
            raise TmxError(reason=expat.ErrorString(error.code), line=error.lineno) from None
        except ValueError as error:  # a multi-byte encoding that expat doesn't know
            raise TmxError(reason=str(error)[:80], line=1) from None
        on_read(len(chunk))
        for unit in handler.take_units():
            count += max(1, len(unit.pairs))
            if count > MAX_PAIRS:
                raise TmxError(reason=f"more than {MAX_PAIRS} pairs", line=handler.line)
            yield unit


class _Handler:
    """What expat calls. Texts of the unit being read are in ``_variants``, as (language attribute, text)."""

    def __init__(self) -> None:
        self.is_closed = False
        self._fed = 0
        self._units: list[Unit] = []
        self._path: list[str] = []
        self._header_language = _ALL
        self._unit_language: str | None = None
        self._language: str | None = None
        self._variants: list[tuple[str | None, str]] = []
        self._has_entity = False
        self._text: list[str] | None = None
        self._length = 0
        self._codes = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._add_text
        parser.EntityDeclHandler = self._refuse_entity
        parser.SkippedEntityHandler = self._note_entity

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def feed(self, chunk: bytes) -> None:
        """Read on; no bytes are the end of the file."""
        self._parser.Parse(chunk, not chunk)
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > _MAX_TOKEN:
            raise TmxError(reason="a tag or comment is too long", line=self.line)
        self.is_closed = not chunk

    def take_units(self) -> list[Unit]:
        units, self._units = self._units, []
        return units

    def _refuse_entity(self, *_declaration: object) -> None:
        raise TmxError(reason="it declares entities", line=self.line)

    def _note_entity(self, *_entity: object) -> None:
        self._has_entity = True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = _strip_prefix(name)
        if not self._path and name != "tmx":
            raise TmxError(reason="it isn't a TMX file", line=self.line)
        self._path.append(name)
        if len(self._path) > _MAX_DEPTH:
            raise TmxError(reason="elements are nested too deeply", line=self.line)
        if self._text is not None:
            self._codes += name in _CODES
        elif name == "header":
            self._header_language = attributes.get("srclang", _ALL)
        elif name == "tu":
            self._unit_language, self._variants, self._has_entity = attributes.get("srclang"), [], False
        elif name == "tuv":
            self._language = attributes.get("xml:lang", attributes.get("lang"))
        elif name == "seg" and self._path[-3:-1] == ["tu", "tuv"]:
            self._text, self._length, self._codes = [], 0, 0

    def _add_text(self, text: str) -> None:
        if self._text is None or self._codes:
            return
        self._length += len(text)
        if self._length <= MAX_TEXT:
            self._text.append(text)

    def _end(self, name: str) -> None:
        name = _strip_prefix(name)
        self._path.pop()
        if name == "seg" and self._text is not None and self._path[-1:] == ["tuv"]:
            if len(self._variants) < _MAX_VARIANTS:
                text = "".join(self._text) if self._length <= MAX_TEXT else _OVERLONG
                self._variants.append((self._language, text))
            self._text = None
        elif self._text is not None:
            self._codes -= name in _CODES
        elif name == "tu":
            self._units.append(self._build_unit())

    def _build_unit(self) -> Unit:
        if self._has_entity:
            return Unit((), (ImportProblem.ENTITY,))
        return build_unit(self._variants, self._unit_language or self._header_language)


def _strip_prefix(name: str) -> str:
    return name.rpartition(":")[2].lower()


def build_unit(variants: Iterable[tuple[str | None, str]], source_language: str) -> Unit:
    """The pairs of a unit's texts, given as (language of the file, text); each source with every other language."""
    ours = [(tag, text) for name, text in variants if (tag := find_language_tag(name or "")) is not None]
    is_any = source_language.strip().lower() == _ALL
    only = None if is_any else find_language_tag(source_language)
    if not any(is_any or tag is only for tag, _ in ours):
        return Unit((), (ImportProblem.NO_SOURCE,))
    pairs: dict[Pair, None] = {}
    problems: dict[ImportProblem, None] = {}
    for (source, source_raw), (target, target_raw) in permutations(ours, 2):
        if (is_any or source is only) and source is not target and target in LANGUAGES:
            built = _build_pair(source, source_raw, target, target_raw)
            if isinstance(built, Pair):
                pairs[built] = None
            else:
                problems[built] = None
    if not pairs and not problems:
        problems[ImportProblem.NO_TARGET] = None
    return Unit(tuple(pairs), tuple(problems))


def _build_pair(source: LanguageTag, source_raw: str, target: LanguageTag, target_raw: str) -> Pair | ImportProblem:
    if _OVERLONG in (source_raw, target_raw):
        return ImportProblem.TOO_LONG
    try:
        source_text, target_text = (_clean(text) for text in (source_raw, target_raw))
    except LoneSurrogateError:
        return ImportProblem.EMPTY
    return Pair(source, target, source_text, target_text) if source_text and target_text else ImportProblem.EMPTY


def _clean(text: str) -> str:
    """As everything that is stored; where codes were taken out, one space is enough."""
    return _SPACES.sub(" ", normalise_user_text(text))


def write_tmx(file: BinaryIO, entries: Iterable[ExportEntry], *, source: LanguageTag | None, now: datetime) -> int:
    """Write a TMX 1.4b file in UTF-8 (level 1: no inline codes); how many units it has. ``source`` is the language of
    all entries' sources, None where there are several."""
    file.write(_HEAD.format(source or _ALL, _format_time(now)).encode())
    count = 0
    for entry in entries:
        file.write(_format_unit(entry).encode())
        count += 1
    file.write(b"</body>\n</tmx>\n")
    return count


def _format_unit(entry: ExportEntry) -> str:
    pair = entry.pair
    texts = "".join(
        f"<tuv xml:lang={quoteattr(tag)}><seg>{escape(_NO_XML.sub('', text))}</seg></tuv>\n"
        for tag, text in ((pair.source, pair.source_text), (pair.target, pair.target_text))
    )
    return (
        f'<tu tuid="{entry.id}" creationdate="{_format_time(entry.created_at)}" srclang={quoteattr(pair.source)}>\n'
        f'<prop type="x-grade">{escape(entry.grade)}</prop>\n<prop type="x-origin">interpreter</prop>\n{texts}</tu>\n'
    )


def _format_time(moment: datetime) -> str:
    """``YYYYMMDDTHHMMSSZ``, the form that TMX wants."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
