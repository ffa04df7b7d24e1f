"""Histories that once broke an invariant, cut down to what it took. After every step everything holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moderation.models import Action
from tests.translation.stateful import deeds, deeds_machine
from tests.translation.stateful.cast import EN, VI, ZH, Mood
from tests.translation.stateful.world import World

Deed = tuple[Callable[..., None], dict[str, Any]]

_ASK: Deed = (deeds.ask, {"who": 0, "text": 0, "title": 0, "is_risky": True, "is_private": False})
_ASK_LIGHTLY: Deed = (deeds.ask, {"who": 0, "text": 0, "title": 0, "is_risky": False, "is_private": False})
_RUN: Deed = (deeds_machine.run, {})
_CLAIM: Deed = (deeds_machine.claim, {"limit": 32})
_FINISH: Deed = (deeds_machine.finish, {"batch": 0})
_SUBMIT: Deed = (deeds.submit, {"who": 0, "task": 0, "words": 0, "base": "seen", "with_title": True})
_NEW_VERSION: Deed = (deeds_machine.change_engine, {"mood": Mood.GOOD, "is_new": True})
_ENGINE_GONE: Deed = (deeds_machine.change_engine, {"mood": Mood.GONE, "is_new": False})
_MAKE_AGAIN: Deed = (deeds_machine.make_again, {})
_VERIFY_NAMES: Deed = (deeds_machine.change_glossary, {"is_verified": True})
_CHECK_NAMES: Deed = (deeds_machine.check_names, {})


def _set_language(language: str) -> Deed:
    return (deeds.set_language, {"who": 0, "post": 0, "language": language})


HISTORIES: dict[str, list[Deed]] = {
    "what a worker has just taken is not put off with the rest of a used budget": [
        _ASK,
        _ASK,
        _ASK,
        (deeds_machine.set_budget, {"is_poor": True}),
        _CLAIM,
    ],
    "a reported text has its task again when its post comes back": [
        _ASK_LIGHTLY,
        _RUN,
        (deeds.report_translation, {"who": 1, "translation": 0}),
        (deeds.moderate, {"post": 0, "action": Action.HIDE}),
        (deeds.moderate, {"post": 0, "action": Action.KEEP}),
    ],
    "previews go with the text": [
        (deeds.preview, {"who": 0, "text": 0, "language": ZH}),
        _ASK,
        (deeds.withdraw, {"post": 0}),
    ],
    "what memory knew at the claim is withdrawn before the result is written": [
        _ASK,
        _RUN,
        _ASK,
        _SUBMIT,
        _CLAIM,
        (deeds.withdraw, {"post": 0}),
        _FINISH,
    ],
    "the glossary changes and is looked through while a worker is at it": [
        _NEW_VERSION,
        _ASK,
        _CLAIM,
        _VERIFY_NAMES,
        _CHECK_NAMES,
        _FINISH,
    ],
    "the glossary is looked through while a text is made again, and the engine goes": [
        _NEW_VERSION,
        _ASK_LIGHTLY,
        _RUN,
        _NEW_VERSION,
        _MAKE_AGAIN,
        _VERIFY_NAMES,
        _CHECK_NAMES,
        _ENGINE_GONE,
        _RUN,
    ],
    "a machine's text that the glossary set free is edited": [
        _ASK_LIGHTLY,
        _RUN,
        _VERIFY_NAMES,
        _NEW_VERSION,
        (deeds.edit, {"post": 0, "text": 1}),
        _RUN,
        (deeds_machine.change_glossary, {"is_verified": False}),
        _CHECK_NAMES,
        (deeds.edit, {"post": 0, "text": 3}),
    ],
    "what is there already takes no place in the queue when a reader asks for more": [
        (deeds.ask, {"who": 3, "text": 7, "title": 0, "is_risky": True, "is_private": False}),
        _RUN,
        (deeds.open_thread, {"who": 0, "thread": 0, "language": VI}),
        (deeds.ask, {"who": 1, "text": 4, "title": 1, "is_risky": True, "is_private": False}),
        (deeds.open_thread, {"who": 0, "thread": 1, "language": VI}),
    ],
    "a language is corrected to the readers' own and back": [_ASK, _RUN, _set_language(ZH), _set_language(VI), _RUN],
    "a language is confirmed as it was": [_ASK, _RUN, _SUBMIT, _set_language(EN), _set_language(VI), _set_language(VI)],
}


@pytest.mark.parametrize("name", list(HISTORIES))
def test_a_history_that_broke_something_holds(world: World, name: str) -> None:
    assert world.look() == []
    for deed, how in HISTORIES[name]:
        deed(world, **how)
        assert world.look() == [], deed.__name__
