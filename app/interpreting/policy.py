"""Who may do which human work. Pure: values in, a reasoned decision out."""

from __future__ import annotations

from app.core.actor import ALLOWED, Actor, Decision, deny
from app.interpreting.models import Task
from translation.languages import LanguageTag


def to_pair_language(tag: LanguageTag) -> LanguageTag:
    """The language as pairs name it: who reads Traditional Chinese reads Simplified too."""
    return LanguageTag.ZH_HANT if tag is LanguageTag.ZH_HANS else tag


def can_interpret(actor: Actor) -> Decision:
    """Whether the person does such work at all."""
    if not actor.is_interpreter or not actor.pairs:
        return deny("interpreting.not_interpreter")
    if actor.is_suspended:
        return deny("accounts.suspended")
    return ALLOWED


def can_work_pair(actor: Actor, source: LanguageTag, target: LanguageTag) -> Decision:
    """An interpreter works the pairs she has, each in its own direction."""
    decision = can_interpret(actor)
    if not decision:
        return decision
    if (to_pair_language(source), to_pair_language(target)) not in actor.pairs:
        return deny("interpreting.other_pair")
    return ALLOWED


def can_work_task(actor: Actor, task: Task) -> Decision:
    """A text in an unknown language is shown to every interpreter: one of them will know it."""
    if not task.source_language.is_known:
        return can_interpret(actor)
    return can_work_pair(actor, task.source_language, task.target_language)
