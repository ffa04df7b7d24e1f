"""Is it alive, is it ready, how is it doing: for load balancers, orchestrators and Prometheus."""

from __future__ import annotations

import json
from typing import Final

import structlog
from apiflask import APIBlueprint
from flask import Flask, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select, text

from app.core.errors import UnavailableError
from app.core.outbox import OutboxRow
from app.runtime import Runtime
from app.web.observing import init_observing
from app.web.runtime import get_runtime
from translation.models import EngineSet, Translation

log = structlog.get_logger(__name__)

READY: Final = "ready"
UNAVAILABLE: Final = "unavailable"
NOT_INSTALLED: Final = "not_installed"

_REGISTRY: Final = "qiao_metrics"
_TEXT: Final = {"text/plain": {"schema": {"type": "string"}}}
_READINESS: Final = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["status", "dependencies"],
            "properties": {
                "status": {"enum": [READY, UNAVAILABLE]},
                "dependencies": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
    }
}

blueprint = APIBlueprint("health", __name__, tag="Operation")


@blueprint.get("/healthz")
@blueprint.doc(responses={200: {"description": "The process answers.", "content": _TEXT}})
def show_health() -> Response:
    """Whether the process answers at all"""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
@blueprint.doc(
    responses={
        200: {"description": "Everything that is needed is there.", "content": _READINESS},
        503: {"description": "Something that is needed is not there.", "content": _READINESS},
    }
)
def show_readiness() -> Response:
    """Whether each dependency can be reached

    A missing engine is no reason to be taken out of service: people translate where no machine does.
    """
    runtime = get_runtime()
    dependencies = {"database": _check_database(runtime), "engines": _check_engines(runtime)}
    if runtime.settings.redis_url:
        dependencies["redis"] = check_redis(runtime.settings.redis_url)
    is_ready = UNAVAILABLE not in dependencies.values()
    body = {"status": READY if is_ready else UNAVAILABLE, "dependencies": dependencies}
    return Response(json.dumps(body), 200 if is_ready else 503, content_type="application/json")


@blueprint.get("/metrics")
@blueprint.doc(responses={200: {"description": "Prometheus text format.", "content": _TEXT}})
def show_metrics() -> Response:
    """Metrics of this process, and the backlog of the installation"""
    registry: CollectorRegistry = current_app.extensions[_REGISTRY]
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _check_database(runtime: Runtime) -> str:
    try:
        with runtime.db.reading() as session:
            session.execute(text("SELECT 1"))
    except UnavailableError:
        return UNAVAILABLE
    return READY


def check_redis(url: str) -> str:
    client = Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    try:
        client.ping()
    except RedisError:
        return UNAVAILABLE
    finally:
        client.close()
    return READY


def _check_engines(runtime: Runtime) -> str:
    return READY if runtime.engines[EngineSet.INSTALLED].list_pairs() else NOT_INSTALLED


class _Backlog:
    """Rows that wait for workers, counted when somebody looks; -1 while the database is away."""

    def __init__(self, runtime: Runtime, registry: CollectorRegistry) -> None:
        self._runtime = runtime
        outbox = Gauge("qiao_outbox_rows", "Events that wait for their subscribers.", registry=registry)
        pending = Gauge("qiao_translations_pending", "Translations that wait for a worker.", registry=registry)
        outbox.set_function(lambda: self._count(select(func.count()).select_from(OutboxRow)))
        pending.set_function(
            lambda: self._count(
                # The very words of the partial index, so that it is counted from there.
                select(func.count()).select_from(Translation).where(text("state = 'pending'"))
            )
        )

    def _count(self, statement: object) -> float:
        try:
            with self._runtime.db.reading() as session:
                return float(session.scalar(statement) or 0)  # type: ignore[call-overload]
        except UnavailableError:
            return -1.0


def init_health(app: Flask) -> None:
    """Probes, metrics, and an id and an access line for every request."""
    registry = CollectorRegistry()
    app.extensions[_REGISTRY] = registry
    _Backlog(app.extensions["qiao"], registry)
    init_observing(app, registry)
    app.register_blueprint(blueprint)
