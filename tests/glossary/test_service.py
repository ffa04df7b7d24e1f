"""What people do with the glossary, on both databases: who may, what it means for the rows, what is checked again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from app.core.actor import NOBODY, Actor
from app.core.db import Database
from app.core.errors import ForbiddenError, NotAuthenticatedError, QiaoError
from app.forum.errors import UnknownCategoryError
from app.glossary.service import (
    MAX_URL_LENGTH,
    LastTermError,
    Outcome,
    TermForbiddenError,
    add_concept,
    confirm_term,
    make_key,
    propose_term,
    remove_concept,
    remove_term,
    withdraw_confirmation,
)
from tests.conftest import TickingClock
from tests.glossary.conftest import People, find_view, list_texts
from tests.translation.glossary.conftest import WORKER, Shelf, make_draft
from translation.glossary.drafts import ConceptDraft, ConceptInvalidError, TermDraft
from translation.glossary.models import TermStatus
from translation.glossary.queries import ConceptNotFoundError
from translation.glossary.service import ConceptChangedError, KeyTakenError, TermNotFoundError
from translation.languages import LanguageTag

ZH, EN, VI, KM = LanguageTag.ZH_HANT, LanguageTag.EN, LanguageTag.VI, LanguageTag.KM
Do = Callable[..., Outcome]


@pytest.fixture
def do(db: Database, clock: TickingClock) -> Do:
    """One deed in a transaction of its own."""

    def run(deed: Callable[..., Outcome], **values: object) -> Outcome:
        with db.transaction() as session:
            return deed(session, now=clock.advance(seconds=1), **values)

    return run


def test_sole_interpreter_confirms_and_texts_are_checked_again(
    do: Do, shelf: Shelf, people: People, worker: int
) -> None:
    term = find_view(shelf, worker, "lao động di trú")
    assert do(confirm_term, actor=people.sole, term_id=term.id) == Outcome(worker, term.id, is_checked_again=True)
    confirmed = find_view(shelf, worker, "lao động di trú")
    assert (confirmed.verified_by_id, confirmed.is_verified) == (people.sole.account_id, True)
    assert shelf.regates() == [worker]


def test_confirming_again_changes_nothing(do: Do, shelf: Shelf, people: People, worker: int) -> None:
    term = find_view(shelf, worker, "移工")
    do(confirm_term, actor=people.sole, term_id=term.id)
    before = shelf.concept(worker)
    assert not do(confirm_term, actor=people.khmer, term_id=term.id).is_checked_again
    assert shelf.concept(worker) == before


def test_own_proposal_becomes_the_preferred_wording_when_she_confirms_it(
    do: Do, shelf: Shelf, people: People, worker: int
) -> None:
    proposed = do(propose_term, actor=people.sole, concept_id=worker, language=VI, text="người lao động nhập cư")
    assert proposed.is_new
    assert list_texts(shelf, worker, VI) == [
        ("lao động di trú", "preferred", False),
        ("người lao động nhập cư", "admitted", False),
    ]
    assert shelf.regates() == []
    assert proposed.term_id is not None
    do(confirm_term, actor=people.sole, term_id=proposed.term_id, status=TermStatus.PREFERRED)
    assert list_texts(shelf, worker, VI) == [
        ("người lao động nhập cư", "preferred", True),
        ("lao động di trú", "admitted", False),
    ]
    assert shelf.regates() == [worker]


def test_other_languages_keep_their_interpreters_when_a_wording_is_replaced(
    do: Do, shelf: Shelf, people: People, worker: int
) -> None:
    shelf.verify(worker, ZH)
    before = list_texts(shelf, worker, ZH)
    do(
        propose_term,
        actor=people.sole,
        concept_id=worker,
        language=VI,
        text="lao động nước ngoài",
        confirm_as=TermStatus.PREFERRED,
    )
    assert list_texts(shelf, worker, ZH) == before
    assert list_texts(shelf, worker, VI)[0] == ("lao động nước ngoài", "preferred", True)


def test_first_wording_of_a_language_is_the_preferred_one(do: Do, shelf: Shelf, people: People, worker: int) -> None:
    do(propose_term, actor=people.khmer, concept_id=worker, language=KM, text="ពលករចំណាកស្រុក")
    assert list_texts(shelf, worker, KM) == [("ពលករចំណាកស្រុក", "preferred", False)]


def test_variant_is_forbidden_and_allowed_again(do: Do, shelf: Shelf, people: People, worker: int) -> None:
    term = find_view(shelf, worker, "移住勞工")
    do(confirm_term, actor=people.khmer, term_id=term.id, status=TermStatus.FORBIDDEN)
    assert ("移住勞工", "forbidden", True) in list_texts(shelf, worker, ZH)
    with pytest.raises(TermForbiddenError):
        do(propose_term, actor=people.khmer, concept_id=worker, language=ZH, text="移住勞工")
    do(confirm_term, actor=people.khmer, term_id=term.id, status=TermStatus.ADMITTED)
    assert ("移住勞工", "admitted", True) in list_texts(shelf, worker, ZH)


def test_new_variant_is_forbidden_at_once(do: Do, shelf: Shelf, people: People, worker: int) -> None:
    do(
        propose_term,
        actor=people.sole,
        concept_id=worker,
        language=VI,
        text="culi",
        confirm_as=TermStatus.FORBIDDEN,
    )
    assert list_texts(shelf, worker, VI)[-1] == ("culi", "forbidden", True)


def test_name_that_only_looks_different_is_the_one_that_is_there(
    do: Do, shelf: Shelf, people: People, worker: int
) -> None:
    known = find_view(shelf, worker, "lao động di trú")
    outcome = do(propose_term, actor=people.sole, concept_id=worker, language=VI, text=" Lao động  di trú\ufffe")
    assert (outcome.term_id, outcome.is_new) == (known.id, False)
    outcome = do(
        propose_term,
        actor=people.sole,
        concept_id=worker,
        language=VI,
        text="Lao động di trú",
        confirm_as=TermStatus.PREFERRED,
    )
    assert outcome.term_id == known.id
    assert list_texts(shelf, worker, VI) == [("Lao động di trú", "preferred", True)]


def test_same_key_proposes_once(do: Do, shelf: Shelf, people: People, worker: int) -> None:
    first = do(propose_term, actor=people.sole, concept_id=worker, language=VI, text="người lao động", key="k")
    again = do(propose_term, actor=people.sole, concept_id=worker, language=VI, text="một chữ khác", key="k")
    assert (again.term_id, again.is_new) == (first.term_id, False)
    assert "một chữ khác" not in str(list_texts(shelf, worker, VI))


@pytest.mark.parametrize(
    ("text", "language", "field", "code"),
    [
        ("", VI, "text", "text.empty"),
        ("\u200b", VI, "text", "text.empty"),
        ("x", VI, "text", "glossary.term_short"),
        ("x" * 201, VI, "text", "text.too_long"),
        ("a|b", VI, "text", "glossary.term_mark"),
        ("\ud800", VI, "text", "text.surrogate"),
        ("移工", LanguageTag.ZH_HANS, "language", "glossary.language"),
    ],
)
def test_wording_is_refused_with_its_field(
    do: Do, people: People, worker: int, text: str, language: LanguageTag, field: str, code: str
) -> None:
    with pytest.raises(ConceptInvalidError) as caught:
        do(propose_term, actor=people.sole, concept_id=worker, language=language, text=text)
    assert {(error.field, error.code) for error in caught.value.errors} >= {(field, code)}


def test_confirmation_is_withdrawn_and_texts_are_checked_again(
    do: Do, shelf: Shelf, people: People, worker: int
) -> None:
    term = find_view(shelf, worker, "移工")
    do(confirm_term, actor=people.sole, term_id=term.id)
    assert do(withdraw_confirmation, actor=people.khmer, term_id=term.id).is_checked_again
    assert not find_view(shelf, worker, "移工").is_verified
    assert not do(withdraw_confirmation, actor=people.khmer, term_id=term.id).is_checked_again


def test_nobody_vouches_for_what_has_changed_since_she_looked(
    do: Do, shelf: Shelf, people: People, worker: int
) -> None:
    term, seen_at = find_view(shelf, worker, "移工"), shelf.concept(worker).updated_at
    do(confirm_term, actor=people.khmer, term_id=term.id, status=TermStatus.FORBIDDEN, seen_at=seen_at)
    with pytest.raises(ConceptChangedError):
        do(confirm_term, actor=people.sole, term_id=term.id, seen_at=seen_at)
    with pytest.raises(ConceptChangedError):
        do(confirm_term, actor=people.sole, term_id=term.id, seen_at=seen_at + timedelta(days=1))
    do(confirm_term, actor=people.sole, term_id=term.id, seen_at=shelf.concept(worker).updated_at)


def test_term_is_removed_but_never_the_last_one(do: Do, shelf: Shelf, people: People, worker: int) -> None:
    do(remove_term, actor=people.khmer, term_id=find_view(shelf, worker, "移住勞工").id)
    assert "移住勞工" not in str(list_texts(shelf, worker, ZH))
    lonely = shelf.add(make_draft("lonely", vi="một mình"))
    with pytest.raises(LastTermError):
        do(remove_term, actor=people.sole, term_id=find_view(shelf, lonely, "một mình").id)


def test_concept_is_added_with_a_name_for_files_and_unconfirmed_terms(do: Do, shelf: Shelf, people: People) -> None:
    draft = replace(WORKER, key="", category="work")
    outcome = do(add_concept, actor=people.sole, draft=draft, key="k")
    concept = shelf.concept(outcome.concept_id)
    assert (concept.key, concept.category) == ("migrant-worker", "work")
    assert not any(term.is_verified for term in concept.terms)
    assert do(add_concept, actor=people.sole, draft=draft, key="k") == Outcome(outcome.concept_id)
    with pytest.raises(KeyTakenError):
        do(add_concept, actor=people.sole, draft=draft, key=None)


def test_concept_without_an_english_name_gets_the_same_key_each_time() -> None:
    khmer = [TermDraft(KM, "ពលករ")]
    assert make_key(khmer) == make_key([TermDraft(KM, "ពលករ\u200b")])
    assert make_key(khmer) != make_key([TermDraft(KM, "កម្មករ")])
    assert make_key([TermDraft(EN, "???"), *khmer]).startswith("term-")
    assert len(make_key([TermDraft(EN, "x" * 200)])) == 80


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"source_url": "http://www.mol.gov.tw/"}, ConceptInvalidError),
        ({"source_url": "javascript:alert(1)"}, ConceptInvalidError),
        ({"source_url": "https://a.tw/" + "x" * MAX_URL_LENGTH}, ConceptInvalidError),
        ({"source_url": "https:///nothing"}, ConceptInvalidError),
        ({"category": "no-such-topic"}, UnknownCategoryError),
        ({"key": "Not A Key"}, ConceptInvalidError),
        ({"key": "", "terms": ()}, ConceptInvalidError),
    ],
)
def test_concept_is_refused_when_something_is_wrong(
    do: Do, shelf: Shelf, people: People, changes: dict[str, object], error: type[QiaoError]
) -> None:
    draft: ConceptDraft = replace(WORKER, **changes)  # type: ignore[arg-type]
    with pytest.raises(error):
        do(add_concept, actor=people.admin, draft=draft, key=None)
    assert shelf.keys() == []


def test_moderator_removes_a_concept_and_texts_are_checked_again(
    do: Do, shelf: Shelf, people: People, worker: int
) -> None:
    shelf.verify(worker)
    assert do(remove_concept, actor=people.moderator, concept_id=worker).is_checked_again
    with pytest.raises(ConceptNotFoundError):
        shelf.concept(worker)
    with pytest.raises(ConceptNotFoundError):
        do(remove_concept, actor=people.moderator, concept_id=worker)


def test_moderator_proposes_in_any_language_but_does_not_vouch(
    do: Do, shelf: Shelf, people: People, worker: int
) -> None:
    do(propose_term, actor=people.moderator, concept_id=worker, language=VI, text="người lao động")
    with pytest.raises(ForbiddenError):
        do(
            propose_term,
            actor=people.moderator,
            concept_id=worker,
            language=VI,
            text="một từ",
            confirm_as=TermStatus.ADMITTED,
        )


def _deeds(concept_id: int, term_id: int) -> list[tuple[Callable[..., Outcome], dict[str, object]]]:
    return [
        (add_concept, {"draft": WORKER, "key": None}),
        (remove_concept, {"concept_id": concept_id}),
        (propose_term, {"concept_id": concept_id, "language": VI, "text": "từ khác"}),
        (confirm_term, {"term_id": term_id}),
        (withdraw_confirmation, {"term_id": term_id}),
        (remove_term, {"term_id": term_id}),
    ]


@pytest.mark.parametrize("number", range(6))
def test_every_deed_is_refused_to_those_who_may_not(
    do: Do, shelf: Shelf, people: People, worker: int, number: int
) -> None:
    shelf.verify(worker)
    deed, values = _deeds(worker, find_view(shelf, worker, "lao động di trú").id)[number]
    before = shelf.concept(worker)
    with pytest.raises(ForbiddenError):
        do(deed, actor=people.citizen, **values)
    with pytest.raises(NotAuthenticatedError):
        do(deed, actor=NOBODY, **values)
    if deed is not add_concept:
        with pytest.raises(ForbiddenError):
            do(deed, actor=people.khmer, **values)
    assert shelf.concept(worker) == before
    assert shelf.keys() == ["migrant-worker"]


@pytest.mark.parametrize("deed", [confirm_term, withdraw_confirmation, remove_term])
def test_term_that_is_gone_is_not_found(do: Do, people: People, deed: Callable[..., Outcome]) -> None:
    with pytest.raises(TermNotFoundError):
        do(deed, actor=people.sole, term_id=999)


@pytest.mark.parametrize("round_number", range(3))
def test_nobody_vouches_for_what_somebody_else_made_of_it_meanwhile(
    db: Database, shelf: Shelf, people: People, worker: int, clock: TickingClock, round_number: int
) -> None:
    """One forbids a name while another confirms it as it stands: whoever is later has seen the other's word, or is told
    to look again."""
    term_id = find_view(shelf, worker, "移工").id
    start = Barrier(2)

    def confirm(actor: Actor, status: TermStatus | None) -> bool:
        start.wait()
        try:
            with db.transaction() as session:
                confirm_term(session, actor=actor, term_id=term_id, status=status, now=clock())
        except ConceptChangedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        forbidding = pool.submit(confirm, people.khmer, TermStatus.FORBIDDEN)
        confirming = pool.submit(confirm, people.sole, None)
    term = find_view(shelf, worker, "移工")
    assert forbidding.result() or confirming.result()
    voucher = people.khmer if term.status is TermStatus.FORBIDDEN else people.sole
    assert term.verified_by_id == voucher.account_id
