"""How long the author of a single message waits for its translation when nothing else is to do."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.core.clock import utc_now
from app.core.db import Database
from app.core.logging import configure_logging
from app.core.settings import Settings
from app.factory import create_edges
from app.runtime import Runtime, create_runtime
from app.subscribers import SUBSCRIBERS
from app.worker import register_jobs, start_worker
from benchmarks.harness import Figure, Report, create_database, describe_seconds, name_database
from benchmarks.models import SOURCE, Model, learn, open_small, open_usual
from benchmarks.translation import ask_for
from tests.models.corpus import draw_held_out
from translation.engines.registry import EngineRegistry
from translation.models import EngineSet, SourceText, Translation, TranslationState

#: Messages for the small model and for that of the usual size.
SMALL_MESSAGES, USUAL_MESSAGES = 40, 15
#: Between two messages, so that each comes upon an idle worker.
PAUSE_SECONDS: Final = 0.3
_PATIENCE: Final = 30.0


def measure() -> Report:
    configure_logging(log_format="console", level="WARNING")
    with TemporaryDirectory(prefix="qiao-bench-") as name, create_database(folder=Path(name)) as url:
        with open_usual() as model:
            figures = _measure_model(Path(name), url, model, USUAL_MESSAGES, "≤ 1.3×")
        with open_small() as model:
            figures += _measure_model(Path(name), url, model, SMALL_MESSAGES, "")
    return Report(
        "latency",
        [
            "from the commit of a message that asks for its translation, through outbox, job and gate, until the"
            f" translation can be read; the worker in this process, idle before; {name_database(url)}",
            f"{USUAL_MESSAGES} and {SMALL_MESSAGES} messages of one sentence, {PAUSE_SECONDS} s apart; each sentence"
            " also by the bare engine, in turn; the ratio is of the medians",
            "the model of the usual size is made of random numbers: its cost is real, its output is replaced",
        ],
        figures,
    )


def _measure_model(folder: Path, url: str, model: Model, messages: int, budget: str) -> list[Figure]:
    rows = draw_held_out(41, messages + 1)
    learn(model, rows)
    bare: list[float] = []
    whole: list[float] = []
    with _running(folder, url, model) as runtime, _watching() as committed:
        for number, row in enumerate(rows):
            text = row[SOURCE.value]
            time.sleep(PAUSE_SECONDS)
            started = time.perf_counter()
            model.translate_bare([text])
            took = time.perf_counter() - started
            time.sleep(PAUSE_SECONDS)
            waited = _post_and_wait(runtime.db, text, committed)
            if number:  # the first warms up
                bare.append(took)
                whole.append(waited)
    added = statistics.median(whole) - statistics.median(bare)
    return [
        Figure(f"{model.name}: bare engine", describe_seconds(bare, 50, 95)),
        Figure(f"{model.name}: commit to translation", describe_seconds(whole, 50, 95)),
        Figure(f"{model.name}: ratio", f"{statistics.median(whole) / statistics.median(bare):.2f}×", budget),
        Figure(f"{model.name}: added to the engine", f"{1000 * added:.1f} ms"),
    ]


@contextmanager
def _running(folder: Path, url: str, model: Model) -> Iterator[Runtime]:
    """An application with its worker, which knows this one engine."""
    settings = Settings.from_env({}, data_dir=folder, database_url=url, secret_key="b" * 40)
    runtime = create_runtime(settings, subscribers=SUBSCRIBERS, clock=utc_now)
    engines = {EngineSet.INSTALLED: EngineRegistry([model.engine]), EngineSet.DEMO: EngineRegistry([])}
    runtime = replace(runtime, engines=engines)
    register_jobs(runtime, create_edges(runtime, socketio=None))
    start_worker(runtime)
    try:
        yield runtime
    finally:
        runtime.jobs.stop()
        runtime.db.dispose()


@contextmanager
def _watching() -> Iterator[threading.Event]:
    """Set after every commit of this process, so that nobody polls while the worker works."""
    committed = threading.Event()

    def note(_session: Session) -> None:
        committed.set()

    event.listen(Session, "after_commit", note)
    try:
        yield committed
    finally:
        event.remove(Session, "after_commit", note)


def _post_and_wait(database: Database, text: str, committed: threading.Event) -> float:
    """Seconds from the commit to the translation. Raises RuntimeError if none comes."""
    ask_for(database, [text])
    started = time.perf_counter()
    state = (
        select(Translation.state)
        .join(SourceText, SourceText.id == Translation.source_text_id)
        .where(SourceText.text == text)
        .order_by(Translation.id.desc())
        .limit(1)
    )
    while time.perf_counter() - started < _PATIENCE:
        committed.wait(1)
        committed.clear()
        with database.reading() as session:
            if session.scalar(state) is not TranslationState.PENDING:
                return time.perf_counter() - started
    raise RuntimeError("no translation came")
