"""Publish, hold, or tell a person."""

from __future__ import annotations

import pytest

from translation.checks.base import CheckInput
from translation.gate import decide_machine, judge_human
from translation.languages import LanguageTag
from translation.results import CheckCode, Finding, Severity

ZH, EN, VI = LanguageTag.ZH_HANT, LanguageTag.EN, LanguageTag.VI


def test_machine_text_is_published_when_nothing_is_found() -> None:
    decision = decide_machine(CheckInput("I work 3 days", "我工作三天", EN, ZH))
    assert decision.is_published
    assert decision.findings == ()


def test_machine_text_is_held_when_a_number_changes() -> None:
    decision = decide_machine(CheckInput("I work 3 days", "我工作4天", EN, ZH))
    assert not decision.is_published
    assert [finding.code for finding in decision.findings] == [CheckCode.NUMBERS]


def test_machine_text_is_held_when_a_prohibition_becomes_a_permission() -> None:
    decision = decide_machine(CheckInput("雇主不能扣留護照", "Employers may keep passports", ZH, EN))
    assert not decision.is_published
    assert [finding.code for finding in decision.findings] == [CheckCode.NEGATION]


def test_machine_text_is_published_when_there_are_only_warnings() -> None:
    decision = decide_machine(CheckInput("我今天不太舒服", "I feel a bit ill today", ZH, EN))
    assert decision.is_published
    assert [finding.severity for finding in decision.findings] == [Severity.WARNING]


def test_machine_text_is_held_when_others_found_an_error() -> None:
    lost = Finding(CheckCode.PLACEHOLDERS, Severity.ERROR, "lost")
    decision = decide_machine(CheckInput("hello", "你好", EN, ZH), findings=[lost])
    assert not decision.is_published
    assert decision.findings == (lost,)


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ("nghỉ 3 ngày", "休息一下", CheckCode.NUMBERS),
        ("gọi 0912-345-678", "請打電話", CheckCode.PHONES),
        ("xem https://a.tw nhé", "請看網站", CheckCode.LINKS),
        ("phí 3.000 Đài tệ", "費用300元", CheckCode.MONEY),
        ("ngày 3/5", "5月4日", CheckCode.DATES),
        ("bảo hiểm y tế", "健保卡在这里", CheckCode.SIMPLIFIED),
        ("điền mẫu B2-1", "請填B2-2表", CheckCode.NAMES),
        ("Không được trả tiền", "要付錢", CheckCode.NEGATION),
    ],
)
def test_person_is_only_warned_when_there_may_be_a_reason(source: str, target: str, code: CheckCode) -> None:
    found = {finding.code: finding.severity for finding in judge_human(CheckInput(source, target, VI, ZH))}
    assert found[code] is Severity.WARNING


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("", CheckCode.EMPTY),
        (" \u200b\x07", CheckCode.EMPTY),
        ("Tôi muốn đổi việc", CheckCode.COPY),
        ("我想換工作⟦0⟧", CheckCode.PLACEHOLDERS),
    ],
)
def test_person_is_refused_when_it_can_never_be_right(target: str, code: CheckCode) -> None:
    found = {finding.code: finding.severity for finding in judge_human(CheckInput("Tôi muốn đổi việc", target, VI, ZH))}
    assert found[code] is Severity.ERROR


def test_person_is_only_warned_when_most_words_are_shared() -> None:
    pair = CheckInput(
        "Samsung Oppo Vivo Asus Acer Apple dan Nokia", "Samsung Oppo Vivo Asus Acer Apple and Nokia", LanguageTag.ID, EN
    )
    assert {finding.severity for finding in judge_human(pair)} <= {Severity.WARNING}
