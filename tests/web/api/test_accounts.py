from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.accounts.service import TOKEN_LIFETIME, suspend_account
from app.runtime import Runtime
from tests.conftest import TickingClock
from tests.web.api.support import PASSWORD, Caller, enter_as_guest, register, require_problem


def test_account_is_created_with_a_token_that_works(client: FlaskClient) -> None:
    caller = register(client, "Asker", locale="vi")
    assert caller.account == {
        "id": caller.account_id,
        "display_name": "Asker",
        "kind": "resident",
        "roles": [],
        "locale": "vi",
        "reading_languages": ["vi"],
        "show_originals": False,
        "expertise": [],
        "pairs": [],
    }
    assert caller.get("/me").get_json() == caller.account


def test_display_name_is_taken_in_whatever_case(client: FlaskClient) -> None:
    register(client, "Straße")
    body = {"display_name": "STRASSE", "password": PASSWORD, "kind": "citizen", "locale": "en"}
    require_problem(Caller(client).post("/accounts", body), 409, "accounts.name_taken", "display_name")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"display_name": ""}, "display_name", "text.empty"),
        ({"display_name": " \t "}, "display_name", "text.empty"),
        ({"display_name": "n" * 41}, "display_name", "text.too_long"),
        ({"display_name": "a\nb"}, "display_name", "text.line_break"),
        ({"display_name": "a\0b"}, "display_name", "text.nul"),
        ({"display_name": "a\ud800b"}, "display_name", "text.surrogate"),
        ({"display_name": None}, "display_name", "input.type"),
        ({"display_name": ["Asker"]}, "display_name", "input.type"),
        ({"password": "short"}, "password", "password.too_short"),
        ({"password": "p" * 100_000}, "password", "text.too_long"),
        ({"password": "correct horse \udfff"}, "password", "text.surrogate"),
        ({"kind": "guest"}, "kind", "input.unknown_choice"),
        ({"kind": "king"}, "kind", "input.unknown_choice"),
        ({"locale": "tlh"}, "locale", "language.unknown"),
        ({"locale": "und"}, "locale", "language.unknown"),
        ({"locale": 7}, "locale", "language.unknown"),
        ({"locale": "zh-Hans"}, "locale", "language.unknown"),
        ({"reading_languages": []}, "reading_languages", "list.empty"),
        ({"reading_languages": ["vi"] * 8}, "reading_languages", "list.too_long"),
        ({"reading_languages": ["vi", "xx"]}, "reading_languages.1", "language.unknown"),
        ({"roles": ["admin"]}, "roles", "input.unknown_field"),
    ],
)
def test_account_is_refused_when_a_field_is_wrong(
    client: FlaskClient, changes: dict[str, object], field: str, code: str
) -> None:
    body = {"display_name": "Asker", "password": PASSWORD, "kind": "resident", "locale": "vi", **changes}
    problem = require_problem(Caller(client).post("/accounts", body), 422, "input.invalid", field)
    assert {"field": field, "code": code} in problem["errors"]


def test_every_missing_field_is_named_at_once(client: FlaskClient) -> None:
    problem = require_problem(Caller(client).post("/accounts", {}), 422, "input.invalid")
    assert {error["field"] for error in problem["errors"]} == {"display_name", "password", "kind", "locale"}
    assert {error["code"] for error in problem["errors"]} == {"input.required"}


def test_language_tags_are_forgiving_where_they_are_clear(client: FlaskClient) -> None:
    caller = register(client, "Citizen", locale="zh_TW", reading_languages=["ZH-hant", "zh-CN", "vi-VN", "vi"])
    assert caller.account is not None
    assert caller.account["locale"] == "zh-Hant"
    assert caller.account["reading_languages"] == ["zh-Hant", "zh-Hans", "vi"]


def test_guest_may_ask_but_not_answer(client: FlaskClient) -> None:
    guest = enter_as_guest(client)
    assert guest.account is not None
    assert guest.account["kind"] == "guest"
    guest.ask()
    other = register(client, "Asker").ask()
    problem = require_problem(guest.post(f"/threads/{other['id']}/posts", {"body": "Hi!"}), 403, "forbidden")
    assert problem["reason"] == "forum.guest_cannot_reply"


def test_token_is_given_for_name_and_password_only(client: FlaskClient) -> None:
    caller = register(client, "Asker")
    anybody = Caller(client)
    given = anybody.post("/tokens", {"display_name": "asker", "password": PASSWORD})
    assert given.status_code == 201
    assert Caller(client, given.get_json()["token"]).get("/me").get_json() == caller.account
    wrong = anybody.post("/tokens", {"display_name": "asker", "password": "wrong password"})
    require_problem(wrong, 401, "accounts.wrong_password")
    unknown = anybody.post("/tokens", {"display_name": "nobody", "password": PASSWORD})
    require_problem(unknown, 401, "accounts.wrong_password")


def test_token_is_refused_when_it_has_expired(client: FlaskClient, clock: TickingClock) -> None:
    caller = register(client, "Asker")
    clock.advance(seconds=TOKEN_LIFETIME.total_seconds())
    response = caller.get("/me")
    require_problem(response, 401, "accounts.token_invalid")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer nonsense", "Basic bGFuOng=", "Bearer " + "x" * 5000, "Bearer \xe9"]
)
def test_authorization_is_refused_when_it_is_not_a_token_of_ours(client: FlaskClient, header: str) -> None:
    for path in ("/me", "/categories", "/threads"):
        response = Caller(client).get(path, headers={"Authorization": header})
        if path == "/categories":
            assert response.status_code == 200
        else:
            require_problem(response, 401, "accounts.token_invalid")


def test_token_is_refused_when_its_owner_is_suspended(client: FlaskClient, runtime: Runtime) -> None:
    caller = register(client, "Asker")
    with runtime.db.transaction() as session:
        suspend_account(session, account_id=caller.account_id, now=runtime.clock())
    require_problem(caller.post("/threads", {}), 401, "accounts.token_invalid")


def test_own_profile_needs_somebody(client: FlaskClient) -> None:
    require_problem(Caller(client).get("/me"), 401, "not_authenticated")


def test_profile_changes_only_what_is_given(client: FlaskClient) -> None:
    caller = register(client, "Asker", locale="vi")
    changed = caller.patch("/me", {"show_originals": True, "expertise": ["vn"]})
    assert changed.status_code == 200
    assert changed.get_json() == {**(caller.account or {}), "show_originals": True, "expertise": ["VN"]}
    moved = caller.patch("/me", {"locale": "th", "reading_languages": ["th", "en"]}).get_json()
    assert (moved["locale"], moved["reading_languages"], moved["show_originals"]) == ("th", ["th", "en"], True)
    require_problem(caller.patch("/me", {"show_originals": "yes"}), 422, "input.invalid", "show_originals")
    require_problem(caller.patch("/me", {"kind": "company"}), 422, "input.invalid", "kind")


def test_being_here_is_noted_at_most_once_a_minute(client: FlaskClient, runtime: Runtime, clock: TickingClock) -> None:
    from app.accounts.queries import get_account

    def seen_at() -> object:
        with runtime.db.reading() as session:
            return get_account(session, caller.account_id).last_seen_at

    caller = register(client, "Asker")
    caller.get("/me")
    first = clock.now
    assert seen_at() == first
    clock.advance(seconds=59)
    caller.get("/me")
    assert seen_at() == first
    clock.advance(seconds=1)
    caller.get("/me")
    assert seen_at() == clock.now


def test_categories_are_titled_in_the_language_of_the_caller(client: FlaskClient) -> None:
    items = Caller(client).get("/categories", headers={"Accept-Language": "en"}).get_json()["items"]
    assert {item["group"] for item in items} == {"living", "country"}
    assert all(item["title"] for item in items)
    assert len({item["slug"] for item in items}) == len(items)
