"""Fuzzy look-ups on both databases: what an interpreter is offered, from where, and what she is never shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, select

from app.core.db import Database
from app.core.outbox import Subscribers
from tests.conftest import CountQueries, TickingClock
from tests.translation.service.desk import TEXT, VI, ZH, Desk
from translation.languages import LanguageTag
from translation.memory import fuzzy
from translation.memory.exchange import Pair
from translation.memory.imports import add_pairs, begin_import, finish_import, hide_import, reindex_some, remove_some
from translation.memory.similarity import Difference
from translation.mentions import MentionKind
from translation.models import PUBLIC_SCOPE, Candidate, Grade, MemoryBand, MemoryEntry, SourceText, TranslationState
from translation.results import OriginKind
from translation.service.memory import MOST_MATCHES, MemoryMatch, list_matches
from translation.service.sources import withdraw_sources

LIKE = "Tôi cần những giấy tờ gì để gia hạn thẻ cư trú vậy?"
SECRET = "Chủ nhà máy của tôi giữ hộ chiếu và không trả 3 tháng lương."


@pytest.fixture
def desk(make_database: Callable[..., Database], clock: TickingClock) -> Desk:
    return Desk(make_database(Subscribers()), clock, [])


def look(desk: Desk, source_id: int, target: LanguageTag = ZH) -> list[MemoryMatch]:
    with desk.db.reading() as session:
        return list_matches(session, source=session.get_one(SourceText, source_id), target=target)


def count_bands(desk: Desk) -> int:
    with desk.db.reading() as session:
        return session.scalar(select(func.count()).select_from(MemoryBand)) or 0


def bring_in(desk: Desk, *pairs: tuple[str, str], name: str = "agency.tmx", is_complete: bool = True) -> int:
    with desk.db.transaction() as session:
        import_id = begin_import(session, name=name, digest=name, now=desk.clock())
        given = [Pair(VI, ZH, source, target) for source, target in pairs]
        add_pairs(session, import_id=import_id, pairs=given, now=desk.clock())
        if is_complete:
            finish_import(session, import_id=import_id, entries=len(pairs))
    return import_id


def test_a_similar_text_is_offered_with_where_it_comes_from(desk: Desk) -> None:
    desk.submit(desk.add())
    (match,) = look(desk, desk.add(LIKE))
    assert (match.source, match.target) == (TEXT, "延長居留證需要哪些文件？")
    assert 85 <= match.match < 100
    assert (match.part, match.is_whole, match.differences) == (LIKE, True, ())
    assert (match.grade, match.created_at) == (Grade.ONE, desk.clock())
    assert (match.import_name, match.is_private) == (None, False)


def test_text_typed_without_tone_marks_is_similar(desk: Desk) -> None:
    desk.submit(desk.add())
    source = desk.add("Toi can giay to gi de gia han the cu tru?", declared=VI)
    assert [match.source for match in look(desk, source)] == [TEXT]


@pytest.mark.parametrize(
    ("remembered", "asked", "target"),
    [
        ("延長居留證需要哪些文件？", "延長居留證要哪些文件", VI),
        ("ฉันจะต่ออายุใบอนุญาตทำงานได้อย่างไร", "ฉันจะต่ออายุใบอนุญาตทำงานได้ที่ไหน", ZH),
        ("តើខ្ញុំបន្តប័ណ្ណស្នាក់នៅដោយរបៀបណា?", "តើខ្ញុំ\u200bបន្ត\u200bប័ណ្ណស្នាក់នៅ\u200bនៅឯណា?", ZH),
    ],
)
def test_languages_without_spaces_are_found_too(desk: Desk, remembered: str, asked: str, target: LanguageTag) -> None:
    desk.submit(desk.add(remembered, target), "翻譯" if target is ZH else "bản dịch", target=target)
    (match,) = look(desk, desk.add(asked, target), target)
    assert match.source == remembered
    assert 60 <= match.match < 100


def test_a_fuzzy_match_is_never_used_as_a_translation(desk: Desk) -> None:
    desk.submit(desk.add())
    similar = desk.add(LIKE)
    assert desk.view(similar).state is TranslationState.PENDING
    desk.run()
    assert look(desk, similar)
    assert OriginKind.MEMORY not in {candidate.origin for candidate in desk.candidates(similar)}
    assert desk.view(similar).state is not TranslationState.VERIFIED


def test_other_numbers_are_told(desk: Desk) -> None:
    desk.submit(desk.add("Phí môi giới là 3.000 Đài tệ mỗi tháng."), "仲介費每個月3,000元。")
    (match,) = look(desk, desk.add("Phí môi giới là 2.500 Đài tệ mỗi tháng."))
    assert match.match == 96
    assert match.differences == (Difference(MentionKind.MONEY, "2.500 Đài tệ", "3.000 Đài tệ"),)


def test_a_segment_finds_similar_segments(desk: Desk) -> None:
    desk.submit(desk.add(f"Xin chào các bạn.\n{TEXT}"), "大家好。\n延長居留證需要哪些文件？")
    asked = desk.add(f"Con tôi đã mười hai tuổi rồi và rất thích đi học.\n{LIKE}")
    match = look(desk, asked)[0]
    assert (match.source, match.part, match.is_whole) == (TEXT, LIKE, False)


def test_no_text_of_a_private_thread_is_found_elsewhere(desk: Desk) -> None:
    desk.submit(desk.add(SECRET, scope="thread:1"), "老闆扣我的護照，三個月沒付薪水。")
    almost = SECRET.replace("3 tháng", "4 tháng")
    for scope in (PUBLIC_SCOPE, "thread:2", "thread:11", "thread"):
        for text in (SECRET, almost):
            assert look(desk, desk.add(text, scope=scope)) == [], (scope, text)
    own = [look(desk, desk.add(text, scope="thread:1")) for text in (SECRET, almost)]
    assert [[(match.source, match.is_private) for match in matches] for matches in own] == [[(SECRET, True)]] * 2


def test_bands_that_point_into_another_scope_still_show_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if a band of another scope came out the same, the entry's own scope and pair are asked for."""
    desk.submit(desk.add(SECRET, scope="thread:1"), "老闆扣我的護照，三個月沒付薪水。")
    with desk.db.reading() as session:
        bands = list(session.scalars(select(MemoryBand.band)))[:20]
    monkeypatch.setattr(fuzzy, "sign_query", lambda *_args, **_more: bands)
    almost = SECRET.replace("3 tháng", "4 tháng")
    assert look(desk, desk.add(almost)) == []
    assert look(desk, desk.add(almost, scope="thread:2")) == []
    assert [match.source for match in look(desk, desk.add(almost, scope="thread:1"))] == [SECRET]


def test_public_memory_helps_private_threads(desk: Desk) -> None:
    desk.submit(desk.add())
    (match,) = look(desk, desk.add(LIKE, scope="thread:5"))
    assert not match.is_private


def test_memory_of_another_language_pair_is_not_offered(desk: Desk) -> None:
    desk.submit(desk.add(TEXT, LanguageTag.EN), "What papers do I need?", target=LanguageTag.EN)
    assert look(desk, desk.add(LIKE)) == []
    assert look(desk, desk.add(LIKE, LanguageTag.EN), LanguageTag.EN) != []


def test_bands_go_when_verification_is_withdrawn(desk: Desk) -> None:
    source = desk.add()
    desk.submit(source)
    assert count_bands(desk) > 0
    with desk.db.transaction() as session:
        withdraw_sources(session, source_text_ids=[source], now=desk.clock())
    assert count_bands(desk) == 0
    assert look(desk, desk.add(LIKE)) == []


def test_a_corrected_text_is_offered_in_its_new_form_only(desk: Desk) -> None:
    source = desk.add()
    first = desk.submit(source)
    before = count_bands(desk)
    desk.submit(source, "要延長居留證，需要哪些文件？", base=first.id)
    assert count_bands(desk) == before
    assert [match.target for match in look(desk, desk.add(LIKE))] == ["要延長居留證，需要哪些文件？"]


def test_the_best_come_first_and_not_too_many(desk: Desk) -> None:
    for ending in ("vậy", "nhỉ", "hả", "thế", "ạ", "nào", "đây"):
        desk.submit(desk.add(f"{TEXT[:-1]} {ending}?"))
    desk.submit(desk.add(TEXT.replace("thẻ cư trú", "hộ chiếu")))
    matches = look(desk, desk.add(f"{TEXT[:-1]} vậy ạ?"))
    assert [match.match for match in matches] == sorted((match.match for match in matches), reverse=True)
    assert matches[0].source == f"{TEXT[:-1]} vậy?"
    assert 1 < len(matches) <= MOST_MATCHES


def test_of_equal_matches_two_people_go_before_one_and_newer_before_older(desk: Desk) -> None:
    for number, by_two in enumerate((True, False, False)):
        desk.clock.advance(hours=1)
        source = desk.add("Thẻ cư trú", scope=f"thread:{number}")
        candidate = desk.submit(source, f"居留證{'一二三'[number]}")
        if by_two:
            desk.submit(source, candidate.text, by=8, base=candidate.id)
    with desk.db.transaction() as session:
        for row in session.scalars(select(MemoryEntry)):
            row.scope = PUBLIC_SCOPE
    matches = look(desk, desk.add("Thẻ cư trú"))
    assert [(match.target, match.grade) for match in matches] == [
        ("居留證一", Grade.TWO),
        ("居留證三", Grade.ONE),
        ("居留證二", Grade.ONE),
    ]


def test_imported_pairs_are_offered_but_verify_nothing(desk: Desk) -> None:
    bring_in(desk, (TEXT, "辦居留證延期要什麼文件？"))
    asked = desk.add()
    assert desk.view(asked).state is TranslationState.PENDING
    desk.run()
    assert desk.view(asked).state is TranslationState.MACHINE
    (match,) = look(desk, asked)
    assert (match.match, match.import_name, match.grade) == (100, "agency.tmx", Grade.ONE)
    assert [match.match < 100 for match in look(desk, desk.add(LIKE))] == [True]


def test_what_people_here_wrote_goes_before_what_was_imported(desk: Desk) -> None:
    desk.submit(desk.add())
    desk.clock.advance(days=1)
    bring_in(desk, (TEXT, "辦居留證延期要什麼文件？"))
    assert [match.import_name for match in look(desk, desk.add())] == [None, "agency.tmx"]


def test_an_import_is_hidden_until_it_is_complete_and_while_it_goes(desk: Desk) -> None:
    import_id = bring_in(desk, (TEXT, "辦居留證延期要什麼文件？"), is_complete=False)
    exact, similar = desk.add(), desk.add(LIKE)
    assert look(desk, exact) == look(desk, similar) == []
    with desk.db.transaction() as session:
        finish_import(session, import_id=import_id, entries=1)
    assert len(look(desk, exact)) == len(look(desk, similar)) == 1
    with desk.db.transaction() as session:
        assert hide_import(session, import_id=import_id) == 1
    assert look(desk, exact) == look(desk, similar) == []
    with desk.db.transaction() as session:
        assert [remove_some(session, import_id=import_id, limit=10) for _ in range(2)] == [1, 0]
    assert count_bands(desk) == 0


def test_a_text_with_many_segments_costs_a_bounded_number_of_queries(desk: Desk, count_queries: CountQueries) -> None:
    desk.submit(desk.add())
    asked = desk.add("\n".join(f"Câu hỏi thứ {number} của tôi là về chuyện khác hẳn." for number in range(60)))
    with count_queries(desk.db) as queries:
        look(desk, asked)
    assert queries.count <= 2 + 2 * 9


def test_entries_without_bands_are_indexed_again(desk: Desk) -> None:
    desk.submit(desk.add())
    before = count_bands(desk)
    with desk.db.transaction() as session:
        session.execute(delete(MemoryBand))
    asked = desk.add(LIKE)
    assert look(desk, asked) == []
    with desk.db.transaction() as session:
        last = reindex_some(session, after=0, limit=10)
        assert last is not None
        assert reindex_some(session, after=last, limit=10) is None
    assert count_bands(desk) == before
    assert len(look(desk, asked)) == 1


def test_a_text_of_unknown_language_has_no_matches(desk: Desk) -> None:
    desk.submit(desk.add())
    assert look(desk, desk.add("12345 678")) == []


def test_a_very_long_text_is_not_in_the_index_but_its_segments_are(desk: Desk) -> None:
    lines = [f"Tôi cần {number} tờ giấy để gia hạn thẻ cư trú cho con trai của tôi." for number in range(2, 30)]
    desk.submit(desk.add("\n".join(lines)), "\n".join(f"延長居留證要{number}張紙。" for number in range(2, 30)))
    with desk.db.reading() as session:
        longest = session.scalars(select(MemoryEntry).order_by(func.length(MemoryEntry.source_text).desc())).first()
        assert longest is not None
        assert session.scalar(select(func.count()).where(MemoryBand.entry_id == longest.id)) == 0
        assert session.scalar(select(func.count()).select_from(Candidate)) == 1
    assert look(desk, desk.add("Tôi cần 99 tờ giấy để gia hạn thẻ cư trú cho con trai của tôi."))
