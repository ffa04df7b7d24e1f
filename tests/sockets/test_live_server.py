"""The sockets with the client that programs use, over loopback: WebSocket, polling, and the browser's cookie."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest
import socketio as client_library
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from app.worker import LiveLoop
from tests.web.api.support import Caller, register

#: Seconds until a lost event fails the test instead of hanging it.
PATIENCE = 20


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def asker(client: FlaskClient) -> Caller:
    return register(client, "Asker")


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_client_joins_writes_and_is_told(address: str, asker: Caller, live: LiveLoop, transport: str) -> None:
    thread = asker.ask()
    live.drain()
    with client_library.SimpleClient() as writer, client_library.SimpleClient() as reader:
        reader.connect(address, transports=[transport])
        joined = reader.call("thread.join", {"thread_id": thread["id"], "language": "th"}, timeout=PATIENCE)
        writer.connect(address, auth={"token": asker.token}, transports=[transport])
        ack = writer.call("post.create", {"thread_id": thread["id"], "body": "Cảm ơn!", "key": "1"}, timeout=PATIENCE)
        live.drain()
        name, event = reader.receive(timeout=PATIENCE)
    assert [post["id"] for post in joined["posts"]] == [thread["posts"]["items"][0]["id"]]
    assert ack["ok"]
    assert name == "post.created"
    assert event["post"]["id"] == ack["post"]["id"]


def test_cookie_of_the_browser_identifies_its_person(address: str, app: Flask, asker: Caller) -> None:
    thread = asker.ask()
    serializer = app.session_interface.get_signing_serializer(app)
    cookie = serializer.dumps({"_user_id": str(asker.account_id), "_fresh": True})
    with client_library.SimpleClient() as browser:
        browser.connect(address, headers={"Cookie": f"qiao_session={cookie}"})
        ack = browser.call("post.create", {"thread_id": thread["id"], "body": "Cảm ơn!", "key": "1"}, timeout=PATIENCE)
    assert ack["post"]["author"]["id"] == asker.account_id


def test_cookie_is_worth_nothing_on_a_page_elsewhere(address: str) -> None:
    with client_library.SimpleClient() as browser, pytest.raises(client_library.exceptions.ConnectionError):
        browser.connect(address, headers={"Origin": "https://evil.example"})


def test_wrong_token_is_refused_with_its_code(address: str) -> None:
    refusals: queue.Queue[object] = queue.Queue()
    client = client_library.Client()
    client.on("connect_error", refusals.put)
    with pytest.raises(client_library.exceptions.ConnectionError):
        client.connect(address, auth={"token": "nonsense"})
    assert "accounts.token_invalid" in str(refusals.get(timeout=PATIENCE))
