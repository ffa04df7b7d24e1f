"""Every page in every language: it renders, is labelled, holds nothing inline, and switches language in place."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from app.core.actor import Actor, Role
from app.runtime import Runtime
from app.web.i18n import LOCALES
from tests.people import answer, ask, make_interpreter, make_person
from tests.web.pages.conftest import Browser
from tests.web.pages.lang_walk import find_faults, walk

PUBLIC = [
    *["", "ask", "ask?category=vn-invest", "help", "register", "sign-in"],
    *["topics/residence", "topics/residence?status=solved", "countries/vn/", "countries/vn/invest"],
    *["q/1", "q/1?originals=1", "q/1/posts?after=0"],
]
SIGNED_IN = [
    *["me", "notices", "posts/1/edit", "posts/1/withdraw", "posts/1/language"],
    *["posts/2/report", "posts/2/translation-report"],
]


@pytest.fixture
def asker(runtime: Runtime) -> Actor:
    return make_person(runtime.db, now=runtime.clock(), reads=["vi"], name="Asker 臺灣")


@pytest.fixture
def thread_id(runtime: Runtime, asker: Actor, put_translation: Callable[..., int]) -> int:
    """A Vietnamese question with a Chinese, a Khmer and a Thai answer, one text in each state."""
    others = [make_person(runtime.db, now=runtime.clock(), reads=[tag], name=name) for tag, name in _OTHERS]
    now = runtime.clock()
    with runtime.db.transaction() as session:
        made = ask(
            session, asker, "Tôi ở 臺中. Phí là 1.000 Đài tệ?", title="Phí 居留證", category="residence", now=now
        )
        for person, text in zip(others, _ANSWERS, strict=True):
            answer(session, person, made.thread_id, text, now=now)
    put_translation(made.post_id, "zh-Hant", "machine", "我住在臺中。費用是 1,000 元嗎？")
    put_translation(made.post_id + 1, "vi", "verified", "Phí là 1.000 Đài tệ.")
    put_translation(made.post_id + 2, "vi", "waiting")
    return made.thread_id


_OTHERS = [("zh-Hant", "提問者"), ("km", "អ្នកសួរ"), ("th", "ผู้ถาม")]
_ANSWERS = ["費用是新臺幣 1,000 元。", "ត្រូវរង់ចាំ ១០ ថ្ងៃ។", "ต่ออายุออนไลน์ก็ได้ครับ"]


def _check(page: str, locale: str) -> None:
    assert f'<html lang="{locale}">' in page
    assert find_faults(page) == []
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", page), "inline script"
    assert not re.search(r"\s(on[a-z]+|style)=\"", page), "inline handler or style"
    assert "<style" not in page


@pytest.mark.parametrize("locale", LOCALES)
def test_public_pages_render_and_are_labelled(app: Flask, thread_id: int, locale: str) -> None:
    browser = Browser(app)
    for path in PUBLIC:
        page = browser.open(f"/{locale}/{path}")
        if "/posts" in path:
            assert find_faults(f'<html lang="{locale}">{page}</html>') == []
        else:
            _check(page, locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_own_pages_render_and_are_labelled(
    make_browser: Callable[[Actor], Browser], asker: Actor, thread_id: int, locale: str
) -> None:
    browser = make_browser(asker)
    for path in (*SIGNED_IN, *PUBLIC):
        if "/posts?" not in path:
            _check(browser.open(f"/{locale}/{path}"), locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_workers_pages_render_and_are_labelled(
    runtime: Runtime, make_browser: Callable[[Actor], Browser], thread_id: int, locale: str
) -> None:
    pairs = [("km", "vi"), ("km", "zh-Hant"), ("vi", "zh-Hant")]
    person = make_person(
        runtime.db, now=runtime.clock(), roles=[Role.INTERPRETER, Role.MODERATOR], pairs=pairs, reads=[locale]
    )
    browser = make_browser(person)
    for path in ("desk", "desk?pair=km:vi", "moderation", "moderation?state=decided"):
        _check(browser.open(f"/{locale}/{path}"), locale)


def test_pages_need_no_script_when_they_are_served(browser: Browser) -> None:
    response = browser.client.get("/en/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("locale", LOCALES)
def test_language_bar_lists_six_names_in_their_own_scripts(browser: Browser, locale: str) -> None:
    page = browser.open(f"/{locale}/help")
    bar = page[page.index('class="languages"') : page.index("<main")]
    for tag, name in (
        ("zh-Hant", "繁體中文"),
        ("km", "ភាសាខ្មែរ"),
        ("th", "ไทย"),
        ("vi", "Tiếng Việt"),
        ("en", "English"),
    ):
        assert re.search(rf'lang="{tag}" hreflang="{tag}"[^>]*>{name}</a>', bar)
    assert bar.count('aria-current="true"') == 1
    assert re.search(rf'hreflang="{locale}"[^>]* aria-current="true"', bar)


def test_language_bar_keeps_the_page_when_it_has_parameters(browser: Browser, thread_id: int) -> None:
    page = browser.open("/vi/q/1?originals=1")
    assert 'href="/th/q/1?originals=1&amp;choose=1"' in page
    assert '<link rel="alternate" hreflang="th" href="/th/q/1?originals=1">' in page


def test_first_visit_goes_to_the_language_of_the_browser(browser: Browser) -> None:
    response = browser.client.get("/", headers={"Accept-Language": "km-KH,km;q=0.9,en;q=0.5"})
    assert (response.status_code, response.headers["Location"]) == (302, "/km/")


def test_choice_sticks_when_a_language_was_chosen_by_its_link(browser: Browser) -> None:
    browser.client.get("/vi/", headers={"Accept-Language": "vi"})
    chosen = browser.client.get("/th/help?choose=1")
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/th/help")
    assert browser.client.get("/", headers={"Accept-Language": "vi"}).headers["Location"] == "/th/"


def test_choice_stays_when_somebody_sent_a_link_in_another_language(browser: Browser) -> None:
    browser.client.get("/th/?choose=1")
    page = browser.open("/vi/help")
    assert re.search(r'<p class="notice" lang="th">.*href="/th/help"', page, re.S)
    assert browser.client.get("/").headers["Location"] == "/th/"


def test_redirect_stays_here_when_the_path_is_hostile(browser: Browser) -> None:
    for path in ("/vi//evil.example?choose=1", "/vi/q/1?choose=1&_external=1&_scheme=evil&_anchor=x"):
        location = browser.client.get(path).headers.get("Location", "/vi/")
        assert location.startswith("/")
        assert "evil" not in location.split("?")[0]


def test_unknown_pages_are_told_in_the_language_of_the_path(browser: Browser) -> None:
    for path in ("/vi/nowhere", "/vi/q/999", "/vi/topics/none", "/vi/countries/zz/", "/vi/q/99999999999999999999"):
        page = browser.open(path, status=404)
        _check(page, "vi")


def test_topics_of_a_country_have_one_address(browser: Browser) -> None:
    response = browser.client.get("/en/topics/vn-invest")
    assert (response.status_code, response.headers["Location"]) == (303, "/en/countries/vn/invest")


@pytest.mark.parametrize("path", ["me", "notices", "desk", "moderation", "posts/1/report"])
def test_sign_in_comes_first_when_a_page_is_somebodys(browser: Browser, path: str) -> None:
    response = browser.client.get(f"/vi/{path}")
    assert response.status_code == 303
    assert response.headers["Location"] == f"/vi/sign-in?next=/vi/{path}"


def test_desk_is_closed_when_somebody_is_no_interpreter(runtime: Runtime, app: Flask) -> None:
    browser = Browser(app).sign_in(make_person(runtime.db, now=runtime.clock()))
    browser.open("/en/desk", status=403)
    browser.open("/en/moderation", status=403)


def test_help_line_is_on_every_page(browser: Browser) -> None:
    for path in ("", "ask", "help", "sign-in"):
        assert 'href="tel:1990"' in browser.open(f"/en/{path}")


def test_main_comes_after_skip_link_and_languages(browser: Browser) -> None:
    page = browser.open("/en/")
    places = [page.index(mark) for mark in ('class="skip"', "<header", 'class="languages"', "<main", "<footer")]
    assert places == sorted(places)


def test_every_form_field_has_a_label(
    browser: Browser, thread_id: int, make_browser: Callable[[Actor], Browser], asker: Actor
) -> None:
    signed_in = make_browser(asker)
    for page in (
        browser.open("/en/ask"),
        browser.open("/en/register"),
        signed_in.open("/en/me"),
        signed_in.open("/en/q/1"),
    ):
        labelled = set(re.findall(r'<label for="([^"]+)"', page))
        for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page):
            if 'type="hidden"' in tag or 'type="radio"' in tag or 'type="checkbox"' in tag:
                continue
            found = re.search(r'id="([^"]+)"', tag)
            assert found, tag
            assert found[1] in labelled, tag


def test_interpreters_see_the_desk_in_the_bar(runtime: Runtime, make_browser: Callable[[Actor], Browser]) -> None:
    person = make_interpreter(runtime.db, ("km", "zh-Hant"), now=runtime.clock())
    assert "/en/desk" in make_browser(person).open("/en/")
    assert "/en/desk" not in make_browser(make_person(runtime.db, now=runtime.clock())).open("/en/")


def test_walk_sees_the_texts_of_a_page(browser: Browser) -> None:
    """The checker reads pages at all: otherwise its silence would mean nothing."""
    languages = {language for _, language in walk(browser.open("/vi/")).texts}
    assert {"vi", "km", "th", "zh-Hant"} <= languages
