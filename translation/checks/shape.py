"""What can be seen without understanding: empty, copied, repeating, far too short or long, broken placeholders."""

from __future__ import annotations

import unicodedata
from typing import ClassVar, Final

import regex

from translation.checks.base import CheckInput
from translation.languages import LanguageTag
from translation.protect import has_words
from translation.results import CheckCode, Finding, Severity

_CHINESE: Final = frozenset({LanguageTag.ZH_HANT, LanguageTag.ZH_HANS})
#: The same in every chat.
INTERJECTION: Final = regex.compile(
    r"ok|oke|okay|hi|bye|lol|(?:ha){2,}h?|(?:he){2,}|(?:hi){2,}|(?:wk){2,}", regex.IGNORECASE
)
_WORD: Final = regex.compile(r"[\p{L}\p{M}]+")


def is_blank(text: str) -> bool:
    """Nothing to see: only spaces, controls, formats, joiners and marks without a base."""
    return all(unicodedata.category(char)[0] in "ZCM" for char in text)


class EmptyCheck:
    """Nothing came back for something."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.EMPTY,)

    def check(self, pair: CheckInput) -> list[Finding]:
        if is_blank(pair.target) and not is_blank(pair.source):
            return [Finding(CheckCode.EMPTY, Severity.ERROR, "the target is empty")]
        return []


class CopyCheck:
    """The source came back instead of a translation. Names of up to three capitalised words, "ok" and
    "haha" may stay as they are."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.COPY,)
    _MAX_NAME: Final = 3
    _MIN_WORDS: Final = 6
    _MAX_SHARED: Final = 0.8

    def check(self, pair: CheckInput) -> list[Finding]:
        languages = {pair.source_language, pair.target_language}
        if len(languages) == 1 or languages <= _CHINESE or not has_words(pair.free_source):
            return []
        source, target = _WORD.findall(pair.free_source), _WORD.findall(pair.free_target)
        if not target or self._is_name(source):
            return []
        lower_source, lower_target = [w.casefold() for w in source], [w.casefold() for w in target]
        words = set(lower_target)
        is_mostly_shared = (
            len(words) >= self._MIN_WORDS and len(words & set(lower_source)) / len(words) > self._MAX_SHARED
        )
        if lower_source == lower_target or is_mostly_shared:
            return [Finding(CheckCode.COPY, Severity.ERROR, "the target repeats the source")]
        return []

    def _is_name(self, words: list[str]) -> bool:
        return len(words) <= self._MAX_NAME and all(word[0].isupper() or INTERJECTION.fullmatch(word) for word in words)


class RepetitionCheck:
    """A small engine stuck in a loop: the same words again and again, where the source has no such thing."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.REPETITION,)
    # The shortest unit first; each is at most 40 characters, so that the time stays linear.
    _LOOP: Final = regex.compile(r"((?=[^\n]{0,2}\p{L})[^\n]{2,40}?)\1{3,}")
    _ANY_LOOP: Final = regex.compile(r"([^\n]{1,40}?)\1{2,}")
    _MIN_LOOP: Final = 8
    _MIN_WORDS: Final = 20
    _MAX_LENGTH: Final = 20_000

    def check(self, pair: CheckInput) -> list[Finding]:
        source, target = self._simplify(pair.source), self._simplify(pair.target)
        loops = [match for match in self._LOOP.finditer(target) if len(match[0]) >= self._MIN_LOOP]
        if loops and not any(len(match[0]) >= 3 for match in self._ANY_LOOP.finditer(source)):
            return [Finding(CheckCode.REPETITION, Severity.ERROR, "loops", (loops[0][1].strip(),))]
        if self._variety(target) < 0.4 and self._variety(source) > 0.6:
            return [Finding(CheckCode.REPETITION, Severity.ERROR, "few different words")]
        return []

    def _simplify(self, text: str) -> str:
        return regex.sub(r"[\p{P}\p{S}\s]+", " ", text[: self._MAX_LENGTH].casefold()) + " "

    def _variety(self, text: str) -> float:
        """Share of different word triples; 1 for texts too short to say."""
        words = text.split()
        triples = list(zip(words, words[1:], words[2:], strict=False))
        return len(set(triples)) / len(triples) if len(words) >= self._MIN_WORDS else 1.0


class LengthCheck:
    """Much shorter or longer than texts of this pair ever are."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.LENGTH,)
    #: Characters per character of English for the same content (parallel news sentences, rounded).
    _DENSITY: Final[dict[LanguageTag, float]] = {
        LanguageTag.ZH_HANT: 0.33,
        LanguageTag.ZH_HANS: 0.33,
        LanguageTag.EN: 1.0,
        LanguageTag.VI: 1.05,
        LanguageTag.ID: 1.1,
        LanguageTag.TH: 0.95,
        LanguageTag.KM: 1.1,
    }
    _MIN_SOURCE: Final = 40.0  # of English: about 13 Chinese characters
    _MIN_TARGET: Final = 80.0
    _SHORTEST: Final = 0.3
    _LONGEST: Final = 3.5

    def check(self, pair: CheckInput) -> list[Finding]:
        source = self._measure(pair.free_source, pair.source_language)
        target = self._measure(pair.free_target, pair.target_language)
        if source >= self._MIN_SOURCE and target < source * self._SHORTEST:
            return [Finding(CheckCode.LENGTH, Severity.ERROR, f"{target / source:.2f} of the usual length")]
        if target >= self._MIN_TARGET and target > source * self._LONGEST:
            return [Finding(CheckCode.LENGTH, Severity.ERROR, f"{target / max(source, 1):.2f} of the usual length")]
        return []

    def _measure(self, text: str, language: LanguageTag) -> float:
        """The length in characters of English."""
        return len(" ".join(text.split())) / self._DENSITY.get(language, 1.0)


class PlaceholdersCheck:
    """Marks of our own or of the engine that no reader should see."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.PLACEHOLDERS,)
    _MARKS: Final = regex.compile(
        r"⟦\d*⟧?|\d*⟧|\ufffd|⁇|<(?:unk|pad|s|/s|extra_id_\d+)>|__[a-z]{2,3}__|▁", regex.IGNORECASE
    )

    def check(self, pair: CheckInput) -> list[Finding]:
        marks = [mark for mark in dict.fromkeys(self._MARKS.findall(pair.target)) if mark not in pair.source]
        if marks:
            return [Finding(CheckCode.PLACEHOLDERS, Severity.ERROR, "marks left over", tuple(marks[:12]))]
        return []
