from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.runtime import Runtime
from tests.web.api.support import Caller, make_interpreter, make_moderator, register, require_problem

SCAM = "Nhận làm giấy tờ giả, bao đậu visa, ai cần thì liên hệ nhé."


@pytest.fixture
def moderator(client: FlaskClient, runtime: Runtime) -> Caller:
    caller = register(client, "Company", locale="zh-Hant", kind="citizen")
    make_moderator(runtime, caller)
    return caller


@pytest.fixture
def reported(client: FlaskClient) -> dict[str, Any]:
    """A reported post, its thread and the report."""
    author, reader = register(client, "Asker"), register(client, "Resident")
    thread = author.ask()
    post = thread["posts"]["items"][0]
    response = reader.post("/reports", {"post_id": post["id"], "reason": "scam", "note": "Lừa đảo"})
    assert response.status_code == 201
    return {"thread": thread, "post": post, "report": response.get_json(), "author": author, "reader": reader}


def test_report_comes_into_the_queue(reported: dict[str, Any], moderator: Caller) -> None:
    [item] = moderator.get("/moderation/items?state=open").get_json()["items"]
    assert (item["kind"], item["post"]["id"], item["post"]["body"]) == (
        "reported",
        reported["post"]["id"],
        reported["post"]["body"],
    )
    assert [(report["reason"], report["note"]) for report in item["reports"]] == [("scam", "Lừa đảo")]
    assert item["post"]["translation"]["language"] == "zh-Hant"


def test_hidden_post_is_gone_and_the_decision_stays(
    reported: dict[str, Any], moderator: Caller, client: FlaskClient
) -> None:
    [item] = moderator.get("/moderation/items").get_json()["items"]
    path = f"/moderation/items/{item['id']}/decision"
    decided = moderator.post(path, {"action": "hide", "note": "Môi giới"})
    assert decided.status_code == 200
    assert (decided.get_json()["state"], decided.get_json()["decisions"][0]["action"]) == ("decided", "hide")
    require_problem(Caller(client).get(f"/posts/{reported['post']['id']}"), 404, "forum.post_not_found")
    require_problem(moderator.post(path, {"action": "warn"}), 409, "moderation.already_decided")
    assert moderator.get("/moderation/items?state=open").get_json() == {"items": [], "next": None}
    restored = moderator.post(path, {"action": "keep"})
    assert [line["action"] for line in restored.get_json()["decisions"]] == ["hide", "keep"]
    assert Caller(client).get(f"/posts/{reported['post']['id']}").status_code == 200


def test_queue_is_for_those_who_may_decide(
    reported: dict[str, Any], moderator: Caller, client: FlaskClient, runtime: Runtime
) -> None:
    [item] = moderator.get("/moderation/items").get_json()["items"]
    path = f"/moderation/items/{item['id']}/decision"
    require_problem(reported["reader"].get("/moderation/items"), 403, "forbidden")
    require_problem(reported["reader"].post(path, {"action": "hide"}), 403, "forbidden")
    require_problem(Caller(client).get("/moderation/items"), 401, "not_authenticated")
    require_problem(Caller(client).post(path, {"action": "hide"}), 401, "not_authenticated")
    thai = register(client, "Reader", locale="th")
    make_interpreter(runtime, thai, ("th", "zh-Hant"))
    assert thai.get("/moderation/items").get_json()["items"] == []
    require_problem(thai.post(path, {"action": "hide"}), 404, "moderation.item_not_found")
    make_moderator(runtime, reported["author"])
    assert require_problem(reported["author"].post(path, {"action": "keep"}), 403, "forbidden")["reason"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "burn"}, "action"),
        ({}, "action"),
        ({"action": "hide", "note": "n" * 1001}, "note"),
        ({"action": "hide", "note": "\ud800"}, "note"),
        ({"action": "hide", "note": "\0"}, "note"),
        ({"action": "hide", "silently": True}, "silently"),
    ],
)
def test_decision_is_refused_when_a_field_is_wrong(
    reported: dict[str, Any], moderator: Caller, body: dict[str, object], field: str
) -> None:
    require_problem(moderator.post("/moderation/items/1/decision", body), 422, "input.invalid", field)


def test_decision_is_not_found_when_there_is_no_item(moderator: Caller) -> None:
    require_problem(
        moderator.post("/moderation/items/99/decision", {"action": "keep"}), 404, "moderation.item_not_found"
    )


def test_report_is_refused_when_something_is_wrong(reported: dict[str, Any], client: FlaskClient) -> None:
    post_id, reader = reported["post"]["id"], reported["reader"]
    require_problem(Caller(client).post("/reports", {"post_id": post_id, "reason": "scam"}), 401, "not_authenticated")
    require_problem(reader.post("/reports", {"post_id": 999, "reason": "scam"}), 404, "forum.post_not_found")
    require_problem(reader.post("/reports", {"post_id": post_id, "reason": "dull"}), 422, "input.invalid", "reason")
    require_problem(reader.post("/reports", {"post_id": "1", "reason": "scam"}), 422, "input.invalid", "post_id")
    own = reported["author"].post("/reports", {"post_id": post_id, "reason": "spam"})
    assert require_problem(own, 403, "forbidden")["reason"] == "moderation.own_post"


def test_held_post_is_for_its_author_and_the_moderators_only(client: FlaskClient, moderator: Caller) -> None:
    author, other = register(client, "Asker"), register(client, "Resident")
    thread = other.ask()
    post = author.answer(thread["id"], body=SCAM)
    assert post["state"] == "held"
    assert author.get(f"/posts/{post['id']}").get_json()["state"] == "held"
    for caller in (other, Caller(client)):
        require_problem(caller.get(f"/posts/{post['id']}"), 404, "forum.post_not_found")
        require_problem(caller.get(f"/posts/{post['id']}/translations/en"), 404, "forum.post_not_found")
        read = caller.get(f"/threads/{thread['id']}").get_json()
        assert post["id"] not in {item["id"] for item in read["posts"]["items"]}
        assert caller.get("/search?q=giấy tờ giả").get_json()["items"] == []
        caught_up = caller.get(f"/threads/{thread['id']}?after=0").get_json()["posts"]["items"]
        assert "giấy tờ giả" not in str(caught_up)
    [item] = moderator.get("/moderation/items").get_json()["items"]
    assert (item["kind"], item["post"]["id"]) == ("screened", post["id"])
    moderator.post(f"/moderation/items/{item['id']}/decision", {"action": "keep"})
    assert other.get(f"/posts/{post['id']}").get_json()["state"] == "visible"
