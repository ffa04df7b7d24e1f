"""What the whole job (claim, pipeline, gate, write) costs beyond the engine: sentences/s of both, and their ratio."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from app.core.clock import utc_now
from app.core.db import Database
from app.core.logging import configure_logging
from app.core.outbox import Subscribers
from benchmarks.harness import Figure, Report, create_database, name_database
from benchmarks.models import PAIR, SOURCE, TARGET, Model, learn, open_small, open_usual
from tests.models.corpus import draw_held_out
from translation.engines.base import Engine
from translation.engines.registry import EngineRegistry
from translation.models import PUBLIC_SCOPE, EngineSet
from translation.service.sources import add_source_text, request_translations
from translation.tasks import run_translations

ROUNDS: Final = 3
#: Posts a round, and sentences a post. The second model is some 30 times slower.
SMALL_SIZES: Final = ((320, 1), (80, 4))
USUAL_SIZES: Final = ((128, 1), (32, 4))


@dataclass
class _Spent:
    """What a way has taken so far: seconds, and seconds of this process's processors."""

    seconds: float = 0.0
    cpu: float = 0.0


def measure() -> Report:
    configure_logging(log_format="console", level="WARNING")
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="qiao-bench-") as name, create_database(folder=Path(name)) as url:
        database = Database(url, session_info={"subscribers": Subscribers()})
        with open_usual() as model:
            for posts, sentences in USUAL_SIZES:
                figures += _compare(database, model, posts=posts, sentences=sentences)
            length = model.length
        with open_small() as model:
            for posts, sentences in SMALL_SIZES:
                figures += _compare(database, model, posts=posts, sentences=sentences)
        database.dispose()
    return Report(
        "translation",
        [
            f"{SOURCE} to {TARGET}, {ROUNDS} rounds of other texts, each way in turn; {name_database(url)}",
            "bare: SentencePiece and one greedy `translate_batch` of CTranslate2 for all sentences of a round",
            f"the model of the usual size is made of random numbers and stops after {length} pieces, the average of the"
            " test sentences: its cost is real, and its output is replaced by the corpus's",
            "the small test model is no measure of the budget: no database keeps up with half a millisecond a sentence;"
            " it shows what the job itself costs",
        ],
        figures,
    )


def _compare(database: Database, model: Model, *, posts: int, sentences: int) -> Sequence[Figure]:
    ways: dict[str, Callable[[Sequence[str]], object]] = {
        "bare engine": model.translate_bare,
        "its adapter": lambda texts: model.engine.translate(texts, pair=PAIR),
        "whole job": lambda texts: run_job(database, model.engine, len(texts) // sentences),
    }
    spent = {way: _Spent() for way in ways}
    for number in range(ROUNDS + 1):
        # Every round has texts of its own, so that nothing is remembered.
        rows = draw_held_out(10 * sentences + number, posts * sentences)
        texts = [row[SOURCE.value] for row in rows]
        learn(model, rows)
        ask_for(database, [" ".join(texts[start : start + sentences]) for start in range(0, len(texts), sentences)])
        for way, run in ways.items():
            started, used = time.perf_counter(), read_cpu()
            run(texts)
            if number:  # the first round warms up
                spent[way].seconds += time.perf_counter() - started
                spent[way].cpu += read_cpu() - used
    count = posts * sentences * ROUNDS
    bare, job = spent["bare engine"], spent["whole job"]
    label = f"{model.name}, {sentences} sentence{'s' if sentences > 1 else ''} a post"
    return [
        *(Figure(f"{label}: {way}", f"{count / each.seconds:.0f} sentences/s") for way, each in spent.items()),
        Figure(f"{label}: job to bare engine", f"{bare.seconds / job.seconds:.2f}×", "≥ 0.8×" if model.length else ""),
        Figure(f"{label}: the same by processor time", f"{bare.cpu / job.cpu:.2f}×"),
    ]


def read_cpu() -> float:
    """Seconds of processor time, user's and system's, that this process has used, all its threads together."""
    times = os.times()
    return times.user + times.system


def ask_for(database: Database, texts: Sequence[str]) -> None:
    """Store the texts as those of posts, each with its translation pending."""
    now = utc_now()
    with database.transaction() as session:
        sources = [
            add_source_text(
                session,
                text=text,
                declared=SOURCE,
                prior={},
                scope=PUBLIC_SCOPE,
                engine_set=EngineSet.INSTALLED,
                now=now,
            )
            for text in texts
        ]
        request_translations(session, sources=sources, targets=[TARGET], now=now)


def run_job(database: Database, engine: Engine, posts: int) -> None:
    """Translate what is pending. Raises RuntimeError unless that is ``posts`` texts."""
    taken = run_translations(
        database,
        {EngineSet.INSTALLED: EngineRegistry([engine])},
        clock=utc_now,
        lease=timedelta(seconds=60),
        off_loop=lambda function: function(),
        lock=lambda _session, _ids: None,
    )
    if taken != posts:
        raise RuntimeError(f"{taken} of {posts} were translated")
