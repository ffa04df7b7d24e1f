"""How alike two texts of one language are, 0 to 100, and which numbers, dates, links… differ. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Final

from rapidfuzz.distance import Indel

from translation.languages import LanguageTag
from translation.memory.signatures import cut_units, normalise_for_match
from translation.mentions import Mention, MentionKind, find_mentions

EXACT: Final = 100
#: Nothing below is shown: there more than four tenths of both texts have no counterpart in the other, and repairing the
#: translation takes longer than writing one.
LEAST_MATCH: Final = 60
#: What every number, date, link… without a counterpart takes off, and how many are counted.
_PENALTY: Final = 3
_MOST_COUNTED: Final = 5


@dataclass(frozen=True)
class Difference:
    """Something to be careful with: ``asked`` stands in the text that is translated, ``remembered`` in the remembered
    one. None where there is nothing of the kind."""

    kind: MentionKind
    asked: str | None
    remembered: str | None


@dataclass(frozen=True)
class Form:
    """A text as it is compared."""

    text: str
    language: LanguageTag
    units: Sequence[str]

    @cached_property
    def mentions(self) -> list[Mention]:
        return find_mentions(self.text, self.language)


def prepare(text: str, language: LanguageTag) -> Form:
    return Form(text, language, cut_units(normalise_for_match(text), language))


def measure_likeness(asked: Form, remembered: Form) -> int:
    """0 to 100, without regard to numbers; 0 for everything below :data:`LEAST_MATCH`.

    100 is for the very same text only. Otherwise ``floor(100 * 2 * lcs / (a + b))``, at most 99, where ``a`` and
    ``b`` are the numbers of units of both (:func:`translation.memory.signatures.cut_units`) and ``lcs`` that of their
    longest common subsequence (the Indel similarity of RapidFuzz).
    """
    if asked.text == remembered.text:
        return EXACT
    both = len(asked.units) + len(remembered.units)
    if not both:
        return 0
    most = both * (100 - LEAST_MATCH) // 100
    distance = Indel.distance(asked.units, remembered.units, score_cutoff=most)
    return min(EXACT - 1, 100 * (both - distance) // both) if distance <= most else 0


def find_differences(asked: Form, remembered: Form) -> tuple[Difference, ...]:
    """Numbers, dates, amounts, links and phones of one text that the other hasn't, in their order, kind by kind."""
    missing = _list_unmatched(asked.mentions, remembered.mentions)
    added = _list_unmatched(remembered.mentions, asked.mentions)
    return tuple(
        Difference(kind, _cut(asked.text, one), _cut(remembered.text, other))
        for kind in MentionKind
        for one, other in zip_longest(_of_kind(missing, kind), _of_kind(added, kind))
    )


def grade_match(likeness: int, differences: Sequence[Difference]) -> int:
    """The match that is shown: the likeness, less 3 for each difference of numbers and the like, at most 15."""
    return max(0, likeness - _PENALTY * min(len(differences), _MOST_COUNTED))


def _list_unmatched(mentions: Sequence[Mention], others: Sequence[Mention]) -> list[Mention]:
    """Those without a counterpart of their kind; a counterpart serves once."""
    free = list(others)
    unmatched = []
    for mention in mentions:
        counterpart = next((other for other in free if _means_the_same(mention, other)), None)
        if counterpart is not None:
            free.remove(counterpart)
        elif mention.is_explicit:
            unmatched.append(mention)
    return unmatched


def _means_the_same(one: Mention, other: Mention) -> bool:
    has_same_unit = not one.units or not other.units or bool(one.units & other.units)
    return one.kind is other.kind and has_same_unit and bool(one.readings & other.readings)


def _of_kind(mentions: Sequence[Mention], kind: MentionKind) -> list[Mention]:
    return [mention for mention in mentions if mention.kind is kind]


def _cut(text: str, mention: Mention | None) -> str | None:
    return text[mention.start : mention.end].strip() if mention is not None else None
