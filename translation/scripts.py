"""Which scripts a text is written in, and Traditional and Simplified Chinese told apart by their characters."""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

import regex


class Script(StrEnum):
    """Scripts that matter here. ``KANA`` and ``HANGUL`` only to know that a text is not ours."""

    HAN = "han"
    LATIN = "latin"
    THAI = "thai"
    KHMER = "khmer"
    KANA = "kana"
    HANGUL = "hangul"
    OTHER = "other"


#: A Chinese character says about as much as two and a half letters of an alphabet.
_WEIGHTS: Final[dict[Script, float]] = {Script.HAN: 2.5, Script.KANA: 2.5, Script.HANGUL: 2.5}

_LETTERS: Final[dict[Script, regex.Pattern[str]]] = {
    Script.HAN: regex.compile(r"[\p{Han}&&\p{L}]", regex.V1),
    Script.LATIN: regex.compile(r"[\p{Latin}&&\p{L}]", regex.V1),
    Script.THAI: regex.compile(r"[\p{Thai}&&[\p{L}\p{M}]]", regex.V1),
    Script.KHMER: regex.compile(r"[\p{Khmer}&&[\p{L}\p{M}]]", regex.V1),
    Script.KANA: regex.compile(r"[\p{Hiragana}\p{Katakana}&&\p{L}]", regex.V1),
    Script.HANGUL: regex.compile(r"[\p{Hangul}&&\p{L}]", regex.V1),
    Script.OTHER: regex.compile(
        r"[\p{L}--[\p{Han}\p{Latin}\p{Thai}\p{Khmer}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Common}]]", regex.V1
    ),
}

# In Taiwan 么 alone is a youngest child (老么) or the spoken digit one; only in these words is it Simplified for 麼.
_SIMPLIFIED_ME: Final = regex.compile(r"(?<=[什怎甚那这多])么")


def share_by_script(text: str) -> dict[Script, float]:
    """Share of each script among the text's letters, biggest first; the shares add up to 1. Empty without letters.

    Digits, punctuation, emoji and white space don't count; dependent vowels and signs of Thai and Khmer do. Letters are
    weighted by how much they say (Han, kana and hangul 2.5).
    """
    if text.isascii():
        return {Script.LATIN: 1.0} if any(map(str.isalpha, text)) else {}
    weights = {script: len(pattern.findall(text)) * _WEIGHTS.get(script, 1.0) for script, pattern in _LETTERS.items()}
    total = sum(weights.values())
    ranked = sorted(weights.items(), key=lambda item: -item[1])
    return {script: weight / total for script, weight in ranked if weight}


@cache
def _read_variants() -> tuple[frozenset[str], frozenset[str]]:
    """Characters used only in Traditional and only in Simplified text, from the shipped data file."""
    data = json.loads(
        resources.files("translation.detection_data").joinpath("chinese_variants.json").read_text("utf-8")
    )
    return frozenset(data["traditional"]), frozenset(data["simplified"])


def is_traditional_only(char: str) -> bool:
    """Whether the character is never used in Simplified text."""
    return char in _read_variants()[0]


def is_simplified_only(char: str) -> bool:
    """Whether the character is never used in Traditional text as Taiwan writes it (台, 只 and 床 are both)."""
    return char in _read_variants()[1]


def count_variants(text: str) -> tuple[int, int]:
    """How many characters of the text are only Traditional and how many only Simplified."""
    traditional, simplified = _read_variants()
    return (
        sum(char in traditional for char in text),
        sum(char in simplified for char in text) + len(_SIMPLIFIED_ME.findall(text)),
    )


def find_simplified(text: str) -> set[str]:
    """The characters of the text that have no place in Traditional Chinese."""
    found = set(text) & _read_variants()[1]
    if _SIMPLIFIED_ME.search(text):
        found.add("么")
    return found
