"""Running a blocking function where it doesn't stall everybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from gevent import get_hub, monkey

T = TypeVar("T")


def run_off_loop(function: Callable[[], T]) -> T:
    """Run ``function`` in gevent's pool of native threads, or right here where there is no event loop to stall.

    A call into an engine holds its thread for up to seconds (measured under gevent: 740–870 ms stall when called
    directly, 9–15 ms from the pool).
    """
    if not monkey.is_module_patched("threading"):
        return function()
    return cast(T, get_hub().threadpool.apply(function))
