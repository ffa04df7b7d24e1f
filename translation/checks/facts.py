"""Numbers, dates, money, phones and links: whatever stands on one side must stand on the other, and nothing else.

They are compared together, because a date here may be a plain number there. Only what is written with digits can be
missing; number words serve as counterparts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from translation.checks.base import CheckInput
from translation.checks.matching import match_one_to_one
from translation.mentions import Mention, MentionKind
from translation.results import CheckCode, Finding, Severity

_CODES: Final[dict[MentionKind, CheckCode]] = {
    MentionKind.LINK: CheckCode.LINKS,
    MentionKind.PHONE: CheckCode.PHONES,
    MentionKind.DATE: CheckCode.DATES,
    MentionKind.WEEKDAY: CheckCode.DATES,
    MentionKind.MONTH: CheckCode.DATES,
    MentionKind.YEAR: CheckCode.DATES,
    MentionKind.TIME: CheckCode.NUMBERS,
    MentionKind.MONEY: CheckCode.MONEY,
    MentionKind.NUMBER: CheckCode.NUMBERS,
}
_MAX_DETAIL: Final = 12


@dataclass(frozen=True)
class _Item:
    """A thing to be matched by what it means; ``text`` and ``code`` only say how to report it."""

    readings: frozenset[str]
    units: frozenset[str]
    code: CheckCode
    text: str
    parts: tuple[frozenset[str], ...] = ()

    def __hash__(self) -> int:
        return hash((self.readings, self.units))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Item) and (self.readings, self.units) == (other.readings, other.units)

    def means(self, other: _Item) -> bool:
        meets_units = not self.units or not other.units or bool(self.units & other.units)
        return meets_units and not self.readings.isdisjoint(other.readings)

    def split(self) -> list[_Item]:
        return [_Item(part, frozenset(), self.code, self.text) for part in self.parts]


class _Side:
    """The mentions of one text by kind, explicit ones apart from those that only serve as counterparts."""

    def __init__(self, text: str, mentions: Iterable[Mention]) -> None:
        self.words: set[str] = set()
        self._explicit: defaultdict[MentionKind, list[_Item]] = defaultdict(list)
        self.vague_weekdays: list[_Item] = []
        self.months: set[str] = set()
        for mention in mentions:
            item = _Item(
                mention.readings,
                mention.units,
                _CODES[mention.kind],
                text[mention.start : mention.end],
                mention.parts,
            )
            if mention.kind is MentionKind.MONTH:
                self.words |= mention.readings
                self.months |= mention.readings
            if mention.is_explicit:
                self._explicit[mention.kind] += _list_days(item) if mention.kind is MentionKind.DATE else [item]
            elif mention.kind is MentionKind.WEEKDAY:
                self.vague_weekdays.append(item)
                self.words |= {reading for part in mention.parts for reading in part}
            else:
                self.words |= mention.readings

    def list_items(self, *kinds: MentionKind) -> list[_Item]:
        return [item for kind in kinds for item in self._explicit[kind]]


def _list_days(item: _Item) -> list[_Item]:
    """The two days of a range, since other languages may name the month with each of them."""
    reading = next(iter(item.readings))
    if len(item.readings) != 1 or "~" not in reading:
        return [item]
    month, _, days = reading.rpartition("-")
    *parts, end = item.parts
    # The other end's number comes last; whichever of the two it is, its month and year are said only once.
    first, last = sorted(days.split("~"), key=lambda day: day in end)
    return [
        replace(item, readings=frozenset({f"{month}-{first}"}), parts=tuple(parts)),
        replace(item, readings=frozenset({f"{month}-{last}"}), parts=(end,)),
    ]


class FactsCheck:
    """Holds a text in which an explicit fact has no counterpart of equal value."""

    codes: ClassVar[tuple[CheckCode, ...]] = (
        CheckCode.NUMBERS,
        CheckCode.DATES,
        CheckCode.MONEY,
        CheckCode.PHONES,
        CheckCode.LINKS,
    )

    def check(self, pair: CheckInput) -> list[Finding]:
        if not pair.source_mentions and not pair.target_mentions:
            return []
        source = _Side(pair.source, pair.source_mentions)
        target = _Side(pair.target, pair.target_mentions)
        missing, added = [], []
        for kind in (MentionKind.LINK, MentionKind.PHONE):
            only_source, only_target = _compare_sets(source.list_items(kind), target.list_items(kind))
            missing += only_source
            added += only_target
        _compare_months(source, target, missing, added)
        loose_source, loose_target = _compare_weekdays(source, target, missing, added)
        for kind in (MentionKind.DATE, MentionKind.TIME):
            only_source, only_target = match_one_to_one(source.list_items(kind), target.list_items(kind), _Item.means)
            wrong_source, wrong_target = _find_contradictions(only_source, only_target)
            missing += wrong_source
            added += wrong_target
            # What the other side does not write as a whole may stand there as plain numbers.
            loose_source += [part for item in only_source if item not in wrong_source for part in item.split()]
            loose_target += [part for item in only_target if item not in wrong_target for part in item.split()]
        kinds = (MentionKind.NUMBER, MentionKind.YEAR, MentionKind.MONEY)
        only_source, only_target = match_one_to_one(
            loose_source + source.list_items(*kinds), loose_target + target.list_items(*kinds), _Item.means
        )
        missing += [item for item in only_source if item.readings.isdisjoint(target.words)]
        added += [item for item in only_target if item.readings.isdisjoint(source.words)]
        return _report(_specify(missing, added), _specify(added, missing)) if missing or added else []


def _compare_sets(source: list[_Item], target: list[_Item]) -> tuple[list[_Item], list[_Item]]:
    """A link or phone number given twice and translated once is no loss."""
    return (
        [item for item in dict.fromkeys(source) if item not in target],
        [item for item in dict.fromkeys(target) if item not in source],
    )


def _compare_weekdays(
    source: _Side, target: _Side, missing: list[_Item], added: list[_Item]
) -> tuple[list[_Item], list[_Item]]:
    """Weekdays accuse only where both sides name one that the other lacks. Returns the digits of "thứ 2" that no
    weekday answers: it may be an ordinal."""
    sides = [(side.list_items(MentionKind.WEEKDAY), side.vague_weekdays) for side in (source, target)]
    if not any(items for side in sides for items in side):
        return [], []
    named = [{reading for items in side for item in items for reading in item.readings} for side in sides]
    alone = [
        [[item for item in items if item.readings.isdisjoint(named[1 - index])] for items in side]
        for index, side in enumerate(sides)
    ]
    (certain_source, vague_source), (certain_target, vague_target) = alone
    if (certain_source and (certain_target or vague_target)) or (certain_target and vague_source):
        missing += dict.fromkeys(certain_source or vague_source)
        added += dict.fromkeys(certain_target or vague_target)
        return [], []
    return (
        [part for item in certain_source for part in item.split()],
        [part for item in certain_target for part in item.split()],
    )


def _compare_months(source: _Side, target: _Side, missing: list[_Item], added: list[_Item]) -> None:
    """Names of months accuse as weekdays do: only where each side has one that the other lacks, as a name or number."""
    sides = (source, target)
    if not all(side.list_items(MentionKind.MONTH) for side in sides):
        return
    numbers = [
        side.months.union(
            *(item.readings for item in side.list_items(MentionKind.NUMBER)),
            {reading.split("-")[1] for item in side.list_items(MentionKind.DATE) for reading in item.readings},
        )
        for side in sides
    ]
    alone = [
        [item for item in side.list_items(MentionKind.MONTH) if item.readings.isdisjoint(numbers[1 - index])]
        for index, side in enumerate(sides)
    ]
    if all(alone):
        missing += alone[0]
        added += alone[1]


def _find_contradictions(source: list[_Item], target: list[_Item]) -> tuple[list[_Item], list[_Item]]:
    """Dates (or times) left over on both sides contradict each other, unless some pair differs only in a part that one
    of them leaves out, such as the year."""
    if not source or not target:
        return [], []
    wrong_source, wrong_target = match_one_to_one(source, target, _agree_without_year)
    return wrong_source, wrong_target


def _agree_without_year(left: _Item, right: _Item) -> bool:
    days = [
        {day for reading in item.readings for year, _, day in [reading.partition("-")] if day} for item in (left, right)
    ]
    years = [{reading.partition("-")[0] for reading in item.readings} for item in (left, right)]
    return bool(days[0] & days[1]) and "0" in years[0] | years[1]


def _specify(items: list[_Item], others: list[_Item]) -> list[_Item]:
    """Plain numbers that stand where the other side has a date or an amount are reported as that."""
    specific = [item.code for item in others if item.code in {CheckCode.DATES, CheckCode.MONEY}]
    specific = specific[len([item for item in items if item.code in {CheckCode.DATES, CheckCode.MONEY}]) :]
    return [
        replace(item, code=specific.pop(0)) if specific and item.code is CheckCode.NUMBERS else item for item in items
    ]


def _report(missing: list[_Item], added: list[_Item]) -> list[Finding]:
    findings = []
    for code in FactsCheck.codes:
        lost = list(dict.fromkeys(item.text for item in missing if item.code is code))
        new = list(dict.fromkeys(item.text for item in added if item.code is code))
        if lost or new:
            message = f"{len(lost)} without counterpart in the target, {len(new)} without counterpart in the source"
            findings.append(Finding(code, Severity.ERROR, message, tuple((lost + new)[:_MAX_DETAIL])))
    return findings
