"""While a text waits for a person, its readers see the words of it that the glossary knows; so does the interpreter."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.runtime import Runtime
from app.worker import translate_pending
from tests.translation.glossary.conftest import make_draft
from tests.web.api.support import Caller, make_interpreter, register
from translation.glossary.queries import CACHE
from translation.glossary.service import add_concept

KHMER = "តើខ្ញុំត្រូវធ្វើប័ណ្ណស្នាក់នៅថ្មីនៅកន្លែងណា?"
PERMIT = make_draft("permit", zh_Hant="居留證 | !居留紙", km="ប័ណ្ណស្នាក់នៅ", th="ใบถิ่นที่อยู่")


@pytest.fixture
def thread(client: FlaskClient, runtime: Runtime) -> dict[str, Any]:
    """A Khmer question for which no engine is installed."""
    with runtime.db.transaction() as session:
        add_concept(session, actor_id=None, draft=PERMIT, now=runtime.clock())
        CACHE.expire(session)
    thread = register(client, "Writer", locale="km").ask(title="សួរ", body=KHMER)
    translate_pending(runtime)
    return thread


def read_translation(client: FlaskClient, thread: dict[str, Any], language: str, runtime: Runtime) -> dict[str, Any]:
    Caller(client).get(f"/threads/{thread['id']}?language={language}")
    translate_pending(runtime)
    read = Caller(client).get(f"/threads/{thread['id']}?language={language}").get_json()
    return read["posts"]["items"][0]["translation"]


@pytest.mark.parametrize(("language", "text"), [("zh-Hant", "居留證"), ("zh-Hans", "居留证"), ("th", "ใบถิ่นที่อยู่")])
def test_reader_sees_known_words_while_a_person_is_waited_for(
    thread: dict[str, Any], client: FlaskClient, runtime: Runtime, language: str, text: str
) -> None:
    translation = read_translation(client, thread, language, runtime)
    assert (translation["state"], translation["text"]) == ("waiting", None)
    assert translation["gist"] == [{"term": "ប័ណ្ណស្នាក់នៅ", "text": text}]


def test_there_is_no_gist_in_a_language_that_the_glossary_lacks(
    thread: dict[str, Any], client: FlaskClient, runtime: Runtime
) -> None:
    assert read_translation(client, thread, "id", runtime)["gist"] == []


def test_interpreter_sees_terms_and_what_not_to_say(
    thread: dict[str, Any], client: FlaskClient, runtime: Runtime
) -> None:
    interpreter = register(client, "Speaker", locale="zh-Hant", kind="citizen")
    make_interpreter(runtime, interpreter, ("km", "zh-Hant"))
    task = interpreter.post("/tasks/next").get_json()
    assert {"source": "ប័ណ្ណស្នាក់នៅ", "target": "居留證", "forbidden": ["居留紙"], "is_verified": False} in task["terms"]


def test_gist_goes_when_the_translation_is_there(thread: dict[str, Any], client: FlaskClient, runtime: Runtime) -> None:
    interpreter = register(client, "Speaker", locale="zh-Hant", kind="citizen")
    make_interpreter(runtime, interpreter, ("km", "zh-Hant"))
    task = interpreter.post("/tasks/next").get_json()
    submission = {
        "text": "我要去哪裡辦新的居留證?",
        "title_text": "請問",
        "base_candidate_id": None,
        "accept_warnings": True,
    }
    assert interpreter.post(f"/tasks/{task['id']}/submit", submission).status_code == 200
    assert read_translation(client, thread, "zh-Hant", runtime)["gist"] == []
