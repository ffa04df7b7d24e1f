"""Personal data is masked, risky offers wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.screening import MASK, ScreeningDecision, ScreeningKind, is_card_number, is_national_id, screen_text
from translation.languages import LanguageTag

Kind = ScreeningKind


def find(text: str, *, author_is_new: bool = False, language: LanguageTag | None = None) -> list[tuple[str, str]]:
    screening = screen_text(text, author_is_new=author_is_new, language=language)
    return [(finding.kind.value, text[finding.start : finding.end]) for finding in screening.findings]


@pytest.mark.parametrize(
    ("text", "kind", "data"),
    [
        ("我的居留證A800000014", Kind.RESIDENCE_ID, "A800000014"),
        ("ARC: AC01234567", Kind.RESIDENCE_ID, "AC01234567"),
        ("統一證號ａ８０００００１４５。", Kind.RESIDENCE_ID, "ａ８０００００１４５"),
        ("身分證A123456789", Kind.NATIONAL_ID, "A123456789"),
        ("id a 123 456 789", Kind.NATIONAL_ID, "a 123 456 789"),
        ("電話0912-345-678", Kind.PHONE, "0912-345-678"),
        ("0912 - 345 - 678", Kind.PHONE, "0912 - 345 - 678"),
        ("０９１２３４５６７８", Kind.PHONE, "０９１２３４５６７８"),
        ("๐๙๑๒๓๔๕๖๗๘", Kind.PHONE, "๐๙๑๒๓๔๕๖๗๘"),
        ("លេខ០៩១២៣៤៥៦៧៨", Kind.PHONE, "០៩១២៣៤៥៦៧៨"),
        ("零九一二三四五六七八", Kind.PHONE, "零九一二三四五六七八"),
        ("0912\u200b345\u200b678", Kind.PHONE, "0912\u200b345\u200b678"),
        ("+886 912 345 678", Kind.PHONE, "+886 912 345 678"),
        ("gọi +84 912 345 678", Kind.PHONE, "+84 912 345 678"),
        ("WA +62 812-3456-7890", Kind.PHONE, "+62 812-3456-7890"),
        ("โทร +66 81 234 5678", Kind.PHONE, "+66 81 234 5678"),
        ("ទូរស័ព្ទ +855 12 345 678", Kind.PHONE, "+855 12 345 678"),
        ("寫給 a.b@example.com.tw 吧", Kind.EMAIL, "a.b@example.com.tw"),
        ("卡號 4111 1111 1111 1111", Kind.BANK_CARD, "4111 1111 1111 1111"),
        ("5555555555554444", Kind.BANK_CARD, "5555555555554444"),
        ("護照號碼 N12345678", Kind.PASSPORT, "N12345678"),
        ("hộ chiếu số B12345678", Kind.PASSPORT, "B12345678"),
        ("nomor paspor: C1234567", Kind.PASSPORT, "C1234567"),
        ("หนังสือเดินทาง AA1234567", Kind.PASSPORT, "AA1234567"),
        ("លិខិតឆ្លងដែន N00123456", Kind.PASSPORT, "N00123456"),
        ("my passport is 312345678", Kind.PASSPORT, "312345678"),
        ("LINE ID: abc.123", Kind.MESSENGER_ID, "abc.123"),
        ("加我LINE：somchai99", Kind.MESSENGER_ID, "somchai99"),
        ("Telegram @budi_tw", Kind.MESSENGER_ID, "@budi_tw"),
        ("WhatsApp id is budisantoso", Kind.MESSENGER_ID, "budisantoso"),
    ],
)
def test_personal_data_is_masked_when_written_in_any_way(text: str, kind: ScreeningKind, data: str) -> None:
    screening = screen_text(text)
    assert find(text) == [(kind.value, data)]
    assert screening.decision is ScreeningDecision.PASS
    start = text.index(data)
    hidden = "".join(char if char.isspace() else MASK for char in data)
    assert screening.masked == text[:start] + hidden + text[start + len(data) :]


@pytest.mark.parametrize(
    "text",
    [
        "緊急請打110、113、119、1955、1990",
        "LINE @1955, Zalo hay Facebook, LINE Pay, line 1955, LINE群組",
        "02-2345-6789 或 0800-024-111",
        "NT$27,470 và 1.500.000 VND, 3,000,000",
        "2026-05-03 10:00-17:00 民國115年5月3日 2026/05/03",
        "A123456788 不是身分證",
        "訂單 4111111111111112",
        "薪水 27470 27470 27470 27470",
        "My passport expires in 2026, photo 35 x 45",
        "護照要 1000 元",
        "online: abc123",
        "",
    ],
)
def test_nothing_is_masked_when_it_is_public_or_harmless(text: str) -> None:
    screening = screen_text(text)
    assert (screening.masked, screening.findings) == (text, ())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (LanguageTag.VI, "0356 789 012"),
        (LanguageTag.ID, "0812-3456-7890"),
        (LanguageTag.TH, "081-234-5678"),
        (LanguageTag.KM, "012 345 678"),
    ],
)
def test_national_mobile_is_masked_only_when_the_language_says_the_country(language: LanguageTag, text: str) -> None:
    assert find(text, language=language) == [("phone", text)]
    assert find(text) == []


@pytest.mark.parametrize("language", list(LanguageTag))
def test_free_number_stays_when_any_language_is_named(language: LanguageTag) -> None:
    assert find("0800-024-111 0800024111 04-22345678", language=language) == []


def test_link_holds_only_when_the_author_is_new() -> None:
    text = "看 https://example.com/x"
    assert find(text, author_is_new=True) == [("link", "https://example.com/x")]
    assert screen_text(text, author_is_new=True).decision is ScreeningDecision.HOLD
    assert screen_text(text, author_is_new=True).masked == text
    assert screen_text(text).decision is ScreeningDecision.PASS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("高價收購存摺，意者洽", Kind.BROKER),
        ("免擔保借款 當天拿錢", Kind.LOAN),
        ("日 賺 萬 元！", Kind.EASY_MONEY),
        ("我要殺了你", Kind.THREAT),
        ("We buy bank accounts", Kind.BROKER),
        ("no-collateral loan!", Kind.LOAN),
        ("ＥＡＳＹ　ＭＯＮＥＹ", Kind.EASY_MONEY),
        ("I'll kill you", Kind.THREAT),
        ("nhận làm giấy tờ giả", Kind.BROKER),
        ("v.a.y t-i-ề-n n h a n h", Kind.LOAN),
        ("Viec nhe luong cao", Kind.EASY_MONEY),
        ("Tao giết mày", Kind.THREAT),
        ("jasa pembuatan dokumen palsu", Kind.BROKER),
        ("Pinjaman_cepat", Kind.LOAN),
        ("kerja ringan, gaji besar", Kind.EASY_MONEY),
        ("kubunuh kamu", Kind.THREAT),
        ("รับทำพาสปอร์ตปลอม", Kind.BROKER),
        ("เงินกู้ด่วน ได้จริง", Kind.LOAN),
        ("งานสบาย รายได้ดี", Kind.EASY_MONEY),
        ("กูจะฆ่ามึง", Kind.THREAT),
        ("ទិញគណនីធនាគារ", Kind.BROKER),
        ("ខ្ចី\u200bលុយ\u200bរហ័ស", Kind.LOAN),
        ("រកលុយងាយ", Kind.EASY_MONEY),
        ("អញសម្លាប់ឯង", Kind.THREAT),
    ],
)
def test_text_is_held_when_it_offers_or_threatens(text: str, kind: ScreeningKind) -> None:
    screening = screen_text(text)
    assert screening.decision is ScreeningDecision.HOLD
    assert [finding.kind for finding in screening.findings] == [kind]
    assert all(finding.holds for finding in screening.findings)
    assert screening.masked == text


@pytest.mark.parametrize(
    "text",
    [
        "仲介費多少才合法？我想跟銀行借錢，利息怎麼算",
        "How can I earn more money? Is my broker allowed to charge a loan?",
        "Tôi muốn vay tiền ngân hàng, môi giới thu phí có đúng không?",
        "Saya mau pinjam uang di bank, agen minta biaya",
        "ผมอยากกู้เงินธนาคาร นายหน้าเก็บเงินได้ไหม",
        "ខ្ញុំចង់ខ្ចីប្រាក់ពីធនាគារ",
        "老闆打我，我該怎麼辦",
    ],
)
def test_text_passes_when_it_asks_about_money_or_brokers(text: str) -> None:
    assert screen_text(text, author_is_new=True).decision is ScreeningDecision.PASS


def test_offsets_count_code_points_when_emoji_come_first() -> None:
    assert find("👨‍👩‍👧 0912345678") == [("phone", "0912345678")]


@given(st.text(max_size=80) | st.text(alphabet="0129+-. aA@護照lineİ٣", max_size=80))
def test_masked_text_keeps_every_offset_when_it_is_anything(text: str) -> None:
    screening = screen_text(text, author_is_new=True, language=LanguageTag.VI)
    assert len(screening.masked) == len(text)
    covered = {i for finding in screening.findings if not finding.holds for i in range(finding.start, finding.end)}
    for index, (before, after) in enumerate(zip(text, screening.masked, strict=True)):
        assert after == before or (after == MASK and index in covered)


@pytest.mark.parametrize(
    "unit",
    [
        "0",
        "09",
        "0 - ",
        "a1",
        "a.",
        "a@",
        "+84",
        "護照",
        "passport ",
        "line id: ",
        "4 ",
        "0)(",
        "zalo",
        "ﷺ",
        "việc nhẹ ",
    ],
)
def test_hundred_thousand_characters_are_screened_when_hostile(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    assert len(screen_text(text, author_is_new=True, language=LanguageTag.VI).masked) == len(text)


def test_national_id_is_told_by_its_checksum() -> None:
    assert is_national_id("A123456789")
    assert not is_national_id("A123456780")


def test_card_is_told_by_its_checksum() -> None:
    assert is_card_number("4111 1111 1111 1111")
    assert not is_card_number("4111 1111 1111 1112")
    assert not is_card_number("0000000000000000")
