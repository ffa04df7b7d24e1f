"""Facts must survive: what passes and what is caught, in every language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.checks.base import CheckInput
from translation.checks.facts import FactsCheck
from translation.checks.matching import match_one_to_one
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


def find(case: Case) -> set[CheckCode]:
    source_language, source, target_language, target = case
    findings = FactsCheck().check(CheckInput(source, target, source_language, target_language))
    assert all(finding.severity is Severity.ERROR for finding in findings)
    return {finding.code for finding in findings}


GOOD: list[Case] = [
    # numbers
    (VI, "Tôi có 2 con", ZH, "我有兩個孩子"),
    (VI, "một số người nói 1 số điều", ZH, "有些人說了一些事"),
    (VI, "Tôi đã làm ở đây 2 năm rưỡi", ZH, "我在這裡工作兩年半了"),
    (VI, "Tôi đã làm 2 năm 6 tháng", EN, "I have worked for two and a half years"),
    (VI, "năm nay là năm thứ nhất", ZH, "今年是第一年"),
    (ID, "Saya sudah bekerja 3 tahun", EN, "I have worked for three years"),
    (ID, "teman2 saya mau pindah majikan", ZH, "我的朋友們想換雇主"),
    (ID, "satu-satunya cara", ZH, "唯一的辦法"),
    (ID, "Ada 25 ribu pekerja", ZH, "有2萬5千名工人"),
    (TH, "มีคนงาน ๓ หมื่นคน", EN, "There are 30,000 workers"),
    (TH, "555 ขำมาก", ZH, "哈哈，太好笑了"),
    (KM, "ខ្ញុំមានកូន ៣ នាក់", VI, "Tôi có ba đứa con"),
    (KM, "កម្មករ ២ម៉ឺន ៥ពាន់ នាក់", TH, "คนงาน 25,000 คน"),
    (EN, "I have 2 children and 1 dog", ZH, "我有兩個孩子和一隻狗"),
    (EN, "a dozen workers", ZH, "12名工人"),
    (EN, "Half a year", VI, "6 tháng"),
    (ZH, "一定要一起去，萬一下雨就算了", EN, "We must go together, unless it rains"),
    (ZH, "打8折", EN, "20% off"),
    (ZH, "二十三個人", KM, "មនុស្ស ២៣ នាក់"),
    (ZH, "每天工作12小時，一個月休2天", TH, "ทำงานวันละ 12 ชั่วโมง หยุดเดือนละ 2 วัน"),
    (EN, "Open 24/7", VI, "Mở cửa 24/24"),
    (VI, "1 tháng được nghỉ 4 ngày", ZH, "每個月可以休四天"),
    (ZH, "第2次", VI, "lần thứ hai"),
    # hours
    (ID, "Jam setengah 9 malam", ZH, "晚上8點半"),
    (TH, "8.30-17.30 น.", ZH, "上午8時30分至下午5時30分"),
    (VI, "từ 8 giờ sáng đến 5 giờ chiều", EN, "from 8:00 to 17:00"),
    (ZH, "下午3點半", VI, "15h30"),
    (ZH, "下午3點半", ID, "pukul 15.30"),
    (TH, "นัด 2 ทุ่ม", ZH, "晚上8點見"),
    (TH, "เวลา 15.30 น.", EN, "at 3:30 pm"),
    (KM, "ម៉ោង ៣:៣០ រសៀល", ZH, "下午3點30分"),
    (EN, "at 8:30", KM, "ម៉ោង ៨ និង ៣០ នាទី"),
    # dates
    (ZH, "民國115年5月3日", VI, "ngày 3 tháng 5 năm 2026"),
    (ZH, "115/5/3前", ID, "sebelum 3 Mei 2026"),
    (ZH, "我住了130年", EN, "I have lived here for 130 years"),
    (ZH, "115年度", EN, "fiscal year 2026"),
    (ZH, "民國115年", EN, "ROC year 115"),
    (ZH, "5/3前請來", VI, "hãy đến trước 3/5"),
    (ZH, "五月三日", EN, "May 3rd"),
    (ZH, "5月3日至5日", EN, "3–5 May"),
    (TH, "3 พ.ค. 2569", ZH, "2026年5月3日"),
    (TH, "ปี พ.ศ. ๒๕๖๙", KM, "ឆ្នាំ ២០២៦"),
    (KM, "ថ្ងៃទី៣ ខែឧសភា ឆ្នាំ២០២៦", TH, "3 พฤษภาคม 2569"),
    (ID, "tanggal 25 Desember 2026", ZH, "2026/12/25"),
    (EN, "on 2026-05-03", VI, "ngày 3/5/2026"),
    (VI, "3/5 năm 2026", ZH, "2026年5月3日"),
    (VI, "trong 3 tháng 5 ngày", ZH, "3個月又5天"),
    (EN, "1/2 of the wage", ZH, "工資的1/2"),
    # weekdays
    (VI, "thứ 2 nghỉ", ZH, "星期一休息"),
    (VI, "thứ tư", EN, "Wednesday"),
    (VI, "lần thứ 2", EN, "the second time"),
    (ZH, "週日", ID, "hari Minggu"),
    (ZH, "星期五", TH, "วันศุกร์"),
    (EN, "next Monday", KM, "ថ្ងៃច័ន្ទក្រោយ"),
    (ZH, "星期一開始上班", VI, "bắt đầu làm từ đầu tuần"),
    # money
    (VI, "phí 27.470 Đài tệ", ZH, "費用新臺幣2萬7,470元"),
    (VI, "3-5 triệu đồng", ZH, "300萬至500萬越南盾"),
    (ID, "Rp 1,5 juta", ZH, "150萬印尼盾"),
    (ID, "gaji NT$27.470", EN, "a wage of NT$27,470"),
    (TH, "เงินเดือน 27,470 บาท", ZH, "月薪27,470泰銖"),
    (KM, "៣ម៉ឺនរៀល", ZH, "三萬瑞爾"),
    (ZH, "兩千元", EN, "2,000 dollars"),
    (ZH, "三萬五", EN, "35,000"),
    (EN, "$5", ZH, "5美元"),
    # phones and links
    (ZH, "請打0912-345-678", EN, "Call +886 912 345 678"),
    (ZH, "請打０２－２３４５－６７８９", VI, "gọi (02) 2345-6789"),
    (TH, "โทร ๑๙๕๕", ZH, "請打1955"),
    (EN, "See https://www.mol.gov.tw/ or mail a@b.tw", ZH, "請看www.mol.gov.tw，或寫信到a@b.tw"),
]

BAD: list[tuple[CheckCode, LanguageTag, str, LanguageTag, str]] = [
    (CheckCode.NUMBERS, VI, "Tôi làm 3 ngày", ZH, "我做了4天"),
    (CheckCode.NUMBERS, VI, "3 người 3 ngày", ZH, "3個人幾天"),
    (CheckCode.NUMBERS, VI, "khoảng 3.000 người", EN, "about 3 people"),
    (CheckCode.NUMBERS, ID, "25 ribu orang", ZH, "25人"),
    (CheckCode.NUMBERS, TH, "๕ วัน", VI, "6 ngày"),
    (CheckCode.NUMBERS, TH, "3 แสนคน", ZH, "3萬人"),
    (CheckCode.NUMBERS, KM, "៥ថ្ងៃ", EN, "6 days"),
    (CheckCode.NUMBERS, KM, "៣ម៉ឺននាក់", EN, "3,000 people"),
    (CheckCode.NUMBERS, EN, "3 days", ZH, "幾天"),
    (CheckCode.NUMBERS, ZH, "3萬人", EN, "3 people"),
    (CheckCode.NUMBERS, ZH, "天氣好", EN, "15 days of weather"),
    (CheckCode.NUMBERS, ZH, "8:30", EN, "9:30"),
    (CheckCode.NUMBERS, ID, "setengah 9", EN, "9:30"),
    (CheckCode.NUMBERS, EN, "1 day", ZH, "7天"),
    (CheckCode.NUMBERS, TH, "เดือนกันยายน", ZH, "1月"),
    (CheckCode.NUMBERS, KM, "ខែសីហា", VI, "tháng 1"),
    (CheckCode.NUMBERS, ZH, "早上8點", TH, "20:30"),
    (CheckCode.DATES, ZH, "民國115年5月3日", EN, "May 3, 115"),
    (CheckCode.DATES, ZH, "民國115年", VI, "năm 2025"),
    (CheckCode.DATES, ZH, "2026年5月3日", EN, "3 May 0026"),
    (CheckCode.DATES, ZH, "5/3前", VI, "trước 5/3"),
    (CheckCode.DATES, ZH, "5月3日", EN, "May 4"),
    (CheckCode.DATES, TH, "พ.ศ. 2569", ZH, "2569年"),
    (CheckCode.DATES, TH, "ปี 2569", EN, "the year 2569"),
    (CheckCode.DATES, KM, "ថ្ងៃទី៣ ខែឧសភា", ZH, "5月13日"),
    (CheckCode.DATES, ID, "3 Mei 2026", ZH, "2026年3月5日"),
    (CheckCode.DATES, EN, "2026-05-03", VI, "5/3/2026"),
    (CheckCode.DATES, VI, "ngày 3 tháng 5 năm 2026", EN, "3 May 2027"),
    (CheckCode.DATES, ZH, "星期一", EN, "Tuesday"),
    (CheckCode.DATES, ZH, "星期一", VI, "thứ ba"),
    (CheckCode.DATES, VI, "thứ 2", ID, "Selasa"),
    (CheckCode.DATES, TH, "วันศุกร์", ZH, "星期六"),
    (CheckCode.MONEY, VI, "phí 27.470 Đài tệ", ZH, "費用2,747元"),
    (CheckCode.MONEY, VI, "3 triệu đồng", ZH, "300萬元"),
    (CheckCode.MONEY, ID, "Rp 1,5 juta", EN, "Rp 1.5 billion"),
    (CheckCode.MONEY, TH, "500 บาท", EN, "500 dollars"),
    (CheckCode.MONEY, KM, "៥០០០ រៀល", ZH, "500瑞爾"),
    (CheckCode.MONEY, EN, "US$65", ZH, "65元"),
    (CheckCode.MONEY, ZH, "3萬元", EN, "NT$3,000"),
    (CheckCode.MONEY, ZH, "兩千元", EN, "some money"),
    (CheckCode.PHONES, VI, "gọi 0912-345-678", ZH, "請打0912-345-687"),
    (CheckCode.PHONES, TH, "โทร ๐๘๑-๒๓๔-๕๖๗๘", EN, "call"),
    (CheckCode.PHONES, KM, "ទូរស័ព្ទ ០១២ ៣៤៥ ៦៧៨", ZH, "電話012 345 679"),
    (CheckCode.PHONES, ID, "telepon", ZH, "電話0912-345-678"),
    (CheckCode.LINKS, EN, "see https://a.tw/x", ZH, "請看"),
    (CheckCode.LINKS, VI, "xem https://a.tw/x", ZH, "請看https://a.tw/y"),
    (CheckCode.LINKS, ZH, "寫信到a@b.tw", KM, "សរសេរទៅ a@c.tw"),
]


@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{case[0]}-{case[1]}")
def test_pair_passes_when_its_facts_agree(case: Case) -> None:
    assert find(case) == set()


@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{case[0]}-{case[1]}")
def test_pair_passes_when_agreeing_facts_are_read_the_other_way(case: Case) -> None:
    assert find((case[2], case[3], case[0], case[1])) == set()


@pytest.mark.parametrize("case", BAD, ids=lambda case: f"{case[1]}-{case[2]}")
def test_pair_is_caught_when_a_fact_changes(case: tuple[CheckCode, LanguageTag, str, LanguageTag, str]) -> None:
    assert find(case[1:]) == {case[0]}


def test_finding_names_what_differs_when_it_is_caught() -> None:
    (finding,) = FactsCheck().check(CheckInput("nghỉ 3 ngày", "休息4天", VI, ZH))
    assert finding.detail == ("3", "4")
    assert "3" not in finding.message


@pytest.mark.parametrize("language", [ZH, EN, VI, ID, TH, KM])
@given(text=st.text(alphabet="0123456789.,/:-元萬一十年月日%$ abthứพ.ศ.ខែ", max_size=40))
def test_text_agrees_with_itself_when_it_is_anything(language: LanguageTag, text: str) -> None:
    assert find((language, text, language, text)) == set()


def test_many_numbers_are_compared_when_the_input_is_hostile() -> None:
    source = " ".join(str(number) for number in range(3_000))
    target = " ".join(str(number + 7_000) for number in range(3_000))
    assert find((EN, source, ZH, target)) == {CheckCode.NUMBERS}


def test_matching_is_best_when_first_fits_would_block() -> None:
    left, right = [frozenset({1, 2}), frozenset({1})], [frozenset({1}), frozenset({2})]
    assert match_one_to_one(left, right, lambda a, b: bool(a & b)) == ([], [])


def test_matching_counts_when_items_are_equal() -> None:
    assert match_one_to_one([5, 5, 6], [5, 6, 6], int.__eq__) == ([5], [6])
