"""Not, yes and no in six languages: what must pass, what only warns, and what must be caught."""

from __future__ import annotations

import pytest

from translation.checks.base import CheckInput
from translation.checks.negation import Answer, NegationCheck, find_answer, has_negation
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
Case = tuple[LanguageTag, str, LanguageTag, str]

#: A prohibition, the opposite, a question that only looks negative, and a plain statement, in every language.
FORBIDDEN = {
    ZH: "雇主不能扣留護照。",
    EN: "Employers must not keep passports.",
    VI: "Chủ không được giữ hộ chiếu.",
    ID: "Majikan tidak boleh menahan paspor.",
    TH: "นายจ้างห้ามยึดหนังสือเดินทาง",
    KM: "ថៅកែមិនអាចដកយកលិខិតឆ្លងដែនទេ។",
}
ALLOWED = {
    ZH: "雇主可以扣留護照。",
    EN: "Employers may keep passports.",
    VI: "Chủ được giữ hộ chiếu.",
    ID: "Majikan boleh menahan paspor.",
    TH: "นายจ้างยึดหนังสือเดินทางได้",
    KM: "ថៅកែអាចដកយកលិខិតឆ្លងដែនបាន។",
}
ASKED = {
    ZH: "你不是要換雇主嗎？",
    EN: "You want to change employers, don't you?",
    VI: "Bạn muốn đổi chủ phải không?",
    ID: "Kamu mau pindah majikan, kan?",
    TH: "คุณอยากเปลี่ยนนายจ้างใช่ไหม",
    KM: "អ្នកចង់ប្តូរថៅកែមែនទេ?",
}
YES = {ZH: "是", EN: "Yes", VI: "Có", ID: "Ya", TH: "ใช่", KM: "បាទ"}
NO = {ZH: "否", EN: "No", VI: "Không", ID: "Tidak", TH: "ไม่", KM: "ទេ"}
PAIRS = [(source, target) for source in FORBIDDEN for target in FORBIDDEN if source is not target]

GOOD: list[Case] = [
    (ZH, "別忘了帶護照", EN, "Remember your passport"),
    (ZH, "這裡不是移民署嗎？", ID, "Bukankah ini kantor imigrasi?"),
    (ZH, "你吃飯了沒？", EN, "Have you eaten?"),
    (ZH, "有無其他費用？", EN, "Are there other fees?"),
    (EN, "Bring it, otherwise it will take longer.", VI, "Hãy mang theo, nếu không sẽ lâu hơn."),
    (EN, "no later than Monday", ZH, "最晚星期一"),
    (EN, "Don't forget your passport!", TH, "อย่าลืมหนังสือเดินทาง"),
    (VI, "quá 23 kg phải trả thêm", EN, "above 23 kg you pay more"),
    (VI, "không khí ở đây tốt", EN, "the air is good here"),
    (VI, "Bạn đi không ạ?", ZH, "你要去嗎？"),
    (TH, "อย่างน้อย 3 วัน", EN, "at least 3 days"),
    (TH, "ไม่เกิน 3 วัน", EN, "at most 3 days"),
    (KM, "កុំព្យូទ័រថ្មី", EN, "a new computer"),
    (KM, "កន្លែងនេះស្អាត", EN, "This place is nice"),
    (KM, "អ្នកទៅបានទេ?", EN, "Can you go?"),
    (ID, "Apa tidak terlalu mahal?", ZH, "會不會太貴？"),
    (EN, "Applications are refused.", ZH, "拒絕申請。"),
    (ZH, "對，不能去。", EN, "No, you cannot go."),
    (ZH, "還沒", EN, "Not yet"),
    (EN, "No problem", ZH, "沒問題"),
]

DOUBTFUL: list[Case] = [
    (
        ZH,
        "我沒有錢，朋友也都回國了。他們很久以前就走了，怎麼辦？",
        EN,
        "I am broke. My friends have gone home. What now?",
    ),
    (ZH, "他不胖", EN, "He is slim"),
    (ZH, "我不舒服。", EN, "I feel ill."),
    (EN, "Why is he not here?", ZH, "他為什麼在這裡？"),
]


def find(case: Case) -> list[Severity]:
    source_language, source, target_language, target = case
    findings = NegationCheck().check(CheckInput(source, target, source_language, target_language))
    assert {finding.code for finding in findings} <= {CheckCode.NEGATION}
    return [finding.severity for finding in findings]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_prohibition_is_caught_when_it_becomes_a_permission(source: LanguageTag, target: LanguageTag) -> None:
    assert find((source, FORBIDDEN[source], target, FORBIDDEN[target])) == []
    assert find((source, FORBIDDEN[source], target, ALLOWED[target])) == [Severity.ERROR]
    assert find((source, ALLOWED[source], target, FORBIDDEN[target])) == [Severity.ERROR]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_question_tags_say_nothing_negative(source: LanguageTag, target: LanguageTag) -> None:
    assert find((source, ASKED[source], target, ASKED[target])) == []


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_answer_in_a_word_is_caught_when_yes_becomes_no(source: LanguageTag, target: LanguageTag) -> None:
    assert find((source, YES[source], target, YES[target])) == []
    assert find((source, NO[source], target, NO[target])) == []
    assert find((source, NO[source], target, YES[target])) == [Severity.ERROR]
    assert find((source, YES[source], target, NO[target])) == [Severity.ERROR]


@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{case[0]}-{case[2]}-{case[1][:12]}")
def test_pair_passes_when_it_only_looks_negative(case: Case) -> None:
    assert find(case) == []


@pytest.mark.parametrize("case", DOUBTFUL, ids=lambda case: f"{case[0]}-{case[2]}")
def test_pair_only_gets_a_warning_when_it_is_no_short_prohibition(case: Case) -> None:
    assert find(case) == [Severity.WARNING]


def test_answer_is_caught_when_the_rest_is_the_same() -> None:
    assert find((ZH, "可以，帶護照就好。", EN, "No, just bring your passport.")) == [Severity.ERROR]


def test_sentence_is_caught_inside_a_text_when_sentences_stand_side_by_side() -> None:
    source, target = "護照要帶著。不要付錢給他。", "Bring the passport. Pay him."
    assert find((ZH, source, EN, target)) == [Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("不行，一定要去", ZH, Answer(is_yes=False, rest="一定要去")),
        ("Yes.", EN, Answer(is_yes=True)),
        ("ได้ค่ะ", TH, Answer(is_yes=True)),
        ("ไม่ต้อง อันนี้ฟรี", TH, Answer(is_yes=False, rest="อันนี้ฟรี")),
        ("Dạ không ạ", VI, Answer(is_yes=False)),
        ("Yesterday", EN, None),
        ("是非題", ZH, None),
        ("yes", LanguageTag.UND, None),
    ],
)
def test_answer_is_found_when_the_text_begins_with_one(text: str, language: LanguageTag, answer: Answer | None) -> None:
    assert find_answer(text, language) == answer


def test_nothing_is_said_about_languages_without_rules() -> None:
    assert has_negation("no", LanguageTag.UND) is None
    assert has_negation("不行", LanguageTag.ZH_HANS) is True
