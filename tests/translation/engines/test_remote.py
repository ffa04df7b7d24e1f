"""Cutting texts for a server, and what of its answers is believed."""

from __future__ import annotations

import pytest

from translation.engines.http import BadAnswerError
from translation.engines.remote import read_answer, translate_pieces
from translation.languages import LanguageTag

EN_VI = (LanguageTag.EN, LanguageTag.VI)


class Server:
    """Answers in capitals and keeps what it was asked."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def __call__(self, batch: list[str]) -> list[str]:
        self.batches.append(batch)
        return [text.upper() for text in batch]


def translate(texts: list[str], *, by_sentence: bool = True, window: int = 240) -> tuple[list[str], list[list[str]]]:
    server = Server()
    outputs = translate_pieces(texts, pair=EN_VI, ask=server, window=window, batch_size=3, by_sentence=by_sentence)
    return [output.text for output in outputs], server.batches


def test_sentences_are_asked_for_one_by_one_when_wanted() -> None:
    texts, batches = translate(["One. Two.\n\n- Three.", "Four. "])

    assert texts == ["ONE. TWO.\n\n- THREE.", "FOUR. "]
    assert batches == [["One.", "Two.", "Three."], ["Four."]]


def test_text_stays_whole_when_it_fits() -> None:
    texts, batches = translate([" One. Two.\nThree.\n", "x" * 10], by_sentence=False)

    assert texts == [" ONE. TWO.\nTHREE.\n", "X" * 10]
    assert batches == [["One. Two.\nThree.", "x" * 10]]


@pytest.mark.parametrize("by_sentence", [True, False])
def test_text_is_cut_when_it_does_not_fit(by_sentence: bool) -> None:
    text = "A word and another. " * 30

    texts, batches = translate([text], by_sentence=by_sentence, window=50)

    assert texts == [text.upper()]
    assert all(len(piece) <= 50 for batch in batches for piece in batch)


@pytest.mark.parametrize("by_sentence", [True, False])
def test_nothing_is_asked_when_there_is_no_letter(by_sentence: bool) -> None:
    given = ["", " ", "12345", "🎉 !", "\u200b", "\n\n"]

    assert translate(given, by_sentence=by_sentence) == (given, [])


def test_each_text_is_asked_for_once_when_it_repeats() -> None:
    texts, batches = translate(["Same.", "Same. Same.", "Other."])

    assert texts == ["SAME.", "SAME. SAME.", "OTHER."]
    assert batches == [["Same.", "Other."]]


def test_text_is_empty_when_one_of_its_pieces_came_back_empty() -> None:
    outputs = translate_pieces(
        ["One. Two.", "Two.", "One."],
        pair=EN_VI,
        ask=lambda batch: ["" if text == "Two." else text for text in batch],
        window=240,
        batch_size=3,
        by_sentence=True,
    )

    assert [output.text for output in outputs] == ["", "", "One."]


def test_text_is_made_valid_when_it_is_not() -> None:
    texts, batches = translate(["a\0b\x07\ud800c"])

    assert texts == ["AB?C"]
    assert batches == [["ab?c"]]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (" Xin chào.\n", "Xin chào."),
        ("Xin cha\u0300o.", "Xin chào."),
        ("a\0b\x9f", "ab"),
        ("ท\u0e4d\u0e32งาน น\u0e49\u0e4d\u0e32", "ท\u0e33งาน น\u0e49\u0e33"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("", ""),
        ("x" * 250, "x" * 250),
    ],
)
def test_answer_is_tidied_when_it_is_a_text(answer: str, expected: str) -> None:
    assert read_answer(answer, "Hello.", engine="far") == expected


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "not_text"),
        (5, "not_text"),
        (["Xin chào."], "not_text"),
        ("a\ud800", "not_unicode"),
        ("x" * 261, "too_long"),
    ],
)
def test_answer_is_refused_when_it_can_not_be_a_translation(answer: object, reason: str) -> None:
    with pytest.raises(BadAnswerError) as caught:
        read_answer(answer, "Hello.", engine="far")

    assert caught.value.data == {"engine": "far", "reason": reason}
