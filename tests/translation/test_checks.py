"""Every other check: what must pass and what must be caught, in every language it speaks about."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models import corpus
from tests.models.corpus import read_table
from translation.checks.base import Check, CheckInput
from translation.checks.negation import NegationCheck
from translation.checks.run import CHECKS, run_checks
from translation.checks.shape import CopyCheck, EmptyCheck, LengthCheck, PlaceholdersCheck, RepetitionCheck
from translation.checks.writing import ScriptCheck, SimplifiedCheck
from translation.languages import LanguageTag
from translation.results import CheckCode, Severity

ZH, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)
HANS = LanguageTag.ZH_HANS
Case = tuple[Check, LanguageTag, str, LanguageTag, str]

SENTENCES = {
    ZH: "我想換工作，但是雇主不同意，我可以找誰幫忙？",
    EN: "I want to change my job, but my employer does not agree. Who can help me?",
    VI: "Tôi muốn đổi việc nhưng chủ không đồng ý, tôi có thể nhờ ai giúp?",
    ID: "Saya ingin pindah kerja, tetapi majikan tidak setuju. Siapa yang bisa membantu saya?",
    TH: "ฉันอยากเปลี่ยนงาน แต่นายจ้างไม่ยอม ใครจะช่วยฉันได้บ้าง",
    KM: "ខ្ញុំចង់ប្តូរការងារ ប៉ុន្តែថៅកែមិនយល់ព្រម តើអ្នកណាអាចជួយខ្ញុំបាន?",
}
LANGUAGES = list(SENTENCES)
PAIRS = [(source, target) for source in LANGUAGES for target in LANGUAGES if source is not target]

GOOD: list[Case] = [
    (EmptyCheck(), EN, "", ZH, ""),
    (CopyCheck(), EN, "LINE Pay", ZH, "LINE Pay"),
    (CopyCheck(), EN, "Seven Eleven", VI, "Seven Eleven"),
    (CopyCheck(), EN, "https://a.tw 😀 12345", VI, "https://a.tw 😀 12345"),
    (CopyCheck(), ZH, "台灣", HANS, "台灣"),
    (CopyCheck(), VI, "ok hihi", ID, "ok hihi"),
    (ScriptCheck(), VI, "ok haha", ZH, "ok haha"),
    (CopyCheck(), VI, "xin chào", VI, "xin chào"),
    (RepetitionCheck(), ZH, "哈哈哈哈哈哈哈哈", EN, "Hahahahahahahahaha"),
    (RepetitionCheck(), TH, "5555555555", ZH, "哈哈哈哈哈哈哈哈哈哈"),
    (RepetitionCheck(), EN, "a line ------------", ZH, "一條線------------------"),
    (RepetitionCheck(), VI, "từ từ thôi, chầm chậm thôi", ZH, "慢慢來慢慢來"),
    (LengthCheck(), EN, "OK", ZH, "好"),
    (LengthCheck(), ZH, "謝謝大家的幫忙", KM, "សូមអរគុណអ្នកទាំងអស់គ្នាចំពោះជំនួយ"),
    (ScriptCheck(), VI, "Dùng LINE Pay", ZH, "使用 LINE Pay"),
    (ScriptCheck(), EN, "Samsung Galaxy Store", TH, "ร้าน Samsung Galaxy"),
    (ScriptCheck(), ZH, "居留證在哪裡辦？", VI, "Làm thẻ cư trú (居留證) ở đâu?"),
    (ScriptCheck(), ZH, "「小心地滑」是什麼意思？", ID, "Apa arti 「小心地滑」?"),
    (ScriptCheck(), EN, "Download from https://play.google.com/store", KM, "ទាញយកពី https://play.google.com/store"),
    (ScriptCheck(), ZH, "12345", TH, "12345"),
    (
        ScriptCheck(),
        EN,
        "My friend Nguyễn lives with Mr. Trần in Taoyuan",
        ID,
        "Teman saya Nguyễn tinggal bersama Trần di Taoyuan",
    ),
    (SimplifiedCheck(), EN, "Taiwan", ZH, "台灣的健保卡只有一張，床在這裡"),
    (SimplifiedCheck(), EN, "Here", HANS, "健保卡在这里"),
    (SimplifiedCheck(), VI, "Chữ 「这里」 nghĩa là gì", ZH, "「这里」是什麼意思"),
    (PlaceholdersCheck(), EN, "1 < 2", ZH, "1 < 2"),
    (PlaceholdersCheck(), EN, "what is ⟦0⟧", ZH, "⟦0⟧是什麼"),
    (NegationCheck(), ZH, "有沒有人知道怎麼辦健保卡？", EN, "Does anybody know how to get a health insurance card?"),
    (NegationCheck(), ZH, "你要不要去？不好意思", VI, "Bạn đi chứ? Xin lỗi"),
    (NegationCheck(), VI, "Có ai biết không?", ZH, "有人知道嗎？"),
    (NegationCheck(), VI, "Bạn ăn cơm chưa ạ?", TH, "กินข้าวแล้วใช่ไหม"),
    (NegationCheck(), ID, "Kamu mau ikut atau tidak?", EN, "Do you want to come?"),
    (NegationCheck(), TH, "จะไปหรือไม่", EN, "Will you go?"),
    (NegationCheck(), KM, "អ្នកទៅឬទេ?", EN, "Are you going?"),
    (NegationCheck(), EN, "You know it, don't you?", ZH, "你知道的吧？"),
    (NegationCheck(), LanguageTag.UND, "no", ZH, "好"),
    (NegationCheck(), VI, "Không, luật bảo vệ bạn.", EN, "No, the law protects you."),
    (NegationCheck(), ZH, "免費", KM, "ឥតគិតថ្លៃ"),
]

BAD: list[tuple[CheckCode, Case]] = [
    *((CheckCode.EMPTY, (EmptyCheck(), tag, text, EN, " \u200b\n")) for tag, text in SENTENCES.items()),
    *(
        (CheckCode.COPY, (CopyCheck(), source, SENTENCES[source], target, SENTENCES[source]))
        for source, target in PAIRS
    ),
    (
        CheckCode.COPY,
        (CopyCheck(), VI, "Tôi muốn đổi việc nhưng chủ không cho", EN, "tôi muốn đổi việc , nhưng chủ không cho ."),
    ),
    (CheckCode.COPY, (CopyCheck(), ID, SENTENCES[ID], EN, SENTENCES[ID].replace("Siapa", "Who"))),
    (CheckCode.REPETITION, (RepetitionCheck(), ID, "Apa kabar", EN, "I'm sorry " * 6)),
    (CheckCode.REPETITION, (RepetitionCheck(), EN, "Thanks", ZH, "謝謝你的幫忙" * 5)),
    (CheckCode.REPETITION, (RepetitionCheck(), EN, "Thanks", TH, "ขอบคุณ" * 6)),
    (CheckCode.REPETITION, (RepetitionCheck(), EN, "Thanks", KM, "អរគុណ" * 6)),
    (CheckCode.REPETITION, (RepetitionCheck(), EN, "Thanks", VI, "cảm ơn, " * 6)),
    (CheckCode.REPETITION, (RepetitionCheck(), ZH, "謝謝", ID, "terima kasih " * 6)),
    (
        CheckCode.REPETITION,
        (
            RepetitionCheck(),
            ZH,
            SENTENCES[ZH],
            EN,
            "I want to go. You want to go. " * 3,
        ),
    ),
    *(
        (CheckCode.LENGTH, (LengthCheck(), tag, text, EN if tag is not EN else ZH, "OK"))
        for tag, text in SENTENCES.items()
    ),
    *(
        (CheckCode.LENGTH, (LengthCheck(), EN if tag is not EN else ZH, "OK", tag, text * 3))
        for tag, text in SENTENCES.items()
    ),
    *(
        (CheckCode.SCRIPT, (ScriptCheck(), source, SENTENCES[source], target, SENTENCES[source]))
        for source, target in PAIRS
        if (source, target) not in {(EN, ID), (ID, EN)}
    ),
    (
        CheckCode.SCRIPT,
        (ScriptCheck(), VI, "Tôi muốn đổi việc nhưng chủ không cho", ZH, "我想 đổi việc nhưng chủ không cho"),
    ),
    (CheckCode.SCRIPT, (ScriptCheck(), EN, "I want to change my job", ZH, "I want 換工作 to change")),
    (CheckCode.SIMPLIFIED, (SimplifiedCheck(), EN, "health insurance", ZH, "健保卡在这里")),
    (CheckCode.SIMPLIFIED, (SimplifiedCheck(), HANS, "健保卡在这里", ZH, "健保卡在这里")),
    (CheckCode.PLACEHOLDERS, (PlaceholdersCheck(), EN, "hello", ZH, "你好⟦0⟧")),
    (CheckCode.PLACEHOLDERS, (PlaceholdersCheck(), EN, "hello", KM, "សួស្តី ⁇ ")),
    (CheckCode.PLACEHOLDERS, (PlaceholdersCheck(), EN, "hello", VI, "__vi__ xin chào")),
    (CheckCode.PLACEHOLDERS, (PlaceholdersCheck(), EN, "hello", TH, "สวัสดี<unk>")),
    (CheckCode.PLACEHOLDERS, (PlaceholdersCheck(), EN, "hello", ID, "halo\ufffd")),
    (CheckCode.NEGATION, (NegationCheck(), ZH, "雇主不能扣留護照", EN, "Employers may keep passports")),
    (CheckCode.NEGATION, (NegationCheck(), EN, "You must not pay", ZH, "你必須付錢")),
    (CheckCode.NEGATION, (NegationCheck(), VI, "Tôi chưa nhận lương", EN, "I have received my wages")),
    (CheckCode.NEGATION, (NegationCheck(), ID, "Jangan bayar", ZH, "請付錢")),
    (CheckCode.NEGATION, (NegationCheck(), TH, "ห้ามเข้า", EN, "Come in")),
    (CheckCode.NEGATION, (NegationCheck(), KM, "កុំបង់លុយ", ZH, "請付錢")),
    (CheckCode.NEGATION, (NegationCheck(), EN, "You may go", VI, "Bạn không được đi")),
]


def find(case: Case) -> set[CheckCode]:
    check, source_language, source, target_language, target = case
    return {finding.code for finding in check.check(CheckInput(source, target, source_language, target_language))}


@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{type(case[0]).__name__}-{case[1]}-{case[3]}")
def test_pair_passes_when_it_only_looks_wrong(case: Case) -> None:
    assert find(case) == set()


@pytest.mark.parametrize(("code", "case"), BAD, ids=lambda part: str(part)[:24])
def test_pair_is_caught_when_it_is_wrong(code: CheckCode, case: Case) -> None:
    assert find(case) == {code}


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_nothing_is_found_when_the_translation_is_good(source: LanguageTag, target: LanguageTag) -> None:
    assert run_checks(CheckInput(SENTENCES[source], SENTENCES[target], source, target)) == []


def test_nothing_is_found_when_people_translated_the_demo_threads() -> None:
    rows = read_table(Path(corpus.__file__).parent / "demo_sentences.tsv")
    pairs = [CheckInput(row[a], row[b], a, b) for row in rows for a, b in PAIRS]
    assert [(pair, found) for pair in pairs if (found := run_checks(pair))] == []
    assert len(pairs) > 100


def test_negation_only_warns_when_it_may_be_said_otherwise() -> None:
    (finding,) = run_checks(CheckInput("I am not well", "我生病了", EN, ZH))
    assert (finding.code, finding.severity) == (CheckCode.NEGATION, Severity.WARNING)


def test_empty_is_all_there_is_when_the_target_is_empty() -> None:
    (finding,) = run_checks(CheckInput("Pay 3,000 元 to 0912-345-678", "", EN, ZH))
    assert finding.code is CheckCode.EMPTY


def test_every_code_has_a_check() -> None:
    assert {code for check in CHECKS for code in check.codes} == set(CheckCode)


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.sampled_from(list(LanguageTag)),
    st.sampled_from(list(LanguageTag)),
)
def test_checks_answer_when_texts_are_anything(
    source: str, target: str, source_language: LanguageTag, target_language: LanguageTag
) -> None:
    codes = {code for check in CHECKS for code in check.codes}
    assert {
        finding.code for finding in run_checks(CheckInput(source, target, source_language, target_language))
    } <= codes


@pytest.mark.parametrize("unit", ["ab", "哈", "1 ", "很", "()", "0", "không ", "a b c d ", "\u0301", "x" * 41])
def test_checks_answer_when_texts_are_huge(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    assert isinstance(run_checks(CheckInput("hello", text, EN, VI)), list)
