"""Asking, answering, editing, withdrawing: what each reader sees, and who may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.actor import NOBODY, AccountKind, Actor, Role
from app.core.db import Database
from app.core.errors import ForbiddenError, InvalidInputError, NotAuthenticatedError
from app.forum.errors import PostNotFoundError, ThreadNotFoundError, UnknownReplyError
from app.forum.models import PostState, Solved, ThreadKind, ThreadStatus
from app.forum.queries import get_post_view, get_thread_view, list_threads
from app.forum.service.access import find_locked_post
from app.forum.service.posts import (
    NewPost,
    create_post,
    edit_post,
    hide_post,
    remove_post,
    restore_post,
    set_post_language,
    withdraw_post,
)
from app.forum.service.threads import follow_thread, rate_thread, want_language
from app.forum.views import PostView, ThreadView
from tests.conftest import CountQueries, TickingClock
from tests.people import answer, ask, make_interpreter, make_person
from translation.languages import LanguageTag
from translation.models import MemoryEntry, SourceText, Translation, TranslationState
from translation.results import Basis

VI, ZH, KM, ID = LanguageTag.VI, LanguageTag.ZH_HANT, LanguageTag.KM, LanguageTag.ID
QUESTION = "Tôi cần giấy tờ gì để gia hạn thẻ cư trú?"
ANSWER = "你需要護照和居留證。"


@pytest.fixture
def asker(db: Database, clock: TickingClock) -> Actor:
    return make_person(db, now=clock(), reads=["vi"], kind=AccountKind.RESIDENT)


@pytest.fixture
def citizen(db: Database, clock: TickingClock) -> Actor:
    return make_person(db, now=clock())


def _read(
    db: Database, actor: Actor, thread_id: int, language: LanguageTag = ZH, after: int | None = None
) -> ThreadView:
    with db.reading() as session:
        return get_thread_view(session, actor=actor, thread_id=thread_id, language=language, after=after)


def _post(db: Database, actor: Actor, post_id: int, language: LanguageTag = ZH) -> PostView:
    with db.reading() as session:
        return get_post_view(session, actor=actor, post_id=post_id, language=language)


def test_question_is_readable_at_once_in_its_language(db: Database, clock: TickingClock, asker: Actor) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, title="Gia hạn", now=clock())
    thread = _read(db, NOBODY, made.thread_id, VI)
    assert [(post.body, post.translation) for post in thread.posts] == [(QUESTION, None)]
    assert thread.title.text == "Gia hạn"
    assert thread.posts[0].language.tag is VI
    assert thread.posts[0].language.basis is Basis.DETECTED


def test_question_is_asked_for_in_the_common_and_the_readers_languages(
    db: Database, clock: TickingClock, asker: Actor
) -> None:
    reader = make_person(db, now=clock(), reads=["km", "en"])
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, now=clock())
        follow_thread(session, actor=reader, thread_id=made.thread_id, now=clock())
        reply = answer(session, asker, made.thread_id, "Cảm ơn các bạn rất nhiều.", now=clock())
    assert _post(db, NOBODY, made.post_id, ZH).translation is not None
    assert _post(db, NOBODY, made.post_id, KM).lacks_translation
    translation = _post(db, NOBODY, reply.post_id, KM).translation
    assert translation is not None
    assert translation.state is TranslationState.PENDING
    assert _post(db, NOBODY, reply.post_id, ID).lacks_translation


def test_want_language_asks_for_what_is_not_there_yet_and_only_once(
    db: Database, clock: TickingClock, asker: Actor
) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, title="Gia hạn thẻ", now=clock())
        for _ in range(2):
            want_language(session, post_ids=[made.post_id], language=ID, now=clock())
    thread = _read(db, NOBODY, made.thread_id, ID)
    assert thread.posts[0].translation is not None
    assert thread.title.translation is not None


def test_the_same_key_gives_the_same_thread_and_post(db: Database, clock: TickingClock, asker: Actor) -> None:
    with db.transaction() as session:
        first = ask(session, asker, QUESTION, key="k", now=clock())
        reply = answer(session, asker, first.thread_id, "một", key="k", now=clock())
    with db.transaction() as session:
        again = ask(session, asker, QUESTION, key="k", now=clock())
        reply_again = answer(session, asker, first.thread_id, "một", key="k", now=clock())
        without_key = answer(session, asker, first.thread_id, "một", now=clock())
    assert (again.thread_id, again.post_id, again.is_new) == (first.thread_id, first.post_id, False)
    assert (reply_again.post_id, reply_again.is_new) == (reply.post_id, False)
    assert without_key.post_id != reply.post_id


def test_somebody_elses_key_is_another_key(db: Database, clock: TickingClock, asker: Actor, citizen: Actor) -> None:
    with db.transaction() as session:
        first = ask(session, asker, QUESTION, key="k", now=clock())
        other = ask(session, citizen, ANSWER, key="k", now=clock())
    assert other.thread_id != first.thread_id


def test_catching_up_brings_each_changed_post_once_in_order(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, now=clock())
    seen = _read(db, citizen, made.thread_id).change
    with db.transaction() as session:
        one = answer(session, citizen, made.thread_id, "一號答案在這裡。", now=clock())
        two = answer(session, citizen, made.thread_id, "二號答案在這裡。", now=clock())
        edit_post(session, actor=citizen, post_id=one.post_id, body="一號答案改了。", now=clock())
    posts = _read(db, citizen, made.thread_id, after=seen).posts
    assert [post.id for post in posts] == [two.post_id, one.post_id]
    assert posts[1].body == "一號答案改了。"
    assert [post.change for post in posts] == sorted(post.change for post in posts)
    assert _read(db, citizen, made.thread_id, after=posts[-1].change).posts == ()


def test_plain_pages_go_on_where_they_ended(db: Database, clock: TickingClock, asker: Actor) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, now=clock())
        ids = [made.post_id] + [
            answer(session, asker, made.thread_id, f"câu trả lời {n}", now=clock()).post_id for n in range(4)
        ]
    found: list[int] = []
    after_post: int | None = None
    while True:
        with db.reading() as session:
            page = get_thread_view(
                session, actor=NOBODY, thread_id=made.thread_id, language=VI, after_post=after_post, limit=2
            )
        found += [post.id for post in page.posts]
        if page.next_post is None:
            break
        after_post = page.next_post
    assert found == ids


def test_withdrawing_takes_text_translations_and_memory(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, title="Gia hạn thẻ", now=clock())
        reply = answer(session, citizen, made.thread_id, ANSWER, now=clock())
        edit_post(session, actor=asker, post_id=made.post_id, body=QUESTION + " Cảm ơn.", now=clock())
    seen = _read(db, citizen, made.thread_id).change
    with db.transaction() as session:
        withdraw_post(session, actor=asker, post_id=made.post_id, now=clock())
    thread = _read(db, citizen, made.thread_id)
    assert [post.id for post in thread.posts] == [reply.post_id]
    assert thread.title.text == ""
    tombstones = _read(db, citizen, made.thread_id, after=seen).posts
    assert [(post.id, post.state, post.body) for post in tombstones] == [(made.post_id, PostState.WITHDRAWN, "")]
    with db.reading() as session:
        assert session.scalars(select(SourceText.text).where(SourceText.text.contains("thẻ"))).all() == []
        states = session.scalars(
            select(Translation.state).join(SourceText).where(SourceText.withdrawn_at.is_not(None))
        ).all()
        assert set(states) == {TranslationState.WITHDRAWN}
        assert session.scalars(select(MemoryEntry)).all() == []
        with pytest.raises(PostNotFoundError):
            get_post_view(session, actor=asker, post_id=made.post_id, language=VI)
        assert list_threads(session, actor=NOBODY, language=ZH).items == ()


def test_hidden_posts_are_gone_until_restored(db: Database, clock: TickingClock, asker: Actor, citizen: Actor) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, now=clock())
        reply = answer(session, citizen, made.thread_id, ANSWER, now=clock())
        hide_post(session, post_id=reply.post_id, now=clock())
    for actor in (NOBODY, asker, citizen):
        assert reply.post_id not in [post.id for post in _read(db, actor, made.thread_id).posts]
        assert ANSWER not in str(_read(db, actor, made.thread_id, after=0))
    with db.transaction() as session:
        restore_post(session, post_id=reply.post_id, now=clock())
    assert reply.post_id in [post.id for post in _read(db, NOBODY, made.thread_id).posts]


def test_removed_posts_stay_gone(db: Database, clock: TickingClock, asker: Actor, citizen: Actor) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, now=clock())
        reply = answer(session, citizen, made.thread_id, ANSWER, now=clock())
        post = find_locked_post(session, reply.post_id)
        assert post is not None
        remove_post(session, post=post, now=clock())
        restore_post(session, post_id=reply.post_id, now=clock())
    assert reply.post_id not in [post.id for post in _read(db, citizen, made.thread_id).posts]


def test_held_posts_are_seen_by_their_author_alone(db: Database, clock: TickingClock, citizen: Actor) -> None:
    guest = make_person(db, now=clock(), reads=["vi"], kind=AccountKind.GUEST)
    with db.transaction() as session:
        made = ask(session, guest, "Xem ở đây nhé: https://example.com/vay", now=clock())
    own = _read(db, guest, made.thread_id, VI).posts[0]
    assert own.state is PostState.HELD
    assert own.hold_reason
    for actor in (NOBODY, citizen):
        with pytest.raises(ThreadNotFoundError):
            _read(db, actor, made.thread_id)
    with db.reading() as session:
        assert list_threads(session, actor=NOBODY, language=VI).items == ()
        assert len(list_threads(session, actor=guest, language=VI).items) == 1


def test_private_consultations_are_nobody_elses_business(db: Database, clock: TickingClock, asker: Actor) -> None:
    stranger = make_person(db, now=clock())
    helper = make_interpreter(db, ("vi", "zh-Hant"), now=clock())
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, kind=ThreadKind.CONSULTATION, now=clock())
        for actor in (NOBODY, stranger):
            with pytest.raises(ThreadNotFoundError):
                get_thread_view(session, actor=actor, thread_id=made.thread_id, language=ZH)
            with pytest.raises((ThreadNotFoundError, NotAuthenticatedError)):
                answer(session, actor, made.thread_id, "?", now=clock())
            with pytest.raises(PostNotFoundError):
                get_post_view(session, actor=actor, post_id=made.post_id, language=ZH)
            assert list_threads(session, actor=actor, language=ZH).items == ()
        for actor in (asker, helper):
            assert get_thread_view(session, actor=actor, thread_id=made.thread_id, language=ZH).posts
            assert len(list_threads(session, actor=actor, language=ZH).items) == 1


def test_guests_ask_and_add_but_do_not_answer_others(db: Database, clock: TickingClock, asker: Actor) -> None:
    guest = make_person(db, now=clock(), reads=["km"], kind=AccountKind.GUEST)
    with db.transaction() as session:
        own = ask(session, guest, "តើខ្ញុំត្រូវធ្វើដូចម្តេច?", now=clock())
        assert answer(session, guest, own.thread_id, "សូមអរគុណ", now=clock()).is_new
        other = ask(session, asker, QUESTION, now=clock())
        with pytest.raises(ForbiddenError) as raised:
            answer(session, guest, other.thread_id, "សូមអរគុណ", now=clock())
    assert raised.value.data["reason"] == "forum.guest_cannot_reply"


def test_only_the_author_changes_a_post(db: Database, clock: TickingClock, asker: Actor, citizen: Actor) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, now=clock())
        for act in (
            lambda: edit_post(session, actor=citizen, post_id=made.post_id, body="x", now=clock()),
            lambda: withdraw_post(session, actor=citizen, post_id=made.post_id, now=clock()),
            lambda: set_post_language(session, actor=citizen, post_id=made.post_id, language=ID, now=clock()),
        ):
            with pytest.raises(ForbiddenError):
                act()
        with pytest.raises(PostNotFoundError):
            withdraw_post(session, actor=asker, post_id=999_999, now=clock())


def test_suspended_people_write_nothing(db: Database, clock: TickingClock, asker: Actor) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, now=clock())
        suspended = replace(asker, is_suspended=True)
        with pytest.raises(ForbiddenError):
            ask(session, suspended, QUESTION, now=clock())
        with pytest.raises(ForbiddenError):
            answer(session, suspended, made.thread_id, "x", now=clock())


def test_a_corrected_language_is_translated_again(db: Database, clock: TickingClock, asker: Actor) -> None:
    with db.transaction() as session:
        made = ask(session, asker, "555", now=clock(), title="?")
    before = _post(db, asker, made.post_id, ZH)
    assert before.language.tag is LanguageTag.UND
    assert before.translation is not None
    assert before.translation.state is TranslationState.WAITING
    with db.transaction() as session:
        set_post_language(session, actor=asker, post_id=made.post_id, language=LanguageTag.TH, now=clock())
    after = _post(db, asker, made.post_id, ZH)
    assert (after.language.tag, after.language.basis) == (LanguageTag.TH, Basis.CONFIRMED)
    assert after.translation is not None
    assert after.translation.state is TranslationState.PENDING
    assert _post(db, asker, made.post_id, LanguageTag.TH).translation is None


def test_rating_solves_and_opens_again(db: Database, clock: TickingClock, asker: Actor, citizen: Actor) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, now=clock())
        with pytest.raises(ForbiddenError):
            rate_thread(session, actor=citizen, thread_id=made.thread_id, solved=Solved.YES, reasons=[], now=clock())
        rate_thread(session, actor=asker, thread_id=made.thread_id, solved=Solved.YES, reasons=[], now=clock())
    assert _read(db, NOBODY, made.thread_id).status is ThreadStatus.SOLVED
    with db.transaction() as session:
        rate_thread(session, actor=asker, thread_id=made.thread_id, solved=Solved.NO, reasons=["too_late"], now=clock())
    thread = _read(db, NOBODY, made.thread_id)
    assert (thread.status, thread.rating) == (ThreadStatus.OPEN, Solved.NO)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"body": "  \n "}, "text.empty", "body"),
        ({"body": "x" * 20_001}, "text.too_long", "body"),
        ({"body": "a\ud800b"}, "text.surrogate", "body"),
        ({"title": ""}, "text.empty", "title"),
        ({"title": "x" * 201}, "text.too_long", "title"),
        ({"category": "nowhere"}, "forum.category_unknown", "category"),
    ],
)
def test_bad_questions_are_refused_by_field(
    db: Database, clock: TickingClock, asker: Actor, changed: dict[str, str], code: str, field: str
) -> None:
    given = {"body": QUESTION, "title": "?", "category": "work", **changed}
    with pytest.raises(InvalidInputError) as raised, db.transaction() as session:
        ask(session, asker, given["body"], title=given["title"], category=given["category"], now=clock())
    assert [(error.field, error.code) for error in raised.value.errors] == [(field, code)]


def test_a_reply_to_another_thread_is_refused(db: Database, clock: TickingClock, asker: Actor) -> None:
    with db.transaction() as session:
        one, two = (ask(session, asker, QUESTION, now=clock()) for _ in range(2))
        with pytest.raises(UnknownReplyError):
            create_post(
                session,
                actor=asker,
                thread_id=one.thread_id,
                new=NewPost(body="x", reply_to=two.post_id),
                key=None,
                now=clock(),
            )


def test_reading_a_thread_takes_a_constant_number_of_queries(
    db: Database, clock: TickingClock, asker: Actor, count_queries: CountQueries
) -> None:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, now=clock())
    with count_queries(db) as few:
        _read(db, asker, made.thread_id, ZH)
    with db.transaction() as session:
        for number in range(40):
            answer(session, asker, made.thread_id, f"câu số {number}", now=clock())
    with count_queries(db) as many:
        assert len(_read(db, asker, made.thread_id, ZH).posts) == 41
    assert many.count == few.count <= 8


def test_moderators_read_private_threads(db: Database, clock: TickingClock, asker: Actor) -> None:
    moderator = make_person(db, now=clock(), roles=[Role.MODERATOR])
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, kind=ThreadKind.CONSULTATION, now=clock())
        assert get_thread_view(session, actor=moderator, thread_id=made.thread_id, language=ZH).posts


def test_readers_of_simplified_chinese_see_it_converted(db: Database, clock: TickingClock, citizen: Actor) -> None:
    hans = LanguageTag.ZH_HANS
    with db.transaction() as session:
        made = ask(session, citizen, "這個軟體怎麼用？", title="軟體", now=clock())
        foreign = answer(session, citizen, made.thread_id, "這個软件怎么用？我不会用电脑。", now=clock())
    post = _post(db, NOBODY, made.post_id, hans)
    assert post.body == "這個軟體怎麼用？"
    assert post.translation is not None
    assert post.translation.text == "这个软件怎么用？"
    assert post.translation.origin is not None
    assert post.translation.origin.engine == "opencc"
    assert not post.lacks_translation
    assert _post(db, NOBODY, foreign.post_id, hans).translation is None
