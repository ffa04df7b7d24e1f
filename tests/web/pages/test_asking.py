"""Asking, answering and signing in as a browser without scripts does it, and as our scripts do it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Account
from app.core.actor import AccountKind, Actor
from app.forum.models import Post, Thread, ThreadKind
from app.runtime import Runtime
from app.web.pages.ask import MADE_TITLE, make_title
from tests.people import PASSWORD, make_person
from tests.web.pages.conftest import Browser
from translation.models import SourceText

QUESTION = {
    "body": "Thẻ cư trú hết hạn thì làm sao?\nTôi ở Đài Trung.",
    "category": "residence",
    "title": "",
    "language": "",
}


def _count(runtime: Runtime, row: type[Account] | type[Thread] | type[Post]) -> int:
    with runtime.db.reading() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def _title(runtime: Runtime) -> str:
    with runtime.db.reading() as session:
        post = session.scalars(select(Post)).one()
        assert post.title_text_id is not None
        return session.get_one(SourceText, post.title_text_id).text


def test_guest_asks_when_she_has_no_account(browser: Browser, runtime: Runtime) -> None:
    browser.open("/vi/ask")
    page = browser.follow(browser.send("/vi/ask", QUESTION))
    assert "Thẻ cư trú hết hạn thì làm sao?" in page
    assert 'class="notice good"' in page
    with runtime.db.reading() as session:
        account = session.scalars(select(Account)).one()
        thread = session.scalars(select(Thread)).one()
    assert (account.kind, account.reading_languages, thread.author_id) == (AccountKind.GUEST, ["vi"], account.id)


def test_title_is_the_first_sentence_when_none_was_given(browser: Browser, runtime: Runtime) -> None:
    browser.open("/vi/ask")
    browser.send("/vi/ask", QUESTION)
    assert _title(runtime) == "Thẻ cư trú hết hạn thì làm sao?"


def test_title_is_hers_when_she_gave_one(browser: Browser, runtime: Runtime) -> None:
    browser.open("/vi/ask")
    browser.send("/vi/ask", {**QUESTION, "title": "Thẻ cư trú"})
    assert _title(runtime) == "Thẻ cư trú"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("居留證過期了。怎麼辦？", "居留證過期了。"),
        ("តើខ្ញុំត្រូវធ្វើអ្វី។ អរគុណ", "តើខ្ញុំត្រូវធ្វើអ្វី។"),
        ("\n\n Halo \nx", "Halo"),
        ("  ", ""),
        ("v1.5 works? yes", "v1.5 works?"),
    ],
)
def test_title_ends_with_its_sentence(body: str, title: str) -> None:
    assert make_title(body) == title


@pytest.mark.parametrize("body", ["word " * 60, "字" * 300])
def test_title_is_short_when_the_sentence_is_long(body: str) -> None:
    assert len(make_title(body)) <= MADE_TITLE
    assert make_title(body).endswith("…")


def test_question_is_created_once_when_the_form_is_sent_twice(
    make_browser: Callable[[Actor], Browser], runtime: Runtime
) -> None:
    browser = make_browser(make_person(runtime.db, now=runtime.clock(), reads=["vi"]))
    browser.open("/vi/ask")
    first, second = browser.send("/vi/ask", QUESTION), browser.send("/vi/ask", QUESTION)
    assert first.headers["Location"] == second.headers["Location"]
    assert _count(runtime, Thread) == 1


def test_question_is_another_when_the_text_is_after_going_back(
    make_browser: Callable[[Actor], Browser], runtime: Runtime
) -> None:
    browser = make_browser(make_person(runtime.db, now=runtime.clock(), reads=["vi"]))
    browser.open("/vi/ask")
    browser.send("/vi/ask", QUESTION)
    browser.send("/vi/ask", {**QUESTION, "body": "Câu hỏi khác?"})
    assert _count(runtime, Thread) == 2


def test_text_is_kept_when_something_is_missing(browser: Browser, runtime: Runtime) -> None:
    browser.open("/en/ask")
    response = browser.send("/en/ask", {**QUESTION, "category": "", "language": "vi"})
    assert response.status_code == 422
    assert "Tôi ở Đài Trung." in browser.page
    assert '<a href="#field-category">Please choose a topic.</a>' in browser.page
    assert '<option value="vi" lang="vi" selected>' in browser.page
    assert _count(runtime, Account) == 0


@pytest.mark.parametrize("body", ["", "   ", "x" * 20_001])
def test_question_is_refused_when_its_text_cannot_be(browser: Browser, runtime: Runtime, body: str) -> None:
    browser.open("/en/ask")
    response = browser.send("/en/ask", {**QUESTION, "body": body, "title": "x"})
    assert response.status_code == 422
    assert 'id="error-body"' in browser.page
    assert (_count(runtime, Thread), _count(runtime, Account)) == (0, 0)


def test_nothing_is_stored_when_the_token_is_missing(browser: Browser, runtime: Runtime) -> None:
    browser.open("/vi/ask")
    response = browser.client.post("/vi/ask", data=QUESTION, headers={"Accept": "text/html"})
    assert response.status_code == 403
    assert '<html lang="vi">' in response.get_data(as_text=True)
    assert _count(runtime, Thread) == 0


def test_nothing_is_stored_when_the_token_is_somebody_elses(app: Flask, browser: Browser, runtime: Runtime) -> None:
    other = Browser(app)
    other.open("/vi/ask")
    browser.open("/vi/ask")
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.page)
    assert token is not None
    assert browser.send("/vi/ask", {**QUESTION, "csrf_token": token[1]}).status_code == 403
    assert _count(runtime, Thread) == 0


def test_text_goes_along_when_the_home_page_begins_a_question(browser: Browser, runtime: Runtime) -> None:
    browser.open("/id/")
    response = browser.send("/id/ask", {"body": "Bagaimana caranya?", "continue": "1"})
    assert response.status_code == 200
    assert "Bagaimana caranya?" in browser.page
    assert "error-summary" not in browser.page
    assert _count(runtime, Thread) == 0


def test_hostile_text_is_shown_as_text(browser: Browser) -> None:
    hostile = '<script>alert(1)</script> "><img src=x onerror=alert(2)> \u202eabc\u202c {{ 7*7 }}'
    browser.open("/en/ask")
    page = browser.follow(browser.send("/en/ask", {**QUESTION, "body": hostile, "title": hostile, "language": "en"}))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert re.search(r'<div class="text" lang="en" dir="auto">&lt;script', page)


def test_country_wins_when_a_country_was_chosen(browser: Browser, runtime: Runtime) -> None:
    browser.open("/en/ask?category=vn-invest")
    assert '<option value="vn-invest" selected>' in browser.page
    page = browser.follow(browser.send("/en/ask", {**QUESTION, "country_category": "vn-invest"}))
    assert "/en/topics/vn-invest" in page


def test_consultation_is_hidden_from_others_when_it_is_private(browser: Browser, app: Flask, runtime: Runtime) -> None:
    browser.open("/vi/ask")
    browser.follow(browser.send("/vi/ask", {**QUESTION, "kind": "consultation"}))
    with runtime.db.reading() as session:
        assert session.scalars(select(Thread)).one().kind is ThreadKind.CONSULTATION
    Browser(app).open("/vi/q/1", status=404)
    Browser(app).open("/vi/q/1/posts?after=0", status=404)
    assert "q/1" not in Browser(app).open("/vi/")


def test_script_gets_the_address_when_it_sends_a_question(browser: Browser, runtime: Runtime) -> None:
    browser.open("/vi/ask")
    made = browser.send("/vi/guest", {}, **{"X-Qiao-Fetch": "1"})
    assert made.status_code == 201
    assert made.json is not None
    headers = {"X-Qiao-Fetch": "1", "Idempotency-Key": "key-1", "X-CSRFToken": made.json["csrf_token"]}
    answers = [browser.send("/vi/ask", {**QUESTION, "csrf_token": ""}, **headers) for _ in range(2)]
    assert [response.status_code for response in answers] == [201, 201]
    assert answers[0].json == answers[1].json == {"location": "/vi/q/1?sent=1"}
    assert (_count(runtime, Thread), _count(runtime, Account)) == (1, 1)


def test_script_gets_the_reasons_when_its_question_is_refused(browser: Browser) -> None:
    browser.open("/en/ask")
    response = browser.send("/en/ask", {**QUESTION, "body": "", "title": "x"}, **{"X-Qiao-Fetch": "1"})
    assert response.status_code == 422
    assert response.json == {"errors": {"body": "Please write something here."}}


def test_script_is_told_when_it_is_signed_out(browser: Browser) -> None:
    browser.open("/en/ask")
    assert browser.send("/en/q/1/follow", {}, **{"X-Qiao-Fetch": "1"}).status_code == 401


def test_person_registers_signs_out_and_in(browser: Browser, runtime: Runtime) -> None:
    browser.open("/th/register?next=/th/help")
    data = {"display_name": "ผู้ถาม", "password": PASSWORD, "kind": "resident", "reading_languages": ["en", "th"]}
    response = browser.send("/th/register", {**data, "next": "/th/help"})
    assert response.headers["Location"] == "/th/help"
    with runtime.db.reading() as session:
        account = session.scalars(select(Account)).one()
    assert (account.kind, account.reading_languages, account.locale) == (AccountKind.RESIDENT, ["th", "en"], "th")
    browser.open("/th/me")
    browser.follow(browser.send("/th/sign-out", {}))
    assert "sign-in" in browser.page
    browser.open("/th/sign-in")
    response = browser.send("/th/sign-in", {"display_name": "ผู้ถาม", "password": PASSWORD, "next": "//evil.example"})
    assert response.headers["Location"] == "/th/"


def test_password_is_never_shown_again_when_registering_fails(browser: Browser) -> None:
    browser.open("/en/register")
    response = browser.send("/en/register", {"display_name": "A", "password": "geheim7", "kind": "citizen"})
    assert response.status_code == 422
    assert "geheim7" not in browser.page
    assert 'value="A"' in browser.page


def test_name_is_refused_at_its_field_when_it_is_taken(browser: Browser, runtime: Runtime) -> None:
    make_person(runtime.db, now=runtime.clock(), name="Asker")
    browser.open("/en/register")
    data = {"display_name": "ASKER", "password": PASSWORD, "kind": "citizen", "reading_languages": "en"}
    response = browser.send("/en/register", data)
    assert response.status_code == 409
    assert '<a href="#field-display_name">This name is taken.' in browser.page


def test_kind_is_asked_for_when_it_is_missing_or_not_for_choosing(browser: Browser) -> None:
    browser.open("/en/register")
    data = {"display_name": "A", "password": PASSWORD, "reading_languages": "en"}
    for kind in ("", "guest", "admin"):
        assert browser.send("/en/register", {**data, "kind": kind}).status_code == 422
        assert 'id="error-kind"' in browser.page


def test_wrong_password_says_nothing_about_the_name(browser: Browser, runtime: Runtime) -> None:
    make_person(runtime.db, now=runtime.clock(), name="Asker")
    texts = []
    for name in ("Asker", "Nobody"):
        browser.open("/en/sign-in")
        assert browser.send("/en/sign-in", {"display_name": name, "password": "wrong one"}).status_code == 401
        texts.append(re.findall(r'id="errors".*?</div>', browser.page, re.S))
    assert texts[0] == texts[1] != []


def test_settings_are_saved_and_the_page_changes_language(
    make_browser: Callable[[Actor], Browser], runtime: Runtime
) -> None:
    person = make_person(runtime.db, now=runtime.clock(), kind=AccountKind.RESIDENT, reads=["en"])
    browser = make_browser(person)
    browser.open("/en/me")
    data = {"locale": "vi", "reading_languages": ["vi", "en"], "show_originals": "1", "expertise": ["VN", "KH"]}
    response = browser.send("/en/me", data)
    assert response.headers["Location"] == "/vi/me"
    page = browser.follow(response)
    assert re.search(r'name="expertise" value="KH" checked', page)
    assert re.search(r'name="show_originals" value="1" checked', page)
    assert browser.client.get("/").headers["Location"] == "/vi/"


def test_settings_are_refused_when_no_language_is_read(
    make_browser: Callable[[Actor], Browser], runtime: Runtime
) -> None:
    browser = make_browser(make_person(runtime.db, now=runtime.clock()))
    browser.open("/en/me")
    assert browser.send("/en/me", {"locale": "en"}).status_code == 422
    assert "Please choose one or more." in browser.page
