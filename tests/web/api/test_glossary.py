from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.runtime import Runtime
from tests.web.api.support import Caller, make_interpreter, make_moderator, register, require_problem
from translation.glossary.models import Concept, Regate, Term

BODY = {
    "terms": [
        {"language": "zh-Hant", "text": "移工"},
        {"language": "zh-Hant", "text": "外勞", "status": "forbidden"},
        {"language": "en", "text": "migrant worker"},
        {"language": "km", "text": "ពលករចំណាកស្រុក"},
    ],
    "source_url": "https://www.mol.gov.tw/",
    "category": "work",
}


@pytest.fixture
def interpreter(client: FlaskClient, runtime: Runtime) -> Caller:
    caller = register(client, "Interpreter", locale="km")
    make_interpreter(runtime, caller, ("km", "zh-Hant"))
    return caller


@pytest.fixture
def concept(interpreter: Caller) -> dict[str, Any]:
    response = interpreter.post("/glossary", BODY)
    assert response.status_code == 201, response.get_data(as_text=True)
    made: dict[str, Any] = response.get_json()
    return made


def find_term(concept: dict[str, Any], text: str) -> dict[str, Any]:
    [found] = [term for term in concept["terms"] if term["text"] == text]
    return found


def count(runtime: Runtime, row: type[Concept] | type[Term] | type[Regate]) -> int:
    with runtime.db.reading() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def test_everybody_reads_what_was_added(concept: dict[str, Any], client: FlaskClient) -> None:
    reader = Caller(client)
    assert reader.get(f"/glossary/{concept['id']}").get_json() == concept
    assert reader.get("/glossary").get_json() == {"items": [concept], "next": None}
    assert (concept["key"], concept["category"], concept["note"]) == ("migrant-worker", "work", None)
    assert [(term["language"], term["text"], term["status"]) for term in concept["terms"]] == [
        ("zh-Hant", "移工", "preferred"),
        ("zh-Hant", "外勞", "forbidden"),
        ("en", "migrant worker", "preferred"),
        ("km", "ពលករចំណាកស្រុក", "preferred"),
    ]
    assert {term["is_verified"] for term in concept["terms"]} == {False}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=移", True),
        ("q=外劳", True),
        ("q=MIGRANT&language=en", True),
        ("q=migrant&language=km", False),
        ("category=work&verified=false", True),
        ("verified=true", False),
        ("category=health", False),
        ("language=vi", False),
        ("q=&language=&category=&verified=&after=", True),
    ],
)
def test_list_is_filtered(concept: dict[str, Any], client: FlaskClient, query: str, found: bool) -> None:
    items = Caller(client).get(f"/glossary?{query}").get_json()["items"]
    assert [item["id"] for item in items] == ([concept["id"]] if found else [])


def test_list_is_paged(interpreter: Caller) -> None:
    for number in range(5):
        body = BODY | {"terms": [{"language": "en", "text": f"word {number}"}]}
        assert interpreter.post("/glossary", body).status_code == 201
    keys, after = [], ""
    for _ in range(3):
        page = interpreter.get(f"/glossary?limit=2&after={after}").get_json()
        keys += [item["key"] for item in page["items"]]
        after = page["next"] or ""
    assert (keys, after) == ([f"word-{number}" for number in range(5)], "")


def test_interpreter_confirms_and_withdraws(concept: dict[str, Any], interpreter: Caller, runtime: Runtime) -> None:
    term = find_term(concept, "ពលករចំណាកស្រុក")
    path = f"/glossary/terms/{term['id']}/confirmation"
    confirmed = interpreter.post(path).get_json()
    assert (confirmed["is_verified"], confirmed["text"]) == (True, term["text"])
    assert confirmed["verified_at"].startswith("2026-03-02T")
    assert count(runtime, Regate) == 1
    page = interpreter.get(f"/glossary/{concept['id']}")
    assert str(interpreter.account_id) not in {
        str(value) for value in find_term(page.get_json(), term["text"]).values()
    }
    assert interpreter.delete(path).status_code == 204
    assert not find_term(interpreter.get(f"/glossary/{concept['id']}").get_json(), term["text"])["is_verified"]


def test_another_wording_takes_the_place_of_the_preferred_one(concept: dict[str, Any], interpreter: Caller) -> None:
    path = f"/glossary/{concept['id']}/terms"
    proposed = interpreter.post(path, {"language": "zh-Hant", "text": "移住勞工"})
    assert (proposed.status_code, proposed.get_json()["status"]) == (201, "admitted")
    again = interpreter.post(path, {"language": "zh-Hant", "text": "移住 勞工"})
    assert (again.status_code, again.get_json()) == (200, proposed.get_json())
    term_id = proposed.get_json()["id"]
    confirmed = interpreter.post(f"/glossary/terms/{term_id}/confirmation", {"status": "preferred"}).get_json()
    assert (confirmed["status"], confirmed["is_verified"]) == ("preferred", True)
    read = interpreter.get(f"/glossary/{concept['id']}").get_json()
    assert find_term(read, "移工")["status"] == "admitted"


def test_term_is_confirmed_only_as_it_was_seen(concept: dict[str, Any], interpreter: Caller) -> None:
    path = f"/glossary/terms/{find_term(concept, '移工')['id']}/confirmation"
    seen = {"seen_at": concept["updated_at"]}
    assert interpreter.post(path, seen | {"status": "forbidden"}).status_code == 200
    require_problem(interpreter.post(path, seen), 409, "glossary.concept_changed")


def test_creations_with_a_key_are_done_once(concept: dict[str, Any], interpreter: Caller, runtime: Runtime) -> None:
    headers = {"Idempotency-Key": "one"}
    body = BODY | {"key": "again"}
    made = interpreter.post("/glossary", body, headers=headers)
    again = interpreter.post("/glossary", body, headers=headers)
    assert (made.status_code, again.status_code, again.get_json()) == (201, 200, made.get_json())
    assert count(runtime, Concept) == 2
    path, term = f"/glossary/{concept['id']}/terms", {"language": "km", "text": "កម្មករ"}
    first = interpreter.post(path, term, headers=headers)
    assert (first.status_code, interpreter.post(path, term, headers=headers).status_code) == (201, 200)
    assert interpreter.delete(f"/glossary/terms/{first.get_json()['id']}").status_code == 204
    require_problem(interpreter.post(path, term, headers=headers), 404, "glossary.term_not_found")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source_url": "http://www.mol.gov.tw/"}, "source_url"),
        ({"source_url": "https://"}, "source_url"),
        ({"source_url": "https://[bad"}, "source_url"),
        ({"source_url": "https://a.tw/" + "x" * 500}, "source_url"),
        ({"source_url": "https://a.tw/\0"}, "source_url"),
        ({"category": "no-such"}, "category"),
        ({"category": "\0"}, "category"),
        ({"key": "Not A Key"}, "key"),
        ({"key": "x" * 81}, "key"),
        ({"note": "x" * 1_001}, "note"),
        ({"note": "\ud800"}, "note"),
        ({"is_do_not_translate": "yes"}, "is_do_not_translate"),
        ({"terms": []}, "terms"),
        ({"terms": [{"language": "en", "text": f"t {n}"} for n in range(121)]}, "terms"),
        ({"terms": [{"language": "fr", "text": "mot"}]}, "terms.0.language"),
        ({"terms": [{"language": "zh-Hans", "text": "劳工"}]}, "terms.zh-Hans"),
        ({"terms": [{"language": "en", "text": "x" * 201}]}, "terms.0.text"),
        ({"terms": [{"language": "en", "text": "a | b"}]}, "terms.en"),
        ({"terms": [{"language": "en", "text": "\ufffe\uffff"}]}, "terms.en"),
        ({"terms": [{"language": "en", "text": "one"}, {"language": "en", "text": "two"}]}, "terms.en"),
        ({"verified": True}, "verified"),
    ],
)
def test_concept_is_refused_when_a_field_is_wrong(
    interpreter: Caller, runtime: Runtime, changes: dict[str, object], field: str
) -> None:
    response = interpreter.post("/glossary", BODY | changes)
    require_problem(response, 422, response.get_json()["code"], field)
    assert count(runtime, Concept) == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"language": "km", "text": ""}, "text"),
        ({"language": "km", "text": "\u200b"}, "text"),
        ({"language": "km", "text": "ក"}, "text"),
        ({"language": "zh-Hant", "text": "一\n二"}, "text"),
        ({"language": "und", "text": "word"}, "language"),
        ({"language": "km", "text": "ពាក្យ", "confirm_as": "holy"}, "confirm_as"),
        ({"text": "ពាក្យ"}, "language"),
    ],
)
def test_wording_is_refused_when_a_field_is_wrong(
    concept: dict[str, Any], interpreter: Caller, body: dict[str, object], field: str
) -> None:
    response = interpreter.post(f"/glossary/{concept['id']}/terms", body)
    require_problem(response, 422, response.get_json()["code"], field)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "language=xx", "verified=perhaps", f"q={'x' * 201}", "q=%00"]
)
def test_list_is_refused_when_a_parameter_is_wrong(client: FlaskClient, query: str) -> None:
    name = query.split("=")[0]
    require_problem(Caller(client).get(f"/glossary?{query}"), 422, "input.invalid", name)
    require_problem(Caller(client).get("/glossary?after=!"), 422, "input.unknown_cursor", "after")


def test_confirmation_is_refused_when_a_field_is_wrong(concept: dict[str, Any], interpreter: Caller) -> None:
    path = f"/glossary/terms/{concept['terms'][0]['id']}/confirmation"
    for body, field in (
        ({"status": "best"}, "status"),
        ({"seen_at": "2026-01-01T00:00:00"}, "seen_at"),
        ({"x": 1}, "x"),
    ):
        require_problem(interpreter.post(path, body), 422, "input.invalid", field)


def test_key_that_is_taken_is_a_conflict(concept: dict[str, Any], interpreter: Caller) -> None:
    require_problem(interpreter.post("/glossary", BODY), 409, "glossary.key_taken")


def test_what_is_gone_is_not_found(concept: dict[str, Any], interpreter: Caller, client: FlaskClient) -> None:
    require_problem(interpreter.get("/glossary/999"), 404, "glossary.concept_not_found")
    require_problem(
        interpreter.post("/glossary/999/terms", {"language": "km", "text": "ពាក្យ"}), 404, "glossary.concept_not_found"
    )
    require_problem(interpreter.post("/glossary/terms/999/confirmation"), 404, "glossary.term_not_found")
    require_problem(interpreter.delete("/glossary/terms/999"), 404, "glossary.term_not_found")
    require_problem(interpreter.get("/glossary/99999999999999999999"), 404, "not_found")


def test_others_may_only_read(
    concept: dict[str, Any], interpreter: Caller, client: FlaskClient, runtime: Runtime
) -> None:
    reader, thai = register(client, "Reader"), register(client, "Thai", locale="th")
    make_interpreter(runtime, thai, ("th", "en"))
    khmer = find_term(concept, "ពលករចំណាកស្រុក")["id"]
    calls: list[tuple[str, str, dict[str, Any] | None]] = [
        ("POST", "/glossary", BODY),
        ("DELETE", f"/glossary/{concept['id']}", None),
        ("POST", f"/glossary/{concept['id']}/terms", {"language": "km", "text": "ពាក្យ"}),
        ("POST", f"/glossary/terms/{khmer}/confirmation", {}),
        ("DELETE", f"/glossary/terms/{khmer}/confirmation", None),
        ("DELETE", f"/glossary/terms/{khmer}", None),
    ]
    for method, path, body in calls:
        require_problem(Caller(client).call(method, path, json=body), 401, "not_authenticated")
        require_problem(reader.call(method, path, json=body), 403, "forbidden")
        if path != "/glossary":
            assert require_problem(thai.call(method, path, json=body), 403, "forbidden")["reason"]
    assert interpreter.get(f"/glossary/{concept['id']}").get_json() == concept


def test_moderator_removes_an_entry_and_an_interpreter_a_term(
    concept: dict[str, Any], interpreter: Caller, client: FlaskClient, runtime: Runtime
) -> None:
    assert interpreter.delete(f"/glossary/terms/{find_term(concept, '外勞')['id']}").status_code == 204
    require_problem(interpreter.delete(f"/glossary/{concept['id']}"), 403, "forbidden")
    moderator = register(client, "Moderator", kind="citizen", locale="zh-Hant")
    make_moderator(runtime, moderator)
    assert moderator.delete(f"/glossary/{concept['id']}").status_code == 204
    assert moderator.get("/glossary").get_json()["items"] == []
    lonely = interpreter.post("/glossary", BODY | {"terms": [{"language": "km", "text": "ឯកោ"}]}).get_json()
    require_problem(interpreter.delete(f"/glossary/terms/{lonely['terms'][0]['id']}"), 409, "glossary.last_term")
