"""How the API reads a request: strictly, into a pydantic model, with a code for every wrong field.

APIFlask's own adapter answers with English sentences and lets JSON through that isn't JSON (NaN, lone surrogates).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar, cast

from apiflask import APIBlueprint
from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.contract.fields import parse_input
from app.contract.schemas import Output, Problem
from app.web.auth import require_actor

View = TypeVar("View", bound=Callable[..., Any])

PREFIX: Final = "/api/v1"
REFERENCE: Final = "#/components/schemas/{model}"


def read_json(request: Request) -> object:
    """The body as JSON (RFC 8259); no body is an empty object. Raises 400 or 415."""
    raw = request.get_data()
    if not raw:
        return {}
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BadRequest from None


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def schema_mode(model: type[BaseModel]) -> JsonSchemaMode:
    return "serialization" if issubclass(model, Output | Problem) else "validation"


class StrictAdapter(PydanticAdapter):
    """Reads and documents pydantic models; each model is one named schema of the document."""

    def validate_input(self, request: Request, location: str, **kwargs: Any) -> BaseModel:
        return parse_input(self.model_class, _read(request, location))

    def get_openapi_schema(self, **kwargs: Any) -> dict[str, Any]:
        model = self.model_class
        schema: dict[str, Any] = model.model_json_schema(ref_template=REFERENCE, mode=schema_mode(model))
        # The models it refers to are components of their own (openapi.py).
        schema.pop("$defs", None)
        return schema


def _read(request: Request, location: str) -> object:
    if location == "json":
        return read_json(request)
    if location == "query":
        return request.args.to_dict()
    return {name.lower().replace("-", "_"): value for name, value in request.headers}


registry.register("pydantic", StrictAdapter)


def for_signed_in(view: View) -> View:
    """Refuse everybody else before the request is looked at any closer. Stands above the other decorators of a view."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        require_actor()
        return view(*args, **kwargs)

    checked.needs_token = True  # type: ignore[attr-defined]
    return cast(View, checked)


def make_blueprint(name: str, *, tag: str) -> APIBlueprint:
    """A resource of the API. Made here, so that no view is declared before the strict adapter is in place."""
    return APIBlueprint(f"api_{name}", __name__, url_prefix=PREFIX, tag=tag)
