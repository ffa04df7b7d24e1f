"""Codes, handles and names: what must pass and what must be caught."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.checks.base import CheckInput
from translation.checks.names import NamesCheck
from translation.gate import decide_machine
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

GOOD: list[Case] = [
    # codes
    (ZH, "請填B2-1表", VI, "Vui lòng điền mẫu B2-1"),
    (EN, "flight CI 783", ZH, "CI783班機"),
    (EN, "bus r5", ZH, "R5公車"),
    (ZH, "案件ＴＷ－２２９１", KM, "សំណុំរឿង TW-2291"),
    (ID, "iPhone 15", TH, "iPhone 15"),
    (EN, "See https://a.tw/B12 now", ZH, "請看"),
    # numbers with a unit, an ordinal, a clock or a currency are no codes
    (EN, "at 5PM on the 3RD", ZH, "3日下午5點"),
    (EN, "NT500 for 23KG", VI, "500 Đài tệ cho 23 kg"),
    (VI, "T2 nghỉ, 15H30 ở Q7", EN, "Monday off, 3:30 pm in District 7"),
    (ID, "lulusan S1, ke-2", ZH, "大學畢業，第二"),
    (ZH, "在B1和2F，買3C產品", EN, "on the basement and second floor, electronics"),
    (EN, "NT 500", ZH, "500元"),
    # handles
    (EN, "Ask @Qiao_help.", ZH, "請問@qiao_help"),
    # names
    (VI, "Chị Nguyễn Hoa ở Cao Hùng", EN, "Ms Nguyen Hoa lives in Kaohsiung"),
    (EN, "I buy it at Carrefour", ZH, "我在家樂福買"),
    (EN, "I buy it at Carrefour", TH, "ฉันซื้อที่คาร์ฟูร์"),
    (ZH, "請加LINE", TH, "แอดไลน์"),
    (EN, "The National Immigration Agency", ZH, "請到NIA"),
    (EN, "Order on UberEats", ZH, "用Uber Eats訂"),
    (EN, "use Google Maps", ZH, "用Google地圖"),
    (EN, "my ID card", ZH, "我的IC卡"),
    (EN, "We Go To Taipei Main Station", ZH, "我們去車站"),
    (EN, "a Taiwanese visa for Indonesia in August", ID, "visa Taiwan untuk Indonesia pada Agustus"),
    (EN, "I saw the Manager", ID, "Saya bertemu Manajer"),
    (ID, "naik Grab", EN, "take a Grab"),
    (ID, "Apakah Anda mau?", EN, "Do you want it?"),
    (EN, "next Monday in Singapore", ID, "Senin depan di Singapura"),
    (ZH, "我想換工作", EN, "I want to change my job in Taipei"),
]

BAD: list[Case] = [
    (ZH, "請填B2-1表", VI, "Vui lòng điền mẫu B2-2"),
    (ZH, "請填B2-1表", EN, "Please fill in the form"),
    (EN, "error E17", ZH, "錯誤F17"),
    (EN, "bus R5", KM, "ឡានក្រុង K5"),
    (TH, "รถเมล์ R5", ID, "bus R6"),
    (EN, "flight CI 783", ID, "penerbangan CI 784"),
    (VI, "xin chào", ZH, "你好TH-55"),
    (EN, "form N95A", TH, "แบบฟอร์ม"),
    (EN, "Ask @qiao_help", ZH, "請問@qiao_halp"),
    (EN, "Ask them", ZH, "請問@somebody"),
    (EN, "I buy it at Carrefour", ZH, "我在Carrafour買"),
    (EN, "I buy it at Carrefour", TH, "ฉันซื้อที่ Uniqlo"),
    (ZH, "Viettel的電話卡", EN, "a Viettal SIM card"),
    (VI, "mạng Viettel", ID, "jaringan Viettal"),
    (ID, "pakai Shopee", KM, "ប្រើ Lazada"),
    (KM, "ប្រើ Indomie", ZH, "用Indamie"),
]

DOUBTFUL: list[Case] = [
    (ZH, "在Indomie工作", EN, "I work there"),
    (EN, "I work for Viettel now", VI, "bây giờ tôi làm ở đó"),
    (EN, "form A4", TH, "แบบฟอร์มเอ 4"),
]


def find(case: Case) -> list[Severity]:
    source_language, source, target_language, target = case
    findings = NamesCheck().check(CheckInput(source, target, source_language, target_language))
    assert {finding.code for finding in findings} <= {CheckCode.NAMES}
    return [finding.severity for finding in findings]


@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{case[0]}-{case[2]}-{case[1][:12]}")
def test_pair_passes_when_its_names_agree(case: Case) -> None:
    assert find(case) == []


@pytest.mark.parametrize("case", BAD, ids=lambda case: f"{case[0]}-{case[2]}-{case[1][:12]}")
def test_pair_is_held_when_a_code_or_name_changes(case: Case) -> None:
    assert find(case) == [Severity.ERROR]


@pytest.mark.parametrize("case", DOUBTFUL, ids=lambda case: f"{case[0]}-{case[2]}")
def test_pair_only_gets_a_warning_when_there_may_be_another_way_to_say_it(case: Case) -> None:
    assert find(case) == [Severity.WARNING]


def test_finding_names_both_spellings_when_one_letter_differs() -> None:
    (finding,) = NamesCheck().check(CheckInput("用Viettel", "use Viettal", ZH, EN))
    assert finding.detail == ("Viettel", "Viettal")
    assert "Viettel" not in finding.message


def test_gate_gives_the_reason_when_a_code_is_lost() -> None:
    decision = decide_machine(CheckInput("請填B2-1表", "Please fill in the form", ZH, EN))
    assert not decision.is_published
    assert (CheckCode.NAMES, ("B2-1",)) in {(finding.code, finding.detail) for finding in decision.findings}


@given(st.text(alphabet="aBcĐ1 2-@.'漢ก", max_size=40), st.sampled_from([ZH, EN, VI, ID, TH, KM]))
def test_text_agrees_with_itself_when_it_is_anything(text: str, language: LanguageTag) -> None:
    assert find((language, text, language, text)) == []


@pytest.mark.parametrize("unit", ["A1 ", "Aa ", "@a", "AA 111 ", "A-", "A1-"])
def test_names_are_compared_when_the_input_is_hostile(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    assert isinstance(NamesCheck().check(CheckInput(text, "x", EN, ZH)), list)
    assert isinstance(NamesCheck().check(CheckInput("Bb", text, ZH, EN)), list)
