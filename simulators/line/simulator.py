"""One simulated channel with all its parts: state, API, webhooks, faults, users and the page."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.serving import WSGIRequestHandler, make_server

from simulators.line.actor import LineUser
from simulators.line.api import CallLog, create_api, hang_up_on_drop
from simulators.line.faults import FaultPlan
from simulators.line.ids import Clock
from simulators.line.page import create_page
from simulators.line.problems import Json
from simulators.line.sender import Delivery, Transport, WebhookSender, http_transport
from simulators.line.state import LineState


class LineSimulator:
    """A LINE Messaging API channel in this process.

    `webhook` is the bot's URL or a transport into it, and may be given later with `connect`. `quota` limits the
    messages of a month. `seed` makes ids repeat from run to run.
    """

    def __init__(
        self,
        *,
        secret: str = "simulated-channel-secret",
        access_token: str = "simulated-access-token",
        webhook: str | Transport | None = None,
        clock: Clock = time.time,
        quota: int | None = None,
        redelivery: bool = False,
        seed: int | None = None,
    ) -> None:
        self.state = LineState(clock=clock, secret=secret, access_token=access_token, quota=quota, seed=seed)
        self.faults = FaultPlan()
        self.calls = CallLog()
        self.sender = WebhookSender(self.state, redelivery=redelivery)
        if webhook is not None:
            self.connect(webhook)
        self.app = Flask(__name__, static_folder=None)
        # A hung-up connection is an exception that has to reach the server, and so does a bug of the simulator.
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        # The page numbers a message's buttons in the order of its keys.
        self.app.json = _InOrder(self.app)
        self.app.register_blueprint(create_api(self.state, self.faults, self.calls))
        self.app.register_blueprint(create_page(self))
        self.app.wsgi_app = hang_up_on_drop(self.app.wsgi_app)  # type: ignore[method-assign]

    def connect(self, webhook: str | Transport) -> None:
        """Say where events go."""
        self.sender.transport = http_transport(webhook) if isinstance(webhook, str) else webhook

    def user(self, name: str, *, language: str | None = None) -> LineUser:
        """The user of that name; the same name is the same person."""
        return LineUser(self, name=name, language=language)

    def deliver(self, *events: Json) -> Delivery:
        """Post events to the bot in one request."""
        return self.sender.deliver(*events)

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Serve on a loopback port, any free one by default, and give the base URL for `Configuration(host=…)`."""
        server = make_server("127.0.0.1", port, self.app, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            self.faults.release()
            server.shutdown()
            thread.join()
            server.server_close()


class _InOrder(DefaultJSONProvider):
    """Writes objects with their keys as they came."""

    sort_keys = False


class _Quiet(WSGIRequestHandler):
    """Writes no line per request: the call log has them."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""
