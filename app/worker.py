"""The worker: which jobs there are, and the loop that tells open browsers what has happened.

``qiao run`` runs all of it in the web process, ``qiao worker`` alone. With Redis the worker reaches browsers through
the web processes' message queue; without, it polls the database, and so does the web process for what the worker wrote.
"""

from __future__ import annotations

import threading

import structlog

from app.core.offload import run_off_loop
from app.core.outbox import Dispatcher, Lane
from app.forum.context import load_context
from app.forum.service.locks import lock_threads_of_texts
from app.notifications.waiting import plan_waiting_notices
from app.runtime import Runtime
from app.subscribers import Edges, build_live_handlers, build_work_handlers
from bots.line.inbound import run_inbox
from bots.line.outbound import run_deliveries
from translation.glossary.regate import run_regates
from translation.models import EngineSet
from translation.previews.service import forget_old
from translation.previews.tasks import run_previews
from translation.service.again import list_left_pairs, request_left
from translation.service.budgets import Limits
from translation.tasks import run_translations

log = structlog.get_logger(__name__)

#: How long after a commit of another process its events are found at the latest, without and with Redis.
SWEEP_SECONDS = 0.5
SWEEP_SECONDS_WITH_REDIS = 5.0
LIVE_POLL_SECONDS = 0.3
#: How long after a change of the glossary the shown machine texts are checked again, at most.
REGATE_SECONDS = 10
#: How long after an engine has come texts that there was none for are tried, at most, and how many of a pair at a time.
LEFT_SECONDS = 30
LEFT_AT_ONCE = 256


def register_jobs(runtime: Runtime, edges: Edges) -> None:
    """Declare every job. They take no arguments and look into the database for what is due."""
    handlers = build_work_handlers(runtime)
    work = Dispatcher(runtime.db, Lane.WORK, handlers, clock=runtime.clock, lease=runtime.job_lease)
    jobs = runtime.jobs
    jobs.register("outbox.work", work.drain)
    jobs.register("translation.run", lambda: translate_pending(runtime))
    jobs.register("translation.preview", lambda: make_pending_previews(runtime))
    jobs.register("preview.forget", lambda: _forget_previews(runtime), every_seconds=600)
    jobs.register("translation.left", lambda: translate_what_was_left(runtime), every_seconds=LEFT_SECONDS)
    jobs.register("translation.regate", lambda: check_again(runtime), every_seconds=REGATE_SECONDS)
    jobs.register("notifications.wait", lambda: _plan_waiting_notices(runtime), every_seconds=60)
    if edges.line is not None:
        line = edges.line
        jobs.register("line.inbox", lambda: run_inbox(runtime, line))
        jobs.register("line.deliver", lambda: run_deliveries(runtime, line))


def _plan_waiting_notices(runtime: Runtime) -> None:
    """Tell askers, once, that an answer is there and waits for a person."""
    with runtime.db.transaction() as session:
        plan_waiting_notices(session, now=runtime.clock())


def _forget_previews(runtime: Runtime) -> None:
    """Delete the previews whose hour is over."""
    with runtime.db.transaction() as session:
        forget_old(session, now=runtime.clock())


def translate_pending(runtime: Runtime) -> int:
    """Run every pending translation that is due; how many were taken."""
    return run_translations(
        runtime.db,
        runtime.engines,
        clock=runtime.clock,
        lease=runtime.job_lease,
        off_loop=run_off_loop,
        lock=lock_threads_of_texts,
        limits=Limits(
            per_hour=runtime.settings.machine_characters_per_hour,
            per_owner_hour=runtime.settings.machine_characters_per_author_hour,
        ),
        load_context=load_context,
    )


def make_pending_previews(runtime: Runtime) -> int:
    """Make every preview that somebody waits for; how many were taken."""
    return run_previews(
        runtime.db, runtime.engines, clock=runtime.clock, lease=runtime.job_lease, off_loop=run_off_loop
    )


def translate_what_was_left(runtime: Runtime) -> int:
    """Try the texts that there was no engine for where there is one now: installed since, or back again."""
    registry = runtime.engines[EngineSet.INSTALLED]
    with runtime.db.reading() as session:
        pairs = list_left_pairs(session)
    count = 0
    for source, target in run_off_loop(lambda: [pair for pair in pairs if registry.is_available(*pair)]):
        with runtime.db.transaction() as session:
            count += len(request_left(session, source=source, target=target, now=runtime.clock(), limit=LEFT_AT_ONCE))
    return count


def check_again(runtime: Runtime) -> int:
    """Check shown machine texts against terms of the glossary that have changed; how many were looked at."""
    return run_regates(runtime.db, clock=runtime.clock, lock=lock_threads_of_texts)


def start_worker(runtime: Runtime) -> None:
    """Start the workers in this process."""
    runtime.db.after_commit(lambda: runtime.jobs.enqueue("outbox.work"))
    seconds = SWEEP_SECONDS_WITH_REDIS if runtime.jobs.is_shared else SWEEP_SECONDS
    runtime.jobs.start(sweep_seconds=seconds)


class LiveLoop:
    """Hands the live lane of the outbox to the sockets, right after a commit of this process and every now and then."""

    def __init__(self, runtime: Runtime, edges: Edges) -> None:
        handlers = build_live_handlers(edges)
        self._dispatcher = Dispatcher(runtime.db, Lane.LIVE, handlers, clock=runtime.clock, lease=runtime.job_lease)
        self._wanted = threading.Event()
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="live")
        runtime.db.after_commit(self._wanted.set)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_stopped = True
        self._wanted.set()
        self._thread.join(timeout=5)

    def drain(self) -> int:
        """Handle what is there, here and now (tests)."""
        return self._dispatcher.drain()

    def _run(self) -> None:
        while not self._is_stopped:
            self._wanted.wait(LIVE_POLL_SECONDS)
            self._wanted.clear()
            try:
                self._dispatcher.drain()
            except Exception:
                # The database may be gone for a while; the rows wait.
                log.exception("live.failed")
                threading.Event().wait(1)
