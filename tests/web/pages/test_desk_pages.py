"""The desk and the moderators' room, by plain forms."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.core.actor import Actor, Role
from app.core.catalogue import translate
from app.forum.models import Post, PostState
from app.forum.service.posts import edit_post
from app.interpreting.models import Task, TaskDraft, TaskSkip, TaskState
from app.interpreting.service import LEASE
from app.notifications.models import Delivery
from app.runtime import Runtime
from moderation.models import Action, ModerationDecision
from moderation.service import notify_of_decision
from tests.conftest import TickingClock
from tests.interpreting.work import run_engine
from tests.people import answer, ask, make_interpreter, make_person
from tests.web.pages.conftest import Browser
from tests.web.pages.lang_walk import find_faults
from translation.languages import LanguageTag
from translation.models import Translation, TranslationState

QUESTION = "ថ្លៃសេវា ១០០០ ដុល្លារតៃវ៉ាន់ មែនទេ?"
RIGHT, WRONG = "費用是新臺幣 1,000 元，對嗎？", "費用是新臺幣 9,000 元，對嗎？"


@pytest.fixture
def interpreter(runtime: Runtime) -> Actor:
    return make_interpreter(runtime.db, ("km", "zh-Hant"), ("vi", "zh-Hant"), now=runtime.clock())


@pytest.fixture
def task_id(runtime: Runtime) -> int:
    """A Khmer question that no engine can bring into Chinese."""
    asker = make_person(runtime.db, now=runtime.clock(), reads=["km"], name="អ្នកសួរ")
    with runtime.db.transaction() as session:
        ask(session, asker, QUESTION, title="ថ្លៃសេវា", now=runtime.clock())
    run_engine(runtime.db, {}, now=runtime.clock())
    with runtime.db.reading() as session:
        return session.scalars(select(Task.id).where(Task.target_language == LanguageTag.ZH_HANT)).one()


@pytest.fixture
def desk(make_browser: Callable[[Actor], Browser], interpreter: Actor) -> Browser:
    return make_browser(interpreter)


def _task(runtime: Runtime, task_id: int) -> Task:
    with runtime.db.reading() as session:
        return session.get_one(Task, task_id)


def test_task_goes_from_the_queue_to_the_readers(desk: Browser, runtime: Runtime, task_id: int) -> None:
    page = desk.open("/zh-Hant/desk")
    assert QUESTION in page
    page = desk.follow(desk.send(f"/zh-Hant/desk/{task_id}/claim", {}))
    assert 'id="task-form"' in page
    assert find_faults(page) == []
    page = desk.follow(desk.send(f"/zh-Hant/desk/{task_id}", {"text": RIGHT, "title_text": "費用"}))
    assert translate("zh-Hant", "Nothing is waiting in your languages. Thank you!") in page
    thread = desk.open("/zh-Hant/q/1")
    assert RIGHT in thread
    assert translate("zh-Hant", "Checked by an interpreter") in thread
    assert re.search(r"<h1>.*費用.*</h1>", thread)


def test_most_urgent_one_is_taken_when_she_asks_for_the_next(desk: Browser, runtime: Runtime, task_id: int) -> None:
    desk.open("/en/desk")
    response = desk.send("/en/desk/next", {})
    assert response.headers["Location"] == f"/en/desk/{task_id}"
    assert _task(runtime, task_id).state is TaskState.CLAIMED


def test_queue_is_narrowed_when_a_pair_is_chosen(desk: Browser, task_id: int) -> None:
    assert QUESTION in desk.open("/en/desk?pair=km:zh-Hant")
    assert QUESTION not in desk.open("/en/desk?pair=vi:zh-Hant")
    assert QUESTION in desk.open("/en/desk?pair=nonsense")


def test_warnings_are_shown_first_and_pass_when_accepted(desk: Browser, runtime: Runtime, task_id: int) -> None:
    desk.open("/en/desk")
    desk.follow(desk.send(f"/en/desk/{task_id}/claim", {}))
    response = desk.send(f"/en/desk/{task_id}", {"text": WRONG})
    assert response.status_code == 422
    assert 'class="check' in desk.page
    assert WRONG in desk.page
    assert _state(runtime) is TranslationState.WAITING
    if 'name="accept_warnings"' in desk.page:
        response = desk.send(f"/en/desk/{task_id}", {"text": WRONG, "accept_warnings": "1"})
        assert response.status_code == 303
        assert _state(runtime) is TranslationState.VERIFIED


def test_empty_text_never_passes(desk: Browser, runtime: Runtime, task_id: int) -> None:
    desk.open("/en/desk")
    desk.follow(desk.send(f"/en/desk/{task_id}/claim", {}))
    response = desk.send(f"/en/desk/{task_id}", {"text": "  ", "accept_warnings": "1"})
    assert response.status_code == 422
    assert _state(runtime) is TranslationState.WAITING


def _state(runtime: Runtime) -> TranslationState:
    with runtime.db.reading() as session:
        post = session.get_one(Post, 1)
        return session.scalars(select(Translation.state).where(Translation.source_text_id == post.source_text_id)).one()


def test_somebody_elses_task_is_told_when_it_is_claimed(
    desk: Browser, make_browser: Callable[[Actor], Browser], runtime: Runtime, task_id: int
) -> None:
    colleague = make_interpreter(runtime.db, ("km", "zh-Hant"), now=runtime.clock())
    other = make_browser(colleague)
    other.open("/en/desk")
    other.send(f"/en/desk/{task_id}/claim", {})
    desk.open("/en/desk")
    assert f"<bdi>{colleague.display_name}</bdi> is working on it" in desk.page
    assert desk.send(f"/en/desk/{task_id}/claim", {}).status_code == 409
    assert "Somebody else is working on this one." in desk.page
    desk.open("/en/desk")
    assert desk.send(f"/en/desk/{task_id}", {"text": RIGHT}).status_code == 409
    assert RIGHT in desk.page


def test_draft_is_kept_and_prolongs_the_time(
    desk: Browser, runtime: Runtime, clock: TickingClock, task_id: int
) -> None:
    desk.open("/en/desk")
    desk.follow(desk.send(f"/en/desk/{task_id}/claim", {}))
    clock.advance(minutes=10)
    response = desk.send(f"/en/desk/{task_id}/draft", {"text": "費用"})
    assert response.status_code == 200
    assert _task(runtime, task_id).lease_expires_at == clock() + LEASE
    assert "費用</textarea>" in desk.open(f"/en/desk/{task_id}")


def test_draft_is_kept_when_the_time_has_run_out(
    desk: Browser, make_browser: Callable[[Actor], Browser], runtime: Runtime, clock: TickingClock, task_id: int
) -> None:
    desk.open("/en/desk")
    desk.follow(desk.send(f"/en/desk/{task_id}/claim", {}))
    clock.advance(minutes=16)
    other = make_browser(make_interpreter(runtime.db, ("km", "zh-Hant"), now=runtime.clock()))
    other.open("/en/desk")
    other.send(f"/en/desk/{task_id}/claim", {})
    response = desk.send(f"/en/desk/{task_id}/draft", {"text": "費用"})
    assert "Somebody else is working on this one." in response.get_data(as_text=True)
    with runtime.db.reading() as session:
        assert session.scalars(select(TaskDraft.text)).all() == ["費用"]


def test_text_is_not_lost_when_the_original_changed(desk: Browser, runtime: Runtime, task_id: int) -> None:
    desk.open("/en/desk")
    desk.follow(desk.send(f"/en/desk/{task_id}/claim", {}))
    with runtime.db.transaction() as session:
        author = session.get_one(Post, 1).author_id
        edit_post(session, actor=Actor(account_id=author), post_id=1, body="ថ្លៃសេវា ២០០០ មែនទេ?", now=runtime.clock())
    response = desk.send(f"/en/desk/{task_id}", {"text": RIGHT})
    assert response.status_code == 409
    assert RIGHT in desk.page


def test_task_is_given_back_and_skipped(desk: Browser, runtime: Runtime, task_id: int) -> None:
    desk.open("/en/desk")
    desk.follow(desk.send(f"/en/desk/{task_id}/claim", {}))
    desk.follow(desk.send(f"/en/desk/{task_id}/release", {}))
    assert _task(runtime, task_id).state is TaskState.OPEN
    desk.follow(desk.send(f"/en/desk/{task_id}/skip", {"reason": "know_person"}))
    with runtime.db.reading() as session:
        assert session.scalars(select(TaskSkip.reason)).all() == ["know_person"]
    assert desk.send("/en/desk/next", {}).headers["Location"] == "/en/desk"


def test_language_is_named_when_nobody_is_sure(desk: Browser, runtime: Runtime) -> None:
    asker = make_person(runtime.db, now=runtime.clock(), reads=["vi"])
    with runtime.db.transaction() as session:
        ask(session, asker, "12345 xyzq", title="xyzq", now=runtime.clock())
    run_engine(runtime.db, {}, now=runtime.clock())
    with runtime.db.reading() as session:
        task_id = session.scalars(select(Task.id)).first()
    desk.open("/en/desk")
    page = desk.follow(desk.send(f"/en/desk/{task_id}/claim", {}))
    assert "Which language is this?" in page
    desk.follow(desk.send(f"/en/desk/{task_id}", {"language": "id"}))
    assert _task(runtime, task_id or 0).state is TaskState.DONE


def test_other_pairs_are_not_hers(make_browser: Callable[[Actor], Browser], runtime: Runtime, task_id: int) -> None:
    browser = make_browser(make_interpreter(runtime.db, ("th", "zh-Hant"), now=runtime.clock()))
    assert QUESTION not in browser.open("/en/desk")
    browser.open(f"/en/desk/{task_id}", status=404)


@pytest.fixture
def reported(make_browser: Callable[[Actor], Browser], runtime: Runtime) -> tuple[Actor, Actor, int]:
    """Author, reporter and the post that was reported."""
    author = make_person(runtime.db, now=runtime.clock(), reads=["vi"], name="Author")
    reporter = make_person(runtime.db, now=runtime.clock(), reads=["vi"], name="Reporter")
    with runtime.db.transaction() as session:
        thread = ask(session, reporter, "Phí là bao nhiêu?", language=LanguageTag.VI, now=runtime.clock())
        post = answer(session, author, thread.thread_id, "Tôi sẽ giúp bạn nhé.", now=runtime.clock())
    browser = make_browser(reporter)
    browser.open(f"/vi/posts/{post.post_id}/report")
    browser.send(f"/vi/posts/{post.post_id}/report", {"reason": "scam", "note": "Lừa đảo <b>"})
    return author, reporter, post.post_id


def test_moderator_reads_and_decides(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, reported: tuple[Actor, Actor, int]
) -> None:
    author, _, post_id = reported
    room = make_browser(make_person(runtime.db, now=runtime.clock(), roles=[Role.MODERATOR], reads=["zh-Hant"]))
    page = room.open("/zh-Hant/moderation")
    assert "Tôi sẽ giúp bạn nhé." in page
    assert "Lừa đảo &lt;b&gt;" in page
    assert "Reporter" not in page
    assert find_faults(page) == []
    room.follow(room.send("/zh-Hant/moderation/1", {"action": "hide", "note": "詐騙"}))
    with runtime.db.transaction() as session:
        decision = session.scalars(select(ModerationDecision)).one()
        notify_of_decision(session, decision_id=decision.id, now=runtime.clock())
        assert session.get_one(Post, post_id).state is PostState.HIDDEN
    assert decision.action is Action.HIDE
    assert "詐騙" in room.open("/zh-Hant/moderation?state=decided")
    told = make_browser(author).open("/vi/notices")
    assert translate("vi", "A moderator has decided about a message of yours.") in told
    assert translate("vi", "It was hidden.") in told


def test_decision_is_refused_when_it_is_none(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, reported: tuple[Actor, Actor, int]
) -> None:
    room = make_browser(make_person(runtime.db, now=runtime.clock(), roles=[Role.MODERATOR]))
    room.open("/en/moderation")
    room.send("/en/moderation/1", {"action": "nonsense"})
    with runtime.db.reading() as session:
        assert session.scalars(select(ModerationDecision)).all() == []


def test_notices_are_new_once(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, reported: tuple[Actor, Actor, int]
) -> None:
    author, _, _ = reported
    room = make_browser(make_person(runtime.db, now=runtime.clock(), roles=[Role.MODERATOR]))
    room.open("/en/moderation")
    room.send("/en/moderation/1", {"action": "keep", "note": ""})
    with runtime.db.transaction() as session:
        decision = session.scalars(select(ModerationDecision)).one()
        notify_of_decision(session, decision_id=decision.id, now=runtime.clock())
    browser = make_browser(author)
    assert 'class="count">1<' in browser.open("/en/")
    assert '<span class="chip rose">new</span>' in browser.open("/en/notices")
    assert '<span class="chip rose">new</span>' not in browser.open("/en/notices")
    assert 'class="count"' not in browser.open("/en/")
    with runtime.db.reading() as session:
        assert all(
            row.read_at for row in session.scalars(select(Delivery).where(Delivery.account_id == author.account_id))
        )
