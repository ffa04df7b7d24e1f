"""Who may keep the glossary. Pure: values in, a reasoned decision out.

An interpreter vouches alone: nothing here waits for a second person, as there may be none for a language.
"""

from __future__ import annotations

from app.core.actor import ALLOWED, Actor, Decision, deny
from app.interpreting.policy import can_interpret, to_pair_language
from translation.languages import LanguageTag


def can_vouch(actor: Actor, language: LanguageTag) -> Decision:
    """Interpreters, for the terms of the languages of their pairs, in either direction. Moderators and operators don't:
    what is called confirmed was confirmed by somebody who knows the language."""
    decision = can_interpret(actor)
    if not decision:
        return decision
    return ALLOWED if to_pair_language(language) in actor.pair_languages else deny("glossary.other_language")


def can_add_concept(actor: Actor) -> Decision:
    """Whoever works with terms: interpreters, moderators, operators. New terms are unconfirmed."""
    if actor.is_suspended:
        return deny("accounts.suspended")
    return ALLOWED if actor.is_moderator or can_interpret(actor) else deny("glossary.not_keeper")


def can_remove_concept(actor: Actor) -> Decision:
    """It takes what interpreters of other languages vouch for, so it isn't one interpreter's to do."""
    if actor.is_suspended:
        return deny("accounts.suspended")
    return ALLOWED if actor.is_moderator else deny("moderation.moderators_only")


def can_change_term(actor: Actor, language: LanguageTag) -> Decision:
    """Proposing a wording and taking one away: interpreters of the language, and moderators, who may also take the
    whole concept."""
    decision = can_add_concept(actor)
    if not decision or actor.is_moderator:
        return decision
    return can_vouch(actor, language)
