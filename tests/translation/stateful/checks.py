"""All invariants."""

from __future__ import annotations

from tests.translation.stateful import invariants_memory, invariants_work
from tests.translation.stateful.invariants import CHECKS, Moment

#: Where they are said; to import a file is to have its invariants.
FILES = (invariants_memory, invariants_work)


def list_broken(moment: Moment) -> list[str]:
    """What is wrong, each with the name of its invariant in front."""
    return [f"{check.__name__}: {what}" for check in CHECKS for what in check(moment)]
