from __future__ import annotations

import pytest

from tests.web.pages.lang_walk import Fault, find_faults


def test_walk_finds_nothing_when_every_script_is_labelled() -> None:
    page = '<html lang="vi"><p>Xin chào <span lang="zh-Hant">臺灣</span></p><p lang="km">សួស្តី<br><b>ខ្មែរ</b></p></html>'
    assert find_faults(page) == []


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('<html lang="vi"><p>Tôi ở 臺中</p></html>', Fault("zh", "Tôi ở 臺中", "vi")),
        ('<html lang="en"><p><span lang="km">ខ្មែរ</span> ខ្មែរ</p></html>', Fault("km", "ខ្មែរ", "en")),
        ('<html lang="zh-Hant"><p>ไทย</p></html>', Fault("th", "ไทย", "zh-Hant")),
        ("<html><p>中文</p></html>", Fault("zh", "中文", "")),
        ('<html lang="en"><img alt="橋"></html>', Fault("zh", "橋", "en")),
        ('<html lang="en"><meta content="橋"></html>', Fault("zh", "橋", "en")),
        ('<html lang="en"><p id="a"></p><p id="a"></p></html>', Fault("id twice", "a")),
        ('<html lang="en"><p><b>x</p></html>', Fault("not nested", "p", "b")),
        ('<html lang="en"><div>', Fault("not closed", "div")),
    ],
)
def test_walk_finds_the_fault_when_one_is_planted(page: str, fault: Fault) -> None:
    assert fault in find_faults(page)
