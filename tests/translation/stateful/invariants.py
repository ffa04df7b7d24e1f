"""What must hold after every step of every history. Each function names what is wrong, by ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tests.translation.stateful.ledger import Doer, Ledger
from tests.translation.stateful.snapshot import Row, Snapshot
from translation.languages import LanguageTag
from translation.models import TranslationState, WaitReason
from translation.results import OriginKind
from translation.service import turns
from translation.text import digest_text

PENDING, MACHINE, WAITING = TranslationState.PENDING, TranslationState.MACHINE, TranslationState.WAITING
VERIFIED, STALE, WITHDRAWN = TranslationState.VERIFIED, TranslationState.STALE, TranslationState.WITHDRAWN


@dataclass(frozen=True)
class Moment:
    """The tables after a step and before it, and what is known of the step."""

    now: Snapshot
    before: Snapshot | None
    ledger: Ledger


Check = Callable[[Moment], Iterable[str]]
#: Those of all files that have been imported; ``checks.py`` imports all.
CHECKS: Final[list[Check]] = []


def invariant(check: Check) -> Check:
    CHECKS.append(check)
    return check


def _is_person(candidate: Row | None) -> bool:
    return candidate is not None and candidate.origin is not OriginKind.MACHINE


@invariant
def one_active_candidate_a_translation(moment: Moment) -> Iterable[str]:
    for translation_id, count in moment.now.count_active().items():
        if count > 1:
            yield f"translation {translation_id} has {count}"


@invariant
def state_and_candidate_agree(moment: Moment) -> Iterable[str]:
    """A machine's text is never called a person's, nor the other way round; what is in the queue has none."""
    for row in moment.now.translations.values():
        active = moment.now.active.get(row.id)
        is_right = {
            PENDING: active is None,
            WITHDRAWN: active is None,
            WAITING: not _is_person(active),
            MACHINE: active is not None and not _is_person(active),
            VERIFIED: _is_person(active) and row.grade is not None,
            STALE: True,
        }
        if not is_right[row.state]:
            yield f"translation {row.id} is {row.state}"


@invariant
def people_vouch_for_what_is_verified(moment: Moment) -> Iterable[str]:
    """An interpreter, or through the memory another one; and time alone verifies nothing."""
    before = moment.before.translations if moment.before is not None else {}
    for row in moment.now.translations.values():
        active = moment.now.active.get(row.id)
        if row.state is not VERIFIED:
            continue
        is_hers = active is not None and active.origin is OriginKind.INTERPRETER and active.created_by_id is not None
        if not is_hers and (active is None or active.origin is not OriginKind.MEMORY):
            yield f"nobody vouches for translation {row.id}"
        was = before.get(row.id)
        if moment.ledger.doer is Doer.CLOCK and was is not None and was.state is not VERIFIED:
            yield f"translation {row.id} became verified by waiting"


@invariant
def candidates_never_change(moment: Moment) -> Iterable[str]:
    before = moment.before.candidates if moment.before is not None else {}
    for row in moment.now.candidates.values():
        was = before.get(row.id)
        if was is not None and (was.text, was.source_digest, was.origin) != (row.text, row.source_digest, row.origin):
            yield f"candidate {row.id}"


@invariant
def machines_leave_peoples_text_alone(moment: Moment) -> Iterable[str]:
    if moment.before is None or moment.ledger.doer is Doer.PERSON:
        return
    for translation_id, candidate in moment.before.active.items():
        if not _is_person(candidate):
            continue
        active = moment.now.active.get(translation_id)
        if active is None or active.id != candidate.id:
            yield f"candidate {candidate.id} of translation {translation_id} is active no more"
        if moment.now.translations[translation_id].state is not moment.before.translations[translation_id].state:
            yield f"translation {translation_id} is {moment.now.translations[translation_id].state}"


@invariant
def texts_are_of_their_source(moment: Moment) -> Iterable[str]:
    """What is active was made from the source as it is now, in the language that it is taken to be in."""
    for row in moment.now.translations.values():
        active, source = moment.now.active.get(row.id), moment.now.sources[row.source_text_id]
        if row.state not in (MACHINE, VERIFIED, WAITING) or active is None:
            continue
        if active.source_digest != source.digest or source.digest != digest_text(source.text):
            yield f"candidate {active.id} was made from another text than translation {row.id} is of"
        hops = (active.route[0], active.route[-1]) if active.route else (row.source_language, row.target_language)
        if hops != (source.language, row.target_language) or row.source_language is not source.language:
            yield f"candidate {active.id} was made from another language than translation {row.id} is from"


@invariant
def readers_are_told_what_is_outdated(moment: Moment) -> Iterable[str]:
    for (source_id, _), view in moment.now.views.items():
        candidate = moment.now.candidates.get(view.candidate_id or 0)
        if view.text is None:
            continue
        if candidate is None or candidate.text != view.text:
            yield f"text {source_id}: what is shown is nobody's"
            continue
        is_own = candidate.source_digest == moment.now.sources[source_id].digest and candidate.translation_id == view.id
        if not is_own and view.state is not STALE:
            yield f"text {source_id}: candidate {candidate.id} is shown as {view.state}"
        if (view.state is VERIFIED) is not _is_person(candidate) and view.state is not STALE:
            yield f"text {source_id}: candidate {candidate.id} of {candidate.origin} is shown as {view.state}"


@invariant
def an_edit_keeps_what_was_shown(moment: Moment) -> Iterable[str]:
    before = moment.before.posts if moment.before is not None else {}
    for post in moment.now.posts.values():
        was = before.get(post.id)
        if moment.before is None or was is None or was.source_text_id == post.source_text_id:
            continue
        for (source_id, target), view in moment.now.views.items():
            old = moment.before.views.get((was.source_text_id, target))
            if source_id == post.source_text_id and view.state is STALE and (old is None or old.text != view.text):
                yield f"translation {view.id} shows candidate {view.candidate_id}"


@invariant
def what_is_held_is_not_shown(moment: Moment) -> Iterable[str]:
    for view in moment.now.views.values():
        active = moment.now.active.get(view.id)
        if view.underlying is WAITING and active is not None and view.candidate_id == active.id:
            yield f"translation {view.id}"


@invariant
def reported_text_stays_shown(moment: Moment) -> Iterable[str]:
    before = moment.before.views if moment.before is not None else {}
    for place, view in moment.now.views.items():
        was = before.get(place)
        if view.id in moment.ledger.reported and (was is None or (was.text, was.state) != (view.text, view.state)):
            yield f"translation {view.id} is {view.state}"
        if view.id in moment.ledger.reported and not view.is_reported:
            yield f"translation {view.id} is not marked"


@invariant
def waiting_has_a_reason(moment: Moment) -> Iterable[str]:
    for row in moment.now.translations.values():
        if row.state in (PENDING, MACHINE, VERIFIED, WAITING) and (row.state is WAITING) is not (
            row.reason is not None
        ):
            yield f"translation {row.id} is {row.state} for {row.reason}"


@invariant
def unknown_languages_are_not_translated(moment: Moment) -> Iterable[str]:
    """But for a title like "999" that an interpreter gives along with its text."""
    for row in moment.now.translations.values():
        if row.source_language is not LanguageTag.UND or row.state in (STALE, WITHDRAWN):
            continue
        active = moment.now.active.get(row.id)
        is_waiting = (row.state, row.reason) == (WAITING, WaitReason.UNKNOWN_LANGUAGE) and active is None
        is_given = active is not None and active.origin is OriginKind.INTERPRETER
        if not is_waiting and not is_given:
            yield f"translation {row.id} is {row.state}"


@invariant
def every_language_has_its_translation(moment: Moment) -> Iterable[str]:
    """Of a text that readers see, what was asked for is somewhere on its way; only into the text's own language there
    is nothing to do."""
    current = {each for post in moment.now.visible for each in (post.source_text_id, post.title_text_id)}
    for row in moment.now.translations.values():
        source = moment.now.sources[row.source_text_id]
        if row.source_text_id not in current or source.withdrawn_at is not None:
            continue
        if (row.state is WITHDRAWN) is not (source.language is row.target_language) or row.state is STALE:
            yield f"translation {row.id} from {source.language} into {row.target_language} is {row.state}"


@invariant
def nobody_is_left_out_of_the_queue(moment: Moment) -> Iterable[str]:
    """What is pending comes back before the next hour is over, and who comes for the first time isn't overtaken by
    whoever comes after."""
    waiting = [row for row in moment.now.translations.values() if row.state is PENDING]
    last = turns._put_off_to(moment.now.at + timedelta(hours=1))
    for row in waiting:
        if row.turn > last or row.available_at > moment.now.at + timedelta(hours=1):
            yield f"translation {row.id} waits until {row.available_at}, in turn {row.turn}"
    ordinary = [row for row in waiting if 0 <= row.turn < turns.BACKGROUND]
    for first in ordinary:
        for later in ordinary if first.id in moment.ledger.first else ():
            if later.id > first.id and (later.turn, later.id) < (first.turn, first.id):
                yield f"translation {later.id} comes before {first.id}"
    yield from moment.ledger.jumps


@invariant
def workers_keep_what_they_took(moment: Moment) -> Iterable[str]:
    """Nothing is done twice at the same time, or twice in one attempt; and what somebody is at isn't put off."""
    yield from moment.ledger.doubles
    for batch in moment.ledger.batches:
        for item in batch.items if batch.until > moment.now.at else ():
            row = moment.now.translations[item.translation_id]
            if row.state is PENDING and row.attempts == item.attempt and row.turn >= turns.PUT_OFF:
                yield f"translation {row.id} is put off while a worker is at it"


@invariant
def names_are_as_the_glossary_says(moment: Moment) -> Iterable[str]:
    """Once every change of the glossary has been looked through, no machine text that is shown goes against it."""
    if not moment.now.regates:
        yield from (f"translation {each}" for each in moment.now.misnamed)


@invariant
def machine_text_follows_the_english_that_stands(moment: Moment) -> Iterable[str]:
    now = moment.now
    for row in now.translations.values():
        if row.state is not MACHINE or row.bridge_candidate_id is None:
            continue
        english = now.by_text.get((row.source_text_id, LanguageTag.EN))
        stands = now.active.get(english.id) if english is not None else None
        began = now.candidates.get(row.bridge_candidate_id)
        if began is None or stands is None or began.text != stands.text:
            yield f"translation {row.id} goes on from candidate {row.bridge_candidate_id}"


@invariant
def nobody_is_alone_too_few(moment: Moment) -> Iterable[str]:
    """The only interpreter of a language finishes what she takes."""
    yield from moment.ledger.blocked


@invariant
def every_step_can_be_told(moment: Moment) -> Iterable[str]:
    """What follows from events runs without an error."""
    yield from moment.ledger.failures
