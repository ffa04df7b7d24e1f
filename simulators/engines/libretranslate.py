"""A LibreTranslate server of the 1.9 kind: `/languages`, `/translate`, `/spec`, with its limits and its answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, jsonify, request

from simulators.engines.faults import spoil
from simulators.engines.server import EngineSimulator, RefusedError, Table

_OLD_CODES = {"zh-Hant": "zt", "zh-Hans": "zh"}
_NAMES = {"en": "English", "vi": "Vietnamese", "id": "Indonesian", "th": "Thai", "km": "Khmer", "fr": "French"}
_FIELDS = {"q", "source", "target", "format", "alternatives", "api_key"}

#: English with four others, as the packages of its index have them, and all of these through English.
DEFAULT_TAGS = ("en", "id", "th", "vi", "zh-Hans", "zh-Hant", "fr")


class LibreTranslateSimulator(EngineSimulator):
    """`tags` are its languages, each with each. `api_key` is required if given. `char_limit` is a text's, `batch_limit`
    a request's. `has_old_codes`: it says `zt` and `zh`, as older versions do."""

    def __init__(
        self,
        *,
        table: Table | None = None,
        tags: Iterable[str] = DEFAULT_TAGS,
        api_key: str = "",
        char_limit: int = 2000,
        batch_limit: int = 50,
        has_old_codes: bool = False,
        version: str = "1.9.6",
    ) -> None:
        super().__init__(table=table)
        self.tags = tuple(tags)
        self.version = version
        self._key = api_key
        self._char_limit = char_limit
        self._batch_limit = batch_limit
        self._codes = {tag: _OLD_CODES.get(tag, tag) if has_old_codes else tag for tag in (*_NAMES, *_OLD_CODES)}
        self.app.get("/languages")(self._list_languages)
        self.app.post("/translate")(self._translate)
        self.app.get("/spec")(lambda: jsonify(info={"title": "LibreTranslate", "version": self.version}))

    def _list_languages(self) -> Response:
        codes = [self._codes[tag] for tag in self.tags]
        return jsonify([{"code": code, "name": _NAMES.get(code, "Chinese"), "targets": codes} for code in codes])

    def _translate(self) -> Response:
        body = request.get_json(silent=True)
        if not request.is_json or not isinstance(body, dict):
            raise _refuse(400, "Invalid JSON format")
        unknown = sorted(set(body) - _FIELDS)
        if unknown:  # the real one ignores them; here they are mistakes of the client
            raise _refuse(400, f"Unknown parameter: {unknown[0]}")
        if self._key and body.get("api_key") != self._key:
            raise _refuse(403 if body.get("api_key") else 400, "Invalid API key")
        for name in ("q", "source", "target"):
            if not body.get(name):
                raise _refuse(400, f"Invalid request: missing {name} parameter")
        if body.get("format", "text") not in {"text", "html"}:
            raise _refuse(400, "This format is not supported")
        texts = body["q"] if isinstance(body["q"], list) else [body["q"]]
        self._check_limits(texts)
        source, target = self._find_tag(body["source"]), self._find_tag(body["target"])
        translations: Any = [self.translate(text, source, target) for text in texts]
        fault = self.take_fault()
        if fault is not None:
            translations = spoil(fault, translations)
        elif not isinstance(body["q"], list):
            translations = translations[0]
        return jsonify(translatedText=translations)

    def _check_limits(self, texts: list[Any]) -> None:
        if len(texts) > self._batch_limit:
            raise _refuse(400, f"Invalid request: request ({len(texts)}) exceeds text limit ({self._batch_limit})")
        for text in texts:
            if not isinstance(text, str) or not text.strip():
                raise _refuse(500, "Cannot translate text")  # the real one fails over it
            if len(text) > self._char_limit:
                raise _refuse(400, f"Invalid request: request ({len(text)}) exceeds text limit ({self._char_limit})")

    def _find_tag(self, code: object) -> str:
        for tag in self.tags:
            if self._codes[tag] == code:
                return tag
        raise _refuse(400, "This language is not supported")


def _refuse(status: int, message: str) -> RefusedError:
    return RefusedError(status, {"error": message})
