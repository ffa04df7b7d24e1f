"""Taking tasks, keeping them, giving them back: two people never hold one, and nobody's absence holds one for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.core.actor import NOBODY, Actor, Role
from app.core.db import Database
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError, NotAuthenticatedError
from app.forum.service.posts import Created, withdraw_post
from app.interpreting.errors import (
    LeaseHeldError,
    LeaseLostError,
    SamePairError,
    TaskClosedError,
    TaskNotFoundError,
)
from app.interpreting.models import TaskState
from app.interpreting.policy import can_work_pair
from app.interpreting.queries import build_actor, list_pairs, list_tasks
from app.interpreting.service import (
    LEASE,
    claim_next,
    claim_task,
    release_task,
    renew_task,
    save_draft,
    set_pairs,
    skip_task,
)
from tests.conftest import TickingClock
from tests.interpreting.work import (
    EDITED,
    KM,
    QUESTION,
    VI,
    ZH,
    list_event_names,
    list_states,
    read_queue,
    read_task,
    run_engine,
)
from tests.people import ask, make_person
from translation.languages import LanguageTag, UnknownLanguageError


@pytest.fixture
def made(db: Database, clock: TickingClock, asker: Actor) -> Created:
    """A question that waits for a person."""
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, language=VI, now=clock())
    run_engine(db, {}, now=clock())
    return made


@pytest.fixture
def task_id(db: Database, clock: TickingClock, made: Created, interpreter: Actor) -> int:
    return read_queue(db, interpreter, now=clock())[0].id


def _claim(db: Database, actor: Actor, task_id: int, clock: TickingClock) -> None:
    with db.transaction() as session:
        claim_task(session, actor=actor, task_id=task_id, now=clock())


def _claim_next(db: Database, actor: Actor, clock: TickingClock, **pair: LanguageTag) -> int | None:
    with db.transaction() as session:
        return claim_next(session, actor=actor, now=clock(), **pair)


def test_claim_says_until_when_and_shows_others_who(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    with db.transaction() as session:
        lease = claim_task(session, actor=interpreter, task_id=task_id, now=clock())
    assert (lease.holder_id, lease.expires_at) == (interpreter.account_id, clock() + LEASE)
    [seen] = read_queue(db, colleague, now=clock())
    assert seen.state is TaskState.CLAIMED
    assert seen.lease is not None
    assert seen.lease.holder == interpreter.display_name
    assert list_event_names(db)[-1] == "interpreting.task_claimed"


def test_claim_of_a_held_task_is_refused_with_the_holder(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    _claim(db, interpreter, task_id, clock)
    with pytest.raises(LeaseHeldError) as raised:
        _claim(db, colleague, task_id, clock)
    assert raised.value.code == "interpreting.lease_held"
    assert raised.value.data == {"holder": interpreter.display_name, "expires_at": clock() + LEASE}


def test_own_claim_goes_on_when_the_page_is_opened_again(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor
) -> None:
    _claim(db, interpreter, task_id, clock)
    clock.advance(minutes=5)
    with db.transaction() as session:
        lease = claim_task(session, actor=interpreter, task_id=task_id, now=clock())
    assert lease.expires_at == clock() + LEASE


def test_only_one_of_many_claimers_wins(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    gate = threading.Barrier(6)

    def take(number: int) -> int | None:
        actor = (interpreter, colleague)[number % 2]
        gate.wait()
        try:
            _claim(db, replace(actor), task_id, clock)
        except ConflictError:
            return None
        return actor.account_id

    with ThreadPoolExecutor(6) as pool:
        winners = {winner for winner in pool.map(take, range(6)) if winner is not None}
    assert len(winners) == 1


def test_take_next_gives_different_tasks_at_the_same_moment(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, colleague: Actor
) -> None:
    with db.transaction() as session:
        for number in range(6):
            ask(session, asker, f"{QUESTION} ({number + 10})", language=VI, now=clock())
    run_engine(db, {}, now=clock())
    gate = threading.Barrier(6)

    def take(number: int) -> int | None:
        gate.wait()
        return _claim_next(db, (interpreter, colleague)[number % 2], clock)

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(take, range(6)))
    assert None not in taken
    assert len(set(taken)) == 6


def test_expired_lease_is_free_without_anything_having_run(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    _claim(db, interpreter, task_id, clock)
    clock.now += LEASE
    [seen] = read_queue(db, colleague, now=clock(), state=TaskState.OPEN)
    assert (seen.state, seen.lease) == (TaskState.OPEN, None)
    assert read_queue(db, colleague, now=clock(), state=TaskState.CLAIMED) == []
    _claim(db, colleague, task_id, clock)
    with pytest.raises(LeaseHeldError):
        _claim(db, interpreter, task_id, clock)


def test_lease_holds_until_its_last_second(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    _claim(db, interpreter, task_id, clock)
    clock.advance(seconds=LEASE.total_seconds() - 1)
    assert _claim_next(db, colleague, clock) is None
    with pytest.raises(LeaseHeldError):
        _claim(db, colleague, task_id, clock)


def test_renewal_prolongs_and_needs_the_lease(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    _claim(db, interpreter, task_id, clock)
    clock.advance(minutes=14)
    with db.transaction() as session:
        lease = renew_task(session, actor=interpreter, task_id=task_id, now=clock())
    assert lease.expires_at == clock() + LEASE
    with pytest.raises(LeaseHeldError), db.transaction() as session:
        renew_task(session, actor=colleague, task_id=task_id, now=clock())
    with db.transaction() as session:
        release_task(session, actor=interpreter, task_id=task_id, now=clock())
    with pytest.raises(LeaseLostError), db.transaction() as session:
        renew_task(session, actor=interpreter, task_id=task_id, now=clock())


def test_released_task_is_free_and_its_draft_survives(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    _claim(db, interpreter, task_id, clock)
    with db.transaction() as session:
        save_draft(session, actor=interpreter, task_id=task_id, text="我需要", now=clock())
        release_task(session, actor=colleague, task_id=task_id, now=clock())
    assert list_states(db) == [("translate", TaskState.CLAIMED)]
    with db.transaction() as session:
        release_task(session, actor=interpreter, task_id=task_id, now=clock())
    assert _claim_next(db, colleague, clock) == task_id
    assert read_task(db, colleague, task_id, now=clock()).draft == "我需要"


def test_nobodys_draft_overwrites_anothers(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    with db.transaction() as session:
        save_draft(session, actor=interpreter, task_id=task_id, text="一", now=clock())
        save_draft(session, actor=interpreter, task_id=task_id, text="二", now=clock.advance(seconds=5))
        save_draft(session, actor=colleague, task_id=task_id, text="三", now=clock.advance(seconds=5))
    assert read_task(db, interpreter, task_id, now=clock()).draft == "二"
    assert read_task(db, colleague, task_id, now=clock()).draft == "三"


@pytest.mark.parametrize(("text", "code"), [("x" * 60_001, "text.too_long"), ("\ud800", "text.surrogate")])
def test_hostile_draft_is_refused(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, text: str, code: str
) -> None:
    with pytest.raises(InvalidInputError) as raised, db.transaction() as session:
        save_draft(session, actor=interpreter, task_id=task_id, text=text, now=clock())
    assert raised.value.code == code


def test_draft_loses_control_characters_and_may_be_empty(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor
) -> None:
    for text, kept in (("a\x00b", "ab"), ("", "")):
        with db.transaction() as session:
            save_draft(session, actor=interpreter, task_id=task_id, text=text, now=clock())
        assert read_task(db, interpreter, task_id, now=clock()).draft == kept


def test_skipped_task_is_offered_to_others_only(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    assert _claim_next(db, interpreter, clock) == task_id
    for _ in range(2):
        with db.transaction() as session:
            skip_task(session, actor=interpreter, task_id=task_id, reason="I know this person", now=clock())
    assert _claim_next(db, interpreter, clock) is None
    assert _claim_next(db, colleague, clock) == task_id


def test_take_next_keeps_to_the_pair_asked_for(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor
) -> None:
    assert _claim_next(db, interpreter, clock, source=ZH, target=VI) is None
    assert _claim_next(db, interpreter, clock, source=VI, target=ZH) == task_id


def test_take_next_takes_the_most_urgent_and_then_the_oldest(
    db: Database, clock: TickingClock, made: Created, asker: Actor, interpreter: Actor
) -> None:
    with db.transaction() as session:
        ask(session, asker, EDITED, category="residence", language=VI, now=clock())
    run_engine(db, {}, now=clock.advance(minutes=1))
    with db.transaction() as session:
        ask(session, asker, f"{EDITED} 2026", language=VI, now=clock())
    run_engine(db, {}, now=clock.advance(minutes=1))
    order = [task.id for task in read_queue(db, interpreter, now=clock())]
    assert [_claim_next(db, interpreter, clock) for _ in range(3)] == order
    assert [task.source_text for task in read_queue(db, interpreter, now=clock())] == [
        EDITED,
        QUESTION,
        f"{EDITED} 2026",
    ]


def test_queue_pages_without_gaps_or_repeats(
    db: Database, clock: TickingClock, made: Created, asker: Actor, interpreter: Actor
) -> None:
    with db.transaction() as session:
        for number in range(4):
            category = "residence" if number % 2 else "daily-life"
            ask(session, asker, f"{EDITED} {number}", category=category, language=VI, now=clock())
    run_engine(db, {}, now=clock())
    whole = [task.id for task in read_queue(db, interpreter, now=clock())]
    paged: list[int] = []
    after = None
    for _ in range(3):
        with db.reading() as session:
            page = list_tasks(session, actor=interpreter, now=clock(), after=after, limit=2)
        paged += [task.id for task in page.items]
        after = page.next
    assert after is None
    assert paged == whole
    assert len(whole) == 5
    with pytest.raises(InvalidInputError), db.reading() as session:
        list_tasks(session, actor=interpreter, now=clock(), after=10**9)


def test_task_of_another_pair_does_not_exist(db: Database, clock: TickingClock, task_id: int, khmer: Actor) -> None:
    for call in (claim_task, renew_task, release_task):
        with pytest.raises(TaskNotFoundError), db.transaction() as session:
            call(session, actor=khmer, task_id=task_id, now=clock())
    with pytest.raises(TaskNotFoundError):
        read_task(db, khmer, task_id, now=clock())
    with pytest.raises(TaskNotFoundError):
        read_task(db, khmer, task_id + 1000, now=clock())
    assert read_queue(db, khmer, now=clock()) == []


def test_desk_is_closed_to_everybody_else(
    db: Database, clock: TickingClock, task_id: int, asker: Actor, interpreter: Actor
) -> None:
    suspended = replace(interpreter, is_suspended=True)
    for actor, reason in ((asker, "interpreting.not_interpreter"), (suspended, "accounts.suspended")):
        with pytest.raises(ForbiddenError) as raised:
            read_queue(db, actor, now=clock())
        assert raised.value.data["reason"] == reason
        with pytest.raises(ForbiddenError):
            _claim(db, actor, task_id, clock)
    with pytest.raises(NotAuthenticatedError):
        _claim(db, NOBODY, task_id, clock)


def test_claim_of_a_closed_task_says_so(
    db: Database, clock: TickingClock, made: Created, task_id: int, asker: Actor, interpreter: Actor
) -> None:
    with db.transaction() as session:
        withdraw_post(session, actor=asker, post_id=made.post_id, now=clock())
    with pytest.raises(TaskClosedError) as raised:
        _claim(db, interpreter, task_id, clock)
    assert raised.value.data == {"mine": None, "theirs": None, "source": None, "task_id": None}


@pytest.mark.parametrize(
    ("source", "target", "allowed"),
    [(VI, ZH, True), (ZH, VI, False), (LanguageTag.ZH_HANS, KM, False), (KM, ZH, False)],
)
def test_pair_has_a_direction(source: LanguageTag, target: LanguageTag, allowed: bool) -> None:
    actor = Actor(account_id=1, roles=frozenset({Role.INTERPRETER}), pairs=frozenset({("vi", "zh-Hant")}))
    assert bool(can_work_pair(actor, source, target)) is allowed
    assert not can_work_pair(replace(actor, roles=frozenset()), VI, ZH)


def test_pairs_are_replaced_and_checked(db: Database, clock: TickingClock) -> None:
    person = make_person(db, now=clock(), roles=[Role.INTERPRETER], pairs=[("vi", "zh-Hant")])
    assert person.account_id is not None
    with db.transaction() as session:
        pairs = [(LanguageTag.ZH_HANS, KM), (ZH, KM)]
        set_pairs(session, account_id=person.account_id, pairs=pairs, now=clock())
        assert list_pairs(session, person.account_id) == [(ZH, KM)]
    for wrong, error in (((ZH, LanguageTag.ZH_HANS), SamePairError), ((LanguageTag.UND, ZH), UnknownLanguageError)):
        with pytest.raises(error), db.transaction() as session:
            set_pairs(session, account_id=person.account_id, pairs=[wrong], now=clock())
    with db.reading() as session:
        assert list_pairs(session, person.account_id) == [(ZH, KM)]


def test_pairs_count_only_for_interpreters(db: Database, clock: TickingClock) -> None:
    from app.accounts.queries import get_account

    person = make_person(db, now=clock(), pairs=[("vi", "zh-Hant")])
    with db.reading() as session:
        assert build_actor(session, get_account(session, person.account_id or 0)).pairs == frozenset()
