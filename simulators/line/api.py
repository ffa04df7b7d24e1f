"""The HTTP face of the simulated platform. It serves both of LINE's hosts, as `Configuration(host=…)` replaces both."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, request

from simulators.line.faults import FaultPlan
from simulators.line.limits import MAX_BODY_BYTES
from simulators.line.problems import Json, RefusedError
from simulators.line.records import Content, RequestMeta
from simulators.line.state import LineState

# The endpoints that take a retry key (DOC/retrying-api-request); on every other one it is an error.
_RETRYABLE = frozenset({"push", "multicast"})


@dataclass(frozen=True, slots=True)
class Call:
    """One API call as it was answered. `status` is 0 where the connection was dropped."""

    endpoint: str
    status: int
    request_id: str
    at: float
    retry_key: str | None
    body: Json


class CallLog:
    """Every API call, for tests that ask what was tried and what was not."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def add(self, call: Call) -> None:
        """Note a call."""
        with self._lock:
            self._calls.append(call)

    def to(self, endpoint: str) -> list[Call]:
        """The calls of one endpoint (`reply`, `push`, `profile`, …), oldest first."""
        with self._lock:
            return [call for call in self._calls if call.endpoint == endpoint]


def create_api(state: LineState, faults: FaultPlan, calls: CallLog) -> Blueprint:
    """The Messaging API as a blueprint over one channel's state."""
    api = Blueprint("line", __name__)

    def meta() -> RequestMeta:
        digest = hashlib.sha256(request.get_data()).hexdigest()
        return RequestMeta(g.request_id, digest, request.headers.get("X-Line-Retry-Key"))

    @api.before_request
    def admit() -> None:
        g.endpoint = str(request.endpoint).rpartition(".")[2]
        g.body = {}
        with state.changed:
            g.request_id = state.ids.request_id()
        g.fault = faults.take(g.endpoint)
        if g.fault is not None:
            faults.before(g.fault)
        state.authorize(request.headers.get("Authorization"))
        if (request.content_length or 0) > MAX_BODY_BYTES:
            raise RefusedError(413, "Request Entity Too Large")
        if "X-Line-Retry-Key" in request.headers and g.endpoint not in _RETRYABLE:
            raise RefusedError(400, "The retry key is not supported by this endpoint")
        if request.method == "POST" and request.get_data():
            g.body = _parse(request.get_data())

    @api.errorhandler(RefusedError)
    def refuse(refusal: RefusedError) -> Response:
        return make_response(refusal.body(), refusal.status, refusal.headers)

    @api.after_request
    def finish(response: Response) -> Response:
        if g.fault is not None:
            response = faults.after(g.fault, response)
        response.headers["X-Line-Request-Id"] = g.request_id
        g.status = response.status_code
        return response

    @api.teardown_request
    def record(_error: BaseException | None) -> None:
        key = request.headers.get("X-Line-Retry-Key")
        calls.add(Call(g.endpoint, g.get("status", 0), g.request_id, state.clock(), key, g.body))

    @api.post("/v2/bot/message/reply")
    def reply() -> Response:
        return jsonify(sentMessages=state.reply(g.body, meta()))

    @api.post("/v2/bot/message/push")
    def push() -> Response:
        return jsonify(sentMessages=state.push(g.body, meta()))

    @api.post("/v2/bot/message/multicast")
    def multicast() -> Response:
        state.multicast(g.body, meta())
        return jsonify({})

    @api.post("/v2/bot/message/validate/<any(reply, push, multicast, narrowcast, broadcast):kind>")
    def validate(kind: str) -> Response:
        del kind  # the limits are the same for all of them
        state.validate(g.body)
        return jsonify({})

    @api.get("/v2/bot/profile/<user_id>")
    def profile(user_id: str) -> Response:
        return jsonify(state.profile(user_id))

    @api.post("/v2/bot/chat/loading/start")
    def loading() -> Response:
        state.start_loading(g.body)
        return make_response({}, 202)

    @api.post("/v2/bot/chat/markAsRead")
    def mark_as_read() -> Response:
        state.mark_as_read(g.body)
        return jsonify({})

    @api.get("/v2/bot/message/quota")
    def quota() -> Response:
        return jsonify({"type": "none"} if state.quota is None else {"type": "limited", "value": state.quota})

    @api.get("/v2/bot/message/quota/consumption")
    def consumption() -> Response:
        return jsonify(totalUsage=state.consumption)

    @api.get("/v2/bot/info")
    def bot_info() -> Response:
        return jsonify(
            userId=state.bot_user_id,
            basicId="@simulated",
            displayName=state.bot_name,
            chatMode="bot",
            markAsReadMode="auto",
        )

    @api.post("/v2/bot/user/<user_id>/linkToken")
    def link_token(user_id: str) -> Response:
        return jsonify(linkToken=state.issue_link_token(user_id))

    @api.get("/v2/bot/message/<message_id>/content")
    def content(message_id: str) -> Response:
        return _file(state.content(message_id))

    @api.get("/v2/bot/message/<message_id>/content/preview")
    def preview(message_id: str) -> Response:
        return _file(state.content(message_id))

    @api.get("/v2/bot/message/<message_id>/content/transcoding")
    def transcoding(message_id: str) -> Response:
        return jsonify(status="processing" if state.content(message_id) is None else "succeeded")

    @api.route("/v2/<path:_path>", methods=["GET", "POST", "PUT", "DELETE"])
    def unknown(_path: str) -> Response:
        raise RefusedError(404, "Not found")

    return api


def _parse(data: bytes) -> Json:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise RefusedError(400, "The request body could not be parsed as JSON") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "The request body must be a JSON object")
    return body


def _file(content: Content | None) -> Response:
    if content is None:
        return make_response("", 202)
    return make_response(content.data, 200, {"Content-Type": content.mimetype})


def hang_up_on_drop(wsgi_app: Callable[..., Any]) -> Callable[..., Any]:
    """WSGI middleware: a dropped connection closes the server's socket; in process the caller gets the exception."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        try:
            return wsgi_app(environ, start_response)
        except ConnectionError:
            connection = environ.get("werkzeug.socket")
            if isinstance(connection, socket.socket):
                connection.shutdown(socket.SHUT_RDWR)
            raise

    return app
