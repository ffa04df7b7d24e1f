from __future__ import annotations

import pytest

from translation.engines.opencc import OpenccEngine
from translation.languages import LanguageTag

TO_TRADITIONAL = (LanguageTag.ZH_HANS, LanguageTag.ZH_HANT)
TO_SIMPLIFIED = (LanguageTag.ZH_HANT, LanguageTag.ZH_HANS)


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [("请带护照和居留证。", "請帶護照和居留證。"), ("头发干燥", "頭髮乾燥"), ("3000元，2026年", "3000元，2026年")],
)
def test_script_changes_both_ways_when_words_are_shared(simplified: str, traditional: str) -> None:
    engine = OpenccEngine()

    assert engine.translate([simplified], pair=TO_TRADITIONAL)[0].text == traditional
    assert engine.translate([traditional], pair=TO_SIMPLIFIED)[0].text == simplified


def test_words_of_taiwan_are_used_when_made_traditional() -> None:
    outputs = OpenccEngine().translate(["软件", "出租车"], pair=TO_TRADITIONAL)

    assert [output.text for output in outputs] == ["軟體", "計程車"]


def test_long_run_is_converted_when_it_has_no_break() -> None:
    assert OpenccEngine().translate(["车" * 5000], pair=TO_TRADITIONAL)[0].text == "車" * 5000
