"""Each limit with one value that just passes and one that just fails."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.line.ids import user_id_for
from simulators.line.limits import check_loading, check_messages, check_recipients
from simulators.line.shapes import check_shape
from simulators.line.units import grapheme_length, json_size, utf16_length, utf16_slice
from tests.simulators.line.support import bubble, buttons, flex, postback, quick, text

USER = user_id_for("friend")
KHMER = "ក្រុ"  # four code points, one grapheme
FAMILY = "👨‍👩‍👧"  # eight UTF-16 code units, one grapheme


def problems(*messages: Any) -> list[str]:
    """The places of all problems of a push with these messages."""
    body = {"to": USER, "messages": list(messages)}
    return [each.property for each in check_messages(body)] or [each.property for each in check_shape("push", body)]


def flex_button(label: str) -> dict[str, Any]:
    return flex(bubble({"type": "button", "action": postback(label)}))


def padded_bubble(size: int) -> dict[str, Any]:
    empty = json_size(bubble({"type": "text", "text": ""}))
    return bubble({"type": "text", "text": "a" * (size - empty)})


def padded_carousel(size: int) -> dict[str, Any]:
    half = {"type": "carousel", "contents": [padded_bubble(20_000), padded_bubble(20_000)]}
    rest = size - json_size(half) - 2
    return flex({"type": "carousel", "contents": [*half["contents"], padded_bubble(rest)]})


def bubbles(count: int, **more: Any) -> dict[str, Any]:
    return flex({"type": "carousel", "contents": [bubble({"type": "text", "text": "a"}, **more)] * count})


def columns(count: int) -> dict[str, Any]:
    column = {"text": "a", "actions": [postback()]}
    return {"type": "template", "altText": "a", "template": {"type": "carousel", "columns": [column] * count}}


def uri(value: str) -> dict[str, Any]:
    return text(quickReply=quick({"type": "uri", "label": "Open", "uri": value}))


PAIRS = [
    ("text, UTF-16 code units", text("a" * 4998 + "😀"), text("a" * 4999 + "😀"), "messages[0].text"),
    ("text, empty", text("a"), text(""), "messages[0].text"),
    ("alternative text", flex(alt="a" * 1500), flex(alt="a" * 1501), "messages[0].altText"),
    ("alternative text, empty", flex(alt="a"), flex(alt=""), "messages[0].altText"),
    (
        "quick replies",
        text(quickReply=quick(*[postback()] * 13)),
        text(quickReply=quick(*[postback()] * 14)),
        "messages[0].quickReply.items",
    ),
    (
        "quick reply's label, graphemes",
        text(quickReply=quick(postback(KHMER * 20))),
        text(quickReply=quick(postback(KHMER * 21))),
        "messages[0].quickReply.items[0].action.label",
    ),
    (
        "quick reply's label, emoji",
        text(quickReply=quick(postback(FAMILY * 20))),
        text(quickReply=quick(postback(FAMILY * 21))),
        "messages[0].quickReply.items[0].action.label",
    ),
    (
        "quick reply's label, missing",
        text(quickReply=quick(postback())),
        text(quickReply=quick({"type": "postback", "data": "a"})),
        "messages[0].quickReply.items[0].action.label",
    ),
    (
        "Flex button's label",
        flex_button("a" * 40),
        flex_button("a" * 41),
        "messages[0].contents.body.contents[0].action.label",
    ),
    (
        "template's label",
        buttons(actions=[postback("a" * 20)]),
        buttons(actions=[postback("a" * 21)]),
        "messages[0].template.actions[0].label",
    ),
    (
        "postback data",
        buttons(actions=[postback(data="a" * 300)]),
        buttons(actions=[postback(data="a" * 301)]),
        "messages[0].template.actions[0].data",
    ),
    (
        "postback data, missing",
        buttons(actions=[postback()]),
        buttons(actions=[{"type": "postback", "label": "a"}]),
        "messages[0].template.actions[0].data",
    ),
    (
        "display text, graphemes",
        buttons(actions=[postback(displayText=KHMER * 75)]),
        buttons(actions=[postback(displayText="a" * 301)]),
        "messages[0].template.actions[0].displayText",
    ),
    (
        "display text or text",
        buttons(actions=[postback(displayText="a")]),
        buttons(actions=[postback(displayText="a", text="a")]),
        "messages[0].template.actions[0].text",
    ),
    (
        "fill-in text needs the keyboard",
        buttons(actions=[postback(fillInText="a", inputOption="openKeyboard")]),
        buttons(actions=[postback(fillInText="a")]),
        "messages[0].template.actions[0].fillInText",
    ),
    (
        "URI's length",
        uri("https://e.test/" + "a" * 985),
        uri("https://e.test/" + "a" * 986),
        "messages[0].quickReply.items[0].action.uri",
    ),
    ("URI's scheme", uri("tel:+886200000000"), uri("javascript://a"), "messages[0].quickReply.items[0].action.uri"),
    (
        "URI's characters",
        uri("https://e.test/%E6%A9%8B"),
        uri("https://e.test/橋"),
        "messages[0].quickReply.items[0].action.uri",
    ),
    ("buttons' text", buttons("a" * 160), buttons("a" * 161), "messages[0].template.text"),
    (
        "buttons' text with a title",
        buttons("a" * 60, title="t"),
        buttons("a" * 61, title="t"),
        "messages[0].template.text",
    ),
    ("buttons' title", buttons(title="a" * 40), buttons(title="a" * 41), "messages[0].template.title"),
    (
        "buttons' actions",
        buttons(actions=[postback()] * 4),
        buttons(actions=[postback()] * 5),
        "messages[0].template.actions",
    ),
    ("columns", columns(10), columns(11), "messages[0].template.columns"),
    ("bubble's size", flex(padded_bubble(30_000)), flex(padded_bubble(30_001)), "messages[0].contents"),
    ("carousel's size", padded_carousel(50_000), padded_carousel(50_001), "messages[0].contents"),
    ("bubbles of a carousel", bubbles(12), bubbles(13), "messages[0].contents.contents"),
    (
        "bubble's name of size",
        bubbles(2, size="giga"),
        bubbles(2, size="huge"),
        "messages[0].contents.contents[0].size",
    ),
    (
        "Flex text, empty",
        flex(),
        flex(bubble({"type": "text", "text": ""})),
        "messages[0].contents.body.contents[0].text",
    ),
    (
        "Flex colour",
        flex(bubble({"type": "text", "text": "a", "color": "#06c755"})),
        flex(bubble({"type": "text", "text": "a", "color": "green"})),
        "messages[0].contents.body.contents[0].color",
    ),
    (
        "component inside a baseline box",
        flex(bubble({"type": "box", "layout": "baseline", "contents": [{"type": "text", "text": "a"}]})),
        flex(bubble({"type": "box", "layout": "baseline", "contents": [{"type": "button", "action": postback()}]})),
        "messages[0].contents.body.contents[0].contents[0].type",
    ),
    ("sender's name", text(sender={"name": "a" * 20}), text(sender={"name": "a" * 21}), "messages[0].sender.name"),
    (
        "emoji's place, UTF-16",
        text("😀$", emojis=[{"index": 2, "productId": "p", "emojiId": "1"}]),
        text("😀$", emojis=[{"index": 1, "productId": "p", "emojiId": "1"}]),
        "messages[0].emojis[0].index",
    ),
    ("misspelt property", text(quickReply=quick(postback())), text(quickreply={}), "messages[0].quickreply"),
    (
        "misspelt Flex property",
        flex(bubble({"type": "text", "text": "a", "wrap": True})),
        flex(bubble({"type": "text", "text": "a", "wrapp": True})),
        "messages[0].contents.body.contents[0].wrapp",
    ),
    ("message type", text(), {"type": "nonsense"}, "messages[0].type"),
    ("wrong kind of value", text(), {"type": "text", "text": 5}, "messages[0]"),
]


@pytest.mark.parametrize(("good", "bad", "place"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_message_is_refused_just_beyond_the_limit(good: Any, bad: Any, place: str) -> None:
    assert problems(good) == []
    assert problems(bad)[0] == place


@pytest.mark.parametrize(("count", "places"), [(0, ["messages"]), (1, []), (5, []), (6, ["messages"])])
def test_number_of_messages_is_one_to_five(count: int, places: list[str]) -> None:
    assert problems(*[text()] * count) == places


def test_every_problem_is_named_when_there_are_several() -> None:
    assert problems(text(""), text(), flex(alt="")) == ["messages[0].text", "messages[2].altText"]


def test_bubbles_of_a_carousel_are_refused_when_their_sizes_differ() -> None:
    contents = [bubble({"type": "text", "text": "a"}, size=size) for size in ("mega", "giga")]
    assert problems(flex({"type": "carousel", "contents": contents})) == ["messages[0].contents.contents"]


def test_recipients_are_refused_beyond_500_or_when_not_user_ids() -> None:
    assert list(check_recipients({"to": [USER] * 500})) == []
    assert [each.property for each in check_recipients({"to": [USER] * 501})] == ["to"]
    assert [each.property for each in check_recipients({"to": [USER, "C" + "0" * 32]})] == ["to[1]"]


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(4, False), (5, True), (7, False), (60, True), (65, False), (True, False), ("20", False)]
)
def test_loading_seconds_are_a_multiple_of_five_up_to_sixty(seconds: Any, accepted: bool) -> None:
    assert (not list(check_loading({"chatId": USER, "loadingSeconds": seconds}))) is accepted


@pytest.mark.parametrize(
    "message",
    [
        None,
        7,
        [],
        "text",
        {},
        {"type": None},
        {"type": []},
        text(quickReply=[]),
        text(quickReply={"items": {}}),
        text([1]),
        flex({"type": ["bubble"]}),
        flex({"type": "carousel", "contents": [None]}),
        flex({"type": "bubble", "body": [1]}),
        {"type": "template", "altText": "a", "template": 3},
        buttons(actions="x"),
        buttons(actions=[None]),
    ],
)
def test_problem_is_reported_when_json_has_the_wrong_form(message: Any) -> None:
    assert problems(message)


def test_lengths_are_counted_as_line_counts_them() -> None:
    assert (len(KHMER), grapheme_length(KHMER)) == (4, 1)
    assert (utf16_length(FAMILY), grapheme_length(FAMILY)) == (8, 1)
    assert utf16_length("\ud800") == 1
    assert utf16_slice("👋🏻 @bot hi", 5, 4) == "@bot"
