"""Limits of Flex Messages: sizes, counts and the values of the properties in use (REF#flex-message)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from simulators.line.problems import Json, Problem
from simulators.line.rules import FLEX_BUTTON_LABEL, FLEX_LABEL, check_action, check_count, check_url, items, obj
from simulators.line.units import json_size

# "30 KB" and "50 KB": read as the smaller of the two usual kilobytes, so that what passes here passes there.
MAX_BUBBLE_BYTES = 30_000
MAX_CAROUSEL_BYTES = 50_000
MAX_BUBBLES = 12

_BLOCKS = ("header", "hero", "body", "footer")
_CHILDREN = {
    "horizontal": frozenset({"box", "button", "filler", "image", "separator", "text", "video"}),
    "vertical": frozenset({"box", "button", "filler", "image", "separator", "text", "video"}),
    "baseline": frozenset({"filler", "icon", "text"}),
}
_LENGTH = r"\d+(?:\.\d+)?px"
_SPACE = re.compile(rf"none|xs|sm|md|lg|xl|xxl|{_LENGTH}")
_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
_FONT = re.compile(rf"xxs|xs|sm|md|lg|xl|xxl|3xl|4xl|5xl|{_LENGTH}")
_VALUES: dict[str, re.Pattern[str]] = {
    "align": re.compile("start|end|center"),
    "alignItems": re.compile("flex-start|center|flex-end"),
    "backgroundColor": _COLOR,
    "borderColor": _COLOR,
    "color": _COLOR,
    "cornerRadius": _SPACE,
    "decoration": re.compile("none|underline|line-through"),
    "direction": re.compile("ltr|rtl"),
    "gravity": re.compile("top|bottom|center"),
    "height": re.compile(rf"sm|md|{_LENGTH}|\d+(?:\.\d+)?%"),
    "justifyContent": re.compile("flex-start|center|flex-end|space-between|space-around|space-evenly"),
    "layout": re.compile("horizontal|vertical|baseline"),
    "margin": _SPACE,
    "spacing": _SPACE,
    "style": re.compile("primary|secondary|link|normal|italic"),
    "weight": re.compile("regular|bold"),
    **{
        f"padding{side}": re.compile(rf"{_SPACE.pattern}|\d+(?:\.\d+)?%")
        for side in ("All", "Top", "Bottom", "Start", "End")
    },
}
_BUBBLE_SIZES = frozenset({"nano", "micro", "deca", "hecto", "kilo", "mega", "giga"})


def check_flex_container(container: Any, at: str) -> Iterator[Problem]:
    """Check a bubble, or a carousel of at most 12 bubbles of one size."""
    kind = obj(container).get("type")
    if kind == "bubble":
        yield from _check_bubble(container, at)
    elif kind == "carousel":
        yield from check_count(container, "contents", at, 1, MAX_BUBBLES)
        if json_size(container) > MAX_CAROUSEL_BYTES:
            yield Problem(f"Size of the carousel must not exceed {MAX_CAROUSEL_BYTES} bytes", at)
        bubbles = [obj(each) for each in items(container.get("contents"))]
        if len({str(bubble.get("size", "mega")) for bubble in bubbles}) > 1:
            yield Problem("All bubbles of a carousel must have the same size", f"{at}.contents")
        for index, bubble in enumerate(bubbles):
            yield from _check_bubble(bubble, f"{at}.contents[{index}]")
    else:
        yield Problem("Must be one of the following values: ['bubble', 'carousel']", f"{at}.type")


def _check_bubble(bubble: Json, at: str) -> Iterator[Problem]:
    if json_size(bubble) > MAX_BUBBLE_BYTES:
        yield Problem(f"Size of the bubble must not exceed {MAX_BUBBLE_BYTES} bytes", at)
    if str(bubble.get("size", "mega")) not in _BUBBLE_SIZES:
        yield Problem(f"Must be one of the following values: {sorted(_BUBBLE_SIZES)}", f"{at}.size")
    if not any(bubble.get(block) for block in _BLOCKS):
        yield Problem("At least one block must be specified", at)
    if bubble.get("action") is not None:
        yield from check_action(bubble["action"], f"{at}.action", FLEX_LABEL)
    for block in _BLOCKS:
        if bubble.get(block) is not None:
            allowed = {"box", "image", "video"} if block == "hero" else {"box"}
            yield from _check_component(obj(bubble[block]), f"{at}.{block}", frozenset(allowed))


def _check_component(component: Json, at: str, allowed: frozenset[str]) -> Iterator[Problem]:
    kind = component.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        yield Problem(f"Must be one of the following values: {sorted(allowed)}", f"{at}.type")
        return
    for key, pattern in _VALUES.items():
        value = component.get(key)
        if isinstance(value, str) and not pattern.fullmatch(value):
            yield Problem("Invalid value", f"{at}.{key}")
    if kind == "button":
        yield from check_action(component.get("action"), f"{at}.action", FLEX_BUTTON_LABEL)
    elif component.get("action") is not None:
        yield from check_action(component["action"], f"{at}.action", FLEX_LABEL)
    if kind == "box":
        children = _CHILDREN.get(str(component.get("layout")), frozenset())
        for index, child in enumerate(items(component.get("contents"))):
            yield from _check_component(obj(child), f"{at}.contents[{index}]", children)
    elif kind in {"text", "span"}:
        yield from _check_text(component, at)
    elif kind in {"image", "icon"}:
        yield from check_url(component, "url", at, required=True)


def _check_text(component: Json, at: str) -> Iterator[Problem]:
    spans = component.get("contents")
    if not spans and not component.get("text"):
        yield Problem("must be non-empty text", f"{at}.text")
    if isinstance(component.get("size"), str) and not _FONT.fullmatch(component["size"]):
        yield Problem("Invalid value", f"{at}.size")
    for index, span in enumerate(items(spans)):
        yield from _check_component(obj(span), f"{at}.contents[{index}]", frozenset({"span"}))
