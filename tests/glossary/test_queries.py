"""Pages of the glossary: in order, complete, and found in whatever script."""

from __future__ import annotations

import pytest

from app.glossary.queries import list_page, list_used_categories, to_searched
from tests.translation.glossary.conftest import WORKER, Shelf, make_draft
from translation.glossary.service import remove_concept
from translation.languages import LanguageTag

RESIDENCE = make_draft("arc", category="residence", zh_Hant="居留證", en="residence card", km="ប័ណ្ណស្នាក់នៅ")


@pytest.mark.parametrize(("count", "limit"), [(5, 2), (4, 2), (2, 2), (1, 2), (0, 2), (3, 100)])
def test_pages_hold_every_concept_once_and_end(shelf: Shelf, count: int, limit: int) -> None:
    ids = [shelf.add(make_draft(f"c-{number}", en=f"concept {number}")) for number in range(count)]
    seen: list[int] = []
    after: int | None = None
    for _ in range(count // limit + 1):
        with shelf.db.reading() as session:
            page = list_page(session, after=after, limit=limit)
        assert len(page.items) <= limit
        seen += [view.id for view in page.items]
        after = page.next_after
        if after is None:
            break
    assert (seen, after) == (ids, None)


@pytest.mark.parametrize("query", ["居留", "居留证", "RESIDENCE", "ស្នាក់នៅ", "居 留"])
def test_concept_is_found_in_any_language_and_either_chinese(shelf: Shelf, query: str) -> None:
    shelf.add(WORKER)
    wanted = shelf.add(RESIDENCE)
    with shelf.db.reading() as session:
        assert [view.id for view in list_page(session, query=query).items] == [wanted]


def test_filters_are_those_of_the_glossary(shelf: Shelf) -> None:
    worker, residence = shelf.add(WORKER), shelf.add(RESIDENCE, verified=True)
    with shelf.db.reading() as session:
        assert [view.id for view in list_page(session, is_verified=True).items] == [residence]
        assert [view.id for view in list_page(session, is_verified=False).items] == [worker]
        assert [view.id for view in list_page(session, category="residence").items] == [residence]
        assert [view.id for view in list_page(session, language=LanguageTag.VI).items] == [worker]
        assert len(list_page(session, language=LanguageTag.ZH_HANS).items) == 2
        assert list_page(session, query="%").items == ()


def test_simplified_words_are_looked_for_in_traditional_ones() -> None:
    assert to_searched("居留证") == "居留證"
    assert to_searched("居留證") == "居留證"
    assert to_searched("thẻ") == "thẻ"


def test_topics_are_those_that_some_concept_is_about(shelf: Shelf) -> None:
    concept_id = shelf.add(RESIDENCE)
    shelf.add(WORKER)
    with shelf.db.reading() as session:
        assert list_used_categories(session) == ["residence"]
    with shelf.db.transaction() as session:
        remove_concept(session, concept_id=concept_id, now=shelf.clock())
    with shelf.db.reading() as session:
        assert list_used_categories(session) == []
