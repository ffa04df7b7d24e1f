"""The simulator against LINE's own OpenAPI files, where they are at hand (`QIAO_LINE_OPENAPI` names their folder)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from simulators.line.actor import LineUser
from simulators.line.simulator import LineSimulator
from tests.simulators.line.openapi import FOLDER, Contract
from tests.simulators.line.support import Listener, buttons, flex, post, postback, quick, retry_key, text
from tests.simulators.line.test_limits import PAIRS, problems

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="LINE's OpenAPI files are not here")

GOOD = [pair[1] for pair in PAIRS]
NAMES = [pair[0] for pair in PAIRS]


@pytest.fixture(scope="module")
def messaging() -> Contract:
    return Contract("messaging-api")


@pytest.fixture(scope="module")
def webhook() -> Contract:
    return Contract("webhook")


def spoilt(message: Any) -> Iterator[Any]:
    """The message with one value anywhere removed or replaced by another kind of value."""
    for path in _paths(message):
        for other in (_Gone, 7, "nonsense", [], {}):
            clone = copy.deepcopy(message)
            holder = clone
            for step in path[:-1]:
                holder = holder[step]
            if other is _Gone:
                del holder[path[-1]]
            else:
                holder[path[-1]] = other
            yield clone


class _Gone:
    """Stands for a value that is taken away."""


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*at, key)
        yield from _paths(child, (*at, key))


@pytest.mark.parametrize("message", GOOD, ids=NAMES)
def test_message_the_simulator_accepts_keeps_the_contract(messaging: Contract, message: Any) -> None:
    assert messaging.errors("Message", message) == []


@pytest.mark.parametrize(
    "message",
    [text(quickReply=quick(postback(displayText="a"))), buttons(title="t"), flex()],
    ids=["text", "template", "flex"],
)
def test_simulator_refuses_whatever_breaks_the_contract(messaging: Contract, message: Any) -> None:
    broken = [each for each in spoilt(message) if messaging.errors("Message", each)]
    assert len(broken) > 5
    assert [each for each in broken if not problems(each)] == []


def test_answers_keep_the_contract(
    messaging: Contract, simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    friend.say("question")
    token, read = listener.events[-1]["replyToken"], listener.events[-1]["message"]["markAsReadToken"]
    push, key = {"to": friend.user_id, "messages": [text()]}, retry_key()
    simulator.state.quota = 100
    posts: list[tuple[str, Any, dict[str, str], int]] = [
        ("/v2/bot/message/reply", {"replyToken": token, "messages": [text()]}, {}, 200),
        ("/v2/bot/message/reply", {"replyToken": token, "messages": [text()]}, {}, 400),
        ("/v2/bot/message/push", push, {"X-Line-Retry-Key": key}, 200),
        ("/v2/bot/message/push", push, {"X-Line-Retry-Key": key}, 409),
        ("/v2/bot/message/push", {**push, "messages": []}, {}, 400),
        ("/v2/bot/message/multicast", {**push, "to": [friend.user_id]}, {}, 200),
        ("/v2/bot/message/validate/push", {"messages": [text()]}, {}, 200),
        ("/v2/bot/chat/loading/start", {"chatId": friend.user_id}, {}, 202),
        ("/v2/bot/chat/loading/start", {"chatId": friend.user_id, "loadingSeconds": 7}, {}, 400),
        ("/v2/bot/chat/markAsRead", {"markAsReadToken": read}, {}, 200),
    ]
    for path, body, headers, expected in posts:
        status, answer, _headers = post(simulator, path, body, **headers)
        assert status == expected
        assert messaging.response_errors(path, "post", status, answer) == []


def test_things_that_can_be_read_keep_the_contract(
    messaging: Contract, simulator: LineSimulator, friend: LineUser
) -> None:
    simulator.state.quota = 100
    film = friend.send_file("video", b"film", "video/mp4", preparing_s=5).message_id
    paths = {
        "/v2/bot/profile/{userId}": friend.user_id,
        "/v2/bot/message/quota": "",
        "/v2/bot/message/quota/consumption": "",
        "/v2/bot/info": "",
        "/v2/bot/message/{messageId}/content/transcoding": film,
    }
    browser = simulator.app.test_client()
    for path, value in paths.items():
        url = path.replace("{userId}", value).replace("{messageId}", value)
        response = browser.get(url, headers={"Authorization": "Bearer simulated-access-token"})
        assert messaging.response_errors(path, "get", response.status_code, response.get_json()) == []


def test_webhooks_keep_the_contract(
    webhook: Contract, simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    message_id = friend.say("😀 (love)", emojis=[(3, 6)]).message_id
    friend.say("about that", quoting=message_id)
    friend.sticker()
    for kind, mimetype in (
        ("image", "image/png"),
        ("video", "video/mp4"),
        ("audio", "audio/mp4"),
        ("file", "text/plain"),
    ):
        friend.send_file(kind, b"data", mimetype)
    friend.tap_action(postback())
    friend.link_account(simulator.state.issue_link_token(friend.user_id), "nonce")
    friend.unsend(message_id)
    friend.block()
    simulator.deliver()
    assert len({event["type"] for event in listener.events}) == 6
    assert [webhook.errors("CallbackRequest", json.loads(body)) for body in listener.bodies] == [[]] * 13
    friend.follow()
    friend.send_unknown()
    assert webhook.errors("CallbackRequest", json.loads(listener.bodies[-1])) != []
