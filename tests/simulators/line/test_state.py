"""The platform's memory: reply tokens, retry keys, quota, friendship, months."""

from __future__ import annotations

import pytest

from simulators.line.actor import LineUser
from simulators.line.ids import IdSource, ManualClock, user_id_for
from simulators.line.problems import RefusedError
from simulators.line.records import Friendship, RequestMeta
from simulators.line.simulator import LineSimulator
from tests.simulators.line.support import Listener, post, retry_key, text

PUSH = "/v2/bot/message/push"
REPLY = "/v2/bot/message/reply"


def reply(simulator: LineSimulator, token: str) -> tuple[int, str]:
    status, body, _headers = post(simulator, REPLY, {"replyToken": token, "messages": [text()]})
    return status, body.get("message", "")


def test_reply_token_works_once(simulator: LineSimulator, friend: LineUser, listener: Listener) -> None:
    friend.say("question")
    token = listener.events[-1]["replyToken"]
    assert reply(simulator, token) == (200, "")
    assert reply(simulator, token) == (400, "Invalid reply token")
    assert [message.text for message in friend.messages] == ["hello"]


@pytest.mark.parametrize(("seconds", "status"), [(60, 200), (60.1, 400)])
def test_reply_token_expires_a_minute_after_delivery(
    simulator: LineSimulator, friend: LineUser, listener: Listener, clock: ManualClock, seconds: float, status: int
) -> None:
    friend.say("question")
    clock.advance(seconds)
    assert reply(simulator, listener.events[-1]["replyToken"])[0] == status


@pytest.mark.parametrize(("minutes", "status"), [(20, 200), (20.1, 400)])
def test_redelivery_renews_the_minute_until_twenty_have_passed(
    simulator: LineSimulator, friend: LineUser, clock: ManualClock, minutes: float, status: int
) -> None:
    first = friend.say("question")
    clock.advance(minutes * 60)
    again = simulator.sender.redeliver(first)
    assert reply(simulator, again.events[0]["replyToken"])[0] == status


def test_reply_token_survives_when_the_body_is_refused(
    simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    friend.say("question")
    token = listener.events[-1]["replyToken"]
    assert post(simulator, REPLY, {"replyToken": token, "messages": [text("")]})[0] == 400
    assert reply(simulator, token)[0] == 200


def test_refusal_has_the_form_of_lines_errors(simulator: LineSimulator, friend: LineUser) -> None:
    status, body, headers = post(simulator, PUSH, {"to": friend.user_id, "messages": [text("")]})
    assert status == 400
    assert body == {
        "message": "The request body has 1 error(s)",
        "details": [{"message": "May not be empty", "property": "messages[0].text"}],
    }
    assert headers["X-Line-Request-Id"]


def test_second_use_of_a_retry_key_is_refused_with_the_first_answer(simulator: LineSimulator, friend: LineUser) -> None:
    body = {"to": friend.user_id, "messages": [text()]}
    key = retry_key()
    first_status, first, first_headers = post(simulator, PUSH, body, **{"X-Line-Retry-Key": key})
    status, second, headers = post(simulator, PUSH, body, **{"X-Line-Retry-Key": key.upper()})
    assert (first_status, status) == (200, 409)
    assert headers["X-Line-Accepted-Request-Id"] == first_headers["X-Line-Request-Id"]
    assert headers["X-Line-Request-Id"] != first_headers["X-Line-Request-Id"]
    assert second == {"message": "The retry key is already accepted", "sentMessages": first["sentMessages"]}
    assert len(friend.messages) == 1
    assert simulator.state.consumption == 1
    assert simulator.state.violations == []


def test_retry_with_another_body_is_noted_as_a_violation(simulator: LineSimulator, friend: LineUser) -> None:
    key = {"X-Line-Retry-Key": retry_key()}
    post(simulator, PUSH, {"to": friend.user_id, "messages": [text("one")]}, **key)
    assert post(simulator, PUSH, {"to": friend.user_id, "messages": [text("two")]}, **key)[0] == 409
    assert simulator.state.violations == ["retry key used again for another body"]


@pytest.mark.parametrize(("hours", "status", "messages"), [(24, 409, 1), (24.1, 200, 2)])
def test_retry_key_is_forgotten_after_a_day(
    simulator: LineSimulator, friend: LineUser, clock: ManualClock, hours: float, status: int, messages: int
) -> None:
    body, key = {"to": friend.user_id, "messages": [text()]}, {"X-Line-Retry-Key": retry_key()}
    post(simulator, PUSH, body, **key)
    clock.advance(hours * 3600)
    assert post(simulator, PUSH, body, **key)[0] == status
    assert len(friend.messages) == messages


def test_retry_key_stays_free_when_the_request_was_refused(simulator: LineSimulator, friend: LineUser) -> None:
    key = {"X-Line-Retry-Key": retry_key()}
    assert post(simulator, PUSH, {"to": friend.user_id, "messages": [text("")]}, **key)[0] == 400
    assert post(simulator, PUSH, {"to": friend.user_id, "messages": [text()]}, **key)[0] == 200


@pytest.mark.parametrize("key", ["1", "g" * 36, "0123456789abcdef" * 2])
def test_retry_key_is_refused_when_it_is_no_uuid(simulator: LineSimulator, friend: LineUser, key: str) -> None:
    body = {"to": friend.user_id, "messages": [text()]}
    assert post(simulator, PUSH, body, **{"X-Line-Retry-Key": key})[0] == 400
    assert friend.messages == []


def test_retry_key_is_refused_on_a_reply(simulator: LineSimulator, friend: LineUser, listener: Listener) -> None:
    friend.say("question")
    token = listener.events[-1]["replyToken"]
    body = {"replyToken": token, "messages": [text()]}
    assert post(simulator, REPLY, body, **{"X-Line-Retry-Key": retry_key()})[0] == 400
    assert reply(simulator, token)[0] == 200


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic simulated-access-token", "simulated-access-token"])
def test_call_is_refused_without_the_channels_token(
    simulator: LineSimulator, friend: LineUser, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = simulator.app.test_client().get(f"/v2/bot/profile/{friend.user_id}", headers=headers)
    assert response.status_code == 401
    assert response.headers["X-Line-Request-Id"]


def test_push_to_a_blocked_user_is_accepted_recorded_and_not_counted(
    simulator: LineSimulator, friend: LineUser
) -> None:
    friend.say("something within the last seven days")
    friend.block()
    status, body, _headers = post(simulator, PUSH, {"to": friend.user_id, "messages": [text()]})
    assert status == 200
    assert len(body["sentMessages"]) == 1
    assert friend.messages == []
    assert [entry.delivered for entry in friend.user.entries] == [True, False]
    assert simulator.state.consumption == 0


def test_push_to_an_id_nobody_has_is_refused(simulator: LineSimulator) -> None:
    unknown = post(simulator, PUSH, {"to": user_id_for("nobody"), "messages": [text()]})
    garbage = post(simulator, PUSH, {"to": "garbage", "messages": [text()]})
    assert (unknown[0], unknown[1]["message"]) == (400, "Failed to send messages")
    assert garbage[0] == 400


@pytest.mark.parametrize(("days", "arrives"), [(7, True), (7.1, False)])
def test_stranger_can_be_answered_for_seven_days(
    simulator: LineSimulator, clock: ManualClock, days: float, arrives: bool
) -> None:
    stranger = simulator.user("stranger")
    stranger.say("hello?")
    clock.advance(days * 24 * 3600)
    assert post(simulator, PUSH, {"to": stranger.user_id, "messages": [text()]})[0] == 200
    assert bool(stranger.messages) is arrives


def test_quota_counts_people_not_messages_and_replies_are_free(clock: ManualClock, listener: Listener) -> None:
    simulator = LineSimulator(webhook=listener, clock=clock, quota=2)
    user = simulator.user("friend")
    user.follow()
    body = {"to": user.user_id, "messages": [text()] * 5}
    assert [post(simulator, PUSH, body)[0] for _ in range(2)] == [200, 200]
    status, refusal, _headers = post(simulator, PUSH, body)
    assert (status, refusal["message"]) == (429, "You have reached your monthly limit.")
    user.say("question")
    assert reply(simulator, listener.events[-1]["replyToken"])[0] == 200
    assert simulator.state.consumption == 2


def test_quota_starts_anew_with_the_month_in_japan(listener: Listener) -> None:
    clock = ManualClock(1_790_780_399.0)  # 2026-09-30 23:59:59 in UTC+9
    simulator = LineSimulator(webhook=listener, clock=clock, quota=1)
    user = simulator.user("friend")
    user.follow()
    body = {"to": user.user_id, "messages": [text()]}
    assert [post(simulator, PUSH, body)[0] for _ in range(2)] == [200, 429]
    clock.advance(1)
    assert post(simulator, PUSH, body)[0] == 200


def test_multicast_reaches_friends_only_and_counts_each(simulator: LineSimulator, friend: LineUser) -> None:
    blocked, stranger = simulator.user("blocked"), simulator.user("stranger")
    blocked.follow()
    blocked.block()
    stranger.say("hello?")
    to = [friend.user_id, friend.user_id, blocked.user_id, stranger.user_id, user_id_for("nobody")]
    assert post(simulator, "/v2/bot/message/multicast", {"to": to, "messages": [text()]})[0] == 200
    assert [len(user.messages) for user in (friend, blocked, stranger)] == [1, 0, 0]
    assert simulator.state.consumption == 1


def test_profile_is_given_of_friends_and_of_strangers_who_wrote(simulator: LineSimulator, friend: LineUser) -> None:
    stranger = simulator.user("stranger")
    with pytest.raises(RefusedError, match="404"):
        simulator.state.profile(stranger.user_id)
    stranger.say("hello?")
    assert simulator.state.profile(stranger.user_id) == {"userId": stranger.user_id, "displayName": "stranger"}
    assert simulator.state.profile(friend.user_id)["language"] == "vi"
    friend.block()
    with pytest.raises(RefusedError, match="404"):
        simulator.state.profile(friend.user_id)


@pytest.mark.parametrize("friendship", [Friendship.DELETED, Friendship.BLOCKED])
def test_user_who_left_cannot_write(friend: LineUser, friendship: Friendship) -> None:
    friend.user.friendship = friendship
    with pytest.raises(RuntimeError, match="follow"):
        friend.say("hello?")


def test_quote_token_is_good_in_its_own_chat_only(simulator: LineSimulator, friend: LineUser) -> None:
    other = simulator.user("other")
    other.follow()
    quote = friend.say("question").events[0]["message"]["quoteToken"]
    mine = post(simulator, PUSH, {"to": friend.user_id, "messages": [text(quoteToken=quote)]})
    theirs = post(simulator, PUSH, {"to": other.user_id, "messages": [text(quoteToken=quote)]})
    assert mine[0] == 200
    assert theirs[1]["details"][0]["property"] == "messages[0].quoteToken"


def test_message_into_a_standby_chat_is_noted_as_a_violation(
    simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    friend.user.standby = True
    friend.say("for somebody else")
    assert listener.events[-1]["mode"] == "standby"
    assert "replyToken" not in listener.events[-1]
    post(simulator, PUSH, {"to": friend.user_id, "messages": [text()]})
    assert simulator.state.violations == ["push into a chat on standby"]


def test_loading_shows_until_its_time_is_over_or_a_message_comes(
    simulator: LineSimulator, friend: LineUser, clock: ManualClock
) -> None:
    start = {"chatId": friend.user_id, "loadingSeconds": 20}
    assert post(simulator, "/v2/bot/chat/loading/start", start)[0] == 202
    assert friend.loading
    clock.advance(20)
    assert not friend.loading
    post(simulator, "/v2/bot/chat/loading/start", start)
    post(simulator, PUSH, {"to": friend.user_id, "messages": [text()]})
    assert not friend.loading


def test_link_token_is_good_once_for_ten_minutes_and_its_own_user(
    simulator: LineSimulator, friend: LineUser, clock: ManualClock, listener: Listener
) -> None:
    other = simulator.user("other")
    token = simulator.state.issue_link_token(friend.user_id)
    late = simulator.state.issue_link_token(friend.user_id)
    foreign = simulator.state.issue_link_token(friend.user_id)
    assert other.link_account(foreign, "nonce") is None
    assert friend.link_account(token, "nonce") is not None
    assert listener.events[-1]["link"] == {"result": "ok", "nonce": "nonce"}
    assert friend.link_account(token, "nonce") is None
    clock.advance(601)
    assert friend.link_account(late, "nonce") is None


def test_content_is_prepared_then_there_then_gone_when_unsent(
    simulator: LineSimulator, friend: LineUser, clock: ManualClock
) -> None:
    message_id = friend.send_file("audio", b"sound", "audio/mp4", preparing_s=5).message_id
    written = friend.say("no file").message_id
    assert simulator.state.content(message_id) is None
    clock.advance(5)
    content = simulator.state.content(message_id)
    assert content is not None
    assert content.data == b"sound"
    with pytest.raises(RefusedError, match="404"):
        simulator.state.content(written)
    friend.unsend(message_id)
    with pytest.raises(RefusedError, match="410"):
        simulator.state.content(message_id)


def test_message_ids_have_18_digits_and_grow(clock: ManualClock) -> None:
    ids = IdSource(clock)
    made = [ids.message_id() for _ in range(3)]
    clock.advance(1)
    made.append(ids.message_id())
    assert all(len(each) == 18 and each.isdigit() for each in made)
    assert made == sorted(set(made))


def test_event_ids_are_ulids_that_repeat_only_with_a_seed(clock: ManualClock) -> None:
    assert len(IdSource(clock).event_id()) == 26
    assert IdSource(clock, seed=1).event_id() == IdSource(clock, seed=1).event_id()
    assert IdSource(clock).event_id() != IdSource(clock).event_id()


def test_state_is_usable_without_http(simulator: LineSimulator, friend: LineUser) -> None:
    sent = simulator.state.push({"to": friend.user_id, "messages": [text()]}, RequestMeta("request"))
    assert friend.messages[0].message_id == sent[0]["id"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000])
def test_push_is_refused_when_its_body_is_no_json_object(simulator: LineSimulator, body: bytes) -> None:
    response = simulator.app.test_client().post(
        PUSH, data=body, headers={"Authorization": "Bearer simulated-access-token"}
    )
    assert response.status_code == 400


@pytest.mark.parametrize("value", ["\ud800", "a\udfffb"])
def test_push_is_refused_when_text_is_no_unicode(simulator: LineSimulator, friend: LineUser, value: str) -> None:
    assert post(simulator, PUSH, {"to": friend.user_id, "messages": [text(value)]})[0] == 400


def test_body_beyond_two_megabytes_is_refused(simulator: LineSimulator, friend: LineUser) -> None:
    body = {"to": friend.user_id, "messages": [text("a" * (2 * 1024 * 1024))]}
    assert post(simulator, PUSH, body)[0] == 413


def test_endpoint_that_is_not_simulated_is_not_found(simulator: LineSimulator) -> None:
    assert post(simulator, "/v2/bot/richmenu", {})[0] == 404
