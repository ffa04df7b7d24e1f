"""Every invariant sees what breaks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.translation.stateful.breaks import BREAKS
from tests.translation.stateful.breaks_work import BREAKS_OF_WORK
from tests.translation.stateful.checks import CHECKS
from tests.translation.stateful.world import World

ALL = BREAKS | BREAKS_OF_WORK


@pytest.mark.parametrize(
    ("name", "break_it"),
    [pytest.param(name, each, id=f"{name}-{each.__name__}") for name, breaks in ALL.items() for each in breaks],
)
def test_an_invariant_sees_what_breaks_it(
    small_world: World,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    break_it: Callable[[World, pytest.MonkeyPatch], None],
) -> None:
    assert small_world.look() == []
    break_it(small_world, monkeypatch)
    assert name in {what.split(":")[0] for what in small_world.look()}


def test_every_invariant_is_seen_to_be_broken() -> None:
    assert {check.__name__ for check in CHECKS} == set(ALL)
