"""``qiao models rerun``: machine text made anew with the engines that are there now."""

from __future__ import annotations

from typing import Final

import click

from app.commands.common import fail, load_runtime, tell
from app.commands.languages import LANGUAGE
from app.commands.models.common import describe_error
from app.core.errors import QiaoError
from app.runtime import Runtime
from translation.engines.base import Pair
from translation.engines.registry import EngineRegistry
from translation.languages import LanguageTag
from translation.models import EngineSet
from translation.routing.queries import ALL_PAIRS
from translation.service.again import request_again
from translation.service.bridges import BRIDGE

_AT_ONCE: Final = 200


@click.command()
@click.argument("source", type=LANGUAGE, required=False)
@click.argument("target", type=LANGUAGE, required=False)
def rerun(source: LanguageTag | None, target: LanguageTag | None) -> None:
    """Have machine text that other models made done again, for one pair or for all. Readers go on seeing the old text
    until the new one is there; what people wrote or confirmed is never touched."""
    if (source is None) != (target is None):
        raise click.UsageError("Name both languages, or neither.")
    runtime = load_runtime()
    pairs = [(source, target)] if source is not None and target is not None else list(ALL_PAIRS)
    registry = runtime.engines[EngineSet.INSTALLED]
    total = 0
    for pair in pairs:
        try:
            present = find_present(registry, pair)
        except QiaoError as error:
            fail(describe_error(error))
        count = _request(runtime, pair, present) if present else 0
        total += count
        if count:
            tell(f"{pair[0]} > {pair[1]}: {count} texts go back into the queue.")
    tell(f"{total} texts will be translated again by a running worker.")


def find_present(registry: EngineRegistry, pair: Pair) -> set[tuple[str, str]]:
    """Engine and model version of the ways that the pair takes now: its own, and that from English for texts whose
    English a person has written. Empty where people are asked. Blocks."""
    routes = [registry.find_route(*pair)]
    if BRIDGE not in pair:
        routes.append(registry.find_route(BRIDGE, pair[1]))
    return {(route.engine, registry.describe_version(route)) for route in routes if route is not None}


def _request(runtime: Runtime, pair: Pair, present: set[tuple[str, str]]) -> int:
    """In small transactions, so that people can go on writing."""
    count, after = 0, 0
    while True:
        with runtime.db.transaction() as session:
            ids = request_again(
                session,
                source=pair[0],
                target=pair[1],
                present=present,
                now=runtime.clock(),
                limit=_AT_ONCE,
                after=after,
            )
        if not ids:
            return count
        count, after = count + len(ids), ids[-1]
