from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient

from app.accounts.service import suspend_account
from app.forum.service.posts import hide_post
from app.runtime import Runtime
from app.sockets.connections import EVENT_BURST, MAX_JOINED
from app.worker import LiveLoop, translate_pending
from tests.sockets.conftest import Connect
from tests.web.api.support import ANSWER, Caller, make_interpreter, register

CHINESE = "請問要去哪裡重新申請居留證呢?"


def ask(socket: SocketIOTestClient, event: str, payload: object = None) -> dict[str, Any]:
    """The acknowledgement of an event."""
    ack: dict[str, Any] = socket.emit(event, payload, callback=True)
    return ack


def join(socket: SocketIOTestClient, thread_id: int, language: str = "vi", after: int | None = None) -> dict[str, Any]:
    ack = ask(socket, "thread.join", {"thread_id": thread_id, "language": language, "after": after})
    assert ack["ok"], ack
    return ack


def received(socket: SocketIOTestClient, name: str) -> list[dict[str, Any]]:
    """The payloads of the events of this name since the last look; the others are dropped."""
    return [event["args"][0] for event in socket.get_received() if event["name"] == name]


@pytest.fixture
def asker(client: FlaskClient) -> Caller:
    return register(client, "Asker")


@pytest.fixture
def thread(asker: Caller) -> dict[str, Any]:
    return asker.ask()


def test_anybody_reads_a_public_thread(connect: Connect, thread: dict[str, Any]) -> None:
    ack = join(connect(), thread["id"], "th")
    [post] = ack["posts"]
    assert (post["id"], post["translation"]["language"]) == (thread["posts"]["items"][0]["id"], "th")
    assert (ack["presence"], ack["next"]) == ([], None)


@pytest.mark.parametrize("token", ["nonsense", "", 7, ["x"], "x" * 5000, "ключ"])
def test_connection_is_refused_when_the_token_is_wrong(connect: Connect, token: object) -> None:
    assert not connect(token).is_connected()


def test_connection_is_refused_when_the_account_is_suspended(
    connect: Connect, asker: Caller, thread: dict[str, Any], runtime: Runtime
) -> None:
    socket = connect(asker.token)
    join(socket, thread["id"])
    with runtime.db.transaction() as session:
        suspend_account(session, account_id=asker.account_id, now=runtime.clock())
    ack = ask(socket, "post.create", {"thread_id": thread["id"], "body": "x", "key": "1"})
    assert (ack["ok"], ack["code"]) == (False, "accounts.token_invalid")
    assert not connect(asker.token).is_connected()


def test_connection_is_refused_when_something_breaks(connect: Connect) -> None:
    with patch("app.sockets.connections.Connections.load_actor", side_effect=RuntimeError("secret")):
        assert not connect().is_connected()


def test_post_is_written_once_for_a_key(connect: Connect, asker: Caller, thread: dict[str, Any]) -> None:
    socket = connect(asker.token)
    body = {"thread_id": thread["id"], "body": "Có ai biết không?", "key": "tap-1"}
    first, second = ask(socket, "post.create", body), ask(socket, "post.create", body)
    assert first["ok"]
    assert first["post"]["body"] == "Có ai biết không?"
    assert first["post"]["id"] == second["post"]["id"]


@pytest.mark.parametrize(
    ("event", "payload", "field", "code"),
    [
        ("thread.join", None, "", "input.type"),
        ("thread.join", "x", "", "input.type"),
        ("thread.join", {"thread_id": 1}, "language", "input.required"),
        ("thread.join", {"thread_id": 1, "language": "xx"}, "language", "language.unknown"),
        ("thread.join", {"thread_id": "1", "language": "vi"}, "thread_id", "input.type"),
        ("thread.join", {"thread_id": 2**63, "language": "vi"}, "thread_id", "input.out_of_range"),
        ("thread.join", {"thread_id": 1, "language": "vi", "after": -1}, "after", "input.out_of_range"),
        ("thread.join", {"thread_id": 1, "language": "vi", "sid": "x"}, "sid", "input.unknown_field"),
        ("post.create", {"thread_id": 1, "body": "", "key": "k"}, "body", "text.empty"),
        ("post.create", {"thread_id": 1, "body": "x" * 100_000, "key": "k"}, "body", "text.too_long"),
        ("post.create", {"thread_id": 1, "body": "\0", "key": "k"}, "body", "text.nul"),
        ("post.create", {"thread_id": 1, "body": "\ud800", "key": "k"}, "body", "text.surrogate"),
        ("post.create", {"thread_id": 1, "body": "x"}, "key", "input.required"),
        ("post.create", {"thread_id": 1, "body": "x", "key": "ж"}, "key", "input.invalid"),
        ("thread.leave", {}, "thread_id", "input.required"),
        ("typing", {"thread_id": None}, "thread_id", "input.type"),
    ],
)
def test_event_is_refused_when_its_payload_is_wrong(
    connect: Connect, thread: dict[str, Any], asker: Caller, event: str, payload: object, field: str, code: str
) -> None:
    ack = ask(connect(asker.token), event, payload)
    assert ack == {"ok": False, "code": "input.invalid", "errors": [{"field": field, "code": code}]}


def test_event_is_refused_when_it_brings_nothing_or_too_much(connect: Connect) -> None:
    socket = connect()
    for payloads in ((), ({"thread_id": 1}, {"thread_id": 1})):
        ack = socket.emit("thread.leave", *payloads, callback=True)
        assert (ack["ok"], ack["code"]) == (False, "input.invalid")


def test_writing_and_typing_need_somebody(connect: Connect, thread: dict[str, Any]) -> None:
    socket = connect()
    join(socket, thread["id"])
    for event, payload in (("post.create", {"body": "x", "key": "k"}), ("typing", {})):
        ack = ask(socket, event, {"thread_id": thread["id"], **payload})
        assert (ack["ok"], ack["code"]) == (False, "not_authenticated")


def test_private_consultation_does_not_exist_for_others(connect: Connect, client: FlaskClient, asker: Caller) -> None:
    thread = asker.ask(kind="consultation")
    for socket in (connect(), connect(register(client, "Resident").token)):
        ack = ask(socket, "thread.join", {"thread_id": thread["id"], "language": "vi"})
        assert (ack["ok"], ack["code"]) == (False, "forum.thread_not_found")


def test_private_consultation_reaches_those_inside(connect: Connect, live: LiveLoop, asker: Caller) -> None:
    thread = asker.ask(kind="consultation")
    inside, outside = connect(asker.token), connect()
    join(inside, thread["id"])
    live.drain()
    inside.get_received()
    asker.answer(thread["id"], body="Xin giúp tôi với")
    live.drain()
    assert [told["post"]["body"] for told in received(inside, "post.created")] == ["Xin giúp tôi với"]
    assert outside.get_received() == []


def test_everybody_gets_a_new_post_in_the_own_language(
    connect: Connect, live: LiveLoop, asker: Caller, thread: dict[str, Any], runtime: Runtime
) -> None:
    live.drain()
    sockets = {language: connect() for language in ("vi", "zh-Hant", "th")}
    for language, socket in sockets.items():
        join(socket, thread["id"], language)
    asker.answer(thread["id"], body="Cảm ơn mọi người rất nhiều")
    live.drain()
    for language, socket in sockets.items():
        [told] = received(socket, "post.created")
        assert told["post"]["body"] == "Cảm ơn mọi người rất nhiều"
        translation = told["post"]["translation"]
        assert translation is None or translation["language"] == language


def test_translation_is_told_to_those_who_read_the_language(
    connect: Connect, live: LiveLoop, asker: Caller, thread: dict[str, Any], runtime: Runtime, client: FlaskClient
) -> None:
    chinese, thai = connect(), connect()
    join(chinese, thread["id"], "zh-Hant")
    join(thai, thread["id"], "th")
    translate_pending(runtime)
    interpreter = register(client, "Speaker", locale="zh-Hant", kind="citizen")
    make_interpreter(runtime, interpreter, ("vi", "zh-Hant"))
    live.drain()
    chinese.get_received(), thai.get_received()
    task = interpreter.post("/tasks/next").get_json()
    body = {"text": CHINESE, "base_candidate_id": None}
    assert interpreter.post(f"/tasks/{task['id']}/submit", body).status_code == 200
    live.drain()
    told = received(chinese, "translation.updated")
    assert told[-1]["post_id"] == thread["posts"]["items"][0]["id"]
    assert (told[-1]["translation"]["text"], told[-1]["translation"]["state"]) == (CHINESE, "verified")
    assert received(thai, "translation.updated") == []


@pytest.mark.parametrize("how", ["withdrawn", "hidden"])
def test_vanished_post_is_told_without_its_text(
    connect: Connect, live: LiveLoop, asker: Caller, thread: dict[str, Any], runtime: Runtime, how: str
) -> None:
    post = asker.answer(thread["id"], body="Số điện thoại bí mật")
    socket = connect()
    join(socket, thread["id"])
    live.drain()
    socket.get_received()
    if how == "withdrawn":
        asker.delete(f"/posts/{post['id']}")
    else:
        with runtime.db.transaction() as session:
            hide_post(session, post_id=post["id"], now=runtime.clock())
    live.drain()
    events = socket.get_received()
    assert "bí mật" not in str(events)
    [gone] = [event["args"][0] for event in events if event["name"] == "post.withdrawn"]
    assert (gone["post_id"], gone["thread_id"]) == (post["id"], thread["id"])
    assert gone["change"] > post["change"]


def test_late_event_of_a_post_that_vanished_since_tells_nothing(
    connect: Connect, live: LiveLoop, asker: Caller, thread: dict[str, Any]
) -> None:
    live.drain()
    socket = connect()
    join(socket, thread["id"])
    post = asker.answer(thread["id"], body="Tôi viết nhầm rồi")
    asker.delete(f"/posts/{post['id']}")
    live.drain()
    names = [event["name"] for event in socket.get_received()]
    assert "post.created" not in names
    assert "post.withdrawn" in names


def test_reader_who_was_away_catches_up_in_order_and_once(
    connect: Connect, asker: Caller, thread: dict[str, Any]
) -> None:
    socket = connect()
    seen = join(socket, thread["id"])["change"]
    socket.disconnect()
    made = [asker.answer(thread["id"], body=f"Câu trả lời số {number}")["id"] for number in range(3)]
    again = connect()
    ack = join(again, thread["id"], after=seen)
    assert [post["id"] for post in ack["posts"]] == made
    assert join(again, thread["id"], after=ack["change"])["posts"] == []


def test_left_thread_is_silent(connect: Connect, live: LiveLoop, asker: Caller, thread: dict[str, Any]) -> None:
    socket = connect()
    join(socket, thread["id"])
    assert ask(socket, "thread.leave", {"thread_id": thread["id"]}) == {"ok": True}
    assert ask(socket, "thread.leave", {"thread_id": thread["id"]}) == {"ok": True}
    live.drain()
    socket.get_received()
    asker.answer(thread["id"])
    live.drain()
    assert socket.get_received() == []


def test_language_of_a_joined_thread_can_change(
    connect: Connect, live: LiveLoop, asker: Caller, thread: dict[str, Any]
) -> None:
    socket = connect()
    join(socket, thread["id"], "th")
    join(socket, thread["id"], "vi")
    live.drain()
    socket.get_received()
    asker.answer(thread["id"], body="Có ai biết không ạ?")
    live.drain()
    [told] = received(socket, "post.created")
    assert told["post"]["translation"] is None


def test_typing_is_told_to_the_others(
    connect: Connect, client: FlaskClient, asker: Caller, thread: dict[str, Any]
) -> None:
    writer, other = connect(asker.token), connect()
    refused = ask(writer, "typing", {"thread_id": thread["id"]})
    assert (refused["ok"], refused["code"]) == (False, "socket.not_joined")
    join(writer, thread["id"])
    join(other, thread["id"], "th")
    writer.get_received(), other.get_received()
    assert ask(writer, "typing", {"thread_id": thread["id"]}) == {"ok": True}
    person = {"id": asker.account_id, "display_name": "Asker"}
    assert received(other, "typing") == [{"thread_id": thread["id"], "person": person}]
    assert received(writer, "typing") == []


def test_presence_follows_comings_and_goings(
    connect: Connect, client: FlaskClient, asker: Caller, thread: dict[str, Any]
) -> None:
    watcher, minh = connect(), register(client, "Resident")
    join(watcher, thread["id"])
    first, second = connect(asker.token), connect(asker.token)
    known = {"id": asker.account_id, "display_name": "Asker"}
    assert join(first, thread["id"])["presence"] == [known]
    join(second, thread["id"])
    assert [told["people"] for told in received(watcher, "presence.updated")] == [[known]]
    third = connect(minh.token)
    assert len(join(third, thread["id"])["presence"]) == 2
    first.disconnect()
    assert [len(told["people"]) for told in received(watcher, "presence.updated")] == [2]
    second.disconnect()
    told = received(watcher, "presence.updated")
    assert [person["people"] for person in told] == [[{"id": minh.account_id, "display_name": "Resident"}]]


def test_desk_is_told_of_tasks_of_its_pairs(
    connect: Connect, live: LiveLoop, asker: Caller, runtime: Runtime, client: FlaskClient
) -> None:
    interpreter, other = register(client, "Speaker", locale="zh-Hant"), register(client, "Reader", locale="th")
    make_interpreter(runtime, interpreter, ("vi", "zh-Hant"))
    make_interpreter(runtime, other, ("th", "zh-Hant"))
    desk, other_desk, reader = connect(interpreter.token), connect(other.token), connect(asker.token)
    asker.ask()
    translate_pending(runtime)
    live.drain()
    opened = received(desk, "task.opened")
    assert {(told["source_language"], told["target_language"]) for told in opened} == {("vi", "zh-Hant")}
    task = interpreter.post("/tasks/next").get_json()
    live.drain()
    assert [(told["task_id"], told["state"]) for told in received(desk, "task.closed")] == [(task["id"], "claimed")]
    assert other_desk.get_received() == []
    assert reader.get_received() == []


def test_connection_is_slowed_down_when_it_talks_too_much(connect: Connect) -> None:
    socket = connect()
    acks = [ask(socket, "thread.leave", {"thread_id": 1}) for _ in range(EVENT_BURST * 3)]
    refused = [ack for ack in acks if not ack["ok"]]
    assert acks[0]["ok"]
    assert refused
    assert {ack["code"] for ack in refused} == {"too_many_requests"}
    assert all(ack["retry_after"] >= 1 for ack in refused)


def test_connection_has_so_many_threads_open_at_most(connect: Connect, asker: Caller) -> None:
    socket = connect(asker.token)
    ids = [asker.ask()["id"] for _ in range(MAX_JOINED + 1)]
    for thread_id in ids[:-1]:
        join(socket, thread_id)
    ack = ask(socket, "thread.join", {"thread_id": ids[-1], "language": "vi"})
    assert (ack["ok"], ack["code"]) == (False, "socket.too_many_joined")


def test_bug_is_answered_without_its_words(connect: Connect, thread: dict[str, Any]) -> None:
    socket = connect()
    with patch("app.sockets.handlers.get_thread_view", side_effect=RuntimeError("a user's secret")):
        ack = ask(socket, "thread.join", {"thread_id": thread["id"], "language": "vi"})
    assert ack == {"ok": False, "code": "internal", "errors": []}


def test_guest_reads_but_does_not_answer_others(connect: Connect, client: FlaskClient, thread: dict[str, Any]) -> None:
    from tests.web.api.support import enter_as_guest

    socket = connect(enter_as_guest(client).token)
    join(socket, thread["id"], "km")
    ack = ask(socket, "post.create", {"thread_id": thread["id"], "body": ANSWER, "key": "k"})
    assert (ack["ok"], ack["code"], ack["reason"]) == (False, "forbidden", "forum.guest_cannot_reply")
