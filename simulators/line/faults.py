"""Failures put into chosen API calls: what a client has to live through and cannot provoke by asking nicely."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from enum import StrEnum

from flask import Response, make_response

from simulators.line.problems import RefusedError


class FaultKind(StrEnum):
    """What goes wrong. With the `*_AFTER` kinds the request was accepted and the client does not learn it."""

    SERVER_ERROR = "server_error"
    RATE_LIMIT = "rate_limit"
    MONTHLY_LIMIT = "monthly_limit"
    UNAUTHORIZED = "unauthorized"
    TOO_LARGE = "too_large"
    SLOW = "slow"
    TIMEOUT_BEFORE = "timeout_before"
    DROP_BEFORE = "drop_before"
    TIMEOUT_AFTER = "timeout_after"
    DROP_AFTER = "drop_after"
    ERROR_AFTER = "error_after"
    HTML_AFTER = "html_after"
    EMPTY_AFTER = "empty_after"
    INTEGER_ID_AFTER = "integer_id_after"


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure of one call. `seconds` is how long SLOW and the time-outs hold the connection."""

    kind: FaultKind
    seconds: float = 0.0


class DroppedConnectionError(ConnectionError):
    """The simulator hangs up without an answer."""


_REFUSALS = {
    FaultKind.SERVER_ERROR: (500, "Internal server error"),
    FaultKind.RATE_LIMIT: (429, "The API rate limit has been exceeded. Try again later."),
    FaultKind.MONTHLY_LIMIT: (429, "You have reached your monthly limit."),
    FaultKind.UNAUTHORIZED: (
        401,
        "Authentication failed. Confirm that the access token in the authorization header is valid.",
    ),
    FaultKind.TOO_LARGE: (413, "Request Entity Too Large"),
}
_BODIES = {
    FaultKind.HTML_AFTER: ("<html><body>OK</body></html>", "text/html"),
    FaultKind.EMPTY_AFTER: ("{}", "application/json"),
    FaultKind.INTEGER_ID_AFTER: ('{"sentMessages": [{"id": 461230966842064897}]}', "application/json"),
}


class FaultPlan:
    """Faults waiting for the next calls of an endpoint (`reply`, `push`, … or `*` for any), first in, first out."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._released = threading.Event()

    def inject(self, endpoint: str, kind: FaultKind, *, times: int = 1, seconds: float = 30.0) -> None:
        """Let the next `times` calls of an endpoint fail."""
        with self._lock:
            self._waiting[endpoint].extend([Fault(kind, seconds)] * times)

    def take(self, endpoint: str) -> Fault | None:
        """The fault for this call, if one waits."""
        with self._lock:
            for name in (endpoint, "*"):
                if self._waiting[name]:
                    return self._waiting[name].popleft()
        return None

    def release(self) -> None:
        """End every wait at once; called when the server stops."""
        self._released.set()

    def before(self, fault: Fault) -> None:
        """Fail a call before it is looked at: raise RefusedError or DroppedConnectionError, or let it pass."""
        if fault.kind in _REFUSALS:
            status, message = _REFUSALS[fault.kind]
            raise RefusedError(status, message)
        if fault.kind in {FaultKind.SLOW, FaultKind.TIMEOUT_BEFORE}:
            self._released.wait(fault.seconds)
        if fault.kind in {FaultKind.TIMEOUT_BEFORE, FaultKind.DROP_BEFORE}:
            raise DroppedConnectionError

    def after(self, fault: Fault, response: Response) -> Response:
        """Spoil the answer of a call that was handled; one that was refused anyway keeps its answer."""
        if response.status_code >= 400:
            return response
        if fault.kind is FaultKind.TIMEOUT_AFTER:
            self._released.wait(fault.seconds)
        if fault.kind in {FaultKind.TIMEOUT_AFTER, FaultKind.DROP_AFTER}:
            raise DroppedConnectionError
        if fault.kind is FaultKind.ERROR_AFTER:
            return make_response(RefusedError(500, "Internal server error").body(), 500)
        if fault.kind in _BODIES:
            body, mimetype = _BODIES[fault.kind]
            return make_response(body, 200, {"Content-Type": mimetype})
        return response
