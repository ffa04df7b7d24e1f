"""What a check is: a small class that looks at one source and one target and says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

from translation.languages import LanguageTag
from translation.protect import strip_protected
from translation.results import CheckCode, Finding


@dataclass(frozen=True)
class CheckInput:
    """A text and its translation. ``free_source`` and ``free_target`` are what is left of them without links, phones,
    mentions, emoji and code, which several checks want to know."""

    source: str
    target: str
    source_language: LanguageTag
    target_language: LanguageTag

    @cached_property
    def free_source(self) -> str:
        return strip_protected(self.source)

    @cached_property
    def free_target(self) -> str:
        return strip_protected(self.target)


class Check(Protocol):
    """``codes`` are those it may report."""

    codes: ClassVar[tuple[CheckCode, ...]]

    def check(self, pair: CheckInput) -> list[Finding]:
        """What is wrong; nothing found is an empty list. Never raises, whatever the texts."""
