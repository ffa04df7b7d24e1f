"""Which way a text takes: over one hop, through English, or with a change of Chinese script at an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from translation.engines.base import Engine, EngineError, EngineOutput, Pair, RouteMissingError
from translation.engines.opencc import OPENCC
from translation.languages import LanguageTag
from translation.results import Route

PIVOT: Final = LanguageTag.EN
_OTHER_SCRIPT: Final = {
    LanguageTag.ZH_HANT: LanguageTag.ZH_HANS,
    LanguageTag.ZH_HANS: LanguageTag.ZH_HANT,
}


class EngineRegistry:
    """Routes over some engines; those named first are preferred. What they offer may change at any time."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self._engines = tuple(engines)

    def list_pairs(self) -> frozenset[Pair]:
        """Every hop that some engine offers now, changes of Chinese script left out: they need no model."""
        offered = {pair for engine in self._engines if engine.name != OPENCC for pair in engine.list_pairs()}
        return frozenset(offered)

    def find_route(self, source: LanguageTag, target: LanguageTag) -> Route | None:
        """The best route now, or None: fewest hops by a model first (each loses something), then fewest hops at all.

        ``engine`` is the name of the engine of the route's model hops; two are joined by ``+``, in the hops' order.
        """
        offered: dict[Pair, str] = {}
        for engine in self._engines:
            for pair in engine.list_pairs():
                offered.setdefault(pair, engine.name)
        routes = [
            _make_route(hops, offered)
            for hops in _list_ways(source, target)
            if all(pair in offered for pair in pairwise(hops))
        ]
        return min(routes, key=_count_losses, default=None)

    def is_available(self, source: LanguageTag, target: LanguageTag) -> bool:
        return self.find_route(source, target) is not None

    def run_route(self, route: Route, texts: Sequence[str]) -> list[EngineOutput]:
        """Take every text along the route, hop by hop; same length and order. Blocks, see :class:`ArgosEngine`.

        A text's score is that of its worst hop: a chain is as good as its weakest link. Raises :class:`EngineError`, of
        which :class:`RouteMissingError` if a hop is no longer there, :class:`ModelBrokenError` if it cannot be used.
        """
        outputs = [EngineOutput(text) for text in texts]
        for pair in pairwise(route.hops):
            engine = self._get_engine(route, pair)
            done = engine.translate([output.text for output in outputs], pair=pair)
            if len(done) != len(outputs):
                raise EngineError(engine=engine.name, source=pair[0], target=pair[1])
            outputs = [
                EngineOutput(new.text, _worst(old.score, new.score)) for old, new in zip(outputs, done, strict=True)
            ]
        return outputs

    def describe_version(self, route: Route) -> str:
        """Versions of the hops' models, ``>`` between them. Blocks the first time. Raises as ``run_route``."""
        return ">".join(self._get_engine(route, pair).describe_version(pair) for pair in pairwise(route.hops))

    def get_window(self, route: Route) -> int:
        """Longest text in characters that every hop's engine takes without loss. Raises :class:`RouteMissingError`."""
        return min(self._get_engine(route, pair).capabilities.window for pair in pairwise(route.hops))

    def get_batch_size(self, route: Route) -> int:
        """Texts per call that every hop's engine digests best. Raises :class:`RouteMissingError`."""
        return min(self._get_engine(route, pair).capabilities.batch_size for pair in pairwise(route.hops))

    def _get_engine(self, route: Route, pair: Pair) -> Engine:
        names = {*route.engine.split("+"), OPENCC}
        for engine in self._engines:
            if engine.name in names and pair in engine.list_pairs():
                return engine
        raise RouteMissingError(engine=route.engine, source=pair[0], target=pair[1])


def _list_ways(source: LanguageTag, target: LanguageTag) -> Iterator[tuple[LanguageTag, ...]]:
    """Every way that could make sense, at most three hops, some of them twice; none from a language to itself."""
    if source == target:
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


def _make_route(hops: tuple[LanguageTag, ...], offered: Mapping[Pair, str]) -> Route:
    names = dict.fromkeys(name for pair in pairwise(hops) if (name := offered[pair]) != OPENCC)
    return Route(hops=hops, engine="+".join(names) or OPENCC)


def _count_losses(route: Route) -> tuple[int, int]:
    conversions = sum(_OTHER_SCRIPT.get(source) == target for source, target in pairwise(route.hops))
    hops = len(route.hops) - 1
    return hops - conversions, hops


def _worst(one: float | None, other: float | None) -> float | None:
    scores = [score for score in (one, other) if score is not None]
    return min(scores, default=None)
