"""What is kept from engines, and how it comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.protect import mask_protected, needs_engine, restore_protected, split_protected


def list_protected(text: str, *terms: str) -> list[str]:
    return [piece.text for piece in split_protected(text, terms) if piece.is_protected]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("請看https://www.mol.gov.tw/abc?x=1謝謝", ["https://www.mol.gov.tw/abc?x=1"]),
        ("See www.example.com, please.", ["www.example.com"]),
        ("(https://a.tw/b).", ["https://a.tw/b"]),
        ("加 line.me/ti/p/abc", ["line.me/ti/p/abc"]),
        ("viết cho a.b@example.com.", ["a.b@example.com"]),
        ("請問@ming 在嗎", ["@ming"]),
        ("Gọi 0912-345-678 hoặc +886 912 345 678", ["0912-345-678", "+886 912 345 678"]),
        ("電話(02) 2345-6789 #12", ["(02) 2345-6789 #12"]),
        ("โทร ๐๘๑-๒๓๔-๕๖๗๘ ครับ", ["๐๘๑-๒๓๔-๕๖๗๘"]),
        ("លេខ ០១២ ៣៤៥ ៦៧៨", ["០១២ ៣៤៥ ៦៧៨"]),
        ("證號A123456789。", ["A123456789"]),
        ("帳號 900001234567", ["900001234567"]),
        ("terima kasih 😀👨‍👩‍👧 ya 🇹🇼", ["😀👨‍👩‍👧", "🇹🇼"]),
        ("(love) ขอบคุณ ()", ["(love)", "()"]),
        ("run `make test` first", ["`make test`"]),
        ("old ⟦0⟧ mark", ["⟦0⟧"]),
    ],
)
def test_items_are_protected_when_an_engine_would_break_them(text: str, items: list[str]) -> None:
    assert list_protected(text) == items


@pytest.mark.parametrize(
    "text",
    [
        "NT$27,470 mỗi tháng",
        "12:30-13:30 ngày 03-05-2026",
        "08.00-17.00",
        "e.g. the U.S. is far. And so on.",
        "apartment (optional)",
        "a price of 1.500.000",
    ],
)
def test_nothing_is_protected_when_words_and_short_numbers_need_context(text: str) -> None:
    assert list_protected(text) == []


@pytest.mark.parametrize(
    ("text", "terms", "items"),
    [
        ("Add me on LINE or LINE Pay.", ("LINE", "LINE Pay"), ["LINE", "LINE Pay"]),
        ("我的ARC到期", ("ARC",), ["ARC"]),
        ("打1955專線", ("1955",), ["1955"]),
        ("LINES and ONLINE, LINE2", ("LINE",), []),
        ("มี LINE ជា LINE", ("LINE",), ["LINE", "LINE"]),
        ("ใช้LINEได้", ("LINE",), ["LINE"]),
        ("đọc (C++) nhé", ("C++",), ["C++"]),
        ("LINE: https://line.me/LINE, a.b@LINE.com", ("LINE",), ["LINE", "https://line.me/LINE", "a.b@LINE.com"]),
        ("no terms", ("",), []),
    ],
)
def test_terms_are_protected_where_they_are_words_of_their_own(
    text: str, terms: tuple[str, ...], items: list[str]
) -> None:
    assert list_protected(text, *terms) == items
    assert "".join(piece.text for piece in split_protected(text, terms)) == text


@given(st.text(max_size=40), st.lists(st.text(max_size=4), max_size=4))
def test_pieces_join_to_the_text_whatever_the_terms(text: str, terms: list[str]) -> None:
    assert "".join(piece.text for piece in split_protected(text, terms)) == text
    masked = mask_protected(text, terms)
    assert restore_protected(masked.text, masked.items) == text


@given(st.text(alphabet=st.sampled_from("a0@.:/ +-(😀⟦1⟧`ก中\n"), max_size=60) | st.text(max_size=40))
def test_pieces_join_to_the_text_when_split(text: str) -> None:
    pieces = split_protected(text)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)
    masked = mask_protected(text)
    assert restore_protected(masked.text, masked.items) == text


@pytest.mark.parametrize("text", ["", "12345", "😀", "https://a.tw", "3.000 - 5", "@ming 0912-345-678!"])
def test_engine_is_not_needed_when_there_are_no_words(text: str) -> None:
    assert not needs_engine(text)


@pytest.mark.parametrize("text", ["hi", "看 https://a.tw", "5 ngày", "៥ថ្ងៃ"])
def test_engine_is_needed_when_there_are_words(text: str) -> None:
    assert needs_engine(text)


def test_items_are_restored_when_the_engine_moves_them() -> None:
    assert restore_protected("⟦1⟧ und ⟦0⟧", ("a", "b")) == "b und a"


@pytest.mark.parametrize("text", ["⟦0⟧", "⟦0⟧ ⟦0⟧ ⟦1⟧", "⟦0⟧ ⟦1⟧ ⟦2⟧", "[0] ⟦1⟧", ""])
def test_restoring_fails_when_placeholders_are_lost_doubled_or_invented(text: str) -> None:
    assert restore_protected(text, ("a", "b")) is None
