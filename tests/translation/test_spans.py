from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation.languages import LANGUAGES, LanguageTag
from translation.spans import split_languages

ZH, HANS, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.ZH_HANS,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)


def name_spans(text: str, source: LanguageTag) -> list[tuple[str, LanguageTag]]:
    return [(span.text, span.language) for span in split_languages(text, source)]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("我的居留證過期了,怎麼辦?", ZH),
        ("我的 ARC 在 LINE 上申請嗎?", ZH),
        ("Tôi muốn gia hạn thẻ cư trú.", VI),
        ("Saya mau perpanjang ARC di kantor imigrasi.", ID),
        ("ต่ออายุ ARC ที่ไหนคะ", TH),
        ("ខ្ញុំត្រូវការ ARC ថ្មី", KM),
        ("How do I renew my ARC?", EN),
        ("ok", VI),
        ("", EN),
        ("12345 !!!", TH),
        ("Tôi dùng Google Maps và Facebook Messenger", VI),
    ],
)
def test_text_in_one_language_stays_whole(text: str, source: LanguageTag) -> None:
    assert name_spans(text, source) == [(text, source)]


@pytest.mark.parametrize(
    ("text", "source", "spans"),
    [
        (
            "Sếp nói là 你明天不用來上班了 nghĩa là gì?",
            VI,
            [("Sếp nói là ", VI), ("你明天不用來上班了", ZH), (" nghĩa là gì?", VI)],
        ),
        (
            "老闆說 ผมไม่จ่ายเงินเดือนให้คุณ 是什麼意思?",
            ZH,
            [("老闆說 ", ZH), ("ผมไม่จ่ายเงินเดือนให้คุณ", TH), (" 是什麼意思?", ZH)],
        ),
        ("អ្នកនិយាយថា 请签名 ឬ?", KM, [("អ្នកនិយាយថា ", KM), ("请签名", HANS), (" ឬ?", KM)]),
        ("We will not pay your salary this month.", VI, [("We will not pay your salary this month.", EN)]),
        ("Tôi không biết phải làm gì bây giờ cả.", EN, [("Tôi không biết phải làm gì bây giờ cả.", VI)]),
        (
            "他寫:please come to the office tomorrow morning 謝謝",
            ZH,
            [("他寫:", ZH), ("please come to the office tomorrow morning", EN), (" 謝謝", ZH)],
        ),
    ],
)
def test_other_language_is_a_span_of_its_own(
    text: str, source: LanguageTag, spans: list[tuple[str, LanguageTag]]
) -> None:
    assert name_spans(text, source) == spans


def test_term_is_no_statement() -> None:
    (_, term, _) = split_languages("Tôi cần 居留證 mới.", VI)
    assert (term.text, term.language, term.is_statement) == ("居留證", ZH, False)


def test_clause_is_a_statement() -> None:
    (_, clause, _) = split_languages("Họ nói 請到櫃檯辦理手續 là sao?", VI)
    assert clause.is_statement


@given(text=st.text(max_size=300), source=st.sampled_from(LANGUAGES))
def test_nothing_is_lost(text: str, source: LanguageTag) -> None:
    spans = split_languages(text, source)
    assert "".join(span.text for span in spans) == text
    assert all(span.text for span in spans) or text == ""
