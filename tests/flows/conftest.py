"""Servers for the flows: an embedded one on a copy of the migrated SQLite file, or one on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import empty_postgresql
from tests.flows.server import Server

#: Any key of the right length; the database outlives the data folder.
SECRET_KEY = "a secret key of the flow tests only"

OpenServer = Callable[..., Server]


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[OpenServer]:
    """Makes servers with a migrated database, nothing running yet; whatever runs at the end is killed."""
    opened: list[Server] = []

    def open_one(**settings: str) -> Server:
        folder = tmp_path_factory.mktemp("server")
        if "QIAO_DATABASE_URL" in settings:
            settings.setdefault("QIAO_SECRET_KEY", SECRET_KEY)
        else:
            shutil.copy(sqlite_template, folder / "qiao.sqlite3")
        opened.append(Server(folder, settings))
        return opened[-1]

    yield open_one
    for server in opened:
        server.close()


@pytest.fixture
def empty_postgresql_url(postgresql_url: str) -> Iterator[str]:
    """A migrated PostgreSQL database without accounts and threads."""
    yield postgresql_url
    empty_postgresql(postgresql_url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_settings(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of a server on each of the two databases."""
    if request.param == "sqlite":
        return {}
    return {"QIAO_DATABASE_URL": request.getfixturevalue("empty_postgresql_url")}
