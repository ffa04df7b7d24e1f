"""``qiao run`` and ``qiao worker``."""

from __future__ import annotations

import signal
import threading

import click
import structlog
from gevent.pywsgi import WSGIServer

from app.commands.common import fail, load_runtime, tell
from app.factory import create_app, create_edges
from app.worker import LiveLoop, register_jobs, start_worker
from translation.models import EngineSet

log = structlog.get_logger(__name__)


class _ErrorLog:
    """pywsgi writes its own errors (broken requests, tracebacks) as text; they go to the log."""

    def write(self, text: str) -> None:
        if text.strip():
            log.warning("server.error", text=text.strip()[:500])

    def flush(self) -> None:
        """Nothing is kept back."""


@click.command()
@click.option("--host", help="Address to listen on.  [default: QIAO_HOST]")
@click.option("--port", type=int, help="Port to listen on.  [default: QIAO_PORT]")
@click.option("--no-worker", is_flag=True, help="Serve only; jobs are run by `qiao worker`.")
def run(host: str | None, port: int | None, no_worker: bool) -> None:
    """Serve the site, with the worker in the same process."""
    runtime = load_runtime(host=host, port=port)
    settings = runtime.settings
    app = create_app(runtime)
    edges = create_edges(runtime, socketio=app.extensions["socketio"])
    live = LiveLoop(runtime, edges)
    if not no_worker:
        register_jobs(runtime, edges)
        start_worker(runtime)
    live.start()
    server = WSGIServer((settings.host, settings.port), app, log=None, error_log=_ErrorLog())
    try:
        server.start()
    except OSError as error:
        fail(f"Can't listen on {settings.host}:{settings.port}: {error.strerror}. Try --port or QIAO_PORT.")
    tell(f"Qiao 橋 is open: {settings.effective_base_url}")
    if not runtime.engines[EngineSet.INSTALLED].list_pairs():
        tell("No translation engine is installed: people are asked instead. Install one: qiao models install PACKAGE")
    _wait_for_signal()
    tell("Closing …")
    server.stop(timeout=3)
    live.stop()
    runtime.jobs.stop()


@click.command()
def worker() -> None:
    """Run the jobs alone: translations, deliveries, LINE."""
    runtime = load_runtime()
    edges = create_edges(runtime, socketio=None)
    live = LiveLoop(runtime, edges) if runtime.jobs.is_shared else None
    register_jobs(runtime, edges)
    start_worker(runtime)
    if live is not None:
        live.start()
    tell("The worker is at work.")
    _wait_for_signal()
    tell("Closing …")
    if live is not None:
        live.stop()
    runtime.jobs.stop()


def _wait_for_signal() -> None:
    """Until SIGTERM or Ctrl-C."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
