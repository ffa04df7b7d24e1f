"""What people do in a history. Whom and what is chosen by numbers, so that a history can be cut down."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.forum.models import PostState, ThreadKind
from app.forum.queries import get_thread_view
from app.forum.service.languages import report_post_language
from app.forum.service.looking import follow_look, look_at
from app.forum.service.posts import edit_post, set_post_language, withdraw_post
from app.forum.service.previews import preview_text
from app.forum.service.translations import report_post_translation
from app.interpreting.models import TaskKind
from app.interpreting.queries import get_task_view
from app.interpreting.service import (
    claim_task,
    confirm_language,
    release_task,
    renew_task,
    save_draft,
    skip_task,
    submit_task,
)
from moderation.models import Action, ModerationItem
from moderation.models import ReportReason as Offence
from moderation.service import decide_item, report_post
from tests.people import answer as write_answer
from tests.people import ask as write_question
from tests.translation.stateful.cast import PRIVATE_MARK, TEXTS, TITLES, WRITTEN
from tests.translation.stateful.snapshot import Row
from tests.translation.stateful.world import World, choose
from translation.languages import LanguageTag
from translation.models import Translation, TranslationState
from translation.service.verification import ReportReason


def _get_author(world: World, post: Row) -> Actor:
    return next(actor for actor in world.people if actor.account_id == post.author_id)


def ask(world: World, *, who: int, text: int, title: int, is_risky: bool, is_private: bool) -> None:
    world.attempt(
        lambda session: write_question(
            session,
            choose(world.readers, who),
            choose(TEXTS, text),
            title=choose(TITLES, title),
            category="residence" if is_risky else "daily-life",
            kind=ThreadKind.CONSULTATION if is_private else ThreadKind.QUESTION,
            now=world.clock(),
        )
    )


def answer(world: World, *, who: int, thread: int, text: int) -> None:
    thread_id = choose(world.seen.threads, thread)
    if thread_id is not None:
        world.attempt(
            lambda session: write_answer(
                session, choose(world.people, who), thread_id, choose(TEXTS, text), now=world.clock()
            )
        )


def edit(world: World, *, post: int, text: int) -> None:
    row = choose(world.seen.posts.values(), post)
    if row is not None:
        world.attempt(
            lambda session: edit_post(
                session, actor=_get_author(world, row), post_id=row.id, body=choose(TEXTS, text), now=world.clock()
            )
        )


def withdraw(world: World, *, post: int) -> None:
    row = choose(world.seen.posts.values(), post)
    if row is not None:
        world.attempt(
            lambda session: withdraw_post(
                session, actor=_get_author(world, row), post_id=row.id, now=world.clock.advance(seconds=1)
            )
        )


def moderate(world: World, *, post: int, action: Action) -> None:
    """Somebody reports a post, where it isn't in the moderators' room yet, and a moderator decides."""
    row = choose(world.seen.posts.values(), post)
    if row is None:
        return
    reporter = next(actor for actor in world.readers if actor.account_id != row.author_id)
    now = world.clock()
    world.attempt(
        lambda session: report_post(session, actor=reporter, post_id=row.id, reason=Offence.SPAM, note=None, now=now)
    )

    def decide(session: Session) -> None:
        newest = select(ModerationItem.id).where(ModerationItem.post_id == row.id).order_by(ModerationItem.id.desc())
        item_id = session.scalars(newest.limit(1)).one_or_none()
        if item_id is not None:
            decide_item(session, actor=world.moderator, item_id=item_id, action=action, note="", now=now)

    world.attempt(decide)


def set_language(world: World, *, who: int, post: int, language: LanguageTag) -> None:
    row = choose(world.seen.posts.values(), post)
    if row is not None:
        actor = choose([_get_author(world, row), *world.interpreters], who)
        world.attempt(
            lambda session: set_post_language(
                session, actor=actor, post_id=row.id, language=language, now=world.clock()
            )
        )


def report_language(world: World, *, who: int, post: int, language: LanguageTag | None) -> None:
    row = choose(world.seen.posts.values(), post)
    if row is not None:
        world.attempt(
            lambda session: report_post_language(
                session, actor=choose(world.readers, who), post_id=row.id, language=language, now=world.clock()
            )
        )


def report_translation(world: World, *, who: int, translation: int) -> None:
    """Of what can be reported, one is."""
    seen = world.seen
    rows = [
        (post, row)
        for post in seen.visible
        for row in seen.translations.values()
        if row.source_text_id == post.source_text_id
        and row.state in (TranslationState.MACHINE, TranslationState.VERIFIED)
    ]
    chosen = choose(rows, translation)
    if chosen is None:
        return
    post, row = chosen

    def report(session: Session) -> None:
        report_post_translation(
            session,
            actor=choose(world.people, who),
            post_id=post.id,
            language=row.target_language,
            reason=ReportReason.MEANING,
            note="?",
            now=world.clock(),
        )
        world.ledger.reported.add(row.id)

    before = {(report.translation_id, report.account_id, report.candidate_id) for report in seen.reports}
    world.attempt(report)
    active = seen.active[row.id]
    if (row.id, choose(world.people, who).account_id, active.id) in before:
        world.ledger.reported.discard(row.id)


def open_thread(world: World, *, who: int, thread: int, language: LanguageTag) -> None:
    """A reader opens a thread: what is not there yet is asked for, and nothing is shown of what is hidden."""
    thread_id = choose(world.seen.threads, thread)
    actor = choose(world.people, who)
    if thread_id is None:
        return
    view = world.read(lambda session: get_thread_view(session, actor=actor, thread_id=thread_id, language=language))
    if view is None:
        return
    for post in view.posts:
        shown = (post.body, post.translation and post.translation.text, post.title)
        is_own = post.author.id == actor.account_id and post.state is PostState.HELD
        if post.state is not PostState.VISIBLE and not is_own and any(shown):
            world.ledger.leaks.append(f"post {post.id}, which is {post.state}, is shown")
    wanted = world.read(lambda session: look_at(session, posts=view.posts, language=language))
    if wanted:
        world.attempt(lambda session: follow_look(session, wanted, now=world.clock()))


def preview(world: World, *, who: int, text: int, language: LanguageTag) -> None:
    world.attempt(
        lambda session: preview_text(
            session,
            actor=choose(world.readers, who),
            body=choose(TEXTS, text),
            declared=None,
            target=language,
            now=world.clock(),
        )
    )


def _choose_task(world: World, pick: int) -> Row | None:
    """Any unfinished task; where there are none, one that was done or cancelled."""
    unfinished = [task for tasks in world.seen.unfinished.values() for task in tasks]
    return choose(unfinished or world.seen.tasks, pick)


def _choose_interpreter(world: World, task: Row, pick: int) -> Actor:
    """One who works its pair, where there is one."""
    pair = (task.source_language, task.target_language)
    able = [each for each in world.interpreters if pair in each.pairs]
    return choose(able or world.interpreters, pick)


def take_task(world: World, *, who: int, task: int) -> None:
    """An interpreter takes a task and reads what she needs for it."""
    row = _choose_task(world, task)
    if row is None:
        return
    actor = _choose_interpreter(world, row, who)
    if world.attempt(lambda session: claim_task(session, actor=actor, task_id=row.id, now=world.clock())) is None:
        return
    world.ledger.touched.add(row.id)
    view = world.read(lambda session: get_task_view(session, actor=actor, task_id=row.id, now=world.clock()))
    translation = world.seen.translations.get(row.translation_id)
    if view is None or (translation is not None and not world.seen.is_public(translation.source_text_id)):
        return
    if any(PRIVATE_MARK in match.target for match in view.matches):
        world.ledger.leaks.append(f"task {row.id} offers a private text")


def go_on(world: World, *, who: int, task: int, sign: int) -> None:
    """A sign of life, a draft, or the task is given back or passed on."""
    row = _choose_task(world, task)
    if row is None:
        return
    actor = _choose_interpreter(world, row, who)
    deeds = (
        lambda session: renew_task(session, actor=actor, task_id=row.id, now=world.clock()),
        lambda session: save_draft(session, actor=actor, task_id=row.id, text="...", now=world.clock()),
        lambda session: release_task(session, actor=actor, task_id=row.id, now=world.clock()),
        lambda session: skip_task(session, actor=actor, task_id=row.id, reason=None, now=world.clock()),
    )
    world.attempt(choose(deeds, sign))


def submit(world: World, *, who: int, task: int, words: int, base: str, with_title: bool) -> None:
    """An interpreter vouches for a text: her own or, to confirm it, the one that stands. ``base`` is ``seen``,
    ``none`` or ``stale``."""
    row = _choose_task(world, task)
    if row is None:
        return
    actor = _choose_interpreter(world, row, who)
    if row.kind is TaskKind.CONFIRM_LANGUAGE:
        _name_language(world, actor, row, words)
        return
    translation = world.seen.translations[row.translation_id]
    active = world.seen.active.get(row.translation_id)
    mark = "" if world.seen.is_public(translation.source_text_id) else PRIVATE_MARK
    text = mark + WRITTEN[row.target_language][words % 2]
    if words % 3 == 2 and active is not None:
        text = active.text
    base_id = {"seen": active.id if active is not None else None, "none": None, "stale": 1}[base]
    is_free = row.lease_holder_id in (None, actor.account_id) or row.lease_expires_at <= world.clock()
    is_alone = actor is world.only_khmer and is_free and base == "seen" and not row.closed_at

    def hand_in(session: Session) -> TranslationState:
        translation_id = submit_task(
            session,
            actor=actor,
            task_id=row.id,
            text=text,
            title_text=WRITTEN[row.target_language][0] if with_title else None,
            base_candidate_id=base_id,
            accept_warnings=True,
            now=world.clock(),
        )
        return session.get_one(Translation, translation_id).state

    became = world.attempt(hand_in)
    is_hers = LanguageTag.KM in (row.source_language, row.target_language)
    if is_alone and is_hers and became is not TranslationState.VERIFIED:
        world.ledger.blocked.append(f"task {row.id}: {became}")


def _name_language(world: World, actor: Actor, task: Row, pick: int) -> None:
    language = choose(WRITTEN, pick)
    world.attempt(
        lambda session: confirm_language(session, actor=actor, task_id=task.id, language=language, now=world.clock())
    )
