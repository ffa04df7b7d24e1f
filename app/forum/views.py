"""What readers see of conversations: frozen read models, and how rows become them. The caller chooses the rows; one
that is not to be shown becomes a tombstone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.queries import load_accounts
from app.core.actor import AccountKind, Actor
from app.forum.models import Channel, Post, PostState, Solved, Thread, ThreadKind, ThreadStatus
from app.forum.service.texts import to_translated_language
from translation.display import convert_original, show_simplified
from translation.languages import LanguageTag
from translation.models import EngineSet, SourceText
from translation.queries import TranslationView, load_views
from translation.results import Basis, Fact, FactKind


@dataclass(frozen=True)
class AuthorView:
    id: int
    display_name: str
    kind: AccountKind


@dataclass(frozen=True)
class LanguageView:
    tag: LanguageTag
    basis: Basis
    confidence: float


@dataclass(frozen=True)
class TitleView:
    """``text`` is empty when the first post is gone."""

    text: str
    language: LanguageView
    translation: TranslationView | None


@dataclass(frozen=True)
class PostView:
    """A post as the actor sees it in a language. ``translation`` is None when the post is in that language, or when
    nobody has asked for it yet (``lacks_translation``). A tombstone has a state and no texts."""

    id: int
    thread_id: int
    change: int
    author: AuthorView
    channel: Channel
    language: LanguageView
    body: str
    facts: tuple[Fact, ...]
    created_at: datetime
    edited_at: datetime | None
    state: PostState
    hold_reason: str | None
    reply_to_id: int | None
    source_text_id: int
    title: TitleView | None
    translation: TranslationView | None
    is_demo: bool
    lacks_translation: bool


@dataclass(frozen=True)
class ThreadView:
    """A thread with a page of posts. On all but the last page, ``next_after`` (catching up) or ``next_post`` (plain
    reading) is where to go on."""

    id: int
    kind: ThreadKind
    category_slug: str
    is_risky: bool
    status: ThreadStatus
    author: AuthorView
    title: TitleView
    created_at: datetime
    change: int
    posts: tuple[PostView, ...]
    next_after: int | None
    next_post: int | None
    rating: Solved | None
    is_following: bool
    is_demo: bool


@dataclass(frozen=True)
class ThreadSummary:
    id: int
    kind: ThreadKind
    category_slug: str
    status: ThreadStatus
    author: AuthorView
    title: TitleView
    created_at: datetime
    last_post_at: datetime
    change: int
    is_demo: bool


@dataclass(frozen=True)
class ThreadList:
    """``next_before`` is the thread id to go on from, None on the last page."""

    items: tuple[ThreadSummary, ...]
    next_before: int | None


_UNKNOWN = LanguageView(tag=LanguageTag.UND, basis=Basis.UNKNOWN, confidence=0.0)
NO_TITLE = TitleView(text="", language=_UNKNOWN, translation=None)


def to_views(
    session: Session,
    actor: Actor,
    posts: Sequence[Post],
    threads: dict[int, Thread],
    language: LanguageTag,
    authors: dict[int, AuthorView] | None = None,
    *,
    include_hidden: bool = False,
) -> list[PostView]:
    """Three queries, however many posts: texts, translations, and authors unless they are given."""
    shown = {
        post.id
        for post in posts
        if post.state is PostState.VISIBLE
        or (include_hidden and post.state is not PostState.WITHDRAWN)
        or (post.state is PostState.HELD and post.author_id == actor.account_id)
    }
    text_ids = {
        text_id
        for post in posts
        if post.id in shown
        for text_id in (post.source_text_id, post.title_text_id)
        if text_id is not None
    }
    texts = {row.id: row for row in session.scalars(select(SourceText).where(SourceText.id.in_(text_ids)))}
    shown_in = _Reading(session, language, text_ids, texts)
    if authors is None:
        authors = load_authors(session, {post.author_id for post in posts})
    return [
        _to_view(post, threads[post.thread_id], authors[post.author_id], texts, shown_in)
        if post.id in shown
        else _to_tombstone(post, authors[post.author_id])
        for post in posts
    ]


class _Reading:
    """What a reader of one language sees of some texts."""

    def __init__(
        self, session: Session, language: LanguageTag, text_ids: set[int], texts: dict[int, SourceText]
    ) -> None:
        self._language = language
        self._target = to_translated_language(language)
        self._texts = texts
        self._views = load_views(session, source_text_ids=text_ids, target=self._target)

    def find(self, source: SourceText) -> TranslationView | None:
        """The translation; None where the text is in the reader's language, or nobody has asked for it."""
        if source.language is self._language:
            return None
        view = None if source.language is self._target else self._views.get(source.id)
        if self._language is not LanguageTag.ZH_HANS:
            return view
        if source.language is self._target:
            is_demo = source.engine_set is EngineSet.DEMO
            return convert_original(
                source_text_id=source.id, text=source.text, is_demo=is_demo, written_at=source.created_at
            )
        return show_simplified(view) if view is not None else None

    def lacks(self, source: SourceText) -> bool:
        return source.language not in (self._language, self._target) and source.id not in self._views


def load_authors(session: Session, ids: set[int]) -> dict[int, AuthorView]:
    return {account_id: _to_author(account) for account_id, account in load_accounts(session, ids).items()}


def _to_author(account: Account) -> AuthorView:
    return AuthorView(id=account.id, display_name=account.display_name, kind=account.kind)


def _to_view(
    post: Post,
    thread: Thread,
    author: AuthorView,
    texts: dict[int, SourceText],
    reading: _Reading,
) -> PostView:
    source = texts[post.source_text_id]
    title_source = texts.get(post.title_text_id) if post.title_text_id is not None else None
    return PostView(
        id=post.id,
        thread_id=post.thread_id,
        change=post.change,
        author=author,
        channel=post.channel,
        language=_to_language(source),
        body=source.text,
        facts=tuple(Fact(kind=FactKind(fact["kind"]), text=fact["text"]) for fact in source.facts),
        created_at=post.created_at,
        edited_at=post.edited_at,
        state=post.state,
        hold_reason=post.hold_reason,
        reply_to_id=post.reply_to_id,
        source_text_id=source.id,
        title=_to_title(title_source, reading) if title_source is not None else None,
        translation=reading.find(source),
        is_demo=thread.is_demo,
        lacks_translation=reading.lacks(source),
    )


def _to_title(source: SourceText, reading: _Reading) -> TitleView:
    return TitleView(text=source.text, language=_to_language(source), translation=reading.find(source))


def _to_language(source: SourceText) -> LanguageView:
    return LanguageView(tag=source.language, basis=source.basis, confidence=source.confidence)


def _to_tombstone(post: Post, author: AuthorView) -> PostView:
    # A held post of somebody else looks like a hidden one: that it is being looked at is nobody's business.
    state = PostState.WITHDRAWN if post.state is PostState.WITHDRAWN else PostState.HIDDEN
    return PostView(
        id=post.id,
        thread_id=post.thread_id,
        change=post.change,
        author=author,
        channel=post.channel,
        language=_UNKNOWN,
        body="",
        facts=(),
        created_at=post.created_at,
        edited_at=None,
        state=state,
        hold_reason=None,
        reply_to_id=None,
        source_text_id=post.source_text_id,
        title=None,
        translation=None,
        is_demo=False,
        lacks_translation=False,
    )
