"""Readers of the routing table: for the engines, and for operators who ask why a pair is translated as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations

from sqlalchemy import select
from sqlalchemy.orm import Session

from translation.engines.base import Pair
from translation.engines.registry import EngineRegistry
from translation.engines.routing import Choice, Offers, RoutingTable, Rule, choose_route
from translation.languages import LANGUAGES, LanguageTag, find_language_tag
from translation.routing.models import HopQuality, RoutingRule

#: Every ordered pair of the six languages, in the order in which they are offered.
ALL_PAIRS: tuple[Pair, ...] = tuple(permutations(LANGUAGES, 2))


@dataclass(frozen=True)
class PairRoute:
    """How a pair is translated now, see :class:`~translation.engines.routing.Choice`."""

    pair: Pair
    choice: Choice


@dataclass(frozen=True)
class Quality:
    """A figure of the table: chrF2, 0…100, and where it comes from."""

    name: str
    pair: Pair
    value: float
    citation: str
    is_measured: bool
    updated_at: datetime


def load_table(session: Session) -> RoutingTable:
    """The whole table, two queries. A rule that names a language Qiao no longer has is left out."""
    qualities = {
        ((row.engine, (row.source_language, row.target_language))): row.value
        for row in session.scalars(select(HopQuality))
    }
    rules: dict[Pair, Rule] = {}
    for row in session.scalars(select(RoutingRule)):
        hops = _parse_hops(row.hops)
        if row.hops is None or hops is not None:
            rules[row.source_language, row.target_language] = Rule(row.engine, hops)
    return RoutingTable(qualities, rules)


def list_qualities(session: Session) -> list[Quality]:
    """Every figure, by engine and languages."""
    rows = session.scalars(
        select(HopQuality).order_by(HopQuality.engine, HopQuality.source_language, HopQuality.target_language)
    )
    return [
        Quality(
            row.engine,
            (row.source_language, row.target_language),
            row.value,
            row.citation,
            row.is_measured,
            row.updated_at,
        )
        for row in rows
    ]


def list_routes(session: Session, registry: EngineRegistry) -> list[PairRoute]:
    """How each of the 30 pairs is translated now. Looks at every engine once; call it where that may take a moment."""
    return decide_pairs(registry.list_offers(), load_table(session))


def decide_pairs(offers: Offers, table: RoutingTable, pairs: Sequence[Pair] = ALL_PAIRS) -> list[PairRoute]:
    """The same for offers and a table that the caller has."""
    return [PairRoute(pair, choose_route(*pair, offers=offers, table=table)) for pair in pairs]


def _parse_hops(texts: Sequence[str] | None) -> tuple[LanguageTag, ...] | None:
    """None for no hops, and for hops with a tag that isn't ours."""
    tags = [find_language_tag(text) for text in texts or ()]
    return tuple(tag for tag in tags if tag is not None) if tags and all(tags) else None
