"""The WSGI application for gunicorn with gevent workers (``deploy/``). The worker is a process of its own there."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

from app.commands.common import load_runtime  # noqa: E402  (nothing may be imported before the patch)
from app.factory import create_app, create_edges  # noqa: E402
from app.worker import LiveLoop  # noqa: E402

_runtime = load_runtime()
application = create_app(_runtime)
LiveLoop(_runtime, create_edges(_runtime, socketio=application.extensions["socketio"])).start()
