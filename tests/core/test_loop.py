"""The event loop's thread and the others, with and without gevent."""

from __future__ import annotations

import subprocess
import sys
import threading

from app.core.loop import LoopThread, wait_natively

_UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()

import gevent
from app.core.loop import LoopThread, wait_natively
from app.core.offload import run_off_loop

get_ident = monkey.get_original("_thread", "get_ident")
loop = LoopThread()
said = []


def say():
    said.append(get_ident() == home)


home = get_ident()
assert loop.is_here()
assert gevent.spawn(loop.is_here).get()
assert not run_off_loop(loop.is_here)

loop.run_beside(say)  # on the loop: a greenlet of it, later
assert said == []
gevent.sleep(0)
gevent.sleep(0)
assert said == [True], said

run_off_loop(lambda: loop.run_beside(say))  # on a native thread: there and at once
assert said == [True, False], said

assert run_off_loop(lambda: (loop.spawn(say), wait_natively(lambda: len(said) == 3, seconds=60))[1])
assert said == [True, False, True], said
"""


def test_every_thread_is_as_good_when_there_is_no_loop() -> None:
    loop = LoopThread()
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(loop.is_here()))
    thread.start()
    thread.join()
    loop.run_beside(lambda: found.append(True))
    assert found == [True, True]


def test_loop_is_told_from_native_threads_under_gevent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _UNDER_GEVENT], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_waiting_ends_when_it_is_done_or_took_too_long() -> None:
    answers = iter([False, False, True])
    assert wait_natively(lambda: next(answers), seconds=1, step=0.001)
    assert not wait_natively(lambda: False, seconds=0.01, step=0.001)
