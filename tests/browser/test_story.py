"""The whole story in Chromium: a question from LINE in Khmer, a citizen on a desktop, an interpreter on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from simulators.line.simulator import LineSimulator
from tests.browser.conftest import OpenPage
from tests.flows.server import PATIENCE, Server, eventually

pytestmark = pytest.mark.browser

QUESTION = "តើខ្ញុំអាចបន្តប័ណ្ណស្នាក់នៅនៅឯណា?"
QUESTION_IN_CHINESE = "請問我可以在哪裡延長居留證？"
ANSWER = "請到移民署服務站辦理，記得帶護照。"
ANSWER_IN_KHMER = "សូមទៅស្ថានីយសេវាអន្តោប្រវេសន៍ ហើយកុំភ្លេចយកលិខិតឆ្លងដែន។"
PASSWORD = "correct horse"


def sign_in(page: Page, name: str) -> None:
    page.goto(page.url.split("/", 4)[0] + "//" + page.url.split("/", 4)[2] + "/zh-Hant/sign-in")
    page.locator("#field-display_name").fill(name)
    page.locator("#field-password").fill(PASSWORD)
    page.locator("main form button.primary").click()
    page.wait_for_url(re.compile(r"/zh-Hant/(?!sign-in)"))


def interpret(page: Page, post_text: str, translation: str, title: str) -> None:
    """Take the task of a text at the desk, write, confirm; checks that only warn are accepted."""
    page.goto("/zh-Hant/desk")
    task = page.locator("li.task", has_text=post_text).first
    expect(task).to_be_visible()
    task.locator("form button").click()
    page.locator("#field-text").fill(translation)
    if page.locator("#field-title_text").count():
        page.locator("#field-title_text").fill(title)
    page.locator("#task-form [data-confirm]").click()
    page.wait_for_load_state()
    accept = page.locator("#task-form [name=accept_warnings]")
    if accept.count():
        accept.click()
        page.wait_for_load_state()


@pytest.fixture(scope="module")
def people(server: Server) -> None:
    reads = ("--reads", "km,zh-Hant", "--role", "interpreter", "--pairs", "km:zh-Hant,zh-Hant:km")
    server.appoint("interpreter", *reads)
    server.register("citizen")


@pytest.mark.usefixtures("people")
def test_question_from_line_is_read_answered_and_vouched_for(
    open_page: OpenPage, server: Server, line: LineSimulator
) -> None:
    asker = line.user("asker")
    asker.follow()
    asker.wait_for(1, PATIENCE)
    asker.tap("ភាសាខ្មែរ")
    asker.wait_for(2, PATIENCE)
    question = asker.say(QUESTION)
    assert question.ok
    asker.wait_for(3, PATIENCE)

    # The citizen finds it, in the original and with an honest label, and stays on the page.
    found = eventually(
        lambda: server.api().get("/threads", category="dont-know").expect(200)["items"], what="the question is listed"
    )
    thread = f"/zh-Hant/q/{found[0]['id']}"
    citizen = open_page("/zh-Hant/")
    sign_in(citizen, "citizen")
    citizen.goto(thread)
    post = citizen.locator("#thread .post").first
    expect(post.locator(".text[lang=km]")).to_contain_text(QUESTION)
    expect(post.locator(".label-waiting")).to_be_visible()
    citizen.evaluate("window.wasNeverReloaded = true")
    reader = open_page(thread, width=360, height=740)
    expect(reader.locator("#thread .post .label-waiting")).to_be_visible()

    # The interpreter works on a phone; both open pages change in place.
    interpreter = open_page("/zh-Hant/", width=360, height=740)
    sign_in(interpreter, "interpreter")
    interpret(interpreter, QUESTION, QUESTION_IN_CHINESE, "延長居留證")
    for page in (citizen, reader):
        first = page.locator("#thread .post").first
        expect(first.locator(".label-verified")).to_be_visible()
        expect(first.locator(".text[lang=zh-Hant]")).to_contain_text(QUESTION_IN_CHINESE)
    post.locator("summary", has_text=re.compile("See the original|看原文|原文")).click()
    expect(post.locator(".original[lang=km]")).to_contain_text(QUESTION)
    assert citizen.evaluate("window.wasNeverReloaded") is True

    # The answer is in the reader's page at once, and reaches the asker only when a person has translated it.
    citizen.locator("#composer textarea").fill(ANSWER)
    citizen.locator("#composer button.primary").click()
    expect(reader.locator("#thread .post", has_text=ANSWER)).to_have_count(1)
    expect(citizen.locator("#thread .post", has_text=ANSWER)).to_have_count(1)
    assert line.calls.to("push") == []
    interpret(interpreter, ANSWER, ANSWER_IN_KHMER, "")
    eventually(lambda: line.calls.to("push"), what="the answer is pushed")
    asker.wait_for(len(asker.messages), PATIENCE)
    eventually(
        lambda: any(ANSWER_IN_KHMER in text for message in asker.messages for text in message.texts),
        what="the asker reads the answer in Khmer",
    )
    assert [call.status for call in line.calls.to("push")] == [200]
    assert all(call.retry_key for call in line.calls.to("push"))
    assert line.state.violations == []

    # Unsent in LINE, gone from every open page.
    asker.unsend(question.message_id)
    for page in (citizen, reader):
        expect(page.locator("#thread .post", has_text=QUESTION_IN_CHINESE)).to_have_count(0)


@pytest.mark.usefixtures("people")
def test_a_guest_asks_from_a_small_phone_without_an_account(open_page: OpenPage) -> None:
    page = open_page("/", width=320, height=640, locale="vi-VN")
    assert page.url.endswith("/vi/")
    page.locator("main textarea").fill("Tôi muốn đăng ký học tiếng Trung ở đâu?")
    page.locator("main form button.primary").click()
    page.wait_for_url("**/vi/ask**")
    page.locator("input[name=category][value=learning-chinese]").check()
    page.locator("main form button.primary").click()
    page.wait_for_url("**/vi/q/*")
    expect(page.locator("#thread .post")).to_have_count(1)
    expect(page.locator("#thread .post .text")).to_have_attribute("lang", "vi")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing scrolls sideways"


@pytest.mark.usefixtures("people")
def test_without_javascript_a_question_is_asked_and_answered(open_page: OpenPage) -> None:
    page = open_page("/en/ask", java_script_enabled=False)
    page.locator("#field-body").fill("Where can I exchange my driving licence?")
    page.locator("input[name=category][value=driving]").check()
    page.locator("main form button.primary").click()
    page.wait_for_url("**/en/q/*")
    page.locator("#composer textarea").fill("I mean a licence from Thailand.")
    page.locator("#composer button.primary").click()
    page.wait_for_load_state()
    expect(page.locator("#thread .post")).to_have_count(2)


@pytest.mark.usefixtures("people")
def test_what_is_sent_without_a_network_appears_once_when_it_is_back(open_page: OpenPage, server: Server) -> None:
    thread = server.register("asker of the network").ask("Network", "Does it work without a network?")
    page = open_page("/zh-Hant/")
    sign_in(page, "citizen")
    page.goto(f"/en/q/{thread['id']}")
    page.wait_for_function("document.querySelector('#thread').dataset.after")
    page.context.set_offline(True)
    page.locator("#composer textarea").fill("Yes, later.")
    page.locator("#composer button.primary").click()
    expect(page.locator("#pending .post")).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator("#thread .post", has_text="Yes, later.")).to_have_count(1)
    expect(page.locator("#pending .post")).to_have_count(0)
    posts = server.api().read(thread["id"], "en")["posts"]["items"]
    assert [post["body"] for post in posts].count("Yes, later.") == 1
