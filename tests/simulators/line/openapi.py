"""LINE's OpenAPI files as strict JSON schemas.

The files state subtypes as a discriminator on a parent that the children include with `allOf`; taken at its word that
checks nothing but the parent. Here a reference to the parent also checks the child that the discriminator names.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

_ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("QIAO_LINE_OPENAPI", _ROOT.parent / "shared" / "line-openapi"))


class Contract:
    """One of the files (`messaging-api`, `webhook`)."""

    def __init__(self, name: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document = yaml.load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"), Loader=loader)
        self._paths = document["paths"]
        self._components = {"schemas": _strict(document["components"]["schemas"])}

    def errors(self, schema: str, value: Any) -> list[str]:
        """What the named schema has against a value, shortest first."""
        return self._check({"$ref": f"#/components/schemas/{schema}"}, value)

    def response_errors(self, path: str, method: str, status: int, value: Any) -> list[str]:
        """What the schema of an operation's answer has against a value; nothing where it has no schema.

        Raises KeyError for a status that is not documented.
        """
        response = self._paths[path][method]["responses"][str(status)]
        return self._check(response.get("content", {}).get("application/json", {}).get("schema", {}), value)

    def _check(self, schema: dict[str, Any], value: Any) -> list[str]:
        validator = Draft202012Validator({**schema, "components": self._components})
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


def _strict(schemas: dict[str, Any]) -> dict[str, Any]:
    schemas = copy.deepcopy(schemas)
    parents = {name for name, schema in schemas.items() if "mapping" in schema.get("discriminator", {})}
    bases = {f"#/components/schemas/{name}": f"#/components/schemas/{name}Base" for name in parents}
    for schema in schemas.values():
        for part in schema.get("allOf", ()):
            if part.get("$ref") in bases:
                part["$ref"] = bases[part["$ref"]]
    for name in parents:
        base = schemas[name]
        key, mapping = base["discriminator"]["propertyName"], base.pop("discriminator")["mapping"]
        schemas[f"{name}Base"] = base
        schemas[name] = {
            "type": "object",
            "required": [key],
            "properties": {key: {"enum": list(mapping)}},
            "allOf": [
                {"if": {"properties": {key: {"const": value}}}, "then": {"$ref": reference}}
                for value, reference in mapping.items()
            ],
        }
    return schemas
