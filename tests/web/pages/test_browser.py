"""What only a browser can tell: scripts lose nothing and move nothing, and nothing is cut off or sticks out."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import func, select
from werkzeug.serving import make_server

from app.core.actor import Actor
from app.forum.models import Post
from app.runtime import Runtime
from tests.people import PASSWORD, answer, ask, make_person
from translation.languages import LanguageTag

CHROMIUM = shutil.which("chromium") or ""
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="needs Debian's chromium")]

#: Elements that are wider or taller inside than outside, and whether the page scrolls sideways.
_MEASURE = """() => ({
  cut: [...document.querySelectorAll('.button, .chip, .tap-chip, .tile, nav a')]
    .filter((element) => element.getClientRects().length && element.scrollHeight > element.clientHeight + 1)
    .map((element) => element.textContent.trim()),
  isWide: document.documentElement.scrollWidth > innerWidth,
  lines: Number.parseFloat(getComputedStyle(document.querySelector('p, li')).lineHeight)
    / Number.parseFloat(getComputedStyle(document.querySelector('p, li')).fontSize),
})"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def asker(runtime: Runtime) -> Actor:
    person = make_person(runtime.db, now=runtime.clock(), reads=["km"], name="អ្នកសួរ")
    with runtime.db.transaction() as session:
        body = "តម្លៃ ១០០០? " + "https://example.tw/" + "a" * 120
        ask(session, person, body, title="តម្លៃ", language=LanguageTag.KM, now=runtime.clock())
        for number in range(12):
            answer(session, person, 1, f"ចម្លើយ {number}", now=runtime.clock())
    return person


@pytest.fixture
def open_page(chromium: Chromium, address: str) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_one(path: str, *, person: Actor | None = None, width: int = 360) -> Page:
        # saveData is what switches the socket off: these tests are about everything else.
        context = chromium.new_context(viewport={"width": width, "height": 740}, base_url=address)
        context.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
        contexts.append(context)
        page = context.new_page()
        if person is not None:
            page.goto("/en/sign-in")
            page.fill("[name=display_name]", person.display_name)
            page.fill("[name=password]", PASSWORD)
            page.click("main form button")
            page.wait_for_url("**/en/")
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()


def _count_posts(runtime: Runtime) -> int:
    with runtime.db.reading() as session:
        return session.scalar(select(func.count()).select_from(Post)) or 0


def test_message_written_offline_is_sent_once_when_the_network_is_back(
    open_page: Callable[..., Page], runtime: Runtime, asker: Actor
) -> None:
    page = open_page("/km/q/1", person=asker)
    before = _count_posts(runtime)
    page.context.set_offline(True)
    page.fill("#composer textarea", "written offline")
    page.click("#composer button")
    expect(page.locator("#pending .post")).to_have_count(1)
    expect(page.locator("[data-outbox-status]")).to_contain_text(re.compile(r"\S"))
    page.context.set_offline(False)
    expect(page.locator("#pending .post")).to_have_count(0, timeout=15_000)
    expect(page.locator("#thread .post").last).to_contain_text("written offline")
    assert _count_posts(runtime) == before + 1


def test_message_is_stored_once_when_the_answer_got_lost(
    open_page: Callable[..., Page], runtime: Runtime, asker: Actor
) -> None:
    page = open_page("/km/q/1", person=asker)
    before = _count_posts(runtime)
    lost: list[object] = []

    def lose_first(route: object) -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
            return
        lost.append(route.fetch())  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route(lambda url: url.endswith("/km/q/1"), lose_first)
    page.fill("#composer textarea", "sent once")
    page.click("#composer button")
    expect(page.locator("#thread .post").last).to_contain_text("sent once", timeout=15_000)
    assert lost
    assert _count_posts(runtime) == before + 1


def test_draft_is_there_when_the_page_is_opened_again(open_page: Callable[..., Page], asker: Actor) -> None:
    page = open_page("/km/q/1", person=asker)
    page.fill("#composer textarea", "half a sentence")
    page.reload()
    expect(page.locator("#composer textarea")).to_have_value("half a sentence")


def test_drafts_are_gone_when_she_signs_out(open_page: Callable[..., Page], asker: Actor) -> None:
    page = open_page("/km/q/1", person=asker)
    page.fill("#composer textarea", "private words")
    page.goto("/km/me")
    page.click("[data-sign-out] button")
    page.wait_for_url("**/km/")
    assert "private words" not in page.evaluate("JSON.stringify(localStorage)")


def test_reading_goes_on_undisturbed_when_messages_change(
    open_page: Callable[..., Page],
    runtime: Runtime,
    asker: Actor,
    put_translation: Callable[..., int],
) -> None:
    page = open_page("/vi/q/1", person=asker)
    read = page.locator("#post-8")
    read.scroll_into_view_if_needed()
    page.locator("#post-2 .menu summary").evaluate("element => element.focus({preventScroll: true})")
    page.evaluate("scrollTo(0, document.querySelector('#post-8').offsetTop - innerHeight / 2)")
    top = page.evaluate("document.querySelector('#post-8').getBoundingClientRect().top")
    put_translation(2, "vi", "machine", "Câu trả lời rất dài. " * 30)
    with runtime.db.transaction() as session:
        post = session.get_one(Post, 2)
        post.change = 1000
        session.flush()
        made = answer(session, asker, 1, "ថ្មី", now=runtime.clock())
        session.get_one(Post, made.post_id).change = 1001
    page.evaluate("dispatchEvent(new Event('qiao:sent'))")
    expect(page.locator("#post-2 .text")).to_contain_text("Câu trả lời rất dài.")
    expect(page.locator(f"#post-{made.post_id}")).to_have_count(1)
    assert abs(page.evaluate("document.querySelector('#post-8').getBoundingClientRect().top") - top) < 2
    assert page.evaluate("document.activeElement.closest('article')?.id") == "post-2"
    order = page.locator("#thread .post").evaluate_all("posts => posts.map((post) => Number(post.id.slice(5)))")
    assert order == sorted(order)


@pytest.mark.parametrize("locale", ["km", "th", "zh-Hant"])
@pytest.mark.parametrize("path", ["", "ask", "q/1", "topics/daily-life", "register"])
def test_nothing_is_cut_off_when_the_screen_is_narrow(
    open_page: Callable[..., Page], asker: Actor, locale: str, path: str
) -> None:
    page = open_page(f"/{locale}/{path}", width=320)
    measured = page.evaluate(_MEASURE)
    assert measured["cut"] == []
    assert not measured["isWide"]
    assert measured["lines"] >= {"km": 1.8, "th": 1.6}.get(locale, 1.5) - 0.01


def test_no_script_breaks_a_rule_of_the_page(open_page: Callable[..., Page], asker: Actor) -> None:
    page = open_page("/en/help", person=asker)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    for path in ("/en/", "/en/ask", "/en/q/1", "/en/me", "/en/notices"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
    assert told == []


def test_socket_library_is_not_fetched_when_data_is_saved(open_page: Callable[..., Page], asker: Actor) -> None:
    page = open_page("/en/help")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto("/en/q/1")
    page.wait_for_load_state("networkidle")
    assert any("live.js" in url for url in fetched)
    assert not any("socket.io" in url for url in fetched)
