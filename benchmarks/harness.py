"""What the benchmarks share: a database of their own, a real server process, even load, percentiles, the print-out."""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.core.db import Database
from app.core.schema import upgrade_schema
from app.forum.starter import ensure_categories
from benchmarks.client import Client
from tests.models.packages import ALL_HOPS, install_tiny_models, package_path

POSTGRESQL_URL: Final = os.environ.get(
    "QIAO_BENCH_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)
#: What is measured isn't the limits.
GENEROUS: Final = {
    "QIAO_ACCOUNTS_PER_HOUR": "100000",
    "QIAO_READS_PER_MINUTE": "10000000",
    "QIAO_WRITES_PER_MINUTE": "10000000",
}
_START_SECONDS: Final = 60.0
_PATIENCE: Final = 10.0


@dataclass(frozen=True)
class Figure:
    """One measured value. ``budget`` is empty where the design names none for these very conditions."""

    what: str
    measured: str
    budget: str = ""


@dataclass(frozen=True)
class Report:
    """``conditions`` say what was measured, one a line."""

    name: str
    conditions: Sequence[str]
    figures: Sequence[Figure]


def print_report(report: Report) -> None:
    print(f"\n{report.name}    $ python -m benchmarks {report.name}")
    for condition in report.conditions:
        print(f"  {condition}")
    width = max(len(figure.what) for figure in report.figures)
    for figure in report.figures:
        budget = f"   budget {figure.budget}" if figure.budget else ""
        print(f"    {figure.what:<{width}}  {figure.measured}{budget}")


def find_percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that ``percent`` of all do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def describe_seconds(values: Sequence[float], *percents: int) -> str:
    """For example ``p50 3.2 ms, p95 8.1 ms``."""
    return ", ".join(f"p{percent} {1000 * find_percentile(values, percent):.1f} ms" for percent in percents)


@contextmanager
def create_database(*, folder: Path) -> Iterator[str]:
    """The URL of a migrated database that is dropped afterwards: PostgreSQL, or SQLite where no server answers."""
    admin = create_engine(POSTGRESQL_URL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    name = f"qiao_bench_{uuid4().hex[:10]}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"))
    except OperationalError:
        url = f"sqlite:///{folder / 'qiao.sqlite3'}"
        _migrate(url)
        yield url
        return
    url = make_url(POSTGRESQL_URL).set(database=name).render_as_string(hide_password=False)
    try:
        _migrate(url)
        yield url
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade_schema(database)
    with database.transaction() as session:
        ensure_categories(session)
    database.dispose()


def name_database(url: str) -> str:
    return "SQLite (no PostgreSQL was reachable)" if url.startswith("sqlite") else "PostgreSQL on the same machine"


@dataclass(frozen=True)
class Server:
    """A running ``qiao run``. ``database`` names the system it stores in."""

    port: int
    pid: int
    database: str

    def client(self, token: str | None = None) -> Client:
        return Client(self.port, token)

    def read_rss(self) -> int:
        """Bytes of memory that the process holds now."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("the server is gone")

    def read_cpu(self) -> float:
        """Seconds of processor time that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def run_server(
    *, has_engines: bool, is_embedded: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """``qiao run`` with its worker inside, on a free port, in a data folder and with a database that go afterwards."""
    with TemporaryDirectory(prefix="qiao-bench-") as name:
        folder = Path(name)
        if has_engines:
            install_tiny_models(folder / "models", list_hops())
        if is_embedded:
            _migrate(f"sqlite:///{folder / 'qiao.sqlite3'}")
            with _run_process(folder, settings or {}, "embedded SQLite") as server:
                yield server
            return
        with create_database(folder=folder) as url:
            grown = {"QIAO_DATABASE_URL": url, **(settings or {})}
            with _run_process(folder, grown, name_database(url)) as server:
                yield server


def list_hops() -> list[str]:
    """The hops of the small test model that are there."""
    return [hop for hop in ALL_HOPS if package_path(hop).exists()]


@contextmanager
def _run_process(folder: Path, settings: Mapping[str, str], database: str) -> Iterator[Server]:
    port = _find_free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QIAO_")}
    environment |= {**GENEROUS, "QIAO_DATA_DIR": str(folder), "QIAO_SECRET_KEY": "b" * 40, **settings}
    log = folder / "server.log"
    with log.open("wb") as stderr:
        command = [str(Path(sys.executable).parent / "qiao"), "run", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stderr=stderr, stdout=stderr)
        try:
            _wait_until_open(port, process, log)
            yield Server(port, process.pid, database)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if Client(port).get("/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def send_evenly(job: Callable[[int], bool], *, per_second: int, seconds: int, threads: int = 32) -> list[float]:
    """Call ``job(number)`` at even times, however long earlier calls take; the seconds of each, counted from when it
    was *due*, so that a stall counts for everyone whom it delays. What fails, or could not even begin within
    ``_PATIENCE`` seconds of the last one's time, took for ever."""
    gap, count = 1 / per_second, per_second * seconds
    with ThreadPoolExecutor(threads) as pool:
        barrier = threading.Barrier(threads + 1)
        for _ in range(threads):
            pool.submit(barrier.wait)
        barrier.wait()  # all threads are up before the clock starts
        started = time.perf_counter() + 0.1
        too_late = started + seconds + _PATIENCE

        def run(number: int) -> float:
            is_done = time.perf_counter() < too_late and job(number)
            return time.perf_counter() - (started + number * gap) if is_done else math.inf

        futures = []
        for number in range(count):
            time.sleep(max(0.0, started + number * gap - time.perf_counter()))
            futures.append(pool.submit(run, number))
        return [future.result() for future in futures]
