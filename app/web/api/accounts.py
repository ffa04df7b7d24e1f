"""Registering, guests, tokens, the own profile; and the categories, which need nobody."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts import queries, service
from app.accounts.models import Account
from app.accounts.passwords import check_password, hash_password
from app.contract import schemas
from app.contract.bodies import CredentialsIn, NewAccountIn, NewGuestIn, ProfileIn
from app.contract.render import render_account
from app.core.errors import NotAuthenticatedError
from app.core.offload import run_off_loop
from app.forum.queries import list_categories
from app.interpreting.queries import build_actor
from app.notifications.service import replan_for_account
from app.web.api.adapter import for_signed_in, make_blueprint
from app.web.auth import require_actor
from app.web.messages import category_title
from app.web.runtime import get_runtime

blueprint = make_blueprint("accounts", tag="Accounts")


@blueprint.post("/accounts")
@blueprint.input(NewAccountIn)
@blueprint.output(schemas.SignedIn, status_code=201)
def create_account(json_data: NewAccountIn) -> schemas.SignedIn:
    """Register a person or a company

    Display names are unique, whatever their case.
    """
    runtime = get_runtime()
    now = runtime.clock()
    password_hash = run_off_loop(lambda: hash_password(json_data.password))
    with runtime.db.transaction() as session:
        account = service.create_account(
            session,
            display_name=json_data.display_name,
            password_hash=password_hash,
            kind=json_data.kind,
            locale=json_data.locale,
            reading_languages=json_data.reading_languages or [json_data.locale],
            now=now,
        )
        token = service.issue_token(session, account_id=account.id, now=now)
        return schemas.SignedIn(account=_render(session, account), token=token)


@blueprint.post("/guests")
@blueprint.input(NewGuestIn)
@blueprint.output(schemas.SignedIn, status_code=201)
def create_guest(json_data: NewGuestIn) -> schemas.SignedIn:
    """Come in without a name

    A guest asks and follows, nothing else; what it writes is public after screening.
    """
    runtime = get_runtime()
    now = runtime.clock()
    with runtime.db.transaction() as session:
        account = service.create_guest(
            session,
            locale=json_data.locale,
            reading_languages=json_data.reading_languages or [json_data.locale],
            now=now,
        )
        token = service.issue_token(session, account_id=account.id, now=now)
        return schemas.SignedIn(account=_render(session, account), token=token)


@blueprint.post("/tokens")
@blueprint.input(CredentialsIn)
@blueprint.output(schemas.Token, status_code=201)
def create_token(json_data: CredentialsIn) -> schemas.Token:
    """Sign in for a bearer token"""
    runtime = get_runtime()
    with runtime.db.reading() as session:
        found = queries.find_account_by_name(session, json_data.display_name)
    account = run_off_loop(lambda: check_password(found, json_data.password))
    with runtime.db.transaction() as session:
        return schemas.Token(token=service.issue_token(session, account_id=account.id, now=runtime.clock()))


@blueprint.get("/me")
@for_signed_in
@blueprint.output(schemas.Account)
def show_me() -> schemas.Account:
    """The own account"""
    actor = require_actor()
    with get_runtime().db.reading() as session:
        account = queries.find_account(session, actor.account_id or 0)
        if account is None:
            raise NotAuthenticatedError
        return _render(session, account)


@blueprint.patch("/me")
@for_signed_in
@blueprint.input(ProfileIn)
@blueprint.output(schemas.Account)
def update_me(json_data: ProfileIn) -> schemas.Account:
    """Change the own profile

    Only what is given is changed.
    """
    actor = require_actor()
    changes = service.ProfileChanges(
        locale=json_data.locale,
        reading_languages=json_data.reading_languages,
        show_originals=json_data.show_originals,
        expertise=json_data.expertise,
    )
    runtime = get_runtime()
    with runtime.db.transaction() as session:
        account = service.update_profile(session, actor=actor, changes=changes)
        if changes.reading_languages is not None:
            replan_for_account(session, account_id=account.id, now=runtime.clock())
        return _render(session, account)


@blueprint.get("/categories")
@blueprint.output(schemas.Categories)
def show_categories() -> schemas.Categories:
    """The categories, with titles in the language of Accept-Language"""
    with get_runtime().db.reading() as session:
        rows = list_categories(session)
    items = [
        schemas.Category(slug=row.slug, group=row.group, country=row.country, title=category_title(row.slug))
        for row in rows
    ]
    return schemas.Categories(items=items)


def _render(session: Session, account: Account) -> schemas.Account:
    actor = build_actor(session, account)
    return render_account(account, pairs=actor.pairs, expertise=queries.list_expertise(session, account.id))
