"""What a tap says: a short versioned string, because buttons in old messages live for ever.

It only names things. Whoever taps is authorised by the sender of the event, each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_VERSION: Final = "1"
_LARGEST_ID: Final = 2**63 - 1


class Tap(StrEnum):
    """The buttons that were ever sent. A value is never given another meaning."""

    LANGUAGE = "language"
    ADD = "add"
    NEW = "new"
    REPLY = "reply"
    WRONG = "wrong"


@dataclass(frozen=True)
class Postback:
    """A tap with its arguments: ``language`` has a tag, ``reply`` a post's id, ``wrong`` a post's and a candidate's."""

    tap: Tap
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ":".join((_VERSION, self.tap.value, *self.arguments))

    def list_ids(self, count: int) -> tuple[int, ...] | None:
        """The arguments as ids, or None if they aren't ``count`` of them."""
        if len(self.arguments) != count or not all(each.isascii() and each.isdigit() for each in self.arguments):
            return None
        ids = tuple(int(each[:20]) for each in self.arguments)
        return ids if all(0 < each <= _LARGEST_ID for each in ids) else None


def make_postback(tap: Tap, *arguments: object) -> str:
    """The ``data`` of a button."""
    return str(Postback(tap, tuple(map(str, arguments))))


def find_postback(data: str) -> Postback | None:
    """The tap in ``data``, or None for what this version never sent."""
    version, _, rest = data.partition(":")
    name, *arguments = rest.split(":")
    tap = next((each for each in Tap if each.value == name), None)
    return Postback(tap, tuple(arguments)) if version == _VERSION and tap is not None else None
