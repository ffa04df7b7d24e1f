"""The whole API against its own document: whatever is sent, the answer is one that the document announces, and no 5xx.

Deterministic: the examples follow from the operation, none are remembered.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.core.settings import Settings
from app.factory import create_app
from app.runtime import create_runtime
from app.subscribers import SUBSCRIBERS
from app.web import health
from app.web.api.openapi import build_document, list_operations
from app.web.api.routes import BLUEPRINTS
from app.worker import translate_pending
from tests.conftest import TickingClock
from tests.web.api.support import make_interpreter, make_moderator, register
from tests.web.conftest import GENEROUS

#: For each operation and mode: as the document says, and not as it says.
EXAMPLES = 5
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: Ids that exist, and one that doesn't.
IDS = 3


DOCUMENT = build_document([*BLUEPRINTS, health.blueprint])


@dataclass(frozen=True)
class Installation:
    """An application with threads, tasks and a moderation item in it, and a token of somebody who may do everything."""

    app: Flask
    token: str


@pytest.fixture(scope="module")
def installation(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("properties")
    shutil.copy(sqlite_template, folder / "qiao.sqlite3")
    values = {"data_dir": folder, "database_url": f"sqlite:///{folder / 'qiao.sqlite3'}", **GENEROUS}
    runtime = create_runtime(Settings.from_env({}, **values), subscribers=SUBSCRIBERS, clock=TickingClock())
    app = create_app(runtime)
    client = app.test_client(use_cookies=False)
    caller = register(client, "Speaker", locale="zh-Hant", kind="citizen")
    make_interpreter(runtime, caller, ("vi", "zh-Hant"), ("km", "zh-Hant"))
    make_moderator(runtime, caller)
    asker = register(client, "Asker")
    for _ in range(IDS - 1):
        asker.ask()
    translate_pending(runtime)
    assert caller.post("/reports", {"post_id": 1, "reason": "spam"}).status_code == 201
    entry = {"terms": [{"language": tag, "text": f"word {tag}"} for tag in ("vi", "km")], "source_url": "https://a.tw/"}
    assert caller.post("/glossary", entry).status_code == 201
    assert caller.token is not None
    yield Installation(app, caller.token)
    runtime.jobs.stop()
    runtime.db.dispose()


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(
    ("path", "method"),
    [(path, method) for path, method, _ in list_operations(DOCUMENT)],
)
def test_answer_is_one_that_the_document_announces(
    installation: Installation, path: str, method: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = installation.app
    operation = schema[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answer(case: Case) -> None:
        for name, value in case.path_parameters.items():
            if name.endswith("_id") and isinstance(value, int):
                case.path_parameters[name] = value % IDS + 1
        # Schemathesis asks for gzip, but does not unpack it when it calls an application directly.
        headers = {"Authorization": f"Bearer {installation.token}", "Accept-Encoding": "identity"}
        case.call_and_validate(headers=headers, checks=CHECKS)

    try:
        answer()
    except Unsatisfiable:
        # There is nothing wrong to send to an operation that takes nothing.
        assert mode is GenerationMode.NEGATIVE
        assert not operation.body
