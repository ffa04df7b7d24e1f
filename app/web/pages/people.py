"""Registering, signing in and out, and one's own settings."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, request, url_for

from app.accounts.passwords import check_password, hash_password
from app.accounts.queries import find_account_by_name, list_expertise
from app.accounts.service import ProfileChanges, create_account, update_profile
from app.core.actor import AccountKind
from app.core.errors import FieldError, InvalidInputError, QiaoError
from app.core.offload import run_off_loop
from app.forum.queries import list_categories, list_threads
from app.web.auth import current_actor, end_session, require_actor, start_session
from app.web.errors import to_failure
from app.web.forms import Form, read_form, safe_next, with_errors
from app.web.i18n import LOCALES, get_locale, gettext
from app.web.pages.blueprint import as_response, go_to, pages, reading_language, remember_locale
from app.web.pages.home import list_countries
from app.web.runtime import get_runtime
from translation.languages import LanguageTag, parse_language_tag

_KINDS = (AccountKind.RESIDENT, AccountKind.CITIZEN, AccountKind.COMPANY)


def _next() -> str:
    return safe_next(request.values.get("next"), url_for("pages.show_home"))


def _render(template: str, form: Form, status: int = 200, **values: object) -> Response:
    return as_response(make_response(render_template(template, form=form, **values), status))


def _render_register(form: Form, status: int = 200) -> Response:
    chosen = request.form.getlist("reading_languages") if request.method == "POST" else [get_locale()]
    return _render("register.html", form, status, kinds=_KINDS, chosen=chosen, next=_next())


@pages.route("/register", methods=["GET", "POST"])
def register() -> Response:
    if request.method == "GET":
        return _render_register(Form())
    form, runtime = read_form("display_name", "password", "kind"), get_runtime()
    try:
        if form["kind"] not in _KINDS:
            raise InvalidInputError(errors=[FieldError(field="kind", code="list.empty")])
        password = request.form.get("password", "")
        password_hash = run_off_loop(lambda: hash_password(password))
        with runtime.db.transaction() as session:
            account = create_account(
                session,
                display_name=form["display_name"],
                password_hash=password_hash,
                kind=AccountKind(form["kind"]),
                locale=LanguageTag(get_locale()),
                reading_languages=_read_languages(),
                now=runtime.clock(),
            )
    except QiaoError as error:
        return _render_register(with_errors(form, error), to_failure(error).status)
    start_session(account.id)
    flash(gettext("Welcome! You can ask and answer now."))
    return _redirect(_next())


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    if request.method == "GET":
        return _render("sign_in.html", Form(), next=_next())
    form = read_form("display_name")
    try:
        with get_runtime().db.reading() as session:
            found = find_account_by_name(session, form["display_name"])
        password = request.form.get("password", "")
        account = run_off_loop(lambda: check_password(found, password))
    except QiaoError as error:
        return _render("sign_in.html", with_errors(form, error), to_failure(error).status, next=_next())
    start_session(account.id)
    return _redirect(_next())


@pages.post("/sign-out")
def sign_out() -> Response:
    end_session()
    flash(gettext("You are signed out."))
    return go_to("pages.show_home")


@pages.route("/me", methods=["GET", "POST"])
def show_me() -> Response:
    require_actor()
    if request.method == "GET":
        return _render_me(Form())
    form = read_form("locale")
    changes = ProfileChanges(
        locale=LanguageTag(form["locale"]) if form["locale"] in LOCALES else None,
        show_originals="show_originals" in request.form,
        expertise=request.form.getlist("expertise")[:50],
    )
    try:
        with get_runtime().db.transaction() as session:
            languages = _read_languages()
            update_profile(
                session,
                actor=current_actor(),
                changes=ProfileChanges(changes.locale, languages, changes.show_originals, changes.expertise),
            )
    except QiaoError as error:
        return _render_me(with_errors(form, error), to_failure(error).status)
    flash(gettext("Saved."))
    locale = changes.locale.value if changes.locale is not None else get_locale()
    response = go_to("pages.show_me", locale=locale)
    remember_locale(response, locale)
    return response


def _render_me(form: Form, status: int = 200) -> Response:
    actor = require_actor()
    with get_runtime().db.reading() as session:
        expertise = list_expertise(session, actor.account_id or 0)
        countries = list_countries(list_categories(session))
        threads = list_threads(session, actor=actor, language=reading_language(), author_id=actor.account_id)
    return _render("me.html", form, status, expertise=expertise, countries=countries, threads=threads.items)


def _read_languages() -> list[LanguageTag]:
    """The ticked reading languages, the page's own first: it is the one that is used most."""
    tags = [parse_language_tag(text) for text in request.form.getlist("reading_languages")[:20]]
    return sorted(tags, key=lambda tag: tag != request.form.get("locale", get_locale()))


def _redirect(location: str) -> Response:
    response = Response(status=303)
    response.headers["Location"] = location
    return response
