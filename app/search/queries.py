"""Finding threads by what stands in them, in whatever language it was written in or translated into.

A scan with LIKE over what may be seen: exact and simple, and enough for some ten thousand posts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

from sqlalchemy import ColumnElement, Integer, case, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.actor import Actor
from app.forum.models import Category, Post, PostState, Thread, ThreadKind, ThreadStatus
from app.forum.queries import list_threads
from app.forum.views import ThreadSummary
from app.search.terms import escape_like, split_query, split_question
from translation.languages import LanguageTag
from translation.models import Candidate, SourceText, Translation, TranslationState

#: Most threads that one search brings.
MAX_FOUND = 20


def search_threads(
    session: Session, *, actor: Actor, text: str, language: LanguageTag, category: str | None = None
) -> list[ThreadSummary]:
    """Threads with a visible post, or a shown translation of one, in which every part of ``text`` stands; newest
    first. Titles are in ``language``."""
    terms = split_query(text)
    ids = _find_thread_ids(session, actor=actor, terms=terms, minimum=len(terms), category=category, status=None)
    return _load(session, actor, sorted(ids, reverse=True), language)


def find_similar_threads(session: Session, *, actor: Actor, text: str, language: LanguageTag) -> list[ThreadSummary]:
    """Solved threads that share many terms with ``text``, those that share most first."""
    terms = split_question(text)
    ids = _find_thread_ids(
        session, actor=actor, terms=terms, minimum=(len(terms) + 2) // 3, category=None, status=ThreadStatus.SOLVED
    )
    return _load(session, actor, ids, language)


def _find_thread_ids(
    session: Session,
    *,
    actor: Actor,
    terms: Sequence[str],
    minimum: int,
    category: str | None,
    status: ThreadStatus | None,
) -> list[int]:
    """Threads with a text that has at least ``minimum`` of the terms, best first."""
    if not terms:
        return []
    original, translated = _count_terms(SourceText.text, terms), _count_terms(Candidate.text, terms)
    shown = Translation.state.in_([TranslationState.MACHINE, TranslationState.VERIFIED])
    texts = union_all(
        select(SourceText.id.label("text_id"), original.label("score")).where(original >= minimum),
        select(Translation.source_text_id, translated)
        .join(Candidate, Candidate.translation_id == Translation.id)
        .where(shown, Candidate.is_active, translated >= minimum),
    ).subquery()
    best = func.max(texts.c.score)
    statement = (
        select(Post.thread_id)
        .join(texts, or_(Post.source_text_id == texts.c.text_id, Post.title_text_id == texts.c.text_id))
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.state == PostState.VISIBLE, _readable_by(actor))
        .group_by(Post.thread_id)
        .order_by(best.desc(), Post.thread_id.desc())
        .limit(MAX_FOUND)
    )
    if category is not None:
        statement = statement.join(Category, Category.id == Thread.category_id).where(Category.slug == category)
    if status is not None:
        statement = statement.where(Thread.status == status)
    return list(session.scalars(statement))


def _count_terms(column: InstrumentedAttribute[str], terms: Sequence[str]) -> ColumnElement[int]:
    found = (case((column.ilike(escape_like(term), escape="\\"), 1), else_=0) for term in terms)
    return reduce(add, found, literal(0, Integer))


def _readable_by(actor: Actor) -> ColumnElement[bool]:
    """Private consultations are found by those who asked them only, whoever else may read them."""
    is_public = Thread.kind != ThreadKind.CONSULTATION
    return is_public if actor.account_id is None else or_(is_public, Thread.author_id == actor.account_id)


def _load(session: Session, actor: Actor, ids: Sequence[int], language: LanguageTag) -> list[ThreadSummary]:
    found = list_threads(session, actor=actor, language=language, thread_ids=ids, limit=MAX_FOUND).items
    return sorted(found, key=lambda thread: ids.index(thread.id))
