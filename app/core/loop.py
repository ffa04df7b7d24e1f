"""Where the event loop is, for code that also runs in gevent's pool of native threads.

A connection, a lock or a greenlet of gevent's belongs to the loop of one thread; used from another it may wait for
ever. So what needs the database goes to the loop's thread; what blocks goes off it (``app.core.offload``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import gevent
from gevent import get_hub, monkey

_get_ident: Final[Callable[[], int]] = monkey.get_original("_thread", "get_ident")
_sleep: Final[Callable[[float], None]] = monkey.get_original("time", "sleep")


class LoopThread:
    """The thread that this is made on, with its event loop where gevent has taken the place of Python's threads.
    Without gevent every thread is as good as any other."""

    def __init__(self) -> None:
        self._ident = _get_ident()
        self._hub: Any = get_hub() if monkey.is_module_patched("threading") else None

    def is_here(self) -> bool:
        """Whether the caller is on the loop's thread, or there is no loop."""
        return self._hub is None or _get_ident() == self._ident

    def spawn(self, function: Callable[[], None]) -> None:
        """Have the loop run a function soon, in a greenlet of its own; for callers on other threads."""
        self._hub.loop.run_callback_threadsafe(gevent.spawn, function)

    def run_beside(self, function: Callable[[], None]) -> None:
        """Run what waits for a network: right here, but on the loop's thread in a greenlet, later and without yielding
        to it now: the caller may be in a transaction."""
        if self._hub is not None and self.is_here():
            gevent.spawn(function)
        else:
            function()


def wait_natively(is_done: Callable[[], bool], *, seconds: float, step: float = 0.01) -> bool:
    """Wait on a native thread until something is done elsewhere; whether it was in time. Stalls a loop that is here."""
    for _ in range(round(seconds / step)):
        if is_done():
            return True
        _sleep(step)
    return is_done()
