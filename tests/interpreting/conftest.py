"""People of the desk."""

from __future__ import annotations

import pytest

from app.core.actor import AccountKind, Actor
from app.core.db import Database
from tests.conftest import TickingClock
from tests.people import make_interpreter, make_person


@pytest.fixture
def asker(db: Database, clock: TickingClock) -> Actor:
    return make_person(db, now=clock(), reads=["vi"], kind=AccountKind.RESIDENT)


@pytest.fixture
def interpreter(db: Database, clock: TickingClock) -> Actor:
    return make_interpreter(db, ("vi", "zh-Hant"), ("zh-Hant", "vi"), now=clock())


@pytest.fixture
def colleague(db: Database, clock: TickingClock) -> Actor:
    return make_interpreter(db, ("vi", "zh-Hant"), now=clock())


@pytest.fixture
def khmer(db: Database, clock: TickingClock) -> Actor:
    return make_interpreter(db, ("km", "zh-Hant"), now=clock())
