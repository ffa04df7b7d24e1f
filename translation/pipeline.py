"""From texts to gated translations: segments, memory, protection, one engine call for everything, the gate. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from translation.checks.base import CheckInput
from translation.engines.base import EngineError, EngineOutput
from translation.gate import decide_machine, judge_human
from translation.protect import has_words, mask_protected, needs_engine, restore_protected, split_protected
from translation.results import (
    CheckCode,
    Finding,
    GateDecision,
    OriginKind,
    PipelineInput,
    PipelineResult,
    Route,
    Segment,
    Severity,
)
from translation.segments import WINDOW, join_segments, split_segments


class WrongOutputCountError(EngineError):
    """The engine answered with more or fewer texts than it was given, so that nobody knows which is which."""

    code = "engine.wrong_output_count"


@dataclass(frozen=True)
class _Part:
    """A stretch of a segment: fixed as it is, or what the engine makes of ``ask`` with ``items`` put back."""

    fixed: str = ""
    ask: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Plan:
    """How one text will be put together: its segments, and the parts of each."""

    text: str
    segments: tuple[Segment, ...]
    parts: tuple[tuple[_Part, ...], ...]
    is_remembered: bool

    @property
    def asks(self) -> list[str]:
        return [part.ask for parts in self.parts for part in parts if part.ask is not None]


def translate_batch(
    inputs: Sequence[PipelineInput],
    *,
    route: Route,
    translate: Callable[[Sequence[str]], Sequence[EngineOutput]],
    window: int,
    keeps_placeholders: bool = False,
) -> list[PipelineResult]:
    """One result per input, in order. ``translate`` is called at most once, with every distinct piece of all inputs
    that memory does not know; pieces are at most ``window`` characters. Protected items never reach an engine, but as
    placeholders where it keeps them. A whole text in ``remembered`` goes before its segments. Raises
    :class:`EngineError`."""
    plans = [_make_plan(given, window=window, keeps_placeholders=keeps_placeholders) for given in inputs]
    asks = list(dict.fromkeys(ask for plan in plans for ask in plan.asks))
    outputs = translate(asks) if asks else []
    if len(outputs) != len(asks):
        raise WrongOutputCountError(asked=len(asks), answered=len(outputs))
    answers = dict(zip(asks, outputs, strict=True))
    return [_finish(plan, answers, route) for plan in plans]


def _make_plan(given: PipelineInput, *, window: int, keeps_placeholders: bool) -> _Plan:
    whole = given.remembered.get(given.text)
    if whole is not None:
        return _Plan(given.text, (Segment(given.text),), ((_Part(whole),),), is_remembered=True)
    segments = tuple(split_segments(given.text, window=min(window, WINDOW)))
    parts: list[tuple[_Part, ...]] = []
    for segment in segments:
        remembered = given.remembered.get(segment.text)
        if remembered is not None:
            parts.append((_Part(remembered),))
        elif keeps_placeholders and needs_engine(segment.text):
            masked = mask_protected(segment.text)
            parts.append((_Part(ask=masked.text, items=masked.items),))
        else:
            parts.append(tuple(_split_around(segment.text)))
    return _Plan(
        given.text,
        segments,
        tuple(parts),
        is_remembered=any(segment.text in given.remembered for segment in segments),
    )


def _split_around(text: str) -> list[_Part]:
    """The words between protected items, each asked for on its own without the blanks around it."""
    parts: list[_Part] = []
    for piece in split_protected(text):
        if piece.is_protected or not has_words(piece.text):
            parts.append(_Part(piece.text))
            continue
        core = piece.text.strip()
        start = piece.text.index(core)
        parts += [_Part(piece.text[:start]), _Part(ask=core), _Part(piece.text[start + len(core) :])]
    return parts


def _finish(plan: _Plan, answers: Mapping[str, EngineOutput], route: Route) -> PipelineResult:
    asks = plan.asks
    if not asks and not plan.is_remembered:
        # Only links, numbers, emoji: the text itself is its translation in every language.
        return PipelineResult(plan.text, OriginKind.MACHINE, GateDecision(is_published=True))
    findings: list[Finding] = []
    texts = ["".join(_render(part, answers, findings) for part in parts) for parts in plan.parts]
    text = join_segments(plan.segments, texts, source=route.source, target=route.target)
    pair = CheckInput(plan.text, text, route.source, route.target)
    if not asks:
        return PipelineResult(text, OriginKind.MEMORY, _decide_memory(pair))
    scores = [answers[ask].score for ask in asks]
    known = [score for score in scores if score is not None]
    return PipelineResult(
        text,
        OriginKind.MACHINE,
        decide_machine(pair, findings=findings),
        # A text is as good as its weakest piece; unknown if that of any piece is.
        min(known) if len(known) == len(scores) else None,
    )


def _render(part: _Part, answers: Mapping[str, EngineOutput], findings: list[Finding]) -> str:
    if part.ask is None:
        return part.fixed
    answer = answers[part.ask].text.strip()
    if not answer:
        findings.append(Finding(CheckCode.EMPTY, Severity.ERROR, "nothing came back for a piece"))
    restored = restore_protected(answer, part.items) if part.items else answer
    if restored is None:
        findings.append(Finding(CheckCode.PLACEHOLDERS, Severity.ERROR, "protected items lost", part.items))
        return answer
    return restored


def _decide_memory(pair: CheckInput) -> GateDecision:
    """People stand behind every segment: they are judged as people are."""
    findings = tuple(judge_human(pair))
    return GateDecision(all(finding.severity is not Severity.ERROR for finding in findings), findings)
