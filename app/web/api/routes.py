"""The API put together: every resource, and the document that describes them."""

from __future__ import annotations

from typing import Final

from apiflask import APIBlueprint
from flask import Flask, Response, request

from app.web import health
from app.web.api import accounts, glossary, moderation, posts, previews, search, tasks, threads
from app.web.api.adapter import PREFIX
from app.web.api.common import RowIdConverter
from app.web.api.openapi import make_documentation

BLUEPRINTS: Final[tuple[APIBlueprint, ...]] = (
    accounts.blueprint,
    threads.blueprint,
    posts.blueprint,
    tasks.blueprint,
    previews.blueprint,
    moderation.blueprint,
    search.blueprint,
    glossary.blueprint,
)


def _forbid_storing(response: Response) -> Response:
    """What one caller may read is nobody else's, and it changes."""
    if request.path.startswith(PREFIX):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def init_api(app: Flask) -> None:
    """Serve ``/api/v1``."""
    app.url_map.converters["row_id"] = RowIdConverter
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_blueprint(make_documentation([*BLUEPRINTS, health.blueprint]))
    app.after_request(_forbid_storing)
