"""The real SDK against the simulator on a loopback port: what a bot's client will meet."""

from __future__ import annotations

import json

import pytest
from linebot.v3.messaging import MessagingApiBlob
from linebot.v3.messaging.exceptions import ApiException, NotFoundException, ServiceException, UnauthorizedException
from linebot.v3.messaging.models import (
    MarkMessagesAsReadByTokenRequest,
    MulticastRequest,
    PushMessageRequest,
    ShowLoadingAnimationRequest,
    ValidateMessageRequest,
)
from linebot.v3.models.events import UnknownEvent
from linebot.v3.webhook import SignatureValidator, WebhookParser
from linebot.v3.webhooks import FollowEvent, MessageEvent, PostbackEvent, UnfollowEvent, UnsendEvent
from pydantic.v1 import ValidationError
from urllib3.exceptions import MaxRetryError, ProtocolError, ReadTimeoutError

from simulators.line.actor import LineUser
from simulators.line.events import without_user_id
from simulators.line.faults import FaultKind
from simulators.line.simulator import LineSimulator
from tests.simulators.line.support import Listener, Sdk, postback, quick, retry_key, text


def test_signature_is_accepted_by_the_sdk_and_refused_when_anything_changes(
    simulator: LineSimulator, listener: Listener
) -> None:
    simulator.user("ភាសាខ្មែរ").say("ក្រុងតៃប៉ិ 😀")
    body, signature = listener.bodies[-1].decode(), listener.headers[-1]["x-line-signature"]
    assert SignatureValidator(simulator.state.secret).validate(body, signature)
    assert not SignatureValidator(simulator.state.secret).validate(body + " ", signature)
    assert not SignatureValidator("another secret").validate(body, signature)


def test_events_are_parsed_by_the_sdk(simulator: LineSimulator, friend: LineUser, listener: Listener, sdk: Sdk) -> None:
    written = friend.say("question")
    sdk.push(friend.user_id, text(quickReply=quick(postback(displayText="Show it"))))
    friend.tap("Show")
    friend.sticker()
    friend.send_file("image", b"\x89PNG", "image/png")
    friend.unsend(written.message_id)
    friend.send_unknown()
    friend.send_unknown(message_type="hologram")
    friend.block()
    parser = WebhookParser(simulator.state.secret)
    events = [
        event
        for body, headers in zip(listener.bodies, listener.headers, strict=True)
        for event in parser.parse(body.decode(), headers["x-line-signature"])
    ]
    assert [type(event) for event in events] == [
        FollowEvent,
        MessageEvent,
        PostbackEvent,
        MessageEvent,
        MessageEvent,
        UnsendEvent,
        UnknownEvent,
        UnknownEvent,
        UnfollowEvent,
    ]


def test_verify_request_has_no_events(simulator: LineSimulator, listener: Listener) -> None:
    assert simulator.deliver().ok
    assert json.loads(listener.bodies[-1]) == {"destination": simulator.state.bot_user_id, "events": []}


def test_event_without_user_id_is_parsed(simulator: LineSimulator, friend: LineUser, listener: Listener) -> None:
    simulator.deliver(without_user_id(friend.compose("who am I?")))
    assert listener.events[-1]["source"] == {"type": "user"}


def test_used_reply_token_is_refused(friend: LineUser, listener: Listener, sdk: Sdk) -> None:
    friend.say("question")
    token = listener.events[-1]["replyToken"]
    assert sdk.reply(token, text("answer")).status_code == 200
    with pytest.raises(ApiException) as refusal:
        sdk.reply(token, text("answer"))
    assert refusal.value.status == 400
    assert json.loads(refusal.value.body)["message"] == "Invalid reply token"
    assert friend.last_text == "answer"


def test_second_push_with_a_key_is_a_409_with_the_first_request_id(friend: LineUser, sdk: Sdk) -> None:
    key = retry_key()
    first = sdk.push(friend.user_id, text(), key=key)
    with pytest.raises(ApiException) as conflict:
        sdk.push(friend.user_id, text(), key=key)
    assert conflict.value.status == 409
    assert conflict.value.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert json.loads(conflict.value.body)["sentMessages"] == json.loads(first.raw_data)["sentMessages"]
    assert len(friend.messages) == 1


@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [
        (FaultKind.SERVER_ERROR, ServiceException, 500),
        (FaultKind.UNAUTHORIZED, UnauthorizedException, 401),
        (FaultKind.RATE_LIMIT, ApiException, 429),
        (FaultKind.MONTHLY_LIMIT, ApiException, 429),
        (FaultKind.TOO_LARGE, ApiException, 413),
    ],
)
def test_refusing_fault_leaves_the_message_unsent(
    simulator: LineSimulator, friend: LineUser, sdk: Sdk, kind: FaultKind, error: type[ApiException], status: int
) -> None:
    simulator.faults.inject("push", kind)
    key = retry_key()
    with pytest.raises(error) as refusal:
        sdk.push(friend.user_id, text(), key=key)
    assert refusal.value.status == status
    assert friend.messages == []
    assert sdk.push(friend.user_id, text(), key=key).status_code == 200


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_BEFORE, FaultKind.DROP_BEFORE])
def test_message_is_not_sent_when_the_connection_fails_before_acceptance(
    simulator: LineSimulator, friend: LineUser, sdk: Sdk, kind: FaultKind
) -> None:
    simulator.faults.inject("push", kind)
    key = retry_key()
    with pytest.raises((ReadTimeoutError, ProtocolError)):
        sdk.push(friend.user_id, text(), key=key, read=0.2)
    assert friend.messages == []
    assert sdk.push(friend.user_id, text(), key=key).status_code == 200


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.DROP_AFTER, FaultKind.ERROR_AFTER])
def test_message_is_sent_once_when_the_answer_is_lost_and_the_key_is_used_again(
    simulator: LineSimulator, friend: LineUser, sdk: Sdk, kind: FaultKind
) -> None:
    simulator.faults.inject("push", kind)
    key = retry_key()
    with pytest.raises((ReadTimeoutError, ProtocolError, ServiceException)):
        sdk.push(friend.user_id, text(), key=key, read=0.3)
    assert len(friend.wait_for(1)) == 1
    with pytest.raises(ApiException) as conflict:
        sdk.push(friend.user_id, text(), key=key)
    assert conflict.value.status == 409
    assert len(friend.messages) == 1


@pytest.mark.parametrize("kind", [FaultKind.HTML_AFTER, FaultKind.EMPTY_AFTER, FaultKind.INTEGER_ID_AFTER])
def test_malformed_200_is_a_success_that_the_parsing_call_takes_for_a_failure(
    simulator: LineSimulator, friend: LineUser, sdk: Sdk, kind: FaultKind
) -> None:
    simulator.faults.inject("push", kind, times=2)
    assert sdk.push(friend.user_id, text()).status_code == 200
    with pytest.raises(ValidationError):
        sdk.api.push_message(PushMessageRequest.from_dict({"to": friend.user_id, "messages": [text()]}))
    assert len(friend.messages) == 2


def test_refusal_is_answered_as_such_when_the_fault_is_for_accepted_calls(
    simulator: LineSimulator, friend: LineUser, sdk: Sdk
) -> None:
    simulator.faults.inject("push", FaultKind.HTML_AFTER)
    with pytest.raises(ApiException) as refusal:
        sdk.push(friend.user_id, text(""))
    assert refusal.value.status == 400


def test_slow_call_is_answered(simulator: LineSimulator, friend: LineUser, sdk: Sdk) -> None:
    simulator.faults.inject("*", FaultKind.SLOW, seconds=0.05)
    assert sdk.push(friend.user_id, text()).status_code == 200


def test_fault_hits_only_its_endpoint_and_only_so_often(simulator: LineSimulator, friend: LineUser, sdk: Sdk) -> None:
    simulator.faults.inject("push", FaultKind.SERVER_ERROR, times=2)
    assert sdk.api.get_profile(friend.user_id).display_name == "friend"
    for _ in range(2):
        with pytest.raises(ServiceException):
            sdk.push(friend.user_id, text())
    assert sdk.push(friend.user_id, text()).status_code == 200
    assert [call.status for call in simulator.calls.to("push")] == [500, 500, 200]


def test_dropped_call_is_in_the_log_without_a_status(simulator: LineSimulator, friend: LineUser, sdk: Sdk) -> None:
    simulator.faults.inject("profile", FaultKind.DROP_BEFORE, times=4)
    with pytest.raises(MaxRetryError):
        sdk.api.get_profile(friend.user_id)
    assert [call.status for call in simulator.calls.to("profile")] == [0, 0, 0, 0]


def test_client_is_refused_when_its_token_is_revoked(simulator: LineSimulator, friend: LineUser, sdk: Sdk) -> None:
    simulator.state.access_tokens = {"newer-token"}
    with pytest.raises(UnauthorizedException):
        sdk.push(friend.user_id, text())
    sdk.client.configuration.access_token = "newer-token"
    assert sdk.push(friend.user_id, text()).status_code == 200


def test_other_calls_are_answered_in_the_forms_the_sdk_expects(
    simulator: LineSimulator, friend: LineUser, sdk: Sdk
) -> None:
    simulator.state.quota = 200
    sdk.push(friend.user_id, text())
    assert sdk.api.get_profile(friend.user_id).language == "vi"
    assert sdk.api.get_message_quota().value == 200
    assert sdk.api.get_message_quota_consumption().total_usage == 1
    assert sdk.api.get_bot_info().user_id == simulator.state.bot_user_id
    assert sdk.api.issue_link_token(friend.user_id).link_token
    sdk.api.multicast(MulticastRequest.from_dict({"to": [friend.user_id], "messages": [text("all")]}))
    assert friend.last_text == "all"
    sdk.api.validate_push(ValidateMessageRequest.from_dict({"messages": [text()]}))
    sdk.api.show_loading_animation(ShowLoadingAnimationRequest(chatId=friend.user_id, loadingSeconds=5))
    assert friend.loading
    read = friend.say("question").events[0]["message"]["markAsReadToken"]
    sdk.api.mark_messages_as_read_by_token(MarkMessagesAsReadByTokenRequest(markAsReadToken=read))


def test_validation_refuses_what_a_push_would_refuse(friend: LineUser, sdk: Sdk) -> None:
    with pytest.raises(ApiException) as refusal:
        sdk.api.validate_reply(ValidateMessageRequest.from_dict({"messages": [text("a" * 5001)]}))
    assert json.loads(refusal.value.body)["details"][0]["property"] == "messages[0].text"
    assert friend.messages == []


def test_profile_of_a_user_who_blocked_is_not_found(friend: LineUser, sdk: Sdk) -> None:
    friend.block()
    with pytest.raises(NotFoundException):
        sdk.api.get_profile(friend.user_id)


def test_file_is_fetched_from_the_same_port(friend: LineUser, sdk: Sdk) -> None:
    message_id = friend.send_file("image", b"\x89PNG", "image/png").message_id
    waiting = friend.send_file("video", b"film", "video/mp4", preparing_s=5).message_id
    blobs = MessagingApiBlob(sdk.client)
    assert bytes(blobs.get_message_content(message_id)) == b"\x89PNG"
    assert blobs.get_message_content_with_http_info(waiting).status_code == 202
    assert blobs.get_message_content_transcoding_by_message_id(waiting).status == "processing"
    friend.unsend(message_id)
    with pytest.raises(ApiException) as gone:
        blobs.get_message_content(message_id)
    assert gone.value.status == 410
