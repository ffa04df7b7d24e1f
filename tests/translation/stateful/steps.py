"""Steps that stories of the tests are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core.outbox import Event, Subscribers
from app.subscribers import NOW, SUBSCRIBERS
from tests.translation.stateful import deeds, deeds_machine
from tests.translation.stateful.world import World

#: Her place among the readers.
KHMER_READER = 3


def do(world: World, deed: Callable[..., None], **how: Any) -> None:
    """A step after which everything holds."""
    deed(world, **how)
    assert world.look() == []


def ask(world: World, *, words: int = 0, who: int = 0, is_risky: bool = True, is_private: bool = False) -> None:
    do(world, deeds.ask, who=who, text=words, title=0, is_risky=is_risky, is_private=is_private)


def translate(world: World, **how: Any) -> None:
    ask(world, **how)
    do(world, deeds_machine.run)


def submit(world: World, *, words: int = 0, task: int = 0) -> None:
    do(world, deeds.submit, who=0, task=task, words=words, base="seen", with_title=True)


def verify(world: World, **how: Any) -> None:
    translate(world, **how)
    submit(world)


def write(world: World, *statements: Any) -> None:
    with world.db.transaction() as session:
        for statement in statements:
            session.execute(statement)


def unsubscribe(world: World, *events: type[Event]) -> None:
    """Nothing follows from these events any more."""
    left = {event: handlers for event, handlers in NOW.items() if event not in events}
    subscribers = Subscribers(now=left, live=SUBSCRIBERS.live, work=SUBSCRIBERS.work)
    world.db.session_info["subscribers"] = subscribers
