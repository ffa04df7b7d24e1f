"""The labelled set of the gate: it is sound, and the gate tells its good pairs from the wrong ones."""

from __future__ import annotations

import pytest

from benchmarks.gate import CLASSES, DATA, Text, judge, list_cases, make_input, read_answers, read_texts
from benchmarks.gate_errors import Case
from tests.models.corpus import TAGS, read_table
from translation.checks.base import CheckInput
from translation.languages import LanguageTag
from translation.protect import strip_protected

TEXTS = [*read_texts("development"), *read_texts("held-out")]
SENTENCES = [text for text in TEXTS if text.origin == "sentences"]


def test_every_row_has_every_language_when_it_is_in_the_set() -> None:
    rows = read_table(DATA / "sentences.tsv")
    assert len(rows) >= 150
    assert all(row[tag].strip() == row[tag] != "" for row in rows for tag in TAGS)
    assert len({row["zh-Hant"] for row in rows}) == len(rows)
    assert {meaning for meaning, _ in read_answers()} == {"yes", "no"}


def test_halves_share_no_row() -> None:
    halves = [{text.texts["zh-Hant"] for text in read_texts(half)} for half in ("development", "held-out")]
    assert not halves[0] & halves[1]
    assert min(map(len, halves)) > 100


def test_good_pairs_are_published_when_people_wrote_them() -> None:
    cases = [case for _, case in list_cases(SENTENCES)]
    held = [(case.source, case.target) for case in cases if judge(case, case.target)[0]]
    assert len(cases) == len(SENTENCES) * 30
    assert len(held) <= len(cases) * 0.03, held[:20]


@pytest.mark.parametrize(("name", "kinds", "is_visible", "mutate"), CLASSES, ids=[each[0] for each in CLASSES])
def test_seeded_errors_are_caught_when_a_rule_can_see_them(
    name: str, kinds: frozenset[str], is_visible: bool, mutate: object
) -> None:
    assert callable(mutate)
    rows = [text for text in SENTENCES if not kinds or kinds & text.kinds][:12]
    seeded = [(case, wrong) for _, case in list_cases(rows) for wrong in mutate(case) if wrong != case.target]
    seeded = seeded or [(case, wrong) for _, case in list_cases(SENTENCES) for wrong in mutate(case)]
    caught = sum(judge(case, wrong)[0] for case, wrong in seeded)
    assert seeded, name
    assert caught >= len(seeded) * (0.7 if is_visible else 0), name


def test_errors_are_the_same_when_seeded_again() -> None:
    cases = [case for _, case in list_cases(SENTENCES[:3])]
    for _, _, _, mutate in CLASSES:
        assert [list(mutate(case)) for case in cases] == [list(mutate(case)) for case in cases]


@pytest.mark.parametrize("text", TEXTS[::9], ids=lambda text: text.texts["en"][:20])
def test_free_text_is_what_protection_leaves_when_it_is_taken_the_short_way(text: Text) -> None:
    for tag in TAGS:
        pair = make_input(Case(frozenset(), tag, tag, text.texts), text.texts[tag])
        assert pair.free_source == strip_protected(text.texts[tag])


@pytest.mark.parametrize(
    "text",
    [
        *("`a`", "⟦0⟧", "@you", "＠you", "(moon)", "(love)", "+1 2 3 4", "０２－２３４５－６７８９", "(02)23456789"),
        *("๐๘๑-๒๓๔-๕๖๗๘", "0 9 1 2 3 4 5 6 7 8", "A1234567", "12-34-56-78", "😀", "🇹🇼", "1⃣", "©"),
        *("a.tw", "a．tw", "ｗｗｗ．ａ．ｔｗ", "http://x"),
    ],
)
def test_free_text_is_without_protected_items_when_there_is_only_one(text: str) -> None:
    assert CheckInput(text, "x", LanguageTag.EN, LanguageTag.ZH_HANT).free_source == strip_protected(text)
