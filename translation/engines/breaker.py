"""A circuit breaker: an engine that is down is left alone for a while instead of being waited for again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

from app.core.native import make_native_lock
from translation.engines.base import EngineError

#: Seconds on any scale that only goes forward.
Seconds = Callable[[], float]

#: No server may send us away for longer, whatever its Retry-After says.
LONGEST_REST: Final = 600.0


class BreakerState(StrEnum):
    """``closed``: calls pass. ``open``: none does. ``half_open``: one may, to find out."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class EngineRestingError(EngineError):
    """The engine failed several times in a row and is not called for a while."""

    code = "engine.resting"


class CircuitBreaker:
    """Closed until ``failures`` calls in a row have failed; then open for ``rest`` seconds; then half open: the next
    call is a probe, others are refused until it ends. A probe that succeeds closes it, one that fails opens it again.

    Thread-safe, never blocks; ``clock`` gives seconds. ``engine`` is told in errors.
    """

    def __init__(self, *, engine: str, failures: int = 3, rest: float = 30.0, clock: Seconds) -> None:
        self._engine = engine
        self._allowed = failures
        self._rest = rest
        self._clock = clock
        self._lock = make_native_lock()
        self._failed = 0
        self._open_until: float | None = None
        self._is_probing = False

    @property
    def state(self) -> BreakerState:
        with self._lock:
            return self._read_state()

    @property
    def is_available(self) -> bool:
        """Whether a call would be let through now. Reserves nothing."""
        with self._lock:
            return self._is_available()

    @contextmanager
    def guard(self, *, counts: tuple[type[Exception], ...]) -> Iterator[None]:
        """Around one call. Raises :class:`EngineRestingError` instead of letting it through.

        Only an exception in ``counts`` is a failure of the engine; after any other it has answered. One with
        ``retry_after_seconds`` in its ``data`` opens the breaker at once, for as long as it says.
        """
        is_probe = self._enter()
        has_failed, retry_after = True, None  # a call that is killed has not succeeded
        try:
            yield
            has_failed = False
        except counts as error:
            retry_after = getattr(error, "data", {}).get("retry_after_seconds")
            raise
        except Exception:
            has_failed = False
            raise
        finally:
            self._leave(is_probe=is_probe, has_failed=has_failed, retry_after=retry_after)

    def _enter(self) -> bool:
        with self._lock:
            if not self._is_available():
                raise EngineRestingError(engine=self._engine)
            is_probe = self._read_state() is BreakerState.HALF_OPEN
            self._is_probing = self._is_probing or is_probe
            return is_probe

    def _leave(self, *, is_probe: bool, has_failed: bool, retry_after: float | None) -> None:
        with self._lock:
            if is_probe:
                self._is_probing = False
            if not has_failed:
                # Calls that began before it opened tell nothing new.
                if is_probe or self._open_until is None:
                    self._failed, self._open_until = 0, None
                return
            self._failed += 1
            if is_probe or retry_after is not None or self._failed >= self._allowed:
                rest = self._rest if retry_after is None else min(max(retry_after, 0.0), LONGEST_REST)
                self._open_until = max(self._open_until or 0.0, self._clock() + rest)

    def _read_state(self) -> BreakerState:
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._clock() < self._open_until else BreakerState.HALF_OPEN

    def _is_available(self) -> bool:
        state = self._read_state()
        return state is BreakerState.CLOSED or (state is BreakerState.HALF_OPEN and not self._is_probing)
