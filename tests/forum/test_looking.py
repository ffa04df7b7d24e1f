"""Readers who are there: what they look at is translated first, and what was said before helps to translate it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import Database
from app.forum.context import load_context
from app.forum.models import Post, ThreadKind
from app.forum.queries import get_thread_view
from app.forum.service.looking import list_posts_behind, look_at_posts
from app.forum.service.posts import hide_post, withdraw_post
from tests.conftest import CountQueries, TickingClock
from tests.interpreting.work import IN_CHINESE, run_engine
from tests.people import answer, ask, make_person
from translation.languages import LanguageTag
from translation.models import Translation

VI, ZH, HANS = LanguageTag.VI, LanguageTag.ZH_HANT, LanguageTag.ZH_HANS
TEXTS = [f"Tôi cần gia hạn thẻ cư trú lần thứ {number}." for number in range(8)]


@pytest.fixture
def asker(db: Database, clock: TickingClock) -> Actor:
    return make_person(db, now=clock(), reads=["vi"])


def _write_thread(db: Database, asker: Actor, clock: TickingClock) -> tuple[int, list[int]]:
    with db.transaction() as session:
        made = ask(session, asker, TEXTS[0], title="Thẻ cư trú", language=VI, now=clock())
        posts = [made.post_id]
        posts += [answer(session, asker, made.thread_id, each, now=clock()).post_id for each in TEXTS[1:]]
    return made.thread_id, posts


def _list_behind(db: Database, actor: Actor, thread_id: int, language: LanguageTag = ZH) -> list[int]:
    with db.reading() as session:
        view = get_thread_view(session, actor=actor, thread_id=thread_id, language=language)
        return list_posts_behind(session, posts=view.posts, language=language)


def _list_turns(db: Database, post_ids: list[int]) -> list[int]:
    with db.reading() as session:
        texts = select(Post.source_text_id).where(Post.id.in_(post_ids))
        statement = select(Translation.turn).where(
            Translation.source_text_id.in_(texts), Translation.target_language == ZH
        )
        return list(session.scalars(statement.order_by(Translation.id)))


@pytest.mark.parametrize("language", [ZH, HANS])
def test_what_a_reader_looks_at_goes_first(
    db: Database, clock: TickingClock, asker: Actor, language: LanguageTag
) -> None:
    thread_id, posts = _write_thread(db, asker, clock)
    assert _list_behind(db, asker, thread_id, language) == posts
    with db.transaction() as session:
        look_at_posts(session, post_ids=posts[3:], language=language)
    assert max(_list_turns(db, posts[3:])) < 0 <= min(_list_turns(db, posts[:3]))
    with db.transaction() as session:
        look_at_posts(session, post_ids=posts, language=language)
    assert _list_behind(db, asker, thread_id, language) == []


def test_a_page_without_anything_pending_costs_no_query(
    db: Database, clock: TickingClock, asker: Actor, count_queries: CountQueries
) -> None:
    thread_id, posts = _write_thread(db, asker, clock)
    run_engine(db, dict.fromkeys([*TEXTS, "Thẻ cư trú"], IN_CHINESE), now=clock())
    with db.reading() as session:
        view = get_thread_view(session, actor=asker, thread_id=thread_id, language=ZH)
        assert [post.id for post in view.posts] == posts
        with count_queries(db) as queries:
            assert list_posts_behind(session, posts=view.posts, language=ZH) == []
        assert queries.count == 0


def test_context_is_the_last_visible_posts_of_the_thread_oldest_first(
    db: Database, clock: TickingClock, asker: Actor
) -> None:
    _, posts = _write_thread(db, asker, clock)
    with db.transaction() as session:
        ask(session, asker, "Chuyện khác hẳn.", title="Khác", language=VI, kind=ThreadKind.DISCUSSION, now=clock())
        hide_post(session, post_id=posts[4], now=clock())
        withdraw_post(session, actor=asker, post_id=posts[5], now=clock())
    with db.reading() as session:
        first, last = (session.get_one(Post, post_id).source_text_id for post_id in (posts[0], posts[-1]))
        title = session.get_one(Post, posts[0]).title_text_id
        assert title is not None
        contexts = load_context(session, [first, last, title])
    assert contexts == {first: (), last: tuple(TEXTS[number] for number in (0, 1, 2, 3, 6))}
