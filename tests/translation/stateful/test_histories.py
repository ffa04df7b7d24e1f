"""No history of texts and translations breaks an invariant, on either database."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from app.core.db import Database
from app.subscribers import SUBSCRIBERS
from tests.conftest import empty_postgresql
from tests.translation.stateful.machine import Histories
from tests.translation.stateful.world import World

#: So many histories instead of the usual few, with seeds of their own: ``QIAO_TEST_HISTORIES=2000 pytest …``.
MANY = int(os.environ.get("QIAO_TEST_HISTORIES", "0"))


def _set(histories: int, steps: int) -> settings:
    return settings(
        max_examples=MANY or histories,
        stateful_step_count=60 if MANY else steps,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


def test_no_history_on_sqlite_breaks_an_invariant(sqlite_template: Path, tmp_path: Path) -> None:
    numbers = count()

    def open_world() -> World:
        path = tmp_path / f"{next(numbers)}.sqlite3"
        shutil.copy(sqlite_template, path)
        return World(Database(f"sqlite:///{path}", session_info={"subscribers": SUBSCRIBERS}))

    run_state_machine_as_test(lambda: Histories(open_world), settings=_set(15, 40))


@pytest.mark.postgresql
def test_no_history_on_postgresql_breaks_an_invariant(postgresql_url: str) -> None:
    def open_world() -> World:
        empty_postgresql(postgresql_url)
        return World(Database(postgresql_url, session_info={"subscribers": SUBSCRIBERS}))

    run_state_machine_as_test(lambda: Histories(open_world), settings=_set(4, 30))
    empty_postgresql(postgresql_url)
