"""Reading the glossary on both databases: terms in texts, a gist for readers, pages, and how soon changes are seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.core.db import Database
from tests.conftest import CountQueries, TickingClock
from tests.translation.glossary.conftest import WORKER, Shelf, make_draft
from translation.glossary.queries import (
    MAX_GIST,
    REFRESH_SECONDS,
    GistTerm,
    GlossaryCache,
    find_terms,
    list_concepts,
    list_gist,
)
from translation.glossary.service import add_concept, remove_concept, verify_term, withdraw_verification
from translation.languages import LanguageTag
from translation.results import GlossaryTerm

ZH, HANS, EN, VI, ID, TH, KM = (
    LanguageTag.ZH_HANT,
    LanguageTag.ZH_HANS,
    LanguageTag.EN,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
)


def test_term_is_found_with_all_that_is_known_of_it(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER)
    assert shelf.find("Lao động di trú này, lao động di trú kia", VI, ZH) == (
        GlossaryTerm("Lao động di trú", ("移工", "移住勞工"), ("外勞",), concept_id=concept_id),
        GlossaryTerm("lao động di trú", ("移工", "移住勞工"), ("外勞",), concept_id=concept_id),
    )
    assert [term.targets for term in shelf.find("這些外勞", ZH, EN)] == [("migrant worker",)]


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [("lao động", VI, ZH), ("移工", ZH, KM), ("移工", ZH, ZH), ("移工", LanguageTag.UND, EN), ("", ZH, EN)],
)
def test_nothing_is_found_when_nothing_is_known(
    shelf: Shelf, text: str, source: LanguageTag, target: LanguageTag
) -> None:
    shelf.add(WORKER)
    assert shelf.find(text, source, target) == ()


def test_term_is_verified_when_people_vouch_for_both_sides(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER)
    shelf.verify(concept_id, ZH)
    assert [term.is_verified for term in shelf.find("migrant worker", EN, VI)] == [False]
    shelf.verify(concept_id, VI)
    assert [term.is_verified for term in shelf.find("migrant worker", EN, VI)] == [False]
    shelf.verify(concept_id, EN)
    assert [term.is_verified for term in shelf.find("migrant worker", EN, VI)] == [True]


def test_unverified_forbidden_variant_does_not_become_verified_beside_the_others(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER, verified=True)
    with shelf.db.transaction() as session:
        withdraw_verification(session, term_id=shelf.terms(concept_id)[2].id, now=shelf.clock())
    assert shelf.find("migrant worker", EN, ZH) == (
        GlossaryTerm("migrant worker", ("移工", "移住勞工"), (), is_verified=True, concept_id=concept_id),
        GlossaryTerm("migrant worker", (), ("外勞",), is_verified=False, concept_id=concept_id),
    )


def test_name_that_is_not_translated_stands_for_itself(shelf: Shelf) -> None:
    concept_id = shelf.add(make_draft("line", keeps=True, en="LINE", th="LINE"))
    assert shelf.find("add me on LINE", EN, KM) == (
        GlossaryTerm("LINE", ("LINE",), is_do_not_translate=True, concept_id=concept_id),
    )


def test_category_narrows_to_its_terms_and_those_of_every_topic(shelf: Shelf) -> None:
    shelf.add(make_draft("legal-case", category="family-law", en="case", zh_Hant="案件"))
    shelf.add(make_draft("medical-case", category="health", en="case", zh_Hant="病例"))
    shelf.add(make_draft("doctor", en="doctor", zh_Hant="醫師"))
    text = "a case for the doctor"
    assert [term.targets[0] for term in shelf.find(text, EN, ZH, "health")] == ["病例", "醫師"]
    assert [term.targets[0] for term in shelf.find(text, EN, ZH)] == ["案件", "病例", "醫師"]


def test_simplified_chinese_is_read_and_shown_from_traditional(shelf: Shelf) -> None:
    shelf.add(make_draft("insurance", zh_Hant="全民健康保險 | !勞健保", vi="bảo hiểm y tế toàn dân"))
    assert [term.targets[0] for term in shelf.find("我的全民健康保险", HANS, VI)] == ["bảo hiểm y tế toàn dân"]
    with shelf.db.reading() as session:
        gist = list_gist(session, text="Bảo hiểm y tế toàn dân là gì?", source=VI, target=HANS)
    assert gist == (GistTerm("Bảo hiểm y tế toàn dân", "全民健康保险", is_verified=False),)


def test_gist_says_each_term_once_and_who_nobody_vouches_for(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER)
    shelf.add(make_draft("employer", zh_Hant="雇主", en="employer"), verified=True)
    shelf.add(make_draft("line", keeps=True, zh_Hant="LINE", en="LINE"))
    with shelf.db.reading() as session:
        gist = list_gist(session, text="移工和雇主，移工和LINE", source=ZH, target=EN)
        assert list_gist(session, text="移工", source=ZH, target=TH) == ()
    assert gist == (
        GistTerm("移工", "migrant worker", is_verified=False),
        GistTerm("雇主", "employer", is_verified=True),
    )
    assert concept_id == 1


def test_gist_is_short_when_a_text_is_full_of_terms(shelf: Shelf) -> None:
    for number in range(MAX_GIST + 5):
        shelf.add(make_draft(f"c{number}", en=f"word{number}", id=f"kata{number}"))
    with shelf.db.reading() as session:
        text = " ".join(f"word{number}" for number in range(MAX_GIST + 5))
        assert len(list_gist(session, text=text, source=EN, target=ID)) == MAX_GIST


def test_pages_follow_each_other_and_end(shelf: Shelf) -> None:
    for number in range(5):
        shelf.add(make_draft(f"c{number}", en=f"word {number}"))
    with shelf.db.transaction() as session:
        remove_concept(session, concept_id=2, now=shelf.clock())
    seen: list[str] = []
    after = 0
    with shelf.db.reading() as session:
        while page := list_concepts(session, after_id=after, limit=2):
            assert len(page) <= 2
            seen += [concept.key for concept in page]
            after = page[-1].id
    assert seen == ["c0", "c2", "c3", "c4"]


def test_list_is_filtered_by_language_category_verification_and_part_of_a_name(shelf: Shelf) -> None:
    shelf.add(WORKER)
    shelf.add(make_draft("permit", category="work", zh_Hant="工作許可", vi="Giấy phép lao động 100%"), verified=True)

    def keys(**filters: object) -> list[str]:
        with shelf.db.reading() as session:
            return [concept.key for concept in list_concepts(session, **filters)]  # type: ignore[arg-type]

    assert keys() == ["migrant-worker", "permit"]
    assert keys(language=EN) == ["migrant-worker"]
    assert keys(category="work") == ["permit"]
    assert keys(is_verified=True) == ["permit"]
    assert keys(is_verified=False, language=VI) == ["migrant-worker"]
    assert keys(query="LAO  ĐỘNG") == ["migrant-worker", "permit"]
    assert keys(query="lao động", language=ZH) == []
    assert keys(query="0%") == ["permit"]
    assert keys(query="%") == ["permit"]
    assert keys(query="_") == []
    assert keys(query=" ") == ["migrant-worker", "permit"]


def test_glossary_is_read_once_and_its_version_every_few_seconds(shelf: Shelf, count_queries: CountQueries) -> None:
    shelf.add(WORKER)
    seconds = [0.0]
    cache = GlossaryCache(clock=lambda: seconds[0])
    for at, expected in ((0.0, 3), (REFRESH_SECONDS / 2, 0), (REFRESH_SECONDS, 1)):
        seconds[0] = at
        with shelf.db.reading() as session:
            session.connection()
            with count_queries(shelf.db) as queries:
                cache.get_glossary(session)
        assert queries.count == expected


def test_process_sees_the_change_of_another_within_seconds(
    shelf: Shelf, make_database: Callable[..., Database], clock: TickingClock
) -> None:
    other = make_database()
    concept_id = shelf.add(WORKER)
    seconds = [0.0]
    cache = GlossaryCache(clock=lambda: seconds[0])

    def find(database: Database) -> list[bool]:
        with database.reading() as session:
            terms = cache.get_glossary(session).find_terms("migrant worker", source=EN, target=VI)
        return [term.is_verified for term in terms]

    assert find(other) == [False]
    for language, expected in ((EN, [False]), (VI, [True])):
        # All at the same moment: the version moves on nevertheless.
        shelf.verify(concept_id, language)
        seconds[0] += REFRESH_SECONDS
        assert find(other) == expected
    with shelf.db.transaction() as session:
        remove_concept(session, concept_id=concept_id, now=clock())
    assert find(other) == [True]
    seconds[0] += REFRESH_SECONDS
    assert find(other) == []


def test_own_change_is_seen_at_once_and_gone_when_it_is_rolled_back(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER)
    assert [term.is_verified for term in shelf.find("migrant worker", EN, VI)] == [False]
    shelf.verify(concept_id)
    assert [term.is_verified for term in shelf.find("migrant worker", EN, VI)] == [True]
    with pytest.raises(RuntimeError), shelf.db.transaction() as session:
        add_concept(session, actor_id=1, draft=make_draft("gone", en="goner", vi="đã đi"), now=shelf.clock())
        assert find_terms(session, texts=["goner"], source=EN, target=VI) != [()]
        raise RuntimeError
    assert shelf.find("goner", EN, VI) == ()


def test_two_verifications_at_once_are_both_seen(shelf: Shelf) -> None:
    concept_id = shelf.add(WORKER)
    with shelf.db.transaction() as session:
        for term in shelf.terms(concept_id):
            verify_term(session, actor_id=1, term_id=term.id, now=shelf.clock())
    assert shelf.find("移工", ZH, EN)[0].is_verified
