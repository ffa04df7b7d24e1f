"""Somebody looks at posts in a language: what nobody has asked for yet is asked for, and what waits goes first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.forum.models import Post
from app.forum.service.texts import to_translated_language
from app.forum.service.threads import want_language
from app.forum.views import PostView
from translation.languages import LanguageTag
from translation.models import TranslationState
from translation.service.turns import is_behind, prioritise


@dataclass(frozen=True)
class Look:
    """What a reader's look asks for: translations of the posts in ``missing``, and ``behind`` sooner. False where
    there is nothing to write, so that most readings cost no transaction."""

    language: LanguageTag
    missing: tuple[int, ...]
    behind: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.behind)


def look_at(session: Session, *, posts: Sequence[PostView], language: LanguageTag) -> Look:
    """Find what a reader of these posts needs. Reads only; the edge opens a transaction for :func:`follow_look`."""
    return Look(
        language,
        missing=tuple(post.id for post in posts if post.lacks_translation),
        behind=tuple(list_posts_behind(session, posts=posts, language=language)),
    )


def follow_look(session: Session, look: Look, *, now: datetime) -> None:
    """Ask for what is missing and move what waits to the front. Visibility is the caller's."""
    if look.missing:
        want_language(session, post_ids=look.missing, language=look.language, now=now)
    look_at_posts(session, post_ids=(*look.missing, *look.behind), language=look.language)


def list_posts_behind(session: Session, *, posts: Sequence[PostView], language: LanguageTag) -> list[int]:
    """Those of the posts that somebody looks at whose translation waits behind what nobody looks at. Reads only, and
    nothing at all where nothing is pending; the edge opens a transaction for :func:`look_at_posts` if there are any."""
    pending = {post.id: _list_pending(post) for post in posts}
    target = to_translated_language(language)
    texts = {text_id for of_post in pending.values() for text_id in of_post}
    if not texts or not is_behind(session, source_text_ids=texts, target=target):
        return []
    return [post_id for post_id, of_post in pending.items() if of_post]


def _list_pending(post: PostView) -> list[int]:
    title = post.title.translation if post.title is not None else None
    shown = [each for each in (post.translation, title) if each is not None]
    return [each.source_text_id for each in shown if each.underlying is TranslationState.PENDING]


def look_at_posts(session: Session, *, post_ids: Collection[int], language: LanguageTag) -> None:
    """Somebody looks at these posts in a language: what is pending of them goes first. Visibility is the caller's."""
    if not post_ids:
        return
    rows = session.execute(select(Post.source_text_id, Post.title_text_id).where(Post.id.in_(post_ids)))
    texts = {text_id for row in rows for text_id in row if text_id is not None}
    prioritise(session, source_text_ids=texts, target=to_translated_language(language))
