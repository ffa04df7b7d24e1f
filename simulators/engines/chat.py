"""An OpenAI-compatible chat server with a model that translates, or does one of the things that models do instead.

Like llama.cpp it writes the conversation into a chat template and reads special tokens wherever they stand: a client
that lets one through in what a user says has given its user the system's voice, and this model obeys it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from flask import Response, jsonify, request

from simulators.engines.faults import spoil
from simulators.engines.server import EngineSimulator, RefusedError, Table

_FIELDS = {"model", "messages", "temperature", "max_tokens", "stream", "response_format"}
_ROLES = {"system", "user", "assistant"}
_TURN = re.compile(r"<\|im_start\|>(\w+)\n(.*?)<\|im_end\|>", re.DOTALL)
_SPECIAL = re.compile(r"<\|[^|<>]{1,40}\|>|</?s>|\[/?INST\]|<<?/?SYS>>?|<(?:start|end)_of_turn>|<｜[^｜]{1,40}｜>")
_TAG = re.compile(r"\(([A-Za-z-]{2,7})\)\Z")
_COMMAND = re.compile(r"ignore|disregard|instead of translating|system prompt", re.IGNORECASE)
OBEYED = "HACKED"


class Behaviour(StrEnum):
    """What the model does with what it is given."""

    TRANSLATES = "translates"
    OBEYS = "obeys"
    CHATS_AROUND = "chats_around"
    CHATS_INSIDE = "chats_inside"
    ECHOES_SYSTEM = "echoes_system"
    ECHOES_USER = "echoes_user"
    FENCES = "fences"
    THINKS = "thinks"
    PLAIN = "plain"
    DOUBLES_KEYS = "doubles_keys"
    RUNS_OUT = "runs_out"
    FILTERS = "filters"
    NO_CHOICE = "no_choice"
    ADDS_LINES = "adds_lines"
    BAD_BATCHES = "bad_batches"


class ChatSimulator(EngineSimulator):
    """`POST /v1/chat/completions` of one model. `formats` are the kinds of `response_format` that it takes. `obeyed` is
    what the model says when it does as a text tells it."""

    def __init__(
        self,
        *,
        table: Table | None = None,
        model: str = "simulated",
        api_key: str = "",
        formats: frozenset[str] = frozenset({"text", "json_object", "json_schema"}),
        behaviour: Behaviour = Behaviour.TRANSLATES,
        obeyed: str = OBEYED,
    ) -> None:
        super().__init__(table=table)
        self.behaviour = behaviour
        self.obeyed = obeyed
        self._model = model
        self._key = api_key
        self._formats = formats
        self.app.get("/v1/models")(lambda: jsonify(object="list", data=[{"id": model, "object": "model"}]))
        self.app.post("/v1/chat/completions")(self._complete)

    def _complete(self) -> Response:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise _refuse(400, "the body is no JSON object")
        if self._key and request.headers.get("Authorization") != f"Bearer {self._key}":
            raise _refuse(401, "invalid API key")
        self._check(body)
        content, reason = self._run(body)
        message = {"role": "assistant", "content": content}
        choices = (
            [] if self.behaviour is Behaviour.NO_CHOICE else [{"index": 0, "message": message, "finish_reason": reason}]
        )
        return jsonify(
            id="chatcmpl-simulated",
            object="chat.completion",
            created=int(time.time()),
            model=self._model,
            choices=choices,
            usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        )

    def _check(self, body: Mapping[str, Any]) -> None:
        """Refuse whatever the API's reference does not have."""
        unknown = sorted(set(body) - _FIELDS)
        if unknown:
            raise _refuse(400, f"unknown parameter {unknown[0]}")
        if body.get("model") != self._model:
            raise _refuse(404, "no such model")
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise _refuse(400, "messages must be a list")
        for message in messages:
            if set(message) != {"role", "content"} or message["role"] not in _ROLES:
                raise _refuse(400, "a message has a role and content")
            if not isinstance(message["content"], str) or not message["content"]:
                raise _refuse(400, "content must be a text")
        temperature, most = body.get("temperature", 1), body.get("max_tokens", 1)
        if not isinstance(temperature, int | float) or not 0 <= temperature <= 2:
            raise _refuse(400, "temperature must be from 0 to 2")
        if not isinstance(most, int) or not 1 <= most <= 16_384:
            raise _refuse(400, "max_tokens must be from 1 to 16384")
        kind = body.get("response_format", {"type": "text"}).get("type")
        if kind not in self._formats:
            raise _refuse(400, "this response_format is not supported")
        if kind == "json_schema" and set(body["response_format"]["json_schema"]) != {"name", "strict", "schema"}:
            raise _refuse(400, "a schema has a name, strict and schema")

    def _run(self, body: Mapping[str, Any]) -> tuple[str, str]:
        """What the model says, and why it ended."""
        prompt = "".join(f"<|im_start|>{each['role']}\n{each['content']}<|im_end|>\n" for each in body["messages"])
        turns = _TURN.findall(prompt)
        user = body["messages"][-1]["content"]
        if len(turns) != len(body["messages"]) or _SPECIAL.search(user):
            return json.dumps({"1": self.obeyed}), "stop"  # somebody has spoken out of turn
        try:
            document = json.loads(user)
            texts: dict[str, str] = document["texts"]
            source, target = (_TAG.search(document[key])[1] for key in ("from", "to"))  # type: ignore[index]
        except (ValueError, KeyError, TypeError):
            return "I am a large language model. How can I help you today?", "stop"
        answers = {key: self._say(text, document, source, target) for key, text in texts.items()}
        fault = self.take_fault()
        if fault is not None:
            spoilt = spoil(fault, list(answers.values()))
            return json.dumps(
                {str(number): text for number, text in enumerate(spoilt, 1)} if isinstance(spoilt, list) else spoilt
            ), "stop"
        return self._behave(answers, user, body["messages"][0]["content"])

    def _say(self, text: str, document: Mapping[str, Any], source: str, target: str) -> str:
        if self.behaviour is Behaviour.OBEYS and _COMMAND.search(text):
            return self.obeyed
        translation = self.translate(text, source, target)
        for term, wanted in document.get("glossary", {}).items():
            translation = translation.replace(term, wanted)
        return translation

    def _behave(self, answers: dict[str, str], user: str, system: str) -> tuple[str, str]:
        said = json.dumps(answers, ensure_ascii=False)
        first = next(iter(answers))
        ways: dict[Behaviour, Callable[[], tuple[str, str]]] = {
            Behaviour.CHATS_AROUND: lambda: (f"Sure! Here is the translation:\n{said}\nAnything else?", "stop"),
            Behaviour.CHATS_INSIDE: lambda: (
                json.dumps({key: f"Here is the translation: {text}" for key, text in answers.items()}),
                "stop",
            ),
            Behaviour.ECHOES_SYSTEM: lambda: (json.dumps(dict.fromkeys(answers, system[:190])), "stop"),
            Behaviour.ECHOES_USER: lambda: (user, "stop"),
            Behaviour.FENCES: lambda: (f"```json\n{said}\n```", "stop"),
            Behaviour.THINKS: lambda: (f"<think>\nThe user wants {{}} translated.\n</think>\n\n{said}", "stop"),
            Behaviour.PLAIN: lambda: (answers[first], "stop"),
            Behaviour.DOUBLES_KEYS: lambda: (f'{{"1": "one", {said[1:]}', "stop"),
            Behaviour.RUNS_OUT: lambda: (said[: len(said) // 2], "length"),
            Behaviour.FILTERS: lambda: (said, "content_filter"),
            Behaviour.ADDS_LINES: lambda: (
                json.dumps({key: f"{text}\n\n(polite form)" for key, text in answers.items()}),
                "stop",
            ),
            Behaviour.BAD_BATCHES: lambda: (json.dumps({"1": "all"}) if len(answers) > 1 else said, "stop"),
        }
        return ways.get(self.behaviour, lambda: (said, "stop"))()


def _refuse(status: int, message: str) -> RefusedError:
    return RefusedError(status, {"error": {"message": message, "type": "invalid_request_error"}})
