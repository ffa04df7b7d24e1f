"""What the whole job (claim, pipeline, gate, write) costs beyond the engine: sentences/s of both, and their ratio."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import ctranslate2
import sentencepiece

from app.core.clock import utc_now
from app.core.db import Database
from app.core.logging import configure_logging
from app.core.outbox import Subscribers
from benchmarks.harness import Figure, Report, create_database, name_database
from tests.models.corpus import draw_held_out
from tests.models.packages import install_tiny_models
from translation.engines.argos import ArgosEngine
from translation.engines.registry import EngineRegistry
from translation.languages import LanguageTag
from translation.models import PUBLIC_SCOPE, EngineSet
from translation.service.sources import add_source_text, request_translations
from translation.tasks import run_translations

ROUNDS = 3
#: Posts a round, and sentences a post.
SIZES = ((320, 1), (80, 4))
HOP, SOURCE, TARGET = "vi-en", LanguageTag.VI, LanguageTag.EN


def measure() -> Report:
    configure_logging(log_format="console", level="WARNING")
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="qiao-bench-") as name, create_database(folder=Path(name)) as url:
        (package,) = install_tiny_models(Path(name), [HOP])
        bare, engine = _BareEngine(package), ArgosEngine(Path(name))
        database = Database(url, session_info={"subscribers": Subscribers()})
        for posts, sentences in SIZES:
            figures += _compare(database, bare, engine, posts=posts, sentences=sentences)
        database.dispose()
    return Report(
        "translation",
        [
            f"{SOURCE} to {TARGET}, {ROUNDS} rounds of other texts, each way in turn; small test model;"
            f" {name_database(url)}",
            "bare: SentencePiece and one `translate_batch` of CTranslate2 for all sentences of a round",
            "a model of the usual size takes 20 to 30 ms a sentence; beside this one, what surrounds it weighs more",
        ],
        figures,
    )


def _compare(
    database: Database, bare: _BareEngine, engine: ArgosEngine, *, posts: int, sentences: int
) -> Sequence[Figure]:
    ways: dict[str, Callable[[Sequence[str]], object]] = {
        "bare engine": bare.translate,
        "its adapter": lambda texts: engine.translate(texts, pair=(SOURCE, TARGET)),
        "whole job": lambda texts: _run_job(database, engine, len(texts) // sentences),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(ROUNDS + 1):
        # Every round has texts of its own, so that nothing is remembered.
        texts = [row[SOURCE.value] for row in draw_held_out(10 * sentences + number, posts * sentences)]
        _ask_for(database, [" ".join(texts[start : start + sentences]) for start in range(0, len(texts), sentences)])
        for way, run in ways.items():
            started = time.perf_counter()
            run(texts)
            if number:  # the first round warms up
                seconds[way].append(time.perf_counter() - started)
    count = posts * sentences * ROUNDS
    bare_seconds, job_seconds = sum(seconds["bare engine"]), sum(seconds["whole job"])
    over = (job_seconds - bare_seconds) / count
    label = f"{sentences} sentence{'s' if sentences > 1 else ''} a post"
    return [
        *(Figure(f"{label}: {way}", f"{count / sum(took):.0f} sentences/s") for way, took in seconds.items()),
        Figure(f"{label}: job to bare engine", f"{bare_seconds / job_seconds:.2f}×", "≥ 0.8×"),
        Figure(f"{label}: beyond the engine", f"{1000 * over:.1f} ms a sentence"),
        # engine / (engine + over) = 0.8  →  engine = 4 × over
        Figure(f"{label}: 0.8× is kept by an engine of", f"{1 / (4 * over):.0f} sentences/s or fewer (computed)"),
    ]


class _BareEngine:
    """The model without anything of ours, called as the adapter calls it."""

    def __init__(self, package: Path) -> None:
        self._tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(package / "sentencepiece.model"))
        self._translator = ctranslate2.Translator(
            str(package / "model"), device="cpu", inter_threads=os.cpu_count() or 1, intra_threads=1
        )

    def translate(self, texts: Sequence[str]) -> list[str]:
        batch = [self._tokenizer.encode(text, out_type=str) for text in texts]
        results = self._translator.translate_batch(
            batch, beam_size=1, max_batch_size=32, max_decoding_length=512, replace_unknowns=True, return_scores=True
        )
        return [self._tokenizer.decode(result.hypotheses[0]) for result in results]


def _ask_for(database: Database, texts: Sequence[str]) -> None:
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


def _run_job(database: Database, engine: ArgosEngine, posts: int) -> None:
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
