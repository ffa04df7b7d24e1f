"""What the bot sends fits LINE's limits, in every language and for the longest texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.actor import AccountKind
from app.forum.models import Channel, PostState
from app.forum.views import AuthorView, LanguageView, PostView
from bots.line.cards import describe_voucher, make_answer_card
from bots.line.messages import list_place_choices, make_choice_card, make_greeting, make_text
from simulators.line.limits import check_messages
from simulators.line.shapes import check_shape
from translation.languages import ENDONYMS, LANGUAGES, LanguageTag
from translation.models import Grade, TranslationState
from translation.queries import OriginView, TranslationView
from translation.results import Basis, OriginKind

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
URL = "http://127.0.0.1:8000/km/q/7"


def find_problems(*messages: dict[str, Any]) -> list[object]:
    body = {"to": "U" + "a" * 32, "messages": list(messages)}
    return [*check_messages(body), *check_shape("push", body)]


def make_view(text: str | None = "ទៅ NIA", *, body: str = "到移民署", state: str = "verified") -> PostView:
    translation = TranslationView(
        id=5,
        source_text_id=3,
        source_language=LanguageTag.ZH_HANT,
        language=LanguageTag.KM,
        state=TranslationState(state),
        underlying=TranslationState(state),
        grade=Grade.ONE,
        is_reported=False,
        text=text,
        origin=OriginView(kind=OriginKind.INTERPRETER, engine=None, route=()),
        candidate_id=9,
        reason=None,
        checks=(),
        is_demo=False,
        updated_at=NOW,
    )
    return PostView(
        id=12,
        thread_id=7,
        change=1,
        author=AuthorView(id=1, display_name="A", kind=AccountKind.CITIZEN),
        channel=Channel.WEB,
        language=LanguageView(tag=LanguageTag.ZH_HANT, basis=Basis.SCRIPT, confidence=1.0),
        body=body,
        facts=(),
        created_at=NOW,
        edited_at=None,
        state=PostState.VISIBLE,
        hold_reason=None,
        reply_to_id=None,
        source_text_id=3,
        title=None,
        translation=translation,
        is_demo=False,
        lacks_translation=False,
    )


def list_texts(component: Any) -> list[str]:
    if isinstance(component, list):
        return [text for each in component for text in list_texts(each)]
    if not isinstance(component, dict):
        return []
    own = [component["text"]] if component.get("type") == "text" else []
    return own + [text for value in component.values() for text in list_texts(value)]


def list_actions(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [button["action"] for button in card["contents"]["footer"]["contents"]]


def test_card_shows_who_vouches_the_translation_and_the_original() -> None:
    card = make_answer_card(make_view(), locale="en", url=URL)
    texts = list_texts(card["contents"])
    assert texts.index("Checked by an interpreter · from 繁體中文") < texts.index("ទៅ NIA") < texts.index("到移民署")
    assert "ទៅ NIA" in card["altText"]
    reply, wrong, web = list_actions(card)
    assert (reply["data"], wrong["data"], web["uri"]) == ("1:reply:12", "1:wrong:12:9", URL)


@pytest.mark.parametrize(
    ("state", "label"),
    [
        ("machine", "Machine translation · from 繁體中文"),
        ("verified", "Checked by an interpreter · from 繁體中文"),
        ("stale", "Outdated translation · from 繁體中文"),
    ],
)
def test_label_says_what_the_text_is(state: str, label: str) -> None:
    assert describe_voucher(make_view(state=state), locale="en") == label


def test_label_says_original_when_nothing_was_translated() -> None:
    post = replace(make_view(), translation=None)
    assert describe_voucher(post, locale="en") == "Original · 繁體中文"
    card = make_answer_card(post, locale="en", url=URL)
    assert list_texts(card["contents"]).count("到移民署") == 1
    assert [action["type"] for action in list_actions(card)] == ["postback", "uri"]


def test_label_bears_a_language_that_nobody_knows() -> None:
    language = LanguageView(tag=LanguageTag.UND, basis=Basis.UNKNOWN, confidence=0.0)
    assert "language not known" in describe_voucher(replace(make_view(), language=language), locale="en")


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("character", ["ខ្មុំ", "กำ", "繁", "👨‍👩‍👧", "a ", "\\", '"'])
def test_card_fits_when_texts_are_as_long_as_they_get(locale: LanguageTag, character: str) -> None:
    longest = character * 20_000
    card = make_answer_card(make_view(longest, body=longest), locale=locale, url=URL)
    assert find_problems(card) == []


def test_card_fits_when_texts_are_short() -> None:
    assert find_problems(make_answer_card(make_view("1", body="2"), locale="th", url=URL)) == []


def test_the_checker_finds_what_is_too_long() -> None:
    card = make_answer_card(make_view(), locale="en", url=URL)
    assert find_problems({**card, "altText": "x" * 1501})
    assert find_problems({**card, "contents": {**card["contents"], "sizze": "mega"}})


@pytest.mark.parametrize("likely", [None, *LANGUAGES])
def test_greeting_offers_six_languages_in_their_own_scripts(likely: LanguageTag | None) -> None:
    greeting = make_greeting(likely)
    assert find_problems(*greeting) == []
    quick = [item["action"] for item in greeting[-1]["quickReply"]["items"]]
    buttons = [each["action"] for each in greeting[-1]["contents"]["body"]["contents"] if each["type"] == "button"]
    assert sorted(action["label"] for action in quick) == sorted(ENDONYMS[tag] for tag in LANGUAGES)
    assert buttons == quick
    assert {action["type"] for action in quick} == {"postback"}
    if likely is not None:
        assert quick[0]["label"] == ENDONYMS[likely]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_choices_fit_in_every_language(locale: LanguageTag) -> None:
    card = make_choice_card(["x" * 2_000], list_place_choices(locale))
    assert find_problems(make_text("x" * 6_000, "y"), card) == []
