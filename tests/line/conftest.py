"""The bot between a simulated LINE and the product's own services; jobs are run by hand, and the clock stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.service import create_account
from app.core.actor import AccountKind, Actor
from app.core.crypto import Vault
from app.core.db import Database
from app.core.jobs import JobQueue
from app.core.outbox import Dispatcher, Lane, Subscribers
from app.core.settings import Settings
from app.forum.service.posts import NewPost, create_post
from app.interpreting.queries import build_actor
from app.interpreting.service import claim_next, set_pairs, submit_task
from app.runtime import Runtime
from app.subscribers import build_work_handlers
from app.worker import translate_pending
from bots.line.client import LineClient, SdkLineClient
from bots.line.inbound import run_inbox
from bots.line.models import InboxState, LineIdentity, LineInbox
from bots.line.outbound import run_deliveries
from bots.line.webhook import init_line_webhook
from simulators.line.actor import LineUser
from simulators.line.sender import wsgi_transport
from simulators.line.simulator import LineSimulator
from tests.conftest import TickingClock
from tests.line.clients import RecordingLineClient
from translation.engines.cache import ModelCache
from translation.engines.registry import EngineRegistry
from translation.languages import LanguageTag
from translation.models import EngineSet

SECRET = "simulated-channel-secret"
KHMER = "តើខ្ញុំត្រូវបន្តប័ណ្ណស្នាក់នៅនៅឯណា?"


def make_line_clock(clock: TickingClock) -> Callable[[], float]:
    """LINE's own clock: a millisecond further at every look, so that no two events have the same time."""
    looks = count()
    return lambda: clock().timestamp() + next(looks) / 1000


@dataclass
class World:
    """A Qiao without translation engines, and everybody in it."""

    runtime: Runtime
    simulator: LineSimulator
    client: LineClient
    clock: TickingClock
    app: Flask

    def run_inbox(self) -> None:
        run_inbox(self.runtime, self.client)

    def settle(self) -> None:
        """Run every job until nothing is due."""
        work = Dispatcher(self.runtime.db, Lane.WORK, build_work_handlers(self.runtime), clock=self.clock)
        for _ in range(3):
            self.run_inbox()
            work.drain()
            translate_pending(self.runtime)
            work.drain()
            run_deliveries(self.runtime, self.client)

    def list_inbox(self) -> list[LineInbox]:
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(LineInbox).order_by(LineInbox.event_at)))

    def list_states(self) -> set[InboxState]:
        return {row.state for row in self.list_inbox()}

    def get_identity(self, user: LineUser) -> LineIdentity:
        key = self.runtime.vault.look_up_key(user.user_id)
        with self.runtime.db.reading() as session:
            return session.scalars(select(LineIdentity).where(LineIdentity.user_key == key)).one()

    def get_account(self, user: LineUser) -> Account:
        identity = self.get_identity(user)
        with self.runtime.db.reading() as session:
            return session.get_one(Account, identity.account_id)

    def answer(self, actor: Actor, thread_id: int, body: str) -> int:
        """An answer on the web; its post's id."""
        with self.runtime.db.transaction() as session:
            new = NewPost(body=body)
            created = create_post(session, actor=actor, thread_id=thread_id, new=new, key=None, now=self.clock())
        return created.post_id

    def interpret(self, actor: Actor, text: str, *, source: LanguageTag, target: LanguageTag) -> None:
        """Take the next task of the pair and vouch for a text."""
        with self.runtime.db.transaction() as session:
            task_id = claim_next(session, actor=actor, source=source, target=target, now=self.clock())
            assert task_id is not None, "there is something to interpret"
            submit_task(
                session,
                actor=actor,
                task_id=task_id,
                text=text,
                title_text=None,
                base_candidate_id=None,
                accept_warnings=True,
                now=self.clock(),
            )

    def make_actor(
        self, name: str, *pairs: tuple[LanguageTag, LanguageTag], language: LanguageTag = LanguageTag.ZH_HANT
    ) -> Actor:
        """A citizen, with pairs an interpreter."""
        with self.runtime.db.transaction() as session:
            account = create_account(
                session,
                display_name=name,
                password_hash="unused",
                kind=AccountKind.CITIZEN,
                locale=language,
                reading_languages=[language],
                now=self.clock(),
            )
            if pairs:
                account.roles = ["interpreter"]
                set_pairs(session, account_id=account.id, pairs=pairs, now=self.clock())
            return build_actor(session, account)


def make_runtime(db: Database, clock: TickingClock, *, api_base: str = "", has_line: bool = True) -> Runtime:
    settings = Settings(
        base_url="https://qiao.example",
        secret_key=SecretStr("s" * 40),
        line_channel_secret=SecretStr(SECRET if has_line else ""),
        line_channel_access_token=SecretStr("simulated-access-token" if has_line else ""),
        line_api_base=api_base,
    )
    return Runtime(
        settings=settings,
        db=db,
        clock=clock,
        jobs=JobQueue(),
        engines={each: EngineRegistry([]) for each in EngineSet},
        models=ModelCache(0),
        vault=Vault("s" * 40, "line"),
    )


def make_app(runtime: Runtime) -> Flask:
    app = Flask("line-tests")
    app.extensions["qiao"] = runtime
    init_line_webhook(app)
    return app


def make_world(db: Database, clock: TickingClock, api_base: str, client: LineClient, sim: LineSimulator) -> World:
    runtime = make_runtime(db, clock, api_base=api_base)
    app = make_app(runtime)
    sim.connect(wsgi_transport(app))
    runtime.jobs.register("line.inbox", lambda: None)
    runtime.jobs.register("line.deliver", lambda: None)
    runtime.jobs.register("translation.run", lambda: None)
    return World(runtime=runtime, simulator=sim, client=client, clock=clock, app=app)


@pytest.fixture
def world(sqlite_url: str, subscribers: Subscribers, clock: TickingClock) -> Iterator[World]:
    """With the real SDK, over loopback. What depends on the database is tested ``offline``, on both systems."""
    db = Database(sqlite_url, session_info={"subscribers": subscribers})
    simulator = LineSimulator(secret=SECRET, clock=make_line_clock(clock))
    with simulator.serve() as api_base:
        client = SdkLineClient(access_token="simulated-access-token", api_base=api_base)
        yield make_world(db, clock, api_base, client, simulator)
    db.dispose()


@pytest.fixture
def recorder() -> RecordingLineClient:
    return RecordingLineClient()


@pytest.fixture
def offline(db: Database, clock: TickingClock, recorder: RecordingLineClient) -> World:
    """With a client that only notes; the simulator sends the webhooks."""
    simulator = LineSimulator(secret=SECRET, clock=make_line_clock(clock))
    return make_world(db, clock, "", recorder, simulator)


@pytest.fixture
def user(world: World) -> LineUser:
    return world.simulator.user("sokha")


@pytest.fixture
def caller(offline: World) -> LineUser:
    """A person whose bot sends nothing over a network."""
    return offline.simulator.user("sokha")
