"""What the simulator's tests share: messages, a client of the real SDK, a bot that only listens."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from linebot.v3.messaging import ApiClient, Configuration, MessagingApi
from linebot.v3.messaging.models import PushMessageRequest, ReplyMessageRequest

from simulators.line.simulator import LineSimulator


def text(value: str = "hello", **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": value, **more}


def postback(label: str = "Show", data: str = "v1.show.1", **more: Any) -> dict[str, Any]:
    return {"type": "postback", "label": label, "data": data, **more}


def quick(*actions: Mapping[str, Any]) -> dict[str, Any]:
    return {"items": [{"type": "action", "action": dict(action)} for action in actions]}


def bubble(*contents: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    body = {"type": "box", "layout": "vertical", "contents": [dict(each) for each in contents]}
    return {"type": "bubble", "body": body, **more}


def flex(contents: Mapping[str, Any] | None = None, alt: str = "card") -> dict[str, Any]:
    return {"type": "flex", "altText": alt, "contents": contents or bubble({"type": "text", "text": "hello"})}


def buttons(value: str = "choose", **more: Any) -> dict[str, Any]:
    template = {"type": "buttons", "text": value, "actions": [postback()], **more}
    return {"type": "template", "altText": "choose", "template": template}


class Listener:
    """A bot that answers every webhook with one status and keeps what it got."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> int:
        self.bodies.append(body)
        self.headers.append(dict(headers))
        return self.status

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.bodies for event in json.loads(body)["events"]]


class Sdk:
    """The real SDK, in the call form that an outbox uses: time-outs, no parsing of what comes back."""

    def __init__(self, url: str, token: str = "simulated-access-token") -> None:
        self.client = ApiClient(Configuration(host=url, access_token=token))
        self.api = MessagingApi(self.client)

    def push(self, user_id: str, *messages: dict[str, Any], key: str | None = None, read: float = 10.0) -> Any:
        request = PushMessageRequest.from_dict({"to": user_id, "messages": list(messages)})
        return self.api.push_message_with_http_info(
            request, x_line_retry_key=key, _request_timeout=(3, read), _preload_content=False
        )

    def reply(self, token: str, *messages: dict[str, Any]) -> Any:
        request = ReplyMessageRequest.from_dict({"replyToken": token, "messages": list(messages)})
        return self.api.reply_message_with_http_info(request, _request_timeout=(3, 10), _preload_content=False)


def retry_key() -> str:
    return str(uuid.uuid4())


def post(
    simulator: LineSimulator, path: str, body: Any, *, token: str = "simulated-access-token", **headers: str
) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    """Post to the API in process: status, JSON, headers."""
    response = simulator.app.test_client().post(
        path, json=body, headers={"Authorization": f"Bearer {token}", **headers}
    )
    return response.status_code, response.get_json(), response.headers
