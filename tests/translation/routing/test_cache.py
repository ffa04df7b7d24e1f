"""The routing table in memory: fresh enough, and there when the database isn't."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.core.db import Database
from tests.conftest import TickingClock
from translation.engines.routing import Rule
from translation.languages import LanguageTag
from translation.routing import cache
from translation.routing.cache import CachedTable
from translation.routing.published import PUBLISHED_TABLE
from translation.routing.service import set_rule

VI, EN = LanguageTag.VI, LanguageTag.EN


def ask_people(db: Database, clock: TickingClock) -> None:
    with db.transaction() as session:
        set_rule(session, pair=(VI, EN), engine=None, hops=None, actor_id=None, now=clock())


def test_decision_is_followed_after_seconds_and_not_read_every_time(db: Database, clock: TickingClock) -> None:
    table = CachedTable(db, clock=clock)
    assert table().rules == {}
    ask_people(db, clock)

    clock.advance(seconds=4.9)
    assert table().rules == {}

    clock.advance(seconds=0.1)
    assert table().rules == {(VI, EN): Rule()}


def test_last_table_stays_while_the_database_is_away(
    db: Database, clock: TickingClock, make_database: Callable[..., Database]
) -> None:
    ask_people(db, clock)
    table = CachedTable(db, ttl_seconds=5, clock=clock)
    assert table().rules == {(VI, EN): Rule()}
    table._database = Database("postgresql+psycopg://nobody@127.0.0.1:9/qiao")

    clock.advance(seconds=6)
    with capture_logs() as logs:
        assert table().rules == {(VI, EN): Rule()}
        assert table().rules == {(VI, EN): Rule()}
    assert [entry["event"] for entry in logs] == ["routing.table_not_read"]

    table._database = db
    clock.advance(seconds=6)
    assert table().rules == {(VI, EN): Rule()}


def test_published_figures_hold_before_there_is_a_table(tmp_path: Path, clock: TickingClock) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")

    assert CachedTable(database, clock=clock)() == PUBLISHED_TABLE
    database.dispose()


@pytest.mark.postgresql
def test_published_figures_hold_before_there_is_a_table_on_postgresql(postgresql_url: str, clock: TickingClock) -> None:
    """There a missing table is another error than a missing server."""
    database = Database(postgresql_url.rsplit("/", 1)[0] + "/template1")

    assert CachedTable(database, clock=clock)() == PUBLISHED_TABLE
    database.dispose()


def test_others_go_on_with_the_last_table_while_one_reads(
    db: Database, clock: TickingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks may hold a connection already; waiting for one that needs another could be for ever."""
    table = CachedTable(db, clock=clock)
    table()
    clock.advance(seconds=6)
    entered, go_on = threading.Event(), threading.Event()
    read = cache.load_table

    def read_slowly(session: object) -> object:
        entered.set()
        assert go_on.wait(60)
        return read(session)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "load_table", read_slowly)
    ask_people(db, clock)
    reader = threading.Thread(target=table)
    reader.start()
    assert entered.wait(60)

    assert table().rules == {}

    go_on.set()
    reader.join()
    assert table().rules == {(VI, EN): Rule()}


#: A worker under gevent: everything is asked for in the pool of native threads, where the database must not be touched.
_WORKER = """
from gevent import monkey
monkey.patch_all()

import sys
import threading
from datetime import UTC, datetime, timedelta

import gevent

from app.core.db import Database
from app.core.offload import run_off_loop
from translation.languages import LanguageTag
from translation.routing import cache
from translation.routing.service import clear_rule, set_rule

now = datetime(2026, 3, 2, tzinfo=UTC)
VI, EN = LanguageTag.VI, LanguageTag.EN
database = Database(sys.argv[1])
home = monkey.get_original("_thread", "get_ident")()
read = cache.load_table


def read_at_home(session):
    assert monkey.get_original("_thread", "get_ident")() == home
    return read(session)


cache.load_table = read_at_home
with database.transaction() as session:
    set_rule(session, pair=(VI, EN), engine=None, hops=None, actor_id=None, now=now)
table = cache.CachedTable(database, clock=lambda: now)
print(len(run_off_loop(table).rules))
with database.transaction() as session:
    clear_rule(session, pair=(VI, EN))
print(len(run_off_loop(table).rules))
now += timedelta(seconds=6)
jobs = [gevent.spawn(run_off_loop, table) for _ in range(50)]
gevent.joinall(jobs, raise_error=True)
while run_off_loop(table).rules:
    gevent.sleep(0.01)
print(len(table().rules))
"""


def test_loop_reads_for_native_threads_under_gevent(sqlite_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WORKER, sqlite_url], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.stdout.split(), done.returncode) == (["1", "1", "0"], 0), done.stderr
