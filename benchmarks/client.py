"""A cheap HTTP client: one kept connection a thread, so that the load costs little of the machine it measures."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from typing import Any

_numbers = count(1)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One caller. Threads may share it; each has a connection of its own."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._connections = threading.local()

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, body: object, **headers: str) -> Answer:
        return self._ask("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})

    def create(self, path: str, body: object) -> Any:
        """Post and give what was created. Raises :class:`RuntimeError` for any answer but 201."""
        answer = self.post(path, body)
        if answer.status != 201:
            raise RuntimeError(f"POST {path}: {answer.status} {answer.body[:500]!r}")
        return answer.json()

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection: HTTPConnection | None = getattr(self._connections, "one", None)
        if connection is None:
            connection = self._connections.one = HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request(method, path, body, {**self._headers, **headers})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())


def sign_up(anybody: Client, *, language: str, port: int) -> Client:
    """A new resident who reads one language."""
    made = anybody.create(
        "/api/v1/accounts",
        {
            "display_name": f"bench {next(_numbers)}",
            "password": "correct horse",
            "kind": "resident",
            "locale": language,
            "reading_languages": [language],
        },
    )
    return Client(port, made["token"])


def ask(author: Client, body: str, *, language: str) -> int:
    """A public question; its thread's id."""
    question = {"category": "daily-life", "kind": "question", "title": body[:100], "body": body, "language": language}
    return int(author.create("/api/v1/threads", question)["id"])
