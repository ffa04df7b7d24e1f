"""The OpenAPI 3.1 document, made from the schemas that validate, and a page of it that needs no scripts.

APIFlask collects the operations on an application of its own, so that pages and other routes of the real one stay out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from apiflask import APIBlueprint, APIFlask
from flask import Blueprint, Response, jsonify, render_template
from markupsafe import Markup, escape
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.contract import schemas
from app.contract.fields import MAX_ID
from app.web.api.adapter import PREFIX, REFERENCE, schema_mode
from app.web.api.common import RowIdConverter
from app.web.errors import PROBLEM_TYPE

_INFO: Final = {
    "description": (
        "Whoever writes, in whichever language and on whichever channel, is understood by whoever reads. "
        "Errors are problem+json (RFC 9457) with a stable `code`. Lists are paged by cursor: give `next` as `after`."
    ),
    "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
}
_SETTINGS: Final = {
    "OPENAPI_VERSION": "3.1.0",
    "INFO": _INFO,
    "SECURITY_SCHEMES": {
        "token": {"type": "http", "scheme": "bearer", "description": "The token of POST /api/v1/accounts or tokens."}
    },
    "AUTO_SERVERS": False,
    "AUTO_OPERATION_ID": True,
    "AUTO_404_RESPONSE": False,
    "AUTO_VALIDATION_ERROR_RESPONSE": False,
    "AUTO_AUTH_ERROR_RESPONSE": False,
}
_ROW_ID: Final = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
#: A reference as it stands in escaped JSON.
_REFERENCE: Final = re.compile(r"\{&#34;\$ref&#34;: &#34;#/components/schemas/(\w+)&#34;\}")
#: What APIFlask puts before the name of a view: the method and the blueprint.
_OPERATION_ID: Final = re.compile(r"^[a-z]+_(api_)?[a-z]+_")
_KEY_HEADER: Final = "Idempotency-Key"


def build_document(blueprints: Sequence[APIBlueprint]) -> dict[str, Any]:
    """The document of these blueprints: valid OpenAPI 3.1, one named schema a model."""
    collector = APIFlask("qiao", title="Qiao", version="1", spec_path=None, docs_path=None)
    collector.config.update(_SETTINGS)
    collector.url_map.converters["row_id"] = RowIdConverter
    models: set[type[BaseModel]] = {schemas.Problem}
    for blueprint in blueprints:
        collector.register_blueprint(blueprint)
    for view in collector.view_functions.values():
        models.update(_list_models(getattr(view, "_spec", {})))
    document: dict[str, Any] = collector.spec
    document["components"]["schemas"] = _define(models)
    protected = {view.__name__ for view in collector.view_functions.values() if hasattr(view, "needs_token")}
    for path, _, operation in list_operations(document):
        _complete(path, operation)
        if operation["operationId"] in protected:
            operation["security"] = [{"token": []}]
    return document


def _list_models(spec: dict[str, Any]) -> Iterator[type[BaseModel]]:
    """The models that APIFlask noted for a view: its body, its answer, its parameters."""
    noted = [spec.get("body"), (spec.get("response") or {}).get("schema")]
    for model in noted:
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield model


def _define(models: set[type[BaseModel]]) -> dict[str, Any]:
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema([(model, schema_mode(model)) for model in ordered], ref_template=REFERENCE)
    found: dict[str, Any] = definitions["$defs"]
    return found


def list_operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of a document."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                yield path, method, operation


def _complete(path: str, operation: dict[str, Any]) -> None:
    """What APIFlask can't know: ids, optional bodies, errors, and that a repeated creation answers 200."""
    operation["operationId"] = _OPERATION_ID.sub("", operation["operationId"])
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        if parameter["in"] == "header":
            parameter["name"] = parameter["name"].title()
        is_row_id = parameter["in"] == "path" and parameter["name"].endswith("_id")
        parameter["schema"] = _ROW_ID if is_row_id else _without_null(parameter["schema"])
    responses = operation["responses"]
    if any(parameter["name"] == _KEY_HEADER for parameter in parameters):
        responses["200"] = responses["201"] | {"description": "It was created before, with the same key."}
    if not path.startswith(PREFIX):
        return
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    responses["default"] = {
        "description": "A problem; `code` says which.",
        "content": {PROBLEM_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}},
    }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out, not null."""
    given = [part for part in schema.get("anyOf", []) if part != {"type": "null"}]
    return given[0] if len(given) == 1 else schema


def _link_models(schema: dict[str, Any]) -> Markup:
    """A schema as JSON, with a link for every model in it."""
    text = escape(json.dumps(schema, ensure_ascii=False))
    return Markup(_REFERENCE.sub(r'<a href="#schema-\1">\1</a>', str(text)))  # noqa: S704 - escaped above


def make_documentation(blueprints: Sequence[APIBlueprint]) -> Blueprint:
    """The addresses of the document and of its page."""
    documentation = Blueprint("api_docs", __name__, url_prefix=PREFIX)

    @cache
    def get_document() -> dict[str, Any]:
        return build_document(blueprints)

    @documentation.get("/openapi.json")
    def show_document() -> Response:
        return jsonify(get_document())

    @documentation.get("/docs")
    def show_page() -> str:
        document = get_document()
        return render_template(
            "api/docs.html",
            document=document,
            operations=sorted(list_operations(document), key=lambda operation: operation[:2]),
            reference=_link_models,
        )

    return documentation
