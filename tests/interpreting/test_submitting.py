"""Vouching for a text: what it closes, when it is refused, and that nothing typed is ever lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import Database
from app.core.errors import QiaoError
from app.forum.queries import get_post_view
from app.forum.service.posts import Created, edit_post, withdraw_post
from app.interpreting.errors import LanguageExpectedError, LeaseHeldError, TaskClosedError
from app.interpreting.models import Task, TaskState
from app.interpreting.service import LEASE, claim_task, save_draft
from tests.conftest import TickingClock
from tests.interpreting.work import (
    EDITED,
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
from tests.people import answer, ask
from translation.models import TranslationState
from translation.results import OriginKind
from translation.service.verification import CandidateChangedError, ChecksFailedError

OTHER = "延長居留證的期限，我需要準備哪些文件？"


@pytest.fixture
def made(db: Database, clock: TickingClock, asker: Actor) -> Created:
    with db.transaction() as session:
        made = ask(session, asker, QUESTION, title=TITLE, language=VI, now=clock())
    run_engine(db, {}, now=clock())
    return made


@pytest.fixture
def task_id(db: Database, clock: TickingClock, made: Created, interpreter: Actor) -> int:
    return read_queue(db, interpreter, now=clock())[0].id


def _claim(db: Database, actor: Actor, task_id: int, clock: TickingClock) -> None:
    with db.transaction() as session:
        claim_task(session, actor=actor, task_id=task_id, now=clock())


def test_submission_verifies_body_and_title_and_closes_the_task(
    db: Database, clock: TickingClock, made: Created, task_id: int, asker: Actor, interpreter: Actor
) -> None:
    _claim(db, interpreter, task_id, clock)
    with db.transaction() as session:
        save_draft(session, actor=interpreter, task_id=task_id, text=IN_CHINESE, now=clock())
    submit(db, interpreter, task_id, title=TITLE_IN_CHINESE, now=clock())
    with db.reading() as session:
        post = get_post_view(session, actor=asker, post_id=made.post_id, language=ZH)
        row = session.scalars(select(Task)).one()
    assert post.translation is not None
    assert post.title is not None
    assert post.title.translation is not None
    assert (post.translation.state, post.translation.text) == (TranslationState.VERIFIED, IN_CHINESE)
    assert post.translation.origin is not None
    assert post.translation.origin.kind is OriginKind.INTERPRETER
    assert post.title.translation.text == TITLE_IN_CHINESE
    assert (row.state, row.closed_by_id, row.closed_at) == (TaskState.DONE, interpreter.account_id, clock())
    assert (row.lease_holder_id, row.lease_expires_at) == (None, None)
    assert list_event_names(db).count("interpreting.task_closed") == 1
    assert read_task(db, interpreter, task_id, now=clock()).draft is None


def test_submission_without_a_title_leaves_no_task(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor
) -> None:
    submit(db, interpreter, task_id, now=clock())
    assert list_states(db) == [("translate", TaskState.DONE)]


def test_submission_without_a_lease_is_refused_only_while_somebody_holds_it(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    _claim(db, colleague, task_id, clock)
    with pytest.raises(LeaseHeldError):
        submit(db, interpreter, task_id, now=clock())
    assert list_states(db) == [("translate", TaskState.CLAIMED)]
    clock.now += LEASE
    submit(db, interpreter, task_id, now=clock())
    assert list_states(db) == [("translate", TaskState.DONE)]


def test_late_submission_gets_both_texts_and_keeps_its_own(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, colleague: Actor
) -> None:
    submit(db, colleague, task_id, now=clock())
    with pytest.raises(TaskClosedError) as raised:
        submit(db, interpreter, task_id, OTHER, now=clock())
    assert raised.value.data == {"mine": OTHER, "theirs": IN_CHINESE, "source": QUESTION, "task_id": None}
    with db.transaction() as session:
        save_draft(session, actor=interpreter, task_id=task_id, text=OTHER, now=clock())
    assert read_task(db, interpreter, task_id, now=clock()).draft == OTHER


def test_submission_for_an_edited_source_points_to_the_task_that_follows(
    db: Database, clock: TickingClock, made: Created, task_id: int, asker: Actor, interpreter: Actor
) -> None:
    _claim(db, interpreter, task_id, clock)
    with db.transaction() as session:
        edit_post(session, actor=asker, post_id=made.post_id, body=EDITED, now=clock())
    run_engine(db, {}, now=clock())
    [following] = read_queue(db, interpreter, now=clock())
    with pytest.raises(TaskClosedError) as raised:
        submit(db, interpreter, task_id, now=clock())
    assert raised.value.data == {"mine": IN_CHINESE, "theirs": None, "source": EDITED, "task_id": following.id}
    with db.reading() as session:
        post = get_post_view(session, actor=asker, post_id=made.post_id, language=ZH)
    assert post.translation is not None
    assert post.translation.text is None


def test_submission_for_a_withdrawn_post_says_nothing_of_it(
    db: Database, clock: TickingClock, made: Created, task_id: int, asker: Actor, interpreter: Actor
) -> None:
    with db.transaction() as session:
        withdraw_post(session, actor=asker, post_id=made.post_id, now=clock())
    with pytest.raises(TaskClosedError) as raised:
        submit(db, interpreter, task_id, now=clock())
    assert raised.value.data == {"mine": IN_CHINESE, "theirs": None, "source": None, "task_id": None}


def test_a_persons_text_is_overwritten_only_by_who_has_seen_it(
    db: Database, clock: TickingClock, made: Created, task_id: int, asker: Actor, interpreter: Actor, colleague: Actor
) -> None:
    from app.forum.service.translations import report_post_translation
    from translation.service.verification import ReportReason

    submit(db, interpreter, task_id, title=TITLE_IN_CHINESE, now=clock())
    with db.transaction() as session:
        report_post_translation(
            session,
            actor=colleague,
            post_id=made.post_id,
            language=ZH,
            reason=ReportReason.FACTS,
            note=None,
            now=clock(),
        )
    [reported] = read_queue(db, colleague, now=clock())
    with pytest.raises(CandidateChangedError) as raised:
        submit(db, colleague, reported.id, OTHER, now=clock())
    assert raised.value.data == {"mine": OTHER, "theirs": IN_CHINESE, "source": QUESTION}
    assert [task.id for task in read_queue(db, colleague, now=clock())] == [reported.id]
    candidate = read_task(db, colleague, reported.id, now=clock()).candidate
    assert candidate is not None
    submit(db, colleague, reported.id, OTHER, base=candidate.id, title=TITLE_IN_CHINESE, now=clock())
    assert read_queue(db, colleague, now=clock()) == []


def test_failing_checks_change_nothing(db: Database, clock: TickingClock, task_id: int, interpreter: Actor) -> None:
    with pytest.raises(ChecksFailedError) as raised:
        submit(db, interpreter, task_id, QUESTION, now=clock())
    assert raised.value.data["findings"]
    with pytest.raises(ChecksFailedError) as raised:
        submit(db, interpreter, task_id, title=TITLE, now=clock())
    assert raised.value.data["part"] == "title"
    assert list_states(db) == [("translate", TaskState.OPEN)]


@pytest.mark.parametrize("text", ["", " \n\x00", "\ud83d"])
def test_text_that_is_none_is_refused(
    db: Database, clock: TickingClock, task_id: int, interpreter: Actor, text: str
) -> None:
    with pytest.raises(QiaoError):
        submit(db, interpreter, task_id, text, now=clock())
    assert list_states(db) == [("translate", TaskState.OPEN)]


def test_language_task_takes_no_translation(
    db: Database, clock: TickingClock, asker: Actor, interpreter: Actor
) -> None:
    with db.transaction() as session:
        ask(session, asker, "12345 678", title="999", now=clock())
    [task] = read_queue(db, interpreter, now=clock())
    with pytest.raises(LanguageExpectedError):
        submit(db, interpreter, task.id, now=clock())


def test_task_comes_with_the_conversation_before_it(
    db: Database, clock: TickingClock, made: Created, asker: Actor, interpreter: Actor
) -> None:
    with db.transaction() as session:
        for number in range(6):
            answer(session, asker, made.thread_id, f"Tôi xin bổ sung thêm thông tin số {number + 20}.", now=clock())
    run_engine(db, {}, now=clock())
    task = read_queue(db, interpreter, now=clock())[-1]
    context = read_task(db, interpreter, task.id, now=clock()).context
    assert [post.body[-3:-1] for post in context] == ["20", "21", "22", "23", "24"]


def test_memory_of_the_same_sentence_is_offered(
    db: Database, clock: TickingClock, made: Created, task_id: int, asker: Actor, interpreter: Actor
) -> None:
    submit(db, interpreter, task_id, now=clock())
    with db.transaction() as session:
        ask(session, asker, f"{QUESTION}\nCon tôi 12 tuổi.", title=TITLE, language=VI, now=clock())
    run_engine(db, {}, now=clock())
    [task] = read_queue(db, interpreter, now=clock())
    matches = read_task(db, interpreter, task.id, now=clock()).matches
    assert [(match.source, match.target, match.match) for match in matches] == [(QUESTION, IN_CHINESE, 100)]


def test_machine_never_changes_what_a_person_wrote(
    db: Database, clock: TickingClock, made: Created, task_id: int, asker: Actor, interpreter: Actor
) -> None:
    submit(db, interpreter, task_id, now=clock())
    run_engine_again(db, {QUESTION: OTHER, TITLE: TITLE_IN_CHINESE}, now=clock())
    with db.reading() as session:
        post = get_post_view(session, actor=asker, post_id=made.post_id, language=ZH)
    assert post.translation is not None
    assert post.translation.text == IN_CHINESE
