"""Engines and queues for tests of human work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import Database
from app.core.outbox import OutboxRow
from app.forum.service.locks import lock_threads_of_texts
from app.interpreting.models import Task, TaskState
from app.interpreting.queries import TaskView, get_task_view, list_tasks
from app.interpreting.service import submit_task
from translation.languages import LanguageTag
from translation.models import Translation, TranslationState, WaitReason
from translation.results import GateDecision, OriginKind, PipelineResult, Route
from translation.service.work import WorkDone, WorkItem, claim_work, finish_work

VI, ZH, KM, EN = LanguageTag.VI, LanguageTag.ZH_HANT, LanguageTag.KM, LanguageTag.EN
QUESTION = "Tôi cần giấy tờ gì để gia hạn thẻ cư trú?"
EDITED = "Tôi cần giấy tờ gì để gia hạn thẻ cư trú cho con tôi?"
TITLE = "Gia hạn thẻ cư trú"
IN_CHINESE = "我需要哪些文件才能延長居留證的期限？"
TITLE_IN_CHINESE = "延長居留證"


def run_engine(db: Database, texts: Mapping[str, str], *, now: datetime, is_published: bool = True) -> None:
    """Work off what is pending: by source text into whatever target, or "no engine" where ``texts`` has nothing."""
    with db.transaction() as session:
        items = claim_work(session, now=now, lease=timedelta(minutes=1), limit=100)
    with db.transaction() as session:
        lock_threads_of_texts(session, {item.source_text_id for item in items})
        finish_work(session, done=[_finish(item, texts, is_published) for item in items], now=now)


def _finish(item: WorkItem, texts: Mapping[str, str], is_published: bool) -> WorkDone:
    text = texts.get(item.text)
    if text is None:
        return WorkDone(item=item, reason=WaitReason.NO_ENGINE)
    result = PipelineResult(text=text, origin=OriginKind.MACHINE, decision=GateDecision(is_published=is_published))
    return WorkDone(item=item, result=result, route=Route(hops=(item.source, item.target), engine="test"))


def run_engine_again(db: Database, texts: Mapping[str, str], *, now: datetime) -> None:
    """An engine was installed: what waited for a person is tried again."""
    with db.transaction() as session:
        for row in session.scalars(select(Translation).where(Translation.state == TranslationState.WAITING)):
            row.state, row.reason, row.available_at = TranslationState.PENDING, None, now
    run_engine(db, texts, now=now)


def read_queue(db: Database, actor: Actor, *, now: datetime, **filters: object) -> list[TaskView]:
    with db.reading() as session:
        return list(list_tasks(session, actor=actor, now=now, **filters).items)  # type: ignore[arg-type]


def read_task(db: Database, actor: Actor, task_id: int, *, now: datetime) -> TaskView:
    with db.reading() as session:
        return get_task_view(session, actor=actor, task_id=task_id, now=now)


def submit(
    db: Database,
    actor: Actor,
    task_id: int,
    text: str = IN_CHINESE,
    *,
    now: datetime,
    title: str | None = None,
    base: int | None = None,
    accept_warnings: bool = True,
) -> int:
    with db.transaction() as session:
        return submit_task(
            session,
            actor=actor,
            task_id=task_id,
            text=text,
            title_text=title,
            base_candidate_id=base,
            accept_warnings=accept_warnings,
            now=now,
        )


def list_states(db: Database, **filters: object) -> list[tuple[str, TaskState]]:
    """Kinds and stored states of all tasks, oldest first."""
    with db.reading() as session:
        rows = session.scalars(select(Task).filter_by(**filters).order_by(Task.id))
        return [(task.kind.value, task.state) for task in rows]


def list_event_names(db: Database) -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(OutboxRow.name).order_by(OutboxRow.id)))
