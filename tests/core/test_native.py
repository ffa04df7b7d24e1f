"""Locks that work on gevent's native threads. Where gevent has patched the process is a process of its own."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.core.native import NativeCondition, make_native_lock, make_native_rlock

#: Far longer than it takes; only what hangs waits for it.
PATIENCE = 60

SCRIPT = """
from gevent import monkey
monkey.patch_all()
import gevent, logging, os
from app.core.logging import configure_logging
from app.core.native import make_native_lock, make_native_rlock

configure_logging(log_format="json", level="INFO")
log, lock, rlock = logging.getLogger("test"), make_native_lock(), make_native_rlock()

def use_lock():
    with lock:
        sum(range(20_000))

def use_rlock():
    with rlock, rlock:
        sum(range(20_000))

def write_log():
    log.info("x" * 1000)

def work(number):
    for _ in range(20):
        {function}()
    return number

pool = gevent.get_hub().threadpool
jobs = [gevent.spawn(pool.apply, work, (number,)) for number in range(40)]
gevent.joinall(jobs, timeout=30)
print(sum(job.value is not None for job in jobs), flush=True)
os._exit(0)
"""


@pytest.mark.parametrize("function", ["use_lock", "use_rlock", "write_log"])
def test_every_native_thread_goes_on_when_many_want_one_lock(function: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("{function}", function)], capture_output=True, text=True, timeout=PATIENCE
    )

    assert done.stdout == "40\n", done.stderr[-2000:]


def test_lock_is_taken_once_when_it_is_not_free() -> None:
    lock, rlock = make_native_lock(), make_native_rlock()

    with lock, rlock, rlock:
        assert lock.locked()  # type: ignore[attr-defined]
    assert not lock.locked()  # type: ignore[attr-defined]


def test_all_who_wait_are_woken_when_notified() -> None:
    condition = NativeCondition()
    steps: list[str] = []

    def wait_for_go() -> None:
        with condition:
            steps.append("waits")
            condition.notify_all()
            while "go" not in steps:
                condition.wait()
            steps.append("went")

    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(wait_for_go) for _ in range(3)]
        with condition:
            while steps.count("waits") < 3:
                condition.wait()
            steps.append("go")
            condition.notify_all()
        for job in jobs:
            job.result(PATIENCE)

    assert steps == ["waits"] * 3 + ["go"] + ["went"] * 3
