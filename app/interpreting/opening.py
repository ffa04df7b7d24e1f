"""Which human work follows from what happens to posts and translations. All of it runs in the transaction of the
change itself, so that a text that needs a person and its task exist together or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.core import outbox
from app.core.db import insert_if_absent
from app.forum.events import PostChanged, PostRestored, PostWithdrawn
from app.forum.models import Category, Post, PostState, Thread
from app.interpreting.events import TaskClosed, TaskOpened
from app.interpreting.models import Task, TaskDraft, TaskKind, TaskState
from app.interpreting.policy import to_pair_language
from translation.events import LanguageReported, TranslationReported, TranslationsChanged
from translation.languages import LanguageTag
from translation.models import Candidate, SourceText, Translation, TranslationState, WaitReason
from translation.service.changes import is_human
from translation.service.language_reports import find_reported

UNFINISHED = (TaskState.OPEN, TaskState.CLAIMED)

#: Urgency is a sum, so that the order is: reported, then risky topics, then what nobody can read yet, then the rest.
URGENCY_REPORTED = 100
URGENCY_RISKY = 10
URGENCY_UNREADABLE = 5

#: The English changed that a person's translation began with.
BRIDGE_CHANGED = "bridge_changed"
#: A reader says that the language was got wrong.
LANGUAGE_REPORTED = "language_reported"

#: While a translation is in one of these states, somebody who is at work on it is left alone.
_WORKABLE = (TranslationState.PENDING, TranslationState.MACHINE, TranslationState.WAITING)


@dataclass(frozen=True)
class _Place:
    """A post with what decides how urgent its work is."""

    post: Post
    is_risky: bool


@dataclass(frozen=True)
class _Wanted:
    """The one task that a translation should have (besides a reported one), and why."""

    kind: TaskKind
    reason: str


def open_tasks_for(session: Session, event: TranslationsChanged, now: datetime) -> None:
    """Open the tasks that changed translations need now, and cancel those they no longer need."""
    source_ids = {change.source_text_id for change in event.changes}
    places = _load_places(session, or_(Post.source_text_id.in_(source_ids), Post.title_text_id.in_(source_ids)))
    _settle(session, places, now)
    current = {place.post.source_text_id for place in places} | {place.post.title_text_id for place in places}
    orphans = [change.translation_id for change in event.changes if change.source_text_id not in current]
    if orphans:
        _cancel(session, _lock_unfinished(session, Task.translation_id.in_(orphans)), now)


def refresh_tasks_of_post(session: Session, event: PostRestored | PostChanged, now: datetime) -> None:
    """A post became visible, or has another text or language now: its tasks follow."""
    _settle(session, _load_places(session, Post.id == event.post_id), now)


def reopen_reported(session: Session, event: TranslationReported, now: datetime) -> None:
    """A reader says that a translation is wrong: a task at the front of the queue."""
    places = _load_places(
        session, or_(Post.source_text_id == event.source_text_id, Post.title_text_id == event.source_text_id)
    )
    for place in places:
        body = _load_translations(session, [place]).get((place.post.source_text_id, event.target))
        if body is not None and place.post.state is PostState.VISIBLE:
            _open(session, place, body, _Wanted(TaskKind.REPORTED, "reported"), now)


def open_language_task(session: Session, event: LanguageReported, now: datetime) -> None:
    """A reader says that the language was got wrong: somebody who reads it looks, and until then nothing changes."""
    _settle(session, _load_places(session, Post.source_text_id == event.source_text_id), now)


def close_tasks_of_withdrawn_post(session: Session, event: PostWithdrawn, now: datetime) -> None:
    """Nobody works on a text that readers don't see. What was typed goes with a text that is gone for good."""
    cancel_tasks_for_post(session, post_id=event.post_id, now=now)
    if event.is_final:
        of_post = select(Task.id).where(Task.post_id == event.post_id)
        session.execute(delete(TaskDraft).where(TaskDraft.task_id.in_(of_post)))


def cancel_tasks_for_post(session: Session, *, post_id: int, now: datetime) -> None:
    _cancel(session, _lock_unfinished(session, Task.post_id == post_id), now)


def _load_places(session: Session, condition: object) -> list[_Place]:
    rows = session.execute(
        select(Post, Category.is_risky)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Category, Category.id == Thread.category_id)
        .where(condition)  # type: ignore[arg-type]
        .order_by(Post.id)
    )
    return [_Place(post=post, is_risky=is_risky) for post, is_risky in rows]


def _load_translations(session: Session, places: Sequence[_Place]) -> dict[tuple[int, LanguageTag], Translation]:
    """The translations of the posts' present texts and titles, by (source text id, target)."""
    rows = session.scalars(select(Translation).where(Translation.source_text_id.in_(_list_text_ids(places))))
    return {(row.source_text_id, row.target_language): row for row in rows}


def _list_text_ids(places: Iterable[_Place]) -> set[int]:
    texts = {place.post.source_text_id for place in places} | {place.post.title_text_id for place in places}
    return {text_id for text_id in texts if text_id is not None}


def _lock_unfinished(session: Session, condition: object) -> list[Task]:
    """Unfinished tasks, locked, as they are in the database: a claim may have come in between."""
    return list(
        session.scalars(
            select(Task)
            .where(condition, Task.state.in_(UNFINISHED))  # type: ignore[arg-type]
            .order_by(Task.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _settle(session: Session, places: Sequence[_Place], now: datetime) -> None:
    """Bring the tasks of posts in line with the state of their texts, as it is now."""
    if not places:
        return
    translations = _load_translations(session, places)
    tasks = _lock_unfinished(session, Task.post_id.in_([place.post.id for place in places]))
    unknown = set(
        session.scalars(
            select(SourceText.id).where(
                SourceText.id.in_(_list_text_ids(places)), SourceText.language == LanguageTag.UND
            )
        )
    )
    doubted = find_reported(session, _list_text_ids(places))
    for place in places:
        own = [task for task in tasks if task.post_id == place.post.id]
        texts = _list_text_ids([place])
        _settle_language(session, place, own, _find_doubt(texts & unknown, texts & doubted), now)
        _settle_translations(session, place, own, translations, now)


def _find_doubt(unknown: set[int], doubted: set[int]) -> _Wanted | None:
    """Whether a person has to say which language texts are in: nobody is sure, or a reader says it was got wrong."""
    if not unknown and not doubted:
        return None
    reason = WaitReason.UNKNOWN_LANGUAGE.value if unknown else LANGUAGE_REPORTED
    return _Wanted(TaskKind.CONFIRM_LANGUAGE, reason)


def _settle_language(
    session: Session, place: _Place, tasks: Sequence[Task], wanted: _Wanted | None, now: datetime
) -> None:
    if wanted is not None and place.post.state is PostState.VISIBLE:
        _open(session, place, None, wanted, now)
    else:
        _cancel(session, [task for task in tasks if task.kind is TaskKind.CONFIRM_LANGUAGE], now)


def _settle_translations(
    session: Session,
    place: _Place,
    tasks: Sequence[Task],
    translations: dict[tuple[int, LanguageTag], Translation],
    now: datetime,
) -> None:
    post = place.post
    bodies = {row.id: row for row in translations.values() if row.source_text_id == post.source_text_id}
    if post.state is not PostState.VISIBLE:
        bodies = {}
    # Tasks of an earlier text of the post have no body here any more.
    _cancel(session, [task for task in tasks if task.translation_id and task.translation_id not in bodies], now)
    for body in bodies.values():
        title = translations.get((post.title_text_id, body.target_language)) if post.title_text_id else None
        wanted = _find_wanted(session, place, body, title)
        own = [task for task in tasks if task.translation_id == body.id]
        kept = [task for task in own if _is_kept(task, body, wanted, now)]
        _cancel(session, [task for task in own if task not in kept], now)
        if wanted is not None and all(task.kind is TaskKind.REPORTED for task in kept):
            _open(session, place, body, wanted, now)
        if body.is_reported and all(task.kind is not TaskKind.REPORTED for task in kept):
            # The post was out of sight for a while, and its tasks with it.
            _open(session, place, body, _Wanted(TaskKind.REPORTED, "reported"), now)


def _find_wanted(session: Session, place: _Place, body: Translation, title: Translation | None) -> _Wanted | None:
    if body.state is TranslationState.VERIFIED and body.bridge_candidate_id is not None:
        # Offered, not asked: the text stays shown as it is (translation/service/bridges.py says when).
        return _Wanted(TaskKind.CHECK, BRIDGE_CHANGED)
    is_waiting = body.state is TranslationState.WAITING and body.reason is not WaitReason.UNKNOWN_LANGUAGE
    if not is_waiting and body.state is not TranslationState.MACHINE:
        return None
    stale = session.get(Candidate, body.stale_candidate_id) if body.stale_candidate_id is not None else None
    if is_human(stale):
        return _Wanted(TaskKind.OUTDATED, "outdated")
    if is_waiting:
        return _Wanted(TaskKind.TRANSLATE, body.reason.value if body.reason else WaitReason.HELD.value)
    if place.is_risky:
        return _Wanted(TaskKind.CHECK, "risky")
    if title is not None and title.state is TranslationState.WAITING:
        # A title has no task of its own; that of its post carries it.
        return _Wanted(TaskKind.CHECK, "title")
    return None


def _is_kept(task: Task, body: Translation, wanted: _Wanted | None, now: datetime) -> bool:
    if task.source_language is not to_pair_language(body.source_language):
        return False
    if task.kind is TaskKind.REPORTED:
        return body.is_reported
    if wanted is not None and task.kind is wanted.kind:
        return True
    if body.state is TranslationState.PENDING and body.bridge_candidate_id is not None:
        # The machine goes on from a person's English: what comes of it decides.
        return True
    return body.state in _WORKABLE and is_leased(task, now)


def is_leased(task: Task, now: datetime) -> bool:
    """Somebody is at work on it. An expired lease is none."""
    return task.state is TaskState.CLAIMED and task.lease_expires_at is not None and task.lease_expires_at > now


def _open(session: Session, place: _Place, body: Translation | None, wanted: _Wanted, now: datetime) -> None:
    """Open a task unless one of its kind is unfinished, and bring along what was typed for an earlier one."""
    source = to_pair_language(body.source_language) if body else LanguageTag.UND
    target = to_pair_language(body.target_language) if body else LanguageTag.UND
    # A second look at what a person has vouched for comes last, whatever it is about.
    is_risky = place.is_risky and wanted.reason != BRIDGE_CHANGED
    values = {
        "kind": wanted.kind,
        "translation_id": body.id if body else None,
        "post_id": place.post.id,
        "source_language": source,
        "target_language": target,
        "state": TaskState.OPEN,
        "urgency": measure_urgency(wanted.kind, is_risky=is_risky, is_readable=_is_readable(body)),
        "reason": wanted.reason,
        "created_at": now,
    }
    if not insert_if_absent(session, Task, values):
        return
    task_id = session.scalars(
        select(Task.id).where(
            Task.post_id == place.post.id,
            Task.kind == wanted.kind,
            Task.source_language == source,
            Task.target_language == target,
            Task.state == TaskState.OPEN,
        )
    ).one()
    _adopt_drafts(session, task_id, place.post.id, target)
    outbox.record(session, TaskOpened(task_id=task_id), now=now)


def _is_readable(body: Translation | None) -> bool:
    return body is not None and body.state in (TranslationState.MACHINE, TranslationState.VERIFIED)


def measure_urgency(kind: TaskKind, *, is_risky: bool, is_readable: bool) -> int:
    """How much harm waiting can do; larger comes first, and among equals the older task."""
    reported = URGENCY_REPORTED if kind is TaskKind.REPORTED else 0
    risky = URGENCY_RISKY if is_risky else 0
    return reported + risky + (0 if is_readable else URGENCY_UNREADABLE)


def _adopt_drafts(session: Session, task_id: int, post_id: int, target: LanguageTag) -> None:
    """What was typed for a task that an edit cancelled goes on in the one that follows; each person's newest wins."""
    cancelled = select(Task.id).where(
        Task.post_id == post_id, Task.target_language == target, Task.state == TaskState.CANCELLED
    )
    drafts = session.scalars(
        select(TaskDraft).where(TaskDraft.task_id.in_(cancelled)).order_by(TaskDraft.saved_at.desc())
    ).all()
    for draft in drafts:
        values = {
            "task_id": task_id,
            "account_id": draft.account_id,
            "text": draft.text,
            "saved_at": draft.saved_at,
        }
        insert_if_absent(session, TaskDraft, values)
        session.delete(draft)
    session.flush()


def _cancel(session: Session, tasks: Collection[Task], now: datetime) -> None:
    close_tasks(session, tasks, TaskState.CANCELLED, closed_by_id=None, now=now)


def close_tasks(
    session: Session, tasks: Collection[Task], state: TaskState, *, closed_by_id: int | None, now: datetime
) -> None:
    """End locked tasks, one way or the other."""
    for task in tasks:
        task.state, task.closed_at, task.closed_by_id = state, now, closed_by_id
        task.lease_holder_id = task.lease_expires_at = None
    session.flush()
    for task in tasks:
        outbox.record(session, TaskClosed(task_id=task.id), now=now)
