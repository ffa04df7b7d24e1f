"""How alike two texts are, and what differs."""

from __future__ import annotations

import pytest

from translation.languages import LanguageTag
from translation.memory.similarity import (
    EXACT,
    LEAST_MATCH,
    Difference,
    find_differences,
    grade_match,
    measure_likeness,
    prepare,
)
from translation.mentions import MentionKind

ZH, EN, VI, TH, KM = LanguageTag.ZH_HANT, LanguageTag.EN, LanguageTag.VI, LanguageTag.TH, LanguageTag.KM


def match(asked: str, remembered: str, language: LanguageTag) -> tuple[int, tuple[Difference, ...]]:
    ours, theirs = prepare(asked, language), prepare(remembered, language)
    differences = find_differences(ours, theirs)
    return grade_match(measure_likeness(ours, theirs), differences), differences


def test_the_very_same_text_is_a_hundred() -> None:
    assert match("Where is the bank?", "Where is the bank?", EN) == (EXACT, ())


@pytest.mark.parametrize(
    ("asked", "remembered", "language"),
    [
        ("Where is the bank?", "where is the  bank?", EN),
        ("ខ្ញុំ\u200bទៅ", "ខ្ញុំទៅ", KM),
        ("健保卡", "健保 卡", ZH),
    ],
)
def test_case_and_spaces_alone_are_just_below_a_hundred(asked: str, remembered: str, language: LanguageTag) -> None:
    assert match(asked, remembered, language) == (EXACT - 1, ())


def test_likeness_is_the_share_of_common_characters() -> None:
    # 7 and 9 characters, 7 in common: 2 * 7 / 16.
    assert match("居留證要怎麼換", "居留證到期要怎麼換", ZH) == (87, ())
    # Clusters, not code points: 4 of 6 and 6 in common.
    assert measure_likeness(prepare("ขึ้นรถไป", TH), prepare("ขึ้นรถนะ", TH)) == 66


def test_other_numbers_lower_the_match_and_are_told() -> None:
    found, differences = match("Phí là 3.000 Đài tệ.", "Phí là 2.500 Đài tệ.", VI)
    assert found == 96
    assert differences == (Difference(MentionKind.MONEY, "3.000 Đài tệ", "2.500 Đài tệ"),)


def test_the_same_number_written_in_another_way_is_no_difference() -> None:
    assert match("ราคา ๓๐๐๐ บาท", "ราคา 3,000 บาท", TH) == (99, ())


def test_a_link_that_only_one_text_has_is_told() -> None:
    found, differences = match("Xem ở https://example.org/a nhé các bạn ơi", "Xem ở nhé các bạn ơi", VI)
    assert differences == (Difference(MentionKind.LINK, "https://example.org/a", None),)
    assert found < 80
    assert match("Xem ở đây nhé", "Xem ở đây nhé https://example.org", VI)[1][0].asked is None


def test_many_differences_take_off_no_more_than_a_few() -> None:
    asked = "From 1 to 2, 3 to 4, 5 to 6 and 7 to 8"
    remembered = "From 11 to 12, 13 to 14, 15 to 16 and 17 to 18"
    found, differences = match(asked, remembered, EN)
    assert len(differences) > 5
    assert found == 99 - 15


def test_what_is_hardly_alike_is_nothing() -> None:
    assert match("Where is the bank?", "My son is ill.", EN)[0] == 0
    assert match("?", "!", EN)[0] == 0
    assert measure_likeness(prepare("abcdefghij", EN), prepare("abcdefwxyz", EN)) == LEAST_MATCH
    assert measure_likeness(prepare("abcdefghij", EN), prepare("abcdeuwxyz", EN)) == 0
