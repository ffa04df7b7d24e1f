"""Failures put into a server's next answers: what a client has to live through and cannot provoke by asking nicely."""

from __future__ import annotations

import gzip
import json
import threading
from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from flask import Response


class FaultKind(StrEnum):
    """What goes wrong with an answer, whatever the server would have said."""

    DROP = "drop"
    HANG = "hang"
    DRIP = "drip"
    SERVER_ERROR = "server_error"
    OVERLOADED = "overloaded"
    RATE_LIMIT = "rate_limit"
    DENIED = "denied"
    REDIRECT = "redirect"
    NOT_JSON = "not_json"
    DEEP_JSON = "deep_json"
    HUGE = "huge"
    COMPRESSED = "compressed"
    # The next ones spoil the translations in an answer that is well formed.
    FEWER = "fewer"
    MORE = "more"
    EMPTY = "empty"
    NUMBERS = "numbers"
    SURROGATES = "surrogates"
    ENDLESS = "endless"
    STRING = "string"


#: Faults of the translations; the API that has them to give spoils them itself.
OF_TRANSLATIONS = frozenset(
    {
        FaultKind.FEWER,
        FaultKind.MORE,
        FaultKind.EMPTY,
        FaultKind.NUMBERS,
        FaultKind.SURROGATES,
        FaultKind.ENDLESS,
        FaultKind.STRING,
    }
)
#: Seconds that a rate limit and an overload ask for.
RETRY_AFTER = 7


class DroppedConnectionError(ConnectionError):
    """The simulator hangs up without an answer."""


class FaultPlan:
    """Faults waiting for the next calls of a path (`*` for any), first in, first out; `stay` keeps one for all."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[FaultKind]] = {}
        self._staying: dict[str, FaultKind] = {}
        self._lock = threading.Lock()
        self._released = threading.Event()

    def inject(self, kind: FaultKind, *, path: str = "*", times: int = 1) -> None:
        """Let the next `times` calls of a path fail."""
        with self._lock:
            self._waiting.setdefault(path, deque()).extend([kind] * times)

    def stay(self, kind: FaultKind, *, path: str = "*") -> None:
        """Let every call of a path fail from now on."""
        with self._lock:
            self._staying[path] = kind

    def clear(self) -> None:
        """No fault any more."""
        with self._lock:
            self._waiting.clear()
            self._staying.clear()

    def take(self, path: str) -> FaultKind | None:
        """The fault for this call, if there is one."""
        with self._lock:
            for name in (path, "*"):
                if self._waiting.get(name):
                    return self._waiting[name].popleft()
                if name in self._staying:
                    return self._staying[name]
        return None

    def release(self) -> None:
        """End every wait at once; called when the server stops."""
        self._released.set()

    def answer(self, kind: FaultKind) -> Response:
        """The answer that a fault makes of any call; raises DroppedConnectionError for one without an answer."""
        if kind is FaultKind.HANG:
            self._released.wait(30)
        if kind in {FaultKind.DROP, FaultKind.HANG}:
            raise DroppedConnectionError
        if kind is FaultKind.DRIP:
            return Response(self._drip(), mimetype="application/json")
        if kind is FaultKind.REDIRECT:
            return Response(status=302, headers={"Location": "http://127.0.0.2:9/elsewhere"})
        if kind is FaultKind.COMPRESSED:
            return Response(gzip.compress(b"{}"), mimetype="application/json", headers={"Content-Encoding": "gzip"})
        status, body = _ANSWERS[kind]
        headers = {"Retry-After": str(RETRY_AFTER)} if status in {429, 503} else {}
        return Response(body, status, headers, mimetype="application/json")

    def _drip(self) -> Iterator[bytes]:
        while not self._released.wait(0.05):
            yield b" "


def _say(message: str) -> bytes:
    return json.dumps({"error": message}).encode()


_ANSWERS: dict[FaultKind, tuple[int, bytes]] = {
    FaultKind.SERVER_ERROR: (500, _say("Internal server error")),
    FaultKind.OVERLOADED: (503, _say("Overloaded")),
    FaultKind.RATE_LIMIT: (429, _say("Slowdown")),
    FaultKind.DENIED: (403, _say("Invalid API key")),
    FaultKind.NOT_JSON: (200, b"<html><body>Translated.</body></html>"),
    FaultKind.DEEP_JSON: (200, b"[" * 200_000),
    FaultKind.HUGE: (200, b'{"a": "' + b"a" * (5 * 1024 * 1024) + b'"}'),
}


def spoil(kind: FaultKind, translations: list[str]) -> Any:
    """What a fault of the translations makes of them."""
    if kind is FaultKind.FEWER:
        return translations[1:]
    if kind is FaultKind.MORE:
        return [*translations, "one more"]
    if kind is FaultKind.STRING:
        return "🦆"
    if kind is FaultKind.NUMBERS:
        return list(range(len(translations)))
    replacement = {FaultKind.EMPTY: " ", FaultKind.SURROGATES: "a\ud800b", FaultKind.ENDLESS: "ha " * 20_000}[kind]
    return [replacement] * len(translations)
