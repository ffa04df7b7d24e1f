"""From errors to acknowledgements: the one table of this edge."""

from __future__ import annotations

import math
from typing import Any

import structlog

from app.core.errors import QiaoError, TooManyRequestsError

log = structlog.get_logger(__name__)


def to_ack(error: Exception) -> dict[str, Any]:
    """``{ok: false, code, errors}``; a bug is logged without its message, which may quote people's texts."""
    if not isinstance(error, QiaoError):
        trace = (RuntimeError, RuntimeError(type(error).__name__), error.__traceback__)
        log.error("socket.failed", error=type(error).__name__, exc_info=trace)
        return {"ok": False, "code": "internal", "errors": []}
    ack: dict[str, Any] = {
        "ok": False,
        "code": error.code,
        "errors": [{"field": item.field, "code": item.code} for item in getattr(error, "errors", ())],
    }
    if "reason" in error.data:
        ack["reason"] = error.data["reason"]
    if isinstance(error, TooManyRequestsError):
        ack["retry_after"] = max(1, math.ceil(error.data.get("retry_after_seconds", 1)))
    return ack
