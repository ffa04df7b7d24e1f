from __future__ import annotations

import pytest
from flask import Flask

from app.core.errors import FieldError, ForbiddenError, InvalidInputError
from app.web.forms import Form, read_cursor, read_idempotency_key, read_text, safe_next, with_errors


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:x",
        "/a\nb",
        "/\tx",
        "vi/",
        "/ /x",
    ],
)
def test_next_is_the_fallback_when_it_leads_elsewhere(target: str | None) -> None:
    assert safe_next(target, "/en/") == "/en/"


@pytest.mark.parametrize("target", ["/vi/q/3", "/vi/q/3?after=2#post-1"])
def test_next_is_kept_when_it_is_a_path(target: str) -> None:
    assert safe_next(target, "/en/") == target


def _key(*, headers: dict[str, str] | None = None, key: str = "", text: str = "a") -> str | None:
    with Flask("x").test_request_context("/", method="POST", headers=headers, data={"key": key}):
        return read_idempotency_key(text)


def test_key_is_the_headers_when_there_is_one() -> None:
    assert _key(headers={"Idempotency-Key": "abc"}, key="form") == "abc"


@pytest.mark.parametrize("given", ["a b", "x" * 201, "é"])
def test_key_is_none_when_the_header_is_not_one(given: str) -> None:
    assert _key(headers={"Idempotency-Key": given.encode().decode("latin-1")}, key="form") is None


def test_key_is_the_same_when_the_same_form_is_sent_twice() -> None:
    assert _key(key="form") == _key(key="form") is not None


def test_key_is_another_when_the_text_is() -> None:
    assert _key(key="form") != _key(key="form", text="b")


def test_key_is_none_when_the_form_has_none() -> None:
    assert _key(key="") is None


def test_key_is_made_when_the_text_has_a_lone_surrogate() -> None:
    assert _key(key="form", text="\ud800") is not None


def test_lines_end_alike_when_a_browser_sends_carriage_returns() -> None:
    with Flask("x").test_request_context("/", method="POST", data={"body": "a\r\nb"}):
        assert read_text("body") == "a\nb"


@pytest.mark.parametrize(
    ("given", "expected"), [("5", 5), ("", None), ("-1", None), ("5x", None), ("٣", None), ("9" * 30, None)]
)
def test_cursor_is_a_number_or_nothing(given: str, expected: int | None) -> None:
    with Flask("x").test_request_context("/", query_string={"after": given}):
        assert read_cursor("after") == expected


def test_errors_stand_at_their_fields_when_the_service_names_them() -> None:
    with Flask("x").test_request_context("/en/"):
        form = with_errors(Form({"body": ""}), InvalidInputError(errors=[FieldError("body", "text.empty")]))
    assert form.error("body") == "Please write something here."


def test_errors_stand_above_when_they_belong_to_no_field() -> None:
    with Flask("x").test_request_context("/en/"):
        form = with_errors(Form(), ForbiddenError(reason="forum.thread_closed"))
    assert form.errors == {"": "This conversation is closed."}


def test_codes_are_never_shown_raw_when_they_are_new() -> None:
    with Flask("x").test_request_context("/en/"):
        form = with_errors(Form(), InvalidInputError(field="x"))
    assert "." not in form.error("x").rstrip(".")
    assert "_" not in form.error("x")
