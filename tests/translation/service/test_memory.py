"""What people have translated once is used again, where it may be."""

from __future__ import annotations

from sqlalchemy import select

from tests.translation.service.desk import HUMAN, ZH, Desk
from translation.models import (
    Grade,
    MemoryEntry,
    SourceText,
    TranslationState,
)
from translation.results import OriginKind
from translation.service.memory import list_matches


def test_a_persons_text_is_verified_and_remembered(desk: Desk) -> None:
    desk.submit(desk.add())
    again = desk.add()
    view = desk.view(again)
    assert (view.state, view.text, view.grade) == (TranslationState.VERIFIED, HUMAN, Grade.ONE)
    assert view.origin is not None
    assert view.origin.kind is OriginKind.MEMORY
    assert desk.run() == 0


def test_memory_of_segments_helps_another_text(desk: Desk) -> None:
    first = desk.add("Xin chào các bạn. Tôi sống ở Đài Bắc.")
    desk.submit(first, "大家好。我住在台北。")
    second = desk.add("Tôi sống ở Đài Bắc. Tôi có hai con.")
    desk.run()
    text = desk.view(second).text
    assert text is not None
    assert text.startswith("我住在台北。")
    with desk.db.reading() as session:
        source = session.get_one(SourceText, second)
        assert [match.target for match in list_matches(session, source=source, target=ZH)] == ["我住在台北。"]


def test_private_memory_stays_where_it_was_made(desk: Desk) -> None:
    desk.submit(desk.add(scope="thread:1"))
    assert desk.view(desk.add()).state is TranslationState.PENDING
    assert desk.view(desk.add(scope="thread:2")).state is TranslationState.PENDING
    assert desk.view(desk.add(scope="thread:1")).state is TranslationState.VERIFIED


def test_public_memory_serves_private_threads(desk: Desk) -> None:
    desk.submit(desk.add())
    assert desk.view(desk.add(scope="thread:1")).state is TranslationState.VERIFIED


def test_machine_text_never_enters_memory(desk: Desk) -> None:
    desk.add()
    desk.run()
    with desk.db.reading() as session:
        assert session.scalars(select(MemoryEntry)).all() == []


def test_a_corrected_text_replaces_what_was_remembered(desk: Desk) -> None:
    source = desk.add()
    first = desk.submit(source)
    desk.submit(source, "要延長居留證，需要哪些文件？", base=first.id)
    assert desk.view(desk.add()).text == "要延長居留證，需要哪些文件？"
