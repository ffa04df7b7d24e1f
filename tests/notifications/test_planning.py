"""Who is told what and when: once each, when it can be read, and never of what has vanished."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.service import ProfileChanges, suspend_account, update_profile
from app.core.actor import NOBODY, AccountKind, Actor
from app.core.db import Database
from app.core.errors import NotAuthenticatedError
from app.core.outbox import OutboxRow
from app.forum.models import Channel, ThreadKind
from app.forum.service.posts import Created, edit_post, hide_post, restore_post, withdraw_post
from app.forum.service.threads import follow_thread, unfollow_thread
from app.notifications.models import Delivery, DeliveryKind, DeliveryState
from app.notifications.queries import count_unread, list_notices
from app.notifications.service import (
    mark_read,
    plan_for_post,
    plan_for_translation,
    plan_notice,
    replan_for_account,
    set_channel,
)
from app.notifications.waiting import WAITING_NOTICE_AFTER, plan_waiting_notices
from tests.conftest import TickingClock
from tests.interpreting.work import read_queue, run_engine, submit
from tests.people import answer, ask, make_interpreter, make_person
from translation.languages import LanguageTag

VI, KM, ZH = LanguageTag.VI, LanguageTag.KM, LanguageTag.ZH_HANT
QUESTION = "Tôi cần giấy tờ gì để gia hạn thẻ cư trú?"
ANSWER = "你需要護照和居留證，還要照片。"
IN_VIETNAMESE = "Bạn cần hộ chiếu và thẻ cư trú, và cả ảnh nữa."


@pytest.fixture
def asker(db: Database, clock: TickingClock) -> Actor:
    """Reads Vietnamese, in LINE."""
    person = make_person(db, now=clock(), reads=["vi"], kind=AccountKind.RESIDENT)
    with db.transaction() as session:
        set_channel(session, account_id=person.account_id or 0, channel=Channel.LINE, is_active=True, now=clock())
    return person


@pytest.fixture
def citizen(db: Database, clock: TickingClock) -> Actor:
    return make_person(db, now=clock())


def _ask(db: Database, asker: Actor, clock: TickingClock, **more: object) -> Created:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, language=VI, now=clock(), **more)  # type: ignore[arg-type]
        plan_for_post(session, post_id=made.post_id, now=clock())
        return made


def _answer(db: Database, actor: Actor, thread_id: int, clock: TickingClock, text: str = ANSWER) -> int:
    with db.transaction() as session:
        return answer(session, actor, thread_id, text, now=clock()).post_id


def _plan(db: Database, post_id: int, clock: TickingClock) -> None:
    with db.transaction() as session:
        plan_for_post(session, post_id=post_id, now=clock())


def _translated(db: Database, post_id: int, clock: TickingClock, language: LanguageTag = VI) -> None:
    with db.transaction() as session:
        plan_for_translation(session, post_id=post_id, language=language.value, now=clock())


def _deliveries(db: Database, **filters: object) -> list[Delivery]:
    with db.reading() as session:
        return list(session.scalars(select(Delivery).filter_by(**filters).order_by(Delivery.id)))


def _states(db: Database, **filters: object) -> dict[Channel, DeliveryState]:
    return {row.channel: row.state for row in _deliveries(db, **filters)}


def _is_due(db: Database) -> bool:
    [line] = _deliveries(db, channel=Channel.LINE, kind=DeliveryKind.ANSWER)
    return line.available_at is not None


def test_answer_is_due_only_when_the_asker_can_read_it(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    made = _ask(db, asker, clock)
    assert _deliveries(db) == []
    post_id = _answer(db, citizen, made.thread_id, clock)
    _plan(db, post_id, clock)
    assert _states(db) == {Channel.WEB: DeliveryState.PLANNED, Channel.LINE: DeliveryState.PLANNED}
    assert not _is_due(db)
    with db.reading() as session:
        assert count_unread(session, asker) == 0
    run_engine(db, {ANSWER: IN_VIETNAMESE}, now=clock())
    _translated(db, post_id, clock)
    assert _is_due(db)
    [line] = _deliveries(db, channel=Channel.LINE)
    assert (line.language, line.payload, line.state) == (VI, {"generic": False}, DeliveryState.PLANNED)
    with db.reading() as session:
        [notice] = list_notices(session, asker).items
        assert count_unread(session, asker) == 1
        assert list_notices(session, citizen).items == ()
        names = session.scalars(select(OutboxRow.name)).all()
    assert (notice.kind, notice.post_id, notice.is_read) == (DeliveryKind.ANSWER, post_id, False)
    assert "notifications.delivery_planned" in names


def test_answer_in_a_language_that_she_reads_is_due_at_once(db: Database, clock: TickingClock, citizen: Actor) -> None:
    reader = make_person(db, now=clock(), reads=["vi", "zh-Hant"])
    made = _ask(db, reader, clock)
    _plan(db, _answer(db, citizen, made.thread_id, clock), clock)
    [web] = _deliveries(db)
    assert (web.language, web.state, web.channel) == (ZH, DeliveryState.SENT, Channel.WEB)


def test_reader_of_simplified_chinese_reads_traditional(
    db: Database, clock: TickingClock, citizen: Actor, asker: Actor
) -> None:
    reader = make_person(db, now=clock())
    made = _ask(db, asker, clock)
    with db.transaction() as session:
        update_profile(session, actor=reader, changes=ProfileChanges(reading_languages=[LanguageTag.ZH_HANS]))
        follow_thread(session, actor=reader, thread_id=made.thread_id, now=clock())
    _plan(db, _answer(db, citizen, made.thread_id, clock), clock)
    [web] = _deliveries(db, account_id=reader.account_id)
    assert (web.language, web.state) == (LanguageTag.ZH_HANS, DeliveryState.SENT)


def test_translation_into_another_language_makes_nothing_due(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    khmer = make_person(db, now=clock(), reads=["km"])
    made = _ask(db, asker, clock)
    with db.transaction() as session:
        follow_thread(session, actor=khmer, thread_id=made.thread_id, now=clock())
    post_id = _answer(db, citizen, made.thread_id, clock)
    _plan(db, post_id, clock)
    _translated(db, post_id, clock, KM)
    assert not _is_due(db)
    assert {row.state for row in _deliveries(db)} == {DeliveryState.PLANNED}


def test_nobody_is_told_twice_however_often_it_is_planned_or_better_the_text_becomes(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    made = _ask(db, asker, clock)
    post_id = _answer(db, citizen, made.thread_id, clock)
    run_engine(db, {ANSWER: IN_VIETNAMESE}, now=clock())
    _plan(db, post_id, clock)
    before = [(row.id, row.retry_key, row.available_at) for row in _deliveries(db)]
    clock.advance(hours=1)
    _plan(db, post_id, clock)
    _translated(db, post_id, clock)
    assert [(row.id, row.retry_key, row.available_at) for row in _deliveries(db)] == before
    assert len({key for _, key, _ in before}) == len(before) == 2


def test_a_persons_text_is_the_first_notice_when_no_machine_text_was(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    interpreter = make_interpreter(db, ("zh-Hant", "vi"), now=clock())
    made = _ask(db, asker, clock)
    post_id = _answer(db, citizen, made.thread_id, clock)
    _plan(db, post_id, clock)
    run_engine(db, {}, now=clock())
    _translated(db, post_id, clock)
    assert not _is_due(db)
    [task] = read_queue(db, interpreter, now=clock())
    submit(db, interpreter, task.id, IN_VIETNAMESE, now=clock())
    _translated(db, post_id, clock)
    assert _is_due(db)


def test_who_is_told(db: Database, clock: TickingClock, asker: Actor, citizen: Actor) -> None:
    made = _ask(db, asker, clock)
    stopped, suspended, other = (make_person(db, now=clock()) for _ in range(3))
    with db.transaction() as session:
        for person in (stopped, suspended, other):
            follow_thread(session, actor=person, thread_id=made.thread_id, now=clock())
        unfollow_thread(session, actor=stopped, thread_id=made.thread_id)
        suspend_account(session, account_id=suspended.account_id or 0, now=clock())
    _plan(db, _answer(db, citizen, made.thread_id, clock), clock)
    assert {row.account_id for row in _deliveries(db)} == {asker.account_id, other.account_id}


@pytest.mark.parametrize(
    ("more", "is_generic"),
    [({}, False), ({"category": "health"}, True), ({"kind": ThreadKind.CONSULTATION}, True)],
)
def test_risky_and_private_threads_are_announced_without_content(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor, more: dict[str, object], is_generic: bool
) -> None:
    made = _ask(db, asker, clock, **more)
    helper = make_interpreter(db, ("zh-Hant", "vi"), now=clock())
    _plan(db, _answer(db, helper, made.thread_id, clock), clock)
    assert {row.payload["generic"] for row in _deliveries(db)} == {is_generic}


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_nobody_is_told_of_a_post_that_vanished(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor, is_withdrawn: bool
) -> None:
    made = _ask(db, asker, clock)
    post_id = _answer(db, citizen, made.thread_id, clock)
    run_engine(db, {ANSWER: IN_VIETNAMESE}, now=clock())
    _plan(db, post_id, clock)
    with db.transaction() as session:
        if is_withdrawn:
            withdraw_post(session, actor=citizen, post_id=post_id, now=clock())
        else:
            hide_post(session, post_id=post_id, now=clock())
    assert set(_states(db).values()) == {DeliveryState.SUPPRESSED}
    _plan(db, post_id, clock)
    _translated(db, post_id, clock)
    assert set(_states(db).values()) == {DeliveryState.SUPPRESSED}
    with db.reading() as session:
        assert count_unread(session, asker) == 0


def test_restored_post_is_told_to_whom_it_was_not(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    made = _ask(db, asker, clock)
    post_id = _answer(db, citizen, made.thread_id, clock)
    run_engine(db, {ANSWER: IN_VIETNAMESE}, now=clock())
    _plan(db, post_id, clock)
    keys = [row.retry_key for row in _deliveries(db)]
    with db.transaction() as session:
        hide_post(session, post_id=post_id, now=clock())
        restore_post(session, post_id=post_id, now=clock())
    _plan(db, post_id, clock)
    assert _states(db) == {Channel.WEB: DeliveryState.SENT, Channel.LINE: DeliveryState.PLANNED}
    assert _is_due(db)
    assert [row.retry_key for row in _deliveries(db)] == keys


def test_edit_of_an_untold_answer_tells_the_new_one(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    made = _ask(db, asker, clock)
    post_id = _answer(db, citizen, made.thread_id, clock)
    _plan(db, post_id, clock)
    edited = f"{ANSWER}請早點去。"
    with db.transaction() as session:
        edit_post(session, actor=citizen, post_id=post_id, body=edited, now=clock())
    run_engine(db, {edited: f"{IN_VIETNAMESE} Hãy đi sớm."}, now=clock())
    _translated(db, post_id, clock)
    assert _is_due(db)


def test_another_reading_language_lets_out_what_waited_for_the_first(
    db: Database, clock: TickingClock, citizen: Actor
) -> None:
    reader = make_person(db, now=clock(), reads=["km"])
    made = _ask(db, reader, clock)
    _plan(db, _answer(db, citizen, made.thread_id, clock), clock)
    assert _states(db) == {Channel.WEB: DeliveryState.PLANNED}
    with db.transaction() as session:
        update_profile(session, actor=reader, changes=ProfileChanges(reading_languages=[ZH]))
        replan_for_account(session, account_id=reader.account_id or 0, now=clock())
    [web] = _deliveries(db)
    assert (web.state, web.language) == (DeliveryState.SENT, ZH)


def test_blocked_channel_drops_what_was_not_sent(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    made = _ask(db, asker, clock)
    _plan(db, _answer(db, citizen, made.thread_id, clock), clock)
    with db.transaction() as session:
        set_channel(session, account_id=asker.account_id or 0, channel=Channel.LINE, is_active=False, now=clock())
    assert _states(db) == {Channel.WEB: DeliveryState.PLANNED, Channel.LINE: DeliveryState.SUPPRESSED}
    second = _answer(db, citizen, made.thread_id, clock, text="你也可以打電話問。")
    _plan(db, second, clock)
    assert list(_states(db, post_id=second)) == [Channel.WEB]


def test_notices_are_read_by_thread_or_all(db: Database, clock: TickingClock, asker: Actor, citizen: Actor) -> None:
    reader = make_person(db, now=clock(), reads=["zh-Hant"])
    threads = [_ask(db, asker, clock).thread_id for _ in range(3)]
    for thread_id in threads:
        with db.transaction() as session:
            follow_thread(session, actor=reader, thread_id=thread_id, now=clock())
        _plan(db, _answer(db, citizen, thread_id, clock), clock)
    for thread_id, left in ((threads[0], 2), (None, 0)):
        with db.transaction() as session:
            mark_read(session, actor=reader, thread_id=thread_id, now=clock())
            assert count_unread(session, reader) == left
    with db.reading() as session:
        first = list_notices(session, reader, limit=2)
        rest = list_notices(session, reader, before=first.next, limit=2)
        assert [notice.thread_id for notice in (*first.items, *rest.items)] == threads[::-1]
        assert rest.next is None
        assert count_unread(session, NOBODY) == 0
        with pytest.raises(NotAuthenticatedError):
            list_notices(session, NOBODY)


def test_notice_without_a_text_is_there_at_once_and_survives_the_post(
    db: Database, clock: TickingClock, asker: Actor
) -> None:
    made = _ask(db, asker, clock)
    for _ in range(2):
        with db.transaction() as session:
            plan_notice(
                session,
                account_id=asker.account_id or 0,
                kind=DeliveryKind.DECISION,
                subject="7",
                post_id=made.post_id,
                thread_id=made.thread_id,
                payload={"action": "remove"},
                now=clock(),
            )
    with db.transaction() as session:
        withdraw_post(session, actor=asker, post_id=made.post_id, now=clock())
    assert _states(db) == {Channel.WEB: DeliveryState.SENT, Channel.LINE: DeliveryState.PLANNED}
    assert len(_deliveries(db)) == 2


def _plan_waiting(db: Database, clock: TickingClock) -> int:
    with db.transaction() as session:
        return plan_waiting_notices(session, now=clock())


def test_asker_is_told_once_that_the_answer_waits_for_a_person(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    made = _ask(db, asker, clock)
    post_id = _answer(db, citizen, made.thread_id, clock)
    _plan(db, post_id, clock)
    run_engine(db, {}, now=clock())
    clock.now += WAITING_NOTICE_AFTER - timedelta(seconds=1)
    assert _plan_waiting(db, clock) == 0
    clock.advance(seconds=1)
    assert _plan_waiting(db, clock) == 1
    second = _answer(db, citizen, made.thread_id, clock, text="你也可以打電話問。")
    _plan(db, second, clock)
    run_engine(db, {}, now=clock())
    clock.advance(hours=1)
    assert _plan_waiting(db, clock) == 0
    [notice] = _deliveries(db, kind=DeliveryKind.WAITING_NOTICE)
    assert (notice.channel, notice.post_id, notice.available_at) == (Channel.LINE, post_id, notice.created_at)


def test_no_waiting_notice_while_only_the_machine_is_at_work(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    made = _ask(db, asker, clock)
    _plan(db, _answer(db, citizen, made.thread_id, clock), clock)
    clock.advance(hours=1)
    assert _plan_waiting(db, clock) == 0


def test_no_waiting_notice_for_those_who_only_follow(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    other = make_person(db, now=clock(), reads=["vi"])
    made = _ask(db, other, clock)
    with db.transaction() as session:
        follow_thread(session, actor=asker, thread_id=made.thread_id, now=clock())
    _plan(db, _answer(db, citizen, made.thread_id, clock), clock)
    run_engine(db, {}, now=clock())
    clock.advance(hours=1)
    assert _plan_waiting(db, clock) == 0


def test_waiting_notice_is_dropped_when_the_answer_comes_first(
    db: Database, clock: TickingClock, asker: Actor, citizen: Actor
) -> None:
    interpreter = make_interpreter(db, ("zh-Hant", "vi"), now=clock())
    made = _ask(db, asker, clock)
    post_id = _answer(db, citizen, made.thread_id, clock)
    _plan(db, post_id, clock)
    run_engine(db, {}, now=clock())
    clock.advance(hours=1)
    assert _plan_waiting(db, clock) == 1
    submit(db, interpreter, read_queue(db, interpreter, now=clock())[0].id, IN_VIETNAMESE, now=clock())
    _translated(db, post_id, clock)
    assert _states(db, kind=DeliveryKind.WAITING_NOTICE) == {Channel.LINE: DeliveryState.SUPPRESSED}
    assert _is_due(db)
