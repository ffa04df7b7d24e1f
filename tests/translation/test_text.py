"""What is stored, compared and looked at of what people typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.text import LoneSurrogateError, digest_text, normalise_user_text, strip_for_detection


def test_normalise_composes_when_marks_came_apart() -> None:
    decomposed = unicodedata.normalize("NFD", "Tiếng Việt")
    assert decomposed != "Tiếng Việt"
    assert normalise_user_text(decomposed) == "Tiếng Việt"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\u2028two\u0085three", "one\ntwo\nthree"),
        ("a\x00b\x1bc\x7fd\x9fe", "abcde"),
        ("a\tb\nc", "a\tb\nc"),
        ("  居留證\u3000\n\n", "居留證"),
        ("ខ្ញុំ\u200bចង់", "ខ្ញុំ\u200bចង់"),
        ("👨\u200d👩\u200d👧 a\u200cb", "👨\u200d👩\u200d👧 a\u200cb"),
        ("\x00 \n", ""),
        ("\u200b\ufeff\u2060 \u3164\u2800", ""),
    ],
)
def test_normalise_cleans_when_text_is_hostile_or_sloppy(typed: str, stored: str) -> None:
    assert normalise_user_text(typed) == stored


def test_normalise_names_the_field_when_a_surrogate_is_alone() -> None:
    with pytest.raises(LoneSurrogateError) as caught:
        normalise_user_text("half \ud83d of it", field="body")
    assert [(error.field, error.code) for error in caught.value.errors] == [("body", "text.surrogate")]


@given(st.text())
def test_normalise_changes_nothing_when_applied_twice(text: str) -> None:
    once = normalise_user_text(text)
    assert normalise_user_text(once) == once


def test_digest_is_equal_only_when_the_text_is() -> None:
    assert digest_text("Việt") == digest_text(unicodedata.normalize("NFD", "Việt"))
    assert digest_text("Việt") != digest_text("Viet")
    assert digest_text("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert len(digest_text("\ud800")) == 64


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("看https://example.org/a?b=c#d嗎", "看 嗎"),
        ("mail me@example.org please", "mail   please"),
        ("xem www.example.com/đường", "xem  đường"),
        ("line.me/ti/p/abc tolong", "  tolong"),
        ("@minh_99 ơi #taiwan", "  ơi  "),
        ("(love) terima kasih (moon grin)", "  terima kasih  "),
        (":smile: khob khun", "  khob khun"),
        ("> quoted words\nmy words", " \nmy words"),
        ("run `sudo reboot` không", "run   không"),
        ("```\ncode\n``` xong", "  xong"),
        ("😂👍🏽🇹🇼", "    "),
        ("he said (it is a very long story)", "he said (it is a very long story)"),
        ("3.5 > 2.5", "3.5 > 2.5"),
    ],
)
def test_strip_removes_only_what_is_no_evidence(text: str, left: str) -> None:
    assert strip_for_detection(text).split() == left.split()
