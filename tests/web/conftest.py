"""The real application on a real database, with a clock that tests set and no engines installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.outbox import Subscribers
from app.core.settings import Settings
from app.factory import create_app
from app.runtime import Runtime, create_runtime
from tests.conftest import TickingClock

#: Tests that aren't about limits must not meet them.
GENEROUS = {
    "accounts_per_hour": 100_000,
    "guests_per_hour": 100_000,
    "reads_per_minute": 1_000_000,
    "writes_per_minute": 1_000_000,
}


@pytest.fixture
def make_runtime(
    sqlite_url: str, tmp_path: Path, clock: TickingClock, subscribers: Subscribers
) -> Iterator[Callable[..., Runtime]]:
    made: list[Runtime] = []

    def make(**changes: object) -> Runtime:
        values = {"data_dir": tmp_path / "data", "database_url": sqlite_url, **GENEROUS, **changes}
        made.append(create_runtime(Settings.from_env({}, **values), subscribers=subscribers, clock=clock))
        return made[-1]

    yield make
    for runtime in made:
        runtime.jobs.stop()
        runtime.db.dispose()


@pytest.fixture
def runtime(make_runtime: Callable[..., Runtime]) -> Runtime:
    return make_runtime()


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    return create_app(runtime)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)
