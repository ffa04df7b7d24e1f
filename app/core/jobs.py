"""Jobs on Dramatiq: Redis where it is configured, otherwise an in-memory broker with workers in this process.

The in-memory broker forgets and Redis may be gone: nothing rests on a message. Every job is "look into the database
for what is due, and do it", takes no arguments, may run twice, and is asked for again by the sweep.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from uuid import uuid4

import dramatiq
import structlog
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, Middleware

log = structlog.get_logger(__name__)

Job = Callable[[], object]

#: A message older than this says nothing that the sweep hasn't said again.
_MAX_AGE_MS = 60_000


class JobQueue:
    """Named jobs without arguments, and the workers that run them."""

    def __init__(self, redis_url: str = "") -> None:
        middleware: list[Middleware] = [AgeLimit(max_age=_MAX_AGE_MS)]
        self.is_shared = bool(redis_url)
        self._broker: dramatiq.Broker = (
            RedisBroker(url=redis_url, middleware=middleware)  # type: ignore[no-untyped-call]
            if redis_url
            else StubBroker(middleware=middleware)
        )
        self._actors: dict[str, dramatiq.Actor[[], object]] = {}
        self._waiting: set[str] = set()
        self._every: dict[str, float] = {}
        self._worker: dramatiq.Worker | None = None
        self._sweep: threading.Thread | None = None
        self._stopped = threading.Event()

    def register(self, name: str, job: Job, *, every_seconds: float = 0) -> None:
        """Make ``job`` known under a name of the form ``package.verb``. The sweep asks for it at most that often."""
        self._every[name] = every_seconds

        def run() -> None:
            # Taken off before it runs: whatever is recorded from here on asks for another run.
            self._waiting.discard(name)
            with structlog.contextvars.bound_contextvars(job=name, job_id=uuid4().hex[:12]):
                try:
                    job()
                except Exception:
                    # The work is still due in the database; the sweep asks again.
                    log.exception("job.failed")

        declare = dramatiq.actor(actor_name=name, queue_name=name.split(".")[0], broker=self._broker)
        self._actors[name] = declare(run)

    def enqueue(self, name: str) -> None:
        """Ask for a run soon. Never fails: a lost message only means waiting for the sweep."""
        if not self.is_shared:
            if name in self._waiting:
                return
            self._waiting.add(name)
        try:
            self._actors[name].send()
        except Exception as error:
            log.warning("job.not_enqueued", job=name, error=type(error).__name__)

    def run_now(self, name: str) -> None:
        """Run the job here and now (tests, commands)."""
        self._actors[name].fn()

    def start(self, *, threads: int = 4, sweep_seconds: float) -> None:
        """Start workers and the sweep, which asks for every job again and again."""
        self._worker = dramatiq.Worker(self._broker, worker_threads=threads, worker_timeout=100)
        self._worker.start()
        self._sweep = threading.Thread(target=self._run_sweep, args=(sweep_seconds,), daemon=True, name="sweep")
        self._sweep.start()

    def _run_sweep(self, seconds: float) -> None:
        due = dict.fromkeys(self._actors, 0.0)
        while True:
            for name in list(self._actors):
                if time.monotonic() >= due.get(name, 0.0):
                    due[name] = time.monotonic() + self._every[name]
                    self.enqueue(name)
            if self._stopped.wait(seconds):
                return

    def stop(self) -> None:
        self._stopped.set()
        if self._worker is not None:
            self._worker.stop(timeout=5_000)
        self._broker.close()
