"""What must survive translation, and which currency belongs to which number."""

from __future__ import annotations

import pytest

from translation.languages import LanguageTag
from translation.mentions import Mention, MentionKind, find_mentions, forget_mentions, normalise_phone

EN, ID, VI, ZH, TH = LanguageTag.EN, LanguageTag.ID, LanguageTag.VI, LanguageTag.ZH_HANT, LanguageTag.TH


def read(text: str, language: LanguageTag) -> list[tuple[MentionKind, str]]:
    return [(mention.kind, text[mention.start : mention.end]) for mention in find_mentions(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "amount"),
    [
        ("Lembur 2 jam pertama NT$190 per jam", ID, "NT$190"),
        ("the first US$50", EN, "US$50"),
        ("lần thứ nhất $5", VI, "$5"),
        ("dua kali Rp 500", ID, "Rp 500"),
    ],
)
def test_currency_belongs_to_the_number_behind_it_when_it_is_written_before_numbers(
    text: str, language: LanguageTag, amount: str
) -> None:
    assert (MentionKind.MONEY, amount) in read(text, language)


def test_currency_belongs_to_the_number_before_it_when_it_is_written_after_numbers() -> None:
    assert read("500 baht 3 orang", ID) == [(MentionKind.MONEY, "500 baht"), (MentionKind.NUMBER, "3")]


def test_mentions_are_found_in_order_when_of_every_kind() -> None:
    text = "Monday 3 May at 8:30, in October: call 0912-345-678, see a.tw, pay NT$500 to 3 people"
    assert [kind.value for kind, _ in read(text, EN)] == [
        "weekday", "date", "time", "month", "phone", "link", "money", "number",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "no facts here", "沒有數字", "ไม่มีตัวเลข"])
def test_nothing_is_found_when_there_are_no_facts(text: str) -> None:
    assert find_mentions(text, EN) == []


def test_answer_is_the_readers_own_when_a_text_is_read_again() -> None:
    first = find_mentions("3 days", EN)
    first.append(Mention(MentionKind.LINK, 0, 1, frozenset()))
    assert len(find_mentions("3 days", EN)) == 1
    forget_mentions()
    assert len(find_mentions("3 days", EN)) == 1


def test_long_text_is_read_like_a_short_one() -> None:
    text = "3 days. " * 400
    assert len(find_mentions(text, EN)) == 400


def test_phone_is_the_same_when_written_for_abroad() -> None:
    assert normalise_phone("+886 912-345-678") == normalise_phone("0912 345 678") == "0912345678"
    assert read("+886 2 2345 6789", EN) == [(MentionKind.PHONE, "+886 2 2345 6789")]
