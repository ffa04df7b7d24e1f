"""Publish or hold: what the findings mean for machine text, and what a person may overrule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from translation.checks.base import CheckInput
from translation.checks.run import run_checks
from translation.results import CheckCode, Finding, GateDecision, Severity

#: What is wrong whoever wrote it, like an unchanged copy. A person may have good reasons for everything else.
_NEVER_RIGHT: Final = frozenset({CheckCode.EMPTY, CheckCode.PLACEHOLDERS})


def decide_machine(pair: CheckInput, *, findings: Sequence[Finding] = ()) -> GateDecision:
    """Machine text is held for a person by any error. ``findings`` are those of others, such as lost placeholders."""
    found = (*findings, *run_checks(pair))
    return GateDecision(all(finding.severity is not Severity.ERROR for finding in found), found)


def judge_human(pair: CheckInput) -> list[Finding]:
    """What to tell an interpreter. Errors only for what can never be right; a changed number is a warning to accept."""
    return [
        finding if _is_never_right(finding, pair) else replace(finding, severity=Severity.WARNING)
        for finding in run_checks(pair)
    ]


def _is_never_right(finding: Finding, pair: CheckInput) -> bool:
    if finding.code is CheckCode.COPY:  # many shared words may be names
        return pair.source.split() == pair.target.split()
    return finding.code in _NEVER_RIGHT
