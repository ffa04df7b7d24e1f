"""Types and names of properties, checked with the SDK's own models: what they refuse and what they would silently drop.

The models follow the discriminators that LINE's OpenAPI file leaves open, but forget unknown keys without a word;
comparing what went in with what comes out again turns a misspelt key into an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from linebot.v3.messaging.models import (
    Message,
    MulticastRequest,
    PushMessageRequest,
    ReplyMessageRequest,
    ShowLoadingAnimationRequest,
)

from simulators.line.problems import Json, Problem
from simulators.line.rules import items

_MODELS: dict[str, Any] = {
    "reply": ReplyMessageRequest,
    "push": PushMessageRequest,
    "multicast": MulticastRequest,
    "loading": ShowLoadingAnimationRequest,
}
# Takes the place of the messages, each already checked by itself, while the rest of the body is checked.
_ANY_MESSAGE = {"type": "text", "text": "-"}


def check_shape(kind: str, body: Json) -> Iterator[Problem]:
    """Check a body (`reply`, `push`, `multicast`, `loading`) for wrong types, missing and unknown properties."""
    messages = body.get("messages")
    if messages and isinstance(messages, list):
        for index, message in enumerate(messages):
            yield from _check_against(Message.from_dict, message, f"messages[{index}]")
        body = {**body, "messages": [_ANY_MESSAGE]}
    yield from _check_against(_MODELS[kind].from_dict, body, "")


def check_message_list(body: Json) -> Iterator[Problem]:
    """Check the body of a validate request, which holds nothing but messages."""
    for index, message in enumerate(items(body.get("messages"))):
        yield from _check_against(Message.from_dict, message, f"messages[{index}]")
    for key in body.keys() - {"messages"}:
        yield Problem("Unknown property", key)


def _check_against(parse: Callable[[Any], Any], value: Any, at: str) -> Iterator[Problem]:
    # The models raise ValueError for a wrong value, and the others for a wrong kind of value.
    try:
        kept = parse(value).to_dict()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        yield Problem(_first_complaint(error), at or "body")
        return
    yield from _dropped(value, kept, at)


def _first_complaint(error: Exception) -> str:
    complaints = getattr(error, "errors", None)
    if callable(complaints):
        first = complaints()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: the value has the wrong form"


def _dropped(sent: Any, kept: Any, at: str) -> Iterator[Problem]:
    if isinstance(sent, dict) and isinstance(kept, dict):
        for key, value in sent.items():
            place = f"{at}.{key}" if at else key
            if value is None:
                continue
            if key not in kept:
                yield Problem("Unknown property", place)
            else:
                yield from _dropped(value, kept[key], place)
    elif isinstance(sent, list) and isinstance(kept, list):
        for index, (one, other) in enumerate(zip(sent, kept, strict=False)):
            yield from _dropped(one, other, f"{at}[{index}]")
    elif sent != kept:
        # The models turn some values into others, such as an empty object into an empty array.
        yield Problem("Wrong type", at)
