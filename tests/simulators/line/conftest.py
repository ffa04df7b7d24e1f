from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.line.actor import LineUser
from simulators.line.ids import ManualClock
from simulators.line.simulator import LineSimulator
from tests.simulators.line.support import Listener, Sdk


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_790_000_000.0)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def simulator(clock: ManualClock, listener: Listener) -> LineSimulator:
    return LineSimulator(webhook=listener, clock=clock, seed=1)


@pytest.fixture
def friend(simulator: LineSimulator) -> LineUser:
    user = simulator.user("friend", language="vi")
    user.follow()
    return user


@pytest.fixture
def sdk(simulator: LineSimulator) -> Iterator[Sdk]:
    with simulator.serve() as url:
        connection = Sdk(url)
        with connection.client:
            yield connection
