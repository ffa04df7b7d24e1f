"""What one running Qiao consists of, below the edges: settings, database, clock, jobs, engines, keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.core.clock import Clock, utc_now
from app.core.crypto import Vault
from app.core.db import Database
from app.core.jobs import JobQueue
from app.core.loop import LoopThread
from app.core.outbox import Subscribers
from app.core.settings import Settings
from translation.engines.build import build_cache, build_demo_registry, build_registry
from translation.engines.cache import ModelCache
from translation.engines.registry import EngineRegistry
from translation.models import EngineSet
from translation.routing.cache import CachedTable


@dataclass(frozen=True)
class Runtime:
    """``settings`` carry the effective secret key. ``models`` are those that are loaded, ``vault`` keeps LINE
    identities."""

    settings: Settings
    db: Database
    clock: Clock
    jobs: JobQueue
    engines: Mapping[EngineSet, EngineRegistry]
    models: ModelCache
    vault: Vault

    @property
    def secret(self) -> str:
        return self.settings.secret_key.get_secret_value()

    @property
    def job_lease(self) -> timedelta:
        """How long claimed work is left to a worker that gives no sign of life."""
        return timedelta(seconds=self.settings.job_lease_seconds)


def create_runtime(settings: Settings, *, subscribers: Subscribers, clock: Clock = utc_now) -> Runtime:
    """Wire the parts; nothing is connected, started or loaded yet."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings = settings.with_secret()
    database = Database(settings.effective_database_url, session_info={"subscribers": subscribers})
    models = build_cache(settings)
    routing = CachedTable(database, clock=clock)
    return Runtime(
        settings=settings,
        db=database,
        clock=clock,
        jobs=JobQueue(settings.redis_url),
        engines={
            EngineSet.INSTALLED: build_registry(settings, models, routing=routing, run_beside=LoopThread().run_beside),
            EngineSet.DEMO: build_demo_registry(settings, models),
        },
        models=models,
        vault=Vault(settings.secret_key.get_secret_value(), "line"),
    )
