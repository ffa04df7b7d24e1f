"""The chat page in a real browser, on the smallest phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from simulators.line.actor import LineUser
from simulators.line.simulator import LineSimulator
from tests.simulators.line.support import Listener, bubble, flex, post, postback, quick, text

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium")

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]


@pytest.fixture
def page(simulator: LineSimulator) -> Iterator[Any]:
    with simulator.serve() as url, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 640})
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        yield page
        assert complaints == []
        browser.close()


def test_every_button_sends_its_own_action(
    simulator: LineSimulator, friend: LineUser, listener: Listener, page: Any
) -> None:
    """Blocks and keys in an order other than the one they are drawn in."""
    tappable = {"contents": [{"type": "button", "action": postback("In", "in")}], "action": postback("Box", "box")}
    card: dict[str, Any] = {
        "type": "bubble",
        "footer": {
            "type": "box",
            "layout": "vertical",
            "contents": [{"type": "button", "action": postback("Foot", "foot")}],
        },
        "body": {"type": "box", "layout": "vertical", **tappable},
        "action": postback("Card", "card"),
    }
    other = bubble({"type": "button", "action": postback("Second", "second")})
    carousel = flex({"type": "carousel", "contents": [card, other]})
    post(simulator, "/v2/bot/message/push", {"to": friend.user_id, "messages": [carousel]})
    page.get_by_role("button", name="friend").click()
    for label in ("Foot", "In", "Box", "Card", "Second"):
        with page.expect_response("**/tap"):
            page.get_by_role("button", name=label, exact=True).click()
    assert [event["postback"]["data"] for event in listener.events[1:]] == ["foot", "in", "box", "card", "second"]


def test_chat_goes_both_ways_and_text_stays_text(
    simulator: LineSimulator, friend: LineUser, listener: Listener, page: Any
) -> None:
    page.get_by_role("button", name="friend").click()
    page.get_by_label("Message").fill("<b>ក្រុង</b>")
    page.keyboard.press("Enter")
    page.locator("#chat .bubble", has_text="<b>ក្រុង</b>").wait_for()
    answer = text(
        "<img src=x onerror=alert(1)> " + "長" * 200, quickReply=quick(*[postback(f"Button {n}") for n in range(13)])
    )
    post(simulator, "/v2/bot/message/push", {"to": friend.user_id, "messages": [answer]})
    page.locator("#quick button").nth(12).wait_for()
    assert page.locator("#chat img, #chat b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("button", name="Unsend").click()
    page.get_by_text("Message unsent").wait_for()
    page.get_by_role("button", name="Block").click()
    page.get_by_role("button", name="Add friend").click()
    page.get_by_role("button", name="Block").wait_for()
    assert [event["type"] for event in listener.events] == ["follow", "message", "unsend", "unfollow", "follow"]
