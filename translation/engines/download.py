"""Downloads of packages and of their index: bounded in size and time, over verified TLS, nothing believed.

Plain ``http`` is taken from this machine only, or where the caller knows the file's checksum, which proves more than
the transport would. Redirects are followed a few times, never from ``https`` to ``http``.
"""

from __future__ import annotations

import errno
import hashlib
import ipaddress
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError, SSLError
from urllib3.util import Timeout, Url, parse_url

from app.core.errors import UnavailableError

_REDIRECTS: Final = 5
_REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 256 * 1024
#: Free space that must be left after the file and its unpacked copy.
_RESERVE: Final = 100 * 1024**2
_HEADERS: Final = {"User-Agent": "qiao", "Accept-Encoding": "identity"}

#: Called with the bytes that have come and, where the server says it, how many there will be.
OnProgress = Callable[[int, int | None], None]


class DownloadError(UnavailableError):
    """The file could not be had; nothing of it is kept. ``reason`` is a short code: ``url_refused``, ``unreachable``,
    ``tls``, ``not_found``, ``status`` (with ``status``), ``redirects``, ``too_large``, ``too_slow``, ``truncated``,
    ``checksum``, ``disk_full``."""

    code = "models.download_failed"


@dataclass(frozen=True)
class Limits:
    """``most_bytes`` of one file; seconds to connect, without a sign of life, and for the whole of it."""

    most_bytes: int
    connect_seconds: float = 10
    silent_seconds: float = 30
    whole_seconds: float = 2 * 3600


INDEX_LIMITS: Final = Limits(most_bytes=5 * 1024**2, whole_seconds=60)
#: The largest package of the public index is about 300 MB, a multilingual model some 900 MB.
PACKAGE_LIMITS: Final = Limits(most_bytes=2 * 1024**3)


def fetch_bytes(url: str, *, limits: Limits = INDEX_LIMITS) -> bytes:
    """A small file's content. Blocks. Raises :class:`DownloadError`."""
    with _open(url, limits, is_checked=False) as response:
        return b"".join(_read(response, limits, lambda done, total: None))


def fetch_file(
    url: str,
    path: Path,
    *,
    sha256: str | None = None,
    limits: Limits = PACKAGE_LIMITS,
    on_progress: OnProgress = lambda done, total: None,
) -> str:
    """Download to ``path``, which must not exist yet; the SHA-256 of what came, in hex. Blocks.

    With ``sha256`` (hex, from somebody who is trusted more than the server) the file must have it. Raises
    :class:`DownloadError`, after which there is no file at ``path``, and :class:`OSError` where it can't be written.
    """
    digest = hashlib.sha256()
    try:
        with _open(url, limits, is_checked=sha256 is not None) as response, path.open("xb") as file:
            require_space(path.parent, _get_length(response) or 0)
            for chunk in _read(response, limits, on_progress):
                digest.update(chunk)
                file.write(chunk)
        if sha256 is not None and digest.hexdigest() != sha256.lower():
            raise DownloadError(reason="checksum")
    except FileExistsError:
        raise
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            raise DownloadError(reason="disk_full") from None
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def require_space(folder: Path, size: int) -> None:
    """Refuse a package of so many bytes where it and its unpacked copy would fill the disk. Raises
    :class:`DownloadError` (``disk_full``)."""
    if shutil.disk_usage(folder).free < 2 * size + _RESERVE:
        raise DownloadError(reason="disk_full")


@contextmanager
def _open(url: str, limits: Limits, *, is_checked: bool) -> Iterator[urllib3.BaseHTTPResponse]:
    """The answer to a GET after redirects, status 200; its body has not been read."""
    timeout = Timeout(connect=limits.connect_seconds, read=limits.silent_seconds)
    # Certificates are verified against the system's authorities: urllib3's default.
    with urllib3.PoolManager(timeout=timeout, retries=False) as pool:
        place = _parse("", url, is_checked=is_checked)
        for _ in range(_REDIRECTS + 1):
            response = _get(pool, place)
            try:
                if response.status not in _REDIRECT_STATUSES:
                    _require_success(response)
                    _require_size(response, limits)
                    yield response
                    return
                following = _parse(place.url, response.headers.get("Location", ""), is_checked=is_checked)
            finally:
                response.close()
            if place.scheme == "https" and following.scheme != "https":
                raise DownloadError(reason="url_refused")
            place = following
        raise DownloadError(reason="redirects")


def _get(pool: urllib3.PoolManager, place: Url) -> urllib3.BaseHTTPResponse:
    try:
        return pool.request("GET", place.url, headers=_HEADERS, redirect=False, preload_content=False)
    except SSLError:
        raise DownloadError(reason="tls") from None
    except (HTTPError, OSError, ValueError):
        raise DownloadError(reason="unreachable") from None


def _parse(base: str, url: str, *, is_checked: bool) -> Url:
    """By the same parser as the request will be: two parsers may see two hosts."""
    try:
        place = parse_url(urljoin(base, url))
    except (LocationParseError, ValueError):
        raise DownloadError(reason="url_refused") from None
    is_allowed = place.scheme == "https" or (place.scheme == "http" and (is_checked or _is_loopback(place.host)))
    if not is_allowed or not place.host or place.auth is not None:
        raise DownloadError(reason="url_refused")
    return place


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return False


def _require_success(response: urllib3.BaseHTTPResponse) -> None:
    if response.status in {404, 410}:
        raise DownloadError(reason="not_found")
    if response.status != 200:
        raise DownloadError(reason="status", status=response.status)


def _get_length(response: urllib3.BaseHTTPResponse) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def _require_size(response: urllib3.BaseHTTPResponse, limits: Limits) -> None:
    if (_get_length(response) or 0) > limits.most_bytes:
        raise DownloadError(reason="too_large")


def _read(response: urllib3.BaseHTTPResponse, limits: Limits, on_progress: OnProgress) -> Iterator[bytes]:
    length = _get_length(response)
    deadline = time.monotonic() + limits.whole_seconds
    done = 0
    try:
        # read1 gives what is there: a server that drips cannot hold it beyond the deadline.
        while chunk := response.read1(_CHUNK, decode_content=False):
            done += len(chunk)
            if done > limits.most_bytes:
                raise DownloadError(reason="too_large")
            if time.monotonic() > deadline:
                raise DownloadError(reason="too_slow")
            on_progress(done, length)
            yield chunk
    except urllib3.exceptions.TimeoutError:
        raise DownloadError(reason="too_slow") from None
    except HTTPError:
        raise DownloadError(reason="truncated") from None
    if length is not None and done != length:
        raise DownloadError(reason="truncated")
