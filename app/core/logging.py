"""Structured logs to standard error: a fixed event name and fields, never texts of users or personal data."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import Final

import structlog
from structlog.typing import ExcInfo, Processor

from app.core.native import make_native_rlock

#: PostgreSQL quotes the row that it refuses.
_DETAIL: Final = re.compile(r"^DETAIL:.*$", re.MULTILINE)

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def format_safely(exc_info: ExcInfo) -> str:
    """A traceback without what a database quotes of somebody's row."""
    return _DETAIL.sub("DETAIL: (left out)", "".join(traceback.format_exception(*exc_info))).rstrip()


def configure_logging(*, log_format: str, level: str) -> None:
    """Send structlog's and the standard library's records through one formatter (``console`` or ``json``)."""
    # Tracebacks are formatted here for both: the prettier ones show locals, which carry users' texts.
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(format_safely),
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.lock = make_native_rlock()  # native threads log too, and would never get out of gevent's
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("engineio", "socketio", "dramatiq", "urllib3", "alembic", "linebot", "argostranslate", "limits"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
