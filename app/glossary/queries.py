"""Pages of the glossary for readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.interpreting.policy import to_pair_language
from translation.detection import detect_language
from translation.engines.opencc import OpenccEngine
from translation.glossary.models import Concept, Term
from translation.glossary.queries import ConceptView, list_concepts
from translation.languages import LanguageTag

_HANS_TO_HANT: Final = (LanguageTag.ZH_HANS, LanguageTag.ZH_HANT)
_opencc = OpenccEngine()


@dataclass(frozen=True)
class ConceptPage:
    """``next_after`` is None on the last page."""

    items: tuple[ConceptView, ...]
    next_after: int | None


def list_page(
    session: Session,
    *,
    language: LanguageTag | None = None,
    category: str | None = None,
    is_verified: bool | None = None,
    query: str | None = None,
    after: int | None = None,
    limit: int = 20,
) -> ConceptPage:
    """A page of concepts, ``limit`` from 1 to 100; the filters are those of
    :func:`~translation.glossary.queries.list_concepts`. Simplified Chinese finds the Traditional terms."""

    def read(after_id: int, count: int) -> tuple[ConceptView, ...]:
        return list_concepts(
            session,
            language=to_pair_language(language) if language is not None else None,
            category=category,
            is_verified=is_verified,
            query=to_searched(query) if query is not None else None,
            after_id=after_id,
            limit=count,
        )

    found = read(after or 0, limit)
    has_more = len(found) == limit and bool(read(found[-1].id, 1))
    return ConceptPage(found, found[-1].id if has_more else None)


def to_searched(query: str) -> str:
    """What is looked for: Chinese is kept in Traditional characters only."""
    if detect_language(query).tag is not LanguageTag.ZH_HANS:
        return query
    return _opencc.translate([query], pair=_HANS_TO_HANT)[0].text


def list_used_categories(session: Session) -> list[str]:
    """The topics that some concept is about, by name."""
    is_named = exists(select(Term.id).where(Term.concept_id == Concept.id))
    statement = select(Concept.category).where(Concept.category.is_not(None), is_named).distinct()
    return sorted(category for category in session.scalars(statement) if category is not None)
