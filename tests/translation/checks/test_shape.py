"""Repetition and length: what must pass and what must be caught."""

from __future__ import annotations

import pytest

from translation.checks.base import CheckInput
from translation.checks.shape import LengthCheck, RepetitionCheck
from translation.languages import LanguageTag

ZH, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)
SENTENCES = {
    ZH: "我的居留證下個月到期。",
    EN: "My residence permit expires next month.",
    VI: "Thẻ cư trú của tôi hết hạn vào tháng sau.",
    ID: "Kartu izin tinggal saya habis bulan depan.",
    TH: "ใบถิ่นที่อยู่ของฉันจะหมดอายุเดือนหน้า",
    KM: "ប័ណ្ណស្នាក់នៅរបស់ខ្ញុំនឹងផុតកំណត់នៅខែក្រោយ។",
}
PAIRS = [(source, target) for source in SENTENCES for target in SENTENCES if source is not target]


def repeats(source: str, target: str, target_language: LanguageTag, source_language: LanguageTag = EN) -> bool:
    return RepetitionCheck().check(CheckInput(source, target, source_language, target_language)) != []


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("gap", ["", " ", "\n"])
def test_sentence_is_caught_when_it_is_said_twice(source: LanguageTag, target: LanguageTag, gap: str) -> None:
    assert repeats(SENTENCES[source], SENTENCES[target] + gap + SENTENCES[target], target, source)
    assert not repeats(SENTENCES[source], SENTENCES[target], target, source)


@pytest.mark.parametrize("language", [ZH, TH, KM])
def test_clause_is_caught_when_it_is_said_twice_without_a_space(language: LanguageTag) -> None:
    clause = SENTENCES[language].rstrip("。។")
    assert repeats("My permit", f"{clause}{clause}", language)
    assert repeats("My permit", f"…{clause}{clause}…", language)


def test_sentence_may_be_said_twice_when_the_source_says_it_twice() -> None:
    twice = "My permit expires next month. My permit expires next month."
    assert not repeats(twice, SENTENCES[ZH] * 2, ZH)
    assert not repeats("謝謝謝謝！", "Thank you very much, thank you very much!", EN, ZH)
    assert not repeats("ขอบคุณๆ", "Terima kasih banyak, terima kasih banyak", ID, TH)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (ID, "Pelan-pelan saja, pertanyaan-pertanyaan itu mudah"),
        (ID, "perusahaan-perusahaan besar, hati-hati"),
        (ZH, "慢慢來，謝謝謝謝，一步一步做，好的好的"),
        (VI, "rất rất to, từng bước từng bước, từ từ thôi"),
        (TH, "ทีละขั้นทีละขั้น ครับๆ ช้าๆ"),
        (KM, "ជាដំណាក់ៗ យឺតៗ បន្តិចម្តងៗ"),
        (EN, "Bye bye! It is very, very far, step by step"),
        (EN, "It costs 10,000,000 and 1000000 more"),
    ],
)
def test_doubled_words_pass_when_people_say_them_so(language: LanguageTag, text: str) -> None:
    assert not repeats("One sentence.", text, language, EN if language is not EN else ZH)


def test_loop_is_caught_when_the_source_only_has_zeros() -> None:
    assert repeats("It costs NT$30,000", "費用三萬元元元元元元元元元元元", ZH)


@pytest.mark.parametrize("unit", ["ab", "哈", "long clause number one ", "不要 ", "abcd efgh ijkl "])
def test_repetition_is_looked_for_when_texts_are_huge(unit: str) -> None:
    assert repeats("hello", unit * (20_000 // len(unit)), EN, ZH)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_length_is_caught_when_most_of_a_text_is_gone(source: LanguageTag, target: LanguageTag) -> None:
    text, cut = SENTENCES[source] * 3, SENTENCES[target]
    check = LengthCheck()
    assert check.check(CheckInput(text, SENTENCES[target] * 3, source, target)) == []
    assert check.check(CheckInput(text, cut[: len(cut) // 2], source, target)) != []
    assert check.check(CheckInput(SENTENCES[source], cut * 5, source, target)) != []


def test_length_says_nothing_when_texts_are_short() -> None:
    assert LengthCheck().check(CheckInput("OK", "好", EN, ZH)) == []
    assert LengthCheck().check(CheckInput("居留證", "ARC", ZH, EN)) == []
