"""Vietnamese and Chinese with small engines in between: labelled, doubted by a reader, put right by a person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flows.conftest import OpenServer
from tests.flows.people import find_task, interpret
from tests.flows.server import Api, Server
from tests.models.packages import package_path


@pytest.fixture(scope="module")
def server(open_server: OpenServer) -> Server:
    server = open_server()
    server.run()
    return server


@pytest.fixture(scope="module")
def resident(server: Server) -> Api:
    return server.register("resident", kind="resident", reads=("vi",))


@pytest.fixture(scope="module")
def interpreter(server: Server) -> Api:
    pairs = ("--reads", "vi,zh-Hant", "--role", "interpreter", "--pairs", "vi:zh-Hant,zh-Hant:vi")
    return server.appoint("interpreter", *pairs)


@pytest.fixture(scope="module")
def engines(server: Server, resident: Api) -> None:
    """Packages installed while the system runs, by the operator's command; before that, people are asked."""
    early = resident.ask("Xin chào", "Xin chào mọi người.")["posts"]["items"][0]
    assert resident.wait_for_translation(early["id"], "zh-Hant", "waiting")["reason"] == "no_engine"

    def install(hop: str) -> None:
        done = server.command("models", "install", str(package_path(hop)), "--allow-test-models")
        assert done.returncode == 0, done.stderr

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(install, ("vi-en", "en-zt", "zt-en", "en-vi")))


@pytest.mark.usefixtures("engines")
def test_machine_text_is_labelled_doubted_and_put_right(server: Server, resident: Api, interpreter: Api) -> None:
    thread = resident.ask(
        "Gia hạn thẻ cư trú ở Đài Bắc", "Thẻ cư trú của tôi hết hạn vào tháng sau.", category="residence"
    )
    reader = server.register("reader")
    with server.browse(reader) as page:
        post_id = page.join(thread["id"], "zh-Hant")["posts"][0]["id"]
        machine = reader.wait_for_translation(post_id, "zh-Hant", "machine")
        assert machine["text"] == "我的居留證下個月到期。"
        assert machine["origin"] == {"kind": "machine", "engine": "argos", "route": ["vi", "en", "zh-Hant"]}
        assert (machine["grade"], machine["reported"]) == (None, False)
        title = reader.read(thread["id"], "zh-Hant")["title"]
        assert title["translation"]["text"] == "在台北延長居留證"
        # A wrong word about a permit does harm, so somebody checks it anyway; what a reader doubts comes first.
        later = resident.ask("Gia hạn thẻ cư trú ở Đài Bắc", "Tôi cần mang theo giấy tờ gì?", category="residence")
        resident.wait_for_translation(later["posts"]["items"][0]["id"], "zh-Hant", "machine")
        report = {"reason": "facts", "note": "是下個月嗎？"}
        reader.post(f"/posts/{post_id}/translations/zh-Hant/reports", report).expect(201)
        doubted = page.hear("translation.updated", lambda told: told["translation"]["reported"])
        assert (doubted["translation"]["state"], doubted["translation"]["text"]) == ("machine", machine["text"])
        queue = interpreter.get("/tasks", target="zh-Hant", state="open").expect(200)["items"]
        assert (queue[0]["kind"], queue[0]["post_id"]) == ("reported", post_id)
        assert "check" in {task["kind"] for task in queue}

        corrected = "我的居留證下個月就要到期了。"
        interpret(interpreter, post_id, "zh-Hant", corrected)
        told = page.hear("translation.updated", lambda told: told["translation"]["state"] == "verified")["translation"]
        assert (told["text"], told["origin"]["kind"], told["reported"]) == (corrected, "interpreter", False)
    assert find_task(interpreter, post_id, "zh-Hant") is None
    again = resident.answer(thread["id"], "Thẻ cư trú của tôi hết hạn vào tháng sau.")
    known = resident.wait_for_translation(again["id"], "zh-Hant", "verified")
    assert (known["text"], known["origin"]["kind"]) == (corrected, "memory")


@pytest.mark.usefixtures("engines")
def test_company_gets_advice_from_a_resident_of_the_country(server: Server, resident: Api) -> None:
    company = server.register("company", kind="company")
    question = "我們是台灣的家具公司，想在越南開工廠。第一步要申請什麼？"
    thread_id = company.ask("在越南設立公司", question, category="vn-invest")["id"]
    resident.call("PATCH", "/me", {"expertise": ["VN"]}).expect(200)
    listed = resident.get("/threads", category="vn-invest").expect(200)["items"]
    assert [thread["id"] for thread in listed] == [thread_id]
    with server.browse(company) as asking, server.browse(resident) as advising:
        first = advising.join(thread_id, "vi")["posts"][0]
        assert (first["author"]["kind"], first["body"]) == ("company", question)
        advising.hear("translation.updated", lambda told: told["translation"]["state"] == "machine")
        read = resident.wait_for_translation(first["id"], "vi", "machine")
        assert read["text"].startswith("Chúng tôi là công ty nội thất Đài Loan")
        assert read["origin"]["route"] == ["zh-Hant", "en", "vi"]

        asking.join(thread_id, "zh-Hant")
        advice = "Trước tiên bạn cần giấy chứng nhận đăng ký đầu tư, mất khoảng 15 ngày."
        advising.ask("post.create", thread_id=thread_id, body=advice, key="advice")
        answer = asking.hear("post.created", lambda told: told["post"]["body"] == advice)["post"]
        assert (answer["language"]["tag"], answer["author"]["kind"]) == ("vi", "resident")
        asking.hear(
            "translation.updated",
            lambda told: (
                (told["post_id"], told["translation"]["text"]) == (answer["id"], "您要先申請投資登記證，大約需要15天。")
            ),
        )
        rating = {"solved": "yes", "reasons": []}
        assert resident.put(f"/threads/{thread_id}/rating", rating).status == 403
        company.put(f"/threads/{thread_id}/rating", rating).expect(200)
        assert advising.hear("thread.updated")["status"] == "solved"
    rated = resident.read(thread_id, "vi")
    assert (rated["status"], rated["rating"]) == ("solved", "yes")
    similar = server.api().get("/similar", text="我們是台灣的公司，想在越南開工廠。").expect(200)["items"]
    assert [thread["id"] for thread in similar] == [thread_id]
