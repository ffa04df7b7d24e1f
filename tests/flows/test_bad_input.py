"""Whatever is sent to the API: a problem with a code, never a failure of ours, and nothing is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.accounts.models import AccessToken
from app.core.clock import utc_now
from app.core.crypto import digest_token
from app.core.db import Database
from tests.flows.conftest import OpenServer
from tests.flows.people import find_task
from tests.flows.server import Answer, Api, Server, eventually

QUESTION = {"category": "daily-life", "kind": "question", "title": "Bins", "body": "Where are the bins?"}
#: What JSON can carry and a text can't be, with the code for it.
BAD_TEXTS = {
    "empty": ("", "text.empty"),
    "blank": (" \n\t\u3000", "text.empty"),
    "invisible": ("\u200b\ufeff", "text.empty"),
    "100 kB": ("x" * 100_000, "text.too_long"),
    "NUL": ("one\0two", "text.nul"),
    "lone surrogate": ("one\ud800two", "text.surrogate"),
    "number": (7, "input.type"),
    "null": (None, "input.type"),
    "list": (["text"], "input.type"),
}


@pytest.fixture(scope="module")
def server(open_server: OpenServer) -> Server:
    server = open_server()
    server.run()
    return server


@pytest.fixture(scope="module")
def person(server: Server) -> Api:
    return server.register("person", kind="resident", reads=("en",))


@pytest.fixture(scope="module")
def thread(person: Api) -> Any:
    return person.post("/threads", QUESTION).expect(201)


def require_problem(answer: Answer, status: int, code: str) -> list[tuple[str, str]]:
    """Checks the form of RFC 9457; the wrong fields with their codes."""
    assert answer.headers["content-type"] == "application/problem+json", answer
    assert (answer.status, answer.body["status"], answer.body["code"]) == (status, status, code)
    assert answer.body["title"]
    return [(error["field"], error["code"]) for error in answer.body["errors"]]


@pytest.mark.parametrize("case", BAD_TEXTS)
def test_text_is_refused_wherever_it_is_sent(person: Api, thread: Any, case: str) -> None:
    text, code = BAD_TEXTS[case]
    post_id = thread["posts"]["items"][0]["id"]
    answers = {
        "body": [
            person.post("/threads", {**QUESTION, "body": text}),
            person.post(f"/threads/{thread['id']}/posts", {"body": text}),
            person.call("PATCH", f"/posts/{post_id}", {"body": text}),
        ],
        "title": [person.post("/threads", {**QUESTION, "title": text})],
    }
    for field, refused in answers.items():
        for answer in refused:
            assert require_problem(answer, 422, "input.invalid") == [(field, code)]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("language", "xx", "language.unknown"),
        ("language", "no such tag", "language.unknown"),
        ("language", "und", "language.unknown"),
        ("language", 5, "language.unknown"),
        ("category", "x" * 61, "text.too_long"),
        ("kind", "poem", "input.unknown_choice"),
        ("colour", "green", "input.unknown_field"),
    ],
)
def test_field_is_refused_with_its_code(person: Api, field: str, value: object, code: str) -> None:
    assert require_problem(person.post("/threads", {**QUESTION, field: value}), 422, "input.invalid") == [(field, code)]


def test_category_that_is_not_there_is_refused(person: Api) -> None:
    code = "forum.category_unknown"
    refused = person.post("/threads", {**QUESTION, "category": "no-such"})
    assert require_problem(refused, 422, code) == [("category", code)]
    require_problem(person.get("/threads", category="no-such"), 404, "forum.category_not_found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "input.invalid"),
        (b"{", 400, "request.malformed"),
        (b"[]", 422, "input.invalid"),
        (b'{"body": NaN}', 400, "request.malformed"),
        (b'{"body": "\xff\xfe"}', 400, "request.malformed"),
        (b"[" * 100_000, 400, "request.malformed"),
        (b'{"body": "' + b"x" * 2_000_000 + b'"}', 413, "request.too_large"),
    ],
)
def test_body_that_is_no_object_is_refused(person: Api, thread: Any, body: bytes, status: int, code: str) -> None:
    require_problem(person.call("POST", f"/threads/{thread['id']}/posts", body), status, code)


@pytest.mark.parametrize("place", ["999999", "0", "-1", "9223372036854775808", "1e3", "%00", "one"])
def test_thread_that_is_not_there_is_not_found(person: Api, place: str) -> None:
    for answer in (
        person.get(f"/threads/{place}"),
        person.post(f"/threads/{place}/posts", {"body": "Anybody?"}),
        person.put(f"/threads/{place}/rating", {"solved": "yes"}),
    ):
        assert answer.body["code"] in {"not_found", "forum.thread_not_found"}
        require_problem(answer, 404, answer.body["code"])


def test_key_that_is_too_long_is_refused(person: Api, thread: Any) -> None:
    answer = person.post(f"/threads/{thread['id']}/posts", {"body": "Keyed"}, key="k" * 201)
    assert require_problem(answer, 422, "input.invalid") == [("idempotency_key", "text.too_long")]


def test_private_thread_of_others_is_not_there(server: Server, person: Api) -> None:
    private = person.ask("Papers", "Which papers do I need?", kind="consultation")
    post_id = private["posts"]["items"][0]["id"]
    other = server.register("other")
    for stranger in (other, server.api()):
        require_problem(stranger.get(f"/threads/{private['id']}"), 404, "forum.thread_not_found")
        require_problem(stranger.get(f"/posts/{post_id}/translations/zh-Hant"), 404, "forum.post_not_found")
        assert private["id"] not in [each["id"] for each in stranger.get("/threads", limit=100).expect(200)["items"]]
    refused = other.post(f"/threads/{private['id']}/posts", {"body": "Me too"})
    require_problem(refused, 404, "forum.thread_not_found")
    with server.browse(other) as page:
        ack = page.ask("thread.join", thread_id=private["id"], language="en", after=None)
        assert (ack["ok"], ack["code"]) == (False, "forum.thread_not_found")


def test_foreign_post_and_rating_are_forbidden(server: Server, thread: Any) -> None:
    stranger = server.register("stranger")
    post_id = thread["posts"]["items"][0]["id"]
    for answer in (
        stranger.call("PATCH", f"/posts/{post_id}", {"body": "Mine now"}),
        stranger.call("DELETE", f"/posts/{post_id}"),
        stranger.put(f"/posts/{post_id}/language", {"language": "id"}),
        stranger.put(f"/threads/{thread['id']}/rating", {"solved": "yes"}),
        stranger.get("/moderation/items"),
        stranger.get("/tasks"),
    ):
        require_problem(answer, 403, "forbidden")
        assert answer.body["reason"]


def test_token_that_is_no_good_is_refused(server: Server, person: Api) -> None:
    expired = server.register("expired")
    database = Database(f"sqlite:///{server.folder / 'qiao.sqlite3'}")
    with database.transaction() as session:
        row = update(AccessToken).where(AccessToken.digest == digest_token(expired.token or ""))
        changed = session.execute(row.values(expires_at=utc_now() - timedelta(seconds=1)).returning(AccessToken.digest))
        assert len(changed.all()) == 1
    database.dispose()
    for token in (expired.token, "made up", "x" * 10_000):
        caller = server.api(token)
        require_problem(caller.get("/me"), 401, "accounts.token_invalid")
        require_problem(caller.post("/threads", QUESTION), 401, "accounts.token_invalid")
    require_problem(server.api().post("/threads", QUESTION), 401, "not_authenticated")


def test_task_of_somebody_else_is_kept(server: Server) -> None:
    pairs = ("--role", "interpreter", "--pairs", "th:zh-Hant")
    holder, rival = server.appoint("holder", *pairs), server.appoint("rival", *pairs)
    stranger = server.appoint("foreign", "--role", "interpreter", "--pairs", "km:zh-Hant")
    asker = server.register("asker", kind="resident", reads=("th",))
    post_id = asker.ask("ถังขยะ", "ถังขยะอยู่ที่ไหน")["posts"]["items"][0]["id"]
    task = eventually(lambda: find_task(holder, post_id, "zh-Hant"), what="a task")
    path = f"/tasks/{task['id']}"
    holder.post(f"{path}/claim").expect(200)
    held = rival.post(f"{path}/claim")
    require_problem(held, 409, "interpreting.lease_held")
    assert held.body["holder"] == "holder"
    submission = {"text": "垃圾桶在哪裡？", "base_candidate_id": None}
    require_problem(rival.post(f"{path}/submit", submission), 409, "interpreting.lease_held")
    require_problem(stranger.post(f"{path}/claim"), 404, "interpreting.task_not_found")
    require_problem(stranger.post(f"{path}/submit", submission), 404, "interpreting.task_not_found")
    require_problem(asker.post(f"{path}/claim"), 403, "forbidden")
    require_problem(server.api().post(f"{path}/claim"), 401, "not_authenticated")
    done = holder.post(f"{path}/submit", submission).expect(200)
    assert done["state"] == "verified"


def test_socket_refuses_what_the_api_refuses(server: Server, person: Api, thread: Any) -> None:
    with server.browse(person) as page:
        page.join(thread["id"], "en")
        for case, (text, code) in BAD_TEXTS.items():
            # A lone surrogate can't be sent by a client that speaks UTF-8.
            if case == "lone surrogate":
                continue
            ack = page.ask("post.create", thread_id=thread["id"], body=text, key="bad")
            assert (ack["ok"], ack["code"], ack["errors"]) == (
                False,
                "input.invalid",
                [{"field": "body", "code": code}],
            )
        ack = page.ask("post.create", thread_id="1", body="Hello", key="bad")
        assert (ack["ok"], ack["code"]) == (False, "input.invalid")
        assert page.ask("post.create", thread_id=thread["id"], body="Hello", key="bad")["ok"]
