"""Changing the glossary on both databases: what is accepted, who vouches for what, and what has to be checked again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.errors import FieldError
from tests.translation.glossary.conftest import INTERPRETER, WORKER, Shelf, make_draft
from translation.glossary.drafts import ConceptDraft, ConceptInvalidError, TermDraft, clean_draft
from translation.glossary.models import TermStatus
from translation.glossary.queries import ConceptNotFoundError
from translation.glossary.service import (
    ConceptChangedError,
    KeyTakenError,
    TermNotFoundError,
    ensure_concepts,
    import_concepts,
    remove_concept,
    update_concept,
    verify_term,
    withdraw_verification,
)
from translation.glossary.starter import ensure_starter, read_starter
from translation.languages import LANGUAGES, LanguageTag

ZH, EN, VI = LanguageTag.ZH_HANT, LanguageTag.EN, LanguageTag.VI


def verified(shelf: Shelf, concept_id: int) -> list[str]:
    return [term.text for term in shelf.concept(concept_id).terms if term.is_verified]


def test_concept_is_stored_with_unverified_names(shelf: Shelf) -> None:
    concept = shelf.concept(shelf.add(WORKER))
    assert [(term.language, term.text, term.status) for term in concept.terms] == [
        (ZH, "移工", TermStatus.PREFERRED),
        (ZH, "移住勞工", TermStatus.ADMITTED),
        (ZH, "外勞", TermStatus.FORBIDDEN),
        (EN, "migrant worker", TermStatus.PREFERRED),
        (VI, "lao động di trú", TermStatus.PREFERRED),
    ]
    assert not any(term.is_verified for term in concept.terms)
    assert shelf.regates() == []


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        (replace(WORKER, key="Migrant Worker"), FieldError("key", "glossary.key")),
        (replace(WORKER, key=""), FieldError("key", "glossary.key")),
        (replace(WORKER, category="No Slug"), FieldError("category", "glossary.category")),
        (replace(WORKER, source_url="javascript:alert(1)"), FieldError("source_url", "glossary.url")),
        (replace(WORKER, source_url="https://"), FieldError("source_url", "glossary.url")),
        (replace(WORKER, source_url="https://[bad"), FieldError("source_url", "glossary.url")),
        (replace(WORKER, source_url="https://a.tw/ b"), FieldError("source_url", "glossary.url")),
        (replace(WORKER, note="x" * 1001), FieldError("note", "text.too_long")),
        (replace(WORKER, note="\ud800"), FieldError("note", "text.surrogate")),
        (replace(WORKER, terms=()), FieldError("terms", "glossary.no_term")),
        (
            make_draft("a", en=" | ".join(f"term {n}" for n in range(121))),
            FieldError("terms", "glossary.too_many_terms"),
        ),
        (make_draft("a", zh_Hans="移工"), FieldError("terms.zh-Hans", "glossary.language")),
        (make_draft("a", vi="!"), FieldError("terms.vi", "text.empty")),
        (make_draft("a", en="x" * 201), FieldError("terms.en", "text.too_long")),
        (make_draft("a", en="\ufdfa" * 20), FieldError("terms.en", "text.too_long")),
        (make_draft("a", zh_Hant="我"), FieldError("terms.zh-Hant", "glossary.term_short")),
        (make_draft("a", en="\u200ba"), FieldError("terms.en", "glossary.term_short")),
        (make_draft("a", en="one\ntwo"), FieldError("terms.en", "glossary.term_mark")),
        (make_draft("a", en="!!no"), FieldError("terms.en", "glossary.term_mark")),
        (make_draft("a", zh_Hant="臺灣 | !台灣"), FieldError("terms.zh-Hant", "glossary.term_twice")),
        (
            ConceptDraft("a", "https://a.tw", (TermDraft(EN, "one"), TermDraft(EN, "two"))),
            FieldError("terms.en", "glossary.preferred_twice"),
        ),
        (
            ConceptDraft("a", "https://a.tw", (TermDraft(EN, "one", source_url="ftp://a"),)),
            FieldError("terms.en", "glossary.url"),
        ),
    ],
)
def test_draft_is_refused_when_a_field_is_wrong(draft: ConceptDraft, error: FieldError) -> None:
    with pytest.raises(ConceptInvalidError) as caught:
        clean_draft(draft)
    assert caught.value.errors == (error,)


def test_names_that_only_look_different_are_kept_once() -> None:
    cleaned = clean_draft(make_draft("a", zh_Hant=" 臺灣 | 台灣 | 台 灣", en="Taiwan  Island"))
    assert [term.text for term in cleaned.terms] == ["臺灣", "Taiwan  Island"]


def test_second_concept_with_a_key_is_refused(shelf: Shelf) -> None:
    shelf.add(WORKER)
    with pytest.raises(KeyTakenError):
        shelf.add(WORKER)
    assert shelf.keys() == ["migrant-worker"]


def test_interpreter_vouches_once_and_texts_are_checked_again(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER)
    shelf.verify(concept_id, ZH)
    first = shelf.concept(concept_id).terms[0]
    assert (first.verified_by_id, first.verified_at) == (INTERPRETER, shelf.clock())
    assert shelf.regates() == [concept_id]
    with shelf.db.transaction() as session:
        verify_term(session, actor_id=8, term_id=first.id, now=shelf.clock())
    assert shelf.concept(concept_id).terms[0].verified_by_id == INTERPRETER


def test_verification_is_withdrawn_and_texts_are_checked_again(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER, verified=True)
    before = shelf.concept(concept_id).updated_at
    with shelf.db.transaction() as session:
        withdraw_verification(session, term_id=shelf.terms(concept_id)[0].id, now=shelf.clock())
    assert "移工" not in verified(shelf, concept_id)
    assert shelf.concept(concept_id).updated_at > before
    assert set(shelf.regates()) == {concept_id}


@pytest.mark.parametrize("function", [withdraw_verification, verify_term])
def test_nobody_vouches_for_what_is_not_there(shelf: Shelf, function: object) -> None:
    arguments = {"actor_id": 1} if function is verify_term else {}
    with shelf.db.transaction() as session, pytest.raises(TermNotFoundError):
        function(session, term_id=99, now=shelf.clock(), **arguments)  # type: ignore[operator]


def test_changed_names_lose_their_interpreter_and_others_keep_theirs(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER, verified=True)
    changed = make_draft("migrant-worker", zh_Hant="移住勞工 | 移工 | !外勞", en="Migrant worker", vi="lao động di trú")
    with shelf.db.transaction() as session:
        update_concept(session, concept_id=concept_id, draft=changed, now=shelf.clock())
    assert verified(shelf, concept_id) == ["外勞", "lao động di trú"]
    assert [term.text for term in shelf.concept(concept_id).terms[:2]] == ["移住勞工", "移工"]
    assert concept_id in shelf.regates()


def test_update_takes_away_and_adds_names(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER)
    changed = make_draft("worker", category="work", zh_Hant="移工", id="pekerja migran")
    with shelf.db.transaction() as session:
        update_concept(session, concept_id=concept_id, draft=changed, now=shelf.clock())
    concept = shelf.concept(concept_id)
    assert (concept.key, concept.category) == ("worker", "work")
    assert [term.text for term in concept.terms] == ["移工", "pekerja migran"]
    assert shelf.regates() == []


def test_nothing_is_checked_again_when_nothing_changed(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER, verified=True)
    before, regates = shelf.concept(concept_id), shelf.regates()
    with shelf.db.transaction() as session:
        update_concept(session, concept_id=concept_id, draft=WORKER, now=shelf.clock())
    assert (shelf.concept(concept_id), shelf.regates()) == (before, regates)


def test_update_is_refused_when_somebody_was_faster_or_the_key_is_taken(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER)
    shelf.add(replace(WORKER, key="other"))
    seen = shelf.concept(concept_id).updated_at
    shelf.verify(concept_id, EN)
    with shelf.db.transaction() as session, pytest.raises(ConceptChangedError):
        update_concept(session, concept_id=concept_id, draft=WORKER, now=shelf.clock(), expected_updated_at=seen)
    with shelf.db.transaction() as session, pytest.raises(KeyTakenError):
        update_concept(session, concept_id=concept_id, draft=replace(WORKER, key="other"), now=shelf.clock())


def test_removed_concept_is_gone_until_somebody_adds_it_again(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER, verified=True)
    with shelf.db.transaction() as session:
        remove_concept(session, concept_id=concept_id, now=shelf.clock())
    with pytest.raises(ConceptNotFoundError):
        shelf.concept(concept_id)
    with shelf.db.transaction() as session, pytest.raises(ConceptNotFoundError):
        remove_concept(session, concept_id=concept_id, now=shelf.clock())
    assert set(shelf.regates()) == {concept_id}
    assert shelf.add(WORKER) == concept_id
    assert verified(shelf, concept_id) == []


def ensure(shelf: Shelf, *drafts: ConceptDraft) -> int:
    with shelf.db.transaction() as session:
        return ensure_concepts(session, drafts=drafts, now=shelf.clock())


def test_starter_set_never_overwrites_what_people_did(shelf: Shelf) -> None:
    drafts = [replace(WORKER, key=key) for key in ("kept", "changed", "verified", "removed", "new")]
    assert ensure(shelf, *drafts[:4]) == 4
    assert ensure(shelf, *drafts[:4]) == 0
    with shelf.db.transaction() as session:
        update_concept(session, concept_id=2, draft=replace(drafts[1], note="ours"), now=shelf.clock())
        remove_concept(session, concept_id=4, now=shelf.clock())
    shelf.verify(3, ZH)
    newer = make_draft("x", zh_Hant="移工", km="ពលករ")
    assert ensure(shelf, *(replace(draft, terms=newer.terms) for draft in drafts)) == 2
    names = [[term.text for term in shelf.concept(number).terms] for number in (1, 2, 3, shelf.find_id("new"))]
    assert names[0] == names[3] == ["移工", "ពលករ"]
    assert names[1] == names[2] == [term.text for term in WORKER.terms]
    with pytest.raises(ConceptNotFoundError):
        shelf.concept(4)
    assert shelf.concept(2).note == "ours"


def test_starter_set_leaves_alone_what_people_added_before_it(shelf: Shelf) -> None:
    with shelf.db.transaction() as session:
        done = import_concepts(session, drafts=[WORKER], updates=False, now=shelf.clock())
    assert (done.added, done.updated, done.untouched) == (1, 0, 0)
    assert ensure(shelf, replace(WORKER, note="starter")) == 0


def test_starter_set_holds_official_terms_in_six_languages(shelf: Shelf) -> None:
    drafts = read_starter()
    assert len(drafts) >= 150
    complete = [draft for draft in drafts if {term.language for term in draft.terms} == set(LANGUAGES)]
    assert len(complete) >= 150
    with shelf.db.transaction() as session:
        assert ensure_starter(session, shelf.clock()) == len(drafts)
        assert ensure_starter(session, shelf.clock()) == 0
    concept = shelf.concept(1)
    assert concept.source_url.startswith("https://")
    assert not any(term.is_verified for term in concept.terms)
    assert shelf.regates() == []


def test_import_changes_what_is_there_only_when_told(shelf: Shelf) -> None:
    shelf.add(WORKER, verified=True)
    newer = replace(WORKER, note="new")
    drafts = [newer, replace(WORKER, key="second")]
    for updates, expected in ((False, (1, 0, 1)), (True, (0, 1, 1)), (True, (0, 0, 2))):
        with shelf.db.transaction() as session:
            done = import_concepts(session, drafts=drafts, updates=updates, now=shelf.clock())
        assert (done.added, done.updated, done.untouched) == expected
    assert len(verified(shelf, 1)) == 5
