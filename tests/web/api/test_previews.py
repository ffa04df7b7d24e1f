from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.core.outbox import Subscribers
from app.runtime import Runtime
from app.worker import make_pending_previews, translate_pending
from tests.models.packages import install_tiny_models
from tests.web.api.support import Caller, enter_as_guest, make_interpreter, register, require_problem

VIETNAMESE = "Thẻ cư trú của tôi hết hạn vào tháng sau."
CHINESE = "我的居留證下個月到期。"


@pytest.fixture
def author(client: FlaskClient) -> Caller:
    return register(client, "Writer")


def test_author_sees_how_it_will_read_and_what_comes_back(author: Caller, runtime: Runtime) -> None:
    install_tiny_models(runtime.settings.effective_models_dir)
    response = author.post("/previews", {"body": VIETNAMESE})
    made = response.get_json()
    assert response.status_code == 201
    assert (made["state"], made["source"], made["target"], made["translation"]) == ("pending", "vi", "zh-Hant", None)
    assert make_pending_previews(runtime) == 1
    read = author.get(f"/previews/{made['id']}").get_json()
    assert (read["state"], read["translation"], read["back_translation"]) == ("ready", CHINESE, VIETNAMESE)


def test_personal_data_is_masked_before_any_engine_sees_it(author: Caller) -> None:
    made = author.post("/previews", {"body": "Số thẻ của tôi là A800000014, phải làm gì?"}).get_json()
    assert "A800000014" not in made["text"]


def test_without_an_engine_it_says_so(author: Caller, runtime: Runtime) -> None:
    made = author.post("/previews", {"body": VIETNAMESE, "target": "km"}).get_json()
    make_pending_previews(runtime)
    read = author.get(f"/previews/{made['id']}").get_json()
    assert (read["state"], read["reason"], read["translation"]) == ("unavailable", "no_engine", None)


def test_target_is_never_the_authors_own_language(author: Caller) -> None:
    assert author.post("/previews", {"body": VIETNAMESE, "target": "vi"}).get_json()["target"] == "zh-Hant"
    assert author.post("/previews", {"body": CHINESE}).get_json()["target"] == "en"


def test_guest_may_look_too(client: FlaskClient) -> None:
    assert enter_as_guest(client).post("/previews", {"body": "Terima kasih banyak."}).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"body": "555"}, 422, "preview.nothing_to_do"),
        ({"body": "x" * 5_001}, 422, "input.invalid"),
        ({"body": ""}, 422, "input.invalid"),
        ({"body": VIETNAMESE, "target": "fr"}, 422, "input.invalid"),
        ({}, 422, "input.invalid"),
    ],
)
def test_bad_input_is_refused_clearly(author: Caller, body: dict[str, str], status: int, code: str) -> None:
    require_problem(author.post("/previews", body), status, code)


def test_strangers_see_nothing(author: Caller, client: FlaskClient) -> None:
    made = author.post("/previews", {"body": VIETNAMESE}).get_json()
    assert Caller(client).post("/previews", {"body": VIETNAMESE}).status_code == 401
    assert Caller(client).get(f"/previews/{made['id']}").status_code == 401
    assert register(client, "Stranger").get(f"/previews/{made['id']}").status_code == 404
    assert author.get("/previews/999999").status_code == 404


def test_interpreter_sees_what_her_text_says(
    author: Caller, client: FlaskClient, runtime: Runtime, subscribers: Subscribers
) -> None:
    author.ask(title="Thẻ cư trú", body=VIETNAMESE)
    translate_pending(runtime)
    interpreter = register(client, "Speaker", locale="zh-Hant", kind="citizen")
    make_interpreter(runtime, interpreter, ("vi", "zh-Hant"))
    task = interpreter.post("/tasks/next").get_json()
    install_tiny_models(runtime.settings.effective_models_dir)
    made = interpreter.post(f"/tasks/{task['id']}/back-translation", {"text": CHINESE}).get_json()
    make_pending_previews(runtime)
    read = interpreter.get(f"/previews/{made['id']}").get_json()
    assert (read["state"], read["translation"], read["back_translation"]) == ("ready", None, VIETNAMESE)
    assert author.post(f"/tasks/{task['id']}/back-translation", {"text": "x"}).status_code == 403
    interpreter.post(f"/tasks/{task['id']}/release")
    again = interpreter.post(f"/tasks/{task['id']}/back-translation", {"text": "x"})
    require_problem(again, 409, "interpreting.lease_lost")
