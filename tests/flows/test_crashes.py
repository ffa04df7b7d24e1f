"""Processes are killed in the middle of their work, as a power cut does it: nothing is lost and nothing is doubled."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select

from app.core.db import Database
from app.core.outbox import OutboxRow
from tests.flows.conftest import OpenServer
from tests.flows.server import Api, Server, eventually
from tests.models.packages import install_tiny_models
from translation.models import Candidate, Translation, TranslationState, WaitReason
from translation.results import OriginKind

#: Each with its own numbers, so that memory can't answer; long enough that a batch takes a while.
SENTENCES = (
    "Con tôi {n} tuổi, cháu có cần đi cùng không?",
    "Tháng trước tôi làm thêm {n} giờ.",
    "Tôi sống ở Đài Loan {n} năm.",
    "Thẻ cư trú của tôi hết hạn sau {n} ngày nữa.",
)
POSTS = 20
FINAL = (TranslationState.MACHINE, TranslationState.WAITING)


@pytest.fixture
def server(open_server: OpenServer, database_settings: dict[str, str]) -> Iterator[Server]:
    server = open_server(QIAO_JOB_LEASE_SECONDS="2", **database_settings)
    yield server
    server.close()


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """The server's database, for a look at what its processes left behind."""
    url = server.settings.get("QIAO_DATABASE_URL", f"sqlite:///{server.folder / 'qiao.sqlite3'}")
    database = Database(url)
    yield database
    database.dispose()


def count_claimed(database: Database) -> int:
    """Translations that a worker has taken and not finished."""
    taken = select(func.count()).where(Translation.state == TranslationState.PENDING, Translation.attempts > 0)
    with database.reading() as session:
        return session.scalar(taken) or 0


def is_done(database: Database) -> bool:
    """Nothing is left to do, events included."""
    with database.reading() as session:
        pending = session.scalar(select(func.count()).where(Translation.state.not_in(FINAL)))
        return not pending and not session.scalar(select(func.count()).select_from(OutboxRow))


def test_worker_killed_in_a_batch_loses_and_doubles_nothing(server: Server, database: Database) -> None:
    install_tiny_models(server.folder / "models", ["vi-en", "en-zt", "en-vi", "zt-en"])
    server.run(has_worker=False)
    asker = server.register("asker", kind="resident", reads=("vi",))
    reader = server.register("reader", reads=("en",))
    thread = asker.ask("Xin chào", "Xin chào mọi người.")
    thread_id, first_id = thread["id"], thread["posts"]["items"][0]["id"]
    assert reader.put(f"/threads/{thread_id}/follow", {}).status == 204
    for number in range(POSTS):
        asker.answer(thread_id, "\n".join(text.format(n=number + 10 * row) for row, text in enumerate(SENTENCES)))
    for _ in range(5):
        worker = server.work()
        eventually(lambda: count_claimed(database) > 0, what="the worker is in a batch")
        worker.kill()
        if count_claimed(database) > 0:
            break
    assert count_claimed(database) > 0
    server.work()
    eventually(lambda: is_done(database), what="everything is translated")
    with database.reading() as session:
        translations = session.scalars(select(Translation)).all()
        candidates = session.scalars(select(Candidate)).all()
    # The posts into Chinese and English; the question and its title, older than their reader, into Chinese.
    assert len(translations) == 2 * POSTS + 2
    by_translation = {row.id: [each for each in candidates if each.translation_id == row.id] for row in translations}
    for made in by_translation.values():
        machine = [each.source_digest for each in made if each.origin is OriginKind.MACHINE]
        assert len(machine) == len(set(machine)) == 1
        assert [each.is_active for each in made] == [True]
    # The small model gets a number wrong now and then, and the gate holds that; nothing else keeps a text back.
    assert {row.reason for row in translations} <= {None, WaitReason.HELD}
    posts = reader.read(thread_id, "en", after=0)["posts"]["items"]
    states = [post["translation"]["state"] for post in posts if post["id"] != first_id]
    assert len(states) == POSTS
    assert "machine" in states


@dataclass
class Writer:
    """Somebody who writes and writes, and notes what was accepted. Every text has its own key."""

    api: Api
    thread_id: int
    name: str
    accepted: dict[str, int] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)

    def write_until_cut_off(self) -> None:
        while True:
            key = f"{self.name}-{len(self.tried)}"
            self.tried.append(key)
            try:
                answer = self.send(key)
            except (OSError, http.client.HTTPException):
                return
            self.accepted[key] = answer

    def send(self, key: str) -> int:
        post_id: int = self.api.answer(self.thread_id, f"Text number {key}.", key=key)["id"]
        return post_id


def test_everything_accepted_is_there_when_the_server_was_killed(server: Server) -> None:
    process = server.run()
    people = [server.register(f"writer {number}", reads=("en",)) for number in range(3)]
    thread_id = people[0].ask("Crash", "Does it hold?")["id"]
    writers = [Writer(api, thread_id, f"w{number}") for number, api in enumerate(people)]
    with ThreadPoolExecutor(len(writers)) as pool:
        running = [pool.submit(writer.write_until_cut_off) for writer in writers]
        eventually(lambda: sum(len(writer.accepted) for writer in writers) >= 20, what="twenty posts are accepted")
        process.kill()
        for each in running:
            each.result()
    server.run()
    for writer in writers:
        # Who got no answer sends the same key again, and it doesn't matter whether the first one had arrived.
        unanswered = writer.tried[-1]
        writer.accepted[unanswered] = writer.send(unanswered)
        assert [writer.send(key) for key in writer.tried[:2]] == [writer.accepted[key] for key in writer.tried[:2]]
    expected = {post_id: f"Text number {key}." for writer in writers for key, post_id in writer.accepted.items()}
    stored, after = {}, 0
    while after is not None:
        posts = people[0].read(thread_id, "en", after=after)["posts"]
        stored.update({post["id"]: post["body"] for post in posts["items"]})
        after = posts["next"]
    del stored[min(stored)]
    assert stored == expected
