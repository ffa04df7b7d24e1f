"""The simulated LibreTranslate: answers like the real one, and stricter where a client could be wrong unnoticed."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.engines.faults import RETRY_AFTER, FaultKind
from simulators.engines.libretranslate import LibreTranslateSimulator

HELLO = {"q": "Hello.", "source": "en", "target": "vi"}


@pytest.fixture
def simulator() -> LibreTranslateSimulator:
    return LibreTranslateSimulator(table={("en", "vi"): {"Hello.": "Xin chào."}})


def post(simulator: LibreTranslateSimulator, body: object) -> tuple[int, Any]:
    answer = simulator.app.test_client().post("/translate", json=body)
    return answer.status_code, answer.json


def test_text_comes_back_as_it_went_when_single_or_in_a_list(simulator: LibreTranslateSimulator) -> None:
    assert post(simulator, HELLO) == (200, {"translatedText": "Xin chào."})
    several = HELLO | {"q": ["Hello.", "Other."], "format": "text"}
    assert post(simulator, several) == (200, {"translatedText": ["Xin chào.", "[en>vi] Other."]})


def test_languages_have_targets_when_listed(simulator: LibreTranslateSimulator) -> None:
    languages = simulator.app.test_client().get("/languages").json
    assert languages is not None

    assert {"code": "en", "name": "English", "targets": list(simulator.tags)} in languages
    assert "zh-Hant" in [language["code"] for language in languages]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({}, 400),
        (HELLO | {"q": ""}, 400),
        (HELLO | {"source": "xx"}, 400),
        (HELLO | {"target": "zt"}, 400),
        (HELLO | {"format": "markdown"}, 400),
        (HELLO | {"text": "Hello."}, 400),
        (HELLO | {"q": ["Hello.", " "]}, 500),
        (HELLO | {"q": [5]}, 500),
        (HELLO | {"q": "x" * 2001}, 400),
        (HELLO | {"q": ["Hello."] * 51}, 400),
    ],
)
def test_request_is_refused_when_it_is_wrong(simulator: LibreTranslateSimulator, body: object, status: int) -> None:
    code, answer = post(simulator, body)

    assert code == status
    assert set(answer) == {"error"}


def test_key_is_needed_when_server_has_one() -> None:
    simulator = LibreTranslateSimulator(api_key="k3y")

    assert post(simulator, HELLO | {"api_key": "k3y"})[0] == 200
    assert post(simulator, HELLO | {"api_key": "other"})[0] == 403
    assert post(simulator, HELLO)[0] == 400


def test_faults_come_in_order_and_end_when_injected(simulator: LibreTranslateSimulator) -> None:
    simulator.faults.inject(FaultKind.SERVER_ERROR)
    simulator.faults.inject(FaultKind.FEWER, path="/translate")

    assert post(simulator, HELLO)[1] == {"translatedText": []}
    assert post(simulator, HELLO)[0] == 500
    assert post(simulator, HELLO)[0] == 200


def test_fault_stays_when_told_so(simulator: LibreTranslateSimulator) -> None:
    simulator.faults.stay(FaultKind.RATE_LIMIT)
    for _ in range(3):
        answer = simulator.app.test_client().get("/languages")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(RETRY_AFTER))

    simulator.faults.clear()

    assert post(simulator, HELLO)[0] == 200


def test_calls_are_kept_when_made(simulator: LibreTranslateSimulator) -> None:
    post(simulator, HELLO)

    assert [(call.path, call.body) for call in simulator.calls] == [("/translate", HELLO)]
