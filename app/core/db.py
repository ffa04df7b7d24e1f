"""Rows, sessions and transactions. The only place that commits or rolls back.

SQLite (embedded) and PostgreSQL share one schema. SQLite has one writer: under gevent, a greenlet that yields inside
a write transaction would make every other writer wait for the busy time-out (measured: 3.0 s), so one process-wide
lock is held from BEGIN IMMEDIATE to COMMIT, and nothing in between may yield.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Engine, Integer, MetaData, String, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import JSON, TypeDecorator

from app.core.errors import UnavailableError

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: SQLite gives its 64-bit rowid only to a column of the exact type INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")

#: Longest BCP-47 tag that is stored (RFC 5646, section 4.4.1).
LANGUAGE_LENGTH = 35


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[Any]):
    """A ``StrEnum`` stored as its value."""

    impl = String(35)
    cache_ok = True

    def __init__(self, enum_type: type[StrEnum]) -> None:
        super().__init__()
        self.enum_type = enum_type

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.enum_type(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.enum_type(value)


class Base(DeclarativeBase):
    """Base of every row. Time columns end in ``_at`` and are aware UTC; language columns hold BCP-47 tags."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: JSON(), list[str]: JSON()}  # noqa: RUF012


Row = TypeVar("Row", bound=Base)

#: Called with the name of what happened after a commit that recorded events.
AfterCommit = Callable[[], None]


class Database:
    """One database: its engine, its sessions, and the two ways in: :meth:`transaction` and :meth:`reading`."""

    def __init__(self, url: str, *, session_info: dict[str, Any] | None = None, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._write_lock = threading.RLock()
        self._after_commit: list[AfterCommit] = []
        self.session_info: dict[str, Any] = session_info if session_info is not None else {}
        self.engine = _make_engine(url, is_sqlite=self.is_sqlite, pool_size=pool_size)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, info=self.session_info)

    def after_commit(self, callback: AfterCommit) -> None:
        """Call this, outside the transaction, after each commit in which events were recorded."""
        self._after_commit.append(callback)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end or rolls back on any exception.

        Raises :class:`UnavailableError` when the database can't be reached; then nothing was stored.
        """
        with self._locked_for_writing(), self._opened() as session:
            if self.is_sqlite:
                session.connection(execution_options={"qiao_write": True})
            yield session
            session.commit()
            has_events = session.info.pop("has_events", False)
        if has_events:
            for callback in self._after_commit:
                callback()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading; whatever it did is rolled back."""
        with self._opened() as session:
            yield session

    @contextmanager
    def _opened(self) -> Iterator[Session]:
        session = self._sessions(info={})
        try:
            yield session
        except (OperationalError, InterfaceError, PoolTimeoutError) as error:
            raise UnavailableError(dependency="database") from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise UnavailableError(dependency="database") from error
            raise
        finally:
            # After a commit there is nothing left to roll back; after an exception there is.
            session.close()

    @contextmanager
    def _locked_for_writing(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        with self._write_lock:
            yield

    def dispose(self) -> None:
        self.engine.dispose()


def _make_engine(url: str, *, is_sqlite: bool, pool_size: int) -> Engine:
    # Parameters are hidden in errors, because errors are logged and parameters are people's texts.
    if not is_sqlite:
        return create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": 5, "options": "-c statement_timeout=30000 -c lock_timeout=10000"},
        )
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": 5},
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver's own implicit BEGIN would start transactions too late, and make savepoints leak.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # IMMEDIATE for writers: an upgrade from a read in the middle fails at once instead of waiting.
        is_write = connection.get_execution_options().get("qiao_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")

    return engine


def insert_if_absent(session: Session, row_type: type[Base], values: dict[str, Any]) -> bool:
    """Insert one row unless a unique constraint says that it is there; True if it was inserted.

    On PostgreSQL this waits for a concurrent inserter of the same row, so after False the row can be read.
    """
    first = row_type.__mapper__.primary_key[0]
    statement = _insert_absent(session, row_type, [values]).returning(first)
    return session.execute(statement).first() is not None


def insert_absent(session: Session, row_type: type[Row], values: list[dict[str, Any]]) -> list[Row]:
    """Like :func:`insert_if_absent` for many rows in one statement; those that were inserted."""
    if not values:
        return []
    return list(session.scalars(_insert_absent(session, row_type, values).returning(row_type)))


def _insert_absent(session: Session, row_type: type[Base], values: list[dict[str, Any]]) -> Any:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(row_type).values(values).on_conflict_do_nothing()
