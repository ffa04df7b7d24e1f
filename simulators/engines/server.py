"""What the simulated servers have in common: faults, a log of calls, a loopback port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from simulators.engines.faults import OF_TRANSLATIONS, FaultKind, FaultPlan

#: Texts and what they become, by source and target in BCP-47 tags.
Table = Mapping[tuple[str, str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came. `body` is its JSON, None if it had none."""

    path: str
    body: Any
    headers: Mapping[str, str]


class RefusedError(Exception):
    """An answer other than 2xx, with its JSON."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = dict(body)


class EngineSimulator:
    """A server in this process. Subclasses add routes to `app`; a route asks `take_fault` for what to spoil."""

    def __init__(self, *, table: Table | None = None) -> None:
        self.table = dict(table or {})
        self.faults = FaultPlan()
        self.calls: list[Call] = []
        self.app = Flask(__name__, static_folder=None)
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        self.app.before_request(self._receive)
        self.app.register_error_handler(RefusedError, lambda error: (jsonify(error.body), error.status))
        self.app.register_error_handler(HTTPException, lambda error: (jsonify(error=error.name), error.code))
        self.app.wsgi_app = _hang_up(self.app.wsgi_app)  # type: ignore[method-assign]
        self._fault = threading.local()

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Serve on a loopback port, any free one by default, and give the base URL."""
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

    def translate(self, text: str, source: str, target: str) -> str:
        """From the table; what is not in it is marked with its hop, as nothing else would be."""
        return self.table.get((source, target), {}).get(text, f"[{source}>{target}] {text}")

    def take_fault(self) -> FaultKind | None:
        """The fault of this call that its route has to make itself."""
        fault: FaultKind | None = getattr(self._fault, "kind", None)
        return fault

    def _receive(self) -> Response | None:
        body = request.get_json(silent=True) if request.is_json else None
        self.calls.append(Call(request.path, body, dict(request.headers)))
        fault = self.faults.take(request.path)
        self._fault.kind = fault if fault in OF_TRANSLATIONS else None
        if fault is None or fault in OF_TRANSLATIONS:
            return None
        return self.faults.answer(fault)


def _hang_up(wsgi_app: Any) -> Any:
    """A dropped connection closes the server's socket without an answer."""

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        try:
            return wsgi_app(environ, start_response)
        except ConnectionError:
            connection = environ.get("werkzeug.socket")
            if isinstance(connection, socket.socket):
                connection.shutdown(socket.SHUT_RDWR)
            raise

    return app


class _Quiet(WSGIRequestHandler):
    """Writes no line per request: the calls have them. Keeps connections, as real servers do."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def log_error(self, format: str, *args: Any) -> None:
        """Say nothing of what was asked for."""
