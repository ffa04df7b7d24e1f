"""Reading LINE's JSON, whatever it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.line.events import EventKind, LineEvent, read_event

USER = "U" + "a" * 32


def make_event(**fields: object) -> dict[str, object]:
    return {
        "type": "message",
        "mode": "active",
        "timestamp": 1_772_438_400_000,
        "source": {"type": "user", "userId": USER},
        "webhookEventId": "01HZZZZZZZZZZZZZZZZZZZZZZZ",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": "b" * 32,
        "message": {"id": "1", "type": "text", "text": "xin chào"},
    } | fields


def test_text_is_read_with_everything_that_is_used() -> None:
    event = read_event(make_event())
    assert event == LineEvent(
        event_id="01HZZZZZZZZZZZZZZZZZZZZZZZ",
        kind=EventKind.TEXT,
        event_at=datetime(2026, 3, 2, 8, tzinfo=UTC),
        user_id=USER,
        message_id="1",
        text="xin chào",
        reply_token="b" * 32,
    )
    assert event.is_handled


def test_line_emoji_are_cut_out_by_utf16_offsets() -> None:
    message = {
        "id": "1",
        "type": "text",
        "text": "👋 (love) chào",
        "emojis": [{"index": 3, "length": 6, "productId": "p", "emojiId": "e"}, {"index": True, "length": "x"}, 7],
    }
    assert read_event(make_event(message=message)).text == "👋  chào"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"message": {"id": "1", "type": "sticker"}}, EventKind.WORDLESS),
        ({"message": {"id": "1", "type": "hologram"}}, EventKind.WORDLESS),
        ({"type": "somethingNew"}, EventKind.OTHER),
        ({"type": ["follow"]}, EventKind.OTHER),
        ({"type": "follow", "follow": {}}, EventKind.FOLLOW),
        ({"replyToken": "0" * 32}, EventKind.OTHER),
        ({"source": {"type": "group", "groupId": "C" + "a" * 32, "userId": USER}}, EventKind.OTHER),
    ],
)
def test_kind_is_what_can_be_handled(fields: dict[str, object], kind: EventKind) -> None:
    assert read_event(make_event(**fields)).kind is kind


@pytest.mark.parametrize(
    "fields",
    [
        {"mode": "standby"},
        {"mode": "new-mode"},
        {"source": {"type": "user"}},
        {"source": {"type": "user", "userId": "Uabc"}},
        {"type": "unsend", "unsend": {}},
        {"source": {"type": "group", "groupId": "C" + "a" * 32, "userId": USER}},
    ],
)
def test_event_is_not_handled_when_it_is_of_no_use(fields: dict[str, object]) -> None:
    assert not read_event(make_event(**fields)).is_handled


@pytest.mark.parametrize("kind", ["unsend", "unfollow"])
def test_taking_back_counts_in_standby_too(kind: str) -> None:
    assert read_event(make_event(type=kind, mode="standby", unsend={"messageId": "1"})).is_handled


@pytest.mark.parametrize("timestamp", [None, True, -1, 1e300, float("nan"), "1772438400000", [1]])
def test_time_is_none_when_it_is_no_time(timestamp: object) -> None:
    assert read_event(make_event(timestamp=timestamp)).event_at is None


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    raw = json.loads('{"id": "1", "type": "text", "text": "a\\ud800b"}')
    assert read_event(make_event(message=raw)).text == "a\ufffdb"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ("type", "mode", "timestamp", "source", "webhookEventId", "replyToken", "message", "postback", "unsend")


@given(st.sampled_from(_FIELDS), _JSON, _JSON)
def test_any_json_is_read_without_an_error(field: str, value: object, other: object) -> None:
    for event in (read_event(value), read_event(make_event(**{field: value, "deliveryContext": other}))):
        # What is stored comes back as it was.
        assert LineEvent.model_validate_json(event.model_dump_json()) == event
