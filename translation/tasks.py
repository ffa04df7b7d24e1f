"""The job ``translation.run``: batches of pending translations through the engines.

Several texts are one batch, because engines are several times faster so. Blocking inference runs in ``off_loop``
(under gevent: the hub's thread pool), never on the event loop's thread, and never inside a transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from app.core.clock import Clock
from app.core.db import Database
from translation.engines.base import EngineError
from translation.engines.registry import EngineRegistry
from translation.languages import LanguageTag
from translation.models import EngineSet, WaitReason
from translation.pipeline import translate_batch
from translation.results import PipelineInput
from translation.service.work import WorkDone, WorkItem, claim_work, finish_work, has_work

log = structlog.get_logger(__name__)

T = TypeVar("T")
#: Runs a blocking function where it doesn't stall others, and gives its result.
OffLoop = Callable[[Callable[[], T]], T]

BATCH = 32


def run_translations(
    database: Database,
    engines: Mapping[EngineSet, EngineRegistry],
    *,
    clock: Clock,
    lease: timedelta,
    off_loop: OffLoop[list[WorkDone]],
    lock: Callable[[Session, Collection[int]], None],
) -> int:
    """Translate what is due until nothing is left; the number of translations taken.

    ``lock`` takes the locks of whatever hangs above the source texts with these ids, before theirs are taken.
    """
    taken = 0
    while items := _claim(database, clock, lease):
        taken += len(items)
        for batch in _group(items):
            done = off_loop(lambda batch=batch: translate_items(batch, engines))  # type: ignore[misc]
            with database.transaction() as session:
                lock(session, {item.source_text_id for item in batch})
                finish_work(session, done=done, now=clock())
    return taken


def _claim(database: Database, clock: Clock, lease: timedelta) -> list[WorkItem]:
    with database.reading() as session:
        if not has_work(session, now=clock()):
            return []
    with database.transaction() as session:
        return claim_work(session, now=clock(), lease=lease, limit=BATCH)


def _group(items: Sequence[WorkItem]) -> list[list[WorkItem]]:
    groups: dict[tuple[LanguageTag, LanguageTag, EngineSet], list[WorkItem]] = defaultdict(list)
    for item in items:
        groups[item.source, item.target, item.engine_set].append(item)
    return list(groups.values())


def translate_items(items: Sequence[WorkItem], engines: Mapping[EngineSet, EngineRegistry]) -> list[WorkDone]:
    """Run one route's items through the pipeline. Blocks. A failing batch is tried text by text, so that one poisonous
    text doesn't take the others with it."""
    registry = engines[items[0].engine_set]
    route = registry.find_route(items[0].source, items[0].target)
    if route is None:
        return [WorkDone(item=item, reason=WaitReason.NO_ENGINE) for item in items]
    try:
        results = translate_batch(
            [PipelineInput(text=item.text, remembered=item.remembered) for item in items],
            route=route,
            translate=lambda texts: registry.run_route(route, texts),
            window=registry.get_window(route),
        )
        version = registry.describe_version(route)
    except EngineError as error:
        log.warning("translation.failed", route=str(route), engine=route.engine, code=error.code, texts=len(items))
        if len(items) == 1:
            return [WorkDone(item=items[0], reason=WaitReason.ENGINE_FAILED)]
        return [done for item in items for done in translate_items([item], engines)]
    return [
        WorkDone(item=item, result=result, route=route, model_version=version)
        for item, result in zip(items, results, strict=True)
    ]
