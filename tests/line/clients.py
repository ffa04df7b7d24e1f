"""A LINE client that only notes what it is asked to send, and keeps LINE's rules about tokens and retry keys."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bots.line.client import Message, Outcome, SendResult

_STATUS = {
    Outcome.ACCEPTED: 200,
    Outcome.UNCERTAIN: 0,
    Outcome.BUSY: 429,
    Outcome.QUOTA_SPENT: 429,
    Outcome.UNAUTHORIZED: 401,
    Outcome.REFUSED: 400,
}


@dataclass(frozen=True)
class Sent:
    """One message list that LINE accepted. ``to`` is a reply token or a user id."""

    endpoint: str
    to: str
    messages: tuple[Message, ...]


@dataclass
class RecordingLineClient:
    """``coming`` are outcomes of the next calls; with ``is_lost`` LINE accepts them and its answer is lost."""

    coming: deque[Outcome] = field(default_factory=deque)
    is_lost: bool = False
    language: str | None = None
    sent: list[Sent] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    unknown_users: set[str] = field(default_factory=set)
    _used_tokens: set[str] = field(default_factory=set)
    _accepted_keys: set[str] = field(default_factory=set)

    def reply(self, reply_token: str, messages: Sequence[Message]) -> SendResult:
        self.calls.append("reply")
        if (failed := self._fail()) is not None and not self.is_lost:
            return failed
        if reply_token in self._used_tokens:
            return _result(Outcome.REFUSED)
        self._used_tokens.add(reply_token)
        self.sent.append(Sent("reply", reply_token, tuple(messages)))
        return failed or _result(Outcome.ACCEPTED)

    def push(self, user_id: str, messages: Sequence[Message], *, retry_key: str) -> SendResult:
        self.calls.append("push")
        if (failed := self._fail()) is not None and not self.is_lost:
            return failed
        if retry_key in self._accepted_keys:
            return SendResult(Outcome.ACCEPTED, 409)
        if user_id in self.unknown_users:
            return _result(Outcome.REFUSED)
        self._accepted_keys.add(retry_key)
        self.sent.append(Sent("push", user_id, tuple(messages)))
        return failed or _result(Outcome.ACCEPTED)

    def leave_chat(self, chat_id: str) -> SendResult:
        self.calls.append("leave")
        if (failed := self._fail()) is not None:
            return failed
        self.left.append(chat_id)
        return _result(Outcome.ACCEPTED)

    def find_language(self, user_id: str) -> str | None:
        return self.language

    def _fail(self) -> SendResult | None:
        return _result(self.coming.popleft()) if self.coming else None


def _result(outcome: Outcome) -> SendResult:
    return SendResult(outcome, _STATUS[outcome])
