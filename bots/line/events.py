"""LINE's webhook events as values, read from raw JSON: tolerant of everything that LINE may add, change or leave out.

The SDK's own parser is not used here: it drops what it doesn't know (user ids and reply tokens included), and one event
of an unknown form makes it refuse the whole batch.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from bots.line.units import remove_spans

#: Every identifier that is stored or sent back: printable ASCII, bounded.
_OPAQUE: Final = re.compile(r"[\x21-\x7e]{1,255}")
_USER_ID: Final = re.compile(r"U[0-9a-f]{32}")
_CHAT_ID: Final = re.compile(r"[CR][0-9a-f]{32}")
#: The console's "Verify" button used to send sample events with such reply tokens.
_SAMPLE_TOKEN: Final = re.compile(r"0{32}|f{32}")
#: Milliseconds until the year 2100; what lies beyond is no time of an event.
_LATEST_MS: Final = 4_102_444_800_000
#: LINE allows 5,000 UTF-16 units; whatever comes is bounded before anything looks at it.
_TEXT_LENGTH: Final = 20_000


class EventKind(StrEnum):
    """What is handled; everything else is ``other``."""

    TEXT = "text"
    WORDLESS = "wordless"
    POSTBACK = "postback"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    UNSEND = "unsend"
    JOIN = "join"
    OTHER = "other"


class LineEvent(BaseModel):
    """One event of a webhook, as far as it is used. ``user_id`` is given for one-to-one chats only, ``chat_id`` for
    groups and rooms only.

    ``is_active`` is false while another service holds the chat: then nothing may be sent.
    """

    model_config = ConfigDict(frozen=True)

    event_id: str | None
    kind: EventKind
    event_at: datetime | None
    user_id: str | None = None
    chat_id: str | None = None
    message_id: str | None = None
    text: str = ""
    data: str = ""
    reply_token: str | None = None
    is_active: bool = True
    is_redelivery: bool = False

    @property
    def is_handled(self) -> bool:
        """Whether it is of any use here; all else is only counted."""
        if self.kind is EventKind.JOIN:
            return self.chat_id is not None
        if self.kind is EventKind.UNSEND:
            return self.user_id is not None and self.message_id is not None
        if self.kind is EventKind.UNFOLLOW:
            return self.user_id is not None
        return self.kind is not EventKind.OTHER and self.user_id is not None and self.is_active


def read_event(raw: object) -> LineEvent:
    """The event in any JSON value. Never raises; what can't be understood is of kind ``other``."""
    event = _as_object(raw)
    source, message = _as_object(event.get("source")), _as_object(event.get("message"))
    is_group = source.get("type") in ("group", "room")
    kind = _read_kind(event, message, is_group=is_group)
    token = _read_opaque(event.get("replyToken"))
    is_sample = token is not None and _SAMPLE_TOKEN.fullmatch(token) is not None
    unsent = _as_object(event.get("unsend")).get("messageId")
    return LineEvent(
        event_id=_read_opaque(event.get("webhookEventId")),
        kind=EventKind.OTHER if is_sample else kind,
        event_at=_read_time(event.get("timestamp")),
        user_id=None if is_group else _read_matching(_USER_ID, source.get("userId")),
        chat_id=_read_matching(_CHAT_ID, source.get("groupId") or source.get("roomId")) if is_group else None,
        message_id=_read_opaque(unsent if kind is EventKind.UNSEND else message.get("id")),
        text=_read_text(message) if kind is EventKind.TEXT else "",
        data=_read_opaque(_as_object(event.get("postback")).get("data")) or "",
        reply_token=token,
        is_active=event.get("mode") == "active",
        is_redelivery=_as_object(event.get("deliveryContext")).get("isRedelivery") is True,
    )


def _read_kind(event: dict[str, Any], message: dict[str, Any], *, is_group: bool) -> EventKind:
    kind = event.get("type")
    if is_group:
        # Of groups only the invitation matters: nothing that is said there is stored.
        return EventKind.JOIN if kind == "join" else EventKind.OTHER
    if kind == "message":
        return EventKind.TEXT if message.get("type") == "text" else EventKind.WORDLESS
    handled = (EventKind.POSTBACK, EventKind.FOLLOW, EventKind.UNFOLLOW, EventKind.UNSEND)
    return next((each for each in handled if each.value == kind), EventKind.OTHER)


def _read_text(message: dict[str, Any]) -> str:
    """The message's words. LINE's own emoji come as words, too ("(love)"), at offsets in UTF-16 units: they go."""
    return remove_spans(_as_text(message.get("text"))[:_TEXT_LENGTH], _list_emoji(message.get("emojis"))).strip()


def _list_emoji(emojis: object) -> Iterator[tuple[int, int]]:
    for emoji in map(_as_object, emojis if isinstance(emojis, list) else ()):
        index, length = emoji.get("index"), emoji.get("length")
        if type(index) is int and type(length) is int and 0 <= index <= _TEXT_LENGTH and 0 < length <= _TEXT_LENGTH:
            yield index, length


def _read_time(milliseconds: object) -> datetime | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    if not 0 <= milliseconds <= _LATEST_MS:
        return None
    return datetime.fromtimestamp(math.floor(milliseconds) / 1000, UTC)


def _read_opaque(value: object) -> str | None:
    return _read_matching(_OPAQUE, value)


def _read_matching(pattern: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _as_object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else ""
