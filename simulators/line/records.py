"""The rows of the simulator's state: what LINE would keep in its own databases."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from simulators.line.problems import Json


class Friendship(StrEnum):
    """How a user stands to the bot's account."""

    NEVER = "never"
    FRIEND = "friend"
    BLOCKED = "blocked"
    DELETED = "deleted"


class Via(StrEnum):
    """How an entry came into a chat."""

    USER = "user"
    REPLY = "reply"
    PUSH = "push"
    MULTICAST = "multicast"


@dataclass
class Entry:
    """One line of a chat. `payload` is the message object, or for a tap that shows text `{"type": "displayText", …}`.

    `delivered` is false for what was accepted and never shown, as to a user who blocked the account.
    """

    message_id: str
    at: float
    via: Via
    payload: Json
    delivered: bool = True
    unsent: bool = False
    quote_token: str | None = None
    request_id: str | None = None

    @property
    def outgoing(self) -> bool:
        """True for what the bot sent."""
        return self.via is not Via.USER


@dataclass
class User:
    """A LINE user as this channel may know them. `language` is None without consent to LINE's privacy policy."""

    user_id: str
    display_name: str
    language: str | None = None
    friendship: Friendship = Friendship.NEVER
    last_inbound: float | None = None
    loading_until: float = 0.0
    standby: bool = False
    entries: list[Entry] = field(default_factory=list)


@dataclass
class ReplyToken:
    """A token that answers one event, once. `delivered_at` moves with every redelivery of the event."""

    token: str
    user_id: str
    event_at: float
    delivered_at: float
    used: bool = False


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A request accepted under a retry key. `digest` is that of its body's bytes."""

    at: float
    request_id: str
    digest: str
    sent: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class RequestMeta:
    """What goes with a request beside its JSON."""

    request_id: str
    digest: str = ""
    retry_key: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A file a user sent. Before `ready_at` LINE is still preparing it."""

    mimetype: str
    data: bytes
    ready_at: float


@dataclass(frozen=True, slots=True)
class LinkToken:
    """A token that links a LINE user with an account, for ten minutes."""

    user_id: str
    expires_at: float
