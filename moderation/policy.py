"""Who may moderate what. Pure: values in, a reasoned decision out."""

from __future__ import annotations

from collections.abc import Collection

from app.core.actor import ALLOWED, Actor, Decision, Role, deny
from app.interpreting.policy import to_pair_language
from moderation.models import Action
from translation.languages import LanguageTag


def can_report(actor: Actor, *, author_id: int) -> Decision:
    """Everybody signed in, guests too: whoever is threatened must be able to say so. Nobody reports herself."""
    if actor.is_suspended:
        return deny("accounts.suspended")
    if actor.account_id == author_id:
        return deny("moderation.own_post")
    return ALLOWED


def can_moderate(actor: Actor) -> Decision:
    """Moderators, and interpreters for the languages they read."""
    if actor.is_suspended:
        return deny("accounts.suspended")
    if not actor.is_moderator and not (actor.is_interpreter and actor.pairs):
        return deny("moderation.not_moderator")
    return ALLOWED


def can_see_item(actor: Actor, *, language: LanguageTag) -> Decision:
    """Moderators everywhere; an interpreter where the post is in a language of her pairs, so that she judges the words
    themselves."""
    decision = can_moderate(actor)
    if not decision or actor.is_moderator:
        return decision
    return ALLOWED if to_pair_language(language) in actor.pair_languages else deny("moderation.other_language")


def can_decide(
    actor: Actor, *, action: Action, language: LanguageTag, author_id: int, author_roles: Collection[str]
) -> Decision:
    """Nobody decides about an own post. Suspending people is for moderators, suspending those who run the platform for
    administrators."""
    decision = can_see_item(actor, language=language)
    if not decision:
        return decision
    if actor.account_id == author_id:
        return deny("moderation.own_post")
    if action is Action.SUSPEND:
        if not actor.is_moderator:
            return deny("moderation.moderators_only")
        if Role.ADMIN not in actor.roles and {Role.MODERATOR, Role.ADMIN}.intersection(author_roles):
            return deny("moderation.admins_only")
    return ALLOWED
