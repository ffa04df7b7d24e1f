"""The order of evidence: script, declaration, words with the author's history, threshold, "not sure"."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from translation.detection import detect_language
from translation.detection_latin import fold_word, judge_latin
from translation.languages import LanguageTag
from translation.results import Basis

EN, ID, VI, TH, KM = LanguageTag.EN, LanguageTag.ID, LanguageTag.VI, LanguageTag.TH, LanguageTag.KM
HANT, HANS, UND = LanguageTag.ZH_HANT, LanguageTag.ZH_HANS, LanguageTag.UND


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("ខ្ញុំចង់បន្តប័ណ្ណស្នាក់នៅ", KM),
        ("อยากต่อบัตรถิ่นที่อยู่", TH),
        ("請問居留證要去哪裡換？", HANT),
        ("请问居留证要去哪里换？", HANS),
        ("我的ARC要去移民署換嗎", HANT),
        ("สมัคร LINE Pay ยังไงคะ", TH),
        ("鼎泰の味真好吃我喜歡這個", HANT),
    ],
)
def test_script_decides_when_it_is_ours(text: str, tag: LanguageTag) -> None:
    found = detect_language(text)
    assert (found.tag, found.basis) == (tag, Basis.SCRIPT)


@pytest.mark.parametrize("text", ["私は学生です", "안녕하세요", "Где взять визу?", "မင်္ဂလာပါ"])
def test_language_is_not_sure_when_the_script_is_not_ours(text: str) -> None:
    for declared in (None, EN, HANT):
        found = detect_language(text, declared=declared)
        assert (found.tag, found.basis, found.confidence) == (UND, Basis.UNKNOWN, 0.0)


def test_chinese_is_traditional_when_no_character_decides() -> None:
    found = detect_language("你好")
    assert (found.tag, found.basis) == (HANT, Basis.SCRIPT)
    assert found.confidence < 1


def test_chinese_variant_is_the_declared_one_only_when_no_character_decides() -> None:
    assert detect_language("你好", declared=HANS).tag is HANS
    assert detect_language("你好", declared=HANS).basis is Basis.DECLARED
    assert detect_language("謝謝你們", declared=HANS).tag is HANT
    assert detect_language("谢谢你们", declared=HANT).tag is HANS


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("How do I renew my residence permit?", EN),
        ("Majikan tidak mau bayar lembur", ID),
        ("sy mau tny gmn cara bikin kartu", ID),
        ("Saya hendak memohon kad pengenalan baharu", ID),  # Malay
        ("Tôi muốn gia hạn thẻ cư trú", VI),
        ("toi muon hoi ve the cu tru", VI),
        ("cảm ơn", VI),
        ("terima kasih", ID),
        ("salary", EN),
        ("𝓗𝓮𝓵𝓵𝓸 my friend, how are you", EN),
        ("https://example.org @minh_99 555 haha gaji saya belum dibayar 😭", ID),
    ],
)
def test_words_decide_when_letters_are_latin(text: str, tag: LanguageTag) -> None:
    found = detect_language(text)
    assert (found.tag, found.basis) == (tag, Basis.DETECTED)
    assert 0.8 <= found.confidence < 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "555 👍👍",
        "ok haha wkwkwk hihihi",
        "k",
        "https://example.org/bahasa/indonesia",
        "> How do I renew my residence permit?",
        "Bonjour, je voudrais renouveler ma carte de séjour",
        "Guten Morgen, wie geht es dir heute?",
        "Magkano po ang sahod ninyo dito?",
        "zxqv wrtpl kkgh",
    ],
)
def test_language_is_not_sure_when_there_is_no_evidence(text: str) -> None:
    found = detect_language(text)
    assert (found.tag, found.basis, found.confidence) == (UND, Basis.UNKNOWN, 0.0)


def test_script_wins_when_the_declaration_contradicts_it() -> None:
    found = detect_language("請問居留證要去哪裡換？", declared=VI)
    assert (found.tag, found.basis) == (HANT, Basis.SCRIPT)


def test_declaration_wins_when_only_words_contradict_it() -> None:
    doubted = detect_language("How do I renew my residence permit?", declared=ID)
    agreed = detect_language("How do I renew my residence permit?", declared=EN)
    assert (doubted.tag, doubted.basis) == (ID, Basis.DECLARED)
    assert (agreed.tag, agreed.basis) == (EN, Basis.DECLARED)
    assert doubted.confidence < agreed.confidence < 1


def test_declaration_is_believed_when_the_text_has_no_letters() -> None:
    found = detect_language("👍 555", declared=TH)
    assert (found.tag, found.basis) == (TH, Basis.DECLARED)


def test_declared_thai_in_latin_letters_is_believed_only_when_the_words_are_unknown() -> None:
    assert detect_language("khun sabai dee mai khrap", declared=TH).tag is TH
    assert detect_language("How do I renew my residence permit?", declared=TH).tag is EN


def test_declaring_not_sure_is_declaring_nothing() -> None:
    assert detect_language("terima kasih", declared=UND).basis is Basis.DETECTED


def test_history_decides_when_the_words_are_a_close_call() -> None:
    assert detect_language("taxi").tag is UND
    assert detect_language("taxi", prior={VI: 0.5}).tag is VI
    assert detect_language("dia").tag is UND
    assert detect_language("dia", prior={ID: 12.0, EN: 1.0}).tag is ID


def test_history_loses_when_there_is_evidence() -> None:
    assert detect_language("terima kasih banyak", prior={VI: 1e9}).tag is ID
    assert detect_language("謝謝", prior={VI: 1e9}).tag is HANT


def test_history_is_ignored_when_its_weights_are_no_weights() -> None:
    odd = {ID: float("nan"), VI: float("inf"), EN: -3.0, TH: 5.0}
    assert detect_language("dia", prior=odd) == detect_language("dia")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Tôi muốn gia hạn 居留證 ở 移民署", VI),
        ("Saya mau perpanjang 居留證 di 移民署, apa saja syaratnya?", ID),
        ("How do I renew my card at the 移民署 in Taipei?", EN),
        ("我特別喜歡 thịt bò nướng 和小扁豆湯", HANT),
    ],
)
def test_mixed_text_belongs_to_the_language_of_its_frame(text: str, tag: LanguageTag) -> None:
    found = detect_language(text)
    assert found.tag is tag
    assert found.is_mixed


def test_text_is_not_mixed_when_the_other_part_is_only_names() -> None:
    found = detect_language("我用 Microsoft Teams 開會的時候")
    assert (found.tag, found.is_mixed) == (HANT, False)
    assert detect_language("下載 Microsoft Office Home and Business 的方法").tag is HANT


def test_declared_frame_wins_when_words_and_foreign_script_are_mixed() -> None:
    found = detect_language("Bikin 居留證 gmn kak", declared=ID)
    assert (found.tag, found.basis) == (ID, Basis.DECLARED)


def test_only_the_beginning_is_read_when_the_text_is_long() -> None:
    beginning = "Majikan tidak mau bayar lembur. " * 70
    assert detect_language(beginning + "請問" * 50_000) == detect_language(beginning)


@settings(max_examples=200)
@given(
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aàăğk.@#:(`>h /\ud800\udfff'’\u0300ក្ข你们這ก"))),
    st.none() | st.sampled_from(LanguageTag),
)
def test_detection_never_raises_whatever_the_text(text: str, declared: LanguageTag | None) -> None:
    found = detect_language(text, declared=declared)
    assert 0 <= found.confidence <= 1
    assert (found.tag is UND) == (found.basis is Basis.UNKNOWN)


def test_lone_surrogates_say_nothing_when_alone() -> None:
    assert detect_language("\ud83d \udc4d").tag is UND
    assert detect_language("terima \ud83d kasih").tag is ID


def test_one_word_is_capped_when_it_is_rare_elsewhere() -> None:
    one = judge_latin("nghiêng")
    assert one.tag is VI
    assert judge_latin("nghiêng the people of this country are friendly and helpful").tag is EN


def test_fold_removes_marks_and_stretching() -> None:
    assert fold_word("ĐƯỜNG") == "duong"
    assert fold_word("looooong") == "long"
    assert fold_word("don’t") == "don't"
