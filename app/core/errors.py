"""Errors of the domain: a stable dotted code and data, no text for people and no web.

Each edge has one table that maps the classes below to its own kind of answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldError:
    """One wrong field of an input: its dotted path and a stable code."""

    field: str
    code: str


class QiaoError(Exception):
    """Base of everything that is the caller's or the situation's fault, not a bug."""

    code: ClassVar[str] = "error"

    def __init__(self, **data: Any) -> None:
        super().__init__(self.code)
        self.data = data


class InvalidInputError(QiaoError):
    """The input can never be accepted as it is. Give ``field=`` or ``errors=``."""

    code = "input.invalid"

    @property
    def errors(self) -> tuple[FieldError, ...]:
        given = self.data.get("errors")
        if given is not None:
            return tuple(given)
        field = self.data.get("field")
        return (FieldError(field=field, code=self.code),) if field else ()


class NotFoundError(QiaoError):
    """It isn't there, or the caller may not know that it is."""

    code = "not_found"


class ForbiddenError(QiaoError):
    """The caller is known and may not do this. ``reason`` is a dotted code."""

    code = "forbidden"


class NotAuthenticatedError(QiaoError):
    """Nobody is signed in, or the token is wrong, expired or revoked."""

    code = "not_authenticated"


class ConflictError(QiaoError):
    """The state of the thing has moved on since the caller looked."""

    code = "conflict"


class TooManyRequestsError(QiaoError):
    """A limit was reached; ``retry_after_seconds`` says when to come back."""

    code = "too_many_requests"


class UnavailableError(QiaoError):
    """A dependency is out of reach for now; nothing was stored."""

    code = "unavailable"
