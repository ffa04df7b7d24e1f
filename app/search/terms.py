"""From what people type to the terms that are looked for. Pure."""

from __future__ import annotations

import unicodedata
from typing import Final

import regex

#: More terms say no more about a text, and each is a comparison a row.
MAX_TERMS: Final = 12

_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}\u200d]+")
#: Scripts that put no space between words: their terms are pairs of characters.
_UNSPACED: Final = regex.compile(r"[\p{Han}\p{Thai}\p{Khmer}]+")


def split_query(text: str) -> list[str]:
    """The parts of a search, all of which a text must have: what stands between white space."""
    return list(dict.fromkeys(unicodedata.normalize("NFC", text).split()))[:MAX_TERMS]


def split_question(text: str) -> list[str]:
    """The terms of a question, some of which a similar one has: words, and pairs of characters, spread evenly."""
    terms: dict[str, None] = {}
    for word in _WORD.findall(unicodedata.normalize("NFC", text)):
        runs = _UNSPACED.findall(word)
        for run in runs:
            terms.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
        if not runs and len(word) > 2:
            terms[word.lower()] = None
    step = max(1, len(terms) // MAX_TERMS)
    return list(terms)[::step][:MAX_TERMS]


def escape_like(term: str) -> str:
    """The term as a LIKE pattern with ``\\`` as its escape: found anywhere, and nothing in it is a wildcard."""
    escaped = term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
