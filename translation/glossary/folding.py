"""How words are compared: what readers take for the same word folds to the same string.

Compatibility forms (NFKC), capitals, zero-width characters and blanks between letters of scripts without word
boundaries go. Vietnamese marks stay, because they tell words apart; only *where* a tone stands (``hoà``, ``hòa``)
does not. Thai and Khmer signs are put into one order, as they look the same in any.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Final

import regex

#: Scripts that are written without a space between words, for a character class.
UNSPACED: Final = r"\p{Han}\p{Thai}\p{Khmer}"
_UNSEEN: Final = r"\u00AD\u200B-\u200F\u2060-\u2064\uFE00-\uFE0F\uFEFF"
_BLANK: Final = r" \t\u00A0\u3000"
_SIGN: Final = rf"[\p{{M}}\u0E33{_UNSEEN}]"
# A sign belongs to the letter before it; the number is bounded, as putting signs in order costs more than linear time.
_SIGNS: Final = _SIGN + "{0,30}"
_TONED: Final = "àáảãạèéẻẽẹỳýỷỹỵÀÁẢÃẠÈÉẺẼẸỲÝỶỸỴ"
_PLAIN: Final = r"!-~À-ÖØ-Þà-öø-ÿĂăĐđĨĩŨũƠơƯư\u1EA0-\u1EF9"
#: Stretches that fold on their own, tried in this order. The first two keep their length, which most of a text does.
_UNIT: Final = regex.compile(
    # words of Latin letters with single spaces between them
    rf"((?:[{_PLAIN}]+(?: (?=[{_PLAIN}]))?)+(?!{_SIGN}|(?<=[oOuU])[aeyAEY]{_SIGN}))"
    # Chinese, and Thai and Khmer with all signs in their usual order
    rf"|((?:[\u4E00-\u9FFF，。、？！：；「」（）]"
    rf"|(?:[\u0E01-\u0E30\u0E32\u0E41-\u0E46]|\u0E40(?!\u0E40))[\u0E31\u0E34-\u0E3A\u0E47-\u0E4C]{{0,3}}(?!{_SIGN})"
    rf"|[\u1780-\u17B3](?:\u17D2[\u1780-\u1789\u178B-\u1799\u179B-\u17A2])?(?:\u17D2\u179A)?"
    rf"[\u17C9\u17CA]?[\u17B6-\u17C5]?[\u17C6-\u17C8\u17CB\u17CD\u17D0]?(?!{_SIGN}))+(?!{_SIGN}|[{_BLANK}]))"
    rf"|\s[\s{_UNSEEN}]*"
    rf"|(?:\u0E40\u0E40|[oOuU][aeyAEY{_TONED}]|[\s\S]){_SIGNS}"
    rf"(?:(?<=\u17D2[{_UNSEEN}]{{0,3}})[\u1780-\u17B3]{_SIGNS}){{0,6}}"
    rf"(?:(?<=[{UNSPACED}{_UNSEEN}])[{_BLANK}]+(?=[{UNSPACED}]))?"
)
_LATIN_RUN: Final = 1
_UNSPACED_RUN: Final = 2
_ANY_UNSEEN: Final = regex.compile(rf"[{_UNSEEN}]+")
_LATE_TONE: Final = regex.compile("o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ]")
_THAI_TONE_FIRST: Final = regex.compile(r"([\u0E48-\u0E4B])\u0E4D")
_KHMER: Final = regex.compile(r"\p{Khmer}")
_KHMER_PARTS: Final = regex.compile(r"\u17D2[\u1780-\u17B3]|[\s\S]")
_COENG: Final = "\u17d2"
_COENG_RO: Final = "\u17d2\u179a"
#: Characters that Taiwan writes in two ways, typographic apostrophes and hyphens.
_VARIANTS: Final = str.maketrans(
    "臺裏祕爲衞啓温説綫\u2018\u2019\u02bc\u2010\u2011\u2012\u2013", "台裡秘為衛啟溫說線'''----"
)


@dataclass(frozen=True)
class FoldedText:
    """A folded text that still knows where everything stood in the original. ``units`` are the stretches of the
    original and what each became."""

    original: str
    text: str
    units: tuple[tuple[str, str], ...]

    @cached_property
    def _is_aligned(self) -> bool:
        return all(len(unit) == len(folded) for unit, folded in self.units)

    @cached_property
    def _ends(self) -> tuple[list[int], list[int]]:
        """Where each unit ends, in the folded and in the original text."""
        return (
            list(accumulate(len(folded) for _, folded in self.units)),
            list(accumulate(len(unit) for unit, _ in self.units)),
        )

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that ``text[start:end]`` (not empty) comes from, without blanks at its end."""
        if self._is_aligned:
            return start, end
        begin = self._locate_char(start)[0]
        stretch = self.original[begin : self._locate_char(end - 1)[1]]
        return begin, begin + len(stretch.rstrip(" \t\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"))

    def _locate_char(self, index: int) -> tuple[int, int]:
        folded_ends, ends = self._ends
        at = bisect_right(folded_ends, index)
        unit, folded = self.units[at]
        if len(unit) == len(folded):
            begin = ends[at] - folded_ends[at] + index
            return begin, begin + 1
        return ends[at] - len(unit), ends[at]


def fold_text(text: str) -> FoldedText:
    """The text as it is compared. Time is linear in its length."""
    units = tuple((match[0], _fold_match(match)) for match in _UNIT.finditer(text))
    return FoldedText(text, "".join([folded for _, folded in units]), units)


def fold_term(text: str) -> str:
    """A term as it is compared: folded, without blanks around it."""
    return fold_text(text.strip()).text.strip()


def _fold_match(match: regex.Match[str]) -> str:
    if match.lastindex == _LATIN_RUN:
        text = match[0].lower()
        return text if text.isascii() else _LATE_TONE.sub(_move_tone, text)
    if match.lastindex == _UNSPACED_RUN:
        return unicodedata.normalize("NFKC", match[0]).translate(_VARIANTS)
    return _fold_unit(match[0])


def _move_tone(match: regex.Match[str]) -> str:
    first, second, tone = tuple(unicodedata.normalize("NFD", match[0]))
    return unicodedata.normalize("NFC", first + tone + second)


@lru_cache(maxsize=16_384)
def _fold_unit(unit: str) -> str:
    text = _ANY_UNSEEN.sub("", unit)
    if text.isspace():
        return " "
    # Only blanks that the pattern drops stand behind a letter.
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.rstrip()).casefold()).translate(_VARIANTS)
    if _KHMER.search(text):
        return _order_khmer(text)
    text = _LATE_TONE.sub(_move_tone, text)
    ordered: str = _THAI_TONE_FIRST.sub("\u0e4d\\1", text.replace("\u0e40\u0e40", "\u0e41"))
    return ordered


def _order_khmer(cluster: str) -> str:
    """A letter's subscripts, shifters, vowels and signs in this order; subscript DA and TA, which look the same, and
    vowels typed in two halves as one."""
    parts: list[str] = _KHMER_PARTS.findall(cluster.replace("\u17d2\u178a", "\u17d2\u178f"))
    text = parts[0] + "".join(sorted(parts[1:], key=_rank_khmer))
    return text.replace("\u17c1\u17b6", "\u17c4").replace("\u17c1\u17b8", "\u17be")


def _rank_khmer(part: str) -> int:
    if part.startswith(_COENG):
        return 2 if part == _COENG_RO else 1
    if part in "\u17c9\u17ca":
        return 3
    if part == "\u17c1":
        return 4
    return 5 if "\u17b6" <= part <= "\u17c5" else 6
