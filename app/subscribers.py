"""The one table "event → functions". *Now* runs in the transaction of the event; *live* tells open browsers; *work*
starts jobs and plans deliveries. Ways of running are in ``app/core/outbox.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.outbox import Event, LaterHandler, NowHandler, Subscribers
from app.forum.events import (
    PostChanged,
    PostCreated,
    PostHeld,
    PostRestored,
    PostTranslated,
    PostWithdrawn,
    ThreadChanged,
)
from app.forum.service.translations import record_translation_changes
from app.interpreting import opening
from app.interpreting.events import TaskClaimed, TaskClosed, TaskOpened
from app.notifications import service as notifications
from app.notifications.events import DeliveryPlanned
from app.runtime import Runtime
from app.sockets.emitter import Emitter
from bots.line.client import LineClient
from moderation import service as moderation
from moderation.events import DecisionMade
from translation.events import (
    LanguageReported,
    PreviewRequested,
    TranslationReported,
    TranslationsChanged,
    TranslationsRequested,
)


@dataclass(frozen=True)
class Edges:
    """What handlers reach the outside through. ``line`` is None where LINE isn't configured."""

    emitter: Emitter
    line: LineClient | None


NOW: Mapping[type[Event], Sequence[NowHandler]] = {
    PostRestored: [opening.refresh_tasks_of_post],
    PostChanged: [opening.refresh_tasks_of_post],
    PostHeld: [moderation.open_item_for_held],
    PostWithdrawn: [opening.close_tasks_of_withdrawn_post, notifications.suppress_for_post],
    TranslationsChanged: [record_translation_changes, opening.open_tasks_for],
    TranslationReported: [opening.reopen_reported],
    LanguageReported: [opening.open_language_task],
}

LIVE: Mapping[type[Event], Callable[[Emitter, Any], None]] = {
    PostCreated: lambda emitter, event: emitter.post_created(event.post_id, event.thread_id),
    PostRestored: lambda emitter, event: emitter.post_created(event.post_id, event.thread_id),
    PostChanged: lambda emitter, event: emitter.post_updated(event.post_id, event.thread_id),
    PostWithdrawn: lambda emitter, event: emitter.post_withdrawn(event.post_id, event.thread_id),
    PostTranslated: lambda emitter, event: emitter.translation_updated(event.post_id, event.thread_id, event.language),
    ThreadChanged: lambda emitter, event: emitter.thread_updated(event.thread_id),
    TaskOpened: lambda emitter, event: emitter.task_opened(event.task_id),
    TaskClaimed: lambda emitter, event: emitter.task_closed(event.task_id),
    TaskClosed: lambda emitter, event: emitter.task_closed(event.task_id),
}


def _plan_for_post(runtime: Runtime, event: PostCreated | PostRestored) -> None:
    with runtime.db.transaction() as session:
        notifications.plan_for_post(session, post_id=event.post_id, now=runtime.clock())


def _plan_for_translation(runtime: Runtime, event: PostTranslated) -> None:
    with runtime.db.transaction() as session:
        notifications.plan_for_translation(session, post_id=event.post_id, language=event.language, now=runtime.clock())


def _plan_for_decision(runtime: Runtime, event: DecisionMade) -> None:
    with runtime.db.transaction() as session:
        moderation.notify_of_decision(session, decision_id=event.decision_id, now=runtime.clock())


WORK: Mapping[type[Event], Callable[[Runtime, Any], None]] = {
    TranslationsRequested: lambda runtime, _event: runtime.jobs.enqueue("translation.run"),
    PreviewRequested: lambda runtime, _event: runtime.jobs.enqueue("translation.preview"),
    PostCreated: _plan_for_post,
    PostRestored: _plan_for_post,
    PostTranslated: _plan_for_translation,
    DecisionMade: _plan_for_decision,
    DeliveryPlanned: lambda runtime, _event: runtime.jobs.enqueue("line.deliver"),
}

SUBSCRIBERS = Subscribers(now=NOW, live=frozenset(LIVE), work=frozenset(WORK))


def build_live_handlers(edges: Edges) -> Mapping[type[Event], Sequence[LaterHandler]]:
    return {event_type: [_bind(handler, edges.emitter)] for event_type, handler in LIVE.items()}


def build_work_handlers(runtime: Runtime) -> Mapping[type[Event], Sequence[LaterHandler]]:
    return {event_type: [_bind(handler, runtime)] for event_type, handler in WORK.items()}


def _bind(handler: Callable[[Any, Any], None], first: object) -> LaterHandler:
    return lambda event: handler(first, event)
