"""How a text will read, from the forms, without scripts and as our scripts ask."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.core.actor import AccountKind, Actor
from app.runtime import Runtime
from app.worker import make_pending_previews
from tests.models.packages import install_tiny_models
from tests.people import make_person
from tests.web.pages.conftest import Browser

VIETNAMESE = "Thẻ cư trú của tôi hết hạn vào tháng sau."
CHINESE = "我的居留證下個月到期。"
FETCH = {"X-Qiao-Fetch": "1"}


@pytest.fixture
def author(make_browser: Callable[[Actor], Browser], runtime: Runtime) -> Browser:
    install_tiny_models(runtime.settings.effective_models_dir)
    return make_browser(make_person(runtime.db, now=runtime.clock(), reads=["vi"], kind=AccountKind.RESIDENT))


def test_author_sees_there_and_back_on_a_page_of_its_own(author: Browser, runtime: Runtime) -> None:
    author.open("/vi/ask")
    response = author.send("/vi/preview", {"body": VIETNAMESE, "language": ""})
    waiting = author.follow(response)
    assert 'http-equiv="refresh"' in waiting
    make_pending_previews(runtime)
    page = author.open(response.headers["Location"])
    assert f'<div class="text" lang="zh-Hant" dir="auto" translate="no">{CHINESE}' in page
    assert page.count(VIETNAMESE) == 2
    assert 'http-equiv="refresh"' not in page


def test_script_gets_a_fragment_that_says_where_to_ask_again(author: Browser, runtime: Runtime) -> None:
    author.open("/vi/ask")
    response = author.send("/vi/preview", {"body": VIETNAMESE}, **FETCH)
    assert (response.status_code, "<html" in author.page) == (200, False)
    assert 'data-poll="/vi/preview/' in author.page
    make_pending_previews(runtime)
    address = author.page.split('data-poll="')[1].split('"')[0]
    assert CHINESE in author.open(address, **FETCH)


def test_missing_engine_is_said(browser: Browser, runtime: Runtime) -> None:
    browser.open("/vi/ask")
    response = browser.send("/vi/preview", {"body": VIETNAMESE})
    make_pending_previews(runtime)
    assert "Không có máy nào dịch được nội dung này." in browser.open(response.headers["Location"])


def test_visitor_goes_on_with_the_form_that_was_open(browser: Browser) -> None:
    browser.open("/vi/ask")
    before = browser.page
    assert browser.send("/vi/preview", {"body": VIETNAMESE}, **FETCH).status_code == 200
    browser.page = before
    response = browser.send("/vi/ask", {"body": VIETNAMESE, "category": "residence", "title": "", "language": ""})
    assert "/vi/q/" in response.headers["Location"]


@pytest.mark.parametrize("body", ["", "555", "x" * 5_001])
def test_trouble_is_said_in_place_of_the_preview(author: Browser, body: str) -> None:
    author.open("/vi/ask")
    assert author.send("/vi/preview", {"body": body}, **FETCH).status_code == 422
    assert 'class="error-text"' in author.page


def test_preview_is_nobody_elses(author: Browser, make_browser: Callable[[Actor], Browser], runtime: Runtime) -> None:
    author.open("/vi/ask")
    address = author.send("/vi/preview", {"body": VIETNAMESE}).headers["Location"]
    stranger = make_browser(make_person(runtime.db, now=runtime.clock(), reads=["vi"]))
    stranger.open(address, status=404)
