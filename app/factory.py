"""Composition: the Flask application from a runtime, step by step."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask
from flask import Flask
from flask_socketio import SocketIO
from flask_talisman import Talisman
from gevent import monkey
from werkzeug.middleware.proxy_fix import ProxyFix

from app.runtime import Runtime
from app.sockets.emitter import Emitter
from app.sockets.handlers import register_handlers
from app.subscribers import Edges
from app.web.api.routes import init_api
from app.web.auth import init_auth
from app.web.errors import init_errors
from app.web.health import init_health
from app.web.limits import init_limits
from app.web.pages.setup import init_pages
from bots.line.client import make_line_client
from bots.line.webhook import init_line_webhook

#: No inline script or style, nothing from elsewhere; Socket.IO speaks to our own host.
CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
PERMISSIONS_POLICY = {"camera": "()", "microphone": "()", "geolocation": "()"}


def create_app(runtime: Runtime) -> Flask:
    """The web application of a runtime: pages, API, sockets and the LINE webhook."""
    app = APIFlask("app.web", title="Qiao", version="1", spec_path=None, docs_path=None)
    app.extensions["qiao"] = runtime
    app.secret_key = runtime.secret
    if runtime.settings.trusted_proxies:
        count = runtime.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
    _init_security(app, runtime)
    init_errors(app)
    init_auth(app)
    init_limits(app)
    init_health(app)
    init_api(app)
    init_pages(app)
    if runtime.settings.has_line:
        init_line_webhook(app)
    _init_sockets(app, runtime)
    return app


def _init_security(app: Flask, runtime: Runtime) -> None:
    is_https = runtime.settings.effective_base_url.startswith("https://")
    Talisman(
        app,
        force_https=False,  # the proxy's work
        strict_transport_security=is_https,
        session_cookie_secure=is_https,
        content_security_policy=CONTENT_SECURITY_POLICY,
        permissions_policy=PERMISSIONS_POLICY,
        referrer_policy="same-origin",
    )


def _init_sockets(app: Flask, runtime: Runtime) -> None:
    socketio = SocketIO(
        app,
        async_mode="gevent" if monkey.is_module_patched("socket") else "threading",
        message_queue=runtime.settings.redis_url or None,
        channel=_name_channel(runtime),
        cors_allowed_origins=_allowed_origins(runtime),
        manage_session=False,
        max_http_buffer_size=200_000,
    )
    app.extensions["socketio"] = socketio
    register_handlers(socketio, runtime)


def _name_channel(runtime: Runtime) -> str:
    """One of its own for each installation: Redis' channels know no database numbers."""
    return f"qiao-sockets-{runtime.vault.look_up_key('sockets')[:16]}"


def _allowed_origins(runtime: Runtime) -> list[str] | None:
    """With a public address: only it. Without: same origin as the request's host, which is Socket.IO's own rule."""
    return [runtime.settings.base_url] if runtime.settings.base_url else None


def create_edges(runtime: Runtime, *, socketio: SocketIO | None) -> Edges:
    """What handlers reach the outside through; a worker without sockets of its own writes to the message queue."""
    if socketio is None:
        options: dict[str, Any] = {"message_queue": runtime.settings.redis_url} if runtime.settings.redis_url else {}
        socketio = SocketIO(channel=_name_channel(runtime), **options)
    line = make_line_client(runtime.settings) if runtime.settings.has_line else None
    return Edges(emitter=Emitter(socketio, runtime), line=line)
