"""Callers of the API for tests: a client with a token, and the few things that most tests begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.service import grant_role
from app.core.actor import Role
from app.interpreting.service import set_pairs
from app.runtime import Runtime
from translation.languages import LanguageTag

API = "/api/v1"
PASSWORD = "correct horse battery"
QUESTION = "Tôi bị mất thẻ cư trú rồi, phải làm lại ở đâu vậy mọi người?"
ANSWER = "請帶兩張照片和護照到移民署服務站申請補發。"


@dataclass
class Caller:
    """Somebody with a token, or nobody without one."""

    client: FlaskClient
    token: str | None = None
    account: dict[str, Any] | None = None

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        given = dict(headers or {})
        if self.token is not None:
            given.setdefault("Authorization", f"Bearer {self.token}")
        return self.client.open(API + path, method=method, headers=given, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: object = None, **options: Any) -> TestResponse:
        return self.call("POST", path, json={} if body is None else body, **options)

    def put(self, path: str, body: object = None, **options: Any) -> TestResponse:
        return self.call("PUT", path, json={} if body is None else body, **options)

    def patch(self, path: str, body: object, **options: Any) -> TestResponse:
        return self.call("PATCH", path, json=body, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.call("DELETE", path, **options)

    @property
    def account_id(self) -> int:
        assert self.account is not None
        return int(self.account["id"])

    def ask(self, **changes: object) -> dict[str, Any]:
        """A new question with its first post."""
        body = {"category": "residence", "kind": "question", "title": "Mất thẻ cư trú", "body": QUESTION} | changes
        response = self.post("/threads", body)
        assert response.status_code == 201, response.get_data(as_text=True)
        return response.get_json()

    def answer(self, thread_id: int, **changes: object) -> dict[str, Any]:
        response = self.post(f"/threads/{thread_id}/posts", {"body": ANSWER} | changes)
        assert response.status_code == 201, response.get_data(as_text=True)
        return response.get_json()


def register(
    client: FlaskClient, name: str, *, locale: str = "vi", kind: str = "resident", **changes: object
) -> Caller:
    body = {"display_name": name, "password": PASSWORD, "kind": kind, "locale": locale, "reading_languages": [locale]}
    response = Caller(client).post("/accounts", body | changes)
    assert response.status_code == 201, response.get_data(as_text=True)
    made = response.get_json()
    return Caller(client, made["token"], made["account"])


def enter_as_guest(client: FlaskClient) -> Caller:
    response = Caller(client).post("/guests", {"locale": "km", "reading_languages": ["km"]})
    assert response.status_code == 201, response.get_data(as_text=True)
    made = response.get_json()
    return Caller(client, made["token"], made["account"])


def make_interpreter(runtime: Runtime, caller: Caller, *pairs: tuple[str, str]) -> None:
    with runtime.db.transaction() as session:
        grant_role(session, account_id=caller.account_id, role=Role.INTERPRETER)
        tags = [(LanguageTag(source), LanguageTag(target)) for source, target in pairs]
        set_pairs(session, account_id=caller.account_id, pairs=tags, now=runtime.clock())


def make_moderator(runtime: Runtime, caller: Caller) -> None:
    with runtime.db.transaction() as session:
        grant_role(session, account_id=caller.account_id, role=Role.MODERATOR)


def require_problem(response: TestResponse, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    """The problem of an answer, checked to be one; ``field`` is one of the wrong fields, with a code."""
    problem = response.get_json()
    assert (response.status_code, problem["code"]) == (status, code), problem
    assert response.content_type == "application/problem+json"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["request_id"] == response.headers["X-Request-Id"]
    if field is not None:
        assert field in {error["field"] for error in problem["errors"]}, problem
        assert all(error["code"] for error in problem["errors"])
    return problem
