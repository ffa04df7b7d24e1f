"""Random histories of texts and their translations: people, workers, operators and time in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from moderation.models import Action
from tests.translation.stateful import deeds, deeds_machine
from tests.translation.stateful.cast import SPOKEN, TEXTS, TITLES, Mood
from tests.translation.stateful.world import World


@dataclass(frozen=True)
class Step:
    """A deed and how it is done."""

    deed: Callable[..., None]
    how: Mapping[str, Any]


def _step(deed: Callable[..., None], how: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Step]:
    return st.builds(Step, st.just(deed), st.fixed_dictionaries(how))


_PICK = st.integers(0, 60)
_TEXT = st.integers(0, len(TEXTS) - 1)
_LANGUAGE = st.sampled_from(SPOKEN)
_YES = st.booleans()

_QUESTION = {
    "who": st.integers(0, 3),
    "text": _TEXT,
    "title": st.integers(0, len(TITLES) - 1),
    "is_risky": _YES,
    "is_private": st.sampled_from([False, False, False, True]),
}
_HANDED_IN = {
    "who": _PICK,
    "task": _PICK,
    "words": st.integers(0, 5),
    "base": st.sampled_from(["seen", "seen", "seen", "none", "stale"]),
    "with_title": _YES,
}
_MOODS = st.sampled_from([Mood.GOOD, Mood.GOOD, *Mood])
_ACTIONS = st.sampled_from([Action.HIDE, Action.HIDE, Action.KEEP, Action.KEEP, Action.KEEP, Action.REMOVE])
_SECONDS = st.sampled_from([5, 61, 20 * 60, 3600])

#: How often each is done, and how.
_DEEDS: Sequence[tuple[int, Callable[..., None], Mapping[str, st.SearchStrategy[Any]]]] = (
    (5, deeds.ask, _QUESTION),
    (6, deeds.answer, {"who": _PICK, "thread": _PICK, "text": _TEXT}),
    (5, deeds.edit, {"post": _PICK, "text": _TEXT}),
    (1, deeds.withdraw, {"post": _PICK}),
    (3, deeds.moderate, {"post": _PICK, "action": _ACTIONS}),
    (2, deeds.set_language, {"who": _PICK, "post": _PICK, "language": _LANGUAGE}),
    (2, deeds.report_language, {"who": _PICK, "post": _PICK, "language": st.none() | _LANGUAGE}),
    (5, deeds.report_translation, {"who": _PICK, "translation": _PICK}),
    (6, deeds.open_thread, {"who": _PICK, "thread": _PICK, "language": _LANGUAGE}),
    (2, deeds.preview, {"who": _PICK, "text": _TEXT, "language": _LANGUAGE}),
    (5, deeds.take_task, {"who": _PICK, "task": _PICK}),
    (3, deeds.go_on, {"who": _PICK, "task": _PICK, "sign": st.integers(0, 3)}),
    (16, deeds.submit, _HANDED_IN),
    (8, deeds_machine.claim, {"limit": st.sampled_from([32, 32, 1, 3])}),
    (10, deeds_machine.finish, {"batch": _PICK}),
    (1, deeds_machine.give_back, {"batch": _PICK}),
    (1, deeds_machine.die, {"batch": _PICK}),
    (8, deeds_machine.run, {}),
    (1, deeds_machine.work_off, {}),
    (4, deeds_machine.change_engine, {"mood": _MOODS, "is_new": _YES}),
    (2, deeds_machine.make_again, {}),
    (2, deeds_machine.try_what_was_left, {}),
    (3, deeds_machine.change_glossary, {"is_verified": _YES}),
    (3, deeds_machine.check_names, {}),
    (1, deeds_machine.bring_memory, {}),
    (1, deeds_machine.set_budget, {"is_poor": _YES}),
    (2, deeds_machine.send_notices, {"is_reached": _YES}),
    (5, deeds_machine.pass_time, {"seconds": _SECONDS}),
)
#: A strategy that stands twice is drawn as often as one that stands once, so each is made anew.
_STEPS = st.one_of([_step(deed, how) for often, deed, how in _DEEDS for _ in range(often)])


class Histories(RuleBasedStateMachine):
    """After every step everything must hold."""

    def __init__(self, open_world: Callable[[], World]) -> None:
        super().__init__()
        self.world = open_world()
        self.check()

    def check(self) -> None:
        broken = self.world.look()
        assert not broken, "\n".join(broken)

    def do(self, step: Step) -> None:
        step.deed(self.world, **step.how)
        self.check()

    def teardown(self) -> None:
        self.world.db.dispose()

    @initialize(step=_step(deeds.ask, _QUESTION))
    def begin(self, step: Step) -> None:
        self.do(step)

    @rule(step=_STEPS)
    def go_on(self, step: Step) -> None:
        self.do(step)
