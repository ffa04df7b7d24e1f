"""Calls to LINE. The protocol and its results know nothing of the SDK; only the adapter below does.

What became of a call is judged by its HTTP status alone: the SDK raises over accepted messages whose answer it can't
parse, and LINE may change the words of its errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

import structlog
from urllib3.exceptions import HTTPError

from app.core.settings import Settings

log = structlog.get_logger(__name__)

#: A message object as LINE's reference describes it.
Message = Mapping[str, Any]

#: Seconds to connect and to wait for an answer. The SDK would wait for ever; a lease must outlast both.
_TIMEOUT: Final = (3, 10)


class Outcome(StrEnum):
    """``accepted``: LINE has it. ``uncertain``: it may have it. ``busy``: not now. ``quota_spent``: not this month.
    ``unauthorized``: nothing will be accepted before somebody sets a valid token. ``refused``: never, as it is."""

    ACCEPTED = "accepted"
    UNCERTAIN = "uncertain"
    BUSY = "busy"
    QUOTA_SPENT = "quota_spent"
    UNAUTHORIZED = "unauthorized"
    REFUSED = "refused"


@dataclass(frozen=True)
class SendResult:
    """What became of a call. ``status`` is 0 where no answer came; ``request_id`` is LINE's, for its support."""

    outcome: Outcome
    status: int
    request_id: str = ""

    @property
    def is_accepted(self) -> bool:
        return self.outcome is Outcome.ACCEPTED


class LineClient(Protocol):
    """The part of the Messaging API that the bot uses. Blocks; never call it with a transaction open. Never raises for
    what LINE answers or fails to answer."""

    def reply(self, reply_token: str, messages: Sequence[Message]) -> SendResult:
        """Answer an event, once, for free. LINE forgets a token after a minute, and has no retry key here."""

    def push(self, user_id: str, messages: Sequence[Message], *, retry_key: str) -> SendResult:
        """Send at any time, for a part of the month's quota. The same key needs the same messages; a key that LINE
        has accepted before counts as accepted."""

    def leave_chat(self, chat_id: str) -> SendResult:
        """Leave a group or a room."""

    def find_language(self, user_id: str) -> str | None:
        """The language tag of the user's own LINE, or None where it isn't known, or not told."""


class SdkLineClient:
    """LINE's own SDK behind the protocol. One for a process: thread-safe, keeps its connections.

    The SDK is loaded with the first client: it takes 60 MB and a second or two, which nobody without LINE should pay.
    """

    def __init__(self, *, access_token: str, api_base: str = "") -> None:
        from linebot.v3 import messaging

        self._sdk = messaging
        configuration = messaging.Configuration(access_token=access_token, host=api_base or None)
        # One attempt a call: whoever calls knows better what may be repeated.
        configuration.retries = False
        self._api = messaging.MessagingApi(messaging.ApiClient(configuration))

    def reply(self, reply_token: str, messages: Sequence[Message]) -> SendResult:
        request = self._sdk.ReplyMessageRequest.from_dict({"replyToken": reply_token, "messages": [*messages]})
        return self._call("reply", self._api.reply_message_with_http_info, request)

    def push(self, user_id: str, messages: Sequence[Message], *, retry_key: str) -> SendResult:
        request = self._sdk.PushMessageRequest.from_dict({"to": user_id, "messages": [*messages]})
        result = self._call("push", self._api.push_message_with_http_info, request, x_line_retry_key=retry_key)
        if result.outcome is Outcome.BUSY and self._is_quota_spent():
            return SendResult(Outcome.QUOTA_SPENT, result.status, result.request_id)
        return result

    def leave_chat(self, chat_id: str) -> SendResult:
        # A group's id begins with C, a room's with R.
        is_group = chat_id.startswith("C")
        leave = self._api.leave_group_with_http_info if is_group else self._api.leave_room_with_http_info
        return self._call("leave", leave, chat_id)

    def find_language(self, user_id: str) -> str | None:
        profile = self._ask(self._api.get_profile_with_http_info, user_id)
        language = profile.get("language")
        return language if isinstance(language, str) else None

    def _is_quota_spent(self) -> bool:
        """Two kinds of 429 look alike: only the first of them passes by itself."""
        limit = self._ask(self._api.get_message_quota_with_http_info).get("value")
        used = self._ask(self._api.get_message_quota_consumption_with_http_info).get("totalUsage")
        return isinstance(limit, int) and isinstance(used, int) and used >= limit

    def _call(self, name: str, method: Callable[..., Any], *arguments: object, **headers: str) -> SendResult:
        try:
            response = method(*arguments, **headers, _request_timeout=_TIMEOUT, _preload_content=False)
            status, request_id = int(response.status_code), _read_request_id(response.headers)
        except self._sdk.ApiException as error:
            status, request_id = int(error.status or 0), _read_request_id(error.headers)
        except HTTPError:
            status, request_id = 0, ""
        result = SendResult(_judge(status), status, request_id)
        level = log.info if result.is_accepted else log.warning
        level("line.called", endpoint=name, status=status, request_id=request_id)
        return result

    def _ask(self, method: Callable[..., Any], *arguments: object) -> dict[str, Any]:
        """The JSON object that a read gives; empty where it gives none."""
        try:
            response = method(*arguments, _request_timeout=_TIMEOUT, _preload_content=False)
            answer = json.loads(response.raw_data)
        except (self._sdk.ApiException, HTTPError, ValueError):
            return {}
        return answer if isinstance(answer, dict) else {}


def make_line_client(settings: Settings) -> SdkLineClient:
    """The client of the configured channel."""
    return SdkLineClient(
        access_token=settings.line_channel_access_token.get_secret_value(), api_base=settings.line_api_base
    )


def _judge(status: int) -> Outcome:
    """What a status means for one message. 409: the retry key was accepted before, so the message is there."""
    if 200 <= status < 300 or status == 409:
        return Outcome.ACCEPTED
    if status == 429:
        return Outcome.BUSY
    if status == 401:
        return Outcome.UNAUTHORIZED
    return Outcome.REFUSED if 300 <= status < 500 else Outcome.UNCERTAIN


def _read_request_id(headers: Mapping[str, str] | None) -> str:
    return str((headers or {}).get("x-line-request-id", ""))[:64]
