"""What can be seen without understanding: empty, copied, repeating, far too short or long, broken placeholders."""

from __future__ import annotations

import unicodedata
from collections import Counter
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
_LETTER: Final = regex.compile(r"\p{L}")
_LATIN: Final = regex.compile(r"[\p{Latin}&&\p{L}]", regex.V1)
_HAN: Final = regex.compile(r"\p{Han}")


def is_blank(text: str) -> bool:
    """Nothing to see: only spaces, controls, formats, joiners and marks without a base."""
    return all(unicodedata.category(char)[0] in "ZCM" for char in text)


def _weigh_letters(text: str) -> float:
    """How many letters, where a Chinese character says as much as two and a half."""
    return len(_LETTER.findall(text)) + 1.5 * len(_HAN.findall(text))


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
    """A small engine stuck in a loop: the same words again and again, or a clause said twice in a row, where the source
    has no such thing. People do say things twice ("pelan-pelan", 謝謝謝謝, ជាដំណាក់ៗ, "từng bước từng bước"): one word
    or a few letters never count, and a short clause doesn't where the source doubles something too."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.REPETITION,)
    # The shortest unit first; each is at most 40 characters, so that the time stays linear.
    _LOOP: Final = regex.compile(r"((?=[^\n]{0,2}\p{L})[^\n]{2,40}?)\1{3,}")
    #: What excuses it in the source: a loop of letters, or Thai laughter; not the zeros of 30,000.
    _ANY_LOOP: Final = regex.compile(r"((?!\d+(?:\D|$))[^\n]{1,40}?)\1{2,}|5{3,}")
    _NO_WORDS: Final = regex.compile(r"[\p{P}\p{S}\s]+")
    _MIN_LOOP: Final = 8
    _MIN_WORDS: Final = 20
    _MAX_LENGTH: Final = 20_000
    #: A clause that is said twice has at least so many letters (a Chinese one counts as two and a half), and where
    #: words stand apart three of them, or two long ones.
    _MIN_DOUBLE: Final = 8.0
    _MIN_WORDS_DOUBLED: Final = 3
    _MIN_TWO_WORDS: Final = 14
    _MAX_DISTANCES: Final = 3
    _GRAM: Final = 4
    #: What the source may double itself, and the longest clause which that excuses.
    _DOUBLED: Final = regex.compile(r"[ๆៗ]|\b(\p{Latin}{2}[^\n]{0,40}?) \1\b|([^\s\p{Latin}\d]{2,25}?)\2")
    _MAX_EXCUSED: Final = 25.0

    def check(self, pair: CheckInput) -> list[Finding]:
        source, target = self._simplify(pair.source), self._simplify(pair.target)
        if not self._may_repeat(target):
            return []
        loops = [match for match in self._LOOP.finditer(target) if len(match[0]) >= self._MIN_LOOP]
        if loops and not any(len(match[0]) >= 3 for match in self._ANY_LOOP.finditer(source)):
            return [Finding(CheckCode.REPETITION, Severity.ERROR, "loops", (loops[0][1].strip(),))]
        clause = self._find_double(target)
        if clause and not self._is_excused(clause, source):
            return [Finding(CheckCode.REPETITION, Severity.ERROR, "said twice", (clause.strip()[:80],))]
        if self._variety(target) < 0.4 and self._variety(source) > 0.6:
            return [Finding(CheckCode.REPETITION, Severity.ERROR, "few different words")]
        return []

    def _simplify(self, text: str) -> str:
        return self._NO_WORDS.sub(" ", text[: self._MAX_LENGTH].casefold()) + " "

    def _may_repeat(self, text: str) -> bool:
        """Whether any four characters stand there twice: without that nothing else can."""
        grams = [text[index : index + 4] for index in range(len(text) - 3)]
        return len(set(grams)) < len(grams)

    def _find_double(self, text: str) -> str:
        """A clause that follows directly on itself; empty if none does. If one does, most of its groups of letters
        stand again at one distance, its length: only the most frequent ones are looked at, so that time is linear."""
        seen: dict[str, int] = {}
        distances: Counter[int] = Counter()
        for index in range(len(text) - self._GRAM + 1):
            gram = text[index : index + self._GRAM]
            if gram in seen:
                distances[index - seen[gram]] += 1
            seen[gram] = index
        for distance, _ in distances.most_common(self._MAX_DISTANCES):
            unit = self._find_period(text, distance)
            if self._is_clause(unit):
                return unit
        return ""

    @staticmethod
    def _find_period(text: str, length: int) -> str:
        """The first stretch of that length which is followed by itself; empty if there is none."""
        run = 0
        for index, (one, other) in enumerate(zip(text, text[length:], strict=False), start=1):
            run = run + 1 if one == other else 0
            if run == length:
                return text[index - length : index]
        return ""

    def _is_clause(self, unit: str) -> bool:
        if _weigh_letters(unit) < self._MIN_DOUBLE:
            return False
        letters, words = len(_LETTER.findall(unit)), len(unit.split())
        if len(_LATIN.findall(unit)) * 2 < letters:
            return True
        return words >= self._MIN_WORDS_DOUBLED or (words == 2 and letters >= self._MIN_TWO_WORDS)

    def _is_excused(self, clause: str, source: str) -> bool:
        if _weigh_letters(clause) > self._MAX_EXCUSED:
            return self._find_double(source) != ""
        return self._DOUBLED.search(source) is not None

    def _variety(self, text: str) -> float:
        """Share of different word triples; 1 for texts too short to say."""
        words = text.split()
        triples = list(zip(words, words[1:], words[2:], strict=False))
        return len(set(triples)) / len(triples) if len(words) >= self._MIN_WORDS else 1.0


class LengthCheck:
    """Much shorter or longer than texts of this pair ever are. The longer a text, the less its length varies."""

    codes: ClassVar[tuple[CheckCode, ...]] = (CheckCode.LENGTH,)
    #: Characters per character of English for the same content (this project's own texts in six languages, rounded).
    _DENSITY: Final[dict[LanguageTag, float]] = {
        LanguageTag.ZH_HANT: 0.33,
        LanguageTag.ZH_HANS: 0.33,
        LanguageTag.EN: 1.0,
        LanguageTag.VI: 1.0,
        LanguageTag.ID: 1.1,
        LanguageTag.TH: 0.85,
        LanguageTag.KM: 0.95,
    }
    #: From so many characters of English on, the least and the greatest length of the target against the source.
    _LIMITS: Final = ((80.0, 0.42, 2.5), (40.0, 0.33, 3.0), (25.0, 0.25, 3.5), (0.0, 0.0, 3.5))
    _MIN_TARGET: Final = 80.0

    def check(self, pair: CheckInput) -> list[Finding]:
        source = self._measure(pair.free_source, pair.source_language)
        target = self._measure(pair.free_target, pair.target_language)
        shortest, longest = next((low, high) for least, low, high in self._LIMITS if source >= least)
        if target < source * shortest or (target >= self._MIN_TARGET and target > source * longest):
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
