"""What the bot remembers between two events of a person: texts that wait for a choice, what the next one answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

#: Two taps on one button within this time are one.
_DOUBLE_TAP: Final = timedelta(seconds=10)
#: "Write your reply now" holds for so long.
REPLY_WINDOW: Final = timedelta(hours=1)


class Step(StrEnum):
    """What the waiting texts wait for: the language, or whether they belong to the open question."""

    LANGUAGE = "language"
    PLACE = "place"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Part(_Value):
    """One message of the person; a question may come in several."""

    message_key: str
    text: str


class Conversation(_Value):
    """Where a person's chat stands. Stored encrypted: it holds what she wrote."""

    parts: tuple[Part, ...] = ()
    step: Step | None = None
    reply_to_post_id: int | None = None
    reply_until: datetime | None = None
    last_tap: str = ""
    last_tap_at: datetime | None = None

    @property
    def text(self) -> str:
        """Everything that waits, in the order it came."""
        return "\n".join(part.text for part in self.parts)

    def wait_for(self, step: Step, parts: tuple[Part, ...]) -> Conversation:
        return self.model_copy(update={"step": step, "parts": parts})

    def settle(self) -> Conversation:
        """Nothing waits any more."""
        return Conversation(last_tap=self.last_tap, last_tap_at=self.last_tap_at)

    def without_message(self, message_key: str) -> Conversation:
        parts = tuple(part for part in self.parts if part.message_key != message_key)
        return self.model_copy(update={"parts": parts, "step": self.step if parts else None})

    def start_reply(self, post_id: int, *, now: datetime) -> Conversation:
        return self.model_copy(update={"reply_to_post_id": post_id, "reply_until": now + REPLY_WINDOW})

    def find_reply_target(self, at: datetime) -> int | None:
        """The post that a text written at this time answers."""
        if self.reply_until is None or at > self.reply_until:
            return None
        return self.reply_to_post_id

    def note_tap(self, data: str, at: datetime) -> Conversation:
        return self.model_copy(update={"last_tap": data, "last_tap_at": at})

    def is_double_tap(self, data: str, at: datetime) -> bool:
        return data == self.last_tap and self.last_tap_at is not None and abs(at - self.last_tap_at) < _DOUBLE_TAP
