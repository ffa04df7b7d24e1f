"""``qiao models benchmark``: how fast a way is on this machine, and how good on the operator's own sentences."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from app.commands.common import fail, load_settings, tell
from app.commands.languages import LANGUAGE
from app.commands.models.common import describe_error, make_registry, require_database
from app.commands.models.samples import SAMPLES
from app.core.clock import utc_now
from app.core.errors import QiaoError
from translation.engines.base import Pair
from translation.engines.registry import EngineRegistry
from translation.engines.routing import is_conversion
from translation.languages import LanguageTag
from translation.results import Route
from translation.routing.service import record_measurement

_MOST_PAIRS: Final = 10_000
_MOST_BYTES: Final = 20_000_000
#: Fewer sentences are a matter of luck: chrF2 of so many moves by some two points from sample to sample.
_LEAST_TO_SAVE: Final = 100
#: Repetitions of the built-in sentences, so that batches are full.
_REPEATS: Final = 8


@dataclass(frozen=True)
class Measurement:
    """``seconds`` are of all texts, the model being loaded; ``chrf2`` is None without references."""

    route: Route
    texts: int
    seconds: float
    chrf2: float | None
    signature: str
    version: str


@click.command()
@click.option("--from", "source", type=LANGUAGE, required=True)
@click.option("--to", "target", type=LANGUAGE, required=True)
@click.option("--engine", help="This engine instead of the route that the pair takes.")
@click.option(
    "--pairs-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Sentences and their translations by people, a line each: source TAB reference. Without it: speed alone.",
)
@click.option("--save", is_flag=True, help="Record the quality in the routing table; needs 100 pairs and one hop.")
def benchmark(
    source: LanguageTag, target: LanguageTag, engine: str | None, pairs_file: Path | None, save: bool
) -> None:
    """Measure sentences a second (in batches, model loaded) and chrF2 against references."""
    if source == target:
        raise click.UsageError("name two languages")
    if save and pairs_file is None:
        raise click.UsageError("--save needs --pairs-file")
    texts, references = _read_pairs(pairs_file) if pairs_file else (list(SAMPLES[source]) * _REPEATS, [])
    if save and len(texts) < _LEAST_TO_SAVE:
        raise click.UsageError(f"--save needs {_LEAST_TO_SAVE} pairs or more; the file has {len(texts)}")
    settings = load_settings()
    registry = make_registry(settings)
    route = _choose(registry, (source, target), engine)
    if save and (len(route.hops) != 2 or is_conversion((source, target))):
        fail(f"Not saved: {route} has more than one hop. Measure each hop on its own.")
    database = require_database(settings) if save else None
    try:
        measured = measure_route(registry, route, texts, references)
    except QiaoError as error:
        fail(f"Not measured: {describe_error(error)}")
    _show(measured)
    if database is not None and measured.chrf2 is not None and pairs_file is not None:
        offer = next(offer for offer in registry.list_offers()[source, target] if offer.engine == route.engine)
        with database.transaction() as session:
            record_measurement(
                session,
                name=offer.figure,
                pair=(source, target),
                value=round(measured.chrf2, 2),
                citation=f"measured here on {measured.texts} pairs of {pairs_file.name}, "
                f"version {measured.version}, {measured.signature}",
                now=utc_now(),
            )
        tell(f"Saved as the quality of {offer.figure} for {source}>{target}.")


def measure_route(
    registry: EngineRegistry, route: Route, texts: Sequence[str], references: Sequence[str]
) -> Measurement:
    """Translate all texts in batches. Raises :class:`~translation.engines.base.EngineError`. Blocks."""
    size = registry.get_batch_size(route)
    registry.run_route(route, texts[:1])  # loads the models
    version = registry.describe_version(route)
    outputs: list[str] = []
    start = time.perf_counter()
    for first in range(0, len(texts), size):
        outputs += [output.text for output in registry.run_route(route, texts[first : first + size])]
    seconds = time.perf_counter() - start
    if not references:
        return Measurement(route, len(texts), seconds, None, "", version)
    # Takes half a second to import, which the other commands need not wait for.
    from sacrebleu.metrics import CHRF

    metric = CHRF()
    score = metric.corpus_score(outputs, [list(references)])
    return Measurement(route, len(texts), seconds, float(score.score), str(metric.get_signature()), version)


def _choose(registry: EngineRegistry, pair: Pair, engine: str | None) -> Route:
    """The pair's route; with ``engine``, the best that is this engine's alone or named so."""
    choice = registry.choose_route(*pair)
    rated = [each.route for each in (choice.best, *choice.alternatives) if each is not None]
    routes = [route for route in rated if engine in {None, route.engine}]
    if not routes:
        fail(f"Nothing to measure: no {engine or 'engine'} translates {pair[0]} to {pair[1]} now.")
    # One hop where there is one: that is what --save records.
    return routes[0] if engine is None else min(routes, key=lambda route: len(route.hops))


def _read_pairs(path: Path) -> tuple[list[str], list[str]]:
    if path.stat().st_size > _MOST_BYTES:
        raise click.UsageError(f"{path} has more than {_MOST_BYTES // 1_000_000} MB")
    texts, references = [], []
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise click.UsageError(f"{path} is not UTF-8") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        text, separator, reference = line.rstrip("\r").partition("\t")
        if not separator or not text.strip() or not reference.strip():
            raise click.UsageError(f"{path}, line {number}: not source TAB reference")
        texts.append(text)
        references.append(reference)
    if not 0 < len(texts) <= _MOST_PAIRS:
        raise click.UsageError(f"{path} has {len(texts)} pairs; 1 to {_MOST_PAIRS} are possible")
    return texts, references


def _show(measured: Measurement) -> None:
    click.echo(f"route      {measured.route} by {measured.route.engine}, version {measured.version}")
    click.echo(f"sentences  {measured.texts}")
    click.echo(f"speed      {measured.texts / max(measured.seconds, 1e-9):.1f} sentences a second")
    if measured.chrf2 is not None:
        click.echo(f"chrF2      {measured.chrf2:.2f} ({measured.signature})")
