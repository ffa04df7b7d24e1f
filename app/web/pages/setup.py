"""Puts the pages into an application."""

from __future__ import annotations

from flask import Flask

from app.web.assets import init_assets
from app.web.pages import ask, desk, engines, glossary, home, moderation, notices, people, posts, previews, threads
from app.web.pages.blueprint import pages
from app.web.pages.context import init_context

#: Importing a module puts its views on the blueprint.
VIEWS = (ask, desk, engines, glossary, home, moderation, notices, people, posts, previews, threads)


def init_pages(app: Flask) -> None:
    """Register the pages, their static files and what their templates use."""
    init_context(app, init_assets(app))
    app.register_blueprint(home.front)
    app.register_blueprint(pages)
