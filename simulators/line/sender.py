"""The platform's side of webhooks: signing, posting, redelivery and duplicates."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.test import Client

from simulators.line.problems import Json
from simulators.line.state import LineState

Transport = Callable[[bytes, Mapping[str, str]], int]
"""Posts a body with headers and gives the status back. Raises OSError, TimeoutError included, without an answer."""

WEBHOOK_TIMEOUT_S = 2.0


def sign(secret: str, body: bytes) -> str:
    """The value of `x-line-signature`: Base64 of HMAC-SHA256 over the raw body, keyed with the channel secret."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def http_transport(url: str, timeout: float = WEBHOOK_TIMEOUT_S) -> Transport:
    """Post to a URL; redirects are not followed by LINE either and count as their own status."""
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def post(body: bytes, headers: Mapping[str, str]) -> int:
        call = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
        try:
            with opener.open(call, timeout=timeout) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    return post


def wsgi_transport(app: Callable[..., Any], path: str = "/line/webhook") -> Transport:
    """Post into a WSGI application in this process, on this thread."""

    def post(body: bytes, headers: Mapping[str, str]) -> int:
        response = Client(app).post(path, data=body, headers=dict(headers))
        response.close()
        return response.status_code

    return post


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST to the webhook. `status` is None where no answer came, and `failure` then says why."""

    events: tuple[Json, ...]
    body: bytes
    status: int | None
    failure: str = ""

    @property
    def ok(self) -> bool:
        """Whether the bot took it: any 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def message_id(self) -> str:
        """The id of the first event's message. Raises KeyError for an event without one."""
        return str(self.events[0]["message"]["id"])


class WebhookSender:
    """Posts events and keeps every `Delivery`. With `redelivery` on, failed ones wait for `redeliver_failed`."""

    def __init__(self, state: LineState, transport: Transport | None = None, *, redelivery: bool = False) -> None:
        self._state = state
        self.transport = transport
        self.redelivery = redelivery
        self.deliveries: list[Delivery] = []
        self._failed: list[Delivery] = []

    def deliver(self, *events: Json, signature: str | None = None) -> Delivery:
        """Post events in one request, of any users and in the order given. No events is the console's Verify button.

        `signature` replaces the right one.
        """
        body = {"destination": self._state.bot_user_id, "events": list(events)}
        return self.deliver_raw(
            json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"), events, signature
        )

    def deliver_raw(self, body: bytes, events: tuple[Json, ...] = (), signature: str | None = None) -> Delivery:
        """Post bytes as they are, rightly signed unless a signature is given."""
        if self.transport is None:
            raise RuntimeError("the simulator has no webhook: give one to LineSimulator(webhook=…) or connect()")
        self._state.note_delivery(events)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "LineBotWebhook/2.0",
            "x-line-signature": sign(self._state.secret, body) if signature is None else signature,
        }
        status, failure = None, ""
        try:
            status = self.transport(body, headers)
        except TimeoutError:
            failure = "request_timeout"
        except OSError as error:
            # urllib wraps the time-out of connecting in an error of its own.
            failure = "request_timeout" if "timed out" in str(error) else "could_not_connect"
        delivery = Delivery(events, body, status, failure)
        with self._state.changed:
            self.deliveries.append(delivery)
            if not delivery.ok and self.redelivery and events:
                self._failed.append(delivery)
        return delivery

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Post the same events again, marked as redelivered: same ids, same reply tokens, whose minute starts anew."""
        events = copy.deepcopy(delivery.events)
        for event in events:
            event["deliveryContext"] = {"isRedelivery": True}
        return self.deliver(*events)

    def redeliver_failed(self) -> list[Delivery]:
        """Redeliver what failed. When LINE does so is not disclosed; here it is when the caller says so."""
        with self._state.changed:
            waiting, self._failed = self._failed, []
        return [self.redeliver(delivery) for delivery in waiting]

    def duplicate(self, delivery: Delivery) -> Delivery:
        """Post the very same bytes again, without the mark of a redelivery, as the network sometimes does."""
        return self.deliver_raw(delivery.body, delivery.events)
