"""The engines of one installation: which way a text takes through them, and taking it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from typing import Protocol, runtime_checkable

import structlog

from translation.engines.base import (
    NO_HINTS,
    Capabilities,
    Engine,
    EngineError,
    EngineOutput,
    Hints,
    Pair,
    RouteMissingError,
)
from translation.engines.opencc import OPENCC
from translation.engines.routing import (
    EMPTY,
    Choice,
    Offer,
    Offers,
    RoutingTable,
    Rule,
    Why,
    choose_route,
    list_stops,
    split_engines,
)
from translation.languages import READING_LANGUAGES, LanguageTag
from translation.results import Route

log = structlog.get_logger(__name__)


@runtime_checkable
class NamesModels(Protocol):
    """An engine whose models are so different that each has figures of its own."""

    def name_model(self, pair: Pair) -> str:
        """The model that does the hop now, for example ``nllb-200-600m``; empty if none does."""


class EngineRegistry:
    """Routes over some engines; of equally good ones the first named is preferred. What they offer may change at any
    time. ``routing`` gives the routing table of the moment; it must be quick and must not fail."""

    def __init__(self, engines: Sequence[Engine], *, routing: Callable[[], RoutingTable] = lambda: EMPTY) -> None:
        self._engines = tuple(engines)
        self._routing = routing
        self._reported: set[tuple[Pair, Rule]] = set()

    @property
    def engines(self) -> tuple[Engine, ...]:
        return self._engines

    @property
    def table(self) -> RoutingTable:
        """The routing table of the moment."""
        return self._routing()

    def list_pairs(self) -> frozenset[Pair]:
        """Every hop that some engine offers now, changes of Chinese script left out: they need no model."""
        offers = self.list_offers()
        return frozenset(pair for pair, offered in offers.items() if any(offer.engine != OPENCC for offer in offered))

    def list_offers(self, among: Collection[LanguageTag] = READING_LANGUAGES) -> Offers:
        """Who does each hop between these languages now, in the order of the engines. An engine that cannot say offers
        nothing."""
        offers: dict[Pair, list[Offer]] = {}
        for engine in self._engines:
            try:
                pairs = engine.list_pairs()
            except EngineError as error:
                log.warning("engine.cannot_list", engine=engine.name, code=error.code)
                continue
            for pair in pairs:
                if pair[0] in among and pair[1] in among:
                    offers.setdefault(pair, []).append(Offer(engine.name, _name_model(engine, pair)))
        return offers

    def choose_route(self, source: LanguageTag, target: LanguageTag) -> Choice:
        """The way that the pair takes now, why, and what else there is."""
        table = self.table
        offers = self.list_offers(list_stops(source, target, table))
        return choose_route(source, target, offers=offers, table=table)

    def find_route(self, source: LanguageTag, target: LanguageTag) -> Route | None:
        """The way that the pair takes now, or None where people are asked. A rule that cannot be followed is logged."""
        choice = self.choose_route(source, target)
        if choice.rule is not None and choice.why in {Why.FALLBACK, Why.NO_ENGINE}:
            self._report(choice.rule, (source, target), choice.route)
        return choice.route

    def is_available(self, source: LanguageTag, target: LanguageTag) -> bool:
        return self.find_route(source, target) is not None

    def run_route(self, route: Route, texts: Sequence[str], hints: Hints = NO_HINTS) -> list[EngineOutput]:
        """Take every text along the route, hop by hop; same length and order. Blocks, see :class:`ArgosEngine`.

        Only engines that use hints get them: the context always, the terms only where one hop is the whole way, because
        they are pairs of the route's two languages. A text's score is that of its worst hop: a chain is as good as its
        weakest link. Raises :class:`EngineError`, of which :class:`RouteMissingError` if a hop is no longer there,
        :class:`ModelBrokenError` if it cannot be used.
        """
        outputs = [EngineOutput(text) for text in texts]
        hints_of_hop = hints if len(route.hops) == 2 else Hints(context=hints.context)
        for engine, pair in self._list_hops(route):
            given = [output.text for output in outputs]
            if engine.capabilities.uses_hints:
                done = engine.translate(given, pair=pair, hints=hints_of_hop)
            else:
                done = engine.translate(given, pair=pair)
            if len(done) != len(outputs):
                raise EngineError(engine=engine.name, source=pair[0], target=pair[1])
            outputs = [
                EngineOutput(new.text, _worst(old.score, new.score)) for old, new in zip(outputs, done, strict=True)
            ]
        return outputs

    def translate_between(
        self, source: LanguageTag, target: LanguageTag, texts: Sequence[str]
    ) -> list[EngineOutput] | None:
        """The texts over the way that the pair takes now; None where people are asked. Otherwise as ``run_route``."""
        route = self.find_route(source, target)
        return self.run_route(route, texts) if route is not None else None

    def describe_version(self, route: Route) -> str:
        """Versions of the hops' models, ``>`` between them. Blocks the first time. Raises as ``run_route``."""
        return ">".join(engine.describe_version(pair) for engine, pair in self._list_hops(route))

    def get_capabilities(self, route: Route) -> Capabilities:
        """What a caller may rely on along the whole route: the least of its hops; hints and scores if any hop has them.
        Raises :class:`RouteMissingError`."""
        hops = [engine.capabilities for engine, _pair in self._list_hops(route)]
        return Capabilities(
            batch_size=min(each.batch_size for each in hops),
            window=min(each.window for each in hops),
            gives_scores=any(each.gives_scores for each in hops),
            needs_network=any(each.needs_network for each in hops),
            keeps_placeholders=all(each.keeps_placeholders for each in hops),
            uses_hints=any(each.uses_hints for each in hops),
        )

    def get_window(self, route: Route) -> int:
        """Longest text in characters that every hop's engine takes without loss. Raises :class:`RouteMissingError`."""
        return self.get_capabilities(route).window

    def get_batch_size(self, route: Route) -> int:
        """Texts per call that every hop's engine digests best. Raises :class:`RouteMissingError`."""
        return self.get_capabilities(route).batch_size

    def _list_hops(self, route: Route) -> list[tuple[Engine, Pair]]:
        """The route's hops with the engines that it names. Raises :class:`RouteMissingError` before anything is run."""
        names = split_engines(route.engine, route.hops)
        if names is None:
            raise RouteMissingError(engine=route.engine, source=route.source, target=route.target)
        return [(self._get_engine(name, pair), pair) for name, pair in zip(names, pairwise(route.hops), strict=True)]

    def _get_engine(self, name: str, pair: Pair) -> Engine:
        for engine in self._engines:
            if engine.name == name and pair in engine.list_pairs():
                return engine
        raise RouteMissingError(engine=name, source=pair[0], target=pair[1])

    def _report(self, rule: Rule, pair: Pair, instead: Route | None) -> None:
        """Once a rule and process: the same would be said for every batch."""
        if (pair, rule) in self._reported:
            return
        self._reported.add((pair, rule))
        log.warning(
            "routing.rule_not_followed",
            pair=">".join(pair),
            engine=rule.engine,
            hops=">".join(rule.hops or ()),
            instead=str(instead) if instead else None,
        )


def _name_model(engine: Engine, pair: Pair) -> str:
    return engine.name_model(pair) if isinstance(engine, NamesModels) else ""


def _worst(one: float | None, other: float | None) -> float | None:
    scores = [score for score in (one, other) if score is not None]
    return min(scores, default=None)
