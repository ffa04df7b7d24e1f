"""A reader says that a post is in another language: somebody who knows is asked, and until then nothing changes."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.core.actor import AccountKind, Actor
from app.core.db import Database
from app.core.errors import ForbiddenError, NotAuthenticatedError, NotFoundError
from app.forum.service.languages import report_post_language
from app.forum.service.posts import set_post_language, withdraw_post
from app.forum.service.threads import want_language
from app.interpreting.models import TaskKind, TaskState
from app.interpreting.service import claim_task, confirm_language
from tests.conftest import TickingClock
from tests.interpreting.work import IN_CHINESE, QUESTION, VI, list_states, read_queue, run_engine
from tests.people import ask, make_person
from translation.languages import LanguageTag
from translation.models import LanguageReport, SourceText, Translation, TranslationState
from translation.results import Basis

ID = LanguageTag.ID


@pytest.fixture
def reader(db: Database, clock: TickingClock) -> Actor:
    return make_person(db, now=clock(), reads=["id"], kind=AccountKind.RESIDENT)


def report(db: Database, actor: Actor, post_id: int, clock: TickingClock, language: LanguageTag | None = ID) -> None:
    with db.transaction() as session:
        report_post_language(session, actor=actor, post_id=post_id, language=language, now=clock())


def ask_in_vietnamese(db: Database, asker: Actor, clock: TickingClock) -> int:
    with db.transaction() as session:
        post_id = ask(session, asker, QUESTION, title="Hỏi", language=VI, now=clock()).post_id
    run_engine(db, {QUESTION: IN_CHINESE}, now=clock())
    return post_id


def count_reports(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(LanguageReport)) or 0


def test_report_asks_an_interpreter_and_changes_nothing(
    db: Database, clock: TickingClock, asker: Actor, reader: Actor, khmer: Actor
) -> None:
    post_id = ask_in_vietnamese(db, asker, clock)
    report(db, reader, post_id, clock)
    [task] = read_queue(db, khmer, now=clock())
    assert (task.kind, task.reason) == (TaskKind.CONFIRM_LANGUAGE, "language_reported")
    with db.reading() as session:
        assert set(session.scalars(select(SourceText.language))) == {VI}


def test_report_is_one_however_often_it_is_made(
    db: Database, clock: TickingClock, asker: Actor, reader: Actor, khmer: Actor
) -> None:
    post_id = ask_in_vietnamese(db, asker, clock)
    report(db, reader, post_id, clock)
    report(db, reader, post_id, clock, None)
    assert count_reports(db) == 1
    assert len(read_queue(db, khmer, now=clock())) == 1


def test_interpreter_settles_it_whichever_language_it_is(
    db: Database, clock: TickingClock, asker: Actor, reader: Actor, khmer: Actor
) -> None:
    post_id = ask_in_vietnamese(db, asker, clock)
    report(db, reader, post_id, clock)
    [task] = read_queue(db, khmer, now=clock())
    with db.transaction() as session:
        claim_task(session, actor=khmer, task_id=task.id, now=clock())
    with db.transaction() as session:
        confirm_language(session, actor=khmer, task_id=task.id, language=VI, now=clock())
    assert list_states(db, id=task.id) == [("confirm_language", TaskState.DONE)]
    assert count_reports(db) == 0
    with db.reading() as session:
        state, basis = session.execute(
            select(Translation.state, SourceText.basis)
            .join(SourceText, SourceText.id == Translation.source_text_id)
            .where(SourceText.text == QUESTION)
        ).one()
    assert (state, basis) == (TranslationState.MACHINE, Basis.CONFIRMED)


def test_translation_into_the_mistaken_language_comes_back(db: Database, clock: TickingClock, asker: Actor) -> None:
    with db.transaction() as session:
        post_id = ask(session, asker, QUESTION, title="Hỏi", language=VI, now=clock()).post_id
        want_language(session, post_ids=[post_id], language=ID, now=clock())
    for language in (ID, VI):
        with db.transaction() as session:
            set_post_language(session, actor=asker, post_id=post_id, language=language, now=clock())
    with db.reading() as session:
        states = session.scalars(select(Translation.state).where(Translation.target_language == ID)).all()
    assert set(states) == {TranslationState.PENDING}


def test_author_settles_it(db: Database, clock: TickingClock, asker: Actor, reader: Actor, khmer: Actor) -> None:
    post_id = ask_in_vietnamese(db, asker, clock)
    report(db, reader, post_id, clock)
    with db.transaction() as session:
        set_post_language(session, actor=asker, post_id=post_id, language=ID, now=clock())
    assert ("confirm_language", TaskState.CANCELLED) in list_states(db)
    assert count_reports(db) == 0


def test_withdrawn_text_leaves_no_report(db: Database, clock: TickingClock, asker: Actor, reader: Actor) -> None:
    post_id = ask_in_vietnamese(db, asker, clock)
    report(db, reader, post_id, clock)
    with db.transaction() as session:
        withdraw_post(session, actor=asker, post_id=post_id, now=clock())
    assert count_reports(db) == 0
    with pytest.raises(NotFoundError):
        report(db, reader, post_id, clock)


def test_nobody_reports_without_an_account_or_while_suspended(db: Database, clock: TickingClock, asker: Actor) -> None:
    post_id = ask_in_vietnamese(db, asker, clock)
    with pytest.raises(NotAuthenticatedError):
        report(db, Actor(), post_id, clock)
    with pytest.raises(ForbiddenError):
        report(db, Actor(account_id=asker.account_id, is_suspended=True), post_id, clock)
    assert count_reports(db) == 0
