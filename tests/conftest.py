"""Databases for tests: the real migrations on SQLite and PostgreSQL, a fresh one for every test.

SQLite: a copy of a migrated file. PostgreSQL: one migrated database a session, emptied after each test. Commits are
real, so that what happens at a commit is tested too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.accounts import passwords
from app.core.db import Database
from app.core.outbox import Subscribers
from app.core.schema import load_metadata, upgrade_schema
from app.forum.starter import ensure_categories

POSTGRESQL_URL = os.environ.get("QIAO_TEST_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("QIAO_TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


# A busy machine is no failure; in CI the same examples every time.
hypothesis.settings.register_profile("qiao", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("qiao")


class QueryCount:
    """How many statements were sent, BEGIN and the like not counted."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, *_event: object) -> None:
        self.count += 1


CountQueries = Callable[[Database], AbstractContextManager[QueryCount]]


@pytest.fixture
def count_queries() -> CountQueries:
    @contextmanager
    def counting(database: Database) -> Iterator[QueryCount]:
        counter = QueryCount()
        event.listen(database.engine, "before_cursor_execute", counter)
        try:
            yield counter
        finally:
            event.remove(database.engine, "before_cursor_execute", counter)

    return counting


class TickingClock:
    """A clock that tests set. Starts at a fixed time and moves only when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[None]:
    """Real argon2 with the least work: tests make hundreds of accounts."""
    before = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    passwords._hasher = before


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the starter categories, to be copied."""
    path = tmp_path_factory.mktemp("template") / "qiao.sqlite3"
    database = Database(f"sqlite:///{path}")
    prepare_database(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A migrated PostgreSQL database of its own; skips where no server is reachable, never in CI."""
    admin = create_engine(POSTGRESQL_URL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    name = f"qiao_test_{uuid4().hex[:10]}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"))
    except OperationalError:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL at {make_url(POSTGRESQL_URL).render_as_string()}: set QIAO_TEST_POSTGRESQL_URL")
    url = make_url(POSTGRESQL_URL).set(database=name).render_as_string(hide_password=False)
    database = Database(url)
    prepare_database(database)
    database.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def prepare_database(database: Database) -> None:
    upgrade_schema(database)
    with database.transaction() as session:
        ensure_categories(session)


def empty_postgresql(url: str) -> None:
    """Take every row but the schema's version and the categories."""
    engine = create_engine(url)
    kept = {"alembic_version", "categories"}
    tables = ", ".join(f'"{name}"' for name in load_metadata().tables if name not in kept)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database on each of the two systems."""
    if request.param == "sqlite":
        path = tmp_path / "qiao.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url: str = request.getfixturevalue("postgresql_url")
    yield url
    empty_postgresql(url)


@pytest.fixture
def subscribers() -> Subscribers:
    """The product's own table; a test that wants silence overrides this."""
    from app.subscribers import SUBSCRIBERS

    return SUBSCRIBERS


@pytest.fixture
def make_database(database_url: str) -> Iterator[Callable[..., Database]]:
    made: list[Database] = []

    def make(subscribers: Subscribers | None = None) -> Database:
        info = {"subscribers": subscribers} if subscribers is not None else {}
        made.append(Database(database_url, session_info=info))
        return made[-1]

    yield make
    for database in made:
        database.dispose()


@pytest.fixture
def db(make_database: Callable[..., Database], subscribers: Subscribers) -> Database:
    """The database with the product's subscribers."""
    return make_database(subscribers)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database, for tests that aren't about the database."""
    path = tmp_path / "qiao.sqlite3"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"
