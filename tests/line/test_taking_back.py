"""What people take back is gone: on the way in, in the forum, in translations, and on the way out."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.forum.models import Post, PostState
from app.forum.service.threads import follow_thread
from app.interpreting.queries import build_actor
from app.notifications.models import Delivery, DeliveryState
from bots.line import inbound
from bots.line.models import InboxState, LineMessage
from simulators.line.actor import LineUser
from tests.line.conftest import KHMER, World
from tests.line.test_deliveries import ANSWER_KM, PAIR
from tests.line.test_inbox import UNSURE, fail
from tests.line.test_questions import list_posts
from translation.languages import LanguageTag
from translation.models import Candidate, SourceText, Translation, TranslationState


def get_rows(world: World) -> dict[str, Any]:
    with world.runtime.db.reading() as session:
        return {
            "sources": set(session.scalars(select(SourceText.text))),
            "candidates": list(session.scalars(select(Candidate))),
            "translations": set(session.scalars(select(Translation.state))),
            "posts": set(session.scalars(select(Post.state))),
            "messages": list(session.scalars(select(LineMessage))),
        }


def test_unsend_withdraws_the_question_and_everything_made_of_it(world: World, user: LineUser) -> None:
    interpreter = world.make_actor("interpreter", PAIR, PAIR[::-1])
    sent = user.say(KHMER)
    world.settle()
    world.interpret(interpreter, "請問在哪裡延長居留證?", source=LanguageTag.KM, target=LanguageTag.ZH_HANT)
    world.settle()
    assert get_rows(world)["candidates"]
    user.unsend(sent.message_id)
    world.settle()
    rows = get_rows(world)
    assert rows["posts"] == {PostState.WITHDRAWN}
    assert rows["sources"] == {""}
    assert rows["candidates"] == []
    assert rows["translations"] == {TranslationState.WITHDRAWN}
    assert [row.withdrawn_at is not None for row in rows["messages"]] == [True]


def test_unsend_of_an_addition_withdraws_its_unsent_deliveries(world: World, user: LineUser) -> None:
    user.say(KHMER)
    world.settle()
    ((post, _, _),) = list_posts(world)
    friend = world.simulator.user("friend")
    friend.follow()
    world.settle()
    with world.runtime.db.transaction() as session:
        actor = build_actor(session, session.get_one(Account, world.get_account(friend).id))
        follow_thread(session, actor=actor, thread_id=post.thread_id, now=world.clock())
    more = user.say(ANSWER_KM)
    world.run_inbox()
    user.tap(0)
    world.settle()
    with world.runtime.db.reading() as session:
        planned = session.scalars(select(Delivery).where(Delivery.channel == "line")).one()
    assert planned.state is DeliveryState.PLANNED
    user.unsend(more.message_id)
    world.settle()
    with world.runtime.db.reading() as session:
        assert session.get_one(Delivery, planned.id).state is DeliveryState.SUPPRESSED
    assert world.simulator.calls.to("push") == []


def test_message_is_never_posted_when_its_unsend_came_first(world: World, user: LineUser) -> None:
    event = user.compose(KHMER)
    world.simulator.deliver(user.compose_unsend(event["message"]["id"]))
    world.run_inbox()
    world.simulator.deliver(event)
    world.settle()
    assert list_posts(world) == []
    assert user.messages == []


def test_unsend_does_not_wait_for_its_message(
    offline: World, caller: LineUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = caller.say(KHMER)
    with monkeypatch.context() as patch:
        patch.setattr(inbound, "take_turn", fail)
        offline.run_inbox()
    caller.unsend(sent.message_id)
    offline.run_inbox()
    assert [row.payload_encrypted for row in offline.list_inbox()] == [None, None]
    offline.clock.advance(hours=1)
    offline.run_inbox()
    assert list_posts(offline) == []


def test_unsend_drops_what_waited_for_a_choice(world: World, user: LineUser) -> None:
    first = user.say("KTV")
    second = user.say("119?")
    world.run_inbox()
    user.unsend(first.message_id)
    world.run_inbox()
    user.tap("ไทย")
    world.run_inbox()
    assert [text for _, text, _ in list_posts(world)] == ["119?"]
    user.unsend(second.message_id)
    world.run_inbox()
    assert [post.state for post, _, _ in list_posts(world)] == [PostState.WITHDRAWN]


def test_unsend_of_everything_that_waited_leaves_nothing_to_choose(world: World, user: LineUser) -> None:
    sent = user.say(UNSURE)
    world.run_inbox()
    user.unsend(sent.message_id)
    world.run_inbox()
    assert world.get_identity(user).conversation_encrypted is None
    user.tap("ไทย")
    world.run_inbox()
    assert list_posts(world) == []


def test_unsend_of_a_withdrawn_post_is_done_quietly(world: World, user: LineUser) -> None:
    first = user.say("KTV")
    second = user.say("119?")
    world.run_inbox()
    user.tap("ไทย")
    world.run_inbox()
    for sent in (first, second):
        user.unsend(sent.message_id)
    world.run_inbox()
    assert world.list_states() == {InboxState.DONE}


def test_stranger_can_take_back_nothing_of_others(world: World, user: LineUser) -> None:
    sent = user.say(KHMER)
    world.run_inbox()
    stranger = world.simulator.user("stranger")
    stranger.follow()
    event = stranger.compose("x")
    del event["message"]
    world.simulator.deliver(event | {"type": "unsend", "unsend": {"messageId": sent.message_id}})
    world.run_inbox()
    assert [post.state for post, _, _ in list_posts(world)] == [PostState.VISIBLE]
    assert world.list_states() == {InboxState.DONE}


def test_unsend_counts_also_for_somebody_who_may_write_no_more(world: World, user: LineUser) -> None:
    sent = user.say(KHMER)
    world.run_inbox()
    with world.runtime.db.transaction() as session:
        session.get_one(Account, world.get_account(user).id).suspended_at = world.clock()
    user.unsend(sent.message_id)
    world.run_inbox()
    assert [post.state for post, _, _ in list_posts(world)] == [PostState.WITHDRAWN]


def test_blocking_forgets_what_waited_and_every_token(world: World, user: LineUser) -> None:
    user.say(UNSURE)
    world.run_inbox()
    user.block()
    world.run_inbox()
    assert world.get_identity(user).conversation_encrypted is None
    assert {row.reply_token_encrypted for row in world.list_inbox()} == {None}
