"""Answers on their way to LINE: when they can be read, once, and not after they were taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.core.actor import Actor
from app.core.catalogue import translate
from app.forum.models import Post
from app.forum.service.posts import edit_post, withdraw_post
from app.notifications.models import Delivery, DeliveryKind, DeliveryState
from app.notifications.service import plan_notice
from app.notifications.waiting import plan_waiting_notices
from bots.line import texts
from bots.line.client import Outcome
from bots.line.models import LineSend
from bots.line.outbound import run_deliveries
from simulators.line.actor import LineUser, Received
from simulators.line.faults import FaultKind
from tests.line.clients import RecordingLineClient
from tests.line.conftest import KHMER, World
from tests.line.test_questions import list_posts
from translation.languages import LanguageTag
from translation.models import Translation

ANSWER = "請到移民署各縣市服務站辦理。"
ANSWER_KM = "សូមទៅធ្វើនៅស្ថានីយសេវានៃទីភ្នាក់ងារអន្តោប្រវេសន៍។"
PAIR = (LanguageTag.ZH_HANT, LanguageTag.KM)


@pytest.fixture
def citizen(world: World) -> Actor:
    return world.make_actor("citizen")


@pytest.fixture
def interpreter(world: World) -> Actor:
    return world.make_actor("interpreter", PAIR, PAIR[::-1])


#: The buttons of a card for somebody who reads Khmer.
REPLY, WRONG = translate("km", texts.REPLY), translate("km", texts.WRONG_TRANSLATION)


def ask(world: World, user: LineUser) -> int:
    user.say(KHMER)
    world.settle()
    thread_id = world.get_identity(user).thread_id
    assert thread_id is not None
    return thread_id


def get_delivery(world: World) -> Delivery:
    """The one delivery by LINE."""
    with world.runtime.db.reading() as session:
        return session.scalars(select(Delivery).where(Delivery.channel == "line")).one()


def verify(world: World, interpreter: Actor) -> None:
    world.interpret(interpreter, ANSWER_KM, source=PAIR[0], target=PAIR[1])


def list_pushed(user: LineUser) -> list[Received]:
    return [message for message in user.messages if message.via == "push"]


def answer_readably(world: World, user: LineUser, citizen: Actor, interpreter: Actor) -> int:
    """A question, its answer, and a person's translation of it; nothing is delivered yet. The answer's post id."""
    thread_id = ask(world, user)
    post_id = world.answer(citizen, thread_id, ANSWER)
    world.settle()
    verify(world, interpreter)
    # The free token of the acknowledged question is spent; an hour later there is none anyway.
    world.clock.advance(hours=1)
    return post_id


def test_answer_is_pushed_once_an_interpreter_has_made_it_readable(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor
) -> None:
    thread_id = ask(world, user)
    world.answer(citizen, thread_id, ANSWER)
    world.settle()
    assert world.simulator.calls.to("push") == [], "she can't read it yet"
    verify(world, interpreter)
    world.settle()
    (card,) = list_pushed(user)
    texts = card.texts
    assert texts.index(ANSWER_KM) < texts.index(ANSWER)
    assert any("繁體中文" in text for text in texts)
    (call,) = world.simulator.calls.to("push")
    delivery = get_delivery(world)
    assert call.retry_key == delivery.retry_key
    assert delivery.state is DeliveryState.SENT
    world.settle()
    assert len(list_pushed(user)) == 1


def test_answer_in_her_own_language_needs_nobody(world: World, user: LineUser) -> None:
    thread_id = ask(world, user)
    world.answer(world.make_actor("neighbour", language=LanguageTag.KM), thread_id, ANSWER_KM)
    world.settle()
    (card,) = list_pushed(user)
    assert card.texts.count(ANSWER_KM) == 1
    assert card.buttons[-1]["uri"].startswith("https://qiao.example/km/q/")


@pytest.mark.parametrize("fault", [FaultKind.DROP_AFTER, FaultKind.ERROR_AFTER, FaultKind.HTML_AFTER])
def test_accepted_push_is_never_sent_twice_when_its_answer_is_lost(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor, fault: FaultKind
) -> None:
    answer_readably(world, user, citizen, interpreter)
    world.simulator.faults.inject("push", fault)
    world.settle()
    world.clock.advance(minutes=10)
    world.settle()
    assert len(list_pushed(user)) == 1
    assert get_delivery(world).state is DeliveryState.SENT
    assert world.simulator.state.violations == []


def test_retry_sends_the_same_bytes_even_when_the_text_has_changed(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor
) -> None:
    answer_readably(world, user, citizen, interpreter)
    world.simulator.faults.inject("push", FaultKind.DROP_AFTER)
    world.settle()
    with world.runtime.db.transaction() as session:
        session.scalars(select(Translation)).first().is_reported = True  # type: ignore[union-attr]
    user.say("English")
    world.clock.advance(minutes=10)
    world.settle()
    first, second = world.simulator.calls.to("push")
    assert (first.body, first.retry_key) == (second.body, second.retry_key)
    assert second.status == 409


@pytest.mark.parametrize("fault", [FaultKind.SERVER_ERROR, FaultKind.DROP_BEFORE, FaultKind.RATE_LIMIT])
def test_push_is_repeated_later_when_it_failed(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor, fault: FaultKind
) -> None:
    answer_readably(world, user, citizen, interpreter)
    world.simulator.faults.inject("push", fault)
    world.settle()
    assert list_pushed(user) == []
    world.clock.advance(minutes=10)
    world.settle()
    assert len(list_pushed(user)) == 1


@pytest.mark.parametrize("fault", [FaultKind.UNAUTHORIZED, FaultKind.MONTHLY_LIMIT])
def test_nothing_more_is_tried_when_line_takes_nothing(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor, fault: FaultKind
) -> None:
    post_id = answer_readably(world, user, citizen, interpreter)
    if fault is FaultKind.MONTHLY_LIMIT:
        world.simulator.state.quota = 0
    world.simulator.faults.inject("push", fault)
    plan_decision(world, user, post_id)
    world.settle()
    assert len(world.simulator.calls.to("push")) == 1
    world.simulator.state.quota = None
    world.clock.advance(hours=2)
    world.settle()
    assert len(list_pushed(user)) == 2


def plan_decision(world: World, user: LineUser, post_id: int, **payload: str) -> None:
    account_id = world.get_account(user).id
    with world.runtime.db.transaction() as session:
        plan_notice(
            session,
            account_id=account_id,
            kind=DeliveryKind.DECISION,
            subject="1",
            post_id=post_id,
            thread_id=session.get_one(Post, post_id).thread_id,
            payload=payload,
            now=world.clock(),
        )


def test_decision_is_told_in_a_sentence(world: World, user: LineUser, citizen: Actor) -> None:
    post_id = world.answer(citizen, ask(world, user), ANSWER)
    plan_decision(world, user, post_id, action="remove")
    world.settle()
    (message,) = list_pushed(user)
    assert translate("km", texts.DECISIONS["remove"]) in message.text


def test_delivery_fails_for_good_when_line_refuses_it(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor
) -> None:
    answer_readably(world, user, citizen, interpreter)
    world.simulator.faults.inject("push", FaultKind.TOO_LARGE)
    world.settle()
    world.clock.advance(hours=2)
    world.settle()
    assert get_delivery(world).state is DeliveryState.FAILED
    assert len(world.simulator.calls.to("push")) == 1


def test_nothing_is_sent_when_the_answer_was_withdrawn_before(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor
) -> None:
    post_id = answer_readably(world, user, citizen, interpreter)
    with world.runtime.db.transaction() as session:
        withdraw_post(session, actor=citizen, post_id=post_id, now=world.clock())
    world.settle()
    assert world.simulator.calls.to("push") == []


def test_nothing_is_sent_when_the_answer_is_withdrawn_between_two_attempts(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor
) -> None:
    post_id = answer_readably(world, user, citizen, interpreter)
    world.simulator.faults.inject("push", FaultKind.SERVER_ERROR)
    world.settle()
    with world.runtime.db.transaction() as session:
        withdraw_post(session, actor=citizen, post_id=post_id, now=world.clock())
    world.clock.advance(hours=2)
    world.settle()
    assert len(world.simulator.calls.to("push")) == 1
    assert list_pushed(user) == []


def test_nothing_is_sent_when_she_has_blocked_the_bot(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor
) -> None:
    answer_readably(world, user, citizen, interpreter)
    user.block()
    world.settle()
    assert world.simulator.calls.to("push") == []


def test_it_waits_when_the_answer_became_unreadable_meanwhile(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor
) -> None:
    post_id = answer_readably(world, user, citizen, interpreter)
    world.simulator.faults.inject("push", FaultKind.SERVER_ERROR)
    world.settle()
    with world.runtime.db.transaction() as session:
        edit_post(session, actor=citizen, post_id=post_id, body=ANSWER + "要帶護照。", now=world.clock())
    world.clock.advance(hours=2)
    world.settle()
    # The outdated text of a person is kept, labelled; so it is still there to be read.
    assert get_delivery(world).state is DeliveryState.SENT


def test_waiting_is_told_once(world: World, user: LineUser, citizen: Actor, interpreter: Actor) -> None:
    thread_id = ask(world, user)
    world.answer(citizen, thread_id, ANSWER)
    world.settle()
    for _ in range(2):
        world.clock.advance(minutes=30)
        with world.runtime.db.transaction() as session:
            plan_waiting_notices(session, now=world.clock())
        world.settle()
    (notice,) = list_pushed(user)
    assert notice.text == translate("km", texts.ANSWER_WAITS, number=thread_id)
    assert ANSWER not in str(notice.payload)


def test_language_change_makes_a_waiting_answer_readable(world: World, user: LineUser, citizen: Actor) -> None:
    thread_id = ask(world, user)
    world.answer(citizen, thread_id, ANSWER)
    world.settle()
    assert list_pushed(user) == []
    user.say("繁體中文")
    world.settle()
    assert ANSWER in str(user.messages[-1].payload)


# --- what she does with the card ---


def test_reader_says_that_the_translation_is_wrong_once(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor
) -> None:
    answer_readably(world, user, citizen, interpreter)
    world.settle()
    user.double_tap(WRONG)
    before = len(user.messages)
    world.settle()
    assert len(user.messages) == before + 1
    with world.runtime.db.reading() as session:
        reported = select(func.count()).select_from(Translation).where(Translation.is_reported)
        assert session.scalar(reported) == 1


def test_reader_replies_to_the_card(world: World, user: LineUser, citizen: Actor, interpreter: Actor) -> None:
    post_id = answer_readably(world, user, citizen, interpreter)
    world.settle()
    user.tap(REPLY)
    user.say("អរគុណ")
    world.settle()
    *_, (post, text, _) = list_posts(world)
    assert (text, post.reply_to_id) == ("អរគុណ", post_id)


def test_old_button_is_answered_when_its_post_is_gone(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor
) -> None:
    post_id = answer_readably(world, user, citizen, interpreter)
    world.settle()
    with world.runtime.db.transaction() as session:
        withdraw_post(session, actor=citizen, post_id=post_id, now=world.clock())
    for label in (REPLY, WRONG):
        world.clock.advance(minutes=1)
        user.tap(label)
        world.settle()
        assert user.last_text == translate("km", texts.GONE)


# --- for free where somebody has just written ---


def test_answer_goes_by_a_free_reply_when_a_token_is_at_hand(
    world: World, user: LineUser, citizen: Actor, interpreter: Actor
) -> None:
    answer_readably(world, user, citizen, interpreter)
    user.tap_action({"type": "postback", "data": "not ours"})
    world.settle()
    assert user.messages[-1].via == "reply"
    assert ANSWER_KM in user.messages[-1].texts
    assert world.simulator.calls.to("push") == []


def test_free_reply_falls_back_to_a_push_when_line_refuses_the_token(
    offline: World, recorder: RecordingLineClient
) -> None:
    user = offline.simulator.user("sokha")
    thread_id = ask(offline, user)
    offline.answer(offline.make_actor("neighbour", language=LanguageTag.KM), thread_id, ANSWER_KM)
    user.tap_action({"type": "postback", "data": "not ours"})
    offline.run_inbox()
    recorder.coming.append(Outcome.REFUSED)
    offline.settle()
    assert [sent.endpoint for sent in recorder.sent] == ["reply", "push"]


def test_free_reply_counts_as_sent_when_its_second_try_finds_the_token_used(
    offline: World, recorder: RecordingLineClient
) -> None:
    user = offline.simulator.user("sokha")
    thread_id = ask(offline, user)
    offline.answer(offline.make_actor("neighbour", language=LanguageTag.KM), thread_id, ANSWER_KM)
    user.tap_action({"type": "postback", "data": "not ours"})
    offline.run_inbox()
    recorder.coming.append(Outcome.UNCERTAIN)
    recorder.is_lost = True
    offline.settle()
    assert [sent.endpoint for sent in recorder.sent] == ["reply", "reply"], "the acknowledgement and the answer"
    assert get_delivery(offline).state is DeliveryState.SENT


def test_process_that_dies_in_the_call_sends_the_same_again(
    offline: World, recorder: RecordingLineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = offline.simulator.user("sokha")
    thread_id = ask(offline, user)
    offline.answer(offline.make_actor("neighbour", language=LanguageTag.KM), thread_id, ANSWER_KM)
    push = recorder.push

    def die(*arguments: object, **keywords: object) -> None:
        push(*arguments, **keywords)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(recorder, "push", die)
        with pytest.raises(KeyboardInterrupt):
            offline.settle()
    offline.clock.advance(minutes=10)
    run_deliveries(offline.runtime, recorder)
    assert [sent.endpoint for sent in recorder.sent] == ["reply", "push"]
    assert recorder.calls.count("push") == 2
    assert get_delivery(offline).state is DeliveryState.SENT
    with offline.runtime.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(LineSend)) == 0, "nothing of it is kept"
