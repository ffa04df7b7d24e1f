from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.interpreting.service import LEASE
from app.runtime import Runtime
from app.worker import translate_pending
from tests.conftest import TickingClock
from tests.web.api.support import Caller, make_interpreter, register, require_problem

KHMER = "តើខ្ញុំត្រូវធ្វើប័ណ្ណស្នាក់នៅថ្មីនៅកន្លែងណា?"
CHINESE = "請問要去哪裡重新申請居留證呢?"


@pytest.fixture
def asker(client: FlaskClient) -> Caller:
    return register(client, "Writer", locale="km")


@pytest.fixture
def interpreter(client: FlaskClient, runtime: Runtime) -> Caller:
    caller = register(client, "Speaker", locale="zh-Hant", kind="citizen")
    make_interpreter(runtime, caller, ("km", "zh-Hant"), ("zh-Hant", "km"))
    return caller


@pytest.fixture
def thread(asker: Caller, runtime: Runtime) -> dict[str, Any]:
    """A Khmer question for which no engine is installed."""
    thread = asker.ask(title="ប័ណ្ណស្នាក់នៅ", body=KHMER)
    translate_pending(runtime)
    return thread


def find_task(interpreter: Caller, **query: str) -> dict[str, Any]:
    [task] = interpreter.get("/tasks", query_string={"source": "km", "target": "zh-Hant", **query}).get_json()["items"]
    return task


def test_reader_is_told_honestly_that_a_person_is_asked(thread: dict[str, Any], client: FlaskClient) -> None:
    read = Caller(client).get(f"/threads/{thread['id']}?language=zh-Hant").get_json()
    translation = read["posts"]["items"][0]["translation"]
    assert (translation["state"], translation["reason"], translation["text"]) == ("waiting", "no_engine", None)
    assert translation["wait"] == {"people_on_shift": 0, "expected_seconds": None}


def test_reader_is_told_who_is_there(thread: dict[str, Any], interpreter: Caller, client: FlaskClient) -> None:
    interpreter.get("/me")
    post_id = thread["posts"]["items"][0]["id"]
    translation = Caller(client).get(f"/posts/{post_id}/translations/zh-Hant").get_json()
    assert translation["wait"] == {"people_on_shift": 1, "expected_seconds": None}


def test_interpreter_takes_and_vouches_for_a_translation(
    thread: dict[str, Any], interpreter: Caller, asker: Caller, client: FlaskClient
) -> None:
    task = interpreter.post("/tasks/next").get_json()
    assert (task["kind"], task["state"], task["lease"]["holder"]) == ("translate", "claimed", "Speaker")
    assert (task["source"]["text"], task["source"]["title"]) == (KHMER, "ប័ណ្ណស្នាក់នៅ")
    body = {"text": CHINESE, "title_text": "居留證", "base_candidate_id": None}
    done = interpreter.post(f"/tasks/{task['id']}/submit", body)
    assert done.status_code == 200
    assert (done.get_json()["state"], done.get_json()["grade"], done.get_json()["text"]) == ("verified", "one", CHINESE)
    assert done.get_json()["origin"]["kind"] == "interpreter"
    read = Caller(client).get(f"/threads/{thread['id']}?language=zh-Hant").get_json()
    assert read["posts"]["items"][0]["translation"]["text"] == CHINESE
    assert read["title"]["translation"]["text"] == "居留證"
    again = interpreter.post(f"/tasks/{task['id']}/submit", body)
    problem = require_problem(again, 409, "interpreting.task_closed")
    assert (problem["mine"], problem["theirs"]) == (CHINESE, CHINESE)


def test_held_task_is_nobody_elses(
    thread: dict[str, Any], interpreter: Caller, client: FlaskClient, runtime: Runtime, clock: TickingClock
) -> None:
    second = register(client, "Visitor", locale="km")
    make_interpreter(runtime, second, ("km", "zh-Hant"))
    task = find_task(interpreter)
    assert interpreter.post(f"/tasks/{task['id']}/claim").status_code == 200
    problem = require_problem(second.post(f"/tasks/{task['id']}/claim"), 409, "interpreting.lease_held")
    assert problem["holder"] == "Speaker"
    refused = second.post(f"/tasks/{task['id']}/submit", {"text": CHINESE, "base_candidate_id": None})
    require_problem(refused, 409, "interpreting.lease_held")
    assert second.get(f"/tasks/{task['id']}").get_json()["draft"] == CHINESE
    require_problem(second.post("/tasks/next"), 404, "interpreting.no_task_left")
    clock.advance(seconds=LEASE.total_seconds())
    assert second.post(f"/tasks/{task['id']}/claim").get_json()["lease"]["holder"] == "Visitor"


def test_task_is_given_back_with_its_draft(thread: dict[str, Any], interpreter: Caller) -> None:
    task = interpreter.post("/tasks/next", {"source": "km", "target": "zh-Hant"}).get_json()
    path = f"/tasks/{task['id']}"
    assert interpreter.put(f"{path}/draft", {"text": "請問要去哪裡"}).status_code == 204
    assert interpreter.post(f"{path}/renew").get_json()["state"] == "claimed"
    released = interpreter.post(f"{path}/release").get_json()
    assert (released["state"], released["lease"], released["draft"]) == ("open", None, "請問要去哪裡")
    require_problem(interpreter.post(f"{path}/renew"), 409, "interpreting.lease_lost")


def test_skipped_task_is_not_offered_again(thread: dict[str, Any], interpreter: Caller) -> None:
    task = interpreter.post("/tasks/next").get_json()
    assert interpreter.post(f"/tasks/{task['id']}/skip", {"reason": "know_person"}).get_json()["state"] == "open"
    assert interpreter.post("/tasks/next").status_code == 404
    require_problem(interpreter.post(f"/tasks/{task['id']}/skip", {"reason": "A\0"}), 422, "input.invalid", "reason")


def test_submission_is_refused_with_its_checks_and_kept_as_a_draft(thread: dict[str, Any], interpreter: Caller) -> None:
    task = find_task(interpreter)
    interpreter.post(f"/tasks/{task['id']}/claim")
    refused = interpreter.post(
        f"/tasks/{task['id']}/submit",
        {"text": KHMER, "base_candidate_id": None, "accept_warnings": True},
        headers={"Accept-Language": "en"},
    )
    problem = require_problem(refused, 422, "translation.checks_failed")
    assert problem["checks"]
    for check in problem["checks"]:
        assert check["message"]
    assert "error" in {check["severity"] for check in problem["checks"]}
    assert interpreter.get(f"/tasks/{task['id']}").get_json()["draft"] == KHMER


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "", "base_candidate_id": None}, "text"),
        ({"text": "x" * 100_000, "base_candidate_id": None}, "text"),
        ({"text": "\ud800", "base_candidate_id": None}, "text"),
        ({"text": "\0", "base_candidate_id": None}, "text"),
        ({"text": CHINESE}, "base_candidate_id"),
        ({"text": CHINESE, "base_candidate_id": "1"}, "base_candidate_id"),
        ({"text": CHINESE, "base_candidate_id": None, "accept_warnings": 1}, "accept_warnings"),
    ],
)
def test_submission_is_refused_when_a_field_is_wrong(
    thread: dict[str, Any], interpreter: Caller, body: dict[str, object], field: str
) -> None:
    response = interpreter.post(f"/tasks/{find_task(interpreter)['id']}/submit", body)
    require_problem(response, 422, "input.invalid", field)


def test_desk_is_for_interpreters_of_the_pair(
    thread: dict[str, Any], interpreter: Caller, asker: Caller, client: FlaskClient, runtime: Runtime
) -> None:
    task_id = find_task(interpreter)["id"]
    stranger = register(client, "Reader", locale="th")
    make_interpreter(runtime, stranger, ("th", "zh-Hant"))
    calls = [
        ("GET", f"/tasks/{task_id}", None),
        ("POST", f"/tasks/{task_id}/claim", {}),
        ("POST", f"/tasks/{task_id}/renew", {}),
        ("POST", f"/tasks/{task_id}/release", {}),
        ("POST", f"/tasks/{task_id}/skip", {}),
        ("PUT", f"/tasks/{task_id}/draft", {"text": "x"}),
        ("POST", f"/tasks/{task_id}/submit", {"text": CHINESE, "base_candidate_id": None}),
    ]
    for method, path, body in calls:
        require_problem(stranger.call(method, path, json=body), 404, "interpreting.task_not_found")
        require_problem(asker.call(method, path, json=body), 403, "forbidden")
        require_problem(Caller(client).call(method, path, json=body), 401, "not_authenticated")
    for method, path in (("GET", "/tasks"), ("POST", "/tasks/next")):
        require_problem(asker.call(method, path, json={}), 403, "forbidden")
        require_problem(Caller(client).call(method, path, json={}), 401, "not_authenticated")
    assert stranger.get("/tasks").get_json() == {"items": [], "next": None}


def test_task_is_not_found_when_there_is_none(interpreter: Caller) -> None:
    require_problem(interpreter.post("/tasks/4711/claim"), 404, "interpreting.task_not_found")
    require_problem(interpreter.get("/tasks?after=nonsense"), 422, "input.unknown_cursor", "after")
    require_problem(interpreter.get("/tasks?state=lost"), 422, "input.invalid", "state")


def test_queue_is_paged(interpreter: Caller, asker: Caller, runtime: Runtime) -> None:
    for number in range(3):
        asker.ask(title="ប័ណ្ណស្នាក់នៅ", body=f"{KHMER} {number}")
    translate_pending(runtime)
    seen, after = [], ""
    while after is not None:
        page = interpreter.get("/tasks", query_string={"limit": 2, "after": after}).get_json()
        seen += [task["id"] for task in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == 3


def test_reported_translation_stays_shown_and_is_looked_at_first(
    thread: dict[str, Any], interpreter: Caller, asker: Caller
) -> None:
    task = interpreter.post("/tasks/next").get_json()
    interpreter.post(f"/tasks/{task['id']}/submit", {"text": CHINESE, "base_candidate_id": None})
    path = f"/posts/{task['post_id']}/translations/zh-Hant"
    reported = asker.post(f"{path}/reports", {"reason": "meaning", "note": "ខុស"})
    assert (reported.status_code, reported.get_json()["reason"]) == (201, "meaning")
    translation = asker.get(path).get_json()
    assert (translation["state"], translation["reported"], translation["text"]) == ("verified", True, CHINESE)
    assert find_task(interpreter, state="open")["kind"] == "reported"
