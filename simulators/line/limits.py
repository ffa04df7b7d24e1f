"""The limits of messages and requests that LINE's OpenAPI file does not state, written by hand from its reference.

Checks yield problems and take whatever JSON they meet; wrong types and unknown properties are the business of `shapes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from simulators.line.flex import check_flex_container
from simulators.line.problems import Json, Problem
from simulators.line.rules import (
    IMAGE_CAROUSEL_LABEL,
    QUICK_REPLY_ACTIONS,
    QUICK_REPLY_LABEL,
    TEMPLATE_LABEL,
    Rule,
    check_action,
    check_count,
    check_rules,
    check_url,
    items,
    obj,
)
from simulators.line.units import grapheme_length, utf16_slice

MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_MESSAGES = 5
MAX_RECIPIENTS = 500
MAX_QUICK_REPLIES = 13
MAX_EMOJIS = 20
USER_ID = re.compile(r"U[0-9a-f]{32}")


def check_messages(body: Json) -> Iterator[Problem]:
    """Check the `messages` of a reply, push, multicast or validate request, and what else goes with every send."""
    yield from check_count(body, "messages", "", 1, MAX_MESSAGES)
    units = items(body.get("customAggregationUnits"))
    if len(units) > 1 or any(not re.fullmatch(r"[0-9A-Za-z_]{1,30}", str(unit)) for unit in units):
        yield Problem("One aggregation unit of 1 to 30 letters, digits and underscores", "customAggregationUnits")
    for index, message in enumerate(items(body.get("messages"))):
        yield from _check_message(obj(message), f"messages[{index}]")


def check_recipients(body: Json) -> Iterator[Problem]:
    """Check the `to` of a multicast."""
    yield from check_count(body, "to", "", 1, MAX_RECIPIENTS)
    for index, user_id in enumerate(items(body.get("to"))):
        if not (isinstance(user_id, str) and USER_ID.fullmatch(user_id)):
            yield Problem("Invalid user ID", f"to[{index}]")


def check_loading(body: Json) -> Iterator[Problem]:
    """Check a request for the loading animation: 5 to 60 seconds, a multiple of 5, in a one-on-one chat."""
    chat_id = body.get("chatId")
    if not (isinstance(chat_id, str) and USER_ID.fullmatch(chat_id)):
        yield Problem("Must be a user ID", "chatId")
    seconds = body.get("loadingSeconds", 20)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 5 <= seconds <= 60 or seconds % 5:
        yield Problem("Must be a multiple of 5 between 5 and 60", "loadingSeconds")


def _check_message(message: Json, at: str) -> Iterator[Problem]:
    kind = message.get("type")
    check = _BY_TYPE.get(kind) if isinstance(kind, str) else None
    if check is None:
        yield Problem(f"Must be one of the following values: {sorted(_BY_TYPE)}", f"{at}.type")
        return
    yield from check(message, at)
    if message.get("quickReply") is not None:
        yield from _check_quick_reply(obj(message["quickReply"]), f"{at}.quickReply")
    if message.get("sender") is not None:
        yield from _check_sender(obj(message["sender"]), f"{at}.sender")


def _check_quick_reply(quick_reply: Json, at: str) -> Iterator[Problem]:
    yield from check_count(quick_reply, "items", at, 1, MAX_QUICK_REPLIES)
    for index, item in enumerate(items(quick_reply.get("items"))):
        place = f"{at}.items[{index}]"
        if obj(item).get("type") != "action":
            yield Problem("Must be one of the following values: ['action']", f"{place}.type")
        yield from check_url(obj(item), "imageUrl", place)
        yield from check_action(obj(item).get("action"), f"{place}.action", QUICK_REPLY_LABEL, QUICK_REPLY_ACTIONS)


def _check_sender(sender: Json, at: str) -> Iterator[Problem]:
    yield from check_rules(sender, at, Rule("name", 20))
    yield from check_url(sender, "iconUrl", at)
    if "LINE" in str(sender.get("name", "")):
        yield Problem("May not contain the word LINE", f"{at}.name")


def _check_text(message: Json, at: str) -> Iterator[Problem]:
    yield from check_rules(message, at, Rule("text", 5000, required=True))
    emojis = items(message.get("emojis"))
    if len(emojis) > MAX_EMOJIS:
        yield Problem(f"Size must be between 0 and {MAX_EMOJIS}", f"{at}.emojis")
    text = message.get("text")
    for index, emoji in enumerate(emojis):
        offset = obj(emoji).get("index")
        if isinstance(text, str) and isinstance(offset, int) and (offset < 0 or utf16_slice(text, offset, 1) != "$"):
            yield Problem("There must be a '$' at the index", f"{at}.emojis[{index}].index")


def _check_text_v2(message: Json, at: str) -> Iterator[Problem]:
    yield from check_rules(message, at, Rule("text", 5000, required=True))
    substitution = obj(message.get("substitution"))
    if len(substitution) > 100:
        yield Problem("Size must be between 0 and 100", f"{at}.substitution")
    for kind in ("emoji", "mention"):
        if sum(obj(each).get("type") == kind for each in substitution.values()) > 20:
            yield Problem(f"At most 20 of type {kind}", f"{at}.substitution")
    for key in substitution:
        if not re.fullmatch(r"[0-9A-Za-z_]{1,20}", key):
            yield Problem("Keys must be 1 to 20 letters, digits and underscores", f"{at}.substitution")


def _check_flex(message: Json, at: str) -> Iterator[Problem]:
    yield from check_rules(message, at, Rule("altText", 1500, required=True))
    yield from check_flex_container(message.get("contents"), f"{at}.contents")


def _check_template_message(message: Json, at: str) -> Iterator[Problem]:
    yield from check_rules(message, at, Rule("altText", 1500, required=True))
    template, place = obj(message.get("template")), f"{at}.template"
    kind = template.get("type")
    if kind == "buttons":
        yield from _check_panel(template, place, long=160, most_actions=4)
        if template.get("defaultAction") is not None:
            yield from check_action(
                template["defaultAction"], f"{place}.defaultAction", Rule("label", 20, grapheme_length)
            )
    elif kind == "confirm":
        yield from check_rules(template, place, Rule("text", 240, required=True))
        yield from _check_actions(template, place, 2, 2)
    elif kind == "carousel":
        yield from check_count(template, "columns", place, 1, 10)
        for index, column in enumerate(items(template.get("columns"))):
            yield from _check_panel(obj(column), f"{place}.columns[{index}]", long=120, most_actions=3)
    elif kind == "image_carousel":
        yield from check_count(template, "columns", place, 1, 10)
        for index, column in enumerate(items(template.get("columns"))):
            yield from check_url(obj(column), "imageUrl", f"{place}.columns[{index}]", required=True)
            action_at = f"{place}.columns[{index}].action"
            yield from check_action(obj(column).get("action"), action_at, IMAGE_CAROUSEL_LABEL)
    else:
        known = ["buttons", "carousel", "confirm", "image_carousel"]
        yield Problem(f"Must be one of the following values: {known}", f"{place}.type")


def _check_panel(panel: Json, at: str, *, long: int, most_actions: int) -> Iterator[Problem]:
    """A buttons template or a carousel's column: its text is shorter where a title or an image takes room."""
    crowded = panel.get("title") is not None or panel.get("thumbnailImageUrl") is not None
    yield from check_rules(panel, at, Rule("text", 60 if crowded else long, required=True), Rule("title", 40))
    yield from check_url(panel, "thumbnailImageUrl", at)
    yield from _check_actions(panel, at, 1, most_actions)


def _check_actions(holder: Json, at: str, lowest: int, highest: int) -> Iterator[Problem]:
    yield from check_count(holder, "actions", at, lowest, highest)
    for index, action in enumerate(items(holder.get("actions"))):
        yield from check_action(action, f"{at}.actions[{index}]", TEMPLATE_LABEL)


def _check_image(message: Json, at: str) -> Iterator[Problem]:
    yield from check_url(message, "originalContentUrl", at, required=True)
    yield from check_url(message, "previewImageUrl", at, required=True)


def _check_audio(message: Json, at: str) -> Iterator[Problem]:
    yield from check_url(message, "originalContentUrl", at, required=True)


def _check_location(message: Json, at: str) -> Iterator[Problem]:
    yield from check_rules(message, at, Rule("title", 100, required=True), Rule("address", 100, required=True))


def _check_shape_only(_message: Json, _at: str) -> Iterator[Problem]:
    return iter(())


_BY_TYPE: dict[Any, Callable[[Json, str], Iterator[Problem]]] = {
    "text": _check_text,
    "textV2": _check_text_v2,
    "flex": _check_flex,
    "template": _check_template_message,
    "image": _check_image,
    "video": _check_image,
    "audio": _check_audio,
    "location": _check_location,
    "sticker": _check_shape_only,
    "imagemap": _check_shape_only,
}
