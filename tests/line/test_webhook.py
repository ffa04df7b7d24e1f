"""The webhook stores what LINE signed, once, and says 200; everything else it refuses without an error of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.db import Database
from app.core.errors import UnavailableError
from app.runtime import Runtime
from bots.line.models import InboxState, LineInbox
from simulators.line.sender import sign
from tests.conftest import TickingClock
from tests.line.conftest import KHMER, SECRET, make_app, make_runtime
from tests.line.test_events import USER, make_event


@pytest.fixture
def runtime(db: Database, clock: TickingClock) -> Runtime:
    return make_runtime(db, clock)


@pytest.fixture
def http(runtime: Runtime) -> FlaskClient:
    return make_app(runtime).test_client()


def post(http: FlaskClient, body: bytes, signature: str | None = None) -> TestResponse:
    return http.post("/line/webhook", data=body, headers={"X-Line-Signature": signature or sign(SECRET, body)})


def post_events(http: FlaskClient, *events: Any) -> int:
    return post(http, json.dumps({"destination": "U" + "b" * 32, "events": events}).encode()).status_code


def list_rows(runtime: Runtime) -> list[LineInbox]:
    with runtime.db.reading() as session:
        return list(session.scalars(select(LineInbox)))


def test_event_is_stored_encrypted_when_it_is_signed(http: FlaskClient, runtime: Runtime) -> None:
    message = {"id": "1", "type": "text", "text": KHMER}
    assert post_events(http, make_event(message=message)) == 200
    (row,) = list_rows(runtime)
    assert row.state is InboxState.NEW
    stored = "".join(str(getattr(row, column.key)) for column in LineInbox.__table__.columns)
    assert KHMER not in stored
    assert USER not in stored
    assert row.payload_encrypted is not None
    assert KHMER in runtime.vault.decrypt(row.payload_encrypted)


@pytest.mark.parametrize("signature", ["", "wrong", "ünï", "A" * 44])
def test_400_when_the_signature_is_bad(http: FlaskClient, runtime: Runtime, signature: str) -> None:
    body = json.dumps({"events": [make_event()]}).encode()
    headers = {"X-Line-Signature": signature} if signature else {}
    assert http.post("/line/webhook", data=body, headers=headers).status_code == 400
    assert list_rows(runtime) == []


def test_400_when_one_byte_of_the_body_was_changed(http: FlaskClient) -> None:
    body = json.dumps({"events": [make_event()]}).encode()
    assert post(http, body + b" ", sign(SECRET, body)).status_code == 400


def test_404_when_line_is_not_configured(db: Database, clock: TickingClock) -> None:
    http = make_app(make_runtime(db, clock, has_line=False)).test_client()
    assert post_events(http, make_event()) == 404


def test_413_when_the_body_is_too_large(http: FlaskClient) -> None:
    assert post(http, b"{" + b" " * 1_000_000 + b"}").status_code == 413


def test_503_when_the_database_is_out_of_reach(
    http: FlaskClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise UnavailableError(dependency="database")

    monkeypatch.setattr(runtime.db, "transaction", fail)
    assert post_events(http, make_event()) == 503


def test_200_when_the_console_verifies(http: FlaskClient, runtime: Runtime) -> None:
    assert post_events(http) == 200
    assert list_rows(runtime) == []


def test_event_is_stored_once_when_it_comes_again(http: FlaskClient, runtime: Runtime) -> None:
    event = make_event()
    for again in (event, event, event | {"deliveryContext": {"isRedelivery": True}}):
        assert post_events(http, again) == 200
    (row,) = list_rows(runtime)
    assert row.is_redelivery


def test_events_without_an_id_are_stored_once(http: FlaskClient, runtime: Runtime) -> None:
    event = make_event(webhookEventId=None)
    post_events(http, event, event)
    post_events(http, event, event)
    assert len(list_rows(runtime)) == 2


def test_redelivery_renews_the_reply_token(http: FlaskClient, runtime: Runtime, clock: TickingClock) -> None:
    event = make_event()
    post_events(http, event)
    clock.advance(seconds=300)
    post_events(http, event)
    (row,) = list_rows(runtime)
    assert row.reply_usable_until is not None
    assert row.reply_usable_until < clock(), "a mere duplicate renews nothing"
    post_events(http, event | {"deliveryContext": {"isRedelivery": True}})
    (row,) = list_rows(runtime)
    assert row.reply_usable_until is not None
    assert row.reply_usable_until > clock()
    clock.advance(minutes=30)
    post_events(http, event | {"deliveryContext": {"isRedelivery": True}})
    (row,) = list_rows(runtime)
    assert row.reply_usable_until is not None
    assert row.reply_usable_until < clock(), "twenty minutes after its event no token lives"


def test_unknown_event_is_counted_without_its_content(http: FlaskClient, runtime: Runtime) -> None:
    group = {"type": "group", "groupId": "C" + "a" * 32, "userId": USER}
    assert post_events(http, make_event(source=group), {"type": "new"}, "text", None, 7) == 200
    rows = list_rows(runtime)
    assert {row.state for row in rows} == {InboxState.IGNORED}
    assert {row.payload_encrypted for row in rows} == {None}
    assert len(rows) == 5


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"events": {}}', b"\xff", b"[" * 100_000, b"1" * 5_000])
def test_400_when_there_are_no_events_to_read(http: FlaskClient, body: bytes) -> None:
    assert post(http, body).status_code == 400


def test_200_when_an_event_is_nested_very_deeply(http: FlaskClient) -> None:
    deep = b'{"events": [{"type": "message", "message": ' + b"[" * 500 + b"]" * 500 + b"}]}"
    assert post(http, deep).status_code == 200


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
_EVENT = st.dictionaries(st.sampled_from(sorted(make_event())), _ANY, max_size=5).map(
    lambda fields: make_event(**fields)
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(_ANY, st.fixed_dictionaries({"events": st.lists(_EVENT | _ANY, max_size=4)})))
def test_never_500_whatever_is_signed(http: FlaskClient, envelope: object) -> None:
    status = post(http, json.dumps(envelope).encode()).status_code
    has_events = isinstance(envelope, dict) and isinstance(envelope.get("events"), list)
    assert status == (200 if has_events else 400)


def test_form_tokens_and_limits_of_pages_do_not_hold_here(runtime: Runtime) -> None:
    exempted: list[object] = []

    class Guard:
        def exempt(self, blueprint: object) -> None:
            exempted.append(blueprint)

    app = Flask("guarded")
    app.extensions |= {"qiao": runtime, "csrf": Guard(), "limiter": {Guard()}}
    from bots.line.webhook import blueprint, init_line_webhook

    init_line_webhook(app)
    assert exempted == [blueprint, blueprint]
