"""What Qiao answers: the objects of the public contract, for ``/api/v1`` and Socket.IO alike.

Every field is always there; what there is none of is null or empty, so that clients need no look-before-leap.
"""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import AccountKind, Role
from app.forum.models import CategoryGroup, Channel, PostState, Solved, ThreadKind, ThreadStatus
from app.interpreting.models import TaskKind, TaskState
from moderation.models import Action, ItemKind, ItemState, ReportReason
from translation.languages import LanguageTag
from translation.models import Grade, TranslationState, WaitReason
from translation.results import Basis, CheckCode, FactKind, OriginKind, Severity

Item = TypeVar("Item")


class Output(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Output, Generic[Item]):
    """``next`` is the cursor to give as ``after``; null on the last page."""

    items: list[Item]
    next: str | None


class Pair(Output):
    source: LanguageTag
    target: LanguageTag


class Account(Output):
    id: int
    display_name: str
    kind: AccountKind
    roles: list[Role]
    locale: str
    reading_languages: list[str]
    show_originals: bool
    expertise: list[str]
    pairs: list[Pair]


class SignedIn(Output):
    """The token is shown once; only a digest of it is kept."""

    account: Account
    token: str


class Token(Output):
    token: str


class Category(Output):
    slug: str
    group: CategoryGroup
    country: str | None
    title: str


class Categories(Output):
    items: list[Category]


class Author(Output):
    id: int
    display_name: str
    kind: AccountKind


class Language(Output):
    tag: LanguageTag
    basis: Basis
    confidence: float = Field(ge=0, le=1)


class Fact(Output):
    kind: FactKind
    text: str


class Origin(Output):
    kind: OriginKind
    engine: str | None
    route: list[str]


class Check(Output):
    """``message`` is for people, in their language; ``detail`` holds the facts that differ."""

    code: CheckCode
    severity: Severity
    message: str
    detail: list[str]


class GistTerm(Output):
    term: str
    text: str


class Wait(Output):
    """Interpreters of the pair who were here lately, and how long such work took of late; null where nobody knows."""

    people_on_shift: int
    expected_seconds: int | None


class Translation(Output):
    language: LanguageTag
    state: TranslationState
    grade: Grade | None
    reported: bool
    text: str | None
    origin: Origin | None
    candidate_id: int | None
    reason: WaitReason | None
    checks: list[Check]
    gist: list[GistTerm]
    wait: Wait | None
    is_demo: bool
    updated_at: datetime


class Title(Output):
    text: str
    language: Language
    translation: Translation | None


class Post(Output):
    id: int
    thread_id: int
    change: int
    author: Author
    channel: Channel
    language: Language
    body: str
    facts: list[Fact]
    created_at: datetime
    edited_at: datetime | None
    state: PostState
    hold_reason: str | None
    reply_to: int | None
    title: Title | None
    translation: Translation | None
    is_demo: bool


class PostPage(Page[Post]):
    """Posts in the order of their changes; ``next`` is the change to give as ``after``."""


class ThreadSummary(Output):
    id: int
    kind: ThreadKind
    category: str
    status: ThreadStatus
    author: Author
    title: Title
    created_at: datetime
    change: int
    is_demo: bool


class Thread(ThreadSummary):
    rating: Solved | None
    is_following: bool
    posts: PostPage


class ThreadPage(Page[ThreadSummary]):
    pass


class Rating(Output):
    solved: Solved
    reasons: list[str]


class Candidate(Output):
    id: int
    text: str


class MemoryMatch(Output):
    """``match`` is 100 for the same text, less for a similar one."""

    source: str
    target: str
    match: int = Field(ge=0, le=100)


class Term(Output):
    source: str
    target: str


class Lease(Output):
    holder: str
    expires_at: datetime


class TaskSource(Output):
    text: str
    title: str | None
    facts: list[Fact]


class TaskSummary(Output):
    id: int
    kind: TaskKind
    post_id: int
    thread_id: int
    source_language: LanguageTag
    target_language: LanguageTag
    state: TaskState
    reason: str | None
    source: TaskSource
    lease: Lease | None
    created_at: datetime


class Task(TaskSummary):
    context: list[Post]
    candidate: Candidate | None
    title_candidate: Candidate | None
    matches: list[MemoryMatch]
    terms: list[Term]
    checks: list[Check]
    draft: str | None


class TaskPage(Page[TaskSummary]):
    """Most urgent first."""


class TranslationReport(Output):
    post_id: int
    language: LanguageTag
    reason: str


class PostReport(Output):
    id: int
    post_id: int
    reason: ReportReason
    created_at: datetime


class Decision(Output):
    action: Action
    note: str
    decided_at: datetime


class ItemReport(Output):
    reason: ReportReason
    note: str | None
    created_at: datetime


class ModerationItem(Output):
    """What was written, its translation into the moderator's language, and that back into the original's language;
    the last is null where none was made."""

    id: int
    kind: ItemKind
    state: ItemState
    hold_reason: str | None
    post: Post
    back_translation: str | None
    reports: list[ItemReport]
    decisions: list[Decision]
    created_at: datetime


class ModerationPage(Page[ModerationItem]):
    pass


class FieldProblem(Output):
    field: str
    code: str


class Problem(BaseModel):
    """RFC 9457. ``code`` is stable, ``title`` is for people. Some codes add fields of their own: ``checks`` for
    ``translation.checks_failed`` (``part`` is ``title`` where it is the title that fails); ``mine``, ``theirs`` and
    ``source`` for ``translation.candidate_changed`` and ``interpreting.task_closed``, the latter with the ``task_id``
    of the task that follows; ``holder`` and ``expires_at`` for ``interpreting.lease_held``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    title: str
    status: int
    code: str
    reason: str | None
    errors: list[FieldProblem]
    request_id: str
    checks: list[Check] | None = None
    part: str | None = None
    holder: str | None = None
    expires_at: datetime | None = None
    task_id: int | None = None
    mine: str | None = None
    theirs: str | None = None
    source: str | None = None


class Person(Output):
    id: int
    display_name: str


class LivePost(Output):
    """What joined browsers get of a post."""

    post: Post


class LiveTranslation(Output):
    """A translation that has changed; of the first post also that of the title."""

    post_id: int
    thread_id: int
    change: int
    translation: Translation | None
    title: Title | None


class LiveWithdrawal(Output):
    post_id: int
    thread_id: int
    change: int


class LiveThread(Output):
    thread_id: int
    status: ThreadStatus
    change: int


class LiveTask(Output):
    task_id: int
    kind: TaskKind
    post_id: int
    source_language: LanguageTag
    target_language: LanguageTag
    state: TaskState


class LiveTyping(Output):
    thread_id: int
    person: Person


class LivePresence(Output):
    thread_id: int
    people: list[Person]
