"""A person corrects the English between: which human work follows in the other languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.actor import Actor
from app.core.db import Database
from app.forum.models import Post
from app.forum.service.locks import lock_threads_of_texts
from app.forum.service.posts import Created, hide_post, restore_post
from app.interpreting.models import TaskKind, TaskState
from app.interpreting.queries import TaskView
from tests.conftest import TickingClock
from tests.interpreting.work import (
    EN,
    IN_CHINESE,
    QUESTION,
    TITLE,
    TITLE_IN_CHINESE,
    VI,
    ZH,
    list_states,
    read_queue,
    read_task,
    run_engine,
    submit,
)
from tests.people import ask, make_interpreter
from translation.languages import LanguageTag
from translation.models import SourceText
from translation.results import GateDecision, OriginKind, PipelineResult, Route
from translation.service.sources import request_translations
from translation.service.work import WorkDone, claim_work, finish_work

OPEN, CANCELLED, DONE = TaskState.OPEN, TaskState.CANCELLED, TaskState.DONE
ENGLISH = "Which documents do I need to extend my residence card?"


@pytest.fixture
def english(db: Database, clock: TickingClock) -> Actor:
    return make_interpreter(db, ("vi", "en"), now=clock())


def _ask(db: Database, asker: Actor, clock: TickingClock, *, category: str = "daily-life") -> Created:
    """A question of one text, in Chinese through English, and waiting for a person's English."""
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, title=TITLE, language=VI, category=category, now=clock())
    _run_through_english(db, clock)
    with db.transaction() as session:
        source = session.get_one(SourceText, session.get_one(Post, made.post_id).source_text_id)
        request_translations(session, sources=[source], targets=[EN], now=clock())
    run_engine(db, {}, now=clock())
    return made


def _ask_without_engine(db: Database, asker: Actor, clock: TickingClock) -> None:
    """A question that waits for people in Chinese and in English."""
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, title=TITLE, language=VI, now=clock())
        source = session.get_one(SourceText, session.get_one(Post, made.post_id).source_text_id)
        request_translations(session, sources=[source], targets=[EN], now=clock())
    run_engine(db, {}, now=clock())


def _run_through_english(db: Database, clock: TickingClock) -> None:
    texts = {QUESTION: IN_CHINESE, TITLE: TITLE_IN_CHINESE}
    with db.transaction() as session:
        items = claim_work(session, now=clock(), lease=timedelta(minutes=1), limit=100)
    done = [
        WorkDone(
            item=item,
            result=PipelineResult(texts[item.text], OriginKind.MACHINE, GateDecision(is_published=True)),
            route=Route(hops=(item.source, EN, item.target), engine="test"),
        )
        for item in items
    ]
    with db.transaction() as session:
        lock_threads_of_texts(session, {item.source_text_id for item in items})
        finish_work(session, done=done, now=clock())


def _find(db: Database, actor: Actor, clock: TickingClock, target: LanguageTag) -> list[TaskView]:
    return [task for task in read_queue(db, actor, now=clock()) if task.target_language is target]


def _verify_english(db: Database, english: Actor, clock: TickingClock, text: str = ENGLISH) -> None:
    [task] = _find(db, english, clock, EN)
    submit(db, english, task.id, text, now=clock())


def _verify_chinese(db: Database, interpreter: Actor, clock: TickingClock) -> None:
    [task] = _find(db, interpreter, clock, ZH)
    submit(db, interpreter, task.id, now=clock())


def test_verified_text_that_began_with_the_machines_english_is_offered_once_and_last(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, english: Actor
) -> None:
    made = _ask(db, asker, clock, category="residence")
    _verify_chinese(db, interpreter, clock)
    _verify_english(db, english, clock)
    [task] = _find(db, interpreter, clock, ZH)
    assert (task.kind, task.reason, task.urgency) == (TaskKind.CHECK, "bridge_changed", 0)
    # It is still there after whatever else happens to the post, and not a second time.
    run_engine(db, {}, now=clock())
    with db.transaction() as session:
        hide_post(session, post_id=made.post_id, now=clock())
    with db.transaction() as session:
        restore_post(session, post_id=made.post_id, now=clock())
    [again] = _find(db, interpreter, clock, ZH)
    assert again.reason == "bridge_changed"
    submit(
        db,
        interpreter,
        again.id,
        "請問延長居留證需要哪些文件？",
        base=_find_candidate(db, interpreter, again, clock),
        now=clock(),
    )
    assert _find(db, interpreter, clock, ZH) == []


def _find_candidate(db: Database, actor: Actor, task: TaskView, clock: TickingClock) -> int | None:
    candidate = read_task(db, actor, task.id, now=clock()).candidate
    return candidate.id if candidate else None


def test_nobody_is_asked_about_a_text_that_was_written_from_the_original(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, english: Actor
) -> None:
    _ask_without_engine(db, asker, clock)
    _verify_chinese(db, interpreter, clock)
    _verify_english(db, english, clock)
    assert _find(db, interpreter, clock, ZH) == []


def test_a_task_waits_for_what_the_machine_makes_of_the_english(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, english: Actor
) -> None:
    _ask_without_engine(db, asker, clock)
    [before] = _find(db, interpreter, clock, ZH)
    _verify_english(db, english, clock)
    # No engine from English either: the same task goes on, in its place.
    run_engine(db, {}, now=clock())
    assert [task.id for task in _find(db, interpreter, clock, ZH)] == [before.id]
    assert list_states(db, id=before.id) == [("translate", OPEN)]


def test_a_task_goes_when_the_machine_can_go_on_from_the_english(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, english: Actor
) -> None:
    _ask_without_engine(db, asker, clock)
    [before] = _find(db, interpreter, clock, ZH)
    _verify_english(db, english, clock)
    run_engine(db, {QUESTION: IN_CHINESE, TITLE: TITLE_IN_CHINESE}, now=clock())
    assert list_states(db, id=before.id) == [("translate", CANCELLED)]
