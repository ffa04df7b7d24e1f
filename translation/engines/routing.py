"""Which way a text takes, as a calculation: the hops on offer, how good each is said to be, what operators decided.

Values in, values out: ``EngineRegistry`` says what is on offer now, ``translation.routing`` keeps the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise, product
from math import prod
from typing import Final

from translation.engines.base import Pair
from translation.engines.opencc import OPENCC
from translation.languages import LanguageTag
from translation.results import Route

#: The tags that a text passes, source and target included.
Hops = tuple[LanguageTag, ...]

PIVOT: Final = LanguageTag.EN
#: Longest text of a route's engines that is stored with a candidate.
LONGEST_ENGINE: Final = 40
_OTHER_SCRIPT: Final = {
    LanguageTag.ZH_HANT: LanguageTag.ZH_HANS,
    LanguageTag.ZH_HANS: LanguageTag.ZH_HANT,
}

#: chrF2 that a hop without any figure is taken for: nine tenths of the lowest figure published for that target (see
#: ``translation.routing.published``), and a guess for Khmer, for which none is. It depends on the target because chrF2
#: does: a Chinese text has few characters to agree on. So a known hop comes before an unknown one to the same target.
UNKNOWN_TO: Final[Mapping[LanguageTag, float]] = {
    LanguageTag.EN: 44.0,
    LanguageTag.ID: 56.0,
    LanguageTag.VI: 41.0,
    LanguageTag.TH: 38.0,
    LanguageTag.KM: 30.0,
    LanguageTag.ZH_HANT: 24.0,
    LanguageTag.ZH_HANS: 24.0,
}
#: How an engine stands where it has no figure for a hop, in the order of its figures elsewhere. A language model has
#: none anywhere: what it can do depends on which one it is.
STANDING: Final[Mapping[str, float]] = {
    "firefox": 1.0,
    "multilingual": 0.95,
    "argos": 0.9,
    "libretranslate": 0.9,
    "llm": 0.85,
}
_STANDING_OF_OTHERS: Final = 0.8


@dataclass(frozen=True)
class Rule:
    """What an operator decided for a pair: ``engine`` over ``hops``, or with neither: ask people. ``engine`` is written
    as in :class:`~translation.results.Route`."""

    engine: str | None = None
    hops: Hops | None = None

    @property
    def asks_people(self) -> bool:
        return self.engine is None or self.hops is None


@dataclass(frozen=True)
class RoutingTable:
    """``qualities``: chrF2, 0…100, of an engine (``firefox``) or of one of its models (``multilingual:nllb-200``) on a
    hop. ``rules`` of pairs with ``zh-Hant`` hold for ``zh-Hans`` too, with a change of script at the end."""

    qualities: Mapping[tuple[str, Pair], float] = field(default_factory=dict)
    rules: Mapping[Pair, Rule] = field(default_factory=dict)

    def find_rule(self, source: LanguageTag, target: LanguageTag) -> Rule | None:
        """The pair's own rule, or that of the same languages in Traditional Chinese."""
        own = self.rules.get((source, target))
        common = (_to_traditional(source), _to_traditional(target))
        if own is not None or common == (source, target) or common[0] == common[1]:
            return own
        rule = self.rules.get(common)
        if rule is None or rule.hops is None:
            return rule
        before = (source,) if source != common[0] else ()
        after = (target,) if target != common[1] else ()
        return Rule(rule.engine, _cut_returns((*before, *rule.hops, *after)))


EMPTY: Final = RoutingTable()


@dataclass(frozen=True)
class Offer:
    """An engine that does a hop now. ``model`` is which of its models, where the engine tells them apart."""

    engine: str
    model: str = ""

    @property
    def figure(self) -> str:
        """The name under which the hop's quality is kept, at most ``LONGEST_ENGINE`` characters."""
        return f"{self.engine}:{self.model}"[:LONGEST_ENGINE] if self.model else self.engine


#: What can be done now, the engines of a hop in the order of preference.
Offers = Mapping[Pair, Sequence[Offer]]


class Why(StrEnum):
    """Why a pair is translated as it is."""

    #: The best estimate; no rule.
    AUTOMATIC = "automatic"
    #: An operator's rule.
    RULE = "rule"
    #: An operator's rule says that people translate.
    PEOPLE = "people"
    #: There is a rule, and what it names is not there: the best estimate instead.
    FALLBACK = "fallback"
    #: Nothing leads there.
    NO_ENGINE = "no_engine"


@dataclass(frozen=True)
class RatedRoute:
    """``estimate``: the product of the hops' qualities as 0…100; changes of Chinese script are free. It orders the ways
    of one pair and says nothing across pairs. ``unknown_hops`` have no figure and count as ``UNKNOWN_TO``."""

    route: Route
    estimate: float
    unknown_hops: int


@dataclass(frozen=True)
class Choice:
    """The way that a pair takes now, None for people, and why. ``alternatives`` are the other ways, best first."""

    best: RatedRoute | None
    why: Why
    rule: Rule | None = None
    alternatives: tuple[RatedRoute, ...] = ()

    @property
    def route(self) -> Route | None:
        return self.best.route if self.best else None


def choose_route(source: LanguageTag, target: LanguageTag, *, offers: Offers, table: RoutingTable) -> Choice:
    """Decide for one pair: the rule if it can be followed, else the best estimate; equal ones by fewest hops of a
    model (each loses something), then fewest hops at all, then the order of the engines."""
    ranked = rank_routes(source, target, offers=offers, table=table)
    rule = table.find_rule(source, target)
    if rule is not None and rule.asks_people:
        return Choice(None, Why.PEOPLE, rule, ranked)
    ruled = _follow(rule, offers, table) if rule is not None else None
    best = ruled or next(iter(ranked), None)
    if best is None:
        return Choice(None, Why.NO_ENGINE, rule)
    without = Why.AUTOMATIC if rule is None else Why.FALLBACK
    why = without if ruled is None else Why.RULE
    return Choice(best, why, rule, tuple(each for each in ranked if each.route != best.route))


def rank_routes(
    source: LanguageTag, target: LanguageTag, *, offers: Offers, table: RoutingTable
) -> tuple[RatedRoute, ...]:
    """Every way that is there now, best estimate first: direct or through English, a change of Chinese script at the
    ends, each hop by any engine that does it."""
    rated = [
        _rate(hops, chosen, table)
        for hops in dict.fromkeys(_list_ways(source, target))
        if (choices := _list_choices(hops, offers)) is not None
        for chosen in product(*choices)
    ]
    fitting = [each for each in rated if len(each.route.engine) <= LONGEST_ENGINE]
    return tuple(sorted(fitting, key=lambda each: (-each.estimate, *_count_losses(each.route.hops))))


def list_stops(source: LanguageTag, target: LanguageTag, table: RoutingTable) -> frozenset[LanguageTag]:
    """Every language that a way between the two can pass: only hops between these matter for the choice."""
    rule = table.find_rule(source, target)
    ruled = rule.hops if rule is not None and rule.hops is not None else ()
    return frozenset({*_list_ends(source), PIVOT, *_list_ends(target), *ruled})


def split_engines(engine: str, hops: Hops) -> tuple[str, ...] | None:
    """The engine of every hop of a route, OpenCC's included; None if there are more or fewer names than hops."""
    pairs = list(pairwise(hops))
    conversions = [is_conversion(pair) for pair in pairs]
    models = conversions.count(False)
    names = engine.split("+") if models else []
    if not models and engine != OPENCC:
        return None
    if len(names) == 1:
        names *= models
    if len(names) != models:
        return None
    remaining = iter(names)
    return tuple(OPENCC if conversion else next(remaining) for conversion in conversions)


def join_engines(names: Sequence[str]) -> str:
    """A route's ``engine`` from that of every hop: one name where all hops by a model are the same engine's, else one a
    hop, joined by ``+``. OpenCC is named only where there is nothing else. Undone by :func:`split_engines`."""
    models = [name for name in names if name != OPENCC]
    if not models:
        return OPENCC
    return models[0] if len(set(models)) == 1 else "+".join(models)


def is_conversion(pair: Pair) -> bool:
    """Whether a hop only changes the script of Chinese. Such hops are OpenCC's, whoever else offers them."""
    return _OTHER_SCRIPT.get(pair[0]) == pair[1]


def find_quality(offer: Offer, pair: Pair, table: RoutingTable) -> float | None:
    """The figure of the very model if there is one, else that of its engine, else None."""
    own = table.qualities.get((offer.figure, pair))
    return table.qualities.get((offer.engine, pair)) if own is None else own


def guess_quality(offer: Offer, pair: Pair) -> float:
    """What a hop without a figure is taken for, see ``UNKNOWN_TO`` and ``STANDING``."""
    return UNKNOWN_TO[pair[1]] * STANDING.get(offer.engine, _STANDING_OF_OTHERS)


def _follow(rule: Rule, offers: Offers, table: RoutingTable) -> RatedRoute | None:
    """The rule's route, if everything that it names is there now."""
    if rule.engine is None or rule.hops is None:
        return None
    names = split_engines(rule.engine, rule.hops)
    if names is None:
        return None
    chosen = []
    for name, pair in zip(names, pairwise(rule.hops), strict=True):
        offer = next((offer for offer in offers.get(pair, ()) if offer.engine == name), None)
        if offer is None:
            return None
        chosen.append(offer)
    return _rate(rule.hops, chosen, table)


def _list_choices(hops: Hops, offers: Offers) -> list[Sequence[Offer]] | None:
    """For every hop the engines that may do it, or None if there is a hop that nobody does."""
    choices: list[Sequence[Offer]] = []
    for pair in pairwise(hops):
        found = [offer for offer in offers.get(pair, ()) if (offer.engine == OPENCC) == is_conversion(pair)]
        if not found:
            return None
        choices.append(found)
    return choices


def _rate(hops: Hops, chosen: Sequence[Offer], table: RoutingTable) -> RatedRoute:
    route = Route(hops, join_engines([offer.engine for offer in chosen]))
    models = [(offer, pair) for offer, pair in zip(chosen, pairwise(hops), strict=True) if not is_conversion(pair)]
    figures = [find_quality(offer, pair, table) for offer, pair in models]
    qualities = [
        guess_quality(offer, pair) if figure is None else figure
        for figure, (offer, pair) in zip(figures, models, strict=True)
    ]
    # Rounded, so that equal ways stay equal in whichever order their hops are multiplied.
    estimate = round(100 * prod(quality / 100 for quality in qualities), 9)
    return RatedRoute(route, estimate, figures.count(None))


def _list_ways(source: LanguageTag, target: LanguageTag) -> Iterator[Hops]:
    """Every way that could make sense, some of them twice; none from a language to itself, none with "not sure"."""
    if source == target or not (source.is_known and target.is_known):
        return
    for start in _list_ends(source):
        for end in _list_ends(target):
            for middle in ((), (PIVOT,)):
                # Stops that fall together (no change of script, a pivot that is an end) are one stop.
                way = tuple(dict.fromkeys((source, start, *middle, end, target)))
                if way[-1] == target:
                    yield way


def _list_ends(tag: LanguageTag) -> tuple[LanguageTag, ...]:
    return (tag, _OTHER_SCRIPT[tag]) if tag in _OTHER_SCRIPT else (tag,)


def _count_losses(hops: Hops) -> tuple[int, int]:
    conversions = sum(map(is_conversion, pairwise(hops)))
    return len(hops) - 1 - conversions, len(hops) - 1


def _to_traditional(tag: LanguageTag) -> LanguageTag:
    return LanguageTag.ZH_HANT if tag is LanguageTag.ZH_HANS else tag


def _cut_returns(hops: Hops) -> Hops:
    """Without going to the other script and back: ``…, en, zh-Hans, zh-Hant, zh-Hans`` is ``…, en, zh-Hans``."""
    kept: list[LanguageTag] = []
    for tag in hops:
        if len(kept) > 1 and tag == kept[-2] and is_conversion((kept[-2], kept[-1])):
            kept.pop()
        else:
            kept.append(tag)
    return tuple(kept)
