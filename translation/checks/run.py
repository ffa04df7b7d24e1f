"""All checks, in the order in which their findings are shown."""

from __future__ import annotations

from typing import Final

from translation.checks.base import Check, CheckInput
from translation.checks.facts import FactsCheck
from translation.checks.glossary import GlossaryCheck
from translation.checks.names import NamesCheck
from translation.checks.negation import NegationCheck
from translation.checks.shape import CopyCheck, EmptyCheck, LengthCheck, PlaceholdersCheck, RepetitionCheck
from translation.checks.writing import LanguageCheck, ScriptCheck, SimplifiedCheck
from translation.results import Finding

CHECKS: Final[tuple[Check, ...]] = (
    EmptyCheck(),
    PlaceholdersCheck(),
    CopyCheck(),
    ScriptCheck(),
    LanguageCheck(),
    SimplifiedCheck(),
    FactsCheck(),
    NamesCheck(),
    RepetitionCheck(),
    LengthCheck(),
    GlossaryCheck(),
    NegationCheck(),
)


def run_checks(pair: CheckInput) -> list[Finding]:
    """Everything that is wrong with the pair. An empty target is only that: nothing else would mean anything."""
    empty = CHECKS[0].check(pair)
    return empty or [finding for check in CHECKS[1:] for finding in check.check(pair)]
