"""Numbers of the six languages as values."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.languages import LanguageTag
from translation.numerals import find_numbers, fold_digits, format_value

ZH, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)


def read(text: str, language: LanguageTag) -> list[set[str]]:
    return [{format_value(value) for value in mention.values} for mention in find_numbers(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "values"),
    [
        (ZH, "３，０００元", ["3000"]),
        (ZH, "3萬", ["30000"]),
        (ZH, "1.5億", ["150000000"]),
        (ZH, "三萬五千元", ["35000"]),
        (ZH, "兩千", ["2000"]),
        (ZH, "一百二十", ["120"]),
        (ZH, "一百零五", ["105"]),
        (ZH, "三百六十五萬", ["3650000"]),
        (ZH, "一億兩千萬", ["120000000"]),
        (ZH, "十五個人", ["15"]),
        (ZH, "二十三", ["23"]),
        (ZH, "二〇二六年", ["2026"]),
        (ZH, "1,2,3", ["1", "2", "3"]),
        (EN, "NT$27,470", ["27470"]),
        (EN, "1,234.56", ["1234.56"]),
        (EN, "12 000 000", ["12000000"]),
        (EN, "25k", ["25000"]),
        (EN, "25 kg", ["25"]),
        (EN, "twenty-three", ["23"]),
        (EN, "three hundred and twenty-five thousand", ["325000"]),
        (EN, "three dozen", ["36"]),
        (VI, "3.000 đồng", ["3000"]),
        (VI, "1.500.000", ["1500000"]),
        (VI, "1,5 triệu", ["1500000"]),
        (VI, "2 triệu 500 nghìn", ["2500000"]),
        (VI, "15 triệu rưỡi", ["15500000"]),
        (VI, "hai mươi mốt", ["21"]),
        (VI, "mười lăm", ["15"]),
        (VI, "ba trăm năm mươi nghìn", ["350000"]),
        (VI, "10 tỉ lệ", ["10"]),
        (ID, "Rp 1,5 juta", ["1500000"]),
        (ID, "25rb", ["25000"]),
        (ID, "tiga belas", ["13"]),
        (ID, "dua ribu lima ratus", ["2500"]),
        (ID, "seratus dua puluh lima ribu", ["125000"]),
        (TH, "๓ หมื่น", ["30000"]),
        (TH, "15,000 บาท", ["15000"]),
        (TH, "สามหมื่นห้าพันบาท", ["35000"]),
        (TH, "2 ล้าน 5 แสน", ["2500000"]),
        (TH, "ยี่สิบเอ็ด", ["21"]),
        (TH, "3 พันธุ์", ["3"]),
        (KM, "៣.០០០", ["3000"]),
        (KM, "៣ម៉ឺន", ["30000"]),
        (KM, "ពីរម៉ឺនប្រាំពាន់", ["25000"]),
        (KM, "ម្ភៃបី", ["23"]),
        (KM, "ប្រាំបីរយ", ["800"]),
        (KM, "3 រយៈពេល", ["3"]),
        (LanguageTag.UND, "5 triệu", ["5000000"]),
        (LanguageTag.ZH_HANS, "3万", ["30000"]),
    ],
)
def test_number_is_read_when_written_the_local_way(language: LanguageTag, text: str, values: list[str]) -> None:
    assert read(text, language) == [{value} for value in values]


@pytest.mark.parametrize(
    ("language", "text", "values"),
    [
        (ZH, "三萬五", {"30005", "35000"}),
        (ZH, "3萬5", {"30005", "35000"}),
        (VI, "2tr5", {"2000005", "2500000"}),
        (ZH, "27.470", {"27.47", "27470"}),
        (EN, "3m", {"3", "3000000"}),
    ],
)
def test_number_has_several_values_when_it_can_be_meant_so(language: LanguageTag, text: str, values: set[str]) -> None:
    assert read(text, language) == [values]


def test_multiplier_is_shared_when_it_stands_after_a_range() -> None:
    assert read("3-5 triệu", VI) == [{"3", "3000000"}, {"5000000"}]


@pytest.mark.parametrize(("language", "text"), [(VI, "2 năm rưỡi"), (TH, "2 ปีครึ่ง"), (ZH, "2年半")])
def test_half_is_added_when_it_follows_a_number(language: LanguageTag, text: str) -> None:
    assert {"2", "2.5", "30"} <= read(text, language)[0]


def test_five_stays_apart_when_nam_means_year() -> None:
    assert read("mười năm", VI) == [{"10"}, {"5"}]


@pytest.mark.parametrize(("language", "text"), [(VI, "năm nay"), (ZH, "一定一起"), (ID, "satu-satunya"), (EN, "one")])
def test_words_are_not_explicit_when_no_digit_is_written(language: LanguageTag, text: str) -> None:
    assert not any(mention.is_explicit for mention in find_numbers(text, language))


def test_mixed_number_is_explicit_when_a_digit_is_written() -> None:
    assert [mention.is_explicit for mention in find_numbers("3萬", ZH)] == [True]


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from([ZH, EN, VI, ID, TH, KM]))
def test_value_survives_when_grouped_the_local_way(number: int, language: LanguageTag) -> None:
    grouped = f"{number:,}"
    if language in {VI, ID, KM}:
        grouped = grouped.replace(",", ".")
    assert Decimal(number) in find_numbers(grouped, language)[0].values


@given(st.text(max_size=60))
def test_offsets_lie_in_the_text_when_it_is_anything(text: str) -> None:
    assert len(fold_digits(text)) == len(text)
    ends = 0
    for mention in find_numbers(text, LanguageTag.UND):
        assert ends <= mention.start < mention.end <= len(text)
        ends = mention.end


@pytest.mark.parametrize("text", ["一十" * 20_000, "1," * 20_000, "9" * 50_000, "một " * 10_000, "1.000" * 8_000])
def test_huge_input_is_read_when_it_is_hostile(text: str) -> None:
    assert find_numbers(text, LanguageTag.UND)
