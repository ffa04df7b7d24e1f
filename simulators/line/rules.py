"""Limits of single properties and of actions, from the Messaging API's reference.

Checks yield problems and take whatever JSON they meet: a value of the wrong type is left to `shapes`. `at` is the place
of the checked object in the request, as LINE names it (`messages[0].quickReply.items[2].action`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from simulators.line.problems import Json, Problem
from simulators.line.units import grapheme_length, utf16_length

_URI_SCHEME = re.compile(r"(?:https?|line)://|tel:", re.IGNORECASE)
_URI_CHARACTERS = re.compile(r"[!-~]+")  # printable ASCII without the space: everything else has to be percent-encoded
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Rule:
    """A string property: its longest length, the unit it is counted in, and whether it must be there."""

    key: str
    limit: int
    unit: Callable[[str], int] = utf16_length
    required: bool = False


def obj(value: Any) -> Json:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def check_rules(holder: Json, at: str, *rules: Rule) -> Iterator[Problem]:
    """Check string properties of one object. One that may be left out may still not be empty."""
    for rule in rules:
        value = holder.get(rule.key)
        place = f"{at}.{rule.key}"
        if value is None:
            if rule.required:
                yield Problem("May not be empty", place)
        elif isinstance(value, str):
            if not value:
                yield Problem("May not be empty", place)
            elif rule.unit(value) > rule.limit:
                yield Problem(f"Length must be between 0 and {rule.limit}", place)


def check_count(holder: Json, key: str, at: str, lowest: int, highest: int) -> Iterator[Problem]:
    """Check the number of entries of an array property; a missing array counts as empty."""
    value = holder.get(key)
    if value is None or isinstance(value, list):
        count = len(value or ())
        if not lowest <= count <= highest:
            yield Problem(f"Size must be between {lowest} and {highest}", f"{at}.{key}" if at else key)


def check_url(holder: Json, key: str, at: str, *, required: bool = False) -> Iterator[Problem]:
    """Check the URL of a media file: HTTPS, at most 2,000 characters."""
    value = holder.get(key)
    yield from check_rules(holder, at, Rule(key, 2000, required=required))
    if isinstance(value, str) and value and not (value.startswith("https://") and _URI_CHARACTERS.fullmatch(value)):
        yield Problem("Must be a valid HTTPS URL", f"{at}.{key}")


def check_words(value: Any, at: str) -> Iterator[Problem]:
    """Find strings that are no text: a lone surrogate cannot be written as UTF-8."""
    if isinstance(value, str):
        if _LONE_SURROGATE.search(value):
            yield Problem("Must be valid Unicode text", at)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from check_words(each, f"{at}.{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from check_words(each, f"{at}[{index}]")


# --- actions (REF#action-objects) ---

# The label each surface allows (REF#action-object-label-spec).
QUICK_REPLY_LABEL = Rule("label", 20, grapheme_length, required=True)
TEMPLATE_LABEL = Rule("label", 20, grapheme_length, required=True)
IMAGE_CAROUSEL_LABEL = Rule("label", 12, grapheme_length)
FLEX_BUTTON_LABEL = Rule("label", 40, grapheme_length, required=True)
FLEX_LABEL = Rule("label", 40, grapheme_length)

_ACTION_RULES: dict[str, tuple[Rule, ...]] = {
    "postback": (
        Rule("data", 300, required=True),
        Rule("displayText", 300, grapheme_length),
        Rule("text", 300, grapheme_length),
        Rule("fillInText", 300, grapheme_length),
    ),
    "message": (Rule("text", 300, grapheme_length, required=True),),
    "uri": (Rule("uri", 1000, required=True),),
    "datetimepicker": (Rule("data", 300, required=True),),
    "clipboard": (Rule("clipboardText", 1000, required=True),),
    "richmenuswitch": (Rule("richMenuAliasId", 32, required=True), Rule("data", 300, required=True)),
    "camera": (),
    "cameraRoll": (),
    "location": (),
}
QUICK_REPLY_ACTIONS: frozenset[str] = frozenset(_ACTION_RULES) - {"richmenuswitch"}
MESSAGE_ACTIONS: frozenset[str] = frozenset({"postback", "message", "uri", "datetimepicker", "clipboard"})


def check_action(action: Any, at: str, label: Rule, allowed: Iterable[str] = MESSAGE_ACTIONS) -> Iterator[Problem]:
    """Check one action against the limits of its type and of the surface it sits on."""
    if not isinstance(action, dict):
        yield Problem("May not be empty", at)
        return
    kind = action.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        yield Problem(f"Must be one of the following values: {sorted(allowed)}", f"{at}.type")
        return
    yield from check_rules(action, at, label, *_ACTION_RULES[kind])
    if kind == "postback":
        if action.get("displayText") is not None and action.get("text") is not None:
            yield Problem("displayText and text cannot both be used", f"{at}.text")
        if action.get("fillInText") is not None and action.get("inputOption") != "openKeyboard":
            yield Problem("fillInText needs inputOption openKeyboard", f"{at}.fillInText")
    if kind == "uri":
        uris = {"uri": action.get("uri"), "altUri.desktop": obj(action.get("altUri")).get("desktop")}
        for key, uri in uris.items():
            if isinstance(uri, str) and uri:
                yield from _check_uri(uri, f"{at}.{key}")


def _check_uri(uri: str, place: str) -> Iterator[Problem]:
    if not _URI_SCHEME.match(uri):
        yield Problem("invalid uri scheme", place)
    elif not _URI_CHARACTERS.fullmatch(uri):
        yield Problem("invalid uri", place)
