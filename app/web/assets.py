"""Static files: addressed by their content, kept for a year, compressed once at start; and gzip for pages.

``/assets/<digest>/js/app.js``: the digest is that of every file of ours together, so that modules and style sheets
reach each other by relative paths and one page never mixes two versions. Vendored files rarely change and are addressed
by their own digest, so a release does not make a phone fetch them again. gzip only: it comes with Python, and brotli
would save about 2 KB a first visit.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, Response, abort, request

STATIC_DIR: Final = Path(__file__).resolve().parent / "static"
YEAR: Final = "public, max-age=31536000, immutable"
#: Smaller answers fit into one packet anyway.
MIN_COMPRESSED_BYTES: Final = 600
COMPRESSED_TYPES: Final = frozenset(
    {"text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml", "application/json"}
)
_VENDOR: Final = "vendor/"


@dataclass(frozen=True)
class Asset:
    """A file as it is sent. ``compressed`` is None where gzip gains nothing."""

    content_type: str
    digest: str
    body: bytes
    compressed: bytes | None


class Assets:
    """All files of a folder, read once. Knows the address of each."""

    def __init__(self, folder: Path = STATIC_DIR) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        self._assets = {path.relative_to(folder).as_posix(): _read_asset(path) for path in paths}
        own = hashlib.sha256()
        for name, asset in self._assets.items():
            if not name.startswith(_VENDOR):
                own.update(f"{name}\0{asset.digest}\n".encode())
        self.release = own.hexdigest()[:16]

    def find(self, name: str) -> Asset | None:
        return self._assets.get(name)

    def url(self, name: str) -> str:
        """The address of a file, such as ``css/base.css``; KeyError for a file that isn't there."""
        asset = self._assets[name]
        return f"/assets/{asset.digest if name.startswith(_VENDOR) else self.release}/{name}"

    def respond(self, digest: str, name: str) -> Response:
        """The file. A stale digest (an old page, another version behind the same proxy) gets it too, uncached."""
        asset = self.find(name)
        if asset is None:
            abort(404)
        is_compressed = asset.compressed is not None and _accepts_gzip()
        body = asset.compressed if is_compressed and asset.compressed is not None else asset.body
        response = Response(body, content_type=asset.content_type)
        response.headers["Cache-Control"] = YEAR if digest in {self.release, asset.digest} else "no-cache"
        if asset.compressed is not None:
            response.headers["Vary"] = "Accept-Encoding"
        if is_compressed:
            response.headers["Content-Encoding"] = "gzip"
        response.set_etag(f"{asset.digest}-gz" if is_compressed else asset.digest)
        response.make_conditional(request)
        return response


def _read_asset(path: Path) -> Asset:
    body = path.read_bytes()
    guessed = "font/woff2" if path.suffix == ".woff2" else (mimetypes.guess_type(path.name)[0] or "text/plain")
    is_text = guessed in COMPRESSED_TYPES
    compressed = gzip.compress(body, 9, mtime=0) if is_text and len(body) >= MIN_COMPRESSED_BYTES else None
    content_type = f"{guessed}; charset=utf-8" if is_text else guessed
    return Asset(content_type, hashlib.sha256(body).hexdigest()[:16], body, compressed)


def _accepts_gzip() -> bool:
    return request.accept_encodings["gzip"] > 0


def compress_page(response: Response) -> Response:
    """gzip a finished answer where the browser wants it.

    Pages carry a CSRF token and sometimes the sender's own words, which is what a BREACH attack needs; it also needs
    the session cookie on requests that another site makes, and ours is ``SameSite=Lax``.
    """
    if (
        response.direct_passthrough
        or response.is_streamed
        or response.status_code in {204, 304}
        or response.mimetype not in COMPRESSED_TYPES
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    if not _accepts_gzip() or (response.content_length or 0) < MIN_COMPRESSED_BYTES:
        return response
    response.set_data(gzip.compress(response.get_data(), 5, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response


def init_assets(app: Flask) -> Assets:
    """Serve the static files and compress pages. Returns the address book for the templates."""
    assets = Assets()
    blueprint = Blueprint("assets", __name__)

    @blueprint.get("/assets/<digest>/<path:name>")
    def send_asset(digest: str, name: str) -> Response:
        return assets.respond(digest, name)

    @blueprint.get("/favicon.ico")
    def send_favicon() -> Response:
        return assets.respond("", "img/logo.svg")

    app.register_blueprint(blueprint)
    app.after_request(compress_page)
    return assets
