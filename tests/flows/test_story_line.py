"""A question asked in Khmer, in LINE, where no engine knows Khmer: read, answered and vouched for by people."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest

from app.core.catalogue import translate
from bots.line.texts import GREETING
from simulators.line.actor import LineUser, Received
from simulators.line.api import Call
from simulators.line.sender import http_transport
from simulators.line.simulator import LineSimulator
from tests.flows.conftest import OpenServer
from tests.flows.people import find_task, interpret, read_notices
from tests.flows.server import PATIENCE, Api, Server, Told, eventually
from translation.languages import ENDONYMS, LANGUAGES, LanguageTag

SECRET, TOKEN = "simulated-channel-secret", "simulated-access-token"
KHMER = re.compile(r"[\u1780-\u17b3]{2}")


@pytest.fixture(scope="module")
def line() -> LineSimulator:
    return LineSimulator(secret=SECRET, access_token=TOKEN)


@pytest.fixture(scope="module")
def server(open_server: OpenServer, line: LineSimulator) -> Iterator[Server]:
    with line.serve() as api_base:
        server = open_server(
            QIAO_LINE_CHANNEL_SECRET=SECRET, QIAO_LINE_CHANNEL_ACCESS_TOKEN=TOKEN, QIAO_LINE_API_BASE=api_base
        )
        server.run()
        line.connect(http_transport(f"{server.url}/line/webhook", timeout=PATIENCE))
        yield server
        server.close()


@pytest.fixture(scope="module")
def interpreter(server: Server) -> Api:
    pairs = ("--reads", "km,zh-Hant", "--role", "interpreter", "--pairs", "km:zh-Hant,zh-Hant:km")
    return server.appoint("interpreter", *pairs)


@pytest.fixture(scope="module")
def moderator(server: Server) -> Api:
    return server.appoint("moderator", "--role", "moderator")


@pytest.fixture(scope="module")
def citizen(server: Server) -> Api:
    return server.register("citizen")


def find_thread(api: Api, title: str) -> Told:
    """The thread that begins so, as soon as it is listed."""

    def look() -> Told | None:
        items = api.get("/threads", category="dont-know", limit=100).expect(200)["items"]
        return next((thread for thread in items if thread["title"]["text"] == title), None)

    return eventually(look, what=f"thread {title}")


def ask_in_line(user: LineUser, text: str) -> str:
    """A first message that becomes a question; its message id once the bot has said so."""
    user.follow()
    user.wait_for(2, PATIENCE)
    delivery = user.say(text)
    assert delivery.ok
    user.wait_for(3, PATIENCE)
    return delivery.message_id


def list_pushes(line: LineSimulator, user: LineUser) -> list[Call]:
    return [call for call in line.calls.to("push") if call.body.get("to") == user.user_id]


def wait_for_text(user: LineUser, text: str) -> Received:
    """The message that shows this text."""

    def look() -> Received | None:
        return next((message for message in user.messages if text in message.texts), None)

    return eventually(look, what=f"a message with {text}")


def test_question_in_khmer_is_read_answered_and_vouched_for(
    server: Server, line: LineSimulator, interpreter: Api, citizen: Api
) -> None:
    user = line.user("asker", language="km")
    user.follow()
    greeting = user.wait_for(2, PATIENCE)
    hellos = {translate(tag, GREETING) for tag in LANGUAGES}
    assert len(hellos) == 6
    assert [hello for hello in hellos if hello not in greeting[0].text] == []
    offered = [button["label"] for button in greeting[-1].buttons]
    assert sorted(offered) == sorted(ENDONYMS[tag] for tag in LANGUAGES)
    # Her phone speaks Khmer.
    assert offered[0] == ENDONYMS[LanguageTag.KM]

    user.say("ប័ណ្ណស្នាក់នៅរបស់ខ្ញុំនឹងផុតកំណត់នៅខែក្រោយ។")
    assert KHMER.search(user.wait_for(3, PATIENCE)[-1].text)
    thread = find_thread(citizen, "ប័ណ្ណស្នាក់នៅរបស់ខ្ញុំនឹងផុតកំណត់នៅខែក្រោយ។")
    with server.browse(citizen) as page, server.browse() as visitor, server.browse() as foreigner:
        (first,) = page.join(thread["id"], "zh-Hant")["posts"]
        visitor.join(thread["id"], "zh-Hant")
        foreigner.join(thread["id"], "vi")
        assert (first["channel"], first["language"]["tag"], first["language"]["basis"]) == ("line", "km", "script")
        waiting = citizen.wait_for_translation(first["id"], "zh-Hant", "waiting")
        assert (waiting["reason"], waiting["text"]) == ("no_engine", None)
        assert waiting["wait"] is not None

        # What comes next is seen while the page is open; the first tap says that it belongs to the same question.
        user.say("តើខ្ញុំត្រូវយកឯកសារអ្វីខ្លះទៅ?")
        user.wait_for(4, PATIENCE)
        user.tap(0)
        heard = page.hear("post.created", lambda told: told["post"]["body"] == "តើខ្ញុំត្រូវយកឯកសារអ្វីខ្លះទៅ?")
        second = heard["post"]
        page.hear(
            "translation.updated",
            lambda told: (told["post_id"], told["translation"]["reason"]) == (second["id"], "no_engine"),
        )

        done = interpret(interpreter, second["id"], "zh-Hant", "我需要帶哪些文件？")
        assert (done["state"], done["grade"], done["origin"]["kind"]) == ("verified", "one", "interpreter")
        for reader in (page, visitor):
            told = reader.hear(
                "translation.updated", lambda told: told["post_id"] == second["id"] and told["translation"]["text"]
            )
            assert (told["translation"]["state"], told["translation"]["text"]) == ("verified", "我需要帶哪些文件？")
        interpret(interpreter, first["id"], "zh-Hant", "我的居留證下個月到期。", title="我的居留證下個月到期。")
        told = page.hear(
            "translation.updated", lambda told: told["post_id"] == first["id"] and told["translation"]["text"]
        )
        assert told["title"]["translation"]["state"] == "verified"
        languages = {told["translation"]["language"] for told in foreigner.list_told("translation.updated")}
        assert languages <= {"vi"}

        answer = "請帶護照、居留證和一張照片。"
        ack = page.ask("post.create", thread_id=thread["id"], body=answer, key="the-answer")
        assert ack["ok"]
        answer_id = ack["post"]["id"]
    citizen.wait_for_translation(answer_id, "km", "waiting")
    eventually(lambda: find_task(interpreter, answer_id, "km"), what="the answer waits for the interpreter")
    assert list_pushes(line, user) == []

    in_khmer = "សូមយកលិខិតឆ្លងដែន ប័ណ្ណស្នាក់នៅ និងរូបថតមួយសន្លឹក។"
    interpret(interpreter, answer_id, "km", in_khmer)
    card = wait_for_text(user, in_khmer)
    assert card.via == "push"
    assert answer in card.texts
    (pushed,) = list_pushes(line, user)
    assert uuid.UUID(pushed.retry_key)

    again = citizen.answer(thread["id"], answer)
    known = citizen.wait_for_translation(again["id"], "km", "verified")
    assert (known["text"], known["origin"]["kind"]) == (in_khmer, "memory")
    assert find_task(interpreter, again["id"], "km") is None
    second_push = eventually(lambda: list_pushes(line, user)[1:], what="the repeated answer is pushed")
    assert second_push[0].retry_key != pushed.retry_key
    assert line.state.violations == []


def test_unsent_message_takes_everything_made_from_it_with_it(
    server: Server, line: LineSimulator, interpreter: Api, citizen: Api
) -> None:
    user = line.user("regretful", language="km")
    question, translation = "ខ្ញុំបានបាត់លិខិតឆ្លងដែន។", "我把護照弄丟了。"
    message_id = ask_in_line(user, question)
    thread = find_thread(citizen, question)
    with server.browse() as page:
        joined = page.join(thread["id"], "zh-Hant")
        post_id = joined["posts"][0]["id"]
        interpret(interpreter, post_id, "zh-Hant", translation, title=translation)
        page.hear("translation.updated", lambda told: told["translation"]["state"] == "verified")
        user.unsend(message_id)
        page.hear("post.withdrawn", lambda told: told["post_id"] == post_id)
    with server.browse() as page:
        (gone,) = page.join(thread["id"], "zh-Hant", after=joined["change"])["posts"]
    assert (gone["state"], gone["body"], gone["title"], gone["translation"]) == ("withdrawn", "", None, None)
    assert citizen.get(f"/posts/{post_id}/translations/zh-Hant").status == 404
    assert citizen.get("/search", q=translation).expect(200)["items"] == []
    assert thread["id"] not in [each["id"] for each in citizen.get("/threads", limit=100).expect(200)["items"]]
    # Nor does the memory know it any more: the same words are translated anew.
    other = line.user("other", language="km")
    ask_in_line(other, question)
    again = find_thread(citizen, question)["id"]
    fresh = citizen.wait_for_translation(
        citizen.read(again, "zh-Hant")["posts"]["items"][0]["id"], "zh-Hant", "waiting"
    )
    assert fresh["text"] is None


def test_events_delivered_again_do_nothing_twice(line: LineSimulator, server: Server, citizen: Api) -> None:
    user = line.user("repeated", language="km")
    followed = user.follow()
    user.wait_for(2, PATIENCE)
    asked = user.say("តើធនាគារនៅឯណា?")
    user.wait_for(3, PATIENCE)
    for delivery in (followed, asked):
        assert line.sender.redeliver(delivery).ok
        assert line.sender.duplicate(delivery).ok
    # Events of a chat are handled in order: when this one is answered, those before it are over.
    user.sticker()
    user.wait_for(4, PATIENCE)
    assert len(user.messages) == 4
    items = citizen.get("/threads", category="dont-know", limit=100).expect(200)["items"]
    assert [each["title"]["text"] for each in items].count("តើធនាគារនៅឯណា?") == 1
    posts = citizen.read(find_thread(citizen, "តើធនាគារនៅឯណា?")["id"], "zh-Hant")["posts"]["items"]
    assert len(posts) == 1


def test_reported_answer_is_hidden_from_everybody_and_restored(
    server: Server, line: LineSimulator, interpreter: Api, moderator: Api
) -> None:
    author, neighbour = server.register("author"), server.register("neighbour")
    user = line.user("patient", language="km")
    ask_in_line(user, "តើមន្ទីរពេទ្យបើកម៉ោងប៉ុន្មាន?")
    thread_id = find_thread(author, "តើមន្ទីរពេទ្យបើកម៉ោងប៉ុន្មាន?")["id"]
    with server.browse(neighbour) as page:
        joined = page.join(thread_id, "zh-Hant")
        post_id = author.answer(thread_id, "醫院早上八點開門。")["id"]
        page.hear("post.created", lambda told: told["post"]["id"] == post_id)
        author.wait_for_translation(post_id, "km", "waiting")
        eventually(lambda: find_task(interpreter, post_id, "km"), what="the answer waits for the interpreter")

        neighbour.post("/reports", {"post_id": post_id, "reason": "dangerous_advice", "note": "不對"}).expect(201)
        items = moderator.get("/moderation/items", state="open").expect(200)["items"]
        (item,) = [item for item in items if item["post"]["id"] == post_id]
        decision = {"action": "hide", "note": "要先查證"}
        moderator.post(f"/moderation/items/{item['id']}/decision", decision).expect(200)
        page.hear("post.withdrawn", lambda told: told["post_id"] == post_id)

        for person in (neighbour, author, server.api()):
            assert person.get(f"/posts/{post_id}").status == 404
            assert post_id not in [post["id"] for post in person.read(thread_id, "zh-Hant")["posts"]["items"]]
            assert person.get("/search", q="八點開門").expect(200)["items"] == []
        missed = page.join(thread_id, "zh-Hant", after=joined["change"])["posts"]
        assert [(post["state"], post["body"]) for post in missed if post["id"] == post_id] == [("hidden", "")]
        assert find_task(interpreter, post_id, "km") is None

        moderator.post(f"/moderation/items/{item['id']}/decision", {"action": "keep", "note": ""}).expect(200)
        page.hear(
            "post.created", lambda told: told["post"]["id"] == post_id and told["post"]["change"] > missed[-1]["change"]
        )
    assert neighbour.get(f"/posts/{post_id}").expect(200)["body"] == "醫院早上八點開門。"
    assert list_pushes(line, user) == []
    in_khmer = "មន្ទីរពេទ្យបើកនៅម៉ោង 8 ព្រឹក។"
    interpret(interpreter, post_id, "km", in_khmer)
    wait_for_text(user, in_khmer)
    assert len(list_pushes(line, user)) == 1
    told_author, told_neighbour = read_notices(server, "author"), read_notices(server, "neighbour")
    assert "A moderator has decided about a message of yours." in told_author
    assert "A moderator has decided about your report. Thank you." in told_neighbour
    for told in (told_author, told_neighbour):
        assert "It was hidden." in told
        assert "It stays." in told


def test_forged_webhook_is_refused(server: Server, line: LineSimulator, citizen: Api) -> None:
    user = line.user("forger", language="km")
    assert line.sender.deliver(user.compose("តើនេះជាការក្លែងបន្លំទេ?"), signature="forged").status == 400
    assert user.sticker().ok
    user.wait_for(1, PATIENCE)
    items = citizen.get("/threads", category="dont-know", limit=100).expect(200)["items"]
    assert "តើនេះជាការក្លែងបន្លំទេ?" not in [each["title"]["text"] for each in items]
