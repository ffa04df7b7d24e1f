"""A glossary in a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select

from app.core.db import Database
from tests.conftest import TickingClock
from translation.glossary.drafts import ConceptDraft
from translation.glossary.exchange import parse_cell
from translation.glossary.models import Concept, Regate, Term
from translation.glossary.queries import ConceptView, find_terms, get_concept
from translation.glossary.service import add_concept, verify_term
from translation.languages import LanguageTag, parse_language_tag
from translation.results import GlossaryTerm

INTERPRETER = 7


def make_draft(key: str, *, category: str | None = None, keeps: bool = False, **cells: str) -> ConceptDraft:
    """A draft from cells as in the starter set: ``zh_Hant="移工 | !外勞"``."""
    return ConceptDraft(
        key=key,
        source_url="https://www.mol.gov.tw/",
        category=category,
        is_do_not_translate=keeps,
        terms=tuple(
            term for tag, cell in cells.items() for term in parse_cell(cell, parse_language_tag(tag.replace("_", "-")))
        ),
    )


WORKER = make_draft("migrant-worker", zh_Hant="移工 | 移住勞工 | !外勞", en="migrant worker", vi="lao động di trú")


class Shelf:
    """The glossary of one database."""

    def __init__(self, db: Database, clock: TickingClock) -> None:
        self.db = db
        self.clock = clock

    def add(self, draft: ConceptDraft, *, verified: bool = False) -> int:
        with self.db.transaction() as session:
            concept_id = add_concept(session, actor_id=1, draft=draft, now=self.clock()).id
        if verified:
            self.verify(concept_id)
        return concept_id

    def verify(self, concept_id: int, *languages: LanguageTag) -> None:
        with self.db.transaction() as session:
            for term in self.terms(concept_id):
                if not languages or term.language in languages:
                    verify_term(session, actor_id=INTERPRETER, term_id=term.id, now=self.clock())

    def terms(self, concept_id: int) -> Sequence[Term]:
        with self.db.reading() as session:
            return session.scalars(select(Term).where(Term.concept_id == concept_id).order_by(Term.id)).all()

    def concept(self, concept_id: int) -> ConceptView:
        with self.db.reading() as session:
            return get_concept(session, concept_id)

    def keys(self) -> list[str]:
        with self.db.reading() as session:
            return list(session.scalars(select(Concept.key).order_by(Concept.id)))

    def find_id(self, key: str) -> int:
        with self.db.reading() as session:
            return session.scalars(select(Concept.id).where(Concept.key == key)).one()

    def regates(self) -> list[int]:
        with self.db.reading() as session:
            return list(session.scalars(select(Regate.concept_id).order_by(Regate.id)))

    def find(
        self, text: str, source: LanguageTag, target: LanguageTag, category: str | None = None
    ) -> tuple[GlossaryTerm, ...]:
        with self.db.reading() as session:
            return find_terms(session, texts=[text], source=source, target=target, category=category)[0]


@pytest.fixture
def shelf(make_database: Callable[..., Database], clock: TickingClock) -> Shelf:
    return Shelf(make_database(), clock)
