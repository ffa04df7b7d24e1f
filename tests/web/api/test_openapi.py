from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from tests.web.api.support import API

#: The public contract: every method and path that other programs rely on.
CONTRACT = """
GET /healthz
GET /readyz
GET /metrics
POST /api/v1/accounts
POST /api/v1/guests
POST /api/v1/tokens
GET /api/v1/me
PATCH /api/v1/me
GET /api/v1/categories
POST /api/v1/threads
GET /api/v1/threads
GET /api/v1/threads/{id}
POST /api/v1/threads/{id}/posts
PATCH /api/v1/posts/{id}
DELETE /api/v1/posts/{id}
PUT /api/v1/posts/{id}/language
GET /api/v1/posts/{id}/translations/{tag}
POST /api/v1/posts/{id}/translations/{tag}/reports
PUT /api/v1/threads/{id}/rating
GET /api/v1/tasks
POST /api/v1/tasks/next
POST /api/v1/tasks/{id}/claim
POST /api/v1/tasks/{id}/renew
POST /api/v1/tasks/{id}/release
POST /api/v1/tasks/{id}/skip
PUT /api/v1/tasks/{id}/draft
POST /api/v1/tasks/{id}/submit
POST /api/v1/reports
GET /api/v1/moderation/items
POST /api/v1/moderation/items/{id}/decision
GET /api/v1/search
GET /api/v1/similar
"""


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    response = client.get(f"{API}/openapi.json")
    assert response.mimetype == "application/json"
    found: dict[str, Any] = response.get_json()
    return found


def test_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    validate(document)


def test_document_has_every_operation_of_the_contract(document: dict[str, Any]) -> None:
    offered = {
        f"{method.upper()} {re.sub(r'{[a-z]+_id}', '{id}', path)}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert set(CONTRACT.split("\n")[1:-1]) - offered == set()


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    defined = document["components"]["schemas"]
    assert wanted == set(defined)
    assert all(re.fullmatch(r"[A-Za-z]+", name) for name in defined)


def test_every_write_of_a_person_needs_a_token_and_says_so(document: dict[str, Any], client: FlaskClient) -> None:
    open_to_all = {"create_account", "create_guest", "create_token"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            address = re.sub(r"{[a-z]+_id}", "1", path).replace("{tag}", "en")
            is_protected = operation.get("security") == [{"token": []}]
            if method != "get":
                assert is_protected == (operation["operationId"] not in open_to_all), path
            if is_protected:
                assert client.open(address, method=method.upper(), json={}).status_code == 401, path


def test_creations_take_a_key_and_answer_both_ways(document: dict[str, Any]) -> None:
    for path in ("/api/v1/threads", "/api/v1/threads/{thread_id}/posts"):
        operation = document["paths"][path]["post"]
        assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}
        assert {"200", "201"} <= set(operation["responses"])


def test_errors_are_problems(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path.startswith(API):
                assert set(operation["responses"]["default"]["content"]) == {"application/problem+json"}


def test_page_shows_every_operation_without_scripts_or_styles(client: FlaskClient, document: dict[str, Any]) -> None:
    response = client.get(f"{API}/docs")
    page = response.get_data(as_text=True)
    assert response.mimetype == "text/html"
    for path in document["paths"]:
        assert path in page
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in page
    assert not re.search(r'<script|<style|style=|(?:src|href)="https?://', page)
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))
    assert any(target.startswith("schema-") for target in targets)
