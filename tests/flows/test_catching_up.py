"""Someone is away for a while: what was missed comes in order and once, and what is sent twice is there once."""

from __future__ import annotations

import pytest

from tests.flows.conftest import OpenServer
from tests.flows.server import Api, Server, Told


@pytest.fixture(scope="module")
def server(open_server: OpenServer) -> Server:
    server = open_server()
    server.run()
    return server


@pytest.fixture(scope="module")
def asker(server: Server) -> Api:
    return server.register("asker", kind="resident", reads=("en",))


@pytest.fixture(scope="module")
def citizen(server: Server) -> Api:
    return server.register("citizen")


@pytest.fixture
def thread(asker: Api) -> Told:
    """A thread whose translations wait for a person, so that nothing more happens by itself."""
    made = asker.ask("Garbage", "When does the garbage truck come?")
    asker.wait_for_translation(made["posts"]["items"][0]["id"], "zh-Hant", "waiting")
    read: Told = asker.read(made["id"], "en")
    return read


def list_bodies(posts: list[Told]) -> list[tuple[int, str, str]]:
    return [(post["id"], post["state"], post["body"]) for post in posts]


def test_reader_gets_what_was_missed_in_order_and_once_when_back(server: Server, thread: Told, citizen: Api) -> None:
    thread_id = thread["id"]
    kept = citizen.answer(thread_id, "每天晚上七點。")
    edited = citizen.answer(thread_id, "在路口。")
    gone = citizen.answer(thread_id, "不知道。")
    with server.browse() as browser:
        seen = browser.join(thread_id, "zh-Hant")
        assert [post["body"] for post in seen["posts"][1:]] == ["每天晚上七點。", "在路口。", "不知道。"]
    late = citizen.answer(thread_id, "星期三沒有垃圾車。")
    citizen.call("PATCH", f"/posts/{edited['id']}", {"body": "在便利商店前面。"}).expect(200)
    citizen.call("DELETE", f"/posts/{gone['id']}").expect(204)
    # The worker adds changes of its own, until every translation waits for a person.
    for post_id in (kept["id"], edited["id"], late["id"]):
        citizen.wait_for_translation(post_id, "en", "waiting")
    with server.browse() as browser:
        missed = browser.join(thread_id, "zh-Hant", after=seen["change"])
        told_since = list(browser.told)
    by_http = citizen.read(thread_id, "zh-Hant", after=seen["change"])["posts"]["items"]
    changes = [post["change"] for post in missed["posts"]]
    assert changes == sorted(changes)
    assert min(changes) > seen["change"]
    assert len({post["id"] for post in missed["posts"]}) == len(missed["posts"])
    expected = {
        (edited["id"], "visible", "在便利商店前面。"),
        (gone["id"], "withdrawn", ""),
        (late["id"], "visible", "星期三沒有垃圾車。"),
    }
    assert expected <= set(list_bodies(missed["posts"]))
    assert list_bodies(by_http) == list_bodies(missed["posts"])
    assert [name for name, _ in told_since if name.startswith("post.")] == []
    with server.browse() as browser:
        assert browser.join(thread_id, "zh-Hant", after=missed["change"])["posts"] == []


def test_open_page_hears_every_post_once_in_order(server: Server, thread: Told, citizen: Api) -> None:
    texts = [f"第{number}句話。" for number in range(1, 6)]
    with server.browse() as browser:
        browser.join(thread["id"], "zh-Hant")
        for text in texts:
            citizen.answer(thread["id"], text)
        browser.hear("post.created", lambda told: told["post"]["body"] == texts[-1])
        assert [told["post"]["body"] for told in browser.list_told("post.created")] == texts


def test_same_key_stores_one_post(server: Server, thread: Told, citizen: Api) -> None:
    path, body = f"/threads/{thread['id']}/posts", {"body": "只有一次。"}
    first = citizen.post(path, body, key="once-by-api")
    again = citizen.post(path, body, key="once-by-api")
    assert (first.status, again.status) == (201, 200)
    assert first.body["id"] == again.body["id"]
    with server.browse(citizen) as browser:
        browser.join(thread["id"], "zh-Hant")
        acks = [
            browser.ask("post.create", thread_id=thread["id"], body="也只有一次。", key="once-by-socket")
            for _ in range(2)
        ]
    assert all(ack["ok"] for ack in acks)
    assert len({ack["post"]["id"] for ack in acks}) == 1
    # A page that lost its socket sends the same key again over HTTP.
    by_http = citizen.post(path, {"body": "也只有一次。"}, key="once-by-socket")
    assert (by_http.status, by_http.body["id"]) == (200, acks[0]["post"]["id"])
    bodies = [post["body"] for post in citizen.read(thread["id"], "zh-Hant")["posts"]["items"]]
    assert (bodies.count("只有一次。"), bodies.count("也只有一次。")) == (1, 1)


def test_same_key_stores_one_thread(asker: Api) -> None:
    question = {"category": "daily-life", "kind": "question", "title": "Once", "body": "Is this here once?"}
    first = asker.post("/threads", question, key="thread-once")
    again = asker.post("/threads", question, key="thread-once")
    assert (first.status, again.status) == (201, 200)
    assert first.body["id"] == again.body["id"]


def test_two_open_pages_agree_in_the_end(server: Server, thread: Told, citizen: Api, asker: Api) -> None:
    """One stays, one comes late; both know the same posts at the same changes."""
    with server.browse() as staying, server.browse() as late:
        staying.join(thread["id"], "zh-Hant")
        citizen.answer(thread["id"], "請問您住在哪裡？")
        made = asker.answer(thread["id"], "I live near the station.")
        asker.wait_for_translation(made["id"], "zh-Hant", "waiting")
        heard = staying.hear(
            "translation.updated",
            lambda told: told["post_id"] == made["id"] and told["translation"]["state"] == "waiting",
        )
        found = late.join(thread["id"], "zh-Hant")["posts"][-1]
    assert (found["id"], found["change"]) == (made["id"], heard["change"])
    assert found["translation"]["reason"] == heard["translation"]["reason"] == "no_engine"
