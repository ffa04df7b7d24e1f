"""Texts through segments, memory, protection, an engine and the gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from translation.engines.base import EngineError, EngineOutput
from translation.languages import LanguageTag
from translation.pipeline import translate_batch
from translation.results import CheckCode, GlossaryTerm, OriginKind, PipelineInput, PipelineResult, Route, Severity

ROUTE = Route((LanguageTag.EN, LanguageTag.ZH_HANT), "dictionary")
WINDOW = 400

WORDS = {
    "Good morning.": "早安。",
    "Good morning": "早安",
    "I want to change my job.": "我想換工作。",
    "Call": "請打",
    "for help.": "求助。",
    "Call ⟦0⟧ for help.": "求助請打⟦0⟧。",
    "I work 3 days.": "我工作4天。",
}


class DictionaryEngine:
    """Knows a few sentences by heart and remembers what it was asked."""

    def __init__(self, words: dict[str, str] = WORDS, score: float | None = -0.2) -> None:
        self.words = words
        self.score = score
        self.calls: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> list[EngineOutput]:
        self.calls.append(list(texts))
        return [EngineOutput(self.words[text], self.score) for text in texts]


def run(
    engine: Callable[[Sequence[str]], Sequence[EngineOutput]], *inputs: PipelineInput, keeps: bool = False
) -> list[PipelineResult]:
    return translate_batch(inputs, route=ROUTE, translate=engine, window=WINDOW, keeps_placeholders=keeps)


def test_text_is_translated_when_the_engine_knows_it() -> None:
    (result,) = run(DictionaryEngine(), PipelineInput("Good morning. I want to change my job."))
    assert result.text == "早安。我想換工作。"
    assert result.origin is OriginKind.MACHINE
    assert result.decision.is_published
    assert result.score == -0.2


def test_engine_is_asked_once_when_texts_share_segments() -> None:
    engine = DictionaryEngine()
    results = run(
        engine,
        PipelineInput("Good morning."),
        PipelineInput("Good morning. I want to change my job."),
        PipelineInput("- Good morning."),
    )
    assert engine.calls == [["Good morning.", "I want to change my job."]]
    assert [result.text for result in results] == ["早安。", "早安。我想換工作。", "- 早安。"]


def test_origin_is_memory_when_every_segment_is_remembered() -> None:
    engine = DictionaryEngine()
    memory = {"Good morning.": "早。", "I want to change my job.": "我要換工作。"}
    (result,) = run(engine, PipelineInput("Good morning. I want to change my job.\n😀", memory))
    assert result.text == "早。我要換工作。\n😀"
    assert result.origin is OriginKind.MEMORY
    assert result.score is None
    assert engine.calls == []


def test_origin_is_machine_when_one_segment_is_not_remembered() -> None:
    engine = DictionaryEngine()
    (result,) = run(engine, PipelineInput("Good morning. I want to change my job.", {"Good morning.": "早。"}))
    assert result.text == "早。我想換工作。"
    assert result.origin is OriginKind.MACHINE
    assert engine.calls == [["I want to change my job."]]


def test_whole_text_is_taken_when_remembered_as_one() -> None:
    text = "Good morning. I want to change my job."
    (result,) = run(DictionaryEngine(), PipelineInput(text, {text: "早，我想換工作。", "Good morning.": "不"}))
    assert (result.text, result.origin) == ("早，我想換工作。", OriginKind.MEMORY)


@pytest.mark.parametrize("keeps", [False, True])
def test_text_comes_back_when_there_is_nothing_to_translate(keeps: bool) -> None:
    engine = DictionaryEngine()
    texts = ["https://a.tw/x", "😀😀", "12345", "5/3", "", "0912-345-678\n\n...", "@ming"]
    results = run(engine, *map(PipelineInput, texts), keeps=keeps)
    assert [result.text for result in results] == texts
    assert all(result.decision.is_published for result in results)
    assert {result.origin for result in results} == {OriginKind.MACHINE}
    assert engine.calls == []


def test_text_is_split_around_items_when_the_engine_keeps_no_placeholders() -> None:
    engine = DictionaryEngine()
    (result,) = run(engine, PipelineInput("Call 0912-345-678 for help."))
    assert engine.calls == [["Call", "for help."]]
    assert result.text == "請打 0912-345-678 求助。"
    assert result.decision.is_published


def test_placeholders_are_used_when_the_engine_keeps_them() -> None:
    engine = DictionaryEngine()
    (result,) = run(engine, PipelineInput("Call 0912-345-678 for help."), keeps=True)
    assert result.text == "求助請打0912-345-678。"
    assert result.decision.is_published


def test_text_is_held_when_a_placeholder_is_lost() -> None:
    engine = DictionaryEngine({"Call ⟦0⟧ for help.": "請打電話求助。"})
    (result,) = run(engine, PipelineInput("Call 0912-345-678 for help."), keeps=True)
    assert not result.decision.is_published
    assert CheckCode.PLACEHOLDERS in {finding.code for finding in result.decision.findings}


def test_text_is_held_alone_when_its_check_fails() -> None:
    held, fine = run(DictionaryEngine(), PipelineInput("I work 3 days."), PipelineInput("Good morning."))
    assert not held.decision.is_published
    assert fine.decision.is_published


def test_text_is_held_when_one_piece_comes_back_empty() -> None:
    engine = DictionaryEngine({"Good morning.": "早安。", "I want to change my job.": " "})
    (result,) = run(engine, PipelineInput("Good morning. I want to change my job."))
    assert not result.decision.is_published
    assert CheckCode.EMPTY in {finding.code for finding in result.decision.findings}


def test_score_is_unknown_when_the_engine_gives_none() -> None:
    (result,) = run(DictionaryEngine(score=None), PipelineInput("Good morning."))
    assert result.score is None


def test_score_is_the_weakest_when_pieces_differ() -> None:
    def translate(texts: Sequence[str]) -> list[EngineOutput]:
        return [EngineOutput(WORDS[text], -float(index)) for index, text in enumerate(texts)]

    (result,) = run(translate, PipelineInput("Good morning. I want to change my job."))
    assert result.score == -1.0


@pytest.mark.parametrize("outputs", [[], [EngineOutput("早安"), EngineOutput("早安")]])
def test_engine_error_is_raised_when_outputs_are_missing_or_too_many(outputs: list[EngineOutput]) -> None:
    with pytest.raises(EngineError) as caught:
        run(lambda texts: outputs, PipelineInput("Good morning."))
    assert caught.value.code == "engine.wrong_output_count"


def test_pieces_fit_the_window_when_a_sentence_is_longer() -> None:
    asked: list[str] = []

    def translate(texts: Sequence[str]) -> list[EngineOutput]:
        asked.extend(texts)
        return [EngineOutput("好") for _ in texts]

    translate_batch([PipelineInput("very " * 100 + "long.")], route=ROUTE, translate=translate, window=50)
    assert asked
    assert all(len(text) <= 50 for text in asked)


def test_nothing_happens_when_there_is_no_input() -> None:
    assert run(DictionaryEngine()) == []


def make_line(*, is_verified: bool) -> GlossaryTerm:
    return GlossaryTerm("LINE", ("LINE",), is_do_not_translate=True, is_verified=is_verified)


@pytest.mark.parametrize("is_verified", [True, False])
def test_names_that_are_not_translated_never_reach_the_engine(is_verified: bool) -> None:
    engine = DictionaryEngine({"Add me on": "加我的", "please.": "謝謝。"})
    (result,) = run(engine, PipelineInput("Add me on LINE please.", terms=(make_line(is_verified=is_verified),)))
    assert engine.calls == [["Add me on", "please."]]
    assert result.text == "加我的 LINE 謝謝。"
    assert result.decision.is_published


def test_verified_name_is_a_placeholder_when_the_engine_keeps_them() -> None:
    engine = DictionaryEngine({"Add me on ⟦0⟧ please.": "請加我的⟦0⟧。"})
    given = PipelineInput("Add me on LINE please.", terms=(make_line(is_verified=True),))
    (result,) = run(engine, given, keeps=True)
    assert result.text == "請加我的LINE。"


def test_unverified_name_holds_nothing_when_the_engine_loses_it() -> None:
    engine = DictionaryEngine({"Add me on LINE please.": "請加我的通訊軟體。"})
    given = PipelineInput("Add me on LINE please.", terms=(make_line(is_verified=False),))
    (result,) = run(engine, given, keeps=True)
    assert result.decision.is_published
    assert [finding.severity for finding in result.decision.findings] == [Severity.WARNING]


def test_text_comes_back_when_it_is_only_a_name() -> None:
    engine = DictionaryEngine()
    for keeps in (False, True):
        (result,) = run(engine, PipelineInput("LINE!", terms=(make_line(is_verified=True),)), keeps=keeps)
        assert result.text == "LINE!"
    assert engine.calls == []


WORKER = GlossaryTerm("migrant worker", ("移工",), ("外勞",), is_verified=True)
WORKERS = "The migrant workers rest."


def test_forbidden_variant_of_the_machine_is_replaced_before_the_gate() -> None:
    (result,) = run(DictionaryEngine({WORKERS: "外勞休息。"}), PipelineInput(WORKERS, terms=(WORKER,)))
    assert result.text == "移工休息。"
    assert result.decision.is_published
    (finding,) = result.decision.findings
    assert (finding.code, finding.severity, finding.detail) == (
        CheckCode.GLOSSARY,
        Severity.WARNING,
        ("外勞 → 移工",),
    )


def test_text_is_held_when_the_machine_names_a_verified_term_otherwise() -> None:
    (result,) = run(DictionaryEngine({WORKERS: "候鳥休息。"}), PipelineInput(WORKERS, terms=(WORKER,)))
    assert not result.decision.is_published


def test_what_people_wrote_is_not_replaced_when_it_is_remembered() -> None:
    engine = DictionaryEngine({"Good morning.": "外勞早安。"})
    remembered = {WORKERS: "外勞休息。"}
    (result,) = run(engine, PipelineInput(f"Good morning. {WORKERS}", remembered, (WORKER,)))
    assert result.text == "移工早安。外勞休息。"
    assert not result.decision.is_published
    (result,) = run(engine, PipelineInput(WORKERS, remembered, (WORKER,)))
    assert (result.text, result.origin) == ("外勞休息。", OriginKind.MEMORY)
    assert result.decision.is_published
