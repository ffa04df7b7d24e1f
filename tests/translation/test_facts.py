"""Fact chips."""

from __future__ import annotations

import pytest

from translation.facts import MAX_FACTS, list_facts
from translation.languages import LanguageTag
from translation.results import Fact, FactKind


def test_facts_are_listed_in_order_when_of_every_kind() -> None:
    text = "民國115年5月3日前帶居留證，費用NT$27,470元，3份，電話0912-345-678，見https://a.tw/x"
    assert list_facts(text, LanguageTag.ZH_HANT) == [
        Fact(FactKind.DATE, "民國115年5月3日"),
        Fact(FactKind.PERMIT, "居留證"),
        Fact(FactKind.MONEY, "NT$27,470元"),
        Fact(FactKind.NUMBER, "3"),
        Fact(FactKind.PHONE, "0912-345-678"),
        Fact(FactKind.LINK, "https://a.tw/x"),
    ]


@pytest.mark.parametrize(
    ("language", "text", "fact"),
    [
        (LanguageTag.VI, "nộp 3.000 đồng", Fact(FactKind.MONEY, "3.000 đồng")),
        (LanguageTag.VI, "Ngày 3 tháng 5 năm 2026", Fact(FactKind.DATE, "Ngày 3 tháng 5 năm 2026")),
        (LanguageTag.ID, "tanggal 3 Mei 2026", Fact(FactKind.DATE, "3 Mei 2026")),
        (LanguageTag.ID, "Rp 1,5 juta", Fact(FactKind.MONEY, "Rp 1,5 juta")),
        (LanguageTag.TH, "๓ พ.ค. ๒๕๖๙", Fact(FactKind.DATE, "๓ พ.ค. ๒๕๖๙")),
        (LanguageTag.TH, "27,470 บาท", Fact(FactKind.MONEY, "27,470 บาท")),
        (LanguageTag.KM, "៣ ខែឧសភា ឆ្នាំ២០២៦", Fact(FactKind.DATE, "៣ ខែឧសភា ឆ្នាំ២០២៦")),
        (LanguageTag.KM, "៥០០០០ រៀល", Fact(FactKind.MONEY, "៥០០០០ រៀល")),
        (LanguageTag.EN, "my ARC please", Fact(FactKind.PERMIT, "ARC")),
        (LanguageTag.ZH_HANT, "兩千元", Fact(FactKind.MONEY, "兩千元")),
        (LanguageTag.UND, "健保卡", Fact(FactKind.PERMIT, "健保卡")),
    ],
)
def test_fact_stands_as_in_the_source_when_written_the_local_way(language: LanguageTag, text: str, fact: Fact) -> None:
    assert list_facts(text, language) == [fact]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (LanguageTag.ZH_HANT, "我們一定一起去"),
        (LanguageTag.VI, "năm nay một người"),
        (LanguageTag.EN, "an ARCHIVE of one"),
        (LanguageTag.TH, "555"),
        (LanguageTag.ID, "teman2"),
    ],
)
def test_no_fact_is_listed_when_words_only_look_like_one(language: LanguageTag, text: str) -> None:
    assert list_facts(text, language) == []


def test_fact_is_listed_once_when_repeated() -> None:
    assert list_facts("1955, 1955", LanguageTag.EN) == [Fact(FactKind.NUMBER, "1955")]


def test_facts_are_bounded_when_there_are_many() -> None:
    facts = list_facts(" ".join(str(number) for number in range(100, 200)), LanguageTag.EN)
    assert [fact.text for fact in facts] == [str(number) for number in range(100, 100 + MAX_FACTS)]
