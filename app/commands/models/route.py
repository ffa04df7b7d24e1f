"""``qiao models route``: which way each language pair takes, why, and deciding otherwise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import click

from app.commands.common import fail, load_settings, tell
from app.commands.languages import LANGUAGE, LANGUAGES_BY_COMMA
from app.commands.models.common import (
    describe_error,
    find_database,
    make_registry,
    require_database,
    show_table,
)
from app.core.clock import utc_now
from app.core.errors import QiaoError
from app.core.settings import Settings
from translation.engines.base import Pair
from translation.engines.routing import (
    Choice,
    Hops,
    Offer,
    Offers,
    RatedRoute,
    RoutingTable,
    Why,
    choose_route,
    find_quality,
    guess_quality,
    is_conversion,
    split_engines,
)
from translation.languages import LanguageTag
from translation.routing.published import PUBLISHED
from translation.routing.queries import PairRoute, decide_pairs, list_qualities
from translation.routing.service import clear_rule, set_rule

_WORDS = {
    Why.AUTOMATIC: "the best that is there",
    Why.RULE: "your rule",
    Why.PEOPLE: "your rule: people are asked",
    Why.FALLBACK: "your rule can't be followed now; the best that is there",
    Why.NO_ENGINE: "no engine: people are asked",
}


@click.command()
@click.argument("source", type=LANGUAGE, required=False)
@click.argument("target", type=LANGUAGE, required=False)
@click.option("--engine", help="Decide: this engine, or one for each hop as in firefox+argos.")
@click.option("--via", type=LANGUAGES_BY_COMMA, help="With --engine: the languages between, e.g. en.")
@click.option("--people", is_flag=True, help="Decide: no engine, ask people.")
@click.option("--auto", is_flag=True, help="Take the decision back.")
@click.option("--json", "as_json", is_flag=True, help="The table of all pairs as a JSON list.")
def route(
    source: LanguageTag | None,
    target: LanguageTag | None,
    engine: str | None,
    via: Hops | None,
    people: bool,
    auto: bool,
    as_json: bool,
) -> None:
    """Show which way each language pair takes; explain one pair; or decide for it.

    A decision is followed within seconds by what runs. Where its engine is not there, the best that is there is taken.
    The estimate multiplies the hops' qualities (chrF2 of 100); it orders the ways of one pair, nothing else.
    """
    decisions = [engine is not None, people, auto]
    if sum(decisions) > 1 or (via is not None and engine is None):
        raise click.UsageError("give one of --engine (with --via), --people and --auto")
    if source is None or target is None:
        if source is not None or any(decisions):
            raise click.UsageError("name both languages")
        _show_all(load_settings(), as_json=as_json)
        return
    if source == target:
        raise click.UsageError("name two languages")
    settings = load_settings()
    if any(decisions):
        _decide(settings, (source, target), engine=engine, via=via or (), auto=auto)
    _explain(settings, (source, target))


def _show_all(settings: Settings, *, as_json: bool) -> None:
    registry = make_registry(settings)
    routes = decide_pairs(registry.list_offers(), registry.table)
    if as_json:
        click.echo(json.dumps([_to_json(each) for each in routes]))
        return
    rows = [
        (
            f"{each.pair[0]} > {each.pair[1]}",
            str(each.choice.route) if each.choice.route else "people",
            each.choice.route.engine if each.choice.route else "-",
            f"{each.choice.best.estimate:.1f}" if each.choice.best else "-",
            str(len(each.choice.alternatives)),
            each.choice.why.value,
        )
        for each in routes
    ]
    show_table(("PAIR", "ROUTE", "ENGINE", "ESTIMATE", "OTHERS", "WHY"), rows)


def _to_json(each: PairRoute) -> dict[str, Any]:
    return {
        "source": each.pair[0].value,
        "target": each.pair[1].value,
        "why": each.choice.why.value,
        "best": _rated_to_json(each.choice.best) if each.choice.best else None,
        "alternatives": [_rated_to_json(other) for other in each.choice.alternatives],
    }


def _rated_to_json(rated: RatedRoute) -> dict[str, Any]:
    return {
        "hops": [hop.value for hop in rated.route.hops],
        "engine": rated.route.engine,
        "estimate": round(rated.estimate, 2),
        "unknown_hops": rated.unknown_hops,
    }


def _decide(settings: Settings, pair: Pair, *, engine: str | None, via: Hops, auto: bool) -> None:
    database = require_database(settings)
    hops = _find_hops(settings, pair, engine, via) if engine is not None else None
    try:
        with database.transaction() as session:
            if auto:
                clear_rule(session, pair=pair)
            else:
                set_rule(session, pair=pair, engine=engine, hops=hops, actor_id=None, now=utc_now())
    except QiaoError as error:
        fail(f"Not decided: {describe_error(error)}")


def _find_hops(settings: Settings, pair: Pair, engine: str, via: Hops) -> Hops:
    """The hops that are meant: of the ways that are there now the best that fits, changes of Chinese script filled in;
    where there is none, exactly what was said."""
    choice = make_registry(settings).choose_route(*pair)
    there = [each.route for each in (choice.best, *choice.alternatives) if each is not None]
    said = (pair[0], *via, pair[1])
    fitting = [
        route.hops for route in there if route.engine == engine and (not via or said in {route.hops, _trim(route.hops)})
    ]
    if not fitting:
        tell(f"{engine} does not go this way now; until it does, the best that is there is taken.")
    return said if said in fitting else next(iter(fitting), said)


def _trim(hops: Hops) -> Hops:
    """Without the changes of script at the ends, which nobody need say: vi,en,zh-Hans,zh-Hant is vi,en,zh-Hant."""
    if len(hops) > 2 and is_conversion((hops[0], hops[1])):
        hops = (hops[0], *hops[2:])
    if len(hops) > 2 and is_conversion((hops[-2], hops[-1])):
        hops = (*hops[:-2], hops[-1])
    return hops


def _explain(settings: Settings, pair: Pair) -> None:
    registry = make_registry(settings)
    offers, table = registry.list_offers(), registry.table
    choice = choose_route(*pair, offers=offers, table=table)
    shown = str(choice.route) + f" by {choice.route.engine}" if choice.route else "people"
    click.echo(f"{pair[0]} > {pair[1]}: {shown} ({_WORDS[choice.why]})")
    if choice.rule is not None and not choice.rule.asks_people:
        click.echo(f"decided: {'>'.join(choice.rule.hops or ())} by {choice.rule.engine}")
    rated = [each for each in (choice.best, *choice.alternatives) if each is not None]
    _show_ways(rated, choice, offers, table, _load_citations(settings))


def _show_ways(
    rated: Sequence[RatedRoute],
    choice: Choice,
    offers: Offers,
    table: RoutingTable,
    citations: dict[tuple[str, Pair], str],
) -> None:
    for each in rated:
        mark = "*" if choice.best is each else " "
        click.echo(f"{mark} {each.estimate:5.1f}  {each.route} by {each.route.engine}")
        names = split_engines(each.route.engine, each.route.hops) or ()
        for hop, name in zip(pairwise(each.route.hops), names, strict=True):
            if is_conversion(hop):
                continue
            offer = next(offer for offer in offers[hop] if offer.engine == name)
            click.echo(f"           {hop[0]}>{hop[1]}: {_describe_figure(offer, hop, table, citations)}")


def _describe_figure(offer: Offer, hop: Pair, table: RoutingTable, citations: dict[tuple[str, Pair], str]) -> str:
    figure = find_quality(offer, hop, table)
    if figure is None:
        return f"{offer.figure}, no figure known, taken for {guess_quality(offer, hop):.1f}"
    cited = citations.get((offer.figure, hop)) or citations.get((offer.engine, hop), "")
    return f"{offer.figure} {figure:.1f} ({cited})"


def _load_citations(settings: Settings) -> dict[tuple[str, Pair], str]:
    database = find_database(settings)
    if database is None:
        return {(each.name, each.pair): each.citation for each in PUBLISHED}
    with database.reading() as session:
        return {(each.name, each.pair): each.citation for each in list_qualities(session)}
