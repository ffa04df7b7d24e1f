"""Script and language of the target: what must pass and what must be caught."""

from __future__ import annotations

import pytest

from translation.checks.base import CheckInput
from translation.checks.writing import LanguageCheck, ScriptCheck, SimplifiedCheck
from translation.languages import LanguageTag

ZH, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)
SENTENCES = {
    EN: "You need to bring your passport and two photos",
    VI: "Bạn cần mang theo hộ chiếu và hai tấm ảnh",
    ID: "Anda perlu membawa paspor dan dua lembar foto",
}
BARE = "Ban can mang theo ho chieu va hai tam anh"


def is_wrong(target: str, language: LanguageTag, source: str = "請帶護照和兩張照片") -> bool:
    pair = CheckInput(source, target, ZH, language)
    findings = ScriptCheck().check(pair) + LanguageCheck().check(pair)
    assert len(findings) <= 1
    return findings != []


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("written", SENTENCES)
def test_language_is_caught_when_it_is_another_one_in_the_same_letters(
    language: LanguageTag, written: LanguageTag
) -> None:
    assert is_wrong(SENTENCES[written], language) == (language is not written)


@pytest.mark.parametrize("language", [EN, ID])
def test_vietnamese_without_marks_is_caught_when_another_language_is_asked_for(language: LanguageTag) -> None:
    assert is_wrong(BARE, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (ID, "Where is it?"),
        (ID, "Beli di Taiwan Beer Family Mart Seven Eleven"),
        (EN, "Samsung Oppo Vivo Asus Acer"),
        (ID, "Apa arti 'please come to the office'?"),
        (VI, "OK bạn nhé, hẹn gặp lại ngày mai"),
    ],
)
def test_language_passes_when_it_is_not_sure(language: LanguageTag, text: str) -> None:
    assert not is_wrong(text, language)


@pytest.mark.parametrize("text", ["我在工厂工作", "以后再说", "3天后到期", "在心里"])
def test_simplified_character_is_caught_when_only_the_word_shows_it(text: str) -> None:
    assert SimplifiedCheck().check(CheckInput("…", text, EN, ZH)) != []


@pytest.mark.parametrize("text", ["皇后", "天后宮", "一公里", "后里車站", "里長"])
def test_character_of_both_ways_of_writing_passes_when_its_word_is_traditional(text: str) -> None:
    assert SimplifiedCheck().check(CheckInput("…", text, EN, ZH)) == []
