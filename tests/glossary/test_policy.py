"""Who may keep the glossary: values in, a reasoned decision out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.actor import NOBODY, AccountKind, Actor, Role
from app.glossary.policy import can_add_concept, can_change_term, can_remove_concept, can_vouch
from translation.languages import LanguageTag

KM, VI, ZH, HANS, UND = LanguageTag.KM, LanguageTag.VI, LanguageTag.ZH_HANT, LanguageTag.ZH_HANS, LanguageTag.UND
CITIZEN = Actor(account_id=1, kind=AccountKind.CITIZEN)
GUEST = Actor(account_id=2, kind=AccountKind.GUEST)
SOLE = Actor(account_id=3, roles=frozenset({Role.INTERPRETER}), pairs=frozenset({("km", "zh-Hant")}))
PAIRLESS = Actor(account_id=4, roles=frozenset({Role.INTERPRETER}))
MODERATOR = Actor(account_id=5, roles=frozenset({Role.MODERATOR}))
ADMIN = Actor(account_id=6, roles=frozenset({Role.ADMIN}))


@pytest.mark.parametrize("language", [KM, ZH, HANS])
def test_interpreter_vouches_alone_for_every_language_of_her_pairs(language: LanguageTag) -> None:
    assert can_vouch(SOLE, language)


@pytest.mark.parametrize(
    ("actor", "language", "reason"),
    [
        (SOLE, VI, "glossary.other_language"),
        (SOLE, UND, "glossary.other_language"),
        (replace(SOLE, is_suspended=True), KM, "accounts.suspended"),
        (PAIRLESS, KM, "interpreting.not_interpreter"),
        (MODERATOR, KM, "interpreting.not_interpreter"),
        (ADMIN, KM, "interpreting.not_interpreter"),
        (CITIZEN, KM, "interpreting.not_interpreter"),
        (NOBODY, KM, "interpreting.not_interpreter"),
    ],
)
def test_nobody_else_vouches(actor: Actor, language: LanguageTag, reason: str) -> None:
    decision = can_vouch(actor, language)
    assert (decision.allowed, decision.reason) == (False, reason)


@pytest.mark.parametrize("actor", [SOLE, MODERATOR, ADMIN])
def test_keepers_add_concepts(actor: Actor) -> None:
    assert can_add_concept(actor)


@pytest.mark.parametrize("actor", [CITIZEN, GUEST, PAIRLESS, NOBODY])
def test_others_add_no_concepts(actor: Actor) -> None:
    assert can_add_concept(actor).reason == "glossary.not_keeper"


def test_concepts_are_removed_by_moderators_only() -> None:
    assert can_remove_concept(MODERATOR)
    assert can_remove_concept(ADMIN)
    for actor in (SOLE, CITIZEN, NOBODY):
        assert can_remove_concept(actor).reason == "moderation.moderators_only"


def test_terms_are_changed_by_moderators_and_interpreters_of_the_language() -> None:
    assert can_change_term(MODERATOR, VI)
    assert can_change_term(SOLE, KM)
    assert can_change_term(SOLE, VI).reason == "glossary.other_language"
    assert can_change_term(CITIZEN, VI).reason == "glossary.not_keeper"


@pytest.mark.parametrize("actor", [MODERATOR, ADMIN, SOLE])
def test_suspended_people_change_nothing(actor: Actor) -> None:
    suspended = replace(actor, is_suspended=True)
    for decision in (can_add_concept(suspended), can_remove_concept(suspended), can_change_term(suspended, KM)):
        assert decision.reason == "accounts.suspended"
