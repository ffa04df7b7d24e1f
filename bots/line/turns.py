"""What the bot does in answer to one event, beyond the database: a value, stored until it is done."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Turn(BaseModel):
    """Messages of one reply (at most five). Where the reply token is gone, only what ``must_arrive`` costs a push.
    ``leave_chat`` is a group to leave afterwards."""

    model_config = ConfigDict(frozen=True)

    messages: tuple[dict[str, Any], ...] = ()
    must_arrive: bool = False
    leave_chat: str | None = None

    @property
    def is_silent(self) -> bool:
        return not self.messages and self.leave_chat is None


SILENCE = Turn()
