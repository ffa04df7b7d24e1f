"""Rules on the bare text, before anything is stored: personal data is masked, risky offers wait for a moderator.

Pure and linear in the length of the text. Hotlines (110, 113, 119, 1955, 1990), prices, dates and landlines stay.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import regex

from translation.languages import LanguageTag
from translation.numerals import fold_digits
from translation.protect import EMAIL_PATTERN, LINK_PATTERN

MASK: Final = "●"


class ScreeningDecision(StrEnum):
    PASS = "pass"  # noqa: S105 - a decision of the public contract, no password
    HOLD = "hold"


class ScreeningKind(StrEnum):
    RESIDENCE_ID = "residence_id"
    NATIONAL_ID = "national_id"
    PASSPORT = "passport"
    BANK_CARD = "bank_card"
    PHONE = "phone"
    EMAIL = "email"
    MESSENGER_ID = "messenger_id"
    LINK = "link"
    BROKER = "broker"
    LOAN = "loan"
    EASY_MONEY = "easy_money"
    THREAT = "threat"


_HOLDING: Final = frozenset(
    {ScreeningKind.LINK, ScreeningKind.BROKER, ScreeningKind.LOAN, ScreeningKind.EASY_MONEY, ScreeningKind.THREAT}
)


@dataclass(frozen=True)
class ScreeningFinding:
    """What was found at ``text[start:end]`` of the input, in code points. It either is masked or holds the text."""

    kind: ScreeningKind
    start: int
    end: int

    @property
    def holds(self) -> bool:
        return self.kind in _HOLDING


@dataclass(frozen=True)
class Screening:
    """``masked`` is the input with :data:`MASK` for every masked character but spaces, so that offsets stay valid."""

    masked: str
    decision: ScreeningDecision
    findings: tuple[ScreeningFinding, ...]


def screen_text(text: str, *, author_is_new: bool = False, language: LanguageTag | None = None) -> Screening:
    """Mask personal data and decide whether a moderator looks first.

    Links hold only what new accounts and guests write. ``language`` adds the mobile numbers of the country where it is
    spoken, in their national form; international forms are always known.
    """
    folded = _fold(text)
    masks = _drop_overlaps(_find_personal_data(folded, language))
    risks = [*_find_offers(text)]
    if author_is_new:
        risks += [ScreeningFinding(ScreeningKind.LINK, *match.span()) for match in _LINKS.finditer(folded)]
    chars = list(text)
    for finding in masks:
        for index in range(finding.start, finding.end):
            if not chars[index].isspace():
                chars[index] = MASK
    return Screening(
        masked="".join(chars),
        decision=ScreeningDecision.HOLD if risks else ScreeningDecision.PASS,
        findings=tuple(sorted([*masks, *risks], key=lambda finding: (finding.start, finding.end))),
    )


# --- personal data ----------------------------------------------------------------------------------------------------

# At most two separators between the digits, so that "0912 - 345 - 678" is caught and time stays linear.
_GAP: Final = r"[ .\-–—()/_*]{0,3}"
_JOINT: Final = r"[ .\-–—_]?"
_INVISIBLE: Final = dict.fromkeys((0x00AD, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x180E), 0x20)
_CHINESE_DIGITS: Final = str.maketrans("〇零一二三四五六七八九", "00123456789")

_RESIDENCE_ID: Final = regex.compile(rf"(?<![a-z0-9])[a-z]{_JOINT}[89a-d](?:{_JOINT}\d){{8}}(?![a-z0-9])")
_NATIONAL_ID: Final = regex.compile(rf"(?<![a-z0-9])[a-z]{_JOINT}[12](?:{_JOINT}\d){{8}}(?![a-z0-9])")
_PASSPORT: Final = regex.compile(
    r"(?:passport|護照|护照|hộ chiếu|ho chieu|paspor|หนังสือเดินทาง|พาสปอร์ต|លិខិតឆ្លងដែន|ប៉ាស្ព័រ)"
    rf"[^\d\n]{{0,24}}?(?<![a-z0-9])(?P<data>(?:[a-z]{{1,2}}|[a-z][ \-])?\d(?:{_JOINT}\d){{6,8}})(?![a-z0-9])"
)
#: Cards begin with 2…6; in one row, in the groups that stand on cards, or digit by digit.
_BANK_CARD: Final = regex.compile(
    r"(?<![a-z0-9])(?=[2-6])(?:\d{13,19}|\d{4}(?:[ \-–.]{1,3}\d{4}){2}[ \-–.]{1,3}\d{1,7}"
    r"|\d{4}[ \-–.]{1,3}\d{6}[ \-–.]{1,3}\d{5}|\d(?:[ \-–.]{1,3}\d){12,18})(?![a-z0-9])"
)
_MOBILES: Final = (
    regex.compile(rf"(?<![\d+])0{_GAP}9(?:{_GAP}\d){{8}}(?!\d)"),
    regex.compile(rf"(?<!\d)(?:\+{_GAP}|00{_GAP})?886{_GAP}0?{_GAP}9(?:{_GAP}\d){{8}}(?!\d)"),
    regex.compile(rf"(?<!\d)(?:\+{_GAP}|00{_GAP})(?:84|62|66|855)(?:{_GAP}\d){{8,12}}(?!\d)"),
)
#: Mobile numbers as written at home. None of them looks like a landline or a free number (0800) of Taiwan.
_NATIONAL_MOBILES: Final[dict[LanguageTag, regex.Pattern[str]]] = {
    LanguageTag.VI: regex.compile(rf"(?<![\d+])0{_GAP}(?:[357]|8(?=\D*[1-9]))(?:{_GAP}\d){{8}}(?!\d)"),
    LanguageTag.ID: regex.compile(rf"(?<![\d+])0{_GAP}8{_GAP}[1-35-9](?:{_GAP}\d){{7,10}}(?!\d)"),
    LanguageTag.TH: regex.compile(rf"(?<![\d+])0{_GAP}(?:6|8(?!00))(?:{_GAP}\d){{8}}(?!\d)"),
    LanguageTag.KM: regex.compile(rf"(?<![\d+])0{_GAP}(?:1|[6-9])(?:{_GAP}\d){{7}}(?!\d)"),
}
_EMAIL: Final = regex.compile(EMAIL_PATTERN)
_MESSENGER: Final = regex.compile(
    r"(?<![a-z0-9@])(?:line|zalo|whatsapp|whats app|wa|telegram|wechat|微信|賴|ไลน์|ឡាញ)(?![a-z])"
    r" {0,2}(?P<id>id|帳號|賬號|账号|ไอดี)? {0,2}(?P<is>[:=]|là|is|adalah|คือ|是|គឺ)? {0,2}"
    r"(?P<data>@?[a-z0-9](?:[a-z0-9._\-]{2,30}[a-z0-9]))(?![a-z0-9])"
)
_HOTLINES: Final = frozenset({"110", "113", "119", "165", "1950", "1955", "1966", "1990", "1999"})
_LINKS: Final = regex.compile(LINK_PATTERN)

#: Two-digit values of the letters A…Z in Taiwan's identity numbers.
_LETTER_VALUES: Final = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33),
        strict=True,
    )
)


def _fold(text: str) -> str:
    """Lower case, ASCII digits and forms, invisible characters as spaces; same length and offsets as the text."""
    folded = fold_digits(text).translate(_INVISIBLE)
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in folded)


def _find_personal_data(folded: str, language: LanguageTag | None) -> Iterator[ScreeningFinding]:
    """Candidates, surest kind first."""

    def find(
        kind: ScreeningKind, pattern: regex.Pattern[str], is_valid: Callable[[str], bool] = lambda _: True
    ) -> Iterator[ScreeningFinding]:
        group = "data" if "data" in pattern.groupindex else 0
        for match in pattern.finditer(folded):
            if is_valid(match[group]):
                yield ScreeningFinding(kind, *match.span(group))

    yield from find(ScreeningKind.EMAIL, _EMAIL)
    yield from find(ScreeningKind.RESIDENCE_ID, _RESIDENCE_ID)
    yield from find(ScreeningKind.NATIONAL_ID, _NATIONAL_ID, is_national_id)
    yield from find(ScreeningKind.PASSPORT, _PASSPORT)
    yield from find(ScreeningKind.BANK_CARD, _BANK_CARD, is_card_number)
    for pattern in _MOBILES:
        yield from find(ScreeningKind.PHONE, pattern)
    if language in _NATIONAL_MOBILES:
        yield from find(ScreeningKind.PHONE, _NATIONAL_MOBILES[language])
    for match in _MOBILES[0].finditer(folded.translate(_CHINESE_DIGITS)):
        yield ScreeningFinding(ScreeningKind.PHONE, *match.span())
    for match in _MESSENGER.finditer(folded):
        if _is_messenger_id(match):
            yield ScreeningFinding(ScreeningKind.MESSENGER_ID, *match.span("data"))


def is_national_id(text: str) -> bool:
    """The checksum of a Taiwanese identity number: letter value, then digits weighted 8…1, and the last one."""
    letter, *digits = [char for char in text.lower() if char.isalnum()]
    tens, ones = divmod(_LETTER_VALUES[letter], 10)
    values = [int(digit) for digit in digits]
    weighted = sum(value * weight for value, weight in zip(values, (8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True))
    return (tens + ones * 9 + weighted) % 10 == 0


def is_card_number(text: str) -> bool:
    """The Luhn checksum of bank cards; a row of one digit is none."""
    digits = [int(char) for char in text if char.isdecimal()]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_messenger_id(match: regex.Match[str]) -> bool:
    """An id, not the next word of the sentence ("LINE Pay", "line 1955")."""
    name = match["data"].lstrip("@")
    if name in _HOTLINES or (name.isdecimal() and len(name) < 6):
        return False
    return match["data"].startswith("@") or not name.isalpha() or bool(match["id"] and match["is"])


def _drop_overlaps(findings: Iterator[ScreeningFinding]) -> list[ScreeningFinding]:
    taken: set[int] = set()
    kept: list[ScreeningFinding] = []
    for finding in findings:
        span = range(finding.start, finding.end)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(finding)
    return kept


# --- offers and threats -----------------------------------------------------------------------------------------------


def _find_offers(text: str) -> Iterator[ScreeningFinding]:
    """Phrases of the word list, at most one finding for each kind: the first in the text."""
    squeezed, origins = _squeeze(text)
    for kind, phrases in _load_phrases().items():
        places = [(place, phrase) for phrase in phrases if (place := squeezed.find(phrase)) >= 0]
        if places:
            place, phrase = min(places)
            yield ScreeningFinding(kind, origins[place], origins[place + len(phrase) - 1] + 1)


@cache
def _load_phrases() -> dict[ScreeningKind, tuple[str, ...]]:
    data = json.loads(resources.files("moderation.screening_data").joinpath("offers.json").read_text("utf-8"))
    return {
        kind: tuple(sorted({_squeeze(phrase)[0] for phrases in data[kind].values() for phrase in phrases}))
        for kind in (ScreeningKind.BROKER, ScreeningKind.LOAN, ScreeningKind.EASY_MONEY, ScreeningKind.THREAT)
    }


def _squeeze(text: str) -> tuple[str, list[int]]:
    """The letters and digits alone, without case, width, Latin marks and whatever stands between them, and where in
    the text each comes from. So "Ｖ.a.y  t-i-ề-n" is "vaytien"."""
    chars: list[str] = []
    origins: list[int] = []
    for index, char in enumerate(text):
        for plain in _squeeze_char(char):
            chars.append(plain)
            origins.append(index)
    return "".join(chars), origins


@lru_cache(maxsize=8192)
def _squeeze_char(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    decomposed = unicodedata.normalize("NFD", plain)
    if "LATIN" in unicodedata.name(decomposed[:1], ""):
        plain = decomposed
    plain = plain.casefold().replace("đ", "d")
    return "".join(c for c in plain if c.isalnum() or _is_vowel_sign(c))


def _is_vowel_sign(char: str) -> bool:
    """A mark of Thai or Khmer, which is part of the word; Latin marks are not."""
    return unicodedata.category(char)[0] == "M" and not "\u0300" <= char <= "\u036f"
