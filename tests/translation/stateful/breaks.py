"""The product with one thing wrong in it: for each invariant at least one way to break it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from app.core.errors import ConflictError
from app.forum.events import PostWithdrawn
from tests.translation.stateful import deeds, deeds_machine
from tests.translation.stateful.cast import EN, VI, ZH, Mood
from tests.translation.stateful.steps import KHMER_READER, ask, do, submit, translate, unsubscribe, verify, write
from tests.translation.stateful.world import POOR, World
from translation import queries
from translation.glossary import regate
from translation.models import Candidate, Grade, SourceText, Translation, TranslationState
from translation.service import memory, sources, turns, verification, work
from translation.service.work import WorkDone

Patch = pytest.MonkeyPatch


def two_active_candidates(world: World, _patch: Patch) -> None:
    translate(world)
    do(world, deeds_machine.change_engine, mood=Mood.GOOD, is_new=True)
    do(world, deeds_machine.make_again)
    do(world, deeds_machine.run)
    write(world, text("DROP INDEX uq_candidates_active"), update(Candidate).values(is_active=True))


def queued_with_its_text(world: World, patch: Patch) -> None:
    translate(world)
    do(world, deeds_machine.change_engine, mood=Mood.GOOD, is_new=True)

    def only_queue(_session: Any, *, rows: Sequence[Translation], **_how: Any) -> None:
        for row in rows:
            row.state = TranslationState.PENDING

    patch.setattr("translation.service.again.start_again", only_queue)
    deeds_machine.make_again(world)


def verified_by_a_timer(world: World, _patch: Patch) -> None:
    translate(world)
    deeds_machine.pass_time(world, seconds=3600)
    write(world, update(Translation).values(state=TranslationState.VERIFIED, grade=Grade.ONE))


def rewritten_in_place(world: World, _patch: Patch) -> None:
    translate(world)
    write(world, update(Candidate).values(text="better"))


def worker_overwrites_a_person(world: World, patch: Patch) -> None:
    ask(world)
    do(world, deeds_machine.claim, limit=32)
    do(world, deeds_machine.run)
    do(world, deeds_machine.pass_time, seconds=61)
    do(world, deeds_machine.run)
    submit(world)
    real = work.finish_work

    def finish(session: Any, *, done: Sequence[WorkDone], now: Any) -> None:
        session.execute(update(Translation).values(state=TranslationState.PENDING, grade=None))
        session.execute(update(Candidate).values(is_active=False))
        real(session, done=done, now=now)

    patch.setattr(work, "finish_work", finish)
    patch.setattr(work, "_is_fresh", lambda *_: True)
    deeds_machine.finish(world, batch=0)


def late_result_is_written(world: World, patch: Patch) -> None:
    ask(world)
    do(world, deeds_machine.claim, limit=32)
    do(world, deeds.set_language, who=0, post=0, language=EN)
    patch.setattr(work, "_is_fresh", lambda *_: True)
    deeds_machine.finish(world, batch=0)


def edited_in_place(world: World, _patch: Patch) -> None:
    translate(world)
    write(world, update(SourceText).values(text="Không.", digest="0"))


def outdated_without_a_label(world: World, patch: Patch) -> None:
    translate(world)
    patch.setattr(queries, "_name_state", lambda *_: TranslationState.MACHINE)
    deeds.edit(world, post=0, text=3)


def edit_hands_over_something_else(world: World, patch: Patch) -> None:
    translate(world)
    do(world, deeds_machine.change_engine, mood=Mood.GOOD, is_new=True)
    do(world, deeds_machine.make_again)
    do(world, deeds_machine.run)
    real = sources.mark_stale
    oldest = min(world.seen.active.values(), key=lambda row: row.id).id - 1
    patch.setattr(sources, "mark_stale", lambda session, **how: dict.fromkeys(real(session, **how), oldest))
    deeds.edit(world, post=0, text=3)


def held_text_is_shown(world: World, patch: Patch) -> None:
    ask(world)
    do(world, deeds_machine.change_engine, mood=Mood.WRONG_SCRIPT, is_new=False)
    patch.setattr(queries, "_SHOWN", (TranslationState.MACHINE, TranslationState.WAITING))
    deeds_machine.run(world)


def report_hides_the_text(world: World, patch: Patch) -> None:
    translate(world)
    real = verification.report_translation

    def report(session: Any, **how: Any) -> None:
        real(session, **how)
        session.execute(update(Translation).values(state=TranslationState.WAITING, reason="held"))

    patch.setattr("app.forum.service.translations.report_translation", report)
    deeds.report_translation(world, who=1, translation=0)


def waits_for_no_reason(world: World, patch: Patch) -> None:
    ask(world)
    patch.setattr(deeds_machine, "translate_items", lambda items, _engines: [WorkDone(item=item) for item in items])
    deeds_machine.claim(world, limit=32)
    deeds_machine.finish(world, batch=0)


def unknown_language_is_queued(world: World, patch: Patch) -> None:
    real = sources._make_values
    patch.setattr(
        sources, "_make_values", lambda *how: real(*how) | {"state": TranslationState.PENDING, "reason": None}
    )
    deeds.ask(world, who=0, text=8, title=2, is_risky=False, is_private=False)


def corrected_language_leaves_a_gap(world: World, _patch: Patch) -> None:
    translate(world)
    do(world, deeds.set_language, who=0, post=0, language=ZH)
    write(world, update(SourceText).values(language=VI), update(Translation).values(source_language=VI))


def mistake_stays_in_memory(world: World, patch: Patch) -> None:
    verify(world)
    patch.setattr(memory, "forget_translations", lambda *_, **_how: None)
    deeds.set_language(world, who=0, post=0, language=EN)


def taken_back_before_it_is_written(world: World, patch: Patch) -> None:
    translate(world)
    ask(world)
    submit(world)
    do(world, deeds_machine.claim, limit=32)
    do(world, deeds.withdraw, post=0)
    patch.setattr(work, "_find_outdated", lambda *_: set())
    deeds_machine.finish(world, batch=0)


def memory_crosses_into_public(world: World, patch: Patch) -> None:
    verify(world, is_private=True)
    patch.setattr(memory, "_readable_scopes", lambda _scope: ("public", "thread:1"))
    deeds.ask(world, who=0, text=0, title=0, is_risky=True, is_private=False)


def preview_outlives_its_text(world: World, patch: Patch) -> None:
    do(world, deeds.preview, who=0, text=0, language=ZH)
    ask(world)
    patch.setattr("app.forum.service.posts.forget_texts_of", lambda *_, **_how: None)
    deeds.withdraw(world, post=0)


def withdrawal_forgets_the_text_only(world: World, patch: Patch) -> None:
    verify(world)
    patch.setattr(sources, "delete", lambda _what: update(Candidate).values(is_active=False))
    patch.setattr(memory, "forget_reports", lambda *_, **_how: None)
    deeds.withdraw(world, post=0)


def told_of_what_is_gone(world: World, _patch: Patch) -> None:
    ask(world, words=4, who=1)
    do(world, deeds.answer, who=0, thread=0, text=2)
    do(world, deeds.answer, who=2, thread=0, text=6)
    do(world, deeds_machine.send_notices, is_reached=False)
    unsubscribe(world, PostWithdrawn)
    deeds.withdraw(world, post=2)


def put_off_for_days(world: World, patch: Patch) -> None:
    for _ in range(3):
        ask(world)
    world.limits = POOR
    patch.setattr(work, "end_hour", lambda now: now + timedelta(days=2))
    for _ in range(3):
        deeds_machine.claim(world, limit=2)


def newest_go_first(world: World, patch: Patch) -> None:
    backwards = iter(range(10_000, 0, -1))
    patch.setattr(sources, "take_turns", lambda _session, *, owner_id, costs: [next(backwards) for _ in costs])
    for who in (0, 3):
        deeds.ask(world, who=who, text=0, title=0, is_risky=False, is_private=False)
        world.ledger.jumps += world.look()


def never_written(world: World, patch: Patch) -> None:
    ask(world)
    patch.setattr("translation.tasks.finish_work", lambda *_, **_how: None)
    deeds_machine.work_off(world)


def claimed_without_a_lease(world: World, patch: Patch) -> None:
    ask(world)
    real = work.claim_work
    patch.setattr(work, "claim_work", lambda session, **how: real(session, **how | {"lease": timedelta(0)}))
    deeds_machine.claim(world, limit=32)
    deeds_machine.claim(world, limit=32)


def taken_and_put_off(world: World, patch: Patch) -> None:
    for _ in range(3):
        ask(world)
    world.limits = POOR
    real = turns.put_off
    patch.setattr(
        turns, "put_off", lambda session, **how: real(session, **how | {"which": Translation.id.is_not(None)})
    )
    deeds_machine.claim(world, limit=32)


def glossary_is_not_looked_through(world: World, patch: Patch) -> None:
    do(world, deeds_machine.change_engine, mood=Mood.GOOD, is_new=True)
    translate(world)
    do(world, deeds_machine.change_glossary, is_verified=True)
    patch.setattr(regate, "_regate", lambda *_: None)
    deeds_machine.check_names(world)


def glossary_changes_meanwhile(world: World, patch: Patch) -> None:
    do(world, deeds_machine.change_engine, mood=Mood.GOOD, is_new=True)
    ask(world)
    do(world, deeds_machine.claim, limit=32)
    do(world, deeds_machine.change_glossary, is_verified=True)
    do(world, deeds_machine.check_names)
    patch.setattr(work, "_find_outdated", lambda *_: set())
    deeds_machine.finish(world, batch=0)


def corrected_english_is_not_followed(world: World, patch: Patch) -> None:
    ask(world)
    do(world, deeds.open_thread, who=2, thread=0, language=EN)
    do(world, deeds_machine.run)
    english = [task.target_language for tasks in world.seen.unfinished.values() for task in tasks].index(EN)
    submit(world, task=english)
    do(world, deeds_machine.run)
    places = [row.target_language for row in world.seen.translations.values() if row.state == "verified"]
    assert places[0] is EN
    reportable = [
        row.target_language
        for row in world.seen.translations.values()
        if row.source_text_id == world.seen.posts[1].source_text_id
    ]
    do(world, deeds.report_translation, who=1, translation=reportable.index(EN))
    patch.setattr(verification, "go_on_from", lambda *_, **_how: None)
    tasks = [task for tasks in world.seen.unfinished.values() for task in tasks]
    reported = [task.target_language for task in tasks].index(EN)
    deeds.submit(world, who=0, task=reported, words=1, base="seen", with_title=False)


def two_people_are_asked_for(world: World, patch: Patch) -> None:
    translate(world, words=7, who=KHMER_READER)

    def refuse(*_: Any, **_how: Any) -> None:
        raise ConflictError

    patch.setattr("app.interpreting.service.submit_translation", refuse)
    deeds.submit(world, who=2, task=0, words=0, base="seen", with_title=False)


def notices_fail(world: World, patch: Patch) -> None:
    ask(world)

    def fail(*_: Any, **_how: Any) -> None:
        raise ValueError

    patch.setattr("app.notifications.service.plan_for_post", fail)
    deeds_machine.send_notices(world, is_reached=True)


#: By the invariant that sees it; those of people's work are in ``breaks_work.py``.
BREAKS: dict[str, list[Callable[[World, Patch], None]]] = {
    "one_active_candidate_a_translation": [two_active_candidates],
    "state_and_candidate_agree": [queued_with_its_text],
    "people_vouch_for_what_is_verified": [verified_by_a_timer],
    "candidates_never_change": [rewritten_in_place],
    "machines_leave_peoples_text_alone": [worker_overwrites_a_person],
    "texts_are_of_their_source": [late_result_is_written, edited_in_place],
    "readers_are_told_what_is_outdated": [outdated_without_a_label],
    "an_edit_keeps_what_was_shown": [edit_hands_over_something_else],
    "what_is_held_is_not_shown": [held_text_is_shown],
    "reported_text_stays_shown": [report_hides_the_text],
    "waiting_has_a_reason": [waits_for_no_reason],
    "unknown_languages_are_not_translated": [unknown_language_is_queued],
    "every_language_has_its_translation": [corrected_language_leaves_a_gap],
    "memory_is_what_people_vouch_for": [mistake_stays_in_memory],
    "memory_speaks_only_of_what_it_knows": [taken_back_before_it_is_written],
    "private_words_stay_private": [memory_crosses_into_public],
    "nothing_is_left_of_what_was_withdrawn": [preview_outlives_its_text, withdrawal_forgets_the_text_only],
    "nobody_is_told_of_what_is_gone": [told_of_what_is_gone],
    "nobody_is_left_out_of_the_queue": [put_off_for_days, newest_go_first, never_written],
    "workers_keep_what_they_took": [claimed_without_a_lease, taken_and_put_off],
    "names_are_as_the_glossary_says": [glossary_is_not_looked_through, glossary_changes_meanwhile],
    "machine_text_follows_the_english_that_stands": [corrected_english_is_not_followed],
    "nobody_is_alone_too_few": [two_people_are_asked_for],
    "every_step_can_be_told": [notices_fail],
}
