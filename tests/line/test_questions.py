"""From a person's phone to a question in the forum, and what she is told at once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core.actor import AccountKind
from app.core.catalogue import translate
from app.forum.models import Category, Channel, Post, PostState, Thread, ThreadKind, ThreadStatus
from bots.line import texts
from bots.line.models import InboxState
from simulators.line.actor import LineUser
from tests.line.conftest import KHMER, World
from translation.languages import ENDONYMS, LANGUAGES, LanguageTag
from translation.models import SourceText

VIETNAMESE = "Tôi muốn gia hạn thẻ cư trú thì phải đến đâu và cần giấy tờ gì?"
UNSURE = "KTV 119?"


def list_posts(world: World) -> list[tuple[Post, str, LanguageTag]]:
    def read(session: Session) -> list[tuple[Post, str, LanguageTag]]:
        rows = session.execute(
            select(Post, SourceText.text, SourceText.language)
            .join(SourceText, SourceText.id == Post.source_text_id)
            .order_by(Post.id)
        )
        return [(post, text, language) for post, text, language in rows]

    with world.runtime.db.reading() as session:
        return read(session)


def get_thread(world: World, thread_id: int) -> Thread:
    with world.runtime.db.reading() as session:
        return session.get_one(Thread, thread_id)


def count(world: World, row_type: type[Account] | type[Thread]) -> int:
    with world.runtime.db.reading() as session:
        return session.scalar(select(func.count()).select_from(row_type)) or 0


# --- following ---


def test_follow_is_greeted_with_six_languages_each_in_its_own_script(world: World, user: LineUser) -> None:
    user.follow()
    world.run_inbox()
    assert [message.via for message in user.messages] == ["reply", "reply"]
    labels = [action["label"] for action in user.quick_replies]
    assert sorted(labels) == sorted(ENDONYMS[tag] for tag in LANGUAGES)
    assert {action["type"] for action in user.quick_replies} == {"postback"}
    # The same on a computer, which shows no quick replies.
    assert [action["label"] for action in user.messages[-1].buttons] == labels
    account = world.get_account(user)
    assert account.kind is AccountKind.GUEST
    assert "sokha" not in account.display_name
    assert world.get_identity(user).consent_version == 1


def test_language_of_the_profile_is_offered_first(world: World) -> None:
    user = world.simulator.user("lan", language="vi-VN")
    user.follow()
    world.run_inbox()
    assert user.quick_replies[0]["label"] == "Tiếng Việt"
    assert world.get_identity(user).language is None, "a guess is no choice"


def test_chosen_language_is_kept_and_answered_in(world: World, user: LineUser) -> None:
    user.follow()
    world.run_inbox()
    user.tap("ភាសាខ្មែរ")
    world.run_inbox()
    assert world.get_identity(user).language is LanguageTag.KM
    account = world.get_account(user)
    assert (account.locale, account.reading_languages) == ("km", ["km"])
    assert "ភាសាខ្មែរ" in user.last_text


@pytest.mark.parametrize(
    ("typed", "language"),
    [("Tiếng Việt", "vi"), ("ខ្មែរ", "km"), ("印尼文", "id"), ("THAI", "th"), ("简体中文", "zh-Hans")],
)
def test_language_can_be_typed(world: World, user: LineUser, typed: str, language: str) -> None:
    user.follow()
    user.say(typed)
    world.run_inbox()
    assert world.get_account(user).reading_languages == [language]
    assert count(world, Thread) == 0


def test_person_is_one_account_when_she_follows_blocks_and_follows(world: World, user: LineUser) -> None:
    user.follow()
    user.block()
    world.run_inbox()
    assert not world.get_identity(user).is_friend
    user.follow()
    world.run_inbox()
    assert world.get_identity(user).is_friend
    assert count(world, Account) == 1


# --- asking ---


def test_khmer_text_becomes_a_question_and_is_acknowledged_by_a_reply(world: World, user: LineUser) -> None:
    user.follow()
    user.say(KHMER)
    world.run_inbox()
    ((post, text, language),) = list_posts(world)
    assert (text, language, post.channel, post.state) == (KHMER, LanguageTag.KM, Channel.LINE, PostState.VISIBLE)
    thread = get_thread(world, post.thread_id)
    assert thread.kind is ThreadKind.QUESTION
    with world.runtime.db.reading() as session:
        assert session.get_one(Category, thread.category_id).slug == "dont-know"
    assert f"{thread.id}" in user.last_text
    assert user.messages[-1].via == "reply"
    assert world.simulator.calls.to("push") == []
    assert world.get_account(user).reading_languages == ["km"], "who writes Khmer reads Khmer"
    assert world.list_states() == {InboxState.DONE}


def test_wait_is_told_honestly_when_no_machine_and_nobody_is_there(world: World, user: LineUser) -> None:
    user.say(KHMER)
    world.run_inbox()
    for text in (texts.NO_MACHINE, texts.NOBODY_ON_SHIFT):
        assert translate("km", text) in user.last_text


def test_held_question_is_not_said_to_be_public(world: World, user: LineUser) -> None:
    user.say(f"{VIETNAMESE} https://example.com/lam-giay-to")
    world.run_inbox()
    ((post, _, _),) = list_posts(world)
    assert post.state is PostState.HELD
    assert user.last_text == translate("vi", texts.QUESTION_HELD, number=post.thread_id)
    assert translate("vi", texts.QUESTION_IS_PUBLIC) not in user.last_text


def test_question_needs_no_follow_before_it(world: World, user: LineUser) -> None:
    user.say(VIETNAMESE)
    world.run_inbox()
    assert [language for _, _, language in list_posts(world)] == [LanguageTag.VI]


def test_language_is_asked_once_when_it_is_unsure_and_the_question_goes_on(world: World, user: LineUser) -> None:
    user.follow()
    user.say(UNSURE)
    world.run_inbox()
    assert list_posts(world) == []
    user.tap("Bahasa Indonesia")
    world.run_inbox()
    ((post, text, language),) = list_posts(world)
    assert (text, language) == (UNSURE, LanguageTag.ID)
    assert f"{post.thread_id}" in user.last_text
    user.say(UNSURE)
    world.run_inbox()
    assert [action["data"] for action in user.quick_replies] == ["1:add", "1:new"], "it is not asked again"


def test_first_options_are_enough_for_a_question(world: World, user: LineUser) -> None:
    user.follow()
    world.run_inbox()
    user.say(UNSURE)
    world.run_inbox()
    while user.quick_replies:
        user.tap(0)
        world.run_inbox()
    assert len(list_posts(world)) == 1


def test_texts_are_one_question_when_they_come_while_a_choice_waits(world: World, user: LineUser) -> None:
    user.say("KTV")
    user.say("119?")
    world.run_inbox()
    user.tap("ไทย")
    world.run_inbox()
    assert [text for _, text, _ in list_posts(world)] == ["KTV\n119?"]


def test_later_text_is_added_or_asked_anew_as_the_person_says(world: World, user: LineUser) -> None:
    user.say(VIETNAMESE)
    world.run_inbox()
    user.say("Tôi làm việc ở Đài Nam và thẻ sắp hết hạn.")
    world.run_inbox()
    assert len(list_posts(world)) == 1, "it waits for the choice"
    user.tap(0)
    world.run_inbox()
    first, second = list_posts(world)
    assert first[0].thread_id == second[0].thread_id
    user.say("Con tôi có được đi học tiếng Trung miễn phí không?")
    world.run_inbox()
    user.tap(1)
    world.run_inbox()
    *_, third = list_posts(world)
    assert third[0].thread_id != first[0].thread_id


def test_text_opens_a_new_question_when_the_old_one_is_no_longer_open(world: World, user: LineUser) -> None:
    user.say(VIETNAMESE)
    world.run_inbox()
    ((post, _, _),) = list_posts(world)
    with world.runtime.db.transaction() as session:
        session.get_one(Thread, post.thread_id).status = ThreadStatus.SOLVED
    user.say("Con tôi có được đi học tiếng Trung miễn phí không?")
    world.run_inbox()
    assert count(world, Thread) == 2


def test_choices_stay_at_hand_when_she_does_something_else_first(world: World, user: LineUser) -> None:
    user.say(VIETNAMESE)
    user.say("Tôi làm việc ở Đài Nam và thẻ sắp hết hạn.")
    user.say("English")
    world.run_inbox()
    assert [action["label"] for action in user.quick_replies] == ["Add to my question", "New question"]
    user.sticker()
    world.run_inbox()
    # On a computer there are no quick replies.
    buttons = user.messages[-1].buttons
    assert buttons == user.quick_replies
    user.tap_action(buttons[0])
    world.run_inbox()
    assert len(list_posts(world)) == 2


def test_long_question_has_a_short_title(world: World, user: LineUser) -> None:
    user.say("\n" + "ខ្ញុំ " * 800 + "\n\nទីពីរ")
    world.run_inbox()
    ((post, _, _),) = list_posts(world)
    with world.runtime.db.reading() as session:
        title = session.get_one(SourceText, post.title_text_id).text
    assert title.endswith("…")
    assert len(title) <= 200


@pytest.mark.parametrize("what", ["sticker", "image", "emoji", "unknown"])
def test_wordless_message_is_answered_with_a_word(world: World, user: LineUser, what: str) -> None:
    user.follow()
    world.run_inbox()
    before = len(user.messages)
    if what == "sticker":
        user.sticker()
    elif what == "image":
        user.send_file("image", b"x", "image/png")
    elif what == "emoji":
        user.say("(love)", emojis=[(0, 6)])
    else:
        user.send_unknown(message_type="hologram")
    world.run_inbox()
    assert len(user.messages) == before + 1
    assert "text" in user.last_text
    assert count(world, Thread) == 0


def test_line_emoji_are_no_part_of_the_question(world: World, user: LineUser) -> None:
    user.say(f"👋 (love) {KHMER}", emojis=[(3, 6)])
    world.run_inbox()
    assert [text for _, text, _ in list_posts(world)] == [f"👋  {KHMER}"]


def test_refusal_is_said_in_a_sentence(world: World, user: LineUser) -> None:
    user.say(VIETNAMESE)
    world.run_inbox()
    with world.runtime.db.transaction() as session:
        session.get_one(Account, world.get_account(user).id).suspended_at = world.clock()
    user.say(VIETNAMESE)
    world.run_inbox()
    user.tap(1)
    world.run_inbox()
    assert count(world, Thread) == 1
    assert user.last_text == translate("vi", texts.SUSPENDED)
    assert world.list_states() == {InboxState.DONE}
