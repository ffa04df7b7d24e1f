"""Readers of human work: the queue, one task with all that is needed to do it, and how long people take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, and_, cast, func, null, or_, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Account
from app.accounts.queries import load_accounts
from app.core.actor import Actor, Role
from app.core.db import UtcDateTime
from app.core.errors import InvalidInputError
from app.core.lease import Lease
from app.forum.models import Post, PostState
from app.forum.policy import require, require_signed_in
from app.forum.queries import list_posts_before, load_post_views
from app.forum.views import PostView
from app.interpreting import policy
from app.interpreting.errors import TaskNotFoundError
from app.interpreting.models import InterpreterPair, Task, TaskDraft, TaskKind, TaskState
from app.interpreting.opening import UNFINISHED, is_leased
from app.interpreting.service import find_workable_task, is_free, is_workable_by
from translation.glossary.queries import find_terms
from translation.languages import LanguageTag
from translation.models import Candidate, SourceText, Translation
from translation.queries import find_active_candidate, find_translation, to_finding
from translation.results import Fact, FactKind, Finding
from translation.service.memory import MemoryMatch, list_matches

#: Posts of the thread that are shown before the one to translate.
CONTEXT = 5
#: Somebody seen so lately is on shift.
ON_SHIFT = timedelta(minutes=15)
#: How far back, and how many of a pair's closed tasks, tell how long the next will take.
HISTORY = timedelta(days=30)
_SAMPLE = 200
#: Fewer closed tasks than this tell nothing.
_MIN_SAMPLE = 3

Pair = tuple[LanguageTag, LanguageTag]


@dataclass(frozen=True)
class CandidateView:
    """The text that stands now, shown to readers or not: where the interpreter starts."""

    id: int
    text: str


@dataclass(frozen=True)
class TermView:
    """A term of the glossary, how it is to be said in the target language, and how not. Nobody has confirmed one that
    is not verified."""

    source: str
    target: str
    forbidden: tuple[str, ...]
    is_verified: bool


@dataclass(frozen=True)
class TaskView:
    """A task. In a list ``context``, ``candidate``, ``title_candidate``, ``matches``, ``terms``, ``draft`` and
    ``checks`` are left empty. ``state`` is OPEN once the lease has run out; ``lease`` is None then."""

    id: int
    kind: TaskKind
    post_id: int
    thread_id: int
    translation_id: int | None
    source_language: LanguageTag
    target_language: LanguageTag
    state: TaskState
    urgency: int
    reason: str | None
    source_text: str
    source_title: str | None
    facts: tuple[Fact, ...]
    lease: Lease | None
    created_at: datetime
    context: tuple[PostView, ...] = ()
    candidate: CandidateView | None = None
    title_candidate: CandidateView | None = None
    matches: tuple[MemoryMatch, ...] = ()
    terms: tuple[TermView, ...] = ()
    draft: str | None = None
    checks: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class TaskList:
    """A page of the queue; ``next`` is the task id to go on from, None on the last page."""

    items: tuple[TaskView, ...]
    next: int | None


@dataclass(frozen=True)
class Wait:
    """What a reader may expect of people: how many of the pair are there now, and the median time that its tasks took
    (None when too few were done to tell)."""

    people_on_shift: int
    expected_seconds: int | None


def build_actor(session: Session, account: Account) -> Actor:
    """The person as services and policies see her. Pairs count only while she is an interpreter."""
    roles = frozenset(Role(role) for role in account.roles)
    pairs = list_pairs(session, account.id) if Role.INTERPRETER in roles else []
    return Actor(
        account_id=account.id,
        kind=account.kind,
        display_name=account.display_name,
        roles=roles,
        pairs=frozenset((source.value, target.value) for source, target in pairs),
        locale=account.locale,
        reading_languages=tuple(account.reading_languages),
        show_originals=account.show_originals,
        is_suspended=account.suspended_at is not None,
    )


def list_pairs(session: Session, account_id: int) -> list[Pair]:
    rows = session.execute(
        select(InterpreterPair.source_language, InterpreterPair.target_language)
        .where(InterpreterPair.account_id == account_id)
        .order_by(InterpreterPair.source_language, InterpreterPair.target_language)
    )
    return list(rows)


def find_task(session: Session, task_id: int) -> Task | None:
    """The row, whoever may work it."""
    return session.get(Task, task_id)


def list_tasks(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    source: LanguageTag | None = None,
    target: LanguageTag | None = None,
    state: TaskState | None = None,
    after: int | None = None,
    limit: int = 20,
) -> TaskList:
    """The actor's queue, most urgent first, among equals the oldest; without ``state`` all that is unfinished.

    Raises :class:`ForbiddenError` for whoever interprets nothing, :class:`InvalidInputError` when ``after`` is no task.
    """
    require_signed_in(actor)
    require(policy.can_interpret(actor))
    statement = select(Task).where(is_workable_by(actor), _is_in_state(state, now))
    if source is not None:
        statement = statement.where(Task.source_language == policy.to_pair_language(source))
    if target is not None:
        statement = statement.where(Task.target_language == policy.to_pair_language(target))
    if after is not None:
        statement = statement.where(_comes_after(session, after))
    statement = statement.order_by(Task.urgency.desc(), Task.created_at, Task.id).limit(limit + 1)
    rows = list(session.scalars(statement))
    page = rows[:limit]
    return TaskList(
        items=tuple(_to_views(session, page, now)),
        next=page[-1].id if len(rows) > limit else None,
    )


def _is_in_state(state: TaskState | None, now: datetime) -> ColumnElement[bool]:
    if state is None:
        return Task.state.in_(UNFINISHED)
    if state is TaskState.OPEN:
        return is_free(now)
    if state is TaskState.CLAIMED:
        return and_(Task.state == TaskState.CLAIMED, Task.lease_expires_at > now)
    return Task.state == state


def _comes_after(session: Session, task_id: int) -> ColumnElement[bool]:
    """Place in the order, read from the task that came last: it has one even when it is finished by now."""
    last = session.get(Task, task_id)
    if last is None:
        raise InvalidInputError(field="after")
    return or_(
        Task.urgency < last.urgency,
        and_(
            Task.urgency == last.urgency,
            or_(Task.created_at > last.created_at, and_(Task.created_at == last.created_at, Task.id > last.id)),
        ),
    )


def get_task_view(session: Session, *, actor: Actor, task_id: int, now: datetime) -> TaskView:
    """A task with all that is needed to do it. Raises :class:`TaskNotFoundError`, also for finished tasks of posts
    that readers don't see any more."""
    task = find_workable_task(session, actor, task_id)
    views = _to_views(session, [task], now)
    if not views:
        raise TaskNotFoundError
    post = session.get_one(Post, task.post_id)
    translation = session.get(Translation, task.translation_id) if task.translation_id is not None else None
    before = list_posts_before(session, post=post, limit=CONTEXT)
    details: dict[str, object] = {
        "context": tuple(load_post_views(session, actor=actor, posts=before, language=_choose_language(actor, task))),
        "draft": _find_draft(session, actor, task),
    }
    if translation is not None:
        source = session.get_one(SourceText, translation.source_text_id)
        details |= {
            "candidate": _find_candidate(session, translation),
            "title_candidate": _find_title_candidate(session, post, translation),
            "terms": _find_terms(session, post, source, translation.target_language),
            "matches": tuple(list_matches(session, source=source, target=translation.target_language)),
            "checks": tuple(to_finding(check) for check in translation.checks),
        }
    return TaskView(**{**vars(views[0]), **details})


def _find_terms(session: Session, post: Post, source: SourceText, target: LanguageTag) -> tuple[TermView, ...]:
    """What the glossary knows of the title and the text, each term once."""
    title = session.get(SourceText, post.title_text_id) if post.title_text_id is not None else None
    texts = [text.text for text in (title, source) if text is not None]
    found = find_terms(session, texts=texts, source=source.language, target=target)
    views: dict[tuple[str, str], TermView] = {}
    for term in (term for terms in found for term in terms):
        name = term.targets[0] if term.targets else ""
        views.setdefault((term.source, name), TermView(term.source, name, term.forbidden, term.is_verified))
    return tuple(views.values())


def _choose_language(actor: Actor, task: Task) -> LanguageTag:
    """The conversation before the post, in the language that the interpreter writes."""
    return task.target_language if task.target_language.is_known else LanguageTag(actor.reading_language)


def _find_draft(session: Session, actor: Actor, task: Task) -> str | None:
    """Her own; otherwise what the last one before her had typed."""
    is_own = TaskDraft.account_id == actor.account_id
    statement = select(TaskDraft.text).where(TaskDraft.task_id == task.id)
    return session.scalar(statement.order_by(is_own.desc(), TaskDraft.saved_at.desc()).limit(1))


def _find_candidate(session: Session, translation: Translation) -> CandidateView | None:
    """The active candidate; before there is one for an edited text, that of the version before."""
    candidate = find_active_candidate(session, translation.id)
    if candidate is None and translation.stale_candidate_id is not None:
        candidate = session.get(Candidate, translation.stale_candidate_id)
    return CandidateView(id=candidate.id, text=candidate.text) if candidate else None


def _find_title_candidate(session: Session, post: Post, translation: Translation) -> CandidateView | None:
    if post.title_text_id is None:
        return None
    title = find_translation(session, source_text_id=post.title_text_id, target=translation.target_language)
    return _find_candidate(session, title) if title is not None else None


def _to_views(session: Session, tasks: Sequence[Task], now: datetime) -> list[TaskView]:
    """Two queries, however many tasks. Tasks whose text readers don't see any more have no view."""
    body, title = aliased(SourceText), aliased(SourceText)
    # A finished task shows the text that it was about, an unfinished one has no other.
    about = func.coalesce(Translation.source_text_id, Post.source_text_id)
    rows = session.execute(
        select(Task.id, Post.thread_id, body, title)
        .join(Post, Post.id == Task.post_id)
        .outerjoin(Translation, Translation.id == Task.translation_id)
        .join(body, body.id == about)
        .outerjoin(title, title.id == Post.title_text_id)
        .where(Task.id.in_([task.id for task in tasks]), Post.state == PostState.VISIBLE, body.withdrawn_at.is_(None))
    )
    texts = {task_id: (thread_id, body_row, title_row) for task_id, thread_id, body_row, title_row in rows}
    holders = load_accounts(session, {task.lease_holder_id for task in tasks if task.lease_holder_id is not None})
    return [_to_view(task, *texts[task.id], holders, now) for task in tasks if task.id in texts]


def _to_view(
    task: Task,
    thread_id: int,
    body: SourceText,
    title: SourceText | None,
    holders: Mapping[int, Account],
    now: datetime,
) -> TaskView:
    lease = None
    if is_leased(task, now) and task.lease_holder_id is not None and task.lease_expires_at is not None:
        holder = holders[task.lease_holder_id].display_name
        lease = Lease(holder_id=task.lease_holder_id, holder=holder, expires_at=task.lease_expires_at)
    return TaskView(
        id=task.id,
        kind=task.kind,
        post_id=task.post_id,
        thread_id=thread_id,
        translation_id=task.translation_id,
        source_language=task.source_language,
        target_language=task.target_language,
        state=TaskState.OPEN if task.state is TaskState.CLAIMED and lease is None else task.state,
        urgency=task.urgency,
        reason=task.reason,
        source_text=body.text,
        source_title=title.text if title is not None and title.withdrawn_at is None else None,
        facts=tuple(Fact(kind=FactKind(fact["kind"]), text=fact["text"]) for fact in body.facts),
        lease=lease,
        created_at=task.created_at,
    )


def estimate_waits(session: Session, pairs: Collection[Pair], now: datetime) -> dict[Pair, Wait]:
    """For each pair, who is there and how long people took: one query, however many pairs."""
    wanted = {pair: (policy.to_pair_language(pair[0]), policy.to_pair_language(pair[1])) for pair in pairs}
    if not wanted:
        return {}
    worked = sorted(set(wanted.values()))
    people = (
        select(
            InterpreterPair.source_language,
            InterpreterPair.target_language,
            cast(null(), UtcDateTime()).label("created_at"),
            cast(null(), UtcDateTime()).label("closed_at"),
        )
        .join(Account, Account.id == InterpreterPair.account_id)
        .where(
            tuple_(InterpreterPair.source_language, InterpreterPair.target_language).in_(worked),
            Account.last_seen_at > now - ON_SHIFT,
            Account.suspended_at.is_(None),
        )
    )
    place = func.row_number().over(
        partition_by=(Task.source_language, Task.target_language), order_by=(Task.closed_at.desc(), Task.id.desc())
    )
    closed = (
        select(Task.source_language, Task.target_language, Task.created_at, Task.closed_at, place.label("place"))
        .where(
            tuple_(Task.source_language, Task.target_language).in_(worked),
            Task.state == TaskState.DONE,
            Task.closed_at > now - HISTORY,
        )
        .subquery()
    )
    latest = select(closed.c.source_language, closed.c.target_language, closed.c.created_at, closed.c.closed_at).where(
        closed.c.place <= _SAMPLE
    )
    on_shift: dict[Pair, int] = defaultdict(int)
    seconds: dict[Pair, list[float]] = defaultdict(list)
    for source, target, created_at, closed_at in session.execute(union_all(people, latest)):
        if closed_at is None:
            on_shift[source, target] += 1
        else:
            seconds[source, target].append((closed_at - created_at).total_seconds())
    return {
        pair: Wait(people_on_shift=on_shift[worker], expected_seconds=_find_median(seconds[worker]))
        for pair, worker in wanted.items()
    }


def _find_median(seconds: Sequence[float]) -> int | None:
    return round(median(seconds)) if len(seconds) >= _MIN_SAMPLE else None


def count_open(session: Session, *, actor: Actor, now: datetime) -> int:
    """How much waits for this interpreter, for the number beside the desk's name."""
    if not policy.can_interpret(actor):
        return 0
    return session.scalar(select(func.count()).select_from(Task).where(is_free(now), is_workable_by(actor))) or 0
