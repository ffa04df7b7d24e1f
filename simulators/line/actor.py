"""A person with LINE on their phone: follows, writes, taps, takes back, blocks; and reads what arrives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulators.line.events import make_event
from simulators.line.ids import user_id_for
from simulators.line.problems import Json
from simulators.line.records import Content, Entry, Friendship, User
from simulators.line.sender import Delivery

if TYPE_CHECKING:
    from simulators.line.simulator import LineSimulator


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it stands in the user's chat. `payload` is the message object the bot sent."""

    message_id: str
    via: str
    payload: Json
    quote_token: str | None = None

    @property
    def text(self) -> str:
        """The text, or what stands for it in notifications (`altText`)."""
        return str(self.payload.get("text") or self.payload.get("altText") or "")

    @property
    def texts(self) -> list[str]:
        """Every text a reader sees in it, top to bottom, button labels included."""
        return list(_texts(self.payload.get("contents", self.payload)))

    @property
    def buttons(self) -> list[Json]:
        """The actions of its buttons, without those of its quick replies."""
        return list(_actions({key: value for key, value in self.payload.items() if key != "quickReply"}))

    @property
    def quick_replies(self) -> list[Json]:
        """The actions of its quick replies, whether or not they still show."""
        return [item["action"] for item in self.payload.get("quickReply", {}).get("items", ())]


@dataclass(frozen=True, slots=True)
class Tap:
    """What a tap did: sent an event (`delivery`), or stayed on the phone, like opening a link."""

    action: Json
    delivery: Delivery | None = None

    @property
    def uri(self) -> str | None:
        """The link that was opened."""
        uri = self.action.get("uri")
        return None if uri is None else str(uri)


class LineUser:
    """One user of the simulated channel.

    Every doing posts its webhook at once and returns the `Delivery`. `compose` and `compose_unsend` only make the
    event, for batches and disorder.
    """

    def __init__(
        self,
        simulator: LineSimulator,
        user_id: str | None = None,
        *,
        name: str = "user",
        language: str | None = None,
    ) -> None:
        self._simulator = simulator
        self._state = simulator.state
        self.user_id = user_id or user_id_for(name)
        if self.user_id not in self._state.users:
            self._state.add_user(User(self.user_id, name, language))

    @property
    def user(self) -> User:
        """The platform's record of this user."""
        return self._state.users[self.user_id]

    # --- doing ---

    def follow(self) -> Delivery:
        """Add the account as a friend, or unblock it."""
        returning = self.user.friendship is Friendship.BLOCKED
        self._befriend(Friendship.FRIEND)
        return self._post("follow", follow={"isUnblocked": returning})

    def block(self) -> Delivery:
        """Block the account: it hears `unfollow`, and nothing it pushes arrives any more."""
        self._befriend(Friendship.BLOCKED)
        return self._post("unfollow")

    def delete_account(self) -> None:
        """Leave LINE. The platform tells nobody."""
        self._befriend(Friendship.DELETED)

    def say(self, text: str, **options: Any) -> Delivery:
        """Send a text message; the options are those of `compose`."""
        return self._simulator.deliver(self.compose(text, **options))

    def compose(self, text: str, *, quoting: str | None = None, emojis: Sequence[tuple[int, int]] = ()) -> Json:
        """A text message that stands in the chat and whose event is still to be delivered.

        `emojis` are the (index, length) of LINE emojis in the text, in UTF-16 code units.
        """
        more: Json = {}
        if quoting is not None:
            more["quotedMessageId"] = quoting
        if emojis:
            known = {"productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}
            more["emojis"] = [{"index": index, "length": length, **known} for index, length in emojis]
        return self._message({"type": "text", "text": text, **more})

    def sticker(self) -> Delivery:
        """Send a sticker."""
        sticker = {"packageId": "446", "stickerId": "1988", "stickerResourceType": "STATIC", "keywords": ["hello"]}
        return self._simulator.deliver(self._message({"type": "sticker", **sticker}))

    def send_file(self, kind: str, data: bytes, mimetype: str, *, preparing_s: float = 0.0) -> Delivery:
        """Send an `image`, `video`, `audio` or `file`; LINE may prepare it for some seconds first."""
        more: Json = {"contentProvider": {"type": "line"}}
        if kind == "file":
            more = {"fileName": "file", "fileSize": len(data)}
        elif kind in {"video", "audio"}:
            more["duration"] = 1000
        event = self._message({"type": kind, **more})
        content = Content(mimetype, data, self._state.clock() + preparing_s)
        self._state.contents[event["message"]["id"]] = content
        return self._simulator.deliver(event)

    def send_unknown(self, *, message_type: str | None = None) -> Delivery:
        """Send what no documentation knows yet: an event of a new type, or a message of a new type."""
        if message_type is not None:
            return self._simulator.deliver(self._message({"type": message_type}))
        return self._post("somethingNew", somethingNew={"value": 1})

    def compose_unsend(self, message_id: str) -> Json:
        """Take a message back, its event still to be delivered. Raises LookupError for a message of somebody else."""
        self._state.unsend(self.user, message_id)
        return self._event("unsend", unsend={"messageId": message_id})

    def unsend(self, message_id: str) -> Delivery:
        """Take a message back."""
        return self._simulator.deliver(self.compose_unsend(message_id))

    def tap(self, target: str | int, *, params: Json | None = None) -> Tap:
        """Tap a button by its label, or by its place among those `tappable`; raises LookupError if there is none such.

        `params` is what a date picker was set to.
        """
        return self.tap_action(self._find(target), params=params)

    def double_tap(self, target: str | int) -> tuple[Tap, Tap]:
        """Tap one button twice in a row: two events with ids of their own."""
        action = self._find(target)
        return self.tap_action(action), self.tap_action(action)

    def tap_action(self, action: Json, *, params: Json | None = None) -> Tap:
        """Do what an action does, wherever its button was seen, however old."""
        kind = action["type"]
        if kind == "message":
            return Tap(action, self.say(action["text"]))
        if kind not in {"postback", "datetimepicker"}:
            return Tap(action)
        shown = action.get("displayText") or action.get("text")
        if shown:
            self._state.record_inbound(self.user, {"type": "displayText", "text": shown})
        postback = {"data": action["data"], **({"params": params} if params else {})}
        return Tap(action, self._post("postback", postback=postback))

    def link_account(self, link_token: str, nonce: str) -> Delivery | None:
        """Confirm in LINE's account-link dialog. None if the token is expired or was used: LINE then sends nothing."""
        if not self._state.take_link_token(link_token, self.user_id):
            return None
        return self._post("accountLink", link={"result": "ok", "nonce": nonce})

    # --- reading ---

    @property
    def messages(self) -> list[Received]:
        """What the bot sent and the user got, oldest first."""
        with self._state.changed:
            return [_received(entry) for entry in self.user.entries if entry.outgoing and entry.delivered]

    @property
    def last_text(self) -> str:
        """The text of the last message that arrived; empty if none has."""
        messages = self.messages
        return messages[-1].text if messages else ""

    @property
    def quick_replies(self) -> list[Json]:
        """The actions of the quick replies that show: only those of the chat's very last message."""
        with self._state.changed:
            shown = [entry for entry in self.user.entries if entry.delivered]
            return _received(shown[-1]).quick_replies if shown else []

    @property
    def tappable(self) -> list[Json]:
        """What a thumb can reach: the quick replies, then the buttons of all messages, newest message first."""
        return self.quick_replies + [action for message in reversed(self.messages) for action in message.buttons]

    @property
    def loading(self) -> bool:
        """Whether the loading animation shows."""
        return self.user.loading_until > self._state.clock()

    def wait_for(self, count: int, timeout: float = 5.0) -> list[Received]:
        """Wait until at least so many messages have arrived and return them; raises TimeoutError if they do not."""
        with self._state.changed:
            if not self._state.changed.wait_for(lambda: len(self.messages) >= count, timeout):
                raise TimeoutError(f"{len(self.messages)} of {count} messages arrived")
            return self.messages

    # --- inside ---

    def _find(self, target: str | int) -> Json:
        actions = self.tappable
        if isinstance(target, int):
            if not 0 <= target < len(actions):
                raise LookupError(f"no button {target} among {len(actions)}")
            return actions[target]
        for action in actions:
            if action.get("label") == target:
                return action
        raise LookupError(f"no button {target!r} among {[action.get('label') for action in actions]}")

    def _befriend(self, friendship: Friendship) -> None:
        with self._state.changed:
            self.user.friendship = friendship
            self._state.changed.notify_all()

    def _message(self, payload: Json) -> Json:
        if self.user.friendship in {Friendship.BLOCKED, Friendship.DELETED}:
            raise RuntimeError("this user cannot write to the account before following it again")
        entry = self._state.record_inbound(self.user, payload)
        message = {"id": entry.message_id, **payload}
        if entry.quote_token is not None:
            message["quoteToken"] = entry.quote_token
        if not self.user.standby:
            message["markAsReadToken"] = self._state.issue_read_token(self.user, entry.message_id)
        return self._event("message", message=message)

    def _event(self, kind: str, **fields: Any) -> Json:
        return make_event(self._state, self.user, kind, **fields)

    def _post(self, kind: str, **fields: Any) -> Delivery:
        return self._simulator.deliver(self._event(kind, **fields))


def _received(entry: Entry) -> Received:
    return Received(entry.message_id, entry.via, entry.payload, entry.quote_token)


def _actions(value: Any) -> Iterator[Json]:
    """The actions anywhere inside a message, in reading order."""
    if isinstance(value, list):
        for each in value:
            yield from _actions(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in {"action", "defaultAction"}:
                yield each
            elif key == "actions":
                yield from each
            else:
                yield from _actions(each)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in {"text", "title", "label"} and isinstance(each, str):
                yield each
            elif key != "quickReply":
                yield from _texts(each)
