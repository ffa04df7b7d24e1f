"""Webhook events as JSON objects (REF#webhook-event-objects)."""

from __future__ import annotations

from typing import Any

from simulators.line.problems import Json
from simulators.line.records import User
from simulators.line.state import LineState

# Types whose events can be answered (REF#webhook-event-objects); the others carry no reply token.
_REPLIABLE = frozenset({"message", "follow", "postback", "accountLink", "videoPlayComplete", "beacon", "membership"})


def make_event(state: LineState, user: User, kind: str, *, repliable: bool | None = None, **fields: Any) -> Json:
    """An event of a user in a one-on-one chat, with a fresh id and, where its type has one, a fresh reply token.

    In a chat on standby there is no reply token and `mode` says so.
    """
    with state.changed:
        event: Json = {
            "type": kind,
            "mode": "standby" if user.standby else "active",
            "timestamp": int(state.clock() * 1000),
            "source": {"type": "user", "userId": user.user_id},
            "webhookEventId": state.ids.event_id(),
            "deliveryContext": {"isRedelivery": False},
        }
        if (kind in _REPLIABLE if repliable is None else repliable) and not user.standby:
            event["replyToken"] = state.issue_reply_token(user)
        return event | fields


def without_user_id(event: Json) -> Json:
    """The event with a source that does not say who it is."""
    return event | {"source": {key: value for key, value in event["source"].items() if key != "userId"}}
