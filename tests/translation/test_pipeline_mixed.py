"""Texts in several languages: every part from its own, and nothing lost or mislabelled where nobody translates one."""

from __future__ import annotations

from collections.abc import Sequence

from translation.engines.base import EngineOutput
from translation.languages import LanguageTag
from translation.pipeline import translate_batch
from translation.results import CheckCode, OriginKind, PipelineInput, PipelineResult, Route

VI, ZH, TH = LanguageTag.VI, LanguageTag.ZH_HANT, LanguageTag.TH
VIETNAMESE = {"Sếp nói": "เจ้านายบอกว่า", "nghĩa là gì?": "แปลว่าอะไร", "Tôi cần": "ฉันต้องการ", "mới.": "ใหม่"}
CHINESE = {"你明天不用來上班了": "พรุ่งนี้คุณไม่ต้องมาทำงาน"}
TEXT = "Sếp nói 你明天不用來上班了 nghĩa là gì?"


class Engines:
    """Sentences known by heart, by language, and a record of what was asked in which."""

    def __init__(self, *, knows_chinese: bool = True) -> None:
        self.asked: list[tuple[LanguageTag, list[str]]] = []
        self._knows_chinese = knows_chinese

    def run(self, text: str, target: LanguageTag = TH, remembered: dict[str, str] | None = None) -> PipelineResult:
        (result,) = translate_batch(
            [PipelineInput(text, remembered or {})],
            route=Route((VI, target), "heart"),
            translate=lambda texts: self._answer(VI, texts, VIETNAMESE),
            window=240,
            translate_from=self._translate_from,
        )
        return result

    def _translate_from(self, language: LanguageTag, texts: Sequence[str]) -> list[EngineOutput] | None:
        return self._answer(language, texts, CHINESE) if self._knows_chinese else None

    def _answer(self, language: LanguageTag, texts: Sequence[str], words: dict[str, str]) -> list[EngineOutput]:
        self.asked.append((language, list(texts)))
        return [EngineOutput(words.get(text, text), -0.1) for text in texts]


def test_each_part_is_translated_from_its_own_language() -> None:
    engines = Engines()
    result = engines.run(TEXT)
    assert result.text == "เจ้านายบอกว่า พรุ่งนี้คุณไม่ต้องมาทำงาน แปลว่าอะไร"
    assert result.decision.is_published
    assert engines.asked == [(VI, ["Sếp nói", "nghĩa là gì?"]), (ZH, ["你明天不用來上班了"])]


def test_part_in_the_readers_language_stays_as_it_is() -> None:
    engines = Engines()
    result = engines.run(TEXT, target=ZH)
    assert "你明天不用來上班了" in result.text
    assert [language for language, _ in engines.asked] == [VI]


def test_term_in_the_middle_of_a_sentence_stays_as_it_is() -> None:
    engines = Engines()
    assert engines.run("Tôi cần 居留證 mới.").text == "ฉันต้องการ 居留證 ใหม่"
    assert [language for language, _ in engines.asked] == [VI]


def test_part_that_nobody_translates_holds_the_text() -> None:
    result = Engines(knows_chinese=False).run(TEXT)
    assert "你明天不用來上班了" in result.text
    assert not result.decision.is_published
    assert CheckCode.SCRIPT in {finding.code for finding in result.decision.findings}


def test_text_wholly_in_another_language_is_no_translation_of_itself() -> None:
    result = Engines(knows_chinese=False).run("你明天不用來上班了。")
    assert not result.decision.is_published


def test_foreign_part_beside_remembered_ones_is_not_vouched_for() -> None:
    result = Engines().run("Sếp nói.\n你明天不用來上班了。", remembered={"Sếp nói.": "เจ้านายบอก"})
    assert result.origin is OriginKind.MACHINE
