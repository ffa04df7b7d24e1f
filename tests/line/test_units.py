"""Lengths and cuts as LINE counts them."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bots.line.units import count_units, cut_to_clusters, cut_to_units, remove_spans

FAMILY = "👨‍👩‍👧"
KHMER = "ខ្ញុំចង់បន្តបណ្ណស្នាក់នៅរបស់ខ្ញុំ"


@pytest.mark.parametrize(("text", "units"), [("abc", 3), ("繁體", 2), ("👋🏻", 4), ("", 0), ("\ud800", 1)])
def test_units_are_utf16(text: str, units: int) -> None:
    assert count_units(text) == units


def test_cut_leaves_a_text_alone_when_it_fits() -> None:
    assert cut_to_units(KHMER, count_units(KHMER)) == KHMER
    assert cut_to_clusters(KHMER, 100) == KHMER


@given(st.text(alphabet=[*KHMER, "👨", "\u200d", "👩", "a", " ", "ไ", "ท", "ำ"], max_size=60), st.integers(1, 40))
def test_cut_keeps_whole_clusters_and_the_limit(text: str, limit: int) -> None:
    cut = cut_to_units(text, limit)
    assert count_units(cut) <= limit
    if cut != text:
        kept = regex.findall(r"\X", cut.removesuffix("…"))
        assert regex.findall(r"\X", text)[: len(kept)] == kept


def test_cut_to_clusters_counts_what_people_see() -> None:
    assert cut_to_clusters(FAMILY * 5, 3) == FAMILY * 2 + "…"


def test_remove_spans_counts_utf16_units() -> None:
    text = "👋🏻 (love) hello ()"
    assert remove_spans(text, [(5, 6), (18, 2)]) == "👋🏻  hello "


def test_remove_spans_bears_nonsense() -> None:
    assert remove_spans("abc", [(2, 50), (1, 1), (0, 2), (400, 3)]) == ""
    # A span that cuts a pair in half leaves no half behind.
    assert remove_spans("a👋b", [(1, 1)]) == "a\ufffdb"
