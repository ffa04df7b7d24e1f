"""The running program, for code that serves a request."""

from __future__ import annotations

from typing import cast

from flask import current_app

from app.runtime import Runtime

EXTENSION = "qiao"


def get_runtime() -> Runtime:
    """What ``create_app`` put there: settings, database, clock, jobs and engines."""
    return cast(Runtime, current_app.extensions[EXTENSION])
