from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.runtime import Runtime
from app.worker import translate_pending
from tests.web.api.support import Caller, make_interpreter, register, require_problem


def find(caller: Caller, **query: str) -> list[int]:
    return [thread["id"] for thread in caller.get("/search", query_string=query).get_json()["items"]]


def test_threads_are_found_by_parts_of_what_was_written(client: FlaskClient) -> None:
    asker, reader = register(client, "Asker"), Caller(client)
    card, work = (
        asker.ask()["id"],
        asker.ask(category="work", title="Lương", body="Công ty chưa trả lương tháng này")["id"],
    )
    asker.answer(card, body="Mình làm ở Đài Trung, 100% miễn phí_")
    assert find(reader, q="thẻ cư trú") == [card]
    assert find(reader, q="trú thẻ") == [card]
    assert find(reader, q="lương") == [work]
    assert find(reader, q="Đài Trung") == [card]
    assert find(reader, q="100%") == [card]
    assert find(reader, q="%") == [card]
    assert find(reader, q="phí_") == [card]
    assert find(reader, q="tr_") == []
    assert find(reader, q="\\") == []
    assert find(reader, q="lương", category="residence") == []
    assert find(reader, q="lương", category="work") == [work]


def test_threads_are_found_by_their_translations(client: FlaskClient, runtime: Runtime) -> None:
    thread = register(client, "Writer", locale="km").ask(body="តើខ្ញុំត្រូវធ្វើប័ណ្ណស្នាក់នៅថ្មីនៅកន្លែងណា?", title="ប័ណ្ណ")
    translate_pending(runtime)
    interpreter = register(client, "Speaker", locale="zh-Hant", kind="citizen")
    make_interpreter(runtime, interpreter, ("km", "zh-Hant"))
    assert find(Caller(client), q="居留證") == []
    task = interpreter.post("/tasks/next").get_json()
    interpreter.post(f"/tasks/{task['id']}/submit", {"text": "要去哪裡重新申請居留證呢?", "base_candidate_id": None})
    assert find(Caller(client), q="居留證", language="zh-Hant") == [thread["id"]]


def test_withdrawn_text_is_not_found(client: FlaskClient) -> None:
    asker = register(client, "Asker")
    thread = asker.ask()
    post = asker.answer(thread["id"], body="Số phòng của tôi là bí mật")
    assert find(Caller(client), q="bí mật") == [thread["id"]]
    asker.delete(f"/posts/{post['id']}")
    assert find(Caller(client), q="bí mật") == []


def test_private_consultation_is_found_by_its_asker_only(client: FlaskClient) -> None:
    asker = register(client, "Asker")
    thread = asker.ask(kind="consultation")
    assert find(asker, q="thẻ") == [thread["id"]]
    assert find(register(client, "Resident"), q="thẻ") == []


def test_similar_threads_are_solved_ones(client: FlaskClient) -> None:
    asker, reader = register(client, "Asker"), Caller(client)
    solved, _still_open = asker.ask(), asker.ask()
    asker.put(f"/threads/{solved['id']}/rating", {"solved": "yes"})
    text = "Làm mất thẻ cư trú thì phải làm lại ở đâu?"
    found = reader.get("/similar", query_string={"text": text}).get_json()
    assert [thread["id"] for thread in found["items"]] == [solved["id"]]
    assert reader.get("/similar", query_string={"text": "今天天氣真好"}).get_json()["items"] == []


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/search", {}, "q"),
        ("/search", {"q": " "}, "q"),
        ("/search", {"q": "x" * 201}, "q"),
        ("/search", {"q": "a\0"}, "q"),
        ("/search", {"q": "a", "language": "xx"}, "language"),
        ("/similar", {}, "text"),
        ("/similar", {"text": "x" * 2001}, "text"),
    ],
)
def test_search_is_refused_when_its_query_is_wrong(
    client: FlaskClient, path: str, query: dict[str, str], field: str
) -> None:
    require_problem(Caller(client).get(path, query_string=query), 422, "input.invalid", field)


def test_search_is_not_found_for_an_unknown_category(client: FlaskClient) -> None:
    require_problem(Caller(client).get("/search?q=a&category=nowhere"), 404, "forum.category_not_found")
