"""The job ``translation.run``: batches of pending translations through the engines.

Several texts are one batch, because engines are several times faster so; only engines that use hints get one text at a
time, with its own. Blocking inference runs in ``off_loop`` (under gevent: the hub's thread pool), never on the event
loop's thread, and never inside a transaction.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol, TypeVar

import structlog
from sqlalchemy.orm import Session

from app.core.clock import Clock
from app.core.db import Database
from translation.checks.base import CheckInput
from translation.checks.glossary import REPLACED
from translation.engines.base import NO_HINTS, EngineError, Hints
from translation.engines.registry import EngineRegistry
from translation.gate import decide_machine
from translation.languages import LanguageTag
from translation.models import EngineSet, WaitReason
from translation.pipeline import translate_batch
from translation.protect import has_words
from translation.results import CheckCode, GlossaryTerm, OriginKind, PipelineInput, PipelineResult, Route
from translation.segments import split_segments
from translation.service.bridges import BRIDGE, Bridge, goes_through_bridge
from translation.service.budgets import Limits
from translation.service.work import MAX_ATTEMPTS, WorkDone, WorkItem, claim_work, finish_work, has_work, release_work

log = structlog.get_logger(__name__)

T = TypeVar("T")


class OffLoop(Protocol):
    """Runs a blocking function where it doesn't stall others, and gives its result."""

    def __call__(self, function: Callable[[], T], /) -> T: ...


#: The posts before a text, oldest first, by source text id.
LoadContext = Callable[[Session, Collection[int]], Mapping[int, tuple[str, ...]]]

#: Texts that are claimed together: an engine's best batch for each core.
BATCH: Final = 32 * (os.cpu_count() or 1)
#: A text that still is not done after so many claims waits for a person.
GIVEN_UP_AFTER: Final = 2 * MAX_ATTEMPTS
#: Characters that one batch holds, unless one text alone is longer: some seconds of a usual model on one core.
MOST_CHARACTERS: Final = 12_000
#: What an engine gets as hints at most: terms, posts, and characters of a post.
_MAX_TERMS: Final = 30
_MAX_POSTS: Final = 5
_MAX_POST_LENGTH: Final = 500

#: What is wrong with a text however it compares with what the author wrote.
_OF_THE_LAST_HOP: Final = frozenset({CheckCode.EMPTY, CheckCode.PLACEHOLDERS, CheckCode.COPY})


def run_translations(
    database: Database,
    engines: Mapping[EngineSet, EngineRegistry],
    *,
    clock: Clock,
    lease: timedelta,
    off_loop: OffLoop,
    lock: Callable[[Session, Collection[int]], None],
    limits: Limits | None = None,
    load_context: LoadContext | None = None,
) -> int:
    """Translate what is due until nothing is left; the number of translations taken.

    ``lock`` takes the locks of whatever hangs above the source texts with these ids, before theirs are taken. Without
    ``limits`` nobody has a budget.
    """
    taken = 0
    while items := _claim(database, clock, lease, limits):
        half_time = clock() + lease / 2
        items, suspect = _set_suspects_aside(database, items, clock)
        batches = off_loop(lambda items=items: _cut_batches(items, engines))  # type: ignore[misc]
        batches += [[suspect]] if suspect is not None else []
        for number, batch in enumerate(batches):
            if number and clock() >= half_time:
                # Slow engines: others may have them before the lease ends, and what came since has its turn.
                with database.transaction() as session:
                    release_work(session, items=[item for rest in batches[number:] for item in rest], now=clock())
                break
            taken += len(batch)
            ready = _add_context(database, batch, engines, load_context)
            done = off_loop(lambda batch=ready: translate_items(batch, engines))  # type: ignore[misc]
            with database.transaction() as session:
                lock(session, {item.source_text_id for item in batch})
                finish_work(session, done=done, now=clock())
    return taken


def _claim(database: Database, clock: Clock, lease: timedelta, limits: Limits | None) -> list[WorkItem]:
    with database.reading() as session:
        if not has_work(session, now=clock()):
            return []
    with database.transaction() as session:
        return claim_work(session, now=clock(), lease=lease, limit=BATCH, limits=limits)


def _set_suspects_aside(
    database: Database, items: Sequence[WorkItem], clock: Clock
) -> tuple[list[WorkItem], WorkItem | None]:
    """Texts that were claimed so often that no failing engine explains it: one of them may be what ends the worker's
    process each time. They run alone, one after all others, so that an innocent one is not given up with it."""
    suspects = [item for item in items if item.attempt > MAX_ATTEMPTS]
    if len(suspects) > 1:
        with database.transaction() as session:
            release_work(session, items=suspects[1:], now=clock())
    return [item for item in items if item.attempt <= MAX_ATTEMPTS], next(iter(suspects), None)


def _cut_batches(items: Sequence[WorkItem], engines: Mapping[EngineSet, EngineRegistry]) -> list[list[WorkItem]]:
    """One batch a route, in the order of their first items. Blocks."""
    groups: dict[tuple[LanguageTag, LanguageTag, EngineSet], list[WorkItem]] = defaultdict(list)
    for item in items:
        groups[item.source, item.target, item.engine_set].append(item)
    batches: list[list[WorkItem]] = []
    for group in groups.values():
        if _wants_hints(group[0], engines):
            batches += [[item] for item in group]
        else:
            batches += _cut_by_length(group)
    return batches


def _cut_by_length(items: Sequence[WorkItem]) -> list[list[WorkItem]]:
    """Long posts make small batches: whether the lease still holds is only looked at between two."""
    batches: list[list[WorkItem]] = []
    room = 0
    for item in items:
        room -= len(item.text)
        if not batches or room < 0:
            batches.append([])
            room = MOST_CHARACTERS - len(item.text)
        batches[-1].append(item)
    return batches


def _wants_hints(item: WorkItem, engines: Mapping[EngineSet, EngineRegistry]) -> bool:
    registry = engines[item.engine_set]
    route = registry.find_route(item.source, item.target)
    try:
        return route is not None and registry.get_capabilities(route).uses_hints
    except EngineError:
        # It went away just now; whoever runs the batch finds out.
        return False


def _add_context(
    database: Database,
    batch: list[WorkItem],
    engines: Mapping[EngineSet, EngineRegistry],
    load_context: LoadContext | None,
) -> list[WorkItem]:
    if load_context is None or not _wants_hints(batch[0], engines):
        return batch
    with database.reading() as session:
        contexts = load_context(session, [item.source_text_id for item in batch])
    return [replace(item, context=contexts.get(item.source_text_id, ())) for item in batch]


def translate_items(items: Sequence[WorkItem], engines: Mapping[EngineSet, EngineRegistry]) -> list[WorkDone]:
    """Run one route's items through the pipeline. Blocks. A failing batch is tried text by text, so that one poisonous
    text doesn't take the others with it.

    Where the route goes through English, or there is none, a text with a person's English goes on from that.
    """
    first = items[0]
    if first.attempt > GIVEN_UP_AFTER:
        return [WorkDone(item=item, reason=WaitReason.ENGINE_FAILED) for item in items]
    registry = engines[first.engine_set]
    route = registry.find_route(first.source, first.target)
    onward = None
    if any(item.bridge for item in items) and (route is None or goes_through_bridge(route.hops)):
        onward = registry.find_route(BRIDGE, first.target)
    crossing: list[WorkItem] = []
    others: list[WorkItem] = []
    for item in items:
        crosses = onward is not None and item.bridge is not None and not _is_remembered(item)
        (crossing if crosses else others).append(item)
    done: list[WorkDone] = []
    if onward is not None and crossing:
        done += _translate_on_route(crossing, registry, onward, is_bridged=True)
    if route is None:
        done += [WorkDone(item=item, reason=WaitReason.NO_ENGINE) for item in others]
    elif others:
        done += _translate_on_route(others, registry, route, is_bridged=False)
    return done


def _is_remembered(item: WorkItem) -> bool:
    """Whether people have translated every part of the text already, so that no machine is needed."""
    if item.text in item.remembered:
        return True
    texts = [segment.text for segment in split_segments(item.text) if has_words(segment.text)]
    return bool(texts) and all(text in item.remembered for text in texts)


def _translate_on_route(
    items: Sequence[WorkItem], registry: EngineRegistry, route: Route, *, is_bridged: bool
) -> list[WorkDone]:
    """``route`` begins at the bridge where the items start from their bridges."""
    try:
        capabilities = registry.get_capabilities(route)
        if capabilities.uses_hints and len(items) > 1:
            return [
                done for item in items for done in _translate_on_route([item], registry, route, is_bridged=is_bridged)
            ]
        hints = _make_hints(items[0], is_bridged=is_bridged) if capabilities.uses_hints else NO_HINTS
        results = translate_batch(
            [_to_input(item, is_bridged=is_bridged) for item in items],
            route=route,
            translate=lambda texts: registry.run_route(route, texts, hints),
            window=capabilities.window,
            keeps_placeholders=capabilities.keeps_placeholders,
            translate_from=lambda language, texts: registry.translate_between(language, route.target, texts),
        )
        version = registry.describe_version(route)
    except EngineError as error:
        log.warning("translation.failed", route=str(route), engine=route.engine, code=error.code, texts=len(items))
        if len(items) == 1:
            return [WorkDone(item=items[0], reason=WaitReason.ENGINE_FAILED)]
        return [done for item in items for done in _translate_on_route([item], registry, route, is_bridged=is_bridged)]
    if not is_bridged:
        return [
            WorkDone(item=item, result=result, route=route, model_version=version)
            for item, result in zip(items, results, strict=True)
        ]
    return [
        WorkDone(
            item=item,
            result=_judge_by_original(item, result),
            route=Route(hops=(item.source, *route.hops), engine=route.engine),
            model_version=version,
            is_bridged=True,
        )
        for item, result in zip(items, results, strict=True)
    ]


def _get_start(item: WorkItem, *, is_bridged: bool) -> WorkItem | Bridge:
    return item.bridge if is_bridged and item.bridge is not None else item


def _to_input(item: WorkItem, *, is_bridged: bool) -> PipelineInput:
    start = _get_start(item, is_bridged=is_bridged)
    return PipelineInput(text=start.text, remembered=start.remembered, terms=start.terms)


def _make_hints(item: WorkItem, *, is_bridged: bool) -> Hints:
    return Hints(
        terms=_to_pairs(_get_start(item, is_bridged=is_bridged).terms),
        context=tuple(text[:_MAX_POST_LENGTH] for text in item.context[-_MAX_POSTS:]),
    )


def _to_pairs(terms: Sequence[GlossaryTerm]) -> tuple[tuple[str, str], ...]:
    pairs = (
        (term.source, term.source if term.is_do_not_translate else term.targets[0])
        for term in terms
        if term.is_do_not_translate or term.targets
    )
    return tuple(pairs)[:_MAX_TERMS]


def _judge_by_original(item: WorkItem, result: PipelineResult) -> PipelineResult:
    """The gate compares with what the author wrote, not with the English between. Even where people have translated
    all of the English, nobody has vouched for the two together."""
    found = [
        finding
        for finding in result.decision.findings
        if finding.code in _OF_THE_LAST_HOP or finding.message == REPLACED
    ]
    pair = CheckInput(item.text, result.text, item.source, item.target, item.terms)
    return replace(result, origin=OriginKind.MACHINE, decision=decide_machine(pair, findings=found))
