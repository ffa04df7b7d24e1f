"""Everything in a text that must survive translation unharmed: links, phones, dates, times, weekdays, money, numbers.

Both the fact chips and the checks read a text through :func:`find_mentions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

import regex

from translation.dates import When, find_dates, find_era_years, find_months, find_times, find_weekdays, read_hour
from translation.languages import LanguageTag
from translation.numerals import NumberMention, fold_case, fold_digits, format_value, read_numbers
from translation.protect import EMAIL_PATTERN, LINK_PATTERN, PHONE_PATTERN


class MentionKind(StrEnum):
    LINK = "link"
    PHONE = "phone"
    DATE = "date"
    TIME = "time"
    WEEKDAY = "weekday"
    MONTH = "month"
    YEAR = "year"
    MONEY = "money"
    NUMBER = "number"


@dataclass(frozen=True)
class Mention:
    """One of them at ``text[start:end]``. Two mentions of a kind mean the same when their ``readings`` meet (and
    their ``units``, currencies, where both have some). ``is_explicit`` ones must have a counterpart; others only serve
    as one. ``parts`` are the plain numbers inside, for a counterpart that is not recognised as a whole."""

    kind: MentionKind
    start: int
    end: int
    readings: frozenset[str]
    is_explicit: bool = True
    units: frozenset[str] = frozenset()
    parts: tuple[frozenset[str], ...] = ()


#: Currency words. Several units where a word alone does not tell them apart in Taiwan.
_CURRENCIES: Final[tuple[tuple[frozenset[str], str], ...]] = tuple(
    (frozenset(units.split()), pattern)
    for units, pattern in (
        ("TWD", r"nt\$|ntd|twd|新[台臺]幣|[台臺]幣|đài tệ|đô đài|dolar taiwan|nt dollars?|(?:new )?taiwan dollars?"),
        ("TWD", r"(?:ดอลลาร์|เหรียญ)ไต้หวัน|ดอลลาร์นิวไต้หวัน|បាទតៃវ៉ាន់|ដុល្លារតៃវ៉ាន់|nt(?=\d|\b)"),
        ("USD", r"us\$|usd|美元|美金|đô(?: la)? mỹ|dolar as|dolar amerika|u\.?s\.? dollars?|ดอลลาร์สหรัฐฯ?|ដុល្លារអាមេរិក"),
        ("VND", r"đồng|vnđ|vnd|₫|越南盾|越盾|越幣|dong\b|ดอง|ដុង|đ\b"),
        ("IDR", r"rp\.?|idr|rupiah|印尼盾|รูเปียห์|រូពី[យា]*"),
        ("THB", r"baht|thb|บาท|฿|泰銖|泰铢|泰幣|បាត"),
        ("KHR", r"riels?|khr|រៀល|៛|瑞爾|柬幣|เรียล"),
        ("CNY", r"人民[幣币]|rmb|nhân dân tệ"),
        ("TWD CNY", r"yuan|หยวน|យ័ន|tệ\b"),
        ("VND IDR", r"盾"),
        ("TWD USD", r"\$(?! ?\d)|dollars?|đô(?: la)?\b|dolar|ดอลลาร์|เหรียญ|ដុល្លារ|bucks"),
        ("TWD", r"元(?!旦|月|素|件|氣)|塊|块|圓"),
    )
)
_CURRENCY: Final = "|".join(f"(?P<c{index}>{pattern})" for index, (_, pattern) in enumerate(_CURRENCIES))
_CURRENCY_AFTER: Final = regex.compile(rf" ?(?:{_CURRENCY})")
_PREFIXES: Final = frozenset(
    {"nt$", "us$", "$", "rp", "rp.", "nt", "ntd", "twd", "usd", "idr", "thb", "vnd", "฿", "₫", "៛"}
)
_CURRENCY_BEFORE: Final = regex.compile(rf"(?<!\p{{Latin}})(?:{_CURRENCY}) ?$")

_LINKS: Final = regex.compile(rf"{EMAIL_PATTERN}|{LINK_PATTERN}")
_PHONES: Final = regex.compile(PHONE_PATTERN)
_ROUND_THE_CLOCK: Final = regex.compile(r"(?<![\d/])(24)/(?:24|7)(?![\d/])")
#: Digits that are no number: "teman2" (teman-teman), Thai laughter 555, Vietnamese "1 số" (some).
_NOT_NUMBERS: Final[dict[LanguageTag, tuple[regex.Pattern[str], ...]]] = {
    LanguageTag.ID: (regex.compile(r"(?<=\p{L}{3})(2)(?![\d.,]?\d)"),),
    LanguageTag.TH: (regex.compile(r"(?<!\d)(5{3,})(?!\d)\+?"),),
    LanguageTag.VI: (regex.compile(r"(?<!\d)(1) (?:số|chút|vài|ít|tí)(?!\w)"),),
}
_CURRENCY_LENGTH: Final = 24
#: "1 tháng" is "a month", "monthly", 每月: a bare one is an article more often than a number.
_ONE: Final = frozenset({Decimal(1)})
_NEXT_NUMBER: Final = regex.compile(r" ?\d")
_DIGIT: Final = regex.compile(r"\d")
#: So many digits has the shortest phone number that is not read as a plain number.
_PHONE_DIGITS: Final = 3
_LONGEST_REMEMBERED: Final = 2_000
_MAY_BE_LINK: Final = regex.compile(r"\.[a-z0-9]|://")
_BLANK: Final = "\ufffc"


def find_mentions(text: str, language: LanguageTag) -> list[Mention]:
    """All mentions in order of appearance, without overlap: the more specific kind wins. Short texts are remembered for
    a while, since one text is compared with its translation in every language."""
    return list(_find_in_short(text, language) if len(text) <= _LONGEST_REMEMBERED else _find_all(text, language))


@lru_cache(maxsize=256)
def _find_in_short(text: str, language: LanguageTag) -> tuple[Mention, ...]:
    return tuple(_find_all(text, language))


def forget_mentions() -> None:
    """Forget the texts that are remembered; only for measuring."""
    _find_in_short.cache_clear()


def _find_all(text: str, language: LanguageTag) -> list[Mention]:
    folded = fold_case(fold_digits(text))
    canvas = _Canvas(folded)
    if _MAY_BE_LINK.search(folded):
        for match in _LINKS.finditer(folded):
            canvas.add(Mention(MentionKind.LINK, *match.span(), frozenset({_normalise_link(match[0])})))
    # Most texts have no digits, and most patterns nothing to look for without them.
    digits = len(_DIGIT.findall(canvas.text))
    if digits:
        for pattern in (_ROUND_THE_CLOCK, *_NOT_NUMBERS.get(language, ())):
            for match in pattern.finditer(canvas.text):
                canvas.add(Mention(MentionKind.NUMBER, *match.span(), frozenset({match[1]}), is_explicit=False))
    if digits or "月" in folded:
        for when in find_dates(canvas.text, language):
            canvas.add(_to_mention(MentionKind.DATE, when))
    if digits >= _PHONE_DIGITS:
        for match in _PHONES.finditer(canvas.text):
            canvas.add(Mention(MentionKind.PHONE, *match.span(), frozenset({normalise_phone(match[0])})))
    for when in find_weekdays(canvas.text, language):
        canvas.add(_to_mention(MentionKind.WEEKDAY, when))
    if digits:
        for when in find_times(canvas.text):
            if when.readings:
                canvas.add(_to_mention(MentionKind.TIME, when))
            else:  # a full hour is a plain number
                canvas.add(Mention(MentionKind.NUMBER, when.start, when.end, _format(when.parts[0])))
        for start, end, years in find_era_years(canvas.text, language):
            canvas.add(Mention(MentionKind.YEAR, start, end, frozenset(map(str, years))))
    for when in find_months(canvas.text, language):
        canvas.add(_to_mention(MentionKind.MONTH, when))
    for mention in _find_amounts(canvas.text, language):
        canvas.add(mention)
    return sorted(canvas.mentions, key=lambda mention: mention.start)


def normalise_phone(text: str) -> str:
    """Digits only, Taiwan's country code as the national 0, an extension kept after ``#``."""
    number, _, extension = text.partition("#")
    digits = "".join(char for char in number if char.isdecimal())
    if number.lstrip().startswith("+886"):
        digits = "0" + digits.removeprefix("886").removeprefix("0")
    return f"{digits}#{extension}" if extension else digits


def _to_mention(kind: MentionKind, when: When) -> Mention:
    parts = tuple(_format(part) for part in when.parts)
    return Mention(kind, when.start, when.end, when.readings, is_explicit=not when.is_vague, parts=parts)


# --- helpers ----------------------------------------------------------------------------------------------------------


class _Canvas:
    """The text with what has been recognised blanked out, so that nothing is read twice."""

    def __init__(self, text: str) -> None:
        self._chars = list(text)
        self._text = text
        self._is_fresh = True
        self.mentions: list[Mention] = []

    @property
    def text(self) -> str:
        if not self._is_fresh:
            self._text, self._is_fresh = "".join(self._chars), True
        return self._text

    def add(self, mention: Mention) -> None:
        if _BLANK not in self._chars[mention.start : mention.end]:
            self._chars[mention.start : mention.end] = _BLANK * (mention.end - mention.start)
            self._is_fresh = False
            self.mentions.append(mention)


def _find_amounts(text: str, language: LanguageTag) -> Iterator[Mention]:
    """Money and the remaining plain numbers."""
    taken = 0  # up to here a currency belongs to the number before it
    for number in read_numbers(text, language):
        start, end, units = number.start, number.end, frozenset[str]()
        after = _find_currency_after(text, end)
        before = _CURRENCY_BEFORE.search(text[max(taken, start - _CURRENCY_LENGTH) : start])
        for currency in (after, before):
            if currency and currency.lastgroup:
                units = _CURRENCIES[int(currency.lastgroup[1:])][0]
        if units:
            start -= len(before[0]) if before else 0
            taken = end = after.end() if after else end
        if units:
            is_explicit = number.is_explicit or min(number.values) >= 100
            yield Mention(MentionKind.MONEY, start, end, _format(number.values), is_explicit, units)
        else:
            is_month = text.startswith("月", end) or text.endswith("tháng ", 0, start)
            is_explicit = number.is_explicit and (number.values != _ONE or is_month)
            yield Mention(MentionKind.NUMBER, start, end, _format(_widen(number, text)), is_explicit)


def _find_currency_after(text: str, end: int) -> regex.Match[str] | None:
    """The currency behind a number, but not one that belongs to the next number: "2 jam pertama NT$190"."""
    match = _CURRENCY_AFTER.match(text, end)
    is_next = match and match[0].strip() in _PREFIXES and _NEXT_NUMBER.match(text, match.end())
    return None if is_next else match


def _widen(number: NumberMention, text: str) -> frozenset[Decimal]:
    """The values of a number with what its surroundings make of it: an hour, a Chinese discount (8折 is 20 % off)."""
    values = frozenset(
        reading for value in number.values for reading in read_hour(value, text, number.start, number.end)
    )
    if text.startswith("折", number.end):
        values |= {100 - (value if value > 10 else value * 10) for value in number.values}
    return values


def _format(values: Iterable[Decimal]) -> frozenset[str]:
    return frozenset(map(format_value, values))


def _normalise_link(link: str) -> str:
    return link.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
