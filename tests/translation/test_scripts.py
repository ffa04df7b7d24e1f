"""Scripts of a text, and the two ways to write Chinese."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.scripts import (
    Script,
    count_variants,
    find_simplified,
    is_simplified_only,
    is_traditional_only,
    share_by_script,
)


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("", []),
        ("12:30 ฿500 ១២ ๑๒ 👍!", []),
        ("hello", [Script.LATIN]),
        ("Việt", [Script.LATIN]),
        ("我要換ARC", [Script.HAN, Script.LATIN]),
        ("ไปไหน", [Script.THAI]),
        ("ខ្ញុំ", [Script.KHMER]),
        ("ありがとう", [Script.KANA]),
        ("안녕", [Script.HANGUL]),
        ("Привет", [Script.OTHER]),
    ],
)
def test_share_by_script_ranks_scripts_when_there_are_letters(text: str, scripts: list[Script]) -> None:
    assert list(share_by_script(text)) == scripts


def test_share_by_script_weighs_a_chinese_character_as_two_and_a_half_letters() -> None:
    assert share_by_script("我abcde") == {Script.LATIN: pytest.approx(2 / 3), Script.HAN: pytest.approx(1 / 3)}


@given(st.text(alphabet=st.characters()))
def test_share_by_script_adds_up_to_one_when_there_are_letters(text: str) -> None:
    shares = share_by_script(text)
    assert not shares or sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("char", "们这国门语还")
def test_simplified_character_is_found_when_only_simplified_uses_it(char: str) -> None:
    assert is_simplified_only(char)
    assert not is_traditional_only(char)


@pytest.mark.parametrize("char", "們這國門語還")
def test_traditional_character_is_known_when_only_traditional_uses_it(char: str) -> None:
    assert is_traditional_only(char)
    assert not is_simplified_only(char)


@pytest.mark.parametrize("char", "台后里干只面床峰群秘粽灶雇晒霉人你好aก ")
def test_character_is_not_simplified_when_taiwan_writes_it_too(char: str) -> None:
    assert not is_simplified_only(char)


def test_find_simplified_names_the_characters_when_some_slipped_in() -> None:
    assert find_simplified("請問这個问題要找哪裡？") == {"这", "问"}
    assert find_simplified("雇主說這個月的薪水下週才發，台北群組裡有人懂嗎？") == set()


def test_find_simplified_knows_the_youngest_child_when_me_stands_alone() -> None:
    assert find_simplified("他是家裡的老么") == set()
    assert find_simplified("你在干什么") == {"么"}
    assert count_variants("什么") == (0, 1)
