"""The person with the phone: what they see and what their thumb can reach."""

from __future__ import annotations

import threading

import pytest

from simulators.line.actor import LineUser
from simulators.line.simulator import LineSimulator
from tests.simulators.line.support import Listener, bubble, buttons, flex, post, postback, quick, text

PUSH = "/v2/bot/message/push"


def push(simulator: LineSimulator, user: LineUser, *messages: object) -> None:
    assert post(simulator, PUSH, {"to": user.user_id, "messages": list(messages)})[0] == 200


def labels(user: LineUser) -> list[str]:
    return [action["label"] for action in user.tappable]


def test_quick_replies_show_on_the_last_message_only(simulator: LineSimulator, friend: LineUser) -> None:
    first, last = text("1", quickReply=quick(postback("A"))), text("2", quickReply=quick(postback("B")))
    push(simulator, friend, first, last)
    assert labels(friend) == ["B"]


def test_quick_replies_vanish_when_the_chat_goes_on(simulator: LineSimulator, friend: LineUser) -> None:
    push(simulator, friend, text(quickReply=quick(postback("A"))))
    friend.say("something else")
    with pytest.raises(LookupError):
        friend.tap("A")


def test_buttons_of_old_messages_stay_and_the_newest_wins(
    simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    push(simulator, friend, buttons(actions=[postback("Old", "old"), postback("Same", "older")]))
    push(simulator, friend, flex(bubble({"type": "button", "action": postback("Same", "newer")})))
    friend.tap("Same")
    friend.tap("Old")
    assert [event["postback"]["data"] for event in listener.events[-2:]] == ["newer", "old"]
    assert labels(friend) == ["Same", "Old", "Same"]


def test_tap_by_place_counts_quick_replies_first(
    simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    push(simulator, friend, {**buttons(actions=[postback("B", "b")]), "quickReply": quick(postback("Q", "q"))})
    assert labels(friend) == ["Q", "B"]
    friend.tap(1)
    assert listener.events[-1]["postback"]["data"] == "b"
    with pytest.raises(LookupError):
        friend.tap(5)


def test_display_text_of_a_postback_stands_in_the_chat_without_a_message_event(
    simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    push(simulator, friend, text(quickReply=quick(postback("A", "a", displayText="I chose A"))))
    friend.tap("A")
    assert friend.user.entries[-1].payload == {"type": "displayText", "text": "I chose A"}
    assert [event["type"] for event in listener.events] == ["follow", "postback"]
    assert friend.quick_replies == []


def test_message_action_writes_and_uri_action_opens(
    simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    say = {"type": "message", "label": "Say", "text": "said"}
    link = {"type": "uri", "label": "Open", "uri": "https://qiao.test/vi"}
    push(simulator, friend, buttons(actions=[say, link]))
    friend.tap("Say")
    assert listener.events[-1]["message"]["text"] == "said"
    tap = friend.tap("Open")
    assert (tap.uri, tap.delivery) == ("https://qiao.test/vi", None)
    assert len(listener.events) == 2


def test_double_tap_gives_two_events(simulator: LineSimulator, friend: LineUser, listener: Listener) -> None:
    push(simulator, friend, text(quickReply=quick(postback("A", "a"))))
    friend.double_tap("A")
    one, two = listener.events[-2:]
    assert one["postback"] == two["postback"]
    assert one["webhookEventId"] != two["webhookEventId"]
    assert one["replyToken"] != two["replyToken"]


def test_date_picker_sends_what_it_was_set_to(simulator: LineSimulator, friend: LineUser, listener: Listener) -> None:
    picker = {"type": "datetimepicker", "label": "When", "data": "when", "mode": "date"}
    push(simulator, friend, text(quickReply=quick(picker)))
    friend.tap("When", params={"date": "2026-12-01"})
    assert listener.events[-1]["postback"] == {"data": "when", "params": {"date": "2026-12-01"}}


def test_texts_of_a_card_are_read_top_to_bottom(simulator: LineSimulator, friend: LineUser) -> None:
    card = bubble({"type": "text", "text": "Question"}, {"type": "button", "action": postback("Answer")})
    push(simulator, friend, flex(card, alt="New question"))
    assert friend.last_text == "New question"
    assert friend.messages[-1].texts == ["Question", "Answer"]


def test_unsend_takes_back_own_messages_only(simulator: LineSimulator, friend: LineUser, listener: Listener) -> None:
    message_id = friend.say("oops").message_id
    push(simulator, friend, text())
    friend.unsend(message_id)
    assert listener.events[-1]["unsend"] == {"messageId": message_id}
    with pytest.raises(LookupError):
        friend.unsend(friend.messages[-1].message_id)


def test_waiting_ends_when_the_messages_are_there(simulator: LineSimulator, friend: LineUser) -> None:
    worker = threading.Thread(target=push, args=(simulator, friend, text("one"), text("two")))
    worker.start()
    assert [message.text for message in friend.wait_for(2)] == ["one", "two"]
    worker.join()
    with pytest.raises(TimeoutError, match="2 of 3"):
        friend.wait_for(3, timeout=0.01)


def test_same_name_is_the_same_person(simulator: LineSimulator) -> None:
    simulator.user("friend").say("hello")
    assert simulator.user("friend").user.entries[0].payload["text"] == "hello"
    assert simulator.user("friend").user_id != simulator.user("other").user_id
