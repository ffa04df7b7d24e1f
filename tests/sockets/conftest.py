"""The real application, as for the API's tests, and clients of its sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask_socketio import SocketIO, SocketIOTestClient

from app.factory import create_edges
from app.runtime import Runtime
from app.worker import LiveLoop
from tests.web.conftest import app, client, make_runtime, runtime

__all__ = ["app", "client", "make_runtime", "runtime"]

Connect = Callable[..., SocketIOTestClient]


@pytest.fixture
def socketio(app: Flask) -> SocketIO:
    found: SocketIO = app.extensions["socketio"]
    return found


@pytest.fixture
def connect(app: Flask, socketio: SocketIO) -> Iterator[Connect]:
    """Open a socket: with a token, or as somebody unknown."""
    opened: list[SocketIOTestClient] = []

    def open_socket(token: object = None, **options: object) -> SocketIOTestClient:
        auth = None if token is None else {"token": token}
        opened.append(SocketIOTestClient(app, socketio, auth=auth, **options))
        return opened[-1]

    yield open_socket
    for socket in opened:
        if socket.is_connected():
            socket.disconnect()


@pytest.fixture
def live(runtime: Runtime, socketio: SocketIO) -> LiveLoop:
    """What tells browsers; ``drain`` does it now."""
    return LiveLoop(runtime, create_edges(runtime, socketio=socketio))
