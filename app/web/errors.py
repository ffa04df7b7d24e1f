"""From errors to answers: one table of statuses, problem+json (RFC 9457) for programs, a page for people.

An unknown exception is a bug: it is logged with the request's id, and the caller gets that id and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from flask import Flask, Response, g, render_template, request
from jinja2 import TemplateNotFound
from werkzeug.exceptions import HTTPException

from app.contract import schemas
from app.contract.render import render_checks
from app.core.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    QiaoError,
    TooManyRequestsError,
    UnavailableError,
)
from app.interpreting.errors import LeaseHeldError, TaskClosedError
from app.web.i18n import get_locale
from app.web.messages import error_text
from translation.service.verification import CandidateChangedError, ChecksFailedError

log = structlog.get_logger(__name__)

PROBLEM_TYPE: Final = "application/problem+json"
#: Seconds until a caller should try again when a dependency is gone.
RETRY_AFTER_OUTAGE: Final = 5

_STATUSES: Final[tuple[tuple[type[QiaoError], int], ...]] = (
    (InvalidInputError, 422),
    (ChecksFailedError, 422),
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (NotAuthenticatedError, 401),
    (ConflictError, 409),
    (TooManyRequestsError, 429),
    (UnavailableError, 503),
)

#: Fields of a problem that only some errors have; each is in the data of the error under the same name.
_EXTRA_FIELDS: Final[tuple[tuple[type[QiaoError], tuple[str, ...]], ...]] = (
    (ChecksFailedError, ("part",)),
    (CandidateChangedError, ("mine", "theirs", "source")),
    (TaskClosedError, ("mine", "theirs", "source", "task_id")),
    (LeaseHeldError, ("holder", "expires_at")),
)

#: Codes for what the HTTP layer itself refuses.
_HTTP_CODES: Final[Mapping[int, str]] = {
    400: "request.malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "request.too_large",
    415: "request.not_json",
    429: "too_many_requests",
}


class CsrfError(ForbiddenError):
    """A cookie came without the proof that our own page sent the request."""

    code = "csrf"


@dataclass(frozen=True)
class Failure:
    """What an error means over HTTP. ``extra`` are fields that only some codes have."""

    status: int
    code: str
    reason: str | None = None
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def to_failure(error: Exception) -> Failure:
    """Total: whatever the error is, there is an answer."""
    if isinstance(error, QiaoError):
        status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 400)
        return Failure(
            status=status,
            code=error.code,
            reason=error.data.get("reason"),
            errors=tuple(getattr(error, "errors", ())),
            headers=_headers_of(error),
            extra=_extra_of(error),
        )
    if isinstance(error, HTTPException) and error.code is not None:
        allowed = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
        return Failure(status=error.code, code=_HTTP_CODES.get(error.code, f"http.{error.code}"), headers=allowed)
    return Failure(status=500, code="internal")


def _headers_of(error: QiaoError) -> dict[str, str]:
    if isinstance(error, TooManyRequestsError):
        return {"Retry-After": str(max(1, math.ceil(error.data.get("retry_after_seconds", 60))))}
    if isinstance(error, UnavailableError):
        return {"Retry-After": str(RETRY_AFTER_OUTAGE)}
    if isinstance(error, NotAuthenticatedError):
        return {"WWW-Authenticate": "Bearer"}
    return {}


def _extra_of(error: QiaoError) -> dict[str, Any]:
    """What the caller needs to go on: the other text, the holder, the failed checks."""
    names = next((names for kind, names in _EXTRA_FIELDS if isinstance(error, kind)), ())
    extra = {name: error.data[name] for name in names if name in error.data}
    if isinstance(error, ChecksFailedError):
        extra["checks"] = render_checks(error.data["findings"], get_locale())
    return extra


def render_problem(failure: Failure) -> Response:
    problem = schemas.Problem(
        type="about:blank",
        title=error_text(failure.reason or "", failure.code),
        status=failure.status,
        code=failure.code,
        reason=failure.reason,
        errors=[schemas.FieldProblem(field=item.field, code=item.code) for item in failure.errors],
        request_id=g.get("request_id", ""),
        **failure.extra,
    )
    body = problem.model_dump_json(exclude_unset=True)
    return Response(body, failure.status, failure.headers, content_type=PROBLEM_TYPE)


def respond_to_error(error: Exception) -> Response:
    """The answer to any error, in the form that the caller can read."""
    failure = to_failure(error)
    if failure.status >= 500:
        # No message: messages of database drivers quote the values, which are people's texts.
        log.error("request.failed", code=failure.code, error=type(error).__name__, exc_info=_safe_trace(error))
    if not _wants_page():
        return render_problem(failure)
    title = error_text(failure.reason or "", failure.code)
    try:
        page = render_template(
            "error.html", status=failure.status, code=failure.code, title=title, request_id=g.get("request_id", "")
        )
    except TemplateNotFound:
        return Response(title, failure.status, failure.headers, content_type="text/plain; charset=utf-8")
    return Response(page, failure.status, failure.headers, content_type="text/html; charset=utf-8")


def _safe_trace(error: Exception) -> tuple[type[BaseException], BaseException, Any] | None:
    """Where a bug is, without its message."""
    if isinstance(error, QiaoError | HTTPException):
        return None
    return RuntimeError, RuntimeError(type(error).__name__), error.__traceback__


def _wants_page() -> bool:
    if request.path.startswith(("/api/", "/line/", "/socket.io/")):
        return False
    accepted = request.accept_mimetypes
    return bool(accepted["text/html"] >= accepted["application/json"])


def init_errors(app: Flask) -> None:
    """Answer every error of every page and of the API by the one table."""
    for kind in (QiaoError, HTTPException, Exception):
        app.register_error_handler(kind, respond_to_error)
