"""Webhooks: bytes, batches, failures, redelivery, and the two transports."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from simulators.line.actor import LineUser
from simulators.line.ids import ManualClock
from simulators.line.sender import http_transport, sign, wsgi_transport
from simulators.line.simulator import LineSimulator
from tests.simulators.line.support import Listener


def bot(status: int = 200) -> tuple[Flask, list[bytes]]:
    """A web application that answers its webhook with a status, and the bodies it got."""
    app, seen = Flask("bot"), []

    @app.post("/line/webhook")
    def webhook() -> tuple[str, int, dict[str, str]]:
        seen.append(request.get_data())
        return "", status, {"Location": "/elsewhere"}

    return app, seen


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/line/webhook"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_signature_is_base64_of_hmac_sha256() -> None:
    # RFC 4231, test case 2.
    digest = bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    assert sign("Jefe", b"what do ya want for nothing?") == base64.b64encode(digest).decode()


@pytest.mark.parametrize("status", [200, 302, 400, 500])
def test_http_transport_gives_the_status_back(status: int) -> None:
    app, seen = bot(status)
    with served(app) as url:
        assert http_transport(url)(b'{"events": []}', {"x-line-signature": "s"}) == status
    assert seen == [b'{"events": []}']


def test_wsgi_transport_posts_the_same_bytes() -> None:
    app, seen = bot(202)
    simulator = LineSimulator(webhook=wsgi_transport(app))
    delivery = simulator.user("friend").say("橋")
    assert delivery.status == 202
    assert seen == [delivery.body]
    assert "橋".encode() in delivery.body


def test_delivery_fails_when_nobody_listens() -> None:
    app, _seen = bot()
    with served(app) as url:
        pass
    delivery = LineSimulator(webhook=url).user("friend").follow()
    assert (delivery.ok, delivery.status, delivery.failure) == (False, None, "could_not_connect")


def test_delivery_fails_when_the_bot_is_slow() -> None:
    app, done = Flask("slow"), threading.Event()

    @app.post("/line/webhook")
    def webhook() -> str:
        done.wait(10)
        return ""

    with served(app) as url:
        delivery = LineSimulator(webhook=http_transport(url, timeout=0.1)).user("friend").follow()
        done.set()
    assert (delivery.ok, delivery.failure) == (False, "request_timeout")


def test_simulator_says_so_when_it_has_no_webhook() -> None:
    with pytest.raises(RuntimeError, match="webhook"):
        LineSimulator().user("friend").follow()


def test_one_post_holds_events_of_several_users_in_any_order(simulator: LineSimulator, listener: Listener) -> None:
    one, two = simulator.user("one"), simulator.user("two")
    first, second = one.compose("first"), two.compose("second")
    assert simulator.deliver(second, first).ok
    assert len(listener.bodies) == 1
    assert [event["source"]["userId"] for event in listener.events] == [two.user_id, one.user_id]


def test_unsend_can_arrive_before_its_message(simulator: LineSimulator, friend: LineUser, listener: Listener) -> None:
    message = friend.compose("oops")
    friend.unsend(message["message"]["id"])
    simulator.deliver(message)
    assert [event["type"] for event in listener.events[-2:]] == ["unsend", "message"]
    assert "replyToken" not in listener.events[-2]


def test_redelivery_repeats_ids_and_tokens_and_says_so(
    simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    first = friend.say("question")
    again = simulator.sender.redeliver(first)
    one, two = first.events[0], again.events[0]
    assert (one["deliveryContext"], two["deliveryContext"]) == ({"isRedelivery": False}, {"isRedelivery": True})
    assert [one[key] for key in ("webhookEventId", "replyToken", "timestamp")] == [
        two[key] for key in ("webhookEventId", "replyToken", "timestamp")
    ]
    assert sign(simulator.state.secret, again.body) == listener.headers[-1]["x-line-signature"]


def test_duplicate_is_the_same_bytes_without_a_mark(
    simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    simulator.sender.duplicate(friend.say("question"))
    assert listener.bodies[-1] == listener.bodies[-2]


@pytest.mark.parametrize("enabled", [True, False])
def test_failed_delivery_is_repeated_only_when_redelivery_is_on(clock: ManualClock, enabled: bool) -> None:
    listener = Listener(500)
    simulator = LineSimulator(webhook=listener, clock=clock, redelivery=enabled)
    simulator.user("friend").say("question")
    listener.status = 200
    assert [delivery.ok for delivery in simulator.sender.redeliver_failed()] == [True] * enabled
    assert simulator.sender.redeliver_failed() == []
    assert len(listener.bodies) == 1 + enabled


def test_wrong_signature_and_raw_bytes_can_be_sent(
    simulator: LineSimulator, friend: LineUser, listener: Listener
) -> None:
    simulator.sender.deliver(friend.compose("question"), signature="wrong")
    assert listener.headers[-1]["x-line-signature"] == "wrong"
    simulator.sender.deliver_raw(b"not json")
    assert listener.bodies[-1] == b"not json"
    assert listener.headers[-1]["x-line-signature"] == sign(simulator.state.secret, b"not json")


def test_line_emoji_offsets_are_utf16(friend: LineUser, listener: Listener) -> None:
    friend.say("😀 (love) hi", emojis=[(3, 6)])
    message = listener.events[-1]["message"]
    assert message["text"].encode("utf-16-le")[6:18].decode("utf-16-le") == "(love)"
    assert {key: message["emojis"][0][key] for key in ("index", "length")} == {"index": 3, "length": 6}


def test_follow_says_when_it_ends_a_block(friend: LineUser, listener: Listener) -> None:
    friend.block()
    assert listener.events[-1]["type"] == "unfollow"
    assert "replyToken" not in listener.events[-1]
    friend.follow()
    assert [event["follow"]["isUnblocked"] for event in listener.events if event["type"] == "follow"] == [False, True]


def test_bot_can_answer_while_its_webhook_is_still_open(simulator: LineSimulator) -> None:
    """A bot that works inside the request calls back before the simulator has its status."""
    posted: list[int] = []

    def answer(body: bytes, _headers: Mapping[str, str]) -> int:
        reply = {
            "replyToken": json.loads(body)["events"][0]["replyToken"],
            "messages": [{"type": "text", "text": "hi"}],
        }
        headers = {"Authorization": "Bearer simulated-access-token"}
        worker = threading.Thread(
            target=lambda: posted.append(
                simulator.app.test_client().post("/v2/bot/message/reply", json=reply, headers=headers).status_code
            )
        )
        worker.start()
        worker.join(10)
        return 200

    simulator.connect(answer)
    user = simulator.user("friend")
    user.say("question")
    assert posted == [200]
    assert user.last_text == "hi"
