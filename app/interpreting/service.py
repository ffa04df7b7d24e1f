"""What interpreters do: take a task, keep it, give it back, write, and submit. ``opening.py`` is how tasks come about.

The order of locks is the forum's: the thread first, then its tasks and translations. A claim locks its task only.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core import outbox
from app.core.actor import Actor
from app.core.db import insert_if_absent
from app.core.errors import ConflictError
from app.core.lease import Lease
from app.forum.models import Post, PostState
from app.forum.policy import require, require_signed_in
from app.forum.service.locks import lock_thread
from app.forum.service.posts import set_post_language
from app.interpreting import policy
from app.interpreting.errors import (
    LanguageExpectedError,
    LeaseHeldError,
    LeaseLostError,
    SamePairError,
    TaskClosedError,
    TaskNotFoundError,
)
from app.interpreting.events import TaskClaimed, TaskOpened
from app.interpreting.models import InterpreterPair, Task, TaskDraft, TaskKind, TaskSkip, TaskState
from app.interpreting.opening import UNFINISHED, close_tasks, is_leased
from translation.languages import LANGUAGES, LanguageTag, UnknownLanguageError
from translation.models import SourceText, TranslationState
from translation.queries import find_active_candidate, find_translation
from translation.service.changes import is_human
from translation.service.verification import MAX_TEXT_LENGTH, ChecksFailedError, submit_translation
from translation.text import TextTooLongError, normalise_user_text, parse_user_text

#: How long a claimed task is left to its holder without a sign of life.
LEASE = timedelta(minutes=15)
MAX_REASON_LENGTH = 40


def set_pairs(
    session: Session, *, account_id: int, pairs: Collection[tuple[LanguageTag, LanguageTag]], now: datetime
) -> None:
    """The pairs that an interpreter works, instead of those she had. Raises :class:`UnknownLanguageError`,
    :class:`SamePairError`."""
    wanted = {(policy.to_pair_language(source), policy.to_pair_language(target)) for source, target in pairs}
    for source, target in wanted:
        if source not in LANGUAGES or target not in LANGUAGES:
            raise UnknownLanguageError(field="pairs")
        if source is target:
            raise SamePairError(field="pairs")
    session.execute(delete(InterpreterPair).where(InterpreterPair.account_id == account_id))
    session.add_all(
        InterpreterPair(account_id=account_id, source_language=source, target_language=target, created_at=now)
        for source, target in sorted(wanted)
    )
    session.flush()


def is_free(now: datetime) -> ColumnElement[bool]:
    """Tasks that anybody may take: open, or left by a holder whose lease has run out."""
    return or_(Task.state == TaskState.OPEN, and_(Task.state == TaskState.CLAIMED, Task.lease_expires_at <= now))


def is_workable_by(actor: Actor) -> ColumnElement[bool]:
    """Tasks of the actor's pairs, and texts in a language that nobody knows yet."""
    of_pairs = (
        and_(Task.source_language == LanguageTag(source), Task.target_language == LanguageTag(target))
        for source, target in sorted(actor.pairs)
    )
    return or_(Task.source_language == LanguageTag.UND, *of_pairs)


def find_workable_task(session: Session, actor: Actor, task_id: int) -> Task:
    """A task that the actor may know of, in whatever state. Raises :class:`ForbiddenError` for whoever interprets
    nothing, :class:`TaskNotFoundError` for a task of somebody else's pair."""
    require_signed_in(actor)
    require(policy.can_interpret(actor))
    task = session.get(Task, task_id)
    if task is None or not policy.can_work_task(actor, task):
        raise TaskNotFoundError
    return task


def claim_task(session: Session, *, actor: Actor, task_id: int, now: datetime) -> Lease:
    """Take this task, or go on with it. Raises :class:`LeaseHeldError`, :class:`TaskClosedError`."""
    task = find_workable_task(session, actor, task_id)
    lease = _claim_if_free(session, actor, task_id, now)
    if lease is None:
        raise _explain_refusal(session, task, now)
    return lease


def claim_next(
    session: Session,
    *,
    actor: Actor,
    source: LanguageTag | None = None,
    target: LanguageTag | None = None,
    now: datetime,
) -> int | None:
    """Take the most urgent free task that the actor hasn't passed on; its id, or None when there is none."""
    account_id = require_signed_in(actor)
    require(policy.can_interpret(actor))
    skipped = exists().where(TaskSkip.task_id == Task.id, TaskSkip.account_id == account_id)
    statement = select(Task.id).where(is_free(now), is_workable_by(actor), ~skipped)
    if source is not None:
        statement = statement.where(Task.source_language == policy.to_pair_language(source))
    if target is not None:
        statement = statement.where(Task.target_language == policy.to_pair_language(target))
    # Others who take the next one at this moment skip the row that is locked here, and get the one after it.
    task_id = session.scalar(
        statement.order_by(Task.urgency.desc(), Task.created_at, Task.id).limit(1).with_for_update(skip_locked=True)
    )
    if task_id is None or _claim_if_free(session, actor, task_id, now) is None:
        return None
    return task_id


def _claim_if_free(session: Session, actor: Actor, task_id: int, now: datetime) -> Lease | None:
    """One UPDATE decides: of two people who take a free task at once, one changes the row and one finds it taken."""
    account_id = require_signed_in(actor)
    own = and_(Task.state == TaskState.CLAIMED, Task.lease_holder_id == account_id)
    expires_at = now + LEASE
    claimed = session.execute(
        update(Task)
        .where(Task.id == task_id, or_(is_free(now), own))
        .values(state=TaskState.CLAIMED, lease_holder_id=account_id, lease_expires_at=expires_at)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not claimed:
        return None
    outbox.record(session, TaskClaimed(task_id=task_id), now=now)
    return Lease(holder_id=account_id, holder=actor.display_name, expires_at=expires_at)


def renew_task(session: Session, *, actor: Actor, task_id: int, now: datetime) -> Lease:
    """A sign of life: the lease runs for its full time again, also when it had run out and nobody took the task.
    Raises :class:`LeaseHeldError`, :class:`LeaseLostError`, :class:`TaskClosedError`."""
    task = find_workable_task(session, actor, task_id)
    account_id = require_signed_in(actor)
    expires_at = now + LEASE
    renewed = session.execute(
        update(Task)
        .where(Task.id == task_id, Task.state == TaskState.CLAIMED, Task.lease_holder_id == account_id)
        .values(lease_expires_at=expires_at)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not renewed:
        raise _explain_refusal(session, task, now)
    return Lease(holder_id=account_id, holder=actor.display_name, expires_at=expires_at)


def release_task(session: Session, *, actor: Actor, task_id: int, now: datetime) -> None:
    """Give a task back. What was typed stays; giving back what one doesn't hold changes nothing."""
    find_workable_task(session, actor, task_id)
    released = session.execute(
        update(Task)
        .where(Task.id == task_id, Task.state == TaskState.CLAIMED, Task.lease_holder_id == actor.account_id)
        .values(state=TaskState.OPEN, lease_holder_id=None, lease_expires_at=None)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    ).all()
    if released:
        outbox.record(session, TaskOpened(task_id=task_id), now=now)


def skip_task(session: Session, *, actor: Actor, task_id: int, reason: str | None, now: datetime) -> None:
    """Pass on a task: it is given back, and "take next" doesn't offer it to this person again."""
    release_task(session, actor=actor, task_id=task_id, now=now)
    said = parse_user_text(reason, field="reason", max_length=MAX_REASON_LENGTH) if reason and reason.strip() else None
    values = {"task_id": task_id, "account_id": require_signed_in(actor), "reason": said, "created_at": now}
    insert_if_absent(session, TaskSkip, values)


def save_draft(session: Session, *, actor: Actor, task_id: int, text: str, now: datetime) -> None:
    """Keep what somebody has typed, lease or not: a draft is its writer's own and overwrites nobody's. Raises
    :class:`TaskNotFoundError` when the post was withdrawn, :class:`InvalidInputError`."""
    task = find_workable_task(session, actor, task_id)
    account_id = require_signed_in(actor)
    if len(text) > MAX_TEXT_LENGTH:
        raise TextTooLongError(field="text", max_length=MAX_TEXT_LENGTH)
    text = normalise_user_text(text)
    post = session.get_one(Post, task.post_id)
    # A withdrawal takes all drafts with it; under its lock none can come after.
    lock_thread(session, post.thread_id)
    session.refresh(post)
    if post.state is PostState.WITHDRAWN:
        raise TaskNotFoundError
    values = {"task_id": task_id, "account_id": account_id, "text": text, "saved_at": now}
    if not insert_if_absent(session, TaskDraft, values):
        session.execute(
            update(TaskDraft)
            .where(TaskDraft.task_id == task_id, TaskDraft.account_id == account_id)
            .values(text=text, saved_at=now)
        )


def submit_task(
    session: Session,
    *,
    actor: Actor,
    task_id: int,
    text: str,
    title_text: str | None,
    base_candidate_id: int | None,
    accept_warnings: bool,
    now: datetime,
) -> int:
    """Vouch for a text, and for the title's where the post has one and it was given; the translation's id.

    All unfinished tasks of the translation are done by this. Without a lease it is allowed while nobody else holds one.
    Raises :class:`LeaseHeldError`, :class:`TaskClosedError` (the source was edited, or somebody was faster),
    :class:`CandidateChangedError`, :class:`ChecksFailedError`, and :class:`InvalidInputError`; the first four with
    everything that is needed to go on, and the edge saves the text with :func:`save_draft` then.
    """
    task, post = _lock_task(session, actor, task_id)
    if task.translation_id is None:
        raise LanguageExpectedError(field="text")
    _require_mine(session, actor, task, text, now)
    account_id = require_signed_in(actor)
    tasks = session.scalars(
        select(Task).where(Task.translation_id == task.translation_id, Task.state.in_(UNFINISHED)).with_for_update()
    )
    close_tasks(session, list(tasks), TaskState.DONE, closed_by_id=account_id, now=now)
    session.execute(delete(TaskDraft).where(TaskDraft.task_id == task_id, TaskDraft.account_id == account_id))
    translation_id = task.translation_id
    submit_translation(
        session,
        translation_id=translation_id,
        text=text,
        base_candidate_id=base_candidate_id,
        actor_id=account_id,
        accept_warnings=accept_warnings,
        now=now,
    )
    if title_text is not None and title_text.strip():
        _submit_title(session, post, task.target_language, title_text, account_id, accept_warnings, now)
    return translation_id


def confirm_language(session: Session, *, actor: Actor, task_id: int, language: LanguageTag, now: datetime) -> None:
    """Say which language a text is written in; everything is translated from it then. Raises like
    :func:`submit_task`."""
    task, post = _lock_task(session, actor, task_id)
    if task.kind is not TaskKind.CONFIRM_LANGUAGE:
        raise TaskNotFoundError
    _require_mine(session, actor, task, "", now)
    close_tasks(session, [task], TaskState.DONE, closed_by_id=actor.account_id, now=now)
    set_post_language(session, actor=actor, post_id=post.id, language=language, now=now)


def _lock_task(session: Session, actor: Actor, task_id: int) -> tuple[Task, Post]:
    task = find_workable_task(session, actor, task_id)
    post = session.get_one(Post, task.post_id)
    lock_thread(session, post.thread_id)
    session.refresh(post)
    session.refresh(task, with_for_update=True)
    return task, post


def _require_mine(session: Session, actor: Actor, task: Task, text: str, now: datetime) -> None:
    if task.state not in UNFINISHED:
        raise _describe_closed(session, task, text)
    if is_leased(task, now) and task.lease_holder_id != actor.account_id:
        raise _describe_lease(session, task)


def _explain_refusal(session: Session, task: Task, now: datetime) -> ConflictError:
    """Why a claim or a renewal changed nothing."""
    session.refresh(task)
    if task.state not in UNFINISHED:
        return _describe_closed(session, task, None)
    if is_leased(task, now):
        return _describe_lease(session, task)
    return LeaseLostError()


def _describe_lease(session: Session, task: Task) -> LeaseHeldError:
    holder = session.get(Account, task.lease_holder_id)
    return LeaseHeldError(holder=holder.display_name if holder else "", expires_at=task.lease_expires_at)


def _describe_closed(session: Session, task: Task, mine: str | None) -> TaskClosedError:
    """Everything that somebody whose task ended under her hands needs, to bring her text to the one that follows."""
    post = session.get_one(Post, task.post_id)
    if post.state is not PostState.VISIBLE:
        return TaskClosedError(mine=mine, theirs=None, source=None, task_id=None)
    translation = find_translation(session, source_text_id=post.source_text_id, target=task.target_language)
    is_shown = translation is not None and translation.state in (TranslationState.MACHINE, TranslationState.VERIFIED)
    theirs = find_active_candidate(session, translation.id) if translation is not None and is_shown else None
    following = session.scalar(
        select(Task.id)
        .where(Task.post_id == post.id, Task.target_language == task.target_language, Task.state.in_(UNFINISHED))
        .order_by(Task.urgency.desc(), Task.id)
        .limit(1)
    )
    return TaskClosedError(
        mine=mine,
        theirs=theirs.text if theirs else None,
        source=session.get_one(SourceText, post.source_text_id).text,
        task_id=following,
    )


def _submit_title(
    session: Session,
    post: Post,
    target: LanguageTag,
    text: str,
    account_id: int,
    accept_warnings: bool,
    now: datetime,
) -> None:
    """The title is written together with its body, so the body's candidate speaks for both."""
    if post.title_text_id is None:
        return
    title = find_translation(session, source_text_id=post.title_text_id, target=target)
    if title is None or title.state is TranslationState.WITHDRAWN:
        return
    active = find_active_candidate(session, title.id)
    if is_human(active) and active is not None and active.text == text.strip():
        return
    try:
        submit_translation(
            session,
            translation_id=title.id,
            text=" ".join(text.split()),
            base_candidate_id=active.id if active else None,
            actor_id=account_id,
            accept_warnings=accept_warnings,
            now=now,
        )
    except ChecksFailedError as error:
        raise ChecksFailedError(findings=error.data["findings"], part="title") from error
