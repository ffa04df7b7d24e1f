"""What buttons say, also very old ones."""

from __future__ import annotations

import pytest

from bots.line.postbacks import Postback, Tap, find_postback, make_postback


def test_postback_is_read_as_it_was_made() -> None:
    data = make_postback(Tap.WRONG, 12, 34)
    assert data == "1:wrong:12:34"
    postback = find_postback(data)
    assert postback == Postback(Tap.WRONG, ("12", "34"))
    assert postback is not None
    assert postback.list_ids(2) == (12, 34)


@pytest.mark.parametrize("data", ["", "1", "1:", "2:wrong:1:2", "1:delete:1", "wrong:1:2", "1:WRONG:1:2"])
def test_postback_is_none_when_nobody_sent_it(data: str) -> None:
    assert find_postback(data) is None


@pytest.mark.parametrize("arguments", ["", "1", "1:2:3", "1:x", "1:-2", "1:0", "1:²", "1:" + "9" * 19, "1:9" * 30])
def test_ids_are_none_when_they_are_no_ids(arguments: str) -> None:
    postback = find_postback(f"1:wrong:{arguments}")
    assert postback is not None
    assert postback.list_ids(2) is None
