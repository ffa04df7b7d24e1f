"""Commands for operators and checks that work on lines of text: one line of JSON for each line of standard input."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from app.commands.common import load_settings
from app.commands.languages import LANGUAGE
from app.commands.models.common import make_registry
from moderation.screening import screen_text
from translation.checks.base import CheckInput
from translation.detection import detect_language
from translation.gate import decide_machine
from translation.languages import LanguageTag
from translation.models import EngineSet
from translation.results import Finding
from translation.service.work import WorkItem
from translation.tasks import translate_items
from translation.text import digest_text


def _lines() -> Iterator[str]:
    """Lines of standard input without their ends, lone surrogates and wrong bytes made visible."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def _answer_lines(answer: Callable[[str], dict[str, Any]]) -> None:
    for line in _lines():
        click.echo(json.dumps(answer(line), ensure_ascii=False))


def _to_json(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    return [
        {"code": finding.code.value, "severity": finding.severity.value, "message": finding.message}
        for finding in findings
    ]


@click.command()
def detect() -> None:
    """Say which language each line is written in."""

    def answer(line: str) -> dict[str, Any]:
        found = detect_language(line)
        return {"tag": found.tag.value, "basis": found.basis.value, "confidence": round(found.confidence, 4)}

    _answer_lines(answer)


@click.command()
@click.option("--language", type=LANGUAGE, default=None, help="The language of the lines.")
def screen(language: LanguageTag | None) -> None:
    """Mask personal data and say what would be held for a moderator."""

    def answer(line: str) -> dict[str, Any]:
        found = screen_text(line, language=language)
        findings = [{"kind": str(each.kind), "start": each.start, "end": each.end} for each in found.findings]
        return {"masked": found.masked, "decision": str(found.decision), "findings": findings}

    _answer_lines(answer)


@click.command()
@click.option("--from", "source", type=LANGUAGE, required=True)
@click.option("--to", "target", type=LANGUAGE, required=True)
def check(source: LanguageTag, target: LanguageTag) -> None:
    """Decide about machine text as the gate does: each line is source TAB target."""

    def answer(line: str) -> dict[str, Any]:
        source_text, _, target_text = line.partition("\t")
        decision = decide_machine(
            CheckInput(source=source_text, target=target_text, source_language=source, target_language=target)
        )
        return {"decision": "pass" if decision.is_published else "hold", "checks": _to_json(decision.findings)}

    _answer_lines(answer)


@click.command()
@click.option("--from", "source", type=LANGUAGE, required=True)
@click.option("--to", "target", type=LANGUAGE, required=True)
def translate(source: LanguageTag, target: LanguageTag) -> None:
    """Translate each line with the engines that are there, through the same pipeline and gate as posts."""
    registry = make_registry(load_settings())

    def answer(line: str) -> dict[str, Any]:
        item = WorkItem(
            translation_id=0,
            source_text_id=0,
            attempt=1,
            text=line,
            digest=digest_text(line),
            scope="",
            source=source,
            target=target,
            engine_set=EngineSet.INSTALLED,
            remembered={},
        )
        done = translate_items([item], {EngineSet.INSTALLED: registry})[0]
        if done.result is None or done.route is None:
            reason = done.reason.value if done.reason else None
            return {"text": None, "state": "waiting", "reason": reason, "origin": None, "checks": []}
        decision = done.result.decision
        return {
            "text": done.result.text if decision.is_published else None,
            "state": "machine" if decision.is_published else "waiting",
            "reason": None if decision.is_published else "held",
            "origin": {"kind": "machine", "engine": done.route.engine, "route": [hop.value for hop in done.route.hops]},
            "checks": _to_json(decision.findings),
        }

    _answer_lines(answer)
