"""Numbers as people write them in the six languages, read as comparable values.

Digits of every script, thousands separators, 萬/億, ribu/juta, nghìn/triệu, หมื่น/แสน/ล้าน, ម៉ឺន/លាន, Chinese numerals and
plain number words. A mention has a *set* of values, because "3,000" or "2 triệu 5" can be meant in more than one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Final

import regex

from translation.languages import LanguageTag
from translation.number_words import COMMON_MULTIPLIERS, HALVES, LOOSE, MONTHS, MULTIPLIERS, NOT_BEFORE, UNITS

_FOLD: Final[dict[int, int]] = {
    **{0xFF01 + offset: 0x21 + offset for offset in range(94)},  # full-width forms
    **{zero + digit: ord("0") + digit for zero in (0x0E50, 0x17E0) for digit in range(10)},  # Thai, Khmer
    **dict.fromkeys((0x200B, 0x3000), 0x20),  # Khmer may be written with zero-width spaces between words
    0x00A0: 0x20,
    0x2009: 0x20,
    0x202F: 0x20,
}
_LATIN: Final = regex.compile(r"\p{Latin}")
_MAX_DIGITS: Final = 24  # within the precision of Decimal
#: Languages that write 3.000 for three thousand and 1,5 for one and a half.
_DOT_GROUPS: Final = frozenset({LanguageTag.VI, LanguageTag.ID, LanguageTag.KM})
_HALF: Final = Decimal("0.5")
_HALF_REACH: Final = 8
_NEAR: Final = regex.compile(r"[ \-]?(?:and |lẻ |linh )?")
_SEPARATOR: Final = regex.compile(r"[., '’]")
_RANGE: Final = regex.compile(r" ?(?:[-–—~～至到]|đến|tới|sampai|hingga|s/d|to|ถึง|ដល់) ?")


@dataclass(frozen=True)
class NumberMention:
    """A number at ``text[start:end]``. ``is_explicit`` when written with digits; words only serve as counterparts.
    ``scale`` is the multiplier it ends in (10,000 for 3萬), else 1."""

    start: int
    end: int
    values: frozenset[Decimal]
    is_explicit: bool
    scale: Decimal = Decimal(1)


def fold_digits(text: str) -> str:
    """Full-width forms, Thai and Khmer digits and odd spaces as ASCII; the length and every offset stay the same."""
    return text if text.isascii() else text.translate(_FOLD)


def format_value(value: Decimal) -> str:
    """One spelling per value: ``3000``, ``1.5``."""
    return format(value.normalize(), "f")


def find_numbers(text: str, language: LanguageTag) -> list[NumberMention]:
    """Every number in the text, in order and without overlap. ``und`` reads the words of all languages."""
    return read_numbers(fold_case(fold_digits(text)), language)


def read_numbers(folded: str, language: LanguageTag) -> list[NumberMention]:
    """Like :func:`find_numbers`, for a text that has been folded."""
    mentions = list(_join_tokens(list(_tokenize(folded, language))))
    return _spread_ranges(_attach_halves(mentions), folded)


def fold_case(text: str) -> str:
    """Lower case of the same length ("İ" alone would grow)."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(low if len(low := c.lower()) == 1 else c for c in text)


# --- tokens -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Token:
    start: int
    end: int
    kind: str  # digits, positional, unit, multiplier, teen, zero, half, loose
    values: frozenset[Decimal]
    text: str
    gap: str = ""  # what stands between the token before and this one

    @property
    def is_near(self) -> bool:
        """Near enough to the token before to be one number with it."""
        return _NEAR.fullmatch(self.gap) is not None

    @property
    def value(self) -> Decimal:
        return max(self.values)


def _family(language: LanguageTag) -> tuple[LanguageTag, ...]:
    if language is LanguageTag.ZH_HANS:
        return (LanguageTag.ZH_HANT,)
    return (language,) if language.is_known else tuple(UNITS)


def _merge(tables: Mapping[LanguageTag, Mapping[str, int]], family: Iterable[LanguageTag]) -> dict[str, int]:
    return {word: value for tag in family for word, value in tables[tag].items()}


@cache
def _lexicon(language: LanguageTag) -> tuple[regex.Pattern[str], dict[str, tuple[str, frozenset[Decimal]]]]:
    """One pattern, longest word first, and what each word is."""
    family = _family(language)
    table: dict[str, tuple[str, frozenset[Decimal]]] = {}
    for kind, entries in (
        ("loose", _merge(MONTHS, family) | _merge(LOOSE, family)),
        ("multiplier", COMMON_MULTIPLIERS | _merge(MULTIPLIERS, family)),
        ("unit", _merge(UNITS, family)),
    ):
        table |= {word: (kind, frozenset({Decimal(value)})) for word, value in entries.items()}
    for word in (word for tag in family for word in HALVES[tag]):
        table[word] = ("half", frozenset({_HALF, Decimal(30), Decimal(6)}))
    if LanguageTag.ID in family:
        table["belas"] = ("teen", frozenset({Decimal(10)}))
    if LanguageTag.ZH_HANT in family:
        table |= {"零": ("zero", frozenset({Decimal(0)})), "〇": ("zero", frozenset({Decimal(0)}))}

    def to_pattern(word: str) -> str:
        unless = f"(?!{NOT_BEFORE[word]})" if word in NOT_BEFORE else ""
        if not word[0].isascii() and not _is_latin(word):
            return regex.escape(word) + unless  # scripts without spaces have no word boundaries
        before = r"(?<=\d|\d )" if word in COMMON_MULTIPLIERS else ""
        return rf"{before}{regex.escape(word)}(?![^\W\d]){unless}"  # digits may touch: 2tr5

    words = "|".join(to_pattern(word) for word in sorted(table, key=len, reverse=True))
    # Few characters begin a word at all, which is sooner seen than that none of the words begins there.
    begins = regex.escape("".join(sorted({word[0] for word in table})), special_only=False)
    pattern = regex.compile(
        rf"(?P<digits>\d{{1,3}}(?:(?P<sep>[.,'’])\d{{3}}(?!\d))(?:(?P=sep)\d{{3}}(?!\d))*(?:[.,]\d{{1,2}}(?!\d))?"
        rf"|\d{{1,3}}(?: \d{{3}})* \d00(?!\d)"  # "12 500 000", but "110 113 119" are three numbers
        rf"|\d+(?:[.,]\d+)?)|(?P<positional>[〇零一二三四五六七八九]{{3,}}(?![十百千萬万億亿]))"
        # Inside a word of Latin letters no word begins: said once, so that it is not asked for each of them.
        rf"|(?=[{begins}])(?<![^\W\d](?=\p{{Latin}}))(?P<word>{words})"
    )
    return pattern, table


def _is_latin(word: str) -> bool:
    return _LATIN.match(word) is not None


def _tokenize(text: str, language: LanguageTag) -> Iterator[_Token]:
    end = 0
    for token in _scan(text, language):
        token.gap = text[end : token.start][:12]
        yield token
        end = token.end


def _scan(text: str, language: LanguageTag) -> Iterator[_Token]:
    pattern, table = _lexicon(language)
    for match in pattern.finditer(text):
        start, end = match.span()
        if match["word"]:
            kind, values = table[match["word"]]
            yield _Token(start, end, kind, values, match["word"])
        elif match["positional"]:
            digits = "".join(str(max(0, "〇一二三四五六七八九".find(char))) for char in match["positional"])
            yield _Token(start, end, "positional", frozenset({Decimal(digits[:_MAX_DIGITS])}), digits)
        elif end - start <= _MAX_DIGITS:
            yield from _read_digits(match["digits"], start, language)
        else:
            # Longer than any amount: compared by its ends, so that huge inputs cost nothing.
            digits = match["digits"]
            cut = frozenset({Decimal(digits[:12] + digits[-12:])}) if digits.isdecimal() else frozenset({Decimal(-1)})
            yield _Token(start, end, "digits", cut, digits)


def _read_digits(text: str, start: int, language: LanguageTag) -> Iterator[_Token]:
    def make(part: str, offset: int, *values: str) -> _Token:
        where = start + offset
        return _Token(where, where + len(part), "digits", frozenset(map(Decimal, values)), part)

    separators = _SEPARATOR.findall(text)
    if not separators:
        yield make(text, 0, text)
        return
    head, _, tail = text.rpartition(separators[-1])
    mixed = len(set(separators)) > 1
    if mixed or separators[-1] in " '’" or len(separators) > 1:
        # 1,234.50 or 12 000 or 1.234.567: only the last separator can be a decimal mark, and only if it differs.
        whole = _SEPARATOR.sub("", head)
        yield make(text, 0, f"{whole}.{tail}" if mixed else whole + tail)
        return
    dot_groups = language in _DOT_GROUPS
    is_grouped = len(tail) == 3 and len(head) <= 3 and not head.startswith("0")
    if is_grouped and separators[0] == ("." if dot_groups else ","):
        yield make(text, 0, head + tail)
    elif is_grouped:
        yield make(text, 0, head + tail, f"{head}.{tail}")
    elif separators[0] == "," and not dot_groups:
        # "1,2" is a list where the comma is no decimal mark.
        yield make(head, 0, head)
        yield make(tail, len(head) + 1, tail)
    else:
        yield make(text, 0, f"{head}.{tail}")


# --- from tokens to numbers -------------------------------------------------------------------------------------------


def _join_tokens(tokens: list[_Token]) -> Iterator[NumberMention]:
    run: list[_Token] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if run and _may_follow(run[-1], token, following) and _add_up([*run, token]) is not None:
            run.append(token)
            continue
        yield from _build(run)
        run = [token]
    yield from _build(run)


def _may_follow(previous: _Token, token: _Token, following: _Token | None) -> bool:
    if not token.is_near or (token.kind == "multiplier" and token.gap not in {"", " "}):
        return False
    if token.kind == "digits" or token.text == "năm":  # five or year: "mười năm" is ten years
        is_scaled = following is not None and following.kind == "multiplier" and following.gap in {"", " "}
        is_tail = token.kind == "digits" and not token.gap and previous.value >= 1000  # 2萬7,470, 3萬5, 2tr500
        return previous.kind == "multiplier" and (is_scaled or is_tail)
    return True


def _add_up(run: list[_Token]) -> Decimal | None:
    """The value of a run of tokens, or None when they cannot be one number. Addends must fit below the one before:
    each carries the room it leaves ("twenty" leaves 10, 三萬 leaves 10,000, a digit none)."""
    stack: list[tuple[Decimal, Decimal]] = []
    for token in run:
        value, room = token.value, Decimal(0)
        if token.kind == "multiplier":
            taken = Decimal(0)
            while stack and stack[-1][0] < value:
                taken += stack.pop()[0]
            value, room = (taken or 1) * value, value
        elif token.kind == "unit":
            room = value if value >= 100 else Decimal(10 if value % 10 == 0 else 0)
        elif token.kind == "half" and stack and stack[-1][1] >= 100:
            value = stack[-1][1] / 2
        elif token.kind == "teen" and stack and stack[-1][0] < 10:
            stack[-1] = (stack[-1][0], Decimal(100))
        elif token.kind == "zero" and stack:
            continue
        elif token.kind != "digits" and stack:
            return None
        if stack and value >= stack[-1][1]:
            return None
        stack.append((value, room))
    return sum((value for value, _ in stack), Decimal(0))


def _build(run: list[_Token]) -> Iterator[NumberMention]:
    if not run or (len(run) == 1 and run[0].kind in {"teen", "zero"}):
        return
    first, last = run[0], run[-1]
    if len(run) == 1:
        values = set(first.values)
    else:
        sums = (_add_up([replace(first, values=frozenset({value})), *run[1:]]) for value in first.values)
        values = {total for total in sums if total is not None}
    is_tail = last.kind == "digits" or (last.kind == "unit" and last.value < 10)
    if len(run) > 1 and is_tail and run[-2].kind == "multiplier" and run[-2].value >= 100:
        # 三萬五 and 3萬5 are thirty-five thousand, 2tr500 is two and a half million.
        length = len(last.text) if last.text.isdecimal() else 1
        values |= {total + last.value * (run[-2].value / 10**length - 1) for total in values}
    if len(run) > 1 and last.text == "m":
        values |= first.values  # "3m" may be metres
    yield NumberMention(
        start=first.start,
        end=last.end,
        values=frozenset(values),
        is_explicit=any(token.kind == "digits" for token in run),
        scale=last.value if last.kind == "multiplier" and len(run) > 1 else Decimal(1),
    )


def _attach_halves(mentions: list[NumberMention]) -> list[NumberMention]:
    """ "2 năm rưỡi", "一年半": the number just before a half may also be meant with it."""
    result = list(mentions)
    for index, half in enumerate(mentions):
        if half.is_explicit or _HALF not in half.values:
            continue
        for before in range(max(0, index - 2), index):  # "năm" (year) reads as five and may stand between
            number = mentions[before]
            if half.start - number.end <= _HALF_REACH:
                more = {(value + _HALF) * unit for value in number.values for unit in (1, 12)}
                result[before] = replace(number, values=number.values | more)
    return result


def _spread_ranges(mentions: list[NumberMention], text: str) -> list[NumberMention]:
    """ "3-5 triệu": the first number may share the second one's multiplier."""
    result = list(mentions)
    for index in range(1, len(result)):
        low, high = result[index - 1], result[index]
        if low.scale == 1 and high.scale > 1 and _RANGE.fullmatch(text[low.end : high.start]):
            result[index - 1] = replace(low, values=low.values | {value * high.scale for value in low.values})
    return result
