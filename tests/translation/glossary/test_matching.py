"""Terms in texts of every language: what is the same word, what is found, what only looks like it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.glossary.folding import fold_term, fold_text
from translation.glossary.matching import Matcher, contains_term
from translation.languages import LanguageTag

ZH, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)


def find(text: str, language: LanguageTag, *terms: str) -> list[str]:
    """The terms as they are written in the text."""
    matches = Matcher([(term, term) for term in terms], language).find_all(text)
    return [text[match.start : match.end] for match in matches]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("移 工", "移工"),
        ("臺灣", "台灣"),
        ("ＡＲＣ", "arc"),
        ("Work  Permit", "work permit"),
        ("employer’s", "employer's"),
        ("hòa bình", "hoà bình"),
        ("ỦY BAN", "uỷ ban"),
        ("thẻ cư trú", "the\u0309 cu\u031b tru\u0301"),
        ("น้ำ", "น\u0e49\u0e4d\u0e32"),
        ("แรงงาน", "เเรงงาน"),
        ("ใบ อนุญาต ทำงาน", "ใบอนุญาตทำงาน"),
        ("ប័ណ្ណ\u200bស្នាក់នៅ", "ប័ណ្ណ ស្នាក់នៅ"),
        ("ស្ត្រី", "ស្រ្តី"),
        ("បណ្ដាញ", "បណ្តាញ"),
        ("កោះ", "ក\u17c1\u17b6ះ"),
    ],
)
def test_words_fold_to_the_same_when_they_only_look_different(one: str, other: str) -> None:
    assert fold_term(one) == fold_term(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ma", "má"), ("lương", "luong"), ("ไกล", "ใกล"), ("បាន", "បាញ"), ("移工", "移民"), ("đi", "di")],
)
def test_words_stay_apart_when_a_sign_tells_them_apart(one: str, other: str) -> None:
    assert fold_term(one) != fold_term(other)


@pytest.mark.parametrize(
    ("language", "term", "text", "written"),
    [
        (ZH, "居留證", "我的居留證過期了", "居留證"),
        (ZH, "台灣", "在臺灣工作", "臺灣"),
        (ZH, "ARC", "我的ARC到期", "ARC"),
        (ZH, "居留證", "居留 證", "居留 證"),
        (EN, "work permit", "My Work\nPermit, please", "Work\nPermit"),
        (EN, "employer", "the employer's duty", "employer"),
        (EN, "work permit", "two work permits", "work permit"),
        (EN, "agency", "the agencies took money", "agencies"),
        (VI, "thẻ cư trú", "Thẻ cư trú của tôi", "Thẻ cư trú"),
        (VI, "ủy ban", "Uỷ ban nhân dân", "Uỷ ban"),
        (VI, "thẻ", "the\u0309 cu\u0303", "the\u0309"),
        (ID, "majikan", "Majikannya tidak setuju", "Majikan"),
        (ID, "kontrak", "Kontraklah yang penting", "Kontrak"),
        (ID, "kontrak", "kontrak-kontrak lama", "kontrak"),
        (TH, "นายจ้าง", "ฉันอยากเปลี่ยนนายจ้างใหม่", "นายจ้าง"),
        (TH, "ทำงาน", "ฉันทํางานที่นี่", "ทํางาน"),
        (TH, "ใบอนุญาตทำงาน", "ขอ ใบอนุญาต ทำงาน หน่อย", "ใบอนุญาต ทำงาน"),
        (KM, "ថៅកែ", "ប៉ុន្តែថៅកែមិនយល់ព្រម", "ថៅកែ"),
        (KM, "ប័ណ្ណស្នាក់នៅ", "ប័ណ្ណ\u200bស្នាក់\u200bនៅ\u200bរបស់ខ្ញុំ", "ប័ណ្ណ\u200bស្នាក់\u200bនៅ"),
    ],
)
def test_term_is_found_as_it_is_written(language: LanguageTag, term: str, text: str, written: str) -> None:
    assert find(text, language, term)[0] == written


@pytest.mark.parametrize(
    ("language", "term", "text"),
    [
        (ZH, "ARC", "在SEARCH頁面"),
        (ZH, "1955", "電話19550"),
        (EN, "rent", "parents and current"),
        (EN, "arc", "a search"),
        (EN, "es", "a process"),
        (VI, "thẻ", "thẻm thẻo"),
        (VI, "lương", "thượng lượng"),
        (ID, "izin", "perizinan"),
        (ID, "gaji", "gajian"),
        (ID, "api", "apinya"),
        (TH, "กม", "เกม"),
        (TH, "กา", "กำ กาะ"),
        (TH, "ตา", "ตำรวจ"),
        (KM, "កា", "កាំ"),
        (KM, "សត", "ស្ត"),
        (ZH, "我", "我是我"),
    ],
)
def test_nothing_is_found_inside_another_word(language: LanguageTag, term: str, text: str) -> None:
    assert find(text, language, term) == []


def test_longest_term_wins_when_terms_overlap() -> None:
    assert find("外僑居留證和居留證", ZH, "居留證", "外僑居留證", "居留") == ["外僑居留證", "居留證"]
    assert find("外籍勞工保險條例", ZH, "外籍勞工", "勞工保險條例") == ["勞工保險條例"]
    assert find("the work permit card", EN, "work", "work permit", "permit card") == ["work permit"]


def test_shorter_term_is_found_when_the_longer_one_is_only_begun() -> None:
    assert find("thẻ cư dân", VI, "thẻ cư trú", "thẻ") == ["thẻ"]


def test_every_value_comes_back_when_a_word_has_two_meanings() -> None:
    (match,) = Matcher([("case", 1), ("Case", 2)], EN).find_all("my case")
    assert match.values == (1, 2)


def test_presence_is_generous_with_indonesian_beginnings_and_nothing_else() -> None:
    assert contains_term(fold_text("Saya bermajikan di Taipei").text, "majikan", ID)
    assert contains_term(fold_text("diizinkan, izinnya").text, "izin", ID)
    assert not contains_term(fold_text("perizinan").text, "izin", ID)
    assert not contains_term(fold_text("parents").text, "rent", EN)


@given(
    st.text(alphabet=st.sampled_from("aoàuyOỲ \n\u200b\u0300\u0323居臺，。กน้ำเแํ\u17d2កតដរេាី័់ßX…ﬁ1-’\u3000"), max_size=40)
)
def test_folded_text_knows_where_everything_stood(text: str) -> None:
    folded = fold_text(text)
    assert "".join(unit for unit, _ in folded.units) == text
    for index in range(len(folded.text)):
        start, end = folded.locate(index, index + 1)
        assert 0 <= start <= end <= len(text)


@given(st.text(max_size=60), st.sampled_from(list(LanguageTag)))
def test_matches_never_overlap_and_lie_in_the_text(text: str, language: LanguageTag) -> None:
    terms = [text[start : start + length] for start in range(0, len(text), 3) for length in (2, 3, 7)]
    matches = Matcher([(term, term) for term in terms], language).find_all(text)
    assert all(match.start <= match.end <= len(text) for match in matches)
    assert all(one.end <= other.start for one, other in pairwise(matches))


@pytest.mark.parametrize("unit", ["a", "ab ", "\u0301", "ក្", "ก", "哈", "o\u0300", " ", "\u200b", "\u0e34", "ክ"])
def test_matcher_answers_when_a_text_is_huge_and_odd(unit: str) -> None:
    matcher = Matcher([(unit * 100, 1), (unit * 50 + "b", 2)], ID)
    assert len(matcher.find_all(unit * (20_000 // len(unit)))) <= 200
