"""``POST /line/webhook``: what LINE sends is stored, then acknowledged. Nothing is handled or sent here.

200 means "stored". Whatever LINE signed is taken, understood or not; a database that is out of reach gives 503 on
purpose, so that LINE delivers again.
"""

from __future__ import annotations

import json
from typing import Any, Final, cast

import structlog
from flask import Blueprint, Flask, Response, current_app, request

from app.core.errors import UnavailableError
from app.runtime import Runtime
from bots.line.inbox import store_events

log = structlog.get_logger(__name__)

#: A webhook of a hundred events is far below this.
_MAX_BYTES: Final = 1_000_000

blueprint = Blueprint("line", __name__)


def init_line_webhook(app: Flask) -> None:
    """Add the webhook, signed by LINE instead of protected by form tokens, and limited by nobody but LINE. Call it
    after the application's CSRF protection and rate limiter are there."""
    csrf = app.extensions.get("csrf")
    if csrf is not None:
        csrf.exempt(blueprint)
    for limiter in app.extensions.get("limiter", ()):
        limiter.exempt(blueprint)
    app.register_blueprint(blueprint)


@blueprint.post("/line/webhook")
def receive_events() -> Response:
    runtime = cast(Runtime, current_app.extensions["qiao"])
    if not runtime.settings.has_line:
        return Response(status=404)
    request.max_content_length = _MAX_BYTES
    body = request.get_data(cache=False)
    secret = runtime.settings.line_channel_secret.get_secret_value()
    if not _is_signed(secret, body, request.headers.get("X-Line-Signature")):
        log.warning("line.bad_signature")
        return Response(status=400)
    events = _parse_events(body)
    if events is None:
        log.warning("line.unreadable_webhook", size=len(body))
        return Response(status=400)
    try:
        with runtime.db.transaction() as session:
            stored = store_events(session, vault=runtime.vault, events=events, body=body, now=runtime.clock())
    except UnavailableError:
        return Response(status=503)
    if stored:
        runtime.jobs.enqueue("line.inbox")
    return Response(status=200)


def _is_signed(secret: str, body: bytes, signature: str | None) -> bool:
    # Not loaded where LINE isn't configured; see the client.
    from linebot.v3 import SignatureValidator

    if not signature:
        return False
    try:
        text = body.decode()
    except UnicodeDecodeError:
        # LINE signs UTF-8; the SDK signs text.
        return False
    return bool(SignatureValidator(secret).validate(text, signature))


def _parse_events(body: bytes) -> list[Any] | None:
    """The list of events, or None if the body has none. The console's "Verify" sends an empty list."""
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        return None
    events = envelope.get("events") if isinstance(envelope, dict) else None
    return events if isinstance(events, list) else None
