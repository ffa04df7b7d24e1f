"""From texts to gated translations: segments, memory, protection, one engine call for everything, the gate. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from translation.checks.base import CheckInput
from translation.checks.glossary import REPLACED, replace_forbidden
from translation.engines.base import EngineError, EngineOutput
from translation.gate import decide_machine, judge_human
from translation.languages import LanguageTag
from translation.protect import (
    has_words,
    list_untranslated,
    mask_protected,
    needs_engine,
    restore_protected,
    split_protected,
)
from translation.results import (
    CheckCode,
    Finding,
    GateDecision,
    GlossaryTerm,
    OriginKind,
    PipelineInput,
    PipelineResult,
    Route,
    Segment,
    Severity,
)
from translation.segments import WINDOW, join_segments, split_segments
from translation.spans import LanguageSpan, split_languages


class WrongOutputCountError(EngineError):
    """The engine answered with more or fewer texts than it was given, so that nobody knows which is which."""

    code = "engine.wrong_output_count"


@dataclass(frozen=True)
class _Part:
    """A stretch of a segment: fixed as it is, or what an engine makes of ``ask`` with ``items`` put back."""

    fixed: str = ""
    ask: str | None = None
    items: tuple[str, ...] = ()
    #: The language of ``ask``, where it is not the text's.
    language: LanguageTag | None = None


#: Translates pieces of a text that are in that language, or says with None that nobody does.
TranslateFrom = Callable[[LanguageTag, Sequence[str]], Sequence[EngineOutput] | None]
#: A piece for an engine, and its language where it is not the text's.
_Ask = tuple[LanguageTag | None, str]


@dataclass(frozen=True)
class _Plan:
    """How one text will be put together: its segments, and the parts of each."""

    text: str
    segments: tuple[Segment, ...]
    parts: tuple[tuple[_Part, ...], ...]
    is_remembered: bool
    terms: tuple[GlossaryTerm, ...] = ()
    #: Something in it is in another language than the text's.
    is_mixed: bool = False

    @property
    def asks(self) -> list[_Ask]:
        return [(part.language, part.ask) for parts in self.parts for part in parts if part.ask is not None]


def translate_batch(
    inputs: Sequence[PipelineInput],
    *,
    route: Route,
    translate: Callable[[Sequence[str]], Sequence[EngineOutput]],
    window: int,
    keeps_placeholders: bool = False,
    translate_from: TranslateFrom = lambda _language, _texts: None,
) -> list[PipelineResult]:
    """One result per input, in order. ``translate`` is called at most once, with every distinct piece of all inputs
    that memory does not know; pieces are at most ``window`` characters. What stands in a text in another language goes
    to ``translate_from``, once a language, which gives None where nobody translates that: then, and where it is in the
    target language or no more than a term, it stays as it is. Protected items, do-not-translate terms among
    them, never reach an engine, but as placeholders where it keeps them. Verified forbidden variants that it wrote are
    replaced before the gate where that is unambiguous. A whole text in ``remembered`` goes before its segments. Raises
    :class:`EngineError`."""
    plans = [_make_plan(given, route, window=window, keeps_placeholders=keeps_placeholders) for given in inputs]
    asks: dict[LanguageTag | None, dict[str, None]] = {}
    for plan in plans:
        for language, text in plan.asks:
            asks.setdefault(language, {})[text] = None
    answers: dict[_Ask, EngineOutput] = {}
    for language, texts in asks.items():
        outputs = translate(list(texts)) if language is None else translate_from(language, list(texts))
        if outputs is None:
            continue
        if len(outputs) != len(texts):
            raise WrongOutputCountError(asked=len(texts), answered=len(outputs))
        answers.update(((language, text), output) for text, output in zip(texts, outputs, strict=True))
    return [_finish(plan, answers, route) for plan in plans]


def _make_plan(given: PipelineInput, route: Route, *, window: int, keeps_placeholders: bool) -> _Plan:
    whole = given.remembered.get(given.text)
    if whole is not None:
        return _Plan(given.text, (Segment(given.text),), ((_Part(whole),),), is_remembered=True, terms=given.terms)
    kept = list_untranslated(given.terms)
    # A lost placeholder holds the text, which only a verified term may do.
    masked_terms = list_untranslated(term for term in given.terms if term.is_verified)
    segments = tuple(split_segments(given.text, window=min(window, WINDOW)))
    parts: list[tuple[_Part, ...]] = []
    is_mixed = False
    for segment in segments:
        remembered = given.remembered.get(segment.text)
        spans = split_languages(segment.text, route.source) if remembered is None else []
        if remembered is not None:
            parts.append((_Part(remembered),))
        elif len(spans) > 1 or (spans and spans[0].language is not route.source):
            is_mixed = True
            parts.append(tuple(part for span in spans for part in _plan_span(span, route, kept)))
        elif keeps_placeholders and needs_engine(segment.text, kept):
            masked = mask_protected(segment.text, masked_terms)
            parts.append((_Part(ask=masked.text, items=masked.items),))
        else:
            parts.append(tuple(_split_around(segment.text, kept)))
    return _Plan(
        given.text,
        segments,
        tuple(parts),
        is_remembered=any(segment.text in given.remembered for segment in segments),
        terms=given.terms,
        is_mixed=is_mixed,
    )


def _plan_span(span: LanguageSpan, route: Route, kept: Sequence[str]) -> list[_Part]:
    """What stands in the reader's language already stays, and so does a foreign term in the middle of a sentence."""
    if span.language is route.source:
        return _split_around(span.text, kept)
    if span.language is route.target or not span.is_statement:
        return [_Part(span.text)]
    return _split_around(span.text, kept, language=span.language)


def _split_around(text: str, kept: Sequence[str], language: LanguageTag | None = None) -> list[_Part]:
    """The words between protected items, each asked for on its own without the blanks around it."""
    parts: list[_Part] = []
    for piece in split_protected(text, kept):
        if piece.is_protected or not has_words(piece.text):
            parts.append(_Part(piece.text))
            continue
        core = piece.text.strip()
        start = piece.text.index(core)
        parts += [
            _Part(piece.text[:start]),
            _Part(ask=core, language=language),
            _Part(piece.text[start + len(core) :]),
        ]
    return parts


def _finish(plan: _Plan, answers: Mapping[_Ask, EngineOutput], route: Route) -> PipelineResult:
    asks = plan.asks
    if not asks and not plan.is_remembered and not plan.is_mixed:
        # Only links, numbers, emoji: the text itself is its translation in every language.
        return PipelineResult(plan.text, OriginKind.MACHINE, GateDecision(is_published=True))
    findings: list[Finding] = []
    texts = [_render_segment(plan, parts, answers, findings, route) for parts in plan.parts]
    text = join_segments(plan.segments, texts, source=route.source, target=route.target)
    pair = CheckInput(plan.text, text, route.source, route.target, plan.terms)
    if not asks and not plan.is_mixed:
        return PipelineResult(text, OriginKind.MEMORY, _decide_memory(pair))
    scores = [answers[ask].score for ask in asks if ask in answers]
    known = [score for score in scores if score is not None]
    return PipelineResult(
        text,
        OriginKind.MACHINE,
        decide_machine(pair, findings=findings),
        # A text is as good as its weakest piece; unknown if that of any piece is.
        min(known) if known and len(known) == len(scores) else None,
    )


def _render_segment(
    plan: _Plan,
    parts: Sequence[_Part],
    answers: Mapping[_Ask, EngineOutput],
    findings: list[Finding],
    route: Route,
) -> str:
    text = "".join(_render(part, answers, findings) for part in parts)
    if all(part.ask is None for part in parts):
        return text
    text, replaced = replace_forbidden(text, source=plan.text, terms=plan.terms, language=route.target)
    if replaced:
        findings.append(Finding(CheckCode.GLOSSARY, Severity.WARNING, REPLACED, replaced))
    return text


def _render(part: _Part, answers: Mapping[_Ask, EngineOutput], findings: list[Finding]) -> str:
    if part.ask is None:
        return part.fixed
    output = answers.get((part.language, part.ask))
    if output is None:
        return part.ask
    answer = output.text.strip()
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
