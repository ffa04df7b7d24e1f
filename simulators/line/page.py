"""A page on which a person plays LINE users, for development. Loopback only; it trusts whoever opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, request, send_from_directory

from simulators.line.actor import LineUser
from simulators.line.problems import Json
from simulators.line.records import Entry, Friendship

if TYPE_CHECKING:
    from simulators.line.simulator import LineSimulator

# A phone for each language of the platform, named in it. LINE has no Khmer interface: that user's profile says English.
PHONES = {
    "中文": "zh-Hant",
    "English": "en",
    "Tiếng Việt": "vi",
    "Bahasa Indonesia": "id",
    "ไทย": "th",
    "ភាសាខ្មែរ": "en",
}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_MAX_NAME = 40


def create_page(simulator: LineSimulator) -> Blueprint:
    """The page, its two files and the calls they make."""
    page = Blueprint("page", __name__)

    @page.before_request
    def stay_home() -> None:
        """Refuse other sites: by the name they reach us under (DNS rebinding) and by where their request comes from."""
        origin = request.headers.get("Origin")
        if urlsplit(f"//{request.host}").hostname not in _LOOPBACK:
            abort(403)
        if origin is not None and urlsplit(origin).netloc != request.host:
            abort(403)
        if request.method == "POST" and not request.is_json:
            abort(415)

    @page.after_request
    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @page.get("/")
    def index() -> Response:
        return send_from_directory(str(page.root_path), "static/index.html")

    @page.get("/page/<any('page.js', 'page.css'):name>")
    def asset(name: str) -> Response:
        return send_from_directory(str(page.root_path), f"static/{name}")

    @page.get("/page/users")
    def users() -> Response:
        with simulator.state.changed:
            return jsonify([_summary(LineUser(simulator, user_id)) for user_id in simulator.state.users])

    @page.post("/page/users")
    def create_user() -> Response:
        name = _text("name")[:_MAX_NAME]
        return jsonify(_summary(simulator.user(name, language=_text("language", optional=True) or None)))

    @page.get("/page/users/<user_id>")
    def chat(user_id: str) -> Response:
        with simulator.state.changed:
            return jsonify(_chat(_find(user_id)))

    @page.post("/page/users/<user_id>/<any(follow, block, say, sticker, unsend, tap):doing>")
    def act(user_id: str, doing: str) -> Response:
        user = _find(user_id)
        try:
            delivery = _do(user, doing)
        except (LookupError, RuntimeError) as error:
            return jsonify(failure=str(error))
        return jsonify(failure="" if delivery is None or delivery.ok else delivery.failure or f"HTTP {delivery.status}")

    def _do(user: LineUser, doing: str) -> Any:
        if doing == "say":
            return user.say(_text("text"))
        if doing == "unsend":
            return user.unsend(_text("messageId"))
        if doing == "tap":
            return user.tap_action(_find_action(user)).delivery
        return getattr(user, doing)()

    def _find_action(user: LineUser) -> Json:
        """The action the page points at: by message, kind of button and place, never by what the page sends."""
        body = _body()
        for message in user.messages:
            if message.message_id == body.get("messageId"):
                actions = message.quick_replies if body.get("quick") else message.buttons
                index = body.get("index")
                if isinstance(index, int) and 0 <= index < len(actions):
                    return actions[index]
        raise LookupError("no such button")

    def _find(user_id: str) -> LineUser:
        if user_id not in simulator.state.users:
            abort(404)
        return LineUser(simulator, user_id)

    return page


def _body() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400)
    return body


def _text(key: str, *, optional: bool = False) -> str:
    value = _body().get(key, "" if optional else None)
    if not isinstance(value, str) or not (value.strip() or optional):
        abort(400)
    return value


def _summary(user: LineUser) -> Json:
    record = user.user
    last = record.entries[-1] if record.entries else None
    return {
        "userId": user.user_id,
        "name": record.display_name,
        "language": record.language,
        "friend": record.friendship is Friendship.FRIEND,
        "friendship": record.friendship,
        "last": ""
        if last is None or last.unsent
        else str(last.payload.get("text") or last.payload.get("altText") or ""),
        "count": len(record.entries),
    }


def _chat(user: LineUser) -> Json:
    """What the page draws. `quickReplies` are there only while the phone would show them."""
    entries = [_line(entry) for entry in user.user.entries if entry.delivered]
    return _summary(user) | {"entries": entries, "quickReplies": user.quick_replies, "loading": user.loading}


def _line(entry: Entry) -> Json:
    return {
        "messageId": entry.message_id,
        "at": int(entry.at * 1000),
        "outgoing": entry.outgoing,
        "via": entry.via,
        "unsent": entry.unsent,
        "payload": {} if entry.unsent else entry.payload,
    }
