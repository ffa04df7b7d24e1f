"""What the LINE platform remembers about one channel, and the rules by which it accepts or refuses a request.

Pure state: no sockets, no threads of its own, an injected clock. Methods raise `RefusedError` for every answer other
than 2xx. One state is one channel; a second channel is a second simulator.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

from simulators.line.ids import Clock, IdSource, user_id_for
from simulators.line.limits import USER_ID, check_loading, check_messages, check_recipients
from simulators.line.problems import Json, Problem, RefusedError, refuse_if_any
from simulators.line.records import (
    Acceptance,
    Content,
    Entry,
    Friendship,
    LinkToken,
    ReplyToken,
    RequestMeta,
    User,
    Via,
)
from simulators.line.rules import check_words
from simulators.line.shapes import check_message_list, check_shape

REPLY_WINDOW_S = 60.0
EVENT_WINDOW_S = 20 * 60.0
RETRY_KEY_S = 24 * 3600.0
STRANGER_S = 7 * 24 * 3600.0
LINK_TOKEN_S = 600.0

_RETRY_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_QUOTABLE = frozenset({"text", "textV2", "sticker", "image", "video", "imagemap", "template", "flex"})
_JAPAN = timedelta(hours=9)  # LINE counts in UTC+9 everywhere


class LineState:
    """One channel with its users, tokens, keys, quota and everything that was sent.

    `changed` is the lock around all of it, and is notified whenever a chat changes.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        secret: str,
        access_token: str,
        quota: int | None = None,
        seed: int | None = None,
        bot_name: str = "Simulated account",
    ) -> None:
        self.clock = clock
        self.secret = secret
        self.access_tokens = {access_token}
        self.quota = quota
        self.ids = IdSource(clock, seed)
        self.bot_name = bot_name
        self.bot_user_id = user_id_for(f"bot {secret}")
        self.changed = threading.Condition(threading.RLock())
        self.users: dict[str, User] = {}
        self.reply_tokens: dict[str, ReplyToken] = {}
        self.contents: dict[str, Content] = {}
        self.violations: list[str] = []
        """What LINE may let pass and a good bot never does: other bytes under a used key, a message on standby."""
        self._accepted: dict[str, Acceptance] = {}
        self._usage: dict[str, int] = {}
        self._quotes: dict[str, tuple[str, str]] = {}
        self._read_tokens: dict[str, tuple[str, str]] = {}
        self._link_tokens: dict[str, LinkToken] = {}

    # --- who ---

    def add_user(self, user: User) -> None:
        """Let a person exist."""
        with self.changed:
            self.users[user.user_id] = user
            self.changed.notify_all()

    def authorize(self, header: str | None) -> None:
        """Raise 401 unless the Authorization header carries a token of this channel."""
        scheme, _, token = (header or "").partition(" ")
        if scheme != "Bearer" or token not in self.access_tokens:
            raise RefusedError(
                401, "Authentication failed. Confirm that the access token in the authorization header is valid."
            )

    def reachable(self, user: User) -> bool:
        """Whether a message to the user arrives: a friend, or a stranger who wrote within seven days."""
        if user.friendship is Friendship.FRIEND:
            return True
        recent = user.last_inbound is not None and self.clock() - user.last_inbound <= STRANGER_S
        return user.friendship is Friendship.NEVER and recent

    # --- sending ---

    def reply(self, body: Json, meta: RequestMeta) -> tuple[Json, ...]:
        """Accept a reply. A refused body does not use its token up."""
        with self.changed:
            self._refuse_invalid("reply", body)
            token = self.reply_tokens.get(body["replyToken"])
            if token is None or not self.is_usable(token):
                raise RefusedError(400, "Invalid reply token")
            user = self.users[token.user_id]
            self._refuse_foreign_quotes(body, user)
            token.used = True
            return self._send([user], body, Via.REPLY, meta)

    def push(self, body: Json, meta: RequestMeta) -> tuple[Json, ...]:
        """Accept a push to one user. For a user who blocked the account: accepted, not delivered, not counted."""
        with self.changed:
            self._refuse_accepted(meta, with_sent=True)
            self._refuse_invalid("push", body)
            user = self.users.get(body["to"])
            if user is None:
                known_form = USER_ID.fullmatch(body["to"])
                raise RefusedError(
                    400,
                    "Failed to send messages" if known_form else "The property, 'to', in the request body is invalid",
                )
            self._refuse_foreign_quotes(body, user)
            self._charge([user])
            return self._remember(meta, self._send([user], body, Via.PUSH, meta))

    def multicast(self, body: Json, meta: RequestMeta) -> None:
        """Accept a message to up to 500 users. Unknown ids and strangers are skipped; quote tokens are refused."""
        with self.changed:
            self._refuse_accepted(meta, with_sent=False)
            self._refuse_invalid("multicast", body, check_recipients(body))
            self._refuse_foreign_quotes(body, None)
            users = [self.users[user_id] for user_id in dict.fromkeys(body["to"]) if user_id in self.users]
            friends = [user for user in users if user.friendship is not Friendship.NEVER]
            self._charge(friends)
            self._remember(meta, self._send(friends, body, Via.MULTICAST, meta))

    def validate(self, body: Json) -> None:
        """Check messages as a send would, without sending."""
        problems = [*check_messages(body), *check_words(body.get("messages"), "messages")]
        refuse_if_any(problems or list(check_message_list(body)))

    def is_usable(self, token: ReplyToken) -> bool:
        """Whether a reply token would be taken now: unused, a minute from the last delivery, twenty from the event."""
        now = self.clock()
        return not token.used and now - token.delivered_at <= REPLY_WINDOW_S and now - token.event_at <= EVENT_WINDOW_S

    def _refuse_invalid(self, kind: str, body: Json, more: Iterable[Problem] = ()) -> None:
        limits = list(chain(check_messages(body), more, check_words(body, "body")))
        refuse_if_any(limits or list(check_shape(kind, body)))

    def _refuse_foreign_quotes(self, body: Json, user: User | None) -> None:
        problems = []
        for index, message in enumerate(body["messages"]):
            quote = message.get("quoteToken")
            if quote is not None and (user is None or self._quotes.get(quote, ("", ""))[0] != user.user_id):
                problems.append(Problem("Invalid quote token", f"messages[{index}].quoteToken"))
        refuse_if_any(problems)

    def _refuse_accepted(self, meta: RequestMeta, *, with_sent: bool) -> None:
        if meta.retry_key is None:
            return
        if not _RETRY_KEY.fullmatch(meta.retry_key):
            raise RefusedError(400, "The request header X-Line-Retry-Key must be a UUID")
        earlier = self._accepted.get(meta.retry_key.lower())
        if earlier is None:
            return
        if self.clock() - earlier.at > RETRY_KEY_S:
            self.violations.append("retry key used again after 24 hours: the message was sent twice")
            return
        if earlier.digest != meta.digest:
            self.violations.append("retry key used again for another body")
        raise RefusedError(
            409,
            "The retry key is already accepted",
            headers={"X-Line-Accepted-Request-Id": earlier.request_id},
            sent_messages=earlier.sent if with_sent else None,
        )

    def _remember(self, meta: RequestMeta, sent: tuple[Json, ...]) -> tuple[Json, ...]:
        if meta.retry_key is not None:
            self._accepted[meta.retry_key.lower()] = Acceptance(self.clock(), meta.request_id, meta.digest, sent)
        return sent

    def _send(self, users: Sequence[User], body: Json, via: Via, meta: RequestMeta) -> tuple[Json, ...]:
        sent: list[Json] = []
        for user in users:
            delivered = self.reachable(user)
            if user.standby:
                self.violations.append(f"{via} into a chat on standby")
            for message in body["messages"]:
                entry = self._entry(user, via, message, delivered=delivered, request_id=meta.request_id)
                sent.append(
                    {"id": entry.message_id, **({"quoteToken": entry.quote_token} if entry.quote_token else {})}
                )
            user.loading_until = 0.0
        self.changed.notify_all()
        return tuple(sent)

    # --- quota ---

    @property
    def consumption(self) -> int:
        """Messages counted this month."""
        return self._usage.get(self._month(), 0)

    @consumption.setter
    def consumption(self, value: int) -> None:
        self._usage[self._month()] = value

    def _month(self) -> str:
        return f"{datetime.fromtimestamp(self.clock(), UTC) + _JAPAN:%Y-%m}"

    def _charge(self, users: Sequence[User]) -> None:
        """Count one per person reached, however many message objects. A spent quota refuses whoever it is to."""
        cost = sum(self.reachable(user) for user in users)
        if self.quota is not None and self.consumption + max(cost, 1) > self.quota:
            raise RefusedError(429, "You have reached your monthly limit.")
        self.consumption += cost

    # --- other calls ---

    def profile(self, user_id: str) -> Json:
        """The profile of a friend, or of a stranger who wrote; 404 for everyone else."""
        with self.changed:
            user = self.users.get(user_id)
            wrote = user is not None and user.friendship is Friendship.NEVER and user.last_inbound is not None
            if user is None or not (wrote or user.friendship is Friendship.FRIEND):
                raise RefusedError(404, "Not found")
            profile = {"userId": user.user_id, "displayName": user.display_name, "language": user.language}
            return {key: value for key, value in profile.items() if value is not None}

    def start_loading(self, body: Json) -> None:
        """Show the loading animation until the next message or for the seconds given (20 if none)."""
        with self.changed:
            refuse_if_any(list(check_loading(body)) or list(check_shape("loading", body)))
            user = self.users.get(body["chatId"])
            if user is not None:
                user.loading_until = self.clock() + body.get("loadingSeconds", 20)
                self.changed.notify_all()

    def issue_link_token(self, user_id: str) -> str:
        """A token for the account-link dialog; 404 for a user who cannot be reached."""
        with self.changed:
            if user_id not in self.users or not self.reachable(self.users[user_id]):
                raise RefusedError(404, "Not found")
            token = self.ids.token()
            self._link_tokens[token] = LinkToken(user_id, self.clock() + LINK_TOKEN_S)
            return token

    def take_link_token(self, token: str, user_id: str) -> bool:
        """Use a link token up. False if it is unknown, expired or another user's: LINE then sends no event at all."""
        with self.changed:
            link = self._link_tokens.pop(token, None)
            return link is not None and link.user_id == user_id and self.clock() <= link.expires_at

    def mark_as_read(self, body: Json) -> None:
        """Mark everything up to a message as read."""
        with self.changed:
            if body.get("markAsReadToken") not in self._read_tokens:
                raise RefusedError(400, "Invalid markAsReadToken")

    def content(self, message_id: str) -> Content | None:
        """A file a user sent; None while LINE prepares it. 404 if there is none, 410 after the user unsent it."""
        with self.changed:
            if any(
                entry.unsent for user in self.users.values() for entry in user.entries if entry.message_id == message_id
            ):
                raise RefusedError(410, "The content is gone")
            content = self.contents.get(message_id)
            if content is None:
                raise RefusedError(404, "Not found")
            return content if content.ready_at <= self.clock() else None

    # --- the users' side ---

    def record_inbound(self, user: User, payload: Json) -> Entry:
        """Put what a user wrote into the chat and start the seven days in which a stranger may be answered."""
        with self.changed:
            user.last_inbound = self.clock()
            entry = self._entry(user, Via.USER, payload)
            self.changed.notify_all()
            return entry

    def issue_reply_token(self, user: User) -> str:
        """A token for a new event of the user."""
        with self.changed:
            now = self.clock()
            token = ReplyToken(self.ids.token(), user.user_id, event_at=now, delivered_at=now)
            self.reply_tokens[token.token] = token
            return token.token

    def issue_read_token(self, user: User, message_id: str) -> str:
        """A token with which the bot may mark a message as read; it never expires."""
        with self.changed:
            token = self.ids.token()
            self._read_tokens[token] = (user.user_id, message_id)
            return token

    def note_delivery(self, events: Iterable[Json]) -> None:
        """Start the minute of the events' reply tokens, again on every delivery."""
        with self.changed:
            for event in events:
                token = self.reply_tokens.get(event.get("replyToken", ""))
                if token is not None:
                    token.delivered_at = self.clock()

    def unsend(self, user: User, message_id: str) -> None:
        """Take a user's own message back. Raises LookupError for a message that is not theirs."""
        with self.changed:
            for entry in user.entries:
                if entry.message_id == message_id and not entry.outgoing:
                    entry.unsent = True
                    self.contents.pop(message_id, None)
                    self.changed.notify_all()
                    return
        raise LookupError(message_id)

    def _entry(
        self, user: User, via: Via, payload: Json, *, delivered: bool = True, request_id: str | None = None
    ) -> Entry:
        quote_token = self.ids.token(48) if payload.get("type") in _QUOTABLE else None
        entry = Entry(
            self.ids.message_id(), self.clock(), via, payload, delivered, quote_token=quote_token, request_id=request_id
        )
        if quote_token is not None:
            self._quotes[quote_token] = (user.user_id, entry.message_id)
        user.entries.append(entry)
        return entry
