"""The starter glossary with every word vouched for: people's correct translations pass, and wrong terms are caught.

The translations are those of the demonstration threads, written by people, in all thirty directions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import permutations
from typing import Final

import pytest

from tests.models.corpus import load_demo_sentences
from translation.checks.base import CheckInput
from translation.checks.glossary import GlossaryCheck
from translation.glossary.drafts import ConceptDraft
from translation.glossary.folding import fold_term
from translation.glossary.matching import Matcher, contains_term
from translation.glossary.models import Concept, Term, TermStatus
from translation.glossary.queries import Glossary
from translation.glossary.starter import read_starter
from translation.languages import LANGUAGES, LanguageTag
from translation.results import Severity

#: Of the correct translations, how many an interpreter may be asked about for nothing.
MAX_HELD_SHARE: Final = 0.01
DRAFTS: Final = read_starter()
#: Names that stay as they are have no other name to be confused with.
NAMED: Final = [draft for draft in DRAFTS if not draft.is_do_not_translate]
_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def build_glossary() -> Glossary:
    """The starter set as if an interpreter had confirmed all of it."""
    concepts = [
        Concept(id=number, key=draft.key, category=draft.category, is_do_not_translate=draft.is_do_not_translate)
        for number, draft in enumerate(DRAFTS, 1)
    ]
    rows = [(number, term) for number, draft in enumerate(DRAFTS, 1) for term in draft.terms]
    terms = [
        Term(id=place, concept_id=number, language=term.language, text=term.text, status=term.status, verified_at=_NOW)
        for place, (number, term) in enumerate(rows, 1)
    ]
    return Glossary(concepts, terms)


def is_held(source: str, target: str, languages: tuple[LanguageTag, LanguageTag]) -> bool:
    """Whether the glossary's check would hold the target."""
    written, read = languages
    terms = build_glossary().find_terms(source, source=written, target=read)
    findings = GlossaryCheck().check(CheckInput(source, target, written, read, terms))
    return any(finding.severity is Severity.ERROR for finding in findings)


def list_demo_pairs() -> Iterator[tuple[str, str, tuple[LanguageTag, LanguageTag]]]:
    for sentence in load_demo_sentences():
        for one, other in permutations(LANGUAGES, 2):
            yield sentence.texts[one.value], sentence.texts[other.value], (one, other)


def list_names(draft: ConceptDraft, language: LanguageTag, *statuses: TermStatus) -> list[str]:
    return [term.text for term in draft.terms if term.language is language and term.status in statuses]


def get_preferred(draft: ConceptDraft, language: LanguageTag) -> str:
    return list_names(draft, language, TermStatus.PREFERRED)[0]


def find_other_name(names: Sequence[str], language: LanguageTag, start: int) -> str:
    """The preferred name of the next concept that has none of these names in it."""
    for step in range(1, len(NAMED)):
        other = get_preferred(NAMED[(start + step) % len(NAMED)], language)
        if not any(contains_term(fold_term(other), fold_term(name), language) for name in names):
            return other
    raise AssertionError(names)


def replace_names(text: str, names: Sequence[str], new: str, language: LanguageTag) -> str:
    """The text with another word wherever one of the names stands, also within a longer word that takes it up."""
    while found := Matcher([(name, name) for name in names], language).find_all(text):
        text = text[: found[0].start] + new + text[found[0].end :]
    return text


def test_hardly_any_correct_translation_is_held_when_every_word_is_verified() -> None:
    pairs = list(list_demo_pairs())
    held = [(source, target) for source, target, languages in pairs if is_held(source, target, languages)]
    assert len(pairs) == 960
    assert len(held) / len(pairs) <= MAX_HELD_SHARE, held


def test_glossary_still_knows_a_word_of_many_of_these_sentences() -> None:
    # Otherwise nothing would be held because nothing is looked at.
    glossary = build_glossary()
    known = [
        languages
        for source, _, languages in list_demo_pairs()
        if glossary.find_terms(source, source=languages[0], target=languages[1])
    ]
    assert len(known) >= 960 * 0.4


@pytest.mark.parametrize("language", LANGUAGES)
def test_term_of_a_correct_translation_is_caught_when_it_is_another_concepts(language: LanguageTag) -> None:
    glossary = build_glossary()
    seeded, missed = 0, []
    for place, (source, target, languages) in enumerate(list_demo_pairs()):
        if languages[1] is not language or is_held(source, target, languages):
            continue
        for term in glossary.find_terms(source, source=languages[0], target=language):
            wrong = replace_names(target, term.targets, find_other_name(term.targets, language, place), language)
            if wrong != target:
                seeded += 1
                missed += [] if is_held(source, wrong, languages) else [(source, wrong)]
    assert missed == []
    assert seeded >= 50


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_concept_is_caught_under_the_name_of_another(language: LanguageTag) -> None:
    missed = []
    for place, draft in enumerate(NAMED):
        names = list_names(draft, language, TermStatus.PREFERRED, TermStatus.ADMITTED)
        other = find_other_name(names, language, place)
        missed += [
            (get_preferred(draft, source), other)
            for source in LANGUAGES
            if source is not language and not is_held(get_preferred(draft, source), other, (source, language))
        ]
    assert missed == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_forbidden_variant_is_caught(language: LanguageTag) -> None:
    seeded = [
        (get_preferred(draft, source), variant, (source, language))
        for draft in NAMED
        for variant in list_names(draft, language, TermStatus.FORBIDDEN)
        for source in LANGUAGES
        if source is not language
    ]
    assert seeded
    assert [case for case in seeded if not is_held(*case)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_permitted_name_of_a_concept_passes(language: LanguageTag) -> None:
    assert [
        (get_preferred(draft, source), name)
        for draft in NAMED
        for source in LANGUAGES
        if source is not language
        for name in list_names(draft, language, TermStatus.PREFERRED, TermStatus.ADMITTED)
        if is_held(get_preferred(draft, source), name, (source, language))
    ] == []
