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
from translation.glossary.models import TermStatus
from translation.languages import LanguageTag
from translation.models import Grade, TranslationState, WaitReason
from translation.previews.models import PreviewState
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


class Preview(Output):
    """How a text will read: ``text`` is what is translated, personal data masked; ``translation`` how readers of
    ``target`` would see it, ``back_translation`` that again in ``source``. For an interpreter's own text there is no
    ``translation``, and ``back_translation`` is in ``target``. Both are null while ``pending``. Machine text all of it:
    one with errors among its ``checks`` would be held for a person."""

    id: int
    source: LanguageTag
    target: LanguageTag
    state: PreviewState
    reason: WaitReason | None
    text: str
    translation: str | None
    back_translation: str | None
    checks: list[Check]


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


class MemoryDifference(Output):
    remembered: str | None
    here: str | None


class MemoryMatch(Output):
    """``match`` is 100 for the same text, less for a similar one; ``is_whole`` says whether the whole text was compared
    or a sentence of it. ``differences`` are numbers, dates and links that differ, as remembered and as they are here;
    ``from_file`` names the import that it came with, null where an interpreter wrote it."""

    source: str
    target: str
    match: int = Field(ge=0, le=100)
    is_whole: bool
    differences: list[MemoryDifference]
    grade: Grade
    from_file: str | None


class Term(Output):
    """A term of the glossary; ``target`` is empty where only the ``forbidden`` ways of saying it are known."""

    source: str
    target: str
    forbidden: list[str]
    is_verified: bool


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


class LanguageReport(Output):
    post_id: int
    language: LanguageTag | None


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


class ConceptTerm(Output):
    """What a concept is called in a language. ``source_url`` where it comes from elsewhere than the concept;
    ``is_verified`` when an interpreter has confirmed it, at ``verified_at``."""

    id: int
    language: LanguageTag
    text: str
    status: TermStatus
    source_url: str | None
    is_verified: bool
    verified_at: datetime | None


class Concept(Output):
    """An entry of the glossary: one meaning and its terms, by language, the preferred one first."""

    id: int
    key: str
    category: str | None
    source_url: str
    note: str | None
    is_do_not_translate: bool
    terms: list[ConceptTerm]
    updated_at: datetime


class ConceptPage(Page[Concept]):
    """In the order in which they were added."""


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
