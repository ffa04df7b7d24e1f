"""JSON over HTTP to an engine's server: bounded in time and size, and every failure an :class:`EngineError`.

Neither texts nor keys are ever logged or put into an error: only the engine's name, the path and the status.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import structlog
import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as HttpTimeoutError
from urllib3.response import BaseHTTPResponse

from translation.engines.base import EngineError

log = structlog.get_logger(__name__)

LARGEST_ANSWER: Final = 4 * 1024 * 1024
_CHUNK: Final = 65_536
_CONNECT_SECONDS: Final = 5.0
#: What a server may ask for at most, and what is meant by one that does not say.
_LONGEST_RETRY_AFTER: Final = 3600.0
_USUAL_RETRY_AFTER: Final = 30.0
#: The address, the key or the account is wrong: it is the same for every text.
_DENIED: Final = frozenset({401, 402, 403, 404, 405, 410})
_TIMED_OUT: Final = frozenset({408, 504})


class EngineTimeoutError(EngineError):
    """No whole answer in time."""

    code = "engine.timeout"


class EngineUnreachableError(EngineError):
    """No connection, a broken one, or a server that says that it can't."""

    code = "engine.unreachable"


class EngineRateLimitedError(EngineError):
    """Too many requests; ``retry_after_seconds`` says when to come back."""

    code = "engine.rate_limited"


class EngineDeniedError(EngineError):
    """The server does not let us in (key, address, redirection): no request will succeed as things are."""

    code = "engine.denied"


class EngineRefusedError(EngineError):
    """The server refuses this request; ``status`` is in the data."""

    code = "engine.refused"


class BadAnswerError(EngineError):
    """An answer that is no translation; ``reason`` is a short code."""

    code = "engine.bad_answer"


#: Failures of the server rather than of one request.
OUTAGES: Final = (EngineTimeoutError, EngineUnreachableError, EngineRateLimitedError, EngineDeniedError)


class JsonClient:
    """Calls below one base URL (``http`` or ``https``, a path allowed). Thread-safe; blocks.

    ``timeout`` is seconds for a whole answer. TLS certificates are verified against those of the system. Redirects are
    not followed: they would carry the texts, and the key, to a host that nobody has set. Environment variables for
    proxies are not looked at. A server that sends its headers byte by byte can take longer than ``timeout``.
    """

    def __init__(self, url: str, *, engine: str, timeout: float, headers: Mapping[str, str] | None = None) -> None:
        self._url = url.rstrip("/")
        self._engine = engine
        self._timeout = timeout
        self._headers = {
            "Accept": "application/json",
            # An answer that unpacks to gigabytes can't be sent to one who does not unpack.
            "Accept-Encoding": "identity",
            "User-Agent": "qiao",
            **(headers or {}),
        }
        # Connections stay with the thread that made them: gevent's sockets can be used by no other.
        self._own = threading.local()

    def get(self, path: str, *, timeout: float | None = None) -> Any:
        """The JSON behind a path. Raises one of the errors above."""
        return self._call("GET", path, None, timeout)

    def post(self, path: str, body: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        """Send JSON, give the JSON of the answer. Raises one of the errors above."""
        return self._call("POST", path, json.dumps(body).encode("ascii"), timeout)

    def _call(self, method: str, path: str, body: bytes | None, timeout: float | None) -> Any:
        try:
            return self._exchange(method, path, body, timeout or self._timeout)
        except EngineError as error:
            log.warning("engine.call_failed", path=path, code=error.code, **error.data)
            raise

    def _exchange(self, method: str, path: str, body: bytes | None, timeout: float) -> Any:
        deadline = time.monotonic() + timeout
        headers = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
        try:
            response = self._get_pool().request(
                method,
                self._url + path,
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(connect=min(_CONNECT_SECONDS, timeout), read=timeout),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                self._check(response)
                data = self._read(response, deadline)
            except BaseException:
                response.close()  # the rest of the answer is on it
                raise
            response.release_conn()
        except NewConnectionError:
            raise EngineUnreachableError(engine=self._engine) from None
        except HttpTimeoutError:
            raise EngineTimeoutError(engine=self._engine) from None
        except (HTTPError, http.client.HTTPException, OSError, UnicodeError):
            # Their messages name the host and the address.
            raise EngineUnreachableError(engine=self._engine) from None
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise BadAnswerError(engine=self._engine, reason="not_json") from None

    def _get_pool(self) -> urllib3.PoolManager:
        pool: urllib3.PoolManager | None = getattr(self._own, "pool", None)
        if pool is None:
            pool = self._own.pool = urllib3.PoolManager(num_pools=1, maxsize=1, cert_reqs="CERT_REQUIRED")
        return pool

    def _check(self, response: BaseHTTPResponse) -> None:
        status = response.status
        if 200 <= status < 300:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise BadAnswerError(engine=self._engine, reason="encoded")
            return
        if status == 429:
            retry_after = _read_retry_after(response) or _USUAL_RETRY_AFTER
            raise EngineRateLimitedError(engine=self._engine, retry_after_seconds=retry_after)
        if status in _TIMED_OUT:
            raise EngineTimeoutError(engine=self._engine, status=status)
        if status >= 500:
            asked = _read_retry_after(response)
            more = {} if asked is None else {"retry_after_seconds": asked}
            raise EngineUnreachableError(engine=self._engine, status=status, **more)
        if status in _DENIED or status < 400:
            raise EngineDeniedError(engine=self._engine, status=status)
        raise EngineRefusedError(engine=self._engine, status=status)

    def _read(self, response: BaseHTTPResponse, deadline: float) -> bytes:
        data = bytearray()
        while chunk := response.read1(_CHUNK, decode_content=False):
            data += chunk
            if len(data) > LARGEST_ANSWER:
                raise BadAnswerError(engine=self._engine, reason="too_large")
            if time.monotonic() > deadline:
                raise EngineTimeoutError(engine=self._engine)
        return bytes(data)


def _read_retry_after(response: BaseHTTPResponse) -> float | None:
    """Seconds in a ``Retry-After`` header (RFC 9110, 10.2.3: a number or a date), bounded; None without a sane one."""
    value = response.headers.get("Retry-After", "").strip()
    try:
        seconds = float(int(value)) if value.isdecimal() else _seconds_until(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 1.0), _LONGEST_RETRY_AFTER)


def _seconds_until(value: str) -> float:
    moment = parsedate_to_datetime(value)
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
