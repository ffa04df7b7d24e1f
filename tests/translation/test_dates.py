"""Dates, ranges, years of other eras and names of months."""

from __future__ import annotations

import pytest

from translation.checks.base import CheckInput
from translation.checks.facts import FactsCheck
from translation.dates import find_dates, find_era_years, find_months
from translation.languages import LanguageTag
from translation.numerals import fold_case, fold_digits
from translation.results import CheckCode

ZH, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)


def read_dates(text: str, language: LanguageTag) -> list[set[str]]:
    return [set(when.readings) for when in find_dates(fold_case(fold_digits(text)), language)]


def read_years(text: str, language: LanguageTag) -> list[set[int]]:
    return [set(years) for _, _, years in find_era_years(fold_case(fold_digits(text)), language)]


def differ(source_language: LanguageTag, source: str, target_language: LanguageTag, target: str) -> set[CheckCode]:
    findings = FactsCheck().check(CheckInput(source, target, source_language, target_language))
    return {finding.code for finding in findings}


@pytest.mark.parametrize(
    "text", ["工作了90年", "90年來", "90年間", "住滿130年", "有120年歷史", "100年前", "90年的合約"]
)
def test_ninety_years_are_a_span_when_the_words_around_say_so(text: str) -> None:
    assert read_years(text, ZH) == []


@pytest.mark.parametrize(
    "text", ["民國90年", "90年度", "90學年", "90年3月", "90年三月", "90年底", "90年出生", "在90年結婚"]
)
def test_ninety_is_a_year_when_the_words_around_say_so(text: str) -> None:
    assert read_years(text, ZH) == [{2001}]


def test_ninety_may_be_either_when_nothing_tells() -> None:
    assert read_years("90年", ZH) == [{90, 2001}]
    assert read_years("90年", VI) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [("ปีการศึกษา 2569", TH), ("มีนาคม 2569", TH), ("มี.ค. ๒๕๖๙", TH), ("ឆ្នាំសិក្សា ២៥៦៩", KM), ("in 2569 BE.", EN)],
)
def test_year_is_buddhist_when_it_stands_by_a_month_or_school_year(text: str, language: LanguageTag) -> None:
    assert read_years(text, language) == [{2026}]


@pytest.mark.parametrize("text", ["academic year 2026 be announced", "it will 2569 be"])
def test_be_is_no_era_when_it_is_a_verb(text: str) -> None:
    assert read_years(text, EN) in ([], [{2026}])
    assert read_years("academic year 2026 be announced", EN) == []


RANGES = {
    ZH: ("4月28日至5月2日", "4月28日至5月3日"),
    EN: ("28 April – 2 May", "28 April – 3 May"),
    VI: ("từ 28 tháng 4 đến 2 tháng 5", "từ 28 tháng 4 đến 3 tháng 5"),
    ID: ("28 April s/d 2 Mei", "28 April s/d 3 Mei"),
    TH: ("28 เม.ย. - 2 พ.ค.", "28 เม.ย. - 3 พ.ค."),
    KM: ("ថ្ងៃទី២៨ មេសា ដល់ ២ ឧសភា", "ថ្ងៃទី២៨ មេសា ដល់ ៣ ឧសភា"),
}
PAIRS = [(source, target) for source in RANGES for target in RANGES if source is not target]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_range_over_two_months_compares_by_its_ends(source: LanguageTag, target: LanguageTag) -> None:
    assert differ(source, RANGES[source][0], target, RANGES[target][0]) == set()
    assert differ(source, RANGES[source][0], target, RANGES[target][1]) == {CheckCode.DATES}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("April 28 to 2 May", EN),
        ("April 28 - May 2", EN),
        ("28/4-2/5", VI),
        ("từ ngày 28 tháng 4 đến ngày 2 tháng 5", VI),
        ("28/4–2/5", ID),
        ("4/28~5/2", ZH),
        ("4/28-5/2", ZH),
    ],
)
def test_range_over_two_months_is_two_dates_however_it_is_written(text: str, language: LanguageTag) -> None:
    assert sorted(map(sorted, read_dates(text, language))) == [["0-4-28"], ["0-5-2"]]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("14–16 April", EN),
        ("14th to 16th of April", EN),
        ("4月14日到16日", ZH),
        ("từ ngày 14 đến ngày 16 tháng 4", VI),
        ("tanggal 14 sampai tanggal 16 April", ID),
        ("14-16 เมษายน", TH),
        ("ថ្ងៃទី១៤ ដល់ ថ្ងៃទី១៦ មេសា", KM),
    ],
)
def test_range_within_a_month_agrees_with_two_whole_dates(text: str, language: LanguageTag) -> None:
    assert differ(language, text, EN, "from 14 April to 16 April") == set()
    assert differ(language, text, EN, "from 14 April to 17 April") == {CheckCode.DATES}


@pytest.mark.parametrize(
    "text", ["ngày 3 tháng 5, đúng giờ", "ngày 3 tháng 5.", "trước 3 tháng 5", "3 tháng 5 năm 2026"]
)
def test_vietnamese_date_is_read_whatever_follows(text: str) -> None:
    ((reading,),) = read_dates(text, VI)
    assert reading.endswith("-5-3")


@pytest.mark.parametrize("text", ["trong 3 tháng 5 ngày", "3 tháng 5 người", "từ 3 tháng 5,5 triệu"])
def test_vietnamese_months_are_no_date_when_they_are_a_span(text: str) -> None:
    assert read_dates(text, VI) == []


def test_short_date_is_another_day_when_a_language_reads_it_the_other_way_round() -> None:
    assert differ(ZH, "5/3前", VI, "trước 5/3") == {CheckCode.DATES}
    assert differ(ZH, "5/3前", VI, "trước 3/5") == set()
    assert differ(ZH, "5/3前", EN, "before 5/3") == set()
    assert differ(ZH, "5/23前", VI, "trước 5/23") == set()
    assert differ(ID, "sebelum 5/3", TH, "ก่อน 5/3") == set()
    assert differ(ZH, "9/10分", VI, "9/10 điểm") == set()


@pytest.mark.parametrize(
    ("source_language", "source", "target_language", "target"),
    [
        (EN, "starts in October", ID, "mulai bulan November"),
        (ID, "bulan Agustus", TH, "เดือนกันยายน"),
        (TH, "เดือนตุลาคม", KM, "ខែវិច្ឆិកា"),
        (KM, "ខែមករា", EN, "in February"),
        (ZH, "10月開學", EN, "School starts in November"),
        (VI, "tháng 10", KM, "ខែកញ្ញា"),
    ],
)
def test_month_is_caught_when_another_one_stands_in_its_place(
    source_language: LanguageTag, source: str, target_language: LanguageTag, target: str
) -> None:
    assert differ(source_language, source, target_language, target) & {CheckCode.DATES, CheckCode.NUMBERS}


@pytest.mark.parametrize(
    ("source_language", "source", "target_language", "target"),
    [
        (EN, "You may come in May", ZH, "你5月可以來"),
        (EN, "You may come", ID, "Anda boleh datang"),
        (EN, "a March in March", TH, "การเดินขบวนเดือนมีนาคม"),
        (EN, "next month, in October", ID, "bulan depan"),
        (ID, "Mei dan Juni", VI, "tháng 5 và tháng 6"),
        (ZH, "115年3月", TH, "มีนาคม 2569"),
    ],
)
def test_month_passes_when_it_is_the_same_or_not_named_again(
    source_language: LanguageTag, source: str, target_language: LanguageTag, target: str
) -> None:
    assert differ(source_language, source, target_language, target) == set()


def test_month_is_vague_when_its_word_means_something_else() -> None:
    vague = {when.is_vague for when in find_months("may march", EN)}
    assert vague == {True}
    assert [when.is_vague for when in find_months("october", EN)] == [False]
    assert list(find_months("thứ hai", VI)) == []
