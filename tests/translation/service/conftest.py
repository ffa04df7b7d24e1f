"""A desk on each of the two databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.core.db import Database
from app.core.outbox import Subscribers
from tests.conftest import TickingClock
from tests.translation.service.desk import Desk
from translation.events import TranslationChange, TranslationsChanged


@pytest.fixture
def desk(make_database: Callable[..., Database], clock: TickingClock) -> Desk:
    heard: list[TranslationChange] = []
    subscribers = Subscribers(now={TranslationsChanged: [lambda _s, event, _now: heard.extend(event.changes)]})
    return Desk(make_database(subscribers), clock, heard)
