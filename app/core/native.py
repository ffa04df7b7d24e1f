"""Locks for native threads, also where gevent has put its own in place of Python's.

gevent's do not work there (26.9): of two threads of its pool that want one ``threading.Lock`` at the same time, the
second never wakes. What is locked both on the pool's threads (everything that an engine does) and elsewhere needs
these. They wait natively: hold them for moments only, and never yield to the event loop while holding one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import RLock
from types import TracebackType
from typing import Protocol, cast

from gevent import monkey


class NativeLock(Protocol):
    """What ``_thread.allocate_lock()`` gives: not re-entrant."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...

    def release(self) -> None: ...

    def __enter__(self) -> bool: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def make_native_lock() -> NativeLock:
    """Python's own lock, whatever is patched."""
    allocate = cast(Callable[[], NativeLock], monkey.get_original("_thread", "allocate_lock"))
    return allocate()


def make_native_rlock() -> RLock:
    """Python's own re-entrant lock, whatever is patched. All greenlets of a thread are one owner."""
    make = cast(Callable[[], RLock], monkey.get_original("_thread", "RLock"))
    return make()


class NativeCondition:
    """The part of ``threading.Condition`` that is needed here: enter, wait, wake all."""

    def __init__(self) -> None:
        self._lock = make_native_lock()
        self._waiting: deque[NativeLock] = deque()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def wait(self) -> None:
        """Leave the lock, wait for :meth:`notify_all`, take the lock again. Only while holding it."""
        waiter = make_native_lock()
        waiter.acquire()
        self._waiting.append(waiter)
        self._lock.release()
        try:
            waiter.acquire()
        finally:
            self._lock.acquire()

    def notify_all(self) -> None:
        """Wake all who wait, for when the lock is free. Only while holding it."""
        while self._waiting:
            self._waiting.popleft().release()
