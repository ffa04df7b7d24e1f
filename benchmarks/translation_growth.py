"""What a message costs as the table grows to a million translations: asking, claiming, writing, reading a page."""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import BigInteger, String, cast, func, insert, literal, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from app.core.clock import utc_now
from app.core.db import Base, Database
from app.core.logging import configure_logging
from app.core.outbox import Subscribers
from app.core.schema import upgrade_schema
from benchmarks.harness import Figure, Report, create_database, name_database
from benchmarks.models import SOURCE, TARGET, Model, open_small
from benchmarks.translation import ask_for
from tests.models.corpus import draw_held_out
from translation.engines.registry import EngineRegistry
from translation.models import (
    PUBLIC_SCOPE,
    Candidate,
    EngineSet,
    Grade,
    MemoryEntry,
    SourceText,
    Translation,
    TranslationState,
)
from translation.queries import load_views
from translation.results import Basis, OriginKind
from translation.service.work import claim_work, finish_work
from translation.tasks import translate_items

#: Translations in the table, growing.
SIZES: Final = tuple(map(int, os.environ.get("QIAO_BENCH_TRANSLATIONS", "10000,100000,1000000").split(",")))
#: One in so many of them has been verified and is remembered.
REMEMBERED: Final = 10
#: Batches of messages that are measured at each size, and messages a batch, after some that warm up.
ROUNDS, BATCH, WARM_UP = 20, 32, 3
PAGE: Final = 50
_AT_ONCE: Final = 100_000
STEPS: Final = ("asked for", "claimed, memory looked up", "result written", f"page of {PAGE} read")


def measure() -> Report:
    configure_logging(log_format="console", level="WARNING")
    figures: list[Figure] = []
    names = []
    with TemporaryDirectory(prefix="qiao-bench-") as name, open_small() as model:
        with create_database(folder=Path(name)) as url:
            if not url.startswith("sqlite"):
                figures += _measure_database(url, "PostgreSQL", model)
                names.append(name_database(url))
        url = f"sqlite:///{Path(name) / 'growth.sqlite3'}"
        _migrate(url)
        figures += _measure_database(url, "SQLite", model)
        names.append("SQLite")
    return Report(
        "translation_growth",
        [
            f"{', '.join(f'{size:,}' for size in SIZES)} translations in the table, one in {REMEMBERED} verified and"
            f" remembered; {', '.join(names)}",
            f"{ROUNDS} batches of {BATCH} new messages each; the median batch, by message, without the engine and"
            f" with the commits; a page is what a reader of {PAGE} posts gets of their translations",
            "the ratio is to the smallest table",
        ],
        figures,
    )


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade_schema(database)
    database.dispose()


def _measure_database(url: str, label: str, model: Model) -> Iterator[Figure]:
    database = Database(url, session_info={"subscribers": Subscribers()})
    first: Mapping[str, float] = {}
    for size in SIZES:
        _fill(database, size)
        took = {step: statistics.median(values) for step, values in _run(database, model, size).items()}
        first = first or took
        for step in STEPS:
            unit = "ms" if "page" in step else "ms a message"
            ratio = took[step] / first[step]
            yield Figure(f"{label}, {size:,}: {step}", f"{1000 * took[step]:.2f} {unit}, {ratio:.2f}×")
        ratio = sum(took.values()) / sum(first.values())
        yield Figure(f"{label}, {size:,}: all of it", f"{1000 * sum(took.values()):.2f} ms, {ratio:.2f}×", "flat")
    database.dispose()


def _run(database: Database, model: Model, size: int) -> dict[str, list[float]]:
    """Seconds of each step, by message or by page, batch by batch."""
    engines = {EngineSet.INSTALLED: EngineRegistry([model.engine])}
    seconds: dict[str, list[float]] = defaultdict(list)
    for number in range(WARM_UP + ROUNDS):
        took: dict[str, float] = dict.fromkeys(STEPS, 0.0)
        texts = [row[SOURCE.value] for row in draw_held_out(number + size, BATCH)]
        with _timing(took, STEPS[0], BATCH):
            ask_for(database, texts)
        with _timing(took, STEPS[1], BATCH), database.transaction() as session:
            items = claim_work(session, now=utc_now(), lease=timedelta(seconds=60), limit=BATCH)
        done = translate_items(items, engines)
        with _timing(took, STEPS[2], BATCH), database.transaction() as session:
            finish_work(session, done=done, now=utc_now())
        middle = (size // 2 + number * 997) % (size - PAGE)
        with _timing(took, STEPS[3], 1), database.reading() as session:
            views = load_views(session, source_text_ids=range(middle + 1, middle + PAGE + 1), target=TARGET)
        if len(views) != PAGE:
            raise RuntimeError(f"{len(views)} of {PAGE} translations were read")
        if number >= WARM_UP:
            for step, value in took.items():
                seconds[step].append(value)
    return seconds


@contextmanager
def _timing(took: dict[str, float], step: str, parts: int) -> Iterator[None]:
    started = time.perf_counter()
    yield
    took[step] = (time.perf_counter() - started) / parts


def _fill(database: Database, size: int) -> None:
    """Add rows to every table, written by the database itself, until there are ``size`` translations."""
    tables = (SourceText, Translation, Candidate, MemoryEntry)
    with database.reading() as session:
        count = session.scalar(select(func.count(Translation.id))) or 0
        low = 1 + max(session.scalar(select(func.max(row_type.id))) or 0 for row_type in tables)
    high = low + size - count - 1
    for start in range(low, high + 1, _AT_ONCE):
        with database.transaction() as session:
            for row_type, values, step in _list_tables():
                _insert_series(session, row_type, values, start, min(high, start + _AT_ONCE - 1), step)
    with database.transaction() as session:
        for row_type in tables:
            if not database.is_sqlite:
                table = row_type.__tablename__
                highest = f"SELECT max(id) FROM {table}"
                session.execute(sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), ({highest}))"))
        session.execute(sql("ANALYZE"))


def _insert_series(
    session: Session, row_type: type[Base], values: Callable[[Any], Mapping[str, Any]], low: int, high: int, step: int
) -> None:
    first = low + -low % step
    if first > high:
        return
    series = select(literal(first, BigInteger).label("number")).cte(recursive=True)
    series = series.union_all(select(series.c.number + step).where(series.c.number + step <= high))
    columns = row_type.__table__.columns
    given = {
        name: value if hasattr(value, "label") else literal(value, columns[name].type)
        for name, value in values(series.c.number).items()
    }
    session.execute(insert(row_type).from_select(list(given), select(*given.values()), include_defaults=False))


def _list_tables() -> list[tuple[type[Base], Callable[[Any], Mapping[str, Any]], int]]:
    """Each table, its values for a number, and of which numbers it has rows."""
    now = utc_now()

    def write(number: Any) -> Any:
        return literal("Tôi cần gia hạn giấy phép số ") + cast(number, String) + "."

    def digest(number: Any) -> Any:
        # Not in order, as digests aren't: the index is entered all over.
        return func.substr(cast((number * 7_919) % 1_000_003, String) + literal("-") + cast(number, String), 1, 64)

    return [
        (
            SourceText,
            lambda number: {
                "id": number,
                "text": write(number),
                "digest": digest(number),
                "language": SOURCE,
                "basis": Basis.DETECTED,
                "confidence": 0.9,
                "scope": PUBLIC_SCOPE,
                "engine_set": EngineSet.INSTALLED,
                "facts": [],
                "created_at": now,
            },
            1,
        ),
        (
            Translation,
            lambda number: {
                "id": number,
                "source_text_id": number,
                "source_language": SOURCE,
                "target_language": TARGET,
                "state": TranslationState.MACHINE,
                "is_reported": False,
                "checks": [],
                "attempts": 1,
                "turn": 0,
                "available_at": now,
                "created_at": now,
                "updated_at": now,
            },
            1,
        ),
        (
            Candidate,
            lambda number: {
                "id": number,
                "translation_id": number,
                "text": literal("I need to renew permit number ") + cast(number, String) + ".",
                "source_digest": digest(number),
                "origin": OriginKind.MACHINE,
                "engine": "argos",
                "route": [SOURCE.value, TARGET.value],
                "is_active": True,
                "created_at": now,
            },
            1,
        ),
        (
            MemoryEntry,
            lambda number: {
                "id": number,
                "source_language": SOURCE.value,
                "target_language": TARGET.value,
                "source_digest": digest(number),
                "source_text": write(number),
                "target_text": literal("I need to renew permit number ") + cast(number, String) + ".",
                "scope": PUBLIC_SCOPE,
                "candidate_id": number,
                "grade": Grade.ONE,
                "created_at": now,
            },
            REMEMBERED,
        ),
    ]
