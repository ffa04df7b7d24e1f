"""What ``make bench`` can measure is told without measuring it."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import NAMES, main


def test_every_benchmark_says_what_it_measures_when_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(NAMES)
    assert all(len(line.split()) > 3 for line in lines)


def test_unknown_benchmark_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["nothing"])
