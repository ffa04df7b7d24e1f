"""Signatures of texts for the index of the memory: alike texts share bands, whatever the length of the memory. Pure.

MinHash over n-grams of characters (Broder, "On the resemblance and containment of documents", 1997), cut into bands
(Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4): two texts whose sets of n-grams have the
Jaccard similarity j share one of b bands of r rows with the probability 1 - (1 - j^r)^b. The same on every machine.
"""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b, shake_128
from typing import Final

import regex

from translation.languages import LanguageTag

#: Rows that an entry takes in the index.
BANDS: Final = 20
#: Texts with fewer n-grams than this are short: one changed word leaves little, so that their bands must be wider, and
#: there are few enough of them.
SHORT: Final = 48
_ROWS: Final = 3
_ROWS_SHORT: Final = 2
#: What is looked up may have so many times the n-grams of what it is like, or so much fewer: both kinds of bands are
#: looked up near :data:`SHORT`.
_SPREAD: Final = 1.5
#: Longer texts are found word for word and through their segments.
LONGEST: Final = 1000
#: Of a long text's n-grams these many stand for all, the same ones in every text: those with the smallest checksum.
_SAMPLE: Final = 128

_VALUES: Final = BANDS * _ROWS
_UNPACK: Final = struct.Struct(f"<{_VALUES}I").unpack

_UNSEEN: Final = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
_DIGITS: Final = regex.compile(r"\p{Nd}+(?:[.,]\p{Nd}+)*")
_MARKS: Final = regex.compile(r"\p{Mn}+")
_GAPS: Final = regex.compile(r"[\p{P}\p{S}\p{Z}\s]+")
_CLUSTER: Final = regex.compile(r"\X")

#: Scripts that say a word in one or two characters, and put no space between words.
_DENSE: Final = frozenset({LanguageTag.ZH_HANT, LanguageTag.ZH_HANS, LanguageTag.TH, LanguageTag.KM})
_CLUSTERED: Final = frozenset({LanguageTag.TH, LanguageTag.KM})


def normalise_for_match(text: str) -> str:
    """What is compared: NFKC, case-folded, without what can't be seen, every number the digit 0, so that "3000" and
    "2,500" are alike; one space between words."""
    folded = _UNSEEN.sub("", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_DIGITS.sub("0", folded).split())


def cut_units(text: str, language: LanguageTag) -> Sequence[str]:
    """A normalised text in the units that a reader sees: grapheme clusters in Thai and Khmer, characters elsewhere;
    spaces only where the language has them between words."""
    if language not in _DENSE:
        return text
    unspaced = text.replace(" ", "")
    return _CLUSTER.findall(unspaced) if language in _CLUSTERED else unspaced


def list_grams(text: str, language: LanguageTag) -> frozenset[str]:
    """The n-grams of a text: single units and pairs in Chinese, Thai and Khmer; three characters elsewhere, without
    marks, because Vietnamese is often typed without them. Empty for what is too short to be like anything else."""
    bare = _GAPS.sub(" ", normalise_for_match(text)).strip()
    if language in _DENSE:
        units = cut_units(bare, language)
        pairs = {units[at] + units[at + 1] for at in range(len(units) - 1)}
        return frozenset({*units, *pairs}) if pairs else frozenset()
    plain = _MARKS.sub("", unicodedata.normalize("NFD", bare)).replace("đ", "d")
    return frozenset(plain[at : at + 3] for at in range(len(plain) - 2))


def sign_entry(text: str, *, source: LanguageTag, target: LanguageTag, scope: str) -> list[int]:
    """The bands (signed, 64 bits) under which an entry is found; none for a text that is too long or says too little.
    Language pair and scope are part of every band: a look-up meets no other."""
    if len(text) > LONGEST:
        return []
    grams = list_grams(text, source)
    if not grams:
        return []
    rows = _ROWS_SHORT if len(grams) < SHORT else _ROWS
    return _cut_bands(_find_minima(grams), rows, _make_key(source, target, scope))


def sign_query(text: str, *, source: LanguageTag, target: LanguageTag, scopes: Sequence[str]) -> list[int]:
    """The bands to look for: those of an entry with this text in each scope, and, for a text of middle length, also
    those that it would have if it were short or long."""
    if len(text) > LONGEST:
        return []
    grams = list_grams(text, source)
    if not grams:
        return []
    kinds = [_ROWS_SHORT] if len(grams) < SHORT * _SPREAD else []
    kinds += [_ROWS] if len(grams) * _SPREAD >= SHORT else []
    minima = _find_minima(grams)
    return [
        band
        for scope in scopes
        for rows in kinds
        for band in _cut_bands(minima, rows, _make_key(source, target, scope))
    ]


def _find_minima(grams: frozenset[str]) -> list[int]:
    encoded = [gram.encode("utf-8", "surrogatepass") for gram in grams]
    if len(encoded) > _SAMPLE:
        encoded = sorted(encoded, key=lambda gram: (zlib.crc32(gram), gram))[:_SAMPLE]
    return [min(column) for column in zip(*map(_hash_gram, encoded), strict=True)]


@lru_cache(maxsize=2048)
def _hash_gram(gram: bytes) -> tuple[int, ...]:
    """So many independent hashes of an n-gram, 32 bits each. The cache pays in imports, where texts are of a kind."""
    return _UNPACK(shake_128(gram).digest(4 * _VALUES))


def _make_key(source: LanguageTag, target: LanguageTag, scope: str) -> bytes:
    return blake2b(f"{source}\0{target}\0{scope}".encode(), digest_size=16).digest()


def _cut_bands(minima: Sequence[int], rows: int, key: bytes) -> list[int]:
    bands = []
    for number in range(BANDS):
        part = minima[number * rows : (number + 1) * rows]
        packed = struct.pack(f"<BB{rows}I", rows, number, *part)
        bands.append(int.from_bytes(blake2b(packed, digest_size=8, key=key).digest(), "little", signed=True))
    # Two equal ones are as good as impossible, but a row can't be stored twice.
    return list(dict.fromkeys(bands))
