"""The chat page: its calls, and that it serves nobody but a person on this machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import simulators.line.page as page_module
from simulators.line.actor import LineUser
from simulators.line.simulator import LineSimulator
from tests.simulators.line.support import Listener, buttons, post, postback, quick, text


@pytest.fixture
def browser(simulator: LineSimulator) -> FlaskClient:
    return simulator.app.test_client()


def push(simulator: LineSimulator, user: LineUser, *messages: object) -> None:
    assert post(simulator, "/v2/bot/message/push", {"to": user.user_id, "messages": list(messages)})[0] == 200


def test_page_and_its_files_are_served(browser: FlaskClient) -> None:
    index = browser.get("/", buffered=True)
    assert index.status_code == 200
    paths = re.findall(r'(?:src|href)="(/[^"]+)"', index.get_data(as_text=True))
    assert [browser.get(path, buffered=True).status_code for path in paths] == [200, 200]
    assert "default-src 'self'" in index.headers["Content-Security-Policy"]


def test_page_never_turns_text_into_markup() -> None:
    script = (Path(page_module.__file__).parent / "static" / "page.js").read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", script)


def test_person_can_create_a_user_follow_write_and_take_back(browser: FlaskClient, listener: Listener) -> None:
    user = browser.post("/page/users", json={"name": "ภาษาไทย", "language": "th"}).get_json()
    url = f"/page/users/{user['userId']}"
    assert browser.post(f"{url}/follow", json={}).get_json() == {"failure": ""}
    assert browser.post(f"{url}/say", json={"text": "สวัสดี"}).get_json() == {"failure": ""}
    chat = browser.get(url).get_json()
    assert (chat["friend"], chat["last"]) == (True, "สวัสดี")
    browser.post(f"{url}/unsend", json={"messageId": chat["entries"][0]["messageId"]})
    assert browser.get(url).get_json()["entries"][0]["payload"] == {}
    browser.post(f"{url}/block", json={})
    assert [event["type"] for event in listener.events] == ["follow", "message", "unsend", "unfollow"]


def test_person_can_tap_quick_replies_and_old_buttons(
    simulator: LineSimulator, friend: LineUser, browser: FlaskClient, listener: Listener
) -> None:
    push(simulator, friend, buttons(actions=[postback("B", "b")]), text(quickReply=quick(postback("Q", "q"))))
    url = f"/page/users/{friend.user_id}"
    old, last = (entry["messageId"] for entry in browser.get(url).get_json()["entries"])
    browser.post(f"{url}/tap", json={"messageId": last, "quick": True, "index": 0})
    browser.post(f"{url}/tap", json={"messageId": old, "quick": False, "index": 0})
    assert [event["postback"]["data"] for event in listener.events[-2:]] == ["q", "b"]
    assert browser.post(f"{url}/tap", json={"messageId": old, "index": 7}).get_json()["failure"]


def test_person_sees_when_the_bot_did_not_take_it(friend: LineUser, browser: FlaskClient, listener: Listener) -> None:
    listener.status = 500
    answer = browser.post(f"/page/users/{friend.user_id}/say", json={"text": "hello"})
    assert answer.get_json() == {"failure": "HTTP 500"}


def test_what_was_not_delivered_is_not_shown(simulator: LineSimulator, friend: LineUser, browser: FlaskClient) -> None:
    friend.block()
    push(simulator, friend, text())
    assert browser.get(f"/page/users/{friend.user_id}").get_json()["entries"] == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.test"}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Host": "127.0.0.1:8009", "Origin": "http://127.0.0.1:8009"}, 200),
        ({"Host": "127.0.0.1:8009", "Origin": "http://127.0.0.1:8000"}, 403),
    ],
)
def test_page_refuses_other_sites(browser: FlaskClient, headers: dict[str, str], status: int) -> None:
    assert browser.post("/page/users", json={"name": "a"}, headers=headers).status_code == status


@pytest.mark.parametrize("body", [[], {}, "name", {"name": ""}, {"name": 3}])
def test_user_is_not_created_from_nothing(browser: FlaskClient, body: object) -> None:
    assert browser.post("/page/users", json=body).status_code == 400


def test_form_of_another_site_is_refused(browser: FlaskClient, friend: LineUser) -> None:
    assert browser.post(f"/page/users/{friend.user_id}/block", data={"a": "b"}).status_code == 415


def test_unknown_user_is_not_found(browser: FlaskClient) -> None:
    assert browser.get("/page/users/nobody").status_code == 404
