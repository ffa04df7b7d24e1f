"""Events are handled once and in order, whatever the network, the process and LINE do; what is taken back is gone."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.models import Account
from app.core.errors import UnavailableError
from app.forum.models import Post, PostState, Thread
from bots.line import inbound
from bots.line.client import Outcome
from bots.line.inbound import MAX_ATTEMPTS, run_inbox
from bots.line.models import InboxState, LineIdentity
from simulators.line.actor import LineUser
from simulators.line.events import without_user_id
from simulators.line.faults import FaultKind
from tests.line.clients import RecordingLineClient
from tests.line.conftest import KHMER, World
from tests.line.test_questions import VIETNAMESE, count, list_posts

UNSURE = "KTV 119?"


# --- once ---


def test_redelivered_and_duplicated_events_do_nothing_twice(world: World, user: LineUser) -> None:
    sender = world.simulator.sender
    deliveries = [user.follow(), user.say(KHMER)]
    for delivery in deliveries:
        sender.duplicate(delivery)
    world.run_inbox()
    before = len(user.messages)
    for delivery in deliveries:
        sender.redeliver(delivery)
        sender.duplicate(delivery)
    world.run_inbox()
    assert len(list_posts(world)) == 1
    assert len(user.messages) == before


def test_double_tap_does_nothing_twice(world: World, user: LineUser) -> None:
    user.say(VIETNAMESE)
    user.say(KHMER)
    world.run_inbox()
    before = len(user.messages)
    user.double_tap(1)
    world.run_inbox()
    assert count(world, Thread) == 2
    assert len(user.messages) == before + 1


def test_same_tap_much_later_is_answered_again(world: World, user: LineUser) -> None:
    user.follow()
    world.run_inbox()
    for _ in range(2):
        before = len(user.messages)
        user.tap("ไทย")
        world.run_inbox()
        assert len(user.messages) == before + 1
        world.clock.advance(minutes=1)


@pytest.mark.parametrize("data", ["1:add", "1:new", "1:reply:99", "1:wrong:99:1", "1:language:xx", "1:language", "zzz"])
def test_stale_or_foreign_postback_harms_nobody(world: World, user: LineUser, data: str) -> None:
    user.follow()
    user.tap_action({"type": "postback", "data": data})
    world.run_inbox()
    assert world.list_states() == {InboxState.DONE}
    assert count(world, Thread) == 0


def test_postback_is_authorised_by_its_sender(world: World, user: LineUser) -> None:
    """A button that somebody else was sent opens nothing that its new owner may not see."""
    user.say(KHMER)
    world.run_inbox()
    ((post, _, _),) = list_posts(world)
    with world.runtime.db.transaction() as session:
        session.get_one(Post, post.id).state = PostState.HELD
    stranger = world.simulator.user("stranger")
    stranger.follow()
    stranger.tap_action({"type": "postback", "data": f"1:reply:{post.id}"})
    world.run_inbox()
    assert "no longer there" in stranger.last_text


def test_other_persons_question_is_not_for_guests_to_answer(world: World, user: LineUser) -> None:
    user.say(KHMER)
    world.run_inbox()
    ((post, _, _),) = list_posts(world)
    stranger = world.simulator.user("stranger")
    stranger.follow()
    stranger.tap_action({"type": "postback", "data": f"1:reply:{post.id}"})
    stranger.say(VIETNAMESE)
    world.run_inbox()
    assert "can't do this" in stranger.last_text
    assert len(list_posts(world)) == 1


# --- in order ---


def test_events_are_handled_in_the_order_they_happened(world: World, user: LineUser) -> None:
    first, second = user.compose(KHMER), user.compose(VIETNAMESE)
    world.simulator.deliver(second)
    world.simulator.deliver(first)
    world.run_inbox()
    assert [text for _, text, _ in list_posts(world)] == [KHMER]
    user.tap(1)
    world.run_inbox()
    assert [text for _, text, _ in list_posts(world)] == [KHMER, VIETNAMESE]


def test_event_waits_for_the_earlier_ones_of_its_chat_only(
    offline: World, caller: LineUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = offline.simulator.user("other")
    caller.say(KHMER)
    with monkeypatch.context() as patch:
        patch.setattr(inbound, "take_turn", fail)
        offline.run_inbox()
    caller.say(VIETNAMESE)
    other.say(KHMER)
    offline.run_inbox()
    assert [text for _, text, _ in list_posts(offline)] == [KHMER]
    assert offline.get_account(other).id == list_posts(offline)[0][0].author_id
    offline.clock.advance(minutes=1)
    offline.run_inbox()
    assert len(list_posts(offline)) == 2


def fail(*_arguments: object, **_keywords: object) -> None:
    raise UnavailableError(dependency="test")


def test_several_people_in_one_webhook_are_kept_apart(world: World, user: LineUser) -> None:
    other = world.simulator.user("other")
    world.simulator.deliver(user.compose(KHMER), other.compose(VIETNAMESE))
    world.run_inbox()
    assert len({post.author_id for post, _, _ in list_posts(world)}) == 2
    assert len(user.messages) == len(other.messages) == 1


# --- whatever happens ---


def test_event_is_tried_again_when_a_dependency_was_out_of_reach(
    offline: World, caller: LineUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.say(KHMER)
    with monkeypatch.context() as patch:
        patch.setattr(inbound, "take_turn", fail)
        offline.run_inbox()
    assert list_posts(offline) == []
    offline.clock.advance(minutes=1)
    offline.run_inbox()
    assert len(list_posts(offline)) == 1


def test_event_is_dead_after_so_many_failures_and_holds_nobody_back(
    offline: World, caller: LineUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.say(KHMER)
    with monkeypatch.context() as patch:
        patch.setattr(inbound, "take_turn", fail)
        for _ in range(MAX_ATTEMPTS + 2):
            offline.run_inbox()
            offline.clock.advance(hours=1)
    (row,) = offline.list_inbox()
    assert (row.state, row.attempts, row.error) == (InboxState.DEAD, MAX_ATTEMPTS, "unavailable")
    assert row.payload_encrypted is None
    caller.say(VIETNAMESE)
    offline.run_inbox()
    assert [text for _, text, _ in list_posts(offline)] == [VIETNAMESE]


def test_process_that_dies_before_the_answer_answers_later(
    offline: World, recorder: RecordingLineClient, caller: LineUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.say(KHMER)

    def die(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(inbound, "_answer", die)
        with pytest.raises(KeyboardInterrupt):
            offline.run_inbox()
    assert len(list_posts(offline)) == 1
    offline.clock.advance(minutes=2)
    offline.run_inbox()
    # Its token is too old by then, and this is what a person must hear.
    assert [sent.endpoint for sent in recorder.sent] == ["push"]
    assert len(list_posts(offline)) == 1


def test_acknowledgement_is_pushed_when_the_worker_was_too_late_for_the_token(world: World, user: LineUser) -> None:
    user.say(KHMER)
    world.clock.advance(seconds=70)
    world.run_inbox()
    assert [message.via for message in user.messages] == ["push"]
    assert world.simulator.calls.to("reply") == []


def test_small_talk_costs_no_push_when_the_token_is_gone(world: World, user: LineUser) -> None:
    user.follow()
    user.sticker()
    world.clock.advance(seconds=70)
    world.run_inbox()
    assert user.messages == []


@pytest.mark.parametrize("fault", [FaultKind.DROP_AFTER, FaultKind.ERROR_AFTER, FaultKind.DROP_BEFORE])
def test_reply_arrives_once_when_its_answer_is_lost(world: World, user: LineUser, fault: FaultKind) -> None:
    world.simulator.faults.inject("reply", fault)
    user.say(KHMER)
    world.settle()
    world.clock.advance(hours=1)
    world.settle()
    assert len(user.messages) == 1
    assert world.list_states() == {InboxState.DONE}


def test_reply_is_tried_with_its_token_again_when_line_was_busy(
    offline: World, recorder: RecordingLineClient, caller: LineUser
) -> None:
    recorder.coming.append(Outcome.BUSY)
    caller.say(KHMER)
    offline.run_inbox()
    assert recorder.sent == []
    offline.clock.advance(seconds=10)
    offline.run_inbox()
    assert [sent.endpoint for sent in recorder.sent] == ["reply"]


def test_acknowledgement_is_pushed_when_line_refuses_the_token(
    offline: World, recorder: RecordingLineClient, caller: LineUser
) -> None:
    recorder.coming.append(Outcome.REFUSED)
    caller.say(KHMER)
    offline.run_inbox()
    assert [sent.endpoint for sent in recorder.sent] == ["push"]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_event_ends_whatever_line_answers(
    offline: World, recorder: RecordingLineClient, caller: LineUser, outcome: Outcome
) -> None:
    caller.say(KHMER)
    for _ in range(MAX_ATTEMPTS + 1):
        recorder.coming.extend([outcome] * 3)
        offline.run_inbox()
        offline.clock.advance(hours=1)
    assert offline.list_states() <= {InboxState.DONE, InboxState.DEAD}
    assert len(list_posts(offline)) == 1


def test_old_events_are_forgotten(offline: World, caller: LineUser) -> None:
    caller.follow()
    offline.run_inbox()
    offline.clock.advance(days=8)
    caller.follow()
    offline.run_inbox()
    assert len(offline.list_inbox()) == 1


def test_nothing_of_an_event_is_kept_when_it_is_done(world: World, user: LineUser) -> None:
    user.say(KHMER)
    world.run_inbox()
    (row,) = world.list_inbox()
    assert (row.payload_encrypted, row.turn_encrypted, row.reply_token_encrypted) == (None, None, None)
    identity = world.get_identity(user)
    assert identity.conversation_encrypted is None
    stored = "".join(str(getattr(identity, column.key)) for column in LineIdentity.__table__.columns)
    assert user.user_id not in stored


# --- silence ---


def test_nothing_is_sent_or_read_while_another_service_holds_the_chat(world: World, user: LineUser) -> None:
    user.user.standby = True
    user.follow()
    user.say(KHMER)
    world.settle()
    assert user.messages == []
    assert world.simulator.state.violations == []
    assert count(world, Thread) == count(world, Account) == 0


def test_events_without_a_user_or_of_an_unknown_kind_are_ignored(world: World, user: LineUser) -> None:
    world.simulator.deliver(without_user_id(user.compose(KHMER)))
    user.send_unknown()
    world.run_inbox()
    assert world.list_states() == {InboxState.IGNORED}
    assert user.messages == []


def make_group_event(user: LineUser, kind: str, **fields: Any) -> dict[str, Any]:
    event = user.compose(KHMER)
    del event["message"]
    group = {"type": "group", "groupId": "C" + "b" * 32, "userId": user.user_id}
    return event | {"type": kind, "source": group} | fields


def test_bot_leaves_a_group_politely_and_keeps_nothing_of_it(
    offline: World, recorder: RecordingLineClient, caller: LineUser
) -> None:
    message = {"id": "9", "type": "text", "text": KHMER, "quoteToken": "q"}
    offline.simulator.deliver(make_group_event(caller, "join"), make_group_event(caller, "message", message=message))
    offline.run_inbox()
    (sent,) = recorder.sent
    assert sent.endpoint == "reply"
    assert recorder.left == ["C" + "b" * 32]
    assert count(offline, Thread) == count(offline, Account) == 0


def test_bot_leaves_a_group_later_when_line_did_not_answer(
    offline: World, recorder: RecordingLineClient, caller: LineUser
) -> None:
    offline.simulator.deliver(make_group_event(caller, "join"))
    offline.clock.advance(seconds=60)
    recorder.coming.append(Outcome.UNCERTAIN)
    offline.run_inbox()
    assert recorder.left == []
    offline.clock.advance(seconds=60)
    offline.run_inbox()
    assert recorder.left == ["C" + "b" * 32]


def test_two_workers_handle_an_event_once(offline: World, recorder: RecordingLineClient, caller: LineUser) -> None:
    caller.say(KHMER)
    with offline.runtime.db.reading() as session:
        found = inbound.find_next(session, now=offline.clock())
    assert found is not None
    run_inbox(offline.runtime, recorder)
    with offline.runtime.db.transaction() as session:
        assert inbound.claim(session, found, now=offline.clock()) is None
