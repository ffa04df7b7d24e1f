"""PostgreSQL or Redis is out of reach for some seconds: people are told so or notice nothing, what was accepted stays,
and everything comes back by itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy.engine import make_url

from tests.conftest import REDIS_URL
from tests.flows.conftest import OpenServer
from tests.flows.proxy import Proxy
from tests.flows.server import Answer, Server, Told, eventually

OUTAGE = 4.0


@pytest.fixture
def postgresql_wire(empty_postgresql_url: str) -> Iterator[Proxy]:
    url = make_url(empty_postgresql_url)
    with Proxy((url.host or "127.0.0.1", url.port or 5432)) as proxy:
        yield proxy


@pytest.fixture
def server_on_postgresql(
    open_server: OpenServer, empty_postgresql_url: str, postgresql_wire: Proxy
) -> Iterator[Server]:
    through_proxy = make_url(empty_postgresql_url).set(host="127.0.0.1", port=postgresql_wire.port)
    server = open_server(QIAO_DATABASE_URL=through_proxy.render_as_string(hide_password=False))
    server.run()
    yield server
    server.close()


@pytest.fixture
def redis_wire() -> Iterator[Proxy]:
    """Skips where no server is reachable, never in CI."""
    with Redis.from_url(REDIS_URL, socket_connect_timeout=3) as redis:
        try:
            redis.ping()
        except RedisConnectionError:
            if os.environ.get("CI"):
                raise
            pytest.skip("no Redis: set QIAO_TEST_REDIS_URL")
        place = redis.connection_pool.connection_kwargs
    with Proxy((place.get("host", "127.0.0.1"), place.get("port", 6379))) as proxy:
        yield proxy


@pytest.fixture
def server_with_redis(open_server: OpenServer, redis_wire: Proxy) -> Iterator[Server]:
    through_proxy = make_url(REDIS_URL).set(host="127.0.0.1", port=redis_wire.port)
    server = open_server(QIAO_REDIS_URL=through_proxy.render_as_string(hide_password=False))
    server.run()
    yield server
    server.close()


class Writer:
    """Somebody who writes into a thread, and notes what was accepted."""

    def __init__(self, server: Server) -> None:
        self.api = server.register("writer", kind="resident", reads=("en",))
        self.thread_id: int = self.api.ask("Outage", "Does it hold?")["id"]
        self.accepted: dict[str, int] = {}

    def write(self, text: str) -> Answer:
        answer = self.api.post(f"/threads/{self.thread_id}/posts", {"body": text}, key=text)
        if answer.status in (200, 201):
            self.accepted[text] = answer.body["id"]
        return answer

    def write_for(self, seconds: float) -> list[Answer]:
        answers: list[Answer] = []
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            answers.append(self.write(f"during {len(answers)}"))
        return answers

    def write_again(self, text: str) -> None:
        """Until it is accepted."""
        eventually(lambda: self.write(text).status in (200, 201), what="posts are accepted again")

    def list_stored(self) -> dict[str, int]:
        """Every post but the question."""
        stored: dict[str, int] = {}
        after: int | None = 0
        while after is not None:
            posts = self.api.read(self.thread_id, "en", after=after)["posts"]
            stored.update({post["body"]: post["id"] for post in posts["items"]})
            after = posts["next"]
        del stored["Does it hold?"]
        return stored


def says(text: str) -> Callable[[Told], bool]:
    return lambda told: bool(told["post"]["body"] == text)


def require_unavailable(answer: Answer) -> None:
    assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.body["code"] == "unavailable"
    assert answer.body["title"]
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.postgresql
def test_posts_are_refused_clearly_while_postgresql_is_gone(
    server_on_postgresql: Server, postgresql_wire: Proxy
) -> None:
    server, writer = server_on_postgresql, Writer(server_on_postgresql)
    with server.browse(writer.api) as page:
        page.join(writer.thread_id, "en")
        assert writer.write("before").status == 201
        postgresql_wire.cut()
        during = writer.write_for(OUTAGE)
        reading = writer.api.get(f"/threads/{writer.thread_id}", language="en")
        ready, alive = server.api().get("/readyz"), server.api().get("/healthz")
        ack = page.ask("post.create", thread_id=writer.thread_id, body="by socket", key="by socket")
        postgresql_wire.restore()
        for answer in (*during, reading):
            require_unavailable(answer)
        assert (ready.status, ready.body["dependencies"]["database"]) == (503, "unavailable")
        assert alive.status == 200
        assert (ack["ok"], ack["code"]) == (False, "unavailable")
        # The open page and the jobs go on by themselves.
        writer.write_again("after")
        page.hear("post.created", says("after"))
    writer.api.wait_for_translation(writer.accepted["after"], "zh-Hant", "waiting")
    eventually(lambda: server.api().get("/readyz").status == 200, what="the server is ready")
    assert writer.list_stored() == writer.accepted


@pytest.mark.redis
def test_people_go_on_writing_while_redis_is_gone(server_with_redis: Server, redis_wire: Proxy) -> None:
    server, writer = server_with_redis, Writer(server_with_redis)
    with server.browse(writer.api) as page:
        page.join(writer.thread_id, "en")
        assert writer.write("before").status == 201
        page.hear("post.created", says("before"))
        redis_wire.cut()
        during = writer.write_for(OUTAGE)
        ready = server.api().get("/readyz")
        redis_wire.restore()
        assert {answer.status for answer in during} == {201}
        assert (ready.status, ready.body["dependencies"]["redis"]) == (503, "unavailable")
        writer.write_again("after")
        page.hear("post.created", says("after"))
    eventually(lambda: server.api().get("/readyz").status == 200, what="the server is ready")
    for post_id in writer.accepted.values():
        writer.api.wait_for_translation(post_id, "zh-Hant", "waiting")
    assert writer.list_stored() == writer.accepted
