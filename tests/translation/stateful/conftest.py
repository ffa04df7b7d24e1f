"""Worlds: a small one on SQLite, and one on each of the two databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.core.db import Database
from app.subscribers import SUBSCRIBERS
from tests.translation.stateful.world import World


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


@pytest.fixture
def small_world(sqlite_url: str) -> Iterator[World]:
    """On SQLite only, for what is not about the database."""
    world = World(Database(sqlite_url, session_info={"subscribers": SUBSCRIBERS}))
    yield world
    world.db.dispose()
