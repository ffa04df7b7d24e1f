from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.forum.service.posts import hide_post
from app.runtime import Runtime
from tests.web.api.support import ANSWER, QUESTION, Caller, make_moderator, register, require_problem

KEY = {"Idempotency-Key": "one tap, one question"}


def test_question_is_answered_with_its_first_post(client: FlaskClient) -> None:
    asker = register(client, "Asker")
    thread = asker.ask()
    [post] = thread["posts"]["items"]
    assert thread["posts"]["next"] is None
    assert (thread["kind"], thread["category"], thread["status"]) == ("question", "residence", "open")
    assert thread["title"]["text"] == "Mất thẻ cư trú"
    assert thread["author"] == {"id": asker.account_id, "display_name": "Asker", "kind": "resident"}
    assert (post["body"], post["state"], post["thread_id"]) == (QUESTION, "visible", thread["id"])
    assert post["language"]["tag"] == "vi"
    assert post["channel"] == "web"


def test_same_key_gives_the_same_thread_again(client: FlaskClient) -> None:
    asker, body = register(client, "Asker"), {"category": "work", "kind": "question", "title": "A", "body": QUESTION}
    first, second = asker.post("/threads", body, headers=KEY), asker.post("/threads", body, headers=KEY)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.get_json()["id"] == second.get_json()["id"]
    other = register(client, "Resident").post("/threads", body, headers=KEY)
    assert (other.status_code, other.get_json()["id"]) == (201, first.get_json()["id"] + 1)


@pytest.mark.parametrize("key", ["k" * 201, "tab\there", "khoá"])
def test_key_is_refused_when_it_is_not_printable_ascii(client: FlaskClient, key: str) -> None:
    asker, body = register(client, "Asker"), {"category": "work", "kind": "question", "title": "A", "body": QUESTION}
    require_problem(
        asker.post("/threads", body, headers={"Idempotency-Key": key}), 422, "input.invalid", "idempotency_key"
    )


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"category": "nowhere"}, "category", "forum.category_unknown"),
        ({"category": "a\0"}, "category", "text.nul"),
        ({"kind": "rant"}, "kind", "input.unknown_choice"),
        ({"title": ""}, "title", "text.empty"),
        ({"title": "t" * 201}, "title", "text.too_long"),
        ({"title": "\udc00"}, "title", "text.surrogate"),
        ({"body": ""}, "body", "text.empty"),
        ({"body": "\u2028\u0001 "}, "body", "text.empty"),
        ({"body": "x" * 100_000}, "body", "text.too_long"),
        ({"body": "a\0b"}, "body", "text.nul"),
        ({"body": "\ud83d"}, "body", "text.surrogate"),
        ({"body": 12}, "body", "input.type"),
        ({"body": {"text": "x"}}, "body", "input.type"),
        ({"language": "xx"}, "language", "language.unknown"),
        ({"language": "v" * 4000}, "language", "language.unknown"),
        ({"author_id": 1}, "author_id", "input.unknown_field"),
    ],
)
def test_question_is_refused_when_a_field_is_wrong(
    client: FlaskClient, changes: dict[str, object], field: str, code: str
) -> None:
    body = {"category": "work", "kind": "question", "title": "A", "body": QUESTION} | changes
    response = register(client, "Asker").post("/threads", body)
    problem = response.get_json()
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert problem["errors"] == [{"field": field, "code": code}]


def test_asking_needs_somebody(client: FlaskClient) -> None:
    body = {"category": "work", "kind": "question", "title": "A", "body": QUESTION}
    require_problem(Caller(client).post("/threads", body), 401, "not_authenticated")


def test_threads_are_paged_newest_first(client: FlaskClient) -> None:
    asker, reader = register(client, "Asker"), Caller(client)
    made = [asker.ask(title=f"Câu hỏi {number}")["id"] for number in range(5)]
    asker.ask(category="work")
    seen, after = [], ""
    while after is not None:
        page = reader.get(f"/threads?category=residence&limit=2&after={after}").get_json()
        assert len(page["items"]) <= 2
        seen += [thread["id"] for thread in page["items"]]
        after = page["next"]
    assert seen == made[::-1]


@pytest.mark.parametrize("cursor", ["x", "ZZZZ", "LTE", "é", "a" * 65, "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_cursor_is_refused_when_it_is_not_ours(client: FlaskClient, cursor: str) -> None:
    response = Caller(client).get("/threads", query_string={"after": cursor})
    assert response.status_code == 422
    assert [error["field"] for error in response.get_json()["errors"]] == ["after"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "status=lost", "language=xx", "limit=99999999999999999999999"]
)
def test_list_is_refused_when_its_query_is_wrong(client: FlaskClient, query: str) -> None:
    require_problem(Caller(client).get(f"/threads?{query}"), 422, "input.invalid", query.split("=")[0])


def test_list_is_not_found_for_an_unknown_category(client: FlaskClient) -> None:
    require_problem(Caller(client).get("/threads?category=nowhere"), 404, "forum.category_not_found")


@pytest.mark.parametrize("thread_id", ["0", "-1", "abc", "1.5", "9223372036854775808", "9" * 40])
def test_thread_is_not_found_when_the_address_has_no_possible_id(client: FlaskClient, thread_id: str) -> None:
    require_problem(Caller(client).get(f"/threads/{thread_id}"), 404, "not_found")


def test_thread_is_not_found_when_there_is_none(client: FlaskClient) -> None:
    require_problem(Caller(client).get("/threads/9223372036854775807"), 404, "forum.thread_not_found")


def test_first_reader_of_a_language_asks_for_its_translations(client: FlaskClient) -> None:
    thread = register(client, "Asker").ask()
    read = Caller(client).get(f"/threads/{thread['id']}?language=th").get_json()
    translation = read["posts"]["items"][0]["translation"]
    assert (translation["language"], translation["state"], translation["text"]) == ("th", "pending", None)
    assert read["title"]["translation"]["language"] == "th"


def test_thread_is_read_in_the_language_of_the_browser_when_nobody_is_signed_in(client: FlaskClient) -> None:
    thread = register(client, "Asker").ask()
    read = Caller(client).get(f"/threads/{thread['id']}", headers={"Accept-Language": "xx, km;q=0.8, en;q=0.3"})
    assert read.get_json()["posts"]["items"][0]["translation"]["language"] == "km"


def test_reader_catches_up_with_what_changed_since(client: FlaskClient) -> None:
    asker, helper = register(client, "Asker"), register(client, "Citizen", locale="zh-Hant", kind="citizen")
    thread = asker.ask()
    first, second = helper.answer(thread["id"]), helper.answer(thread["id"], body="還要帶護照的影本。")
    assert helper.delete(f"/posts/{first['id']}").status_code == 204
    caught_up = asker.get(f"/threads/{thread['id']}?after={thread['change']}&language=vi").get_json()
    by_id = {post["id"]: post for post in caught_up["posts"]["items"]}
    changes = [post["change"] for post in caught_up["posts"]["items"]]
    assert set(by_id) >= {first["id"], second["id"]}
    assert changes == sorted(changes)
    assert (by_id[first["id"]]["state"], by_id[first["id"]]["body"]) == ("withdrawn", "")
    assert by_id[second["id"]]["body"] == "還要帶護照的影本。"


def test_posts_are_paged_by_change(client: FlaskClient) -> None:
    asker = register(client, "Asker")
    thread = asker.ask()
    made = [thread["posts"]["items"][0]["id"], *(asker.answer(thread["id"], body=f"{n} ơi?")["id"] for n in range(4))]
    seen, after = [], ""
    while after is not None:
        page = asker.get(f"/threads/{thread['id']}?language=vi&limit=2&after={after}").get_json()["posts"]
        seen += [post["id"] for post in page["items"]]
        after = page["next"]
    assert seen == made


def test_private_consultation_does_not_exist_for_others(client: FlaskClient, runtime: Runtime) -> None:
    asker, other, anybody = register(client, "Asker"), register(client, "Resident"), Caller(client)
    thread = asker.ask(kind="consultation")
    post_id = thread["posts"]["items"][0]["id"]
    assert asker.get(f"/threads/{thread['id']}").status_code == 200
    for caller in (other, anybody):
        require_problem(caller.get(f"/threads/{thread['id']}"), 404, "forum.thread_not_found")
        require_problem(caller.get(f"/posts/{post_id}"), 404, "forum.post_not_found")
        require_problem(caller.get(f"/posts/{post_id}/translations/en"), 404, "forum.post_not_found")
        assert caller.get("/threads").get_json()["items"] == []
        assert caller.get("/search?q=thẻ").get_json()["items"] == []
    require_problem(other.post(f"/threads/{thread['id']}/posts", {"body": "Hi"}), 404, "forum.thread_not_found")
    make_moderator(runtime, other)
    assert other.get(f"/threads/{thread['id']}").status_code == 200


def test_hidden_post_is_gone_for_readers(client: FlaskClient, runtime: Runtime) -> None:
    asker = register(client, "Asker")
    thread = asker.ask()
    post = asker.answer(thread["id"], body="Cảm ơn mọi người nhiều")
    with runtime.db.transaction() as session:
        hide_post(session, post_id=post["id"], now=runtime.clock())
    read = Caller(client).get(f"/threads/{thread['id']}").get_json()
    assert [item["id"] for item in read["posts"]["items"]] == [thread["posts"]["items"][0]["id"]]
    require_problem(Caller(client).get(f"/posts/{post['id']}"), 404, "forum.post_not_found")


def test_rating_is_the_askers_only(client: FlaskClient) -> None:
    asker, helper = register(client, "Asker"), register(client, "Citizen", locale="zh-Hant", kind="citizen")
    thread = asker.ask()
    body = {"solved": "yes", "reasons": ["answer_right"]}
    require_problem(Caller(client).put(f"/threads/{thread['id']}/rating", body), 401, "not_authenticated")
    assert require_problem(helper.put(f"/threads/{thread['id']}/rating", body), 403, "forbidden")["reason"]
    rated = asker.put(f"/threads/{thread['id']}/rating", body)
    assert (rated.status_code, rated.get_json()) == (200, body)
    read = asker.get(f"/threads/{thread['id']}").get_json()
    assert (read["status"], read["rating"]) == ("solved", "yes")
    assert [item["id"] for item in asker.get("/threads?status=solved").get_json()["items"]] == [thread["id"]]
    require_problem(asker.put(f"/threads/{thread['id']}/rating", {"solved": "maybe"}), 422, "input.invalid", "solved")
    require_problem(
        asker.put(f"/threads/{thread['id']}/rating", {"solved": "no", "reasons": ["A b!"]}), 422, "input.invalid"
    )


def test_following_is_remembered_until_it_ends(client: FlaskClient) -> None:
    thread, reader = register(client, "Asker").ask(), register(client, "Resident")
    path = f"/threads/{thread['id']}"
    assert reader.get(path).get_json()["is_following"] is False
    assert reader.put(f"{path}/follow").status_code == 204
    assert reader.get(path).get_json()["is_following"] is True
    assert reader.delete(f"{path}/follow").status_code == 204
    assert reader.get(path).get_json()["is_following"] is False
    require_problem(Caller(client).put(f"{path}/follow"), 401, "not_authenticated")


def test_thread_of_others_can_be_answered(client: FlaskClient) -> None:
    thread = register(client, "Asker").ask()
    helper = register(client, "Citizen", locale="zh-Hant", kind="citizen")
    post = helper.answer(thread["id"], reply_to=thread["posts"]["items"][0]["id"])
    assert (post["body"], post["reply_to"]) == (ANSWER, thread["posts"]["items"][0]["id"])
