"""Codes and names in Latin letters: form B2-1, flight CI 783, @handles, LINE Pay, a person's or a shop's name.

Codes and handles are the same in every language, so one that is lost, changed or invented is an error. Names are not:
Thai and Khmer spell them by sound, Chinese has its own, and Vietnamese marks may go. So of names only two things are
errors: the very same name spelled differently, and another Latin name in its place in a script that is not Latin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import ClassVar, Final

import regex
from babel import Locale
from rapidfuzz.distance import Levenshtein

from translation.checks.base import CheckInput
from translation.detection_latin import fold_word, judge_latin
from translation.languages import LanguageTag
from translation.numerals import fold_digits
from translation.protect import EMAIL_PATTERN, LINK_PATTERN
from translation.results import CheckCode, Finding, Severity

_LATIN: Final = frozenset({LanguageTag.EN, LanguageTag.VI, LanguageTag.ID})
#: They spell foreign names by sound, sometimes even single letters.
_BY_SOUND: Final = frozenset({LanguageTag.TH, LanguageTag.KM})
_MAX_DETAIL: Final = 12
_MAX_LENGTH: Final = 10_000

_NOT_TEXT: Final = regex.compile(rf"{EMAIL_PATTERN}|{LINK_PATTERN}")
_CAPITAL: Final = regex.compile(r"[\p{Latin}&&\p{Lu}]|@", regex.V1)
_DIGITS: Final = regex.compile(r"\d+")
_GAP: Final = regex.compile(r"(?<=[a-z])[ \-](?=\d)")
_PARTS: Final = regex.compile(r"(?<![a-z0-9])([a-z]+)[ \-]?(\d+)(?![0-9])")
_POSSESSIVE: Final = regex.compile(r"['’]s$")
_NO_LETTER: Final = regex.compile(r"[^a-z0-9]")
_IN_WORD: Final = regex.compile(r"[-'’.&]")
_HANDLE: Final = regex.compile(r"(?<![A-Za-z0-9_.])@[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,28}[A-Za-z0-9_])?")
#: Letters and digits together; "CI 783" too, where two capitals stand before three or four digits.
_CODE: Final = regex.compile(
    r"(?<![A-Za-z0-9\-])(?:(?=[A-Za-z\-]*\d)(?=[\d\-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
    r"|[A-Z]{2} \d{3,4})(?![A-Za-z0-9])"
)
#: Numbers with a unit, a currency or an ordinal, and floors: what they say has another form elsewhere (5PM, 3rd, NT500,
#: 15h30, basement B1, 3C goods).
_NO_CODE: Final = regex.compile(
    r"\d+(?:[kmbgtwvhlxsnf]|gb|mb|tb|kg|km|cm|mm|ml|gr|hz|hrs?|min|am|pm|st|nd|rd|th|tr|rb|jt|usd|twd|ntd?|vnd|idr"
    r"|thb|rp|m2|m3|sqm|px"
    r"|days?|years?|yo|ya|an)(?:\d{1,2})?|3c|b[1-9]f?"
    r"|(?:us|nt|usd|ntd?|twd|vnd|idr|thb|khr|rmb|rp|no|h)-?\d+|ke-\d+|covid-?19|\d+-?(?:in|on|to)-?\d+"
    r"|(?:nt|us|rp|am|pm|km|cm|kg|gb|mb|id|no|tw|vn|th|kh|hp|ok|tv|pc|ad|ce|be) \d+",
    regex.I,
)
#: Vietnamese thứ (T2), quận (Q7), phường (P3); Indonesian degrees (S1, D3) and neighbourhoods (RT05).
_NO_CODE_IN: Final[dict[LanguageTag, regex.Pattern[str]]] = {
    LanguageTag.VI: regex.compile(r"[tqpk]\d{1,2}", regex.I),
    LanguageTag.ID: regex.compile(r"[sdk]\d|r[tw]\d+", regex.I),
}
_WORD: Final = regex.compile(r"(?<![\p{Latin}\d])\p{Latin}[\p{Latin}\p{M}]*(?:[-'’.&][\p{Latin}\d]+)*")
_SENTENCE_START: Final = regex.compile(r"(?:^|[.!?:;…。！？：\n\"“「『(\[•·]|[-–—*])\s*$")
_MIXED_CASE: Final = regex.compile(r"\p{Ll}\p{Lu}|\p{Lu}{2}")
#: Short forms that are common nouns, said by another word or by none in other languages.
_GENERIC_WORDS: Final = (
    "app apps atm ktv sim id ic cv pdf qr vip diy gps usb tv pc dvd cd ai sop pcr mrt hsr brt hiv spa pk fb "
    "ig yt ot hr pm am arc aprc nhi bmi ok okay hi bye faq qa it ngo sms pin po dm email mail wifi web bar "
    "pub covid vat gst tax visa taxi bus km kg ml nt ntd twd usd vnd idr thb sd smp sma smk ktp kk bhxh bhyt "
    "cccd cmnd gplx tp tphcm hcm hcmc jkt us usa uk eu internet online offline hotline sir mr mrs ms dr prof "
    "corp inc ltd pt anda"
)
_GENERIC: Final = frozenset(_GENERIC_WORDS.split())
_MIN_NAME: Final = 5
_MIN_LONG_NAME: Final = 8
_MIN_FORM: Final = 4
_MAX_SHARE_CAPITALISED: Final = 0.6


@dataclass(frozen=True)
class _Name:
    """``text`` as it stands there, ``key`` folded for comparison; words that stand together have the same ``run``."""

    text: str
    key: str
    run: int = 0


class NamesCheck:
    """Codes and handles one by one; names as sets, since a language may say "he" where another repeats the name."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.NAMES,)

    def check(self, pair: CheckInput) -> list[Finding]:
        source, target = _clean(pair.source), _clean(pair.target)
        if _CAPITAL.search(source) is None and _CAPITAL.search(target) is None:
            return []
        lost, added = _compare_handles(source, target)
        lost_codes, added_codes, doubtful = _compare_codes(source, target, pair)
        findings = _report("codes differ", Severity.ERROR, lost + lost_codes, added + added_codes)
        findings += _report("codes may be spelled by sound", Severity.WARNING, doubtful)
        return findings + _compare_names(source, target, pair.source_language, pair.target_language)


def _clean(text: str) -> str:
    """ASCII digits, and a space for links and addresses, which have a check of their own."""
    folded = fold_digits(text[:_MAX_LENGTH]).replace("–", "-").replace("‑", "-")
    return _NOT_TEXT.sub(" ", folded) if "." in folded else folded


def _report(message: str, severity: Severity, *details: Iterable[str]) -> list[Finding]:
    detail = tuple(dict.fromkeys(text for group in details for text in group))[:_MAX_DETAIL]
    return [Finding(CheckCode.NAMES, severity, message, detail)] if detail else []


# --- handles and codes ------------------------------------------------------------------------------------------------


def _compare_handles(source: str, target: str) -> tuple[list[str], list[str]]:
    if "@" not in source and "@" not in target:
        return [], []
    first, second = ({handle.casefold(): handle for handle in _HANDLE.findall(text)} for text in (source, target))
    return (
        [handle for key, handle in first.items() if key not in second],
        [handle for key, handle in second.items() if key not in first],
    )


def _compare_codes(source: str, target: str, pair: CheckInput) -> tuple[list[str], list[str], list[str]]:
    """Codes of the source that the target lacks, those it has invented, and those that may be there by their sound."""
    first, second = _find_codes(source, pair.source_language), _find_codes(target, pair.target_language)
    if not first and not second:
        return [], [], []
    everything = [{_squeeze(match) for match in _CODE.findall(text)} | _list_parts(text) for text in (source, target)]
    lost = [code for key, code in first.items() if key not in everything[1]]
    added = [code for key, code in second.items() if key not in everything[0]]
    if pair.target_language not in _BY_SOUND or added:
        return lost, added, []
    digits = set(_DIGITS.findall(target))
    doubtful = [code for code in lost if digits.issuperset(_DIGITS.findall(code))]
    return [code for code in lost if code not in doubtful], [], doubtful


def _find_codes(text: str, language: LanguageTag) -> dict[str, str]:
    if _DIGITS.search(text) is None:
        return {}
    local = _NO_CODE_IN.get(language)
    return {
        _squeeze(code): code
        for code in _CODE.findall(text)
        if not code.islower() and not _NO_CODE.fullmatch(code) and not (local and local.fullmatch(code))
    }


def _squeeze(code: str) -> str:
    """CI 783, CI-783 and ci783 are the same; B2-1 and B21 are not."""
    return _GAP.sub("", code.casefold())


def _list_parts(text: str) -> set[str]:
    """Letters and digits with a blank between them, joined: "TOCFL A 2", "iphone 15"."""
    return {letters + digits for letters, digits in _PARTS.findall(text.casefold())}


# --- names ------------------------------------------------------------------------------------------------------------


def _compare_names(
    source: str, target: str, source_language: LanguageTag, target_language: LanguageTag
) -> list[Finding]:
    first = _find_names(source, source_language)
    words = _list_words(target) if first else []
    lost = [name for name in first if not _is_kept(name, words)]
    if not lost:
        return []
    words = _list_words(source)
    added = [name for name in _find_names(target, target_language) if not _is_kept(name, words)]
    misspelled = [(name.text, other.text) for name in lost if (other := _find_misspelled(name, added, target_language))]
    if misspelled:
        return _report("names spelled differently", Severity.ERROR, *misspelled)
    # Of "Google Maps" one word may be translated.
    kept_runs = {name.run for name in first if name not in lost}
    lost = [name for name in lost if name.run not in kept_runs and name.key not in _GENERIC]
    if target_language not in _LATIN:
        others = [name for name in added if name.key not in _GENERIC and not _is_short_for(name, source)]
        if lost and others:
            return _report("another name in its place", Severity.ERROR, _list_texts(lost), _list_texts(others))
        return []
    if source_language in _LATIN:
        # Between languages of one script most names stay, but places, offices and feasts have names of their own.
        lost = [name for name in lost if not _is_translatable(name)]
        lost = lost if len({name.run for name in lost}) > len({name.run for name in added}) else []
    return _report("names without counterpart", Severity.WARNING, _list_texts(lost))


def _list_texts(names: Iterable[_Name]) -> list[str]:
    return [name.text for name in names]


def _find_names(text: str, language: LanguageTag) -> list[_Name]:
    """Words that are written as a name: in other scripts every Latin word with a capital, in Latin script those with a
    capital where no sentence begins, or with one inside. None where most words have one, as in a title."""
    if _CAPITAL.search(text) is None:
        return []
    matches = list(_WORD.finditer(text))
    capitalised = [match for match in matches if match[0] != match[0].lower()]
    if language in _LATIN and len(matches) >= 4 and len(capitalised) > _MAX_SHARE_CAPITALISED * len(matches):
        return []
    found: dict[str, _Name] = {}
    run = end = 0
    for match in capitalised:
        run, end = (run if match.start() - end == 1 else run + 1), match.end()
        key = _fold(match[0])
        is_start = language in _LATIN and _SENTENCE_START.search(text[max(0, match.start() - 4) : match.start()])
        if len(key) > 2 and (not is_start or _MIXED_CASE.search(match[0])):
            found.setdefault(key, _Name(match[0], key, run))
    return list(found.values())


@lru_cache(maxsize=8192)
def _fold(word: str) -> str:
    """Without marks, capitals and a possessive ending."""
    return _NO_LETTER.sub("", fold_word(_POSSESSIVE.sub("", word)))


def _list_words(text: str) -> list[str]:
    return [_fold(word) for word in _WORD.findall(text)]


def _is_kept(name: _Name, words: Sequence[str]) -> bool:
    """Whether it stands there, perhaps in another form: "Grabnya", "Taiwanese", "Uber Eats" for "UberEats"."""
    key = name.key
    if key in words or any(key == first + second for first, second in pairwise(words)):
        return True
    return len(key) >= _MIN_FORM and any(
        word.startswith(key) or (len(word) > _MIN_FORM and key.startswith(word)) for word in words
    )


def _find_misspelled(name: _Name, others: Sequence[_Name], language: LanguageTag) -> _Name | None:
    """One of ``others`` that can only be this name with a letter or two changed: no word of its language."""
    if len(name.key) < _MIN_NAME:
        return None
    most = 2 if len(name.key) >= _MIN_LONG_NAME else 1
    for other in others:
        is_near = Levenshtein.distance(name.key, other.key, score_cutoff=most) <= most
        if is_near and not _is_word(other.key, language) and other.key not in _list_local_names():
            return other
    return None


@lru_cache(maxsize=4096)
def _is_word(key: str, language: LanguageTag) -> bool:
    """Whether a word list knows it: that of the language, or English where that has no list."""
    known = language if language in _LATIN else LanguageTag.EN
    verdict = judge_latin(key, prior={known: 1e12})
    return verdict.tag is known and verdict.known_share > 0


def _is_short_for(name: _Name, source: str) -> bool:
    """NIA may stand for National Immigration Agency."""
    initials = iter(word[0].casefold() for word in _WORD.findall(source))
    return name.text.isupper() and all(letter in initials for letter in name.key)


def _is_translatable(name: _Name) -> bool:
    """Countries, languages, months and weekdays have other names elsewhere."""
    return any(_fold(part) in _list_local_names() for part in _IN_WORD.split(name.text))


@cache
def _list_local_names() -> frozenset[str]:
    """Folded words of the names of countries, languages, months and weekdays in the three languages of Latin script."""
    names: set[str] = set()
    for tag in _LATIN:
        locale = Locale.parse(tag.value)
        for table in (locale.territories, locale.languages):
            names.update(table.values())
        for calendar in (locale.months, locale.days):
            for width in ("wide", "abbreviated"):
                names.update(calendar["format"][width].values())
    return frozenset(_fold(word) for name in names for word in name.split())
