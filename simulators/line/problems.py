"""What is wrong with a request, in the form LINE reports it, and the refusal that carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
"""A JSON object. Its values are whatever the other side sent."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of `details`: a message and the place in the request, such as `messages[0].text`."""

    message: str
    property: str


class RefusedError(Exception):
    """An answer other than 2xx. `sent_messages` is only given on the 409 of a push."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        details: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
        sent_messages: Sequence[Json] | None = None,
    ) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.details = tuple(details)
        self.headers = dict(headers or {})
        self.sent_messages = sent_messages

    def body(self) -> Json:
        """The answer's JSON; empty properties are left out, as LINE leaves them out."""
        body: Json = {"message": self.message}
        if self.details:
            body["details"] = [{"message": each.message, "property": each.property} for each in self.details]
        if self.sent_messages is not None:
            body["sentMessages"] = list(self.sent_messages)
        return body


def refuse_if_any(problems: Sequence[Problem]) -> None:
    """Raise the 400 that lists the problems, if there are any."""
    if problems:
        raise RefusedError(400, f"The request body has {len(problems)} error(s)", details=problems)
