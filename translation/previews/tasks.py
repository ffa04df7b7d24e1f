"""The job ``translation.preview``: texts on their way there and back. Somebody waits for them, so they have a job of
their own beside the batches of posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from app.core.clock import Clock
from app.core.db import Database
from translation.engines.base import EngineError, Hints
from translation.engines.registry import EngineRegistry
from translation.languages import LanguageTag
from translation.models import EngineSet, WaitReason
from translation.pipeline import translate_batch
from translation.previews.service import PreviewDone, PreviewItem, claim_previews, finish_previews, has_previews
from translation.results import GlossaryTerm, PipelineInput, PipelineResult

log = structlog.get_logger(__name__)

T = TypeVar("T")
#: Runs a blocking function where it doesn't stall others, and gives its result.
OffLoop = Callable[[Callable[[], T]], T]

_AT_ONCE: Final = 4


def run_previews(
    database: Database,
    engines: Mapping[EngineSet, EngineRegistry],
    *,
    clock: Clock,
    lease: timedelta,
    off_loop: OffLoop[list[PreviewDone]],
) -> int:
    """Make the previews that are due until nothing is left; how many were taken."""
    taken = 0
    while items := _claim(database, clock, lease):
        taken += len(items)
        done = off_loop(lambda items=items: [make_preview(item, engines[item.engine_set]) for item in items])  # type: ignore[misc]
        with database.transaction() as session:
            finish_previews(session, done=done, now=clock())
    return taken


def _claim(database: Database, clock: Clock, lease: timedelta) -> list[PreviewItem]:
    with database.reading() as session:
        if not has_previews(session, now=clock()):
            return []
    with database.transaction() as session:
        return claim_previews(session, now=clock(), lease=lease, limit=_AT_ONCE)


def make_preview(item: PreviewItem, registry: EngineRegistry) -> PreviewDone:
    """Translate there and back. Blocks. Machine text only: what people verified is not asked. A missing way back
    leaves the way there; a missing way there leaves nothing."""
    try:
        forward = _translate(registry, item.text, item.source, item.target, item.terms)
        if forward is None:
            return PreviewDone(id=item.id, reason=WaitReason.NO_ENGINE)
        if not item.is_round_trip:
            return PreviewDone(id=item.id, back_text=forward.text)
        back = _translate(registry, forward.text, item.target, item.source, ())
    except EngineError as error:
        log.warning("preview.failed", source=item.source, target=item.target, code=error.code)
        return PreviewDone(id=item.id, has_failed=True)
    return PreviewDone(
        id=item.id,
        forward_text=forward.text,
        back_text=back.text if back is not None else None,
        findings=forward.decision.findings,
    )


def _translate(
    registry: EngineRegistry, text: str, source: LanguageTag, target: LanguageTag, terms: tuple[GlossaryTerm, ...]
) -> PipelineResult | None:
    route = registry.find_route(source, target)
    if route is None:
        return None
    capabilities = registry.get_capabilities(route)
    hints = Hints(terms=tuple((term.source, term.targets[0]) for term in terms if term.targets))
    (result,) = translate_batch(
        [PipelineInput(text=text, terms=terms)],
        route=route,
        translate=lambda texts: registry.run_route(route, texts, hints=hints),
        window=capabilities.window,
        keeps_placeholders=capabilities.keeps_placeholders,
        translate_from=lambda language, texts: registry.translate_between(language, target, texts),
    )
    return result
