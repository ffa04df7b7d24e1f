"""The product with one thing wrong in people's work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.forum.events import PostRestored, PostWithdrawn
from moderation.models import Action
from tests.translation.stateful import deeds, deeds_machine
from tests.translation.stateful.cast import Mood
from tests.translation.stateful.steps import KHMER_READER, ask, do, translate, unsubscribe
from tests.translation.stateful.world import World
from translation.events import TranslationsChanged

Patch = pytest.MonkeyPatch


def nobody_is_asked(world: World, _patch: Patch) -> None:
    ask(world, words=7, who=KHMER_READER)
    unsubscribe(world, TranslationsChanged)
    deeds_machine.run(world)


def tasks_stay_open(world: World, patch: Patch) -> None:
    do(world, deeds_machine.change_engine, mood=Mood.GONE, is_new=False)
    translate(world, is_risky=False)
    do(world, deeds_machine.change_engine, mood=Mood.GOOD, is_new=False)
    do(world, deeds_machine.try_what_was_left)
    patch.setattr("app.interpreting.opening._cancel", lambda *_: None)
    deeds_machine.run(world)


def report_is_lost(world: World, _patch: Patch) -> None:
    translate(world, is_risky=False)
    do(world, deeds.report_translation, who=1, translation=0)
    do(world, deeds.moderate, post=0, action=Action.HIDE)
    unsubscribe(world, PostRestored)
    deeds.moderate(world, post=0, action=Action.KEEP)


def language_is_nobodys_business(world: World, _patch: Patch) -> None:
    unsubscribe(world, TranslationsChanged)
    deeds.ask(world, who=0, text=8, title=2, is_risky=False, is_private=False)


def work_goes_on_out_of_sight(world: World, _patch: Patch) -> None:
    translate(world)
    unsubscribe(world, PostWithdrawn)
    deeds.moderate(world, post=0, action=Action.HIDE)


BREAKS_OF_WORK: dict[str, list[Callable[[World, Patch], None]]] = {
    "texts_that_need_somebody_have_a_task": [nobody_is_asked, tasks_stay_open],
    "reports_are_looked_into": [report_is_lost],
    "unknown_languages_are_asked_for": [language_is_nobodys_business],
    "nobody_works_on_what_readers_do_not_see": [work_goes_on_out_of_sight],
}
