"""Seeded errors for :mod:`benchmarks.gate`: a good translation made wrong in one known way.

Every function takes a :class:`Case` and yields wrong targets; which one is decided by a digest of the text, so that two
runs seed the same. Nothing here reads a text with the code under test: words and patterns are this module's own.
"""

from __future__ import annotations

import random
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import opencc

from benchmarks.gate_words import (
    AFFIRM,
    CURRENCIES,
    EXTRA_NUMBER,
    EXTRA_WORDS,
    MONTHS,
    NEGATE,
    OPENER,
    OPENERS,
    SCALES,
    WEEKDAYS,
)


@dataclass(frozen=True)
class Case:
    """A good pair: what its row is about, the two tags, and the row's texts in all languages."""

    kinds: frozenset[str]
    source_tag: str
    target_tag: str
    texts: Mapping[str, str]

    @property
    def source(self) -> str:
        return self.texts[self.source_tag]

    @property
    def target(self) -> str:
        return self.texts[self.target_tag]

    @property
    def chance(self) -> random.Random:
        return random.Random(zlib.crc32(f"{self.source_tag}{self.target_tag}{self.target}".encode()))


Mutation = Callable[[Case], Iterator[str]]
LATIN: Final = ("en", "vi", "id")

_LINK: Final = re.compile(r"https?://[!-~]+|www\.[!-~]+|[\w.]+@[\w.]+\w", re.ASCII)
_PHONE: Final = re.compile(r"(?:\+\d{1,3} |(?<!\d)[0០])[\d ]*-?[\d -]{6,}\d")
_CODE: Final = re.compile(r"\b(?:[A-Z]{1,3}-?\d+(?:-\d+)*|CI 783|USB3)\b", re.ASCII)
_NAME: Final = re.compile(
    r"7-ELEVEN|Carrefour|Indomie|Grab|Facebook|Viettel|Taipei 101|EasyCard|Shopee|Kopiko|Google Maps|LINE Pay|LINE"
    r"|iPhone|NIA"
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
#: Fewer words don't tell which language they are in.
_ENOUGH_WORDS: Final = 5
_DIGITS: Final = re.compile(r"\d+")


def _mask(text: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        text = pattern.sub(lambda match: "\ufffc" * len(match[0]), text)
    return text


def _pick(case: Case, pattern: re.Pattern[str], *, without: tuple[re.Pattern[str], ...] = ()) -> re.Match[str] | None:
    found = list(pattern.finditer(_mask(case.target, *without)))
    return case.chance.choice(found) if found else None


def _put(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]


def _other_digit(digit: str, chance: random.Random, *, is_first: bool = False) -> str:
    zero = ord(digit) - unicodedata.digit(digit)
    return chance.choice([chr(zero + n) for n in range(1 if is_first else 0, 10) if chr(zero + n) != digit])


def _change_digit(text: str, chance: random.Random) -> str:
    places = [index for index, char in enumerate(text) if char.isdecimal()]
    place = chance.choice(places)
    return text[:place] + _other_digit(text[place], chance, is_first=place == places[0]) + text[place + 1 :]


def _plain_digits(case: Case) -> re.Match[str] | None:
    return _pick(case, _DIGITS, without=(_LINK, _PHONE, _CODE, _NAME))


def change_number(case: Case) -> Iterator[str]:
    if match := _plain_digits(case):
        yield _put(case.target, match, _change_digit(match[0], case.chance))


def drop_digit(case: Case) -> Iterator[str]:
    match = _plain_digits(case)
    if match and len(match[0]) > 1 and unicodedata.digit(match[0][1]) != 0:
        yield _put(case.target, match, match[0][1:])


def add_digit(case: Case) -> Iterator[str]:
    match = _plain_digits(case)
    if match and int(match[0]) and not re.search(r"\d[.,]$", case.target[: match.start()]):
        yield _put(case.target, match, match[0] + chr(ord(match[0][0]) - unicodedata.digit(match[0][0])))


def lose_number(case: Case) -> Iterator[str]:
    if match := _plain_digits(case):
        yield _put(case.target, match, "")


def change_scale(case: Case) -> Iterator[str]:
    for old, new in SCALES[case.target_tag]:
        if re.search(rf"\d ?{old}", case.target):
            yield case.target.replace(old, new, 1)
            return


def shift_month(case: Case) -> Iterator[str]:
    if case.target_tag in MONTHS:
        names = MONTHS[case.target_tag].split("|")
        if match := _pick(case, re.compile(MONTHS[case.target_tag])):
            yield _put(case.target, match, names[(names.index(match[0]) + 1) % 12])
    else:
        pattern = r"\d+(?=月)" if case.target_tag == "zh-Hant" else r"(?<=tháng )\d+"
        if match := _pick(case, re.compile(pattern)):
            yield _put(case.target, match, str(int(match[0]) % 12 + 1))


def swap_day_and_month(case: Case) -> Iterator[str]:
    new = ""
    if case.target_tag in MONTHS:
        names = MONTHS[case.target_tag].split("|")
        match = re.search(rf"(\d+)( (?:ខែ)?)({MONTHS[case.target_tag]})", case.target)
        if match and int(match[1]) <= 12 and int(match[1]) != names.index(match[3]) + 1:
            new = f"{names.index(match[3]) + 1}{match[2]}{names[int(match[1]) - 1]}"
    else:
        match = re.search(r"(\d+)(月| tháng )(\d+)", case.target)
        if match and match[1] != match[3] and max(int(match[1]), int(match[3])) <= 12:
            new = f"{match[3]}{match[2]}{match[1]}"
    if match and new:
        yield _put(case.target, match, new)


def change_weekday(case: Case) -> Iterator[str]:
    names = WEEKDAYS[case.target_tag].split("|")
    if match := _pick(case, re.compile(WEEKDAYS[case.target_tag])):
        yield _put(case.target, match, names[(names.index(match[0]) + 2) % 7])


def change_currency(case: Case) -> Iterator[str]:
    names = CURRENCIES[case.target_tag].split("|")
    pattern = re.compile("|".join(name if name != "元" else "(?<=[0-9萬千])元" for name in names))
    if match := _pick(case, pattern):
        index = next(index for index, name in enumerate(names) if re.fullmatch(name, match[0]))
        before = match[0].endswith("$") or match[0] == "Rp "
        others = [name.replace("\\", "") for name in names if (name.endswith("$") or name == "Rp ") == before]
        same = {"dolar Amerika": "dolar AS", "US\\$": "US dollars"}
        wrong = [name for name in others if name not in {match[0], same.get(match[0])}]
        yield _put(case.target, match, wrong[index % len(wrong)])


def forget_era(case: Case) -> Iterator[str]:
    """The year's digits are copied and the era is not."""
    for year in re.findall(r"\b(?:19|20)\d\d\b", case.target, re.ASCII):
        roc, be = re.search(rf"{int(year) - 1911}年", case.source), re.search(str(int(year) + 543), case.source)
        wrong = str(int(year) - 1911) if roc else str(int(year) + 543) if be else ""
        if wrong and not (case.target_tag == "th" and be):
            yield case.target.replace(year, wrong, 1)


def change_phone(case: Case) -> Iterator[str]:
    if match := _pick(case, _PHONE):
        yield _put(case.target, match, match[0][:-1] + _other_digit(match[0][-1], case.chance))


def change_hotline(case: Case) -> Iterator[str]:
    if match := _plain_digits(case):
        yield _put(case.target, match, _change_digit(match[0], case.chance))


def change_link(case: Case) -> Iterator[str]:
    if match := _pick(case, _LINK):
        place = len(match[0]) - 2
        yield _put(
            case.target, match, match[0][:place] + ("x" if match[0][place] != "x" else "y") + match[0][place + 1 :]
        )


def lose_link(case: Case) -> Iterator[str]:
    if match := _pick(case, _LINK):
        yield _put(case.target, match, "")


def change_code(case: Case) -> Iterator[str]:
    if match := _pick(case, _CODE):
        yield _put(case.target, match, _change_digit(match[0], case.chance))


def change_code_letter(case: Case) -> Iterator[str]:
    if match := _pick(case, _CODE):
        yield _put(case.target, match, ("D" if match[0][0] != "D" else "P") + match[0][1:])


def lose_code(case: Case) -> Iterator[str]:
    if match := _pick(case, _CODE):
        yield _put(case.target, match, "")


def misspell_name(case: Case) -> Iterator[str]:
    """One letter of a name changes."""
    match = _pick(case, re.compile(r"Carrefour|Indomie|Facebook|Viettel|EasyCard|Shopee|Kopiko"))
    if match:
        place = case.chance.randrange(2, len(match[0]) - 1)
        yield _put(
            case.target, match, match[0][:place] + ("a" if match[0][place] not in "aA" else "o") + match[0][place + 1 :]
        )


def _replace_name(case: Case) -> Iterator[str]:
    if match := _pick(case, _NAME):
        yield _put(case.target, match, case.chance.choice(["Lazada", "Uniqlo", "Momo", "WhatsApp"]))


def replace_name_among_others(case: Case) -> Iterator[str]:
    """Another brand's name in a text of another script."""
    if case.target_tag not in LATIN:
        yield from _replace_name(case)


def replace_name_in_latin(case: Case) -> Iterator[str]:
    if case.target_tag in LATIN:
        yield from _replace_name(case)


def drop_negation(case: Case) -> Iterator[str]:
    for pattern, new in AFFIRM[case.target_tag]:
        found, count = re.subn(pattern, new, case.target, count=1)
        if count:
            yield re.sub("ទេ([។,]|$)", r"\1", found) if case.target_tag == "km" else found
            return


def add_negation(case: Case) -> Iterator[str]:
    for pattern, new in NEGATE[case.target_tag]:
        found, count = re.subn(pattern, new, case.target, count=1)
        if count:
            yield re.sub("([។]|$)", r"ទេ\1", found, count=1) if case.target_tag == "km" else found
            return


def flip_answer(case: Case) -> Iterator[str]:
    """Yes becomes no at the start of an answer."""
    is_yes = "yes" in case.kinds
    rest = re.sub(OPENER[case.target_tag], "", case.target, count=1)
    yield OPENERS[case.target_tag][is_yes] + rest


def write_other_language(case: Case) -> Iterator[str]:
    """What came back is the text in a third language, in another script than the target's."""
    own = case.target_tag in LATIN
    tags = [tag for tag in case.texts if tag not in {case.source_tag, case.target_tag} and not (own and tag in LATIN)]
    yield case.texts[case.chance.choice(tags)]


def write_other_latin(case: Case) -> Iterator[str]:
    """What came back is the text in another language of the same script."""
    yield from (text for text in _list_other_latin(case) if len(_LETTERS.findall(text)) >= _ENOUGH_WORDS)


def write_few_other_latin(case: Case) -> Iterator[str]:
    yield from (text for text in _list_other_latin(case) if len(_LETTERS.findall(text)) < _ENOUGH_WORDS)


def _list_other_latin(case: Case) -> list[str]:
    tags = [tag for tag in LATIN if case.target_tag in LATIN and tag not in {case.source_tag, case.target_tag}]
    return [case.texts[tag] for tag in tags]


def write_bare_vietnamese(case: Case) -> Iterator[str]:
    """Vietnamese without its marks where English or Indonesian should stand."""
    if case.target_tag in {"en", "id"} and case.source_tag != "vi":
        bare = unicodedata.normalize("NFD", case.texts["vi"].replace("đ", "d").replace("Đ", "D"))
        if len(_LETTERS.findall(case.texts["vi"])) >= _ENOUGH_WORDS:
            yield "".join(char for char in bare if not unicodedata.combining(char))


def copy_source(case: Case) -> Iterator[str]:
    yield case.source


def _words(case: Case) -> tuple[list[str], str]:
    if case.target_tag == "zh-Hant":
        return list(case.target), ""
    return case.target.split(" "), " "


def drop_half(case: Case) -> Iterator[str]:
    words, gap = _words(case)
    yield gap.join(words[: max(1, len(words) // 2)])


def drop_most(case: Case) -> Iterator[str]:
    words, gap = _words(case)
    yield gap.join(words[: max(1, len(words) // 5)])


def loop(case: Case) -> Iterator[str]:
    words, gap = _words(case)
    yield case.target + gap + gap.join(words[-3:] * 5)


def say_twice(case: Case) -> Iterator[str]:
    """The whole sentence again, right after itself."""
    yield case.target + ("" if case.target_tag == "zh-Hant" else " ") + case.target


@cache
def _simplifier() -> Callable[[str], str]:
    convert = opencc.OpenCC("t2s").convert
    return lambda text: str(convert(text))


def simplify(case: Case) -> Iterator[str]:
    if case.target_tag == "zh-Hant" and (text := _simplifier()(case.target)) != case.target:
        yield text


def leave_placeholder(case: Case) -> Iterator[str]:
    middle = len(case.target) // 2
    yield case.target[:middle] + case.chance.choice(["⟦0⟧", "<unk>", "⁇", "__en__"]) + case.target[middle:]


def invent_number(case: Case) -> Iterator[str]:
    yield f"{case.target} {EXTRA_NUMBER[case.target_tag]}"


def invent_words(case: Case) -> Iterator[str]:
    yield f"{case.target} {EXTRA_WORDS[case.target_tag]}"
