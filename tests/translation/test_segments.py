"""Texts cut for translation and put together again, in six languages and against hostile input."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from translation.languages import LanguageTag
from translation.results import Segment
from translation.segments import join_segments, split_segments

EN, ID, VI, TH, KM = LanguageTag.EN, LanguageTag.ID, LanguageTag.VI, LanguageTag.TH, LanguageTag.KM
HANT, HANS = LanguageTag.ZH_HANT, LanguageTag.ZH_HANS

#: Characters that meet in real and in hostile text: marks, blanks, digits, joiners, combining signs, all our scripts.
TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            " \n\t.!?…。！？។៕៖，,;:'\")」-*•1２๒១)、a Abé不國กำิកខ្ំ\u200b\u200d\u0301\ufe0f👩👍🏽🇹🇼\r\u2028"
        ),
        st.characters(),
    ),
    max_size=120,
)


def list_texts(text: str, *, window: int = 400) -> list[str]:
    return [segment.text for segment in split_segments(text, window=window)]


def put_back(segments: list[Segment]) -> str:
    return "".join(segment.prefix + segment.text + segment.suffix for segment in segments)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("I need help. Where do I go? Thanks!", ["I need help.", "Where do I go?", "Thanks!"]),
        ('She said: "No." Then she left.', ['She said: "No."', "Then she left."]),
        ("Tôi ở Đài Bắc. Tôi cần giúp!", ["Tôi ở Đài Bắc.", "Tôi cần giúp!"]),
        ("saya tidak tahu. tolong bantu", ["saya tidak tahu.", "tolong bantu"]),
        ("要去哪裡換？我的雇主說「不行。」那怎麼辦！", ["要去哪裡換？", "我的雇主說「不行。」", "那怎麼辦！"]),
        ("好的.我知道了!謝謝", ["好的.", "我知道了!", "謝謝"]),
        ("ខ្ញុំចង់បន្ត។ តើនៅឯណា? អរគុណ៕", ["ខ្ញុំចង់បន្ត។", "តើនៅឯណា?", "អរគុណ៕"]),
        ("ផ្លែឈើ ។ល។ និងបន្លែ", ["ផ្លែឈើ ។ល។", "និងបន្លែ"]),
        ("ไปไหนคะ? ไปบ้านค่ะ", ["ไปไหนคะ?", "ไปบ้านค่ะ"]),
        ("Wait... What?! Ok", ["Wait...", "What?!", "Ok"]),
    ],
)
def test_split_cuts_when_a_sentence_ends(text: str, sentences: list[str]) -> None:
    assert list_texts(text) == sentences


@pytest.mark.parametrize(
    "text",
    [
        "It costs NT$ 3.5 million",
        "Ask Mr. Tan and Dr. Lin",
        "Ở TP. Hồ Chí Minh gặp BS. Lan",
        "Jl. Merdeka No. 5, Rp. 5.000",
        "beras, gula, dll. di toko",
        "Bring papers, e.g. the contract, by 5 p.m. on Friday",
        "See https://example.org/a.b?c=d!e and report.pdf or me@example.org now",
        "J. K. and co. came",
        "hmm... maybe",
        "ผมเกิด พ.ศ. 2540 เวลา 9.00 น. ที่บ้าน",
        "ผมชอบ แมว และ หมา มาก ครับ",
        "Yes!!1 no",
        "Fill in A 2. Then",
    ],
)
def test_split_keeps_whole_when_a_mark_ends_nothing(text: str) -> None:
    assert list_texts(text) == [text]


def test_split_cuts_after_no_only_when_no_number_follows() -> None:
    assert list_texts("No. I don't. No. 5 is open.") == ["No.", "I don't.", "No. 5 is open."]


def test_split_keeps_lines_and_list_marks_outside_of_the_text() -> None:
    text = (
        "Bring:\n- passport\n  * photo\n• 2 forms\n1. Go there\n2) Pay\n១. បង់ប្រាក់\n一、申請\n（二）繳費\n\n> thanks\n"
    )
    segments = split_segments(text)
    assert [segment.text for segment in segments] == [
        *("Bring:", "passport", "photo", "2 forms", "Go there", "Pay", "បង់ប្រាក់", "申請", "繳費", "thanks")
    ]
    assert [segment.prefix for segment in segments] == [
        "",
        "- ",
        "  * ",
        "• ",
        "1. ",
        "2) ",
        "១. ",
        "一、",
        "（二）",
        "> ",
    ]
    assert {segment.suffix for segment in segments} == {"\n", "\n\n"}


@pytest.mark.parametrize("text", ["3.5 kg beras", "-5 degrees", "7-11 超商", "10:30 mulai"])
def test_split_takes_no_list_mark_from_a_number(text: str) -> None:
    assert list_texts(text) == [text]


@pytest.mark.parametrize("text", ["", " ", "\n\n \t", "12345", "👍👍 555!", "---\n***", "\u200b", "๑๒๓ ១២៣"])
def test_split_gives_nothing_to_translate_when_there_is_no_letter(text: str) -> None:
    segments = split_segments(text)
    assert not any(segment.text for segment in segments)
    assert put_back(segments) == text
    assert join_segments(segments, [""] * len(segments), source=HANT, target=EN) == text


def test_split_cuts_behind_clauses_when_a_sentence_is_longer_than_the_window() -> None:
    text = "The office is closed on Monday, so please come on Tuesday morning instead"
    assert list_texts(text, window=40) == [
        "The office is closed on Monday,",
        "so please come on Tuesday morning",
        "instead",
    ]


def test_split_cuts_thai_and_khmer_at_blanks_when_longer_than_the_window() -> None:
    thai = "ผมอยากต่อบัตร ที่สำนักงาน ตรวจคนเข้าเมือง"
    assert list_texts(thai, window=30) == ["ผมอยากต่อบัตร ที่สำนักงาน", "ตรวจคนเข้าเมือง"]
    khmer = "ខ្ញុំ\u200bចង់\u200bបន្ត\u200bប័ណ្ណ"
    assert list_texts(khmer, window=10) == ["ខ្ញុំ\u200bចង់", "បន្ត\u200bប័ណ្ណ"]


def test_split_cuts_between_clusters_when_there_is_no_blank() -> None:
    text = "ក្ញុំ" * 10
    pieces = list_texts(text, window=12)
    assert "".join(pieces) == text
    assert all(len(piece) <= 12 and len(piece) % len("ក្ញុំ") == 0 for piece in pieces)


def test_split_cuts_a_cluster_only_when_it_alone_is_longer_than_the_window() -> None:
    text = "a" + "\u0301" * 30
    segments = split_segments(text, window=10)
    assert put_back(segments) == text
    assert all(len(segment.text) <= 10 for segment in segments)


def test_split_refuses_a_window_without_room() -> None:
    with pytest.raises(ValueError, match="window"):
        split_segments("a", window=0)


@settings(max_examples=300)
@given(TEXTS, st.integers(min_value=1, max_value=40))
def test_split_loses_nothing_and_keeps_to_the_window(text: str, window: int) -> None:
    segments = split_segments(text, window=window)
    assert put_back(segments) == text
    assert all(len(segment.text) <= window for segment in segments)
    assert all("\n" not in segment.text for segment in segments)


@settings(max_examples=300)
@given(TEXTS)
def test_split_cuts_no_grapheme_cluster(text: str) -> None:
    clusters = regex.findall(r"\X", text)
    window = max(map(len, clusters), default=1) + 3
    edges = {0}
    for cluster in clusters:
        edges.add(max(edges) + len(cluster))
    position = 0
    for segment in split_segments(text, window=window):
        for part in (segment.prefix, segment.text, segment.suffix):
            position += len(part)
            assert position in edges


@given(TEXTS, st.sampled_from(LanguageTag))
def test_join_gives_the_text_back_when_nothing_was_translated(text: str, tag: LanguageTag) -> None:
    segments = split_segments(text, window=20)
    assert join_segments(segments, [segment.text for segment in segments], source=tag, target=tag) == text


@pytest.mark.parametrize("target", [EN, ID, VI, TH, KM])
def test_join_puts_a_space_between_sentences_when_the_source_has_none(target: LanguageTag) -> None:
    segments = split_segments("要去哪裡換？謝謝。")
    assert join_segments(segments, ["Where?", "Thanks."], source=HANT, target=target) == "Where? Thanks."


@pytest.mark.parametrize("source", [EN, ID, VI, TH, KM])
def test_join_puts_nothing_between_sentences_when_the_target_is_chinese(source: LanguageTag) -> None:
    segments = split_segments("Where? Thanks.")
    assert join_segments(segments, ["哪裡？", "謝謝。"], source=source, target=HANT) == "哪裡？謝謝。"


def test_join_drops_invisible_spaces_when_the_target_has_visible_ones() -> None:
    segments = split_segments("តើនៅឯណា?\u200bអរគុណ។អរគុណ។ អរគុណ។")
    assert join_segments(segments, ["A?", "B.", "C.", "D."], source=KM, target=EN) == "A? B. C. D."


def test_join_keeps_lines_marks_and_numbers_in_every_language() -> None:
    segments = split_segments("第一。第二。\n\n- 第三\n12345\n- 第四\n👍")
    joined = join_segments(segments, ["One.", "Two.", "three", "four"], source=HANT, target=EN)
    assert joined == "One. Two.\n\n- three\n12345\n- four\n👍"
    assert (
        join_segments(segments, ["一。", "二。", "三", "四"], source=HANT, target=HANS)
        == "一。二。\n\n- 三\n12345\n- 四\n👍"
    )


def test_join_keeps_the_spacing_when_both_languages_use_spaces() -> None:
    segments = split_segments("Hi.  There.\tYou.")
    assert join_segments(segments, ["Chào.", "Ở đó.", "Bạn."], source=EN, target=VI) == "Chào.  Ở đó.\tBạn."
    assert join_segments(segments, ["嗨。", "那裡。", "你。"], source=EN, target=HANT) == "嗨。那裡。\t你。"


def test_join_refuses_when_texts_are_missing() -> None:
    with pytest.raises(ValueError, match="one text"):
        join_segments(split_segments("One. Two."), ["Satu."], source=EN, target=ID)


def test_fenced_code_is_no_text_to_translate() -> None:
    text = "Tôi chạy lệnh này:\n```sh\nrm -rf build\necho Xin chào\n```\nNhưng nó lỗi."
    assert [segment.text for segment in split_segments(text)] == ["Tôi chạy lệnh này:", "Nhưng nó lỗi."]
    assert "".join(each.prefix + each.text + each.suffix for each in split_segments(text)) == text


def test_fence_that_is_never_closed_hides_nothing() -> None:
    assert [segment.text for segment in split_segments("```\nXin chào.\nCảm ơn.")] == ["Xin chào.", "Cảm ơn."]


def test_text_of_nothing_but_fences_is_kept() -> None:
    (segment,) = split_segments("```\nls -l\n```")
    assert (segment.text, segment.prefix) == ("", "```\nls -l\n```")
