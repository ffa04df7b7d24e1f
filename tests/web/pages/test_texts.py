from __future__ import annotations

import pytest

from app.web.pages.texts import first_grapheme, mark_scripts, to_rich_text
from tests.web.pages.lang_walk import find_faults


def test_mark_scripts_labels_a_run_when_it_is_in_another_script() -> None:
    marked = mark_scripts("Tôi ở 臺中市, ผู้ถาม và អ្នកសួរ", "vi")
    assert '<span lang="zh-Hant">臺中市</span>' in marked
    assert '<span lang="th">ผู้ถาม</span>' in marked
    assert '<span lang="km">អ្នកសួរ</span>' in marked


@pytest.mark.parametrize(
    ("text", "language"),
    [("居留證 ARC", "zh-Hant"), ("居留证", "zh-Hans"), ("ผู้ถาม 15", "th"), ("អ្នកសួរ", "km"), ("ắ ế", "vi")],
)
def test_mark_scripts_changes_nothing_when_the_script_is_the_languages_own(text: str, language: str) -> None:
    assert str(mark_scripts(text, language)) == text


def test_mark_scripts_keeps_one_run_when_words_of_a_script_are_spaced() -> None:
    assert str(mark_scripts("ไทย ไทย。", "en")).count("<span") == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='x",
        "臺<b>中",
        "&lt;script&gt;",
        "{{ 7*7 }}",
    ],
)
def test_texts_are_escaped_when_they_are_hostile(hostile: str) -> None:
    for shown in (mark_scripts(hostile, "en"), to_rich_text(hostile, "en")):
        assert "<script" not in shown
        assert "<img" not in shown
        assert "<b>" not in shown
        assert "'" not in shown
        assert "&amp;lt;" in shown or "&lt;script&gt;" not in hostile


def test_rich_text_links_an_address_when_it_is_http() -> None:
    shown = to_rich_text("xem (https://www.immigration.gov.tw/a?b=1&c=2).", "vi")
    assert 'href="https://www.immigration.gov.tw/a?b=1&amp;c=2" rel="nofollow ugc noopener noreferrer"' in shown
    assert shown.endswith("</a>).")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x", "https://"]
)
def test_rich_text_links_nothing_when_the_scheme_is_another(address: str) -> None:
    assert "<a" not in to_rich_text(address, "en")


def test_rich_text_cannot_leave_its_attribute_when_an_address_has_quotes() -> None:
    shown = to_rich_text('https://x.example/"onclick="alert(1)', "en")
    assert 'onclick="' not in shown


def test_rich_text_is_labelled_throughout_when_scripts_and_links_mix() -> None:
    text = "臺中 https://zh.wikipedia.org/wiki/臺中 ខ្មែរ"
    assert find_faults(f'<html lang="vi"><p>{to_rich_text(text, "vi")}</p></html>') == []


@pytest.mark.parametrize(
    ("name", "expected"), [("lan", "L"), ("សុខ", "សុ"), (" 提問者", "提"), ("", "?"), ("👩‍🔧 x", "👩‍🔧")]
)
def test_first_grapheme_keeps_marks_together(name: str, expected: str) -> None:
    assert first_grapheme(name) == expected
