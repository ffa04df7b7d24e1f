"""What holds for every operation: errors, request ids, cookies and CSRF, limits, probes."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf

from app.core.errors import UnavailableError
from app.factory import create_app
from app.runtime import Runtime
from app.web.auth import start_session
from app.web.health import check_redis
from app.web.limits import MAX_BODY_BYTES, MAX_WRONG_PASSWORDS
from tests.web.api.support import API, PASSWORD, QUESTION, Caller, register, require_problem


@pytest.mark.parametrize(
    "raw",
    [b"{", b"\xff", b'{"a": NaN}', b'{"a": 1e999, "b": Infinity}', b"[" * 100_000, b'{"a": ' + b"9" * 5_000 + b"}"],
)
def test_body_is_refused_when_it_is_not_json(client: FlaskClient, raw: bytes) -> None:
    for path in ("/guests", "/tokens"):
        response = Caller(client).call("POST", path, data=raw, content_type="application/json")
        require_problem(response, 400, "request.malformed")


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"x"', b"12", b"true"])
def test_body_is_refused_when_it_is_not_an_object(client: FlaskClient, raw: bytes) -> None:
    response = Caller(client).call("POST", "/guests", data=raw, content_type="application/json")
    require_problem(response, 422, "input.invalid")


def test_body_is_refused_when_it_is_not_declared_as_json(client: FlaskClient) -> None:
    response = Caller(client).call("POST", "/guests", data=b"locale=vi", content_type="text/plain")
    require_problem(response, 415, "request.not_json")


def test_body_is_refused_when_it_is_too_large(client: FlaskClient) -> None:
    response = Caller(client).call("POST", "/guests", data=b" " * (MAX_BODY_BYTES + 1), content_type="application/json")
    require_problem(response, 413, "request.too_large")


def test_unknown_address_and_method_are_problems(client: FlaskClient) -> None:
    require_problem(Caller(client).get("/nowhere"), 404, "not_found")
    response = Caller(client).delete("/categories")
    require_problem(response, 405, "method_not_allowed")
    assert "GET" in response.headers["Allow"]


def test_title_is_in_the_language_of_the_caller(client: FlaskClient) -> None:
    titles = {
        Caller(client).get("/me", headers={"Accept-Language": language}).get_json()["title"]
        for language in ("en", "en-GB", "xx")
    }
    assert titles == {"Please sign in first."}


def test_request_id_is_the_callers_when_it_is_sane(client: FlaskClient) -> None:
    given = Caller(client).get("/categories", headers={"X-Request-Id": "abc-12345_X"})
    assert given.headers["X-Request-Id"] == "abc-12345_X"
    for strange in ("short", "has space in it", "x" * 65, "<script>alert</script>"):
        made = Caller(client).get("/categories", headers={"X-Request-Id": strange}).headers["X-Request-Id"]
        assert made != strange
        assert len(made) == 32


def test_answers_are_stored_by_nobody(client: FlaskClient) -> None:
    assert Caller(client).get("/categories").headers["Cache-Control"] == "no-store"


def test_outage_of_the_database_is_said(client: FlaskClient, runtime: Runtime) -> None:
    with patch.object(type(runtime.db), "reading", side_effect=UnavailableError(dependency="database")):
        response = Caller(client).get("/categories")
        ready = client.get("/readyz")
        metrics = client.get("/metrics")
    require_problem(response, 503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0
    assert (ready.status_code, ready.get_json()["dependencies"]["database"]) == (503, "unavailable")
    assert "qiao_outbox_rows -1.0" in metrics.get_data(as_text=True)


def test_bug_is_answered_without_its_words(app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> str:
        raise RuntimeError("the user's secret text")

    app.add_url_rule(f"{API}/bug", view_func=fail)
    response = Caller(client).get("/bug")
    require_problem(response, 500, "internal")
    assert "secret" not in response.get_data(as_text=True)


SIGN_IN = "/test/sign-in"


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser for which Asker, the first account, can sign in; both pages show the CSRF token."""

    def sign_in() -> str:
        start_session(1)
        return generate_csrf()

    app.add_url_rule(SIGN_IN, view_func=sign_in)
    app.add_url_rule("/test/token", view_func=generate_csrf)
    assert register(app.test_client(use_cookies=False), "Asker").account_id == 1
    return app.test_client()


def test_cookie_writes_only_with_the_proof_of_our_own_page(browser: FlaskClient) -> None:
    token = browser.get(SIGN_IN).get_data(as_text=True)
    body = {"category": "work", "kind": "question", "title": "A", "body": QUESTION}
    me = browser.get(f"{API}/me")
    assert me.get_json()["display_name"] == "Asker"
    require_problem(browser.post(f"{API}/threads", json=body), 403, "csrf")
    forged = browser.post(f"{API}/threads", json=body, headers={"X-CSRFToken": "forged"})
    require_problem(forged, 403, "csrf")
    written = browser.post(f"{API}/threads", json=body, headers={"X-CSRFToken": token})
    assert written.status_code == 201


def test_cookie_does_not_count_beside_a_token(browser: FlaskClient) -> None:
    browser.get(SIGN_IN)
    response = browser.get(f"{API}/me", headers={"Authorization": "Bearer nonsense"})
    require_problem(response, 401, "accounts.token_invalid")


def test_csrf_token_from_before_the_sign_in_is_worth_nothing(browser: FlaskClient) -> None:
    before = browser.get("/test/token").get_data(as_text=True)
    browser.get(SIGN_IN)
    body = {"category": "work", "kind": "question", "title": "A", "body": QUESTION}
    require_problem(browser.post(f"{API}/threads", json=body, headers={"X-CSRFToken": before}), 403, "csrf")


def test_cookie_is_out_of_reach_for_scripts_and_other_sites(browser: FlaskClient) -> None:
    cookie = browser.get(SIGN_IN).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def limited_client(make_runtime: Callable[..., Runtime], **limits: int) -> FlaskClient:
    return create_app(make_runtime(**limits)).test_client(use_cookies=False)


def test_new_accounts_are_limited_by_address(make_runtime: Callable[..., Runtime]) -> None:
    client = limited_client(make_runtime, accounts_per_hour=2)
    body = {"password": PASSWORD, "kind": "resident", "locale": "vi"}
    for _ in range(5):
        assert Caller(client).post("/accounts", {"display_name": ""} | body).status_code == 422
    for name in ("Asker", "Resident"):
        assert Caller(client).post("/accounts", {"display_name": name} | body).status_code == 201
    refused = Caller(client).post("/accounts", {"display_name": "Hoa"} | body)
    require_problem(refused, 429, "too_many_requests")
    assert 0 < int(refused.headers["Retry-After"]) <= 3601
    elsewhere = Caller(client).post(
        "/accounts", {"display_name": "Hoa"} | body, environ_overrides={"REMOTE_ADDR": "192.0.2.7"}
    )
    assert elsewhere.status_code == 201


def test_requests_are_limited_by_token(make_runtime: Callable[..., Runtime]) -> None:
    client = limited_client(make_runtime, reads_per_minute=3, writes_per_minute=4)
    first, second = register(client, "Asker"), register(client, "Resident")
    for caller in (first, second):
        for _ in range(3):
            assert caller.get("/me").status_code == 200
        refused = caller.get("/me")
        require_problem(refused, 429, "too_many_requests")
        assert 0 < int(refused.headers["Retry-After"]) <= 61
        assert caller.patch("/me", {}).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_bad_tokens_count_on_the_address(make_runtime: Callable[..., Runtime]) -> None:
    client = limited_client(make_runtime, reads_per_minute=2)
    statuses = [Caller(client, f"guess-{number}").get("/me").status_code for number in range(3)]
    assert statuses == [401, 401, 429]


def test_guessing_a_password_is_limited(make_runtime: Callable[..., Runtime]) -> None:
    client = limited_client(make_runtime)
    register(client, "Asker")
    anybody = Caller(client)
    for number in range(MAX_WRONG_PASSWORDS):
        wrong = anybody.post("/tokens", {"display_name": "asker", "password": f"guess {number}"})
        assert wrong.status_code == 401
    require_problem(anybody.post("/tokens", {"display_name": "ASKER", "password": PASSWORD}), 429, "too_many_requests")
    require_problem(
        anybody.post("/tokens", {"display_name": "Resident", "password": "x"}), 401, "accounts.wrong_password"
    )


def test_probes_answer(client: FlaskClient) -> None:
    health = client.get("/healthz")
    assert (health.status_code, health.mimetype) == (200, "text/plain")
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json() == {
        "status": "ready",
        "dependencies": {"database": "ready", "engines": "not_installed"},
    }


def test_redis_is_unavailable_when_nobody_listens() -> None:
    assert check_redis("redis://127.0.0.1:1/0") == "unavailable"


def test_metrics_count_by_route_and_not_by_address(client: FlaskClient) -> None:
    register(client, "Asker").ask()
    Caller(client).get("/threads/1?language=vi")
    Caller(client).get("/no/such/thing")
    text = client.get("/metrics").get_data(as_text=True)
    assert 'qiao_http_requests_total{method="GET",route="/api/v1/threads/<row_id:thread_id>",status="200"} 1.0' in text
    assert 'route="unknown",status="404"' in text
    assert "/no/such/thing" not in text
    assert "qiao_translations_pending" in text
