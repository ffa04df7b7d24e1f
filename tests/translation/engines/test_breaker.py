"""When an engine is left alone, for how long, and how it comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from translation.engines.base import EngineError
from translation.engines.breaker import LONGEST_REST, BreakerState, CircuitBreaker, EngineRestingError


class OutageError(EngineError):
    code = "engine.outage"


class Monotonic:
    """Seconds that move only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Monotonic:
    return Monotonic()


@pytest.fixture
def breaker(time: Monotonic) -> CircuitBreaker:
    return CircuitBreaker(engine="far", failures=3, rest=30, clock=time)


def succeed(breaker: CircuitBreaker) -> None:
    with breaker.guard(counts=(OutageError,)):
        pass


def fail(breaker: CircuitBreaker, error: BaseException | None = None) -> None:
    error = error or OutageError()
    with pytest.raises(type(error)), breaker.guard(counts=(OutageError,)):
        raise error


def open_it(breaker: CircuitBreaker) -> None:
    for _ in range(3):
        fail(breaker)


def test_it_stays_closed_when_failures_are_fewer_than_allowed(breaker: CircuitBreaker) -> None:
    fail(breaker)
    fail(breaker)

    assert breaker.state is BreakerState.CLOSED
    assert breaker.is_available


def test_it_opens_when_calls_fail_in_a_row(breaker: CircuitBreaker) -> None:
    open_it(breaker)

    assert breaker.state is BreakerState.OPEN
    assert not breaker.is_available
    with pytest.raises(EngineRestingError) as caught:
        succeed(breaker)
    assert caught.value.code == "engine.resting"
    assert caught.value.data == {"engine": "far"}


def test_it_stays_closed_when_a_success_comes_in_between(breaker: CircuitBreaker) -> None:
    for _ in range(5):
        fail(breaker)
        fail(breaker)
        succeed(breaker)

    assert breaker.state is BreakerState.CLOSED


def test_it_stays_closed_when_failures_are_of_another_kind(breaker: CircuitBreaker) -> None:
    for _ in range(10):
        fail(breaker, EngineError())

    assert breaker.state is BreakerState.CLOSED


def test_other_error_is_an_answer_when_it_comes_between_failures(breaker: CircuitBreaker) -> None:
    fail(breaker)
    fail(breaker)
    fail(breaker, EngineError())
    fail(breaker)

    assert breaker.state is BreakerState.CLOSED


def test_one_probe_is_let_through_when_it_has_rested(breaker: CircuitBreaker, time: Monotonic) -> None:
    open_it(breaker)
    time.now += 29.9
    assert breaker.state is BreakerState.OPEN
    time.now += 0.1
    assert breaker.state is BreakerState.HALF_OPEN
    assert breaker.is_available

    with breaker.guard(counts=(OutageError,)):
        assert not breaker.is_available
        with pytest.raises(EngineRestingError):
            succeed(breaker)

    assert breaker.state is BreakerState.CLOSED
    succeed(breaker)


def test_it_rests_again_when_the_probe_fails(breaker: CircuitBreaker, time: Monotonic) -> None:
    open_it(breaker)
    time.now += 30

    fail(breaker)

    assert breaker.state is BreakerState.OPEN
    time.now += 30
    succeed(breaker)
    assert breaker.state is BreakerState.CLOSED


def test_failures_are_counted_anew_when_the_probe_has_succeeded(breaker: CircuitBreaker, time: Monotonic) -> None:
    open_it(breaker)
    time.now += 30
    succeed(breaker)

    fail(breaker)
    fail(breaker)

    assert breaker.state is BreakerState.CLOSED


def test_another_may_probe_when_the_probe_was_killed(breaker: CircuitBreaker, time: Monotonic) -> None:
    open_it(breaker)
    time.now += 30

    fail(breaker, KeyboardInterrupt())

    assert breaker.state is BreakerState.OPEN
    time.now += 30
    assert breaker.is_available


def test_it_stays_open_when_an_older_call_ends_well(breaker: CircuitBreaker) -> None:
    with breaker.guard(counts=(OutageError,)):
        open_it(breaker)

    assert breaker.state is BreakerState.OPEN


@pytest.mark.parametrize(("asked", "rest"), [(7, 7), (0.5, 0.5), (10**9, LONGEST_REST), (-5, 0)])
def test_it_opens_at_once_when_server_says_how_long(
    breaker: CircuitBreaker, time: Monotonic, asked: float, rest: float
) -> None:
    fail(breaker, OutageError(retry_after_seconds=asked))

    assert (breaker.state is BreakerState.OPEN) is (rest > 0)
    time.now += rest
    assert breaker.state is BreakerState.HALF_OPEN


def test_exactly_one_thread_probes_when_many_try(breaker: CircuitBreaker, time: Monotonic) -> None:
    open_it(breaker)
    time.now += 30
    barrier = Barrier(8)

    def call(_number: int) -> bool:
        barrier.wait()
        try:
            with breaker.guard(counts=(OutageError,)):
                barrier.wait()
                return True
        except EngineRestingError:
            barrier.wait()
            return False

    with ThreadPoolExecutor(8) as pool:
        let_through = list(pool.map(call, range(8)))

    assert let_through.count(True) == 1
