from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web.api.support import ANSWER, QUESTION, Caller, register, require_problem


def test_same_key_gives_the_same_post_again(client: FlaskClient) -> None:
    asker = register(client, "Asker")
    thread, key = asker.ask(), {"Idempotency-Key": "k-1"}
    first = asker.post(f"/threads/{thread['id']}/posts", {"body": "Có ai biết không?"}, headers=key)
    second = asker.post(f"/threads/{thread['id']}/posts", {"body": "Có ai biết không?"}, headers=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.get_json() == second.get_json()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"body": ""}, "body"),
        ({"body": "x" * 100_000}, "body"),
        ({"body": "\0"}, "body"),
        ({"body": "\ud800"}, "body"),
        ({"language": "klingon"}, "language"),
        ({"reply_to": 424242}, "reply_to"),
        ({"reply_to": 0}, "reply_to"),
        ({"reply_to": "1"}, "reply_to"),
        ({"reply_to": True}, "reply_to"),
        ({"reply_to": 2**63}, "reply_to"),
        ({"reply_to": 1.0}, "reply_to"),
        ({"state": "hidden"}, "state"),
    ],
)
def test_answer_is_refused_when_a_field_is_wrong(client: FlaskClient, changes: dict[str, object], field: str) -> None:
    asker = register(client, "Asker")
    response = asker.post(f"/threads/{asker.ask()['id']}/posts", {"body": ANSWER} | changes)
    assert response.status_code == 422
    assert [error["field"] for error in response.get_json()["errors"]] == [field]


def test_answer_is_refused_when_it_replies_to_a_post_of_another_thread(client: FlaskClient) -> None:
    asker = register(client, "Asker")
    thread, other = asker.ask(), asker.ask()
    elsewhere = other["posts"]["items"][0]["id"]
    response = asker.post(f"/threads/{thread['id']}/posts", {"body": ANSWER, "reply_to": elsewhere})
    require_problem(response, 422, "forum.reply_to_unknown", "reply_to")


def test_answer_is_refused_when_there_is_no_such_thread(client: FlaskClient) -> None:
    asker = register(client, "Asker")
    require_problem(asker.post("/threads/777/posts", {"body": ANSWER}), 404, "forum.thread_not_found")


def test_post_is_changed_by_its_author_only(client: FlaskClient) -> None:
    asker, other = register(client, "Asker"), register(client, "Resident")
    thread = asker.ask()
    path = f"/posts/{thread['posts']['items'][0]['id']}"
    require_problem(Caller(client).patch(path, {"body": "x"}), 401, "not_authenticated")
    assert require_problem(other.patch(path, {"body": "x"}), 403, "forbidden")["reason"] == "forum.not_author"
    assert require_problem(other.delete(path), 403, "forbidden")["reason"] == "forum.not_author"
    changed = asker.patch(path, {"body": "Tôi mất thẻ cư trú ở Đài Nam, làm lại ở đâu?"})
    assert changed.status_code == 200
    assert changed.get_json()["body"] == "Tôi mất thẻ cư trú ở Đài Nam, làm lại ở đâu?"
    assert changed.get_json()["edited_at"] is not None
    require_problem(asker.patch(path, {"body": " "}), 422, "input.invalid", "body")
    require_problem(asker.patch("/posts/31415", {"body": "x"}), 404, "forum.post_not_found")


def test_withdrawn_post_is_gone_for_everybody(client: FlaskClient) -> None:
    asker = register(client, "Asker")
    thread = asker.ask()
    post = asker.answer(thread["id"], body="Tôi tự tìm ra rồi, cảm ơn")
    assert asker.delete(f"/posts/{post['id']}").status_code == 204
    for response in (
        asker.get(f"/posts/{post['id']}"),
        asker.delete(f"/posts/{post['id']}"),
        asker.get(f"/posts/{post['id']}/translations/en"),
        asker.put(f"/posts/{post['id']}/language", {"language": "vi"}),
    ):
        require_problem(response, 404, "forum.post_not_found")


def test_language_is_corrected_by_the_author(client: FlaskClient) -> None:
    asker, other = register(client, "Asker"), register(client, "Resident")
    thread = asker.ask(language="id")
    path = f"/posts/{thread['posts']['items'][0]['id']}/language"
    corrected = asker.put(path, {"language": "vi"})
    assert corrected.status_code == 200
    assert corrected.get_json()["language"] == {"tag": "vi", "basis": "confirmed", "confidence": 1.0}
    require_problem(other.put(path, {"language": "th"}), 403, "forbidden")
    require_problem(asker.put(path, {"language": "und"}), 422, "input.invalid", "language")
    require_problem(asker.put(path, {}), 422, "input.invalid", "language")


def test_translation_is_asked_for_when_it_does_not_exist_yet(client: FlaskClient) -> None:
    thread = register(client, "Asker").ask()
    path = f"/posts/{thread['posts']['items'][0]['id']}/translations"
    asked = Caller(client).get(f"{path}/id-ID")
    assert asked.status_code == 200
    assert (asked.get_json()["language"], asked.get_json()["state"]) == ("id", "pending")
    require_problem(Caller(client).get(f"{path}/vi"), 404, "translation.not_found")
    require_problem(Caller(client).get(f"{path}/xx"), 422, "language.unknown", "language")
    require_problem(Caller(client).get(f"{path}/%00"), 422, "language.unknown", "language")
    require_problem(Caller(client).get("/posts/999/translations/en"), 404, "forum.post_not_found")


def test_translation_report_is_refused_when_there_is_nothing_to_report(client: FlaskClient) -> None:
    asker = register(client, "Asker")
    thread = asker.ask()
    path = f"/posts/{thread['posts']['items'][0]['id']}/translations/en/reports"
    Caller(client).get(path.removesuffix("/reports"))
    require_problem(asker.post(path, {"reason": "meaning"}), 404, "translation.not_found")
    require_problem(Caller(client).post(path, {"reason": "meaning"}), 401, "not_authenticated")
    require_problem(asker.post(path, {"reason": "ugly"}), 422, "input.invalid", "reason")
    require_problem(asker.post(path, {"reason": "other", "note": "n" * 1001}), 422, "input.invalid", "note")


def test_one_post_is_read_in_the_readers_language(client: FlaskClient) -> None:
    thread = register(client, "Asker").ask()
    reader = register(client, "Citizen", locale="zh-Hant", kind="citizen")
    post = reader.get(f"/posts/{thread['posts']['items'][0]['id']}").get_json()
    assert (post["body"], post["translation"]["language"]) == (QUESTION, "zh-Hant")
