"""The front door: the address without a language, the home page, topics, countries, help."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for

from app.accounts.queries import list_advisers
from app.forum.models import Category, CategoryGroup, ThreadStatus
from app.forum.queries import get_category, list_categories, list_threads
from app.forum.starter import to_country_slug
from app.forum.views import ThreadList
from app.web.auth import current_actor
from app.web.forms import Form, make_form_key, read_cursor
from app.web.i18n import negotiate_request_locale
from app.web.messages import split_country_slug
from app.web.pages.blueprint import go_to, pages, reading_language
from app.web.runtime import get_runtime

front = Blueprint("front", __name__)

#: Conversations on the home page.
RECENT = 8


@front.get("/")
def negotiate() -> Response:
    """To the visitor's language."""
    response = go_to("pages.show_home", locale=negotiate_request_locale())
    response.status_code = 302
    response.vary.update(("Cookie", "Accept-Language"))
    return response


@pages.get("/")
def show_home() -> str:
    runtime = get_runtime()
    with runtime.db.reading() as session:
        categories = list_categories(session)
        threads = list_threads(session, actor=current_actor(), language=reading_language(), limit=RECENT)
    return render_template(
        "home.html",
        topics=[row.slug for row in categories if row.group is CategoryGroup.LIVING],
        countries=list_countries(categories),
        threads=threads.items,
        form=Form(),
        key=make_form_key(),
    )


@pages.get("/topics/<slug>")
def show_topic(slug: str) -> Response | str:
    parts = split_country_slug(slug)
    if parts is not None:
        return go_to("pages.show_facet", country=parts[0].lower(), facet=parts[1])
    return _render_threads("topic.html", slug)


@pages.get("/countries/<country>/")
def show_country(country: str) -> str:
    """A country: what one can ask about it, what was asked, who advises."""
    code = country.upper()
    with get_runtime().db.reading() as session:
        facets = [row.slug for row in list_categories(session) if row.country == code]
        if not facets:
            abort(404)
        advisers = list_advisers(session, code)
    return render_template("country.html", country=code, facets=facets, advisers=advisers)


@pages.get("/countries/<country>/<facet>")
def show_facet(country: str, facet: str) -> str:
    return _render_threads("topic.html", to_country_slug(country, facet), country=country.upper())


@pages.get("/help")
def show_help() -> str:
    return render_template("help.html")


def _render_threads(template: str, slug: str, **values: Any) -> str:
    """A page of the conversations of a category, all or the solved ones, newest first."""
    status = ThreadStatus.SOLVED if request.args.get("status") == "solved" else None
    with get_runtime().db.reading() as session:
        category = get_category(session, slug)
        threads: ThreadList = list_threads(
            session,
            actor=current_actor(),
            language=reading_language(),
            category=category.slug,
            status=status,
            before=read_cursor("before"),
        )
    return render_template(
        template,
        slug=category.slug,
        is_risky=category.is_risky,
        status=status,
        threads=threads.items,
        more=_next_page(threads),
        **values,
    )


def _next_page(threads: ThreadList) -> str | None:
    if threads.next_before is None or request.endpoint is None:
        return None
    arguments: dict[str, Any] = dict(request.view_args or {})
    if request.args.get("status") == "solved":
        arguments["status"] = "solved"
    return url_for(request.endpoint, before=threads.next_before, **arguments)


def list_countries(categories: list[Category]) -> list[str]:
    """The countries of the country categories, in their order."""
    return list(dict.fromkeys(row.country for row in categories if row.country is not None))
