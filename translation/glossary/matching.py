"""Terms in a text: in every script, longest first, in time linear in the text. Pure.

Chinese, Thai and Khmer know no space between words, so a term matches wherever it stands; other scripts only as whole
words (Vietnamese: whole syllables), with the endings that Indonesian and English put on a word.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar

import regex

from translation.glossary.folding import UNSPACED, FoldedText, fold_term, fold_text
from translation.languages import LanguageTag

T = TypeVar("T")

#: A single letter is no term: it stands everywhere.
MIN_LENGTH: Final = 2
_UNSPACED: Final = regex.compile(rf"[{UNSPACED}]")
#: Written before the consonant that they follow in speech, and after it: neither may be cut off.
_THAI_LEADING: Final = frozenset("เแโใไ")
_THAI_TRAILING: Final = frozenset("ะาๅ")
_COENG: Final = "\u17d2"
#: Endings that leave the word the same, and how long it must be for them.
_ENDINGS: Final[dict[LanguageTag, tuple[int, regex.Pattern[str]]]] = {
    LanguageTag.ID: (4, regex.compile(r"(?:-?(?:nya|ku|mu)(?:lah|kah|pun)?|lah|kah|pun)(?!\w)")),
    LanguageTag.EN: (3, regex.compile(r"(?:'s|s'|e?s)(?!\w)")),
}
#: Beginnings that a word may take; only where its mere presence is looked for, as they may change the meaning.
_BEGINNINGS: Final[dict[LanguageTag, regex.Pattern[str]]] = {
    LanguageTag.ID: regex.compile(r"(?<!\w)(?:ber|di|ke|se|ter)\Z"),
}
_PLURAL_Y: Final = regex.compile(r"(?<=[^aeiou\W])y\Z")


@dataclass(frozen=True)
class Match(Generic[T]):
    """Where a term stands in the original text, and what it was entered with."""

    start: int
    end: int
    values: tuple[T, ...]


class _Node(dict[str, "_Node"]):
    """A node of the tree of terms: what goes on with each next character. ``is_end`` where a term ends."""

    __slots__ = ("is_end",)

    def __init__(self) -> None:
        self.is_end = False


class Matcher(Generic[T]):
    """All terms of one language. ``entries`` are terms as people write them, each with a value; building takes time in
    their number, finding in the length of the text."""

    def __init__(self, entries: Iterable[tuple[str, T]], language: LanguageTag) -> None:
        self._language = language
        self._values: dict[str, list[T]] = defaultdict(list)
        for text, value in entries:
            for form in _list_forms(fold_term(text), language):
                self._values[form].append(value)
        # The first two characters at once: most places of a text are done with after one look.
        self._roots: dict[str, _Node] = {}
        for form in self._values:
            node = self._roots.setdefault(form[:MIN_LENGTH], _Node())
            for char in form[MIN_LENGTH:]:
                node = node.setdefault(char, _Node())
            node.is_end = True

    def find_all(self, text: str | FoldedText) -> list[Match[T]]:
        """The terms in the text, in order. Where they overlap the longest wins, then the first."""
        folded = fold_text(text) if isinstance(text, str) else text
        taken = bytearray(len(folded.text))
        spans = []
        for start, end in sorted(self._list_spans(folded.text), key=lambda span: (span[0] - span[1], span[0])):
            if taken.find(1, start, end) < 0:
                taken[start:end] = b"\x01" * (end - start)
                spans.append((start, end))
        return [
            Match(*folded.locate(start, end), tuple(self._values[folded.text[start:end]]))
            for start, end in sorted(spans)
        ]

    def _list_spans(self, text: str) -> list[tuple[int, int]]:
        roots, language, size = self._roots, self._language, len(text)
        spans: list[tuple[int, int]] = []
        if not roots:
            return spans
        for start in range(size - MIN_LENGTH + 1):
            node = roots.get(text[start : start + MIN_LENGTH])
            if node is None or not _starts_word(text, start):
                continue
            end = start + MIN_LENGTH
            while True:
                if node.is_end and _ends_word(text, start, end, language):
                    spans.append((start, end))
                following = node.get(text[end]) if end < size else None
                if following is None:
                    break
                node, end = following, end + 1
        return spans


def contains_term(folded: str, term: str, language: LanguageTag) -> bool:
    """Whether the folded text has the folded term somewhere; generous, as a false "no" holds a good translation:
    an Indonesian word may have a beginning too."""
    for form in _list_forms(term, language):
        start = folded.find(form)
        while start >= 0:
            is_start = _starts_word(folded, start) or _has_beginning(folded, start, len(form), language)
            if is_start and _ends_word(folded, start, start + len(form), language):
                return True
            start = folded.find(form, start + 1)
    return False


def _has_beginning(text: str, start: int, length: int, language: LanguageTag) -> bool:
    beginnings = _BEGINNINGS.get(language)
    # Not on short words: "diizin" is "izin", but "dies" is not "es".
    return beginnings is not None and length > 3 and beginnings.search(text, max(0, start - 3), start) is not None


def _list_forms(folded: str, language: LanguageTag) -> list[str]:
    if len(folded) < MIN_LENGTH:
        return []
    if language is LanguageTag.EN and _PLURAL_Y.search(folded):
        return [folded, folded[:-1] + "ies"]
    return [folded]


@lru_cache(maxsize=4_096)
def _is_spaced(char: str) -> bool:
    """Whether the character belongs to words with spaces around them."""
    return char.isalnum() and _UNSPACED.match(char) is None


def _starts_word(text: str, start: int) -> bool:
    if start == 0:
        return True
    before = text[start - 1]
    if before == " ":
        return True
    if before in _THAI_LEADING or before == _COENG:
        return False
    return not (_is_spaced(before) and _is_spaced(text[start]))


def _ends_word(text: str, start: int, end: int, language: LanguageTag) -> bool:
    if end == len(text):
        return True
    after = text[end]
    if after == " ":
        return True
    if after in _THAI_TRAILING or unicodedata.category(after)[0] == "M":
        return False
    if not _is_spaced(text[end - 1]):
        return True
    if not _is_spaced(after) and after not in "-'":
        return True
    shortest, endings = _ENDINGS.get(language, (0, None))
    if endings is not None and endings.match(text, end):
        # The ending is on the last word, which must be long enough not to be part of another one.
        return end - max(start, text.rfind(" ", start, end) + 1) >= shortest
    return not _is_spaced(after)
