"""What every request leaves behind: an id that goes through all its logs, one access line, and two metrics.

Neither has query strings, addresses or texts; the path is the route's template, so no ids either.
"""

from __future__ import annotations

import re
import time
from typing import Final
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

log = structlog.get_logger("access")

REQUEST_ID: Final = "X-Request-Id"
_SANE_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_BUCKETS: Final = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5.0, 10.0)


class RequestMetrics:
    """Counts and durations by method, route template and status."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("method", "route", "status")
        self._count = Counter("qiao_http_requests", "Requests answered.", labels, registry=registry)
        self._seconds = Histogram(
            "qiao_http_request_seconds", "Server time of a request.", labels[:2], registry=registry, buckets=_BUCKETS
        )

    def observe(self, *, method: str, route: str, status: int, seconds: float) -> None:
        self._count.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)


def name_route() -> str:
    """The template of the route; one name for all addresses that don't exist."""
    return str(request.url_rule) if request.url_rule is not None else "unknown"


def init_observing(app: Flask, registry: CollectorRegistry) -> None:
    """Give every request its id, and note how it went."""
    metrics = RequestMetrics(registry)

    def begin() -> None:
        given = request.headers.get(REQUEST_ID, "")
        g.request_id = given if _SANE_ID.fullmatch(given) else uuid4().hex
        g.started = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    def finish(response: Response) -> Response:
        response.headers[REQUEST_ID] = g.get("request_id", "")
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        method, route, status = request.method, name_route(), response.status_code
        metrics.observe(method=method, route=route, status=status, seconds=seconds)
        log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
        return response

    def release(_error: BaseException | None) -> None:
        structlog.contextvars.unbind_contextvars("request_id")

    # First in, so that whatever refuses a request later has an id to refuse it with.
    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    # After-request functions run last in, first out: this one sees the final answer.
    app.after_request_funcs.setdefault(None, []).insert(0, finish)
    app.teardown_request(release)
