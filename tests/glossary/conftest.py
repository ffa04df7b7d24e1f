"""A glossary in a database, and people around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest

from app.core.actor import Actor, Role
from app.core.db import Database
from tests.conftest import TickingClock
from tests.people import make_interpreter, make_person
from tests.translation.glossary.conftest import WORKER, Shelf
from translation.glossary.queries import TermView
from translation.languages import LanguageTag


@dataclass(frozen=True)
class People:
    """``sole`` is the only interpreter there is for Vietnamese."""

    sole: Actor
    khmer: Actor
    moderator: Actor
    admin: Actor
    citizen: Actor


@pytest.fixture
def shelf(db: Database, clock: TickingClock) -> Shelf:
    return Shelf(db, clock)


@pytest.fixture
def people(db: Database, clock: TickingClock) -> People:
    now: datetime = clock()
    return People(
        sole=make_interpreter(db, ("vi", "zh-Hant"), now=now),
        khmer=make_interpreter(db, ("km", "zh-Hant"), now=now),
        moderator=make_person(db, now=now, roles=[Role.MODERATOR]),
        admin=make_person(db, now=now, roles=[Role.ADMIN]),
        citizen=make_person(db, now=now),
    )


@pytest.fixture
def worker(shelf: Shelf) -> int:
    """A concept with unconfirmed names in Chinese, English and Vietnamese."""
    return shelf.add(WORKER)


def find_view(shelf: Shelf, concept_id: int, text: str) -> TermView:
    [found] = [term for term in shelf.concept(concept_id).terms if term.text == text]
    return found


def list_texts(shelf: Shelf, concept_id: int, language: LanguageTag) -> list[tuple[str, str, bool]]:
    """(text, status, whether confirmed) of each name."""
    return [
        (term.text, term.status.value, term.is_verified)
        for term in shelf.concept(concept_id).terms
        if term.language is language
    ]
