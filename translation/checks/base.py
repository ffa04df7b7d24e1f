"""What a check is: a small class that looks at one source and one target and says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, Protocol

import regex

from translation.languages import LanguageTag
from translation.mentions import Mention, find_mentions
from translation.protect import list_untranslated, strip_protected
from translation.results import CheckCode, Finding, GlossaryTerm

#: Without one of these there is no protected item: code, placeholders, mentions, brackets of emoji, phones, long
#: numbers, links, and whatever is written in full-width forms.
_MAY_BE_PROTECTED: Final = regex.compile(
    r"[`⟦@(+\uff01-\uff5e&&[^，！？：；（）]]|\d{3}|\d[ .\-()]*\d[ .\-()]*\d|\.[A-Za-z0-9]|://|\u20e3|\p{RI}|\p{Extended_Pictographic}",
    regex.V1,
)


@dataclass(frozen=True)
class CheckInput:
    """A text and its translation, and the ``terms`` of the glossary that stand in the source. ``free_source`` and
    ``free_target`` are what is left of them without links, phones, mentions, emoji, code and do-not-translate terms,
    which several checks want to know; the mentions of a side are its numbers, dates, links and the like."""

    source: str
    target: str
    source_language: LanguageTag
    target_language: LanguageTag
    terms: tuple[GlossaryTerm, ...] = ()

    @cached_property
    def free_source(self) -> str:
        return self._strip(self.source)

    @cached_property
    def free_target(self) -> str:
        return self._strip(self.target)

    def _strip(self, text: str) -> str:
        terms = list_untranslated(self.terms)
        # Most texts have nothing of the kind, which is cheaper to see than to search for.
        return strip_protected(text, terms) if terms or _MAY_BE_PROTECTED.search(text) else text

    @cached_property
    def source_mentions(self) -> list[Mention]:
        return find_mentions(self.source, self.source_language)

    @cached_property
    def target_mentions(self) -> list[Mention]:
        return find_mentions(self.target, self.target_language)


class Check(Protocol):
    """``codes`` are those it may report."""

    codes: ClassVar[tuple[CheckCode, ...]]

    def check(self, pair: CheckInput) -> list[Finding]:
        """What is wrong; nothing found is an empty list. Never raises, whatever the texts."""
