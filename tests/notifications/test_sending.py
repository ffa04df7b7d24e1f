"""Claiming and settling deliveries: nothing is sent by two, nothing is lost by a crash, nothing is sent after the other
side forgot its key."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.core.actor import Actor
from app.core.db import Database
from app.forum.models import Channel
from app.forum.service.posts import hide_post
from app.notifications.models import Delivery, DeliveryKind, DeliveryState
from app.notifications.service import (
    FIRST_RETRY,
    LONGEST_RETRY,
    RETRY_KEY_LIFETIME,
    SENDING_LEASE,
    ClaimedDelivery,
    claim_due,
    mark_failed,
    mark_retry,
    mark_sent,
    plan_for_post,
    plan_notice,
    set_channel,
)
from tests.conftest import TickingClock
from tests.people import answer, ask, make_person
from translation.languages import LanguageTag


@pytest.fixture
def person(db: Database, clock: TickingClock) -> Actor:
    actor = make_person(db, now=clock(), reads=["vi"])
    with db.transaction() as session:
        set_channel(session, account_id=actor.account_id or 0, channel=Channel.LINE, is_active=True, now=clock())
    return actor


def _plan(db: Database, person: Actor, clock: TickingClock, *subjects: str) -> None:
    with db.transaction() as session:
        for subject in subjects:
            plan_notice(
                session,
                account_id=person.account_id or 0,
                kind=DeliveryKind.DECISION,
                subject=subject,
                post_id=None,
                thread_id=None,
                payload={"action": "keep"},
                now=clock(),
            )


def _claim(db: Database, clock: TickingClock, limit: int = 10) -> list[ClaimedDelivery]:
    with db.transaction() as session:
        return claim_due(session, channel=Channel.LINE, now=clock(), limit=limit)


def _read(db: Database, delivery_id: int) -> Delivery:
    with db.reading() as session:
        return session.get_one(Delivery, delivery_id)


def test_claimed_delivery_says_all_that_a_sender_needs(db: Database, clock: TickingClock, person: Actor) -> None:
    _plan(db, person, clock, "1", "2")
    claimed = _claim(db, clock)
    assert [(each.account_id, each.kind, each.language, each.payload, each.attempt) for each in claimed] == [
        (person.account_id, DeliveryKind.DECISION, LanguageTag.VI, {"action": "keep"}, 1)
    ] * 2
    assert len({each.retry_key for each in claimed}) == 2
    assert _claim(db, clock) == []
    with db.transaction() as session:
        mark_sent(session, delivery_id=claimed[0].id, now=clock())
    sent = _read(db, claimed[0].id)
    assert (sent.state, sent.sent_at, sent.available_at) == (DeliveryState.SENT, clock(), None)


def test_senders_never_share_a_delivery(db: Database, clock: TickingClock, person: Actor) -> None:
    _plan(db, person, clock, *(str(number) for number in range(12)))
    gate = threading.Barrier(4)

    def take(_number: int) -> list[int]:
        gate.wait()
        return [claimed.id for claimed in _claim(db, clock, limit=3)]

    with ThreadPoolExecutor(4) as pool:
        taken = [delivery_id for ids in pool.map(take, range(4)) for delivery_id in ids]
    assert len(taken) == len(set(taken)) == 12


def test_crash_while_sending_is_tried_again_with_the_same_key(db: Database, clock: TickingClock, person: Actor) -> None:
    _plan(db, person, clock, "1")
    [first] = _claim(db, clock)
    clock.now += SENDING_LEASE - timedelta(seconds=1)
    assert _claim(db, clock) == []
    clock.advance(seconds=1)
    [again] = _claim(db, clock)
    assert (again.id, again.retry_key, again.attempt) == (first.id, first.retry_key, 2)


def test_failed_attempts_wait_longer_each_time(db: Database, clock: TickingClock, person: Actor) -> None:
    _plan(db, person, clock, "1")
    pauses = []
    for _ in range(9):
        [claimed] = _claim(db, clock)
        with db.transaction() as session:
            mark_retry(session, delivery_id=claimed.id, error="timeout", now=clock())
        due = _read(db, claimed.id).available_at
        assert due is not None
        pauses.append(due - clock())
        clock.now = due
    assert pauses[:3] == [FIRST_RETRY, FIRST_RETRY * 2, FIRST_RETRY * 4]
    assert pauses[-1] == LONGEST_RETRY


def test_other_sides_own_pause_is_kept(db: Database, clock: TickingClock, person: Actor) -> None:
    _plan(db, person, clock, "1")
    [claimed] = _claim(db, clock)
    with db.transaction() as session:
        mark_retry(session, delivery_id=claimed.id, error="x" * 200, now=clock(), after=timedelta(seconds=7))
    row = _read(db, claimed.id)
    assert (row.available_at, row.error) == (clock() + timedelta(seconds=7), "x" * 80)


def test_delivery_expires_when_its_key_is_forgotten(db: Database, clock: TickingClock, person: Actor) -> None:
    _plan(db, person, clock, "1", "2")
    clock.advance(days=3)
    tried, untried = _claim(db, clock, limit=1)[0].id, None
    with db.transaction() as session:
        mark_retry(session, delivery_id=tried, error="timeout", now=clock())
    clock.now += RETRY_KEY_LIFETIME - timedelta(seconds=1)
    untried = next(claimed.id for claimed in _claim(db, clock) if claimed.id != tried)
    with db.transaction() as session:
        mark_retry(session, delivery_id=tried, error="timeout", now=clock(), after=timedelta(seconds=1))
        mark_retry(session, delivery_id=untried, error="timeout", now=clock(), after=timedelta(seconds=1))
    clock.advance(seconds=1)
    assert [claimed.id for claimed in _claim(db, clock)] == [untried]
    assert _read(db, tried).state is DeliveryState.EXPIRED


def test_refused_delivery_is_not_tried_again(db: Database, clock: TickingClock, person: Actor) -> None:
    _plan(db, person, clock, "1")
    [claimed] = _claim(db, clock)
    with db.transaction() as session:
        mark_failed(session, delivery_id=claimed.id, error="invalid")
    clock.advance(days=2)
    assert _claim(db, clock) == []
    assert _read(db, claimed.id).state is DeliveryState.FAILED


def test_nothing_is_sent_to_a_channel_that_was_blocked_meanwhile(
    db: Database, clock: TickingClock, person: Actor
) -> None:
    _plan(db, person, clock, "1")
    [claimed] = _claim(db, clock)
    with db.transaction() as session:
        set_channel(session, account_id=person.account_id or 0, channel=Channel.LINE, is_active=False, now=clock())
        mark_retry(session, delivery_id=claimed.id, error="timeout", now=clock())
    clock.advance(days=1)
    assert _claim(db, clock) == []
    assert _read(db, claimed.id).state is DeliveryState.SUPPRESSED


def test_post_hidden_while_its_notice_was_under_way_is_known_as_sent(
    db: Database, clock: TickingClock, person: Actor
) -> None:
    citizen = make_person(db, now=clock())
    with db.transaction() as session:
        made = ask(session, person, "Tôi cần giấy tờ gì?", language=LanguageTag.VI, now=clock())
        post = answer(session, citizen, made.thread_id, "Bạn cần hộ chiếu và thẻ cư trú của bạn.", now=clock())
        plan_for_post(session, post_id=post.post_id, now=clock())
    [claimed] = _claim(db, clock)
    with db.transaction() as session:
        hide_post(session, post_id=post.post_id, now=clock())
    with db.transaction() as session:
        mark_sent(session, delivery_id=claimed.id, now=clock())
    row = _read(db, claimed.id)
    assert (row.state, row.sent_at) == (DeliveryState.SUPPRESSED, clock())
