"""Which human work follows from what happens to posts and translations."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.core.actor import Actor, Role
from app.core.db import Database
from app.forum.service.posts import (
    Created,
    edit_post,
    hide_post,
    restore_post,
    set_post_language,
    withdraw_post,
)
from app.forum.service.translations import report_post_translation
from app.interpreting.errors import TaskNotFoundError
from app.interpreting.models import TaskDraft, TaskKind, TaskState
from app.interpreting.opening import measure_urgency
from app.interpreting.service import claim_task, confirm_language, save_draft
from tests.conftest import TickingClock
from tests.interpreting.work import (
    EDITED,
    EN,
    IN_CHINESE,
    QUESTION,
    TITLE,
    TITLE_IN_CHINESE,
    VI,
    ZH,
    list_event_names,
    list_states,
    read_queue,
    read_task,
    run_engine,
    run_engine_again,
    submit,
)
from tests.people import answer, ask, make_interpreter, make_person
from translation.languages import LanguageTag
from translation.service.verification import ReportReason

OPEN, CLAIMED, DONE, CANCELLED = TaskState.OPEN, TaskState.CLAIMED, TaskState.DONE, TaskState.CANCELLED
OFFER = "Tôi nhận làm giấy tờ giả, liên hệ ngay."


def _ask(db: Database, asker: Actor, clock: TickingClock, **more: object) -> Created:
    with db.transaction() as session:
        return ask(session, asker, QUESTION, now=clock(), **{"title": TITLE, "language": VI, **more})  # type: ignore[arg-type]


def _report(db: Database, reader: Actor, post_id: int, clock: TickingClock) -> None:
    with db.transaction() as session:
        report_post_translation(
            session,
            actor=reader,
            post_id=post_id,
            language=ZH,
            reason=ReportReason.MEANING,
            note=None,
            now=clock(),
        )


def _draft(db: Database, actor: Actor, task_id: int, text: str, clock: TickingClock) -> None:
    with db.transaction() as session:
        save_draft(session, actor=actor, task_id=task_id, text=text, now=clock())


def _claim(db: Database, actor: Actor, task_id: int, clock: TickingClock) -> None:
    with db.transaction() as session:
        claim_task(session, actor=actor, task_id=task_id, now=clock())


def test_one_task_carries_body_and_title_when_no_engine_can(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    made = _ask(db, asker, clock)
    assert read_queue(db, interpreter, now=clock()) == []
    run_engine(db, {}, now=clock())
    [task] = read_queue(db, interpreter, now=clock())
    assert (task.kind, task.state, task.reason) == (TaskKind.TRANSLATE, OPEN, "no_engine")
    assert (task.source_language, task.target_language, task.post_id) == (VI, ZH, made.post_id)
    assert (task.source_text, task.source_title) == (QUESTION, TITLE)
    assert "interpreting.task_opened" in list_event_names(db)


def test_nobody_is_asked_when_a_machine_text_is_shown_and_nothing_is_at_stake(
    db: Database, clock: TickingClock, asker: Actor
) -> None:
    _ask(db, asker, clock)
    run_engine(db, {QUESTION: IN_CHINESE, TITLE: TITLE_IN_CHINESE}, now=clock())
    assert list_states(db) == []


def test_machine_text_is_checked_when_the_topic_is_risky(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    _ask(db, asker, clock, category="residence")
    run_engine(db, {QUESTION: IN_CHINESE, TITLE: TITLE_IN_CHINESE}, now=clock())
    [task] = read_queue(db, interpreter, now=clock())
    assert (task.kind, task.reason) == (TaskKind.CHECK, "risky")
    view = read_task(db, interpreter, task.id, now=clock())
    assert view.candidate is not None
    assert view.title_candidate is not None
    assert (view.candidate.text, view.title_candidate.text) == (IN_CHINESE, TITLE_IN_CHINESE)


def test_check_carries_the_title_when_only_that_waits(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    _ask(db, asker, clock)
    run_engine(db, {QUESTION: IN_CHINESE}, now=clock())
    [task] = read_queue(db, interpreter, now=clock())
    assert (task.kind, task.reason) == (TaskKind.CHECK, "title")


def test_held_machine_text_waits_with_a_candidate(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    _ask(db, asker, clock)
    run_engine(db, {QUESTION: IN_CHINESE, TITLE: TITLE_IN_CHINESE}, now=clock(), is_published=False)
    [task] = read_queue(db, interpreter, now=clock())
    assert (task.kind, task.reason) == (TaskKind.TRANSLATE, "held")
    candidate = read_task(db, interpreter, task.id, now=clock()).candidate
    assert candidate is not None
    assert candidate.text == IN_CHINESE


def test_task_goes_when_an_engine_comes_unless_somebody_is_at_it(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    _ask(db, asker, clock)
    with db.transaction() as session:
        ask(session, asker, EDITED, title="x", language=VI, now=clock())
    run_engine(db, {}, now=clock())
    left, taken = [task.id for task in read_queue(db, interpreter, now=clock())]
    _claim(db, interpreter, taken, clock)
    both = {QUESTION: IN_CHINESE, TITLE: TITLE_IN_CHINESE, EDITED: IN_CHINESE, "x": "延長"}
    run_engine_again(db, both, now=clock())
    assert list_states(db, id=left) == [("translate", CANCELLED)]
    assert list_states(db, id=taken) == [("translate", CLAIMED)]


def test_edit_opens_an_outdated_task_when_a_persons_text_went_stale(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    made = _ask(db, asker, clock)
    run_engine(db, {}, now=clock())
    [first] = read_queue(db, interpreter, now=clock())
    submit(db, interpreter, first.id, title=TITLE_IN_CHINESE, now=clock())
    with db.transaction() as session:
        edit_post(session, actor=asker, post_id=made.post_id, body=EDITED, now=clock())
    run_engine(db, {EDITED: IN_CHINESE}, now=clock())
    [task] = read_queue(db, interpreter, now=clock())
    assert (task.kind, task.source_text) == (TaskKind.OUTDATED, EDITED)


def test_edit_cancels_the_old_task_and_carries_drafts_over(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, colleague: Actor
) -> None:
    made = _ask(db, asker, clock)
    run_engine(db, {}, now=clock())
    [old] = read_queue(db, interpreter, now=clock())
    _claim(db, interpreter, old.id, clock)
    _draft(db, interpreter, old.id, "我需要", clock)
    _draft(db, colleague, old.id, "請問", clock)
    with db.transaction() as session:
        edit_post(session, actor=asker, post_id=made.post_id, body=EDITED, now=clock())
    assert list_states(db) == [("translate", CANCELLED)]
    run_engine(db, {}, now=clock())
    [new] = read_queue(db, interpreter, now=clock())
    assert (new.kind, new.state) == (TaskKind.TRANSLATE, OPEN)
    assert new.id != old.id
    assert read_task(db, interpreter, new.id, now=clock()).draft == "我需要"
    assert read_task(db, colleague, new.id, now=clock()).draft == "請問"


def test_withdrawal_takes_tasks_and_drafts_with_it(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    made = _ask(db, asker, clock)
    run_engine(db, {}, now=clock())
    [task] = read_queue(db, interpreter, now=clock())
    _draft(db, interpreter, task.id, IN_CHINESE, clock)
    with db.transaction() as session:
        withdraw_post(session, actor=asker, post_id=made.post_id, now=clock())
    assert list_states(db) == [("translate", CANCELLED)]
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(TaskDraft)) == 0
    with pytest.raises(TaskNotFoundError):
        read_task(db, interpreter, task.id, now=clock())
    with pytest.raises(TaskNotFoundError):
        _draft(db, interpreter, task.id, IN_CHINESE, clock)


def test_hidden_post_comes_back_with_its_task_and_draft(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    made = _ask(db, asker, clock)
    run_engine(db, {}, now=clock())
    [task] = read_queue(db, interpreter, now=clock())
    _draft(db, interpreter, task.id, IN_CHINESE, clock)
    with db.transaction() as session:
        hide_post(session, post_id=made.post_id, now=clock())
    assert read_queue(db, interpreter, now=clock()) == []
    with pytest.raises(TaskNotFoundError):
        read_task(db, interpreter, task.id, now=clock())
    with db.transaction() as session:
        restore_post(session, post_id=made.post_id, now=clock())
    [again] = read_queue(db, interpreter, now=clock())
    assert read_task(db, interpreter, again.id, now=clock()).draft == IN_CHINESE


def test_held_post_has_no_task_before_it_is_published(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    with db.transaction() as session:
        made = ask(session, asker, OFFER, title=TITLE, language=VI, now=clock())
    run_engine(db, {}, now=clock())
    assert list_states(db) == []
    with db.transaction() as session:
        restore_post(session, post_id=made.post_id, now=clock())
    assert [task.source_text for task in read_queue(db, interpreter, now=clock())] == [OFFER]


def test_report_opens_one_task_at_the_front(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, colleague: Actor
) -> None:
    made = _ask(db, asker, clock)
    run_engine(db, {QUESTION: IN_CHINESE, TITLE: TITLE_IN_CHINESE}, now=clock())
    with db.transaction() as session:
        ask(session, asker, EDITED, title="x", category="residence", language=VI, now=clock())
    run_engine(db, {}, now=clock())
    clock.advance(hours=1)
    _report(db, colleague, made.post_id, clock)
    _report(db, interpreter, made.post_id, clock)
    kinds = [task.kind for task in read_queue(db, interpreter, now=clock())]
    assert kinds == [TaskKind.REPORTED, TaskKind.TRANSLATE]


def test_second_report_leaves_who_is_at_work_alone_and_the_answer_closes_it(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, colleague: Actor
) -> None:
    made = _ask(db, asker, clock)
    run_engine(db, {}, now=clock())
    [task] = read_queue(db, interpreter, now=clock())
    submit(db, interpreter, task.id, title=TITLE_IN_CHINESE, now=clock())
    _report(db, colleague, made.post_id, clock)
    [reported] = read_queue(db, interpreter, now=clock())
    _claim(db, interpreter, reported.id, clock)
    _report(db, interpreter, made.post_id, clock)
    assert list_states(db, id=reported.id) == [("reported", CLAIMED)]
    candidate = read_task(db, interpreter, reported.id, now=clock()).candidate
    assert candidate is not None
    submit(db, interpreter, reported.id, "我要延長居留證，需要哪些文件？", base=candidate.id, now=clock())
    assert list_states(db, id=reported.id) == [("reported", DONE)]
    assert read_queue(db, interpreter, now=clock()) == []


def test_unknown_language_is_shown_to_every_interpreter_until_it_is_named(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, khmer: Actor
) -> None:
    with db.transaction() as session:
        made = ask(session, asker, "12345 678", title="999", now=clock())
    run_engine(db, {}, now=clock())
    for each in (interpreter, khmer):
        [task] = read_queue(db, each, now=clock())
        assert (task.kind, task.source_language) == (TaskKind.CONFIRM_LANGUAGE, LanguageTag.UND)
    with db.transaction() as session:
        set_post_language(session, actor=asker, post_id=made.post_id, language=VI, now=clock())
    assert list_states(db) == [("confirm_language", CANCELLED)]
    run_engine(db, {}, now=clock())
    assert [task.kind for task in read_queue(db, interpreter, now=clock())] == [TaskKind.TRANSLATE]
    assert read_queue(db, khmer, now=clock()) == []


def test_interpreter_names_the_language(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor, khmer: Actor
) -> None:
    with db.transaction() as session:
        ask(session, asker, "12345 678", title="999", now=clock())
    [task] = read_queue(db, khmer, now=clock())
    _claim(db, khmer, task.id, clock)
    with db.transaction() as session:
        confirm_language(session, actor=khmer, task_id=task.id, language=VI, now=clock())
    assert list_states(db, id=task.id) == [("confirm_language", DONE)]
    run_engine(db, {}, now=clock())
    assert [each.kind for each in read_queue(db, interpreter, now=clock())] == [TaskKind.TRANSLATE]


def test_wrong_language_moves_the_task_to_the_right_pair(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    english = make_interpreter(db, ("en", "zh-Hant"), now=clock())
    made = _ask(db, asker, clock)
    run_engine(db, {}, now=clock())
    [task] = read_queue(db, interpreter, now=clock())
    _claim(db, interpreter, task.id, clock)
    with db.transaction() as session:
        set_post_language(session, actor=asker, post_id=made.post_id, language=EN, now=clock())
    run_engine(db, {}, now=clock())
    assert read_queue(db, interpreter, now=clock()) == []
    assert [each.source_language for each in read_queue(db, english, now=clock())] == [EN]


def test_simplified_chinese_is_work_of_the_chinese_pair(
    db: Database, clock: TickingClock, interpreter: Actor, asker: Actor
) -> None:
    citizen = make_person(db, now=clock(), roles=[Role.MODERATOR])
    made = _ask(db, asker, clock)
    run_engine(db, {QUESTION: IN_CHINESE, TITLE: TITLE_IN_CHINESE}, now=clock())
    with db.transaction() as session:
        answer(session, citizen, made.thread_id, "你需要护照和居留证，还要照片。", now=clock())
    run_engine(db, {}, now=clock())
    assert [(task.source_language, task.target_language) for task in read_queue(db, interpreter, now=clock())] == [
        (ZH, VI)
    ]


def test_urgency_puts_reports_then_risk_then_the_unreadable_first() -> None:
    ranked = [
        measure_urgency(TaskKind.REPORTED, is_risky=True, is_readable=True),
        measure_urgency(TaskKind.REPORTED, is_risky=False, is_readable=True),
        measure_urgency(TaskKind.TRANSLATE, is_risky=True, is_readable=False),
        measure_urgency(TaskKind.CHECK, is_risky=True, is_readable=True),
        measure_urgency(TaskKind.TRANSLATE, is_risky=False, is_readable=False),
        measure_urgency(TaskKind.CHECK, is_risky=False, is_readable=True),
    ]
    assert ranked == sorted(set(ranked), reverse=True)
