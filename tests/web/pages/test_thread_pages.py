"""A conversation as a reader sees it and what she can do with a message, all by plain forms."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.actor import AccountKind, Actor
from app.core.catalogue import translate, translate_plural
from app.forum.models import Follow, Post, PostState, Rating, Solved
from app.runtime import Runtime
from app.web.i18n import LOCALES
from moderation.models import Report
from tests.people import answer, ask, make_interpreter, make_person
from tests.web.pages.conftest import Browser
from tests.web.pages.lang_walk import find_faults, walk
from translation.languages import LanguageTag
from translation.models import Grade, SourceText, TranslationReport, WaitReason

QUESTION, REPLY = "Phí là bao nhiêu?", "費用是新臺幣 1,000 元。"


@pytest.fixture
def asker(runtime: Runtime) -> Actor:
    return make_person(runtime.db, now=runtime.clock(), reads=["vi"], name="Asker")


@pytest.fixture
def helper(runtime: Runtime) -> Actor:
    return make_person(runtime.db, now=runtime.clock(), reads=["zh-Hant"], name="提問者")


@pytest.fixture
def reply_id(runtime: Runtime, asker: Actor, helper: Actor) -> int:
    """The answer in the thread 1, whose question is post 1."""
    now = runtime.clock()
    with runtime.db.transaction() as session:
        made = ask(session, asker, QUESTION, title="Phí", category="residence", language=LanguageTag.VI, now=now)
        return answer(session, helper, made.thread_id, REPLY, now=now).post_id


def _block(page: str, post_id: int) -> str:
    found = re.search(rf'<article class="[^"]*" id="post-{post_id}".*?</article>', page, re.S)
    assert found, f"no post {post_id}"
    return found[0]


def _text(block: str) -> str:
    return " ".join(text for text, _ in walk(block).texts)


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "zh-Hant"])
def test_message_leads_with_the_translation_when_there_is_one(
    browser: Browser, reply_id: int, put_translation: Callable[..., int], locale: str
) -> None:
    browser.open(f"/{locale}/q/1")
    put_translation(reply_id, locale, "machine", "TRANSLATED 1,000")
    block = _block(browser.open(f"/{locale}/q/1"), reply_id)
    assert f'<div class="text" lang="{locale}" dir="auto">TRANSLATED 1,000</div>' in block
    assert block.index("TRANSLATED") < block.index('<details class="trust-line">') < block.index(REPLY)
    assert f'<div class="original" lang="zh-Hant" dir="auto" translate="no">{REPLY}</div>' in block
    assert '<span lang="zh-Hant">繁體中文</span>' in block


@pytest.mark.parametrize(
    ("state", "values", "label"),
    [
        ("machine", {}, "Machine translation"),
        ("verified", {"grade": Grade.ONE}, "Checked by an interpreter"),
        ("verified", {"grade": Grade.TWO}, "Checked by two interpreters"),
        ("verified", {"is_reported": True}, "Reported – being checked"),
    ],
)
def test_label_says_who_vouches(
    browser: Browser,
    reply_id: int,
    put_translation: Callable[..., int],
    state: str,
    values: dict[str, object],
    label: str,
) -> None:
    browser.open("/en/q/1")
    put_translation(reply_id, "en", state, "The fee is NT$1,000.", **values)
    text = _text(_block(browser.open("/en/q/1"), reply_id))
    assert label in text
    assert "See the original" in text


def test_original_is_shown_with_an_honest_wait_when_no_engine_can(
    browser: Browser, runtime: Runtime, reply_id: int, put_translation: Callable[..., int]
) -> None:
    browser.open("/km/q/1")
    put_translation(reply_id, "km", "waiting", reason=WaitReason.NO_ENGINE)
    block = _block(browser.open("/km/q/1"), reply_id)
    assert f'<div class="text" lang="zh-Hant" dir="auto">{REPLY}</div>' in block
    assert translate("km", "No translation yet – an interpreter has been asked") in _text(block)
    nobody = "No interpreter for these languages is here right now. You will be told as soon as it is done."
    assert translate("km", nobody) in _text(block)


def test_people_on_shift_are_counted_when_somebody_is_waited_for(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, reply_id: int, put_translation: Callable[..., int]
) -> None:
    interpreter = make_interpreter(runtime.db, ("zh-Hant", "km"), now=runtime.clock())
    make_browser(interpreter).open("/en/")
    browser = make_browser(make_person(runtime.db, now=runtime.clock(), reads=["km"]))
    browser.open("/km/q/1")
    put_translation(reply_id, "km", "waiting", reason=WaitReason.NO_ENGINE)
    told = translate_plural("km", "%(num)s interpreter is here now.", "%(num)s interpreters are here now.", 1, num=1)
    assert told in _text(_block(browser.open("/km/q/1"), reply_id))


def test_translation_is_asked_for_when_a_reader_comes_in_another_language(browser: Browser, reply_id: int) -> None:
    assert translate("th", "Translating…") in _text(_block(browser.open("/th/q/1"), reply_id))


def test_edited_text_is_labelled_outdated_when_its_translation_is_old(
    browser: Browser,
    make_browser: Callable[[Actor], Browser],
    helper: Actor,
    reply_id: int,
    put_translation: Callable[..., int],
) -> None:
    browser.open("/en/q/1")
    put_translation(reply_id, "en", "verified", "The fee is NT$1,000.", grade=Grade.ONE)
    author = make_browser(helper)
    page = author.open(f"/en/posts/{reply_id}/edit")
    assert REPLY in page
    author.follow(author.send(f"/en/posts/{reply_id}/edit", {"body": "費用是新臺幣 2,000 元。"}))
    block = _block(browser.open("/en/q/1"), reply_id)
    assert "Outdated – the original was changed" in _text(block)
    assert "The fee is NT$1,000." in block
    assert "2,000" in block


def test_facts_are_shown_untouched_when_a_text_is_translated(
    browser: Browser, reply_id: int, put_translation: Callable[..., int]
) -> None:
    browser.open("/vi/q/1")
    put_translation(reply_id, "vi", "machine", "Phí là 1.000 Đài tệ.")
    block = _block(browser.open("/vi/q/1"), reply_id)
    assert re.search(r'<bdi class="fact" lang="zh-Hant" translate="no">[^<]*1,000', block)


def test_care_line_is_shown_when_a_risky_topic_has_machine_text(
    browser: Browser, reply_id: int, put_translation: Callable[..., int]
) -> None:
    line = translate("vi", "Machine translated. Check with an interpreter before you sign or pay.")
    assert line not in browser.open("/vi/q/1")
    put_translation(reply_id, "vi", "machine", "Phí là 1.000 Đài tệ.")
    assert line in browser.open("/vi/q/1")


def test_originals_are_open_when_the_reader_wants_both(
    browser: Browser, reply_id: int, put_translation: Callable[..., int]
) -> None:
    put_translation(reply_id, "vi", "machine", "Phí là 1.000 Đài tệ.")
    assert '<details class="trust-line" open>' in browser.open("/vi/q/1?originals=1")
    assert '<details class="trust-line" open>' not in browser.open("/vi/q/1?originals=0")


def test_author_names_the_language_when_nobody_is_sure(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, asker: Actor, reply_id: int
) -> None:
    with runtime.db.transaction() as session:
        post_id = answer(session, asker, 1, "12345 xyzq", now=runtime.clock()).post_id
    browser = make_browser(asker)
    block = _block(browser.open("/vi/q/1"), post_id)
    assert translate("vi", "We are not sure which language this is") in _text(block)
    assert 'name="language" value="km" lang="km"' in block
    browser.follow(browser.send(f"/vi/posts/{post_id}/language", {"language": "id"}))
    with runtime.db.reading() as session:
        text = session.get_one(SourceText, session.get_one(Post, post_id).source_text_id)
    assert text.language is LanguageTag.ID


def test_language_is_refused_when_it_is_none_of_ours(
    make_browser: Callable[[Actor], Browser], helper: Actor, reply_id: int
) -> None:
    browser = make_browser(helper)
    browser.open(f"/en/posts/{reply_id}/language")
    for tag in ("", "xx", "und", "<script>"):
        assert browser.send(f"/en/posts/{reply_id}/language", {"language": tag}).status_code == 422


def test_reply_is_stored_once_when_the_form_is_sent_twice(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, asker: Actor, reply_id: int
) -> None:
    browser = make_browser(asker)
    browser.open("/vi/q/1")
    answers = [browser.send("/vi/q/1", {"body": "Cảm ơn!", "language": ""}) for _ in range(2)]
    assert [response.headers["Location"] for response in answers] == [f"/vi/q/1#post-{reply_id + 1}"] * 2
    with runtime.db.reading() as session:
        assert len(session.scalars(select(Post)).all()) == 3


def test_reply_is_kept_in_the_box_when_it_is_refused(
    make_browser: Callable[[Actor], Browser], asker: Actor, reply_id: int
) -> None:
    browser = make_browser(asker)
    browser.open("/vi/q/1")
    response = browser.send("/vi/q/1", {"body": "y" * 20_001, "language": ""})
    assert response.status_code == 422
    assert "y" * 20_001 in browser.page
    assert translate("vi", "This is too long. Please shorten it.") in browser.page


def test_guest_is_asked_to_register_when_she_would_answer_others(runtime: Runtime, app: Flask, reply_id: int) -> None:
    browser = Browser(app)
    browser.open("/vi/ask")
    browser.send("/vi/ask", {"body": "Xin chào?", "category": "daily-life"})
    page = browser.open("/vi/q/1")
    assert 'href="/vi/register?next=/vi/q/1"' in page
    assert 'id="composer"' not in page
    assert browser.send("/vi/q/1", {"body": "x"}).status_code == 403


def test_changes_are_sent_as_a_fragment_when_a_page_asks(
    browser: Browser,
    make_browser: Callable[[Actor], Browser],
    runtime: Runtime,
    asker: Actor,
    helper: Actor,
    reply_id: int,
) -> None:
    page = browser.open("/vi/q/1")
    after = re.search(r'data-after="(\d+)"', page)
    assert after is not None
    nothing = browser.open(f"/vi/q/1/posts?after={after[1]}")
    assert "<article" not in nothing
    assert f'data-after="{after[1]}" data-more="false"' in nothing
    with runtime.db.transaction() as session:
        answer(session, asker, 1, "Cảm ơn!", now=runtime.clock())
    author = make_browser(helper)
    author.open(f"/en/posts/{reply_id}/withdraw")
    author.follow(author.send(f"/en/posts/{reply_id}/withdraw", {}))
    fragment = browser.open(f"/vi/q/1/posts?after={after[1]}")
    assert "Cảm ơn!" in _block(fragment, reply_id + 1)
    assert f'<div id="post-{reply_id}" data-gone></div>' in fragment
    assert REPLY not in fragment
    assert find_faults(f'<html lang="vi">{fragment}</html>') == []


def test_withdrawn_text_is_nowhere_when_it_was_taken_back(
    browser: Browser, make_browser: Callable[[Actor], Browser], runtime: Runtime, asker: Actor, reply_id: int
) -> None:
    author = make_browser(asker)
    assert QUESTION in author.open("/vi/posts/1/withdraw")
    author.follow(author.send("/vi/posts/1/withdraw", {}))
    page = browser.open("/vi/q/1")
    assert QUESTION not in page
    assert translate("vi", "A question that was taken back") in page
    with runtime.db.reading() as session:
        assert session.get_one(Post, 1).state is PostState.WITHDRAWN


def test_others_cannot_change_a_message(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, asker: Actor, reply_id: int
) -> None:
    browser = make_browser(asker)
    browser.open("/vi/q/1")
    for path, data in (("edit", {"body": "x"}), ("withdraw", {}), ("language", {"language": "vi"})):
        assert browser.send(f"/vi/posts/{reply_id}/{path}", data).status_code == 403
    with runtime.db.reading() as session:
        assert session.get_one(Post, reply_id).state is PostState.VISIBLE


def test_translation_is_reported_in_two_taps(
    make_browser: Callable[[Actor], Browser],
    runtime: Runtime,
    asker: Actor,
    reply_id: int,
    put_translation: Callable[..., int],
) -> None:
    put_translation(reply_id, "vi", "machine", "Phí là 2.000 Đài tệ.")
    browser = make_browser(asker)
    block = _block(browser.open("/vi/q/1"), reply_id)
    assert f'action="/vi/posts/{reply_id}/translation-report"' in block
    assert 'name="reason" value="facts"' in block
    browser.follow(browser.send(f"/vi/posts/{reply_id}/translation-report", {"reason": "facts", "target": "vi"}))
    with runtime.db.reading() as session:
        report = session.scalars(select(TranslationReport)).one()
    assert (report.reason, report.account_id) == ("facts", asker.account_id)
    assert translate("vi", "Reported – being checked") in _text(_block(browser.open("/vi/q/1"), reply_id))


def test_message_is_reported_in_two_taps(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, asker: Actor, reply_id: int
) -> None:
    browser = make_browser(asker)
    block = _block(browser.open("/vi/q/1"), reply_id)
    assert f'action="/vi/posts/{reply_id}/report"' in block
    page = browser.follow(browser.send(f"/vi/posts/{reply_id}/report", {"reason": "scam"}))
    assert translate("vi", "Thank you. A moderator looks at it, and you will be told what was decided.") in page
    with runtime.db.reading() as session:
        assert session.scalars(select(Report)).one().reason == "scam"


def test_report_asks_again_when_the_reason_is_unknown(
    make_browser: Callable[[Actor], Browser], asker: Actor, reply_id: int
) -> None:
    browser = make_browser(asker)
    browser.open("/en/q/1")
    response = browser.send(f"/en/posts/{reply_id}/report", {"reason": "nonsense"})
    assert response.status_code == 200
    assert "What is wrong with this message?" in browser.page


def test_asker_says_whether_it_helped(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, asker: Actor, helper: Actor, reply_id: int
) -> None:
    browser = make_browser(asker)
    assert "Did this solve it?" in browser.open("/en/q/1")
    page = browser.follow(browser.send("/en/q/1/rating", {"solved": "partly"}))
    assert "What is missing?" in page
    browser.follow(browser.send("/en/q/1/rating", {"solved": "no", "reasons": ["translation_unclear", "nonsense"]}))
    with runtime.db.reading() as session:
        rating = session.scalars(select(Rating)).one()
    assert (rating.solved, rating.reasons) == (Solved.NO, ["translation_unclear"])
    page = browser.follow(browser.send("/en/q/1/rating", {"solved": "yes"}))
    assert "Solved" in page
    assert "Did this solve it?" not in make_browser(helper).open("/en/q/1")


def test_reader_follows_and_stops(make_browser: Callable[[Actor], Browser], runtime: Runtime, reply_id: int) -> None:
    reader = make_person(runtime.db, now=runtime.clock())

    def is_following() -> bool:
        with runtime.db.reading() as session:
            return session.get(Follow, (1, reader.account_id)) is not None

    browser = make_browser(reader)
    browser.open("/en/q/1")
    browser.follow(browser.send("/en/q/1/follow", {"follow": "1"}))
    assert is_following()
    browser.follow(browser.send("/en/q/1/follow", {"follow": "0"}))
    assert not is_following()


def test_companies_are_labelled(browser: Browser, runtime: Runtime, reply_id: int) -> None:
    company = make_person(runtime.db, now=runtime.clock(), kind=AccountKind.COMPANY, name="ACME")
    with runtime.db.transaction() as session:
        post_id = answer(session, company, 1, "您好。", now=runtime.clock()).post_id
    assert re.search(r'<bdi class="name">ACME</bdi> <span class="chip">', _block(browser.open("/en/q/1"), post_id))


def test_texts_are_in_simplified_when_the_address_says_so(
    make_browser: Callable[[Actor], Browser], runtime: Runtime, reply_id: int
) -> None:
    browser = make_browser(make_person(runtime.db, now=runtime.clock(), reads=["zh-Hant"]))
    assert 'data-language="zh-Hans"' in browser.open("/zh-Hant/q/1?language=zh-Hans")
    assert 'data-language="zh-Hant"' in browser.open("/zh-Hant/q/1?language=xx")
