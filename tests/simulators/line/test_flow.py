"""How a flow test reads: a web application as the bot, its answers through the real SDK, and a person with a phone."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from flask import Flask, request
from linebot.v3.webhook import SignatureValidator

from simulators.line.faults import FaultKind
from simulators.line.sender import wsgi_transport
from simulators.line.simulator import LineSimulator
from tests.simulators.line.support import Sdk, postback, quick, retry_key, text


@pytest.fixture
def bot(simulator: LineSimulator, sdk: Sdk) -> Flask:
    """Replies to a question with a receipt, and pushes the answer when its button is tapped, twice if it has to."""
    app = Flask("bot")

    @app.post("/line/webhook")
    def webhook() -> tuple[str, int]:
        signature = request.headers["x-line-signature"]
        if not SignatureValidator(simulator.state.secret).validate(request.get_data(as_text=True), signature):
            return "", 400
        for event in request.get_json()["events"]:
            if event["type"] == "message":
                sdk.reply(event["replyToken"], text("Received", quickReply=quick(postback("Show answer", "answer"))))
            elif event["type"] == "postback":
                push_until_accepted(event["source"]["userId"])
        return "", 200

    def push_until_accepted(user_id: str) -> None:
        key = retry_key()
        for _attempt in range(2):
            try:
                sdk.push(user_id, text("Answer"), key=key)
            except Exception as error:
                if getattr(error, "status", None) == 409:
                    return

    return app


def test_question_is_answered_once_although_the_connection_drops(simulator: LineSimulator, bot: Flask) -> None:
    simulator.connect(wsgi_transport(bot, "/line/webhook"))
    asker = simulator.user("ภาษาไทย", language="th")
    asker.follow()
    assert asker.say("ต่อใบถิ่นที่อยู่ได้ที่ไหน").ok
    assert asker.last_text == "Received"
    simulator.faults.inject("push", FaultKind.DROP_AFTER)
    asker.tap("Show answer")
    assert [message.text for message in asker.wait_for(2)] == ["Received", "Answer"]
    assert [call.status for call in simulator.calls.to("push")] == [0, 409]
    assert simulator.state.violations == []


def test_bot_refuses_a_forged_event(simulator: LineSimulator, bot: Flask) -> None:
    simulator.connect(wsgi_transport(bot, "/line/webhook"))
    asker = simulator.user("friend")
    assert simulator.sender.deliver(asker.compose("question"), signature="forged").status == 400
    assert asker.messages == []


def test_program_serves_the_page_and_six_phones() -> None:
    command = [sys.executable, "-m", "simulators.line", "--port", "0", "--webhook", "http://127.0.0.1:9/line/webhook"]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            url = program.stdout.readline().split()[-1]
            with urllib.request.urlopen(f"{url}/page/users", timeout=10) as answer:
                assert answer.read().count(b'"userId"') == 6
        finally:
            program.terminate()
