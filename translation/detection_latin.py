"""English, Indonesian or Vietnamese? Words and letters weighed by naive Bayes, with an honest "can't tell".

Words are compared folded (no marks, small letters), so that Vietnamese typed without tone marks is known too; marks
are evidence of their own. The model is derived from word frequencies by
``translation/detection_data/build.py``.
"""

from __future__ import annotations

import gzip
import json
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import regex

from translation.languages import LanguageTag

#: The candidates, in the order of the numbers below. ``UND`` stands for Filipino: not a language of ours, but many
#: people in Taiwan write it, and word by word it looks like Indonesian.
CANDIDATES: Final = (LanguageTag.EN, LanguageTag.ID, LanguageTag.VI, LanguageTag.UND)
_VI: Final = CANDIDATES.index(LanguageTag.VI)

# How the model file writes its numbers: a log-probability is minus a printable character's distance from the offset.
MODEL_FILE: Final = "latin_model.json.gz"
ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz'"
BOUNDARY: Final = "^"
COST_OFFSET: Final = 33
COST_STEP: Final = 0.18
NO_COST: Final = " "

#: Letters of Vietnamese and of no other language here: ă đ ơ ư and the vowels with two marks or a dot below.
_VIETNAMESE_ONLY: Final = regex.compile(r"[ăđơư\u1ea0-\u1ef9]")
_MARKED_SOMEHOW: Final = regex.compile(r"[àáâãèéêìíòóôõùúýĩũ]")
_WORD: Final = regex.compile(r"[\p{Latin}&&\p{L}](?:[[\p{Latin}&&\p{L}]\u0300-\u036f]|['’](?=[\p{Latin}]))*+", regex.V1)
_STRETCHED: Final = regex.compile(r"(.)\1{2,}")
_DRAWN_OUT: Final = regex.compile(r"(.)\1$")
#: Laughter, assent and sighs are the same everywhere; single letters are initials or short forms.
_INTERJECTION: Final = regex.compile(
    r"(?:[aeiou]?(?:h+[aeiou]+){2,}h*|(?:ka|xi|eh){2,}|(?:wk|kw)+w?k*|[hk]+m*|a+h+|o+h+|e+h+|u+h+|w+o+w+|lo+l|lmao|x+d+"
    r"|o+k(?:ay|e|ie|ey)?|[a-z])"
)

#: Filipino is rarer here than each of the languages of ours, before a word is read.
_FOREIGN_ODDS: Final = 0.25
#: What is longer is no word of these languages, and shall not fill the cache.
_LONGEST_WORD: Final = 40
#: Longer texts are sure long before this many words.
_MAX_WORDS: Final = 60
#: One word never says more than this (in nats), however rare it is elsewhere.
_WORD_CAP: Final = 8.0
_BONUS_ONLY_VIETNAMESE: Final = 6.0
_BONUS_MARKED: Final = 3.0
#: Vietnamese writes syllables apart; the longest (nghiêng) has seven letters.
_LONGEST_SYLLABLE: Final = 7
#: How much of the probability words outside the list have, and how unlikely their spelling is to be a word at all.
_UNLISTED: Final = 0.015
_LISTED: Final = 0.85
_FLOOR: Final = 1e-12
#: Words rarer than this are in a list by accident (names, loans, typing errors) and don't make a text "known".
_KNOWN_COST: Final = -math.log(2e-7)


@dataclass(frozen=True)
class LatinVerdict:
    """The likeliest candidate, its posterior probability, and the share of the text's words that its word list knows.

    ``votes`` is the number of words that counted; without any there is no ``tag``. ``capital_share`` is the share of
    them with a capital, as names have.
    """

    tag: LanguageTag | None
    probability: float
    known_share: float
    votes: int
    capital_share: float = 0.0


@dataclass(frozen=True)
class _Model:
    """``words`` maps a folded word to its costs, one character a candidate; ``trigrams`` has a string a candidate."""

    words: Mapping[str, tuple[str, ...]]
    trigrams: tuple[str, ...]


@dataclass(frozen=True)
class _WordEvidence:
    """Log-likelihood of a folded word and whether its list knows it, by candidate."""

    logs: tuple[float, ...]
    known: tuple[bool, ...]


def fold_word(word: str) -> str:
    """Small letters without marks; đ is d, a typographic apostrophe a plain one, and loooong is long."""
    decomposed = unicodedata.normalize("NFKD", word.lower().replace("đ", "d").replace("’", "'"))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _STRETCHED.sub(r"\1", bare)


def judge_latin(text: str, *, prior: Mapping[LanguageTag, float] | None = None) -> LatinVerdict:
    """Weigh the words of the text. ``prior`` gives odds before any word is read; a missing tag has odds of 1."""
    odds = {LanguageTag.UND: _FOREIGN_ODDS} | dict(prior or {})
    scores = [math.log(odds.get(tag, 1.0)) for tag in CANDIDATES]
    known = [0] * len(CANDIDATES)
    votes = capitals = 0
    for match in _WORD.finditer(text):
        word = match.group()[:_LONGEST_WORD]
        evidence = _weigh_word(word.lower())
        if evidence is None:
            continue
        votes += 1
        capitals += word[0].isupper()
        for index, log in enumerate(evidence.logs):
            scores[index] += log
            known[index] += evidence.known[index]
        if votes == _MAX_WORDS:
            break
    if not votes:
        return LatinVerdict(tag=None, probability=0.0, known_share=0.0, votes=0)
    best = max(scores)
    winner = scores.index(best)
    return LatinVerdict(
        tag=CANDIDATES[winner],
        probability=1 / sum(math.exp(score - best) for score in scores),
        known_share=known[winner] / votes,
        votes=votes,
        capital_share=capitals / votes,
    )


@lru_cache(maxsize=8192)
def _weigh_word(word: str) -> _WordEvidence | None:
    """Evidence of one word in small letters, scaled so that its best candidate has 0. None: it carries no vote."""
    folded = fold_word(word)
    if not folded.isascii():
        # A letter of an alphabet that none of the three uses: an unknown word that speaks for nobody.
        return _WordEvidence(logs=(0.0,) * len(CANDIDATES), known=(False,) * len(CANDIDATES))
    is_only_vietnamese = _VIETNAMESE_ONLY.search(word) is not None
    is_marked = is_only_vietnamese or _MARKED_SOMEHOW.search(word) is not None
    if not is_marked and _INTERJECTION.fullmatch(folded):
        return None
    words = _read_model().words
    listed = words.get(folded) or words.get(_DRAWN_OUT.sub(r"\1", folded)) or (NO_COST,) * len(CANDIDATES)
    logs = [_add_logs(cost, _spell(folded, index)) for index, cost in enumerate(listed)]
    if is_marked and len(folded) <= _LONGEST_SYLLABLE:
        if is_only_vietnamese:
            logs[_VI] += _BONUS_ONLY_VIETNAMESE
        elif listed[_VI] != NO_COST:
            logs[_VI] += _BONUS_MARKED
    best = max(logs)
    return _WordEvidence(
        logs=tuple(max(log - best, -_WORD_CAP) for log in logs),
        known=tuple(cost != NO_COST and _decode(cost) < _KNOWN_COST for cost in listed),
    )


def _add_logs(cost: str, spelling: float) -> float:
    """Log-probability of a word that is either in the list or merely spelled like the language."""
    listed = 0.0 if cost == NO_COST else math.exp(-_decode(cost))
    return math.log(_LISTED * listed + _UNLISTED * math.exp(spelling) + _FLOOR)


def _spell(word: str, candidate: int) -> float:
    """Log-probability of the word's letters, each after the two before it."""
    table = _read_model().trigrams[candidate]
    size = len(ALPHABET) + 1
    first = second = size - 1
    total = 0.0
    for char in word + BOUNDARY:
        third = _SYMBOLS.get(char, size - 1)
        total -= _decode(table[(first * size + second) * size + third])
        first, second = second, third
    return total


_SYMBOLS: Final = {char: index for index, char in enumerate(ALPHABET + BOUNDARY)}


def _decode(cost: str) -> float:
    return (ord(cost) - COST_OFFSET) * COST_STEP


@cache
def _read_model() -> _Model:
    """The shipped model, read once on first use (about 9 MB in memory)."""
    packed = resources.files("translation.detection_data").joinpath(MODEL_FILE).read_bytes()
    data = json.loads(gzip.decompress(packed))
    costs = zip(*(data["costs"][tag.value] for tag in CANDIDATES), strict=True)
    return _Model(
        words=dict(zip(data["words"].split(" "), costs, strict=True)),
        trigrams=tuple(data["trigrams"][tag.value] for tag in CANDIDATES),
    )
