"""Reports, held posts and decisions: who may, what happens to the post, and who is told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.accounts.queries import get_account
from app.core.actor import NOBODY, AccountKind, Actor, Role
from app.core.db import Database
from app.core.errors import ForbiddenError, InvalidInputError, NotAuthenticatedError
from app.core.outbox import OutboxRow
from app.forum.errors import PostNotFoundError
from app.forum.models import Post, PostState
from app.forum.queries import get_post_view
from app.forum.service.posts import Created, hide_post, withdraw_post
from app.notifications.models import Delivery, DeliveryKind
from moderation import policy
from moderation.errors import AlreadyDecidedError, ItemNotFoundError
from moderation.models import Action, DecisionLogError, ItemKind, ItemState, ModerationDecision, Report, ReportReason
from moderation.queries import ItemView, count_open, get_item, list_items
from moderation.service import decide_item, notify_of_decision, report_post
from tests.conftest import TickingClock
from tests.people import ask, make_interpreter, make_person
from translation.languages import LanguageTag

VI = LanguageTag.VI
QUESTION = "Tôi cần giấy tờ gì để gia hạn thẻ cư trú?"
OFFER = "Tôi nhận làm giấy tờ giả, liên hệ ngay."


@pytest.fixture
def author(db: Database, clock: TickingClock) -> Actor:
    return make_person(db, now=clock(), reads=["vi"], kind=AccountKind.RESIDENT)


@pytest.fixture
def reader(db: Database, clock: TickingClock) -> Actor:
    return make_person(db, now=clock())


@pytest.fixture
def moderator(db: Database, clock: TickingClock) -> Actor:
    return make_person(db, now=clock(), roles=[Role.MODERATOR])


@pytest.fixture
def made(db: Database, clock: TickingClock, author: Actor) -> Created:
    with db.transaction() as session:
        return ask(session, author, QUESTION, language=VI, now=clock())


def _report(
    db: Database,
    actor: Actor,
    post_id: int,
    clock: TickingClock,
    reason: ReportReason = ReportReason.SCAM,
    note: str | None = None,
) -> Report:
    with db.transaction() as session:
        return report_post(session, actor=actor, post_id=post_id, reason=reason, note=note, now=clock())


def _items(db: Database, actor: Actor, state: ItemState | None = ItemState.OPEN) -> list[ItemView]:
    with db.reading() as session:
        return list(list_items(session, actor=actor, state=state).items)


def _decide(
    db: Database, actor: Actor, item_id: int, action: Action, clock: TickingClock, note: str = ""
) -> ModerationDecision:
    with db.transaction() as session:
        return decide_item(session, actor=actor, item_id=item_id, action=action, note=note, now=clock())


def _state(db: Database, post_id: int) -> PostState:
    with db.reading() as session:
        return session.get_one(Post, post_id).state


def test_report_opens_an_item_with_the_post_in_the_moderators_room(
    db: Database, clock: TickingClock, made: Created, reader: Actor, moderator: Actor
) -> None:
    report = _report(db, reader, made.post_id, clock, note=" giả mạo\x00 ")
    [item] = _items(db, moderator)
    assert (item.kind, item.hold_reason, item.post.body) == (ItemKind.REPORTED, None, QUESTION)
    assert [(each.reason, each.note) for each in item.reports] == [(ReportReason.SCAM, "giả mạo")]
    assert report.item_id == item.id
    with db.reading() as session:
        assert count_open(session, actor=moderator) == 1


def test_reporting_again_changes_nothing_while_it_is_open(
    db: Database, clock: TickingClock, made: Created, reader: Actor, moderator: Actor
) -> None:
    first = _report(db, reader, made.post_id, clock)
    again = _report(db, reader, made.post_id, clock, reason=ReportReason.HATE)
    assert (again.id, again.reason) == (first.id, ReportReason.SCAM)
    other = make_person(db, now=clock(), kind=AccountKind.GUEST, reads=["vi"])
    _report(db, other, made.post_id, clock, reason=ReportReason.THREAT)
    [item] = _items(db, moderator)
    assert [report.reason for report in item.reports] == [ReportReason.SCAM, ReportReason.THREAT]


def test_decided_post_can_be_reported_anew(
    db: Database, clock: TickingClock, made: Created, reader: Actor, moderator: Actor
) -> None:
    first = _report(db, reader, made.post_id, clock)
    _decide(db, moderator, first.item_id, Action.KEEP, clock)
    second = _report(db, reader, made.post_id, clock)
    assert second.item_id != first.item_id
    assert [item.id for item in _items(db, moderator)] == [second.item_id]


def test_reports_that_come_at_once_open_one_item(
    db: Database, clock: TickingClock, made: Created, moderator: Actor
) -> None:
    readers = [make_person(db, now=clock()) for _ in range(4)]
    gate = threading.Barrier(4)

    def send(reader: Actor) -> None:
        gate.wait()
        _report(db, reader, made.post_id, clock)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, readers))
    [item] = _items(db, moderator)
    assert len(item.reports) == 4


def test_who_may_report(db: Database, clock: TickingClock, made: Created, author: Actor, reader: Actor) -> None:
    with pytest.raises(NotAuthenticatedError):
        _report(db, NOBODY, made.post_id, clock)
    with pytest.raises(ForbiddenError) as raised:
        _report(db, author, made.post_id, clock)
    assert raised.value.data["reason"] == "moderation.own_post"
    with pytest.raises(ForbiddenError):
        _report(db, replace(reader, is_suspended=True), made.post_id, clock)
    with pytest.raises(PostNotFoundError):
        _report(db, reader, made.post_id + 1000, clock)
    with pytest.raises(InvalidInputError):
        _report(db, reader, made.post_id, clock, note="x" * 1_001)


def test_held_post_waits_for_a_moderator_and_keep_publishes_it(
    db: Database, clock: TickingClock, author: Actor, reader: Actor, moderator: Actor
) -> None:
    with db.transaction() as session:
        made = ask(session, author, OFFER, language=VI, now=clock())
    [item] = _items(db, moderator)
    assert (item.kind, item.post.body, item.post.state) == (ItemKind.SCREENED, OFFER, PostState.HELD)
    assert item.hold_reason
    with pytest.raises(PostNotFoundError), db.reading() as session:
        get_post_view(session, actor=reader, post_id=made.post_id, language=VI)
    _decide(db, moderator, item.id, Action.KEEP, clock)
    with db.reading() as session:
        assert get_post_view(session, actor=reader, post_id=made.post_id, language=VI).body == OFFER


@pytest.mark.parametrize(
    ("action", "of_visible", "of_held"),
    [
        (Action.KEEP, PostState.VISIBLE, PostState.VISIBLE),
        (Action.HIDE, PostState.HIDDEN, PostState.HIDDEN),
        (Action.REMOVE, PostState.WITHDRAWN, PostState.WITHDRAWN),
        (Action.WARN, PostState.VISIBLE, PostState.HIDDEN),
        (Action.SUSPEND, PostState.HIDDEN, PostState.HIDDEN),
    ],
)
def test_each_action_does_what_it_says(
    db: Database,
    clock: TickingClock,
    made: Created,
    author: Actor,
    reader: Actor,
    moderator: Actor,
    action: Action,
    of_visible: PostState,
    of_held: PostState,
) -> None:
    with db.transaction() as session:
        held = ask(session, author, OFFER, language=VI, now=clock())
    _report(db, reader, made.post_id, clock)
    for item in _items(db, moderator):
        _decide(db, moderator, item.id, action, clock, note="seen")
    assert (_state(db, made.post_id), _state(db, held.post_id)) == (of_visible, of_held)
    with db.reading() as session:
        is_suspended = get_account(session, author.account_id or 0).suspended_at is not None
    assert is_suspended is (action is Action.SUSPEND)
    decided = _items(db, moderator, ItemState.DECIDED)
    assert [(line.action, line.note, line.decided_by) for item in decided for line in item.decisions] == [
        (action, "seen", moderator.account_id)
    ] * 2


def test_only_one_decision_counts(
    db: Database, clock: TickingClock, made: Created, reader: Actor, moderator: Actor
) -> None:
    item_id = _report(db, reader, made.post_id, clock).item_id
    gate = threading.Barrier(2)

    def decide(action: Action) -> bool:
        gate.wait()
        try:
            _decide(db, moderator, item_id, action, clock)
        except AlreadyDecidedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(decide, [Action.KEEP, Action.REMOVE]))
    assert sorted(results) == [False, True]
    expected = PostState.VISIBLE if results[0] else PostState.WITHDRAWN
    assert _state(db, made.post_id) is expected


@pytest.mark.parametrize(("action", "after"), [(Action.KEEP, PostState.VISIBLE), (Action.REMOVE, PostState.WITHDRAWN)])
def test_hidden_post_is_restored_or_removed_by_another_decision(
    db: Database,
    clock: TickingClock,
    made: Created,
    reader: Actor,
    moderator: Actor,
    action: Action,
    after: PostState,
) -> None:
    item_id = _report(db, reader, made.post_id, clock).item_id
    _decide(db, moderator, item_id, Action.HIDE, clock)
    for other in (Action.HIDE, Action.WARN, Action.SUSPEND):
        with pytest.raises(AlreadyDecidedError):
            _decide(db, moderator, item_id, other, clock)
    _decide(db, moderator, item_id, action, clock)
    assert _state(db, made.post_id) is after
    with pytest.raises(AlreadyDecidedError):
        _decide(db, moderator, item_id, action, clock)
    (item,) = _items(db, moderator, ItemState.DECIDED)
    assert [line.action for line in item.decisions] == [Action.HIDE, action]


def test_decisions_are_only_ever_added(
    db: Database, clock: TickingClock, made: Created, reader: Actor, moderator: Actor
) -> None:
    item_id = _report(db, reader, made.post_id, clock).item_id
    decision_id = _decide(db, moderator, item_id, Action.KEEP, clock).id
    with pytest.raises(DecisionLogError), db.transaction() as session:
        session.get_one(ModerationDecision, decision_id).note = "nothing happened"
    with pytest.raises(DecisionLogError), db.transaction() as session:
        session.delete(session.get_one(ModerationDecision, decision_id))


def test_interpreter_moderates_the_languages_she_reads(
    db: Database, clock: TickingClock, made: Created, reader: Actor
) -> None:
    vietnamese = make_interpreter(db, ("vi", "zh-Hant"), now=clock())
    khmer = make_interpreter(db, ("km", "zh-Hant"), now=clock())
    item_id = _report(db, reader, made.post_id, clock).item_id
    assert [item.id for item in _items(db, vietnamese)] == [item_id]
    assert _items(db, khmer) == []
    with pytest.raises(ItemNotFoundError), db.reading() as session:
        get_item(session, actor=khmer, item_id=item_id)
    with pytest.raises(ItemNotFoundError):
        _decide(db, khmer, item_id, Action.HIDE, clock)
    with pytest.raises(ForbiddenError) as raised:
        _decide(db, vietnamese, item_id, Action.SUSPEND, clock)
    assert raised.value.data["reason"] == "moderation.moderators_only"
    _decide(db, vietnamese, item_id, Action.HIDE, clock)
    assert _state(db, made.post_id) is PostState.HIDDEN


def test_nobody_decides_about_an_own_post(db: Database, clock: TickingClock, reader: Actor, moderator: Actor) -> None:
    with db.transaction() as session:
        own = ask(session, moderator, QUESTION, language=VI, now=clock())
    item_id = _report(db, reader, own.post_id, clock).item_id
    assert _items(db, moderator) == []
    with pytest.raises(ItemNotFoundError), db.reading() as session:
        get_item(session, actor=moderator, item_id=item_id)
    with pytest.raises(ForbiddenError) as raised:
        _decide(db, moderator, item_id, Action.KEEP, clock)
    assert raised.value.data["reason"] == "moderation.own_post"


def test_room_is_closed_to_members(db: Database, clock: TickingClock, made: Created, reader: Actor) -> None:
    item_id = _report(db, reader, made.post_id, clock).item_id
    with pytest.raises(ForbiddenError):
        _items(db, reader)
    with pytest.raises(ForbiddenError):
        _decide(db, reader, item_id, Action.KEEP, clock)
    with db.reading() as session:
        assert count_open(session, actor=reader) == 0


@pytest.mark.parametrize(
    ("roles", "author_roles", "allowed"),
    [
        ({Role.MODERATOR}, [], True),
        ({Role.MODERATOR}, ["moderator"], False),
        ({Role.MODERATOR}, ["admin"], False),
        ({Role.ADMIN}, ["moderator"], True),
    ],
)
def test_only_admins_suspend_those_who_run_the_platform(
    roles: set[Role], author_roles: list[str], allowed: bool
) -> None:
    actor = Actor(account_id=1, roles=frozenset(roles))
    decision = policy.can_decide(actor, action=Action.SUSPEND, language=VI, author_id=2, author_roles=author_roles)
    assert bool(decision) is allowed


def test_post_withdrawn_meanwhile_can_still_be_decided_about(
    db: Database, clock: TickingClock, made: Created, author: Actor, reader: Actor, moderator: Actor
) -> None:
    item_id = _report(db, reader, made.post_id, clock).item_id
    with db.transaction() as session:
        withdraw_post(session, actor=author, post_id=made.post_id, now=clock())
    [item] = _items(db, moderator)
    assert (item.post.body, item.post.state) == ("", PostState.WITHDRAWN)
    _decide(db, moderator, item_id, Action.KEEP, clock)
    assert _state(db, made.post_id) is PostState.WITHDRAWN


def test_hidden_post_is_seen_in_the_room_only(
    db: Database, clock: TickingClock, made: Created, reader: Actor, moderator: Actor
) -> None:
    _report(db, reader, made.post_id, clock)
    with db.transaction() as session:
        hide_post(session, post_id=made.post_id, now=clock())
    assert [item.post.body for item in _items(db, moderator)] == [QUESTION]
    with pytest.raises(PostNotFoundError), db.reading() as session:
        get_post_view(session, actor=moderator, post_id=made.post_id, language=VI)


def test_author_and_reporters_are_told_once_each_and_not_who_reported(
    db: Database, clock: TickingClock, made: Created, author: Actor, reader: Actor, moderator: Actor
) -> None:
    _report(db, reader, made.post_id, clock, note="he called me")
    item_id = _items(db, moderator)[0].id
    decision = _decide(db, moderator, item_id, Action.REMOVE, clock)
    with db.reading() as session:
        assert "moderation.decision_made" in session.scalars(select(OutboxRow.name)).all()
    for _ in range(2):
        with db.transaction() as session:
            notify_of_decision(session, decision_id=decision.id, now=clock())
    with db.reading() as session:
        told = {
            (row.account_id, row.kind): row.payload
            for row in session.scalars(select(Delivery).where(Delivery.post_id == made.post_id))
        }
        count = len(session.scalars(select(Delivery)).all())
    assert told == {
        (author.account_id, DeliveryKind.DECISION): {"action": "remove", "reasons": ["scam"]},
        (reader.account_id, DeliveryKind.REPORT_OUTCOME): {"action": "remove"},
    }
    assert count == 2


def test_queue_of_items_pages(
    db: Database, clock: TickingClock, author: Actor, reader: Actor, moderator: Actor
) -> None:
    with db.transaction() as session:
        posts = [ask(session, author, f"{QUESTION} {number}", language=VI, now=clock()).post_id for number in range(3)]
    ids = [_report(db, reader, post_id, clock).item_id for post_id in posts]
    with db.reading() as session:
        first = list_items(session, actor=moderator, limit=2)
        second = list_items(session, actor=moderator, after=first.next, limit=2)
    assert [item.id for item in (*first.items, *second.items)] == ids
    assert second.next is None
