"""``qiao user``: accounts that operators make."""

from __future__ import annotations

import secrets

import click

from app.accounts.passwords import hash_password
from app.accounts.service import create_account, grant_role
from app.commands.common import fail, load_runtime, tell
from app.core.actor import AccountKind, Role
from app.core.errors import QiaoError
from app.interpreting.service import set_pairs
from translation.languages import LANGUAGES, LanguageTag, UnknownLanguageError, parse_language_tag


@click.group("user")
def user_group() -> None:
    """People."""


def parse_pairs(text: str) -> list[tuple[LanguageTag, LanguageTag]]:
    """``km:zh-Hant,zh-Hant:km`` as pairs of tags. Raises :class:`click.BadParameter`."""
    pairs = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        source, separator, target = item.partition(":")
        try:
            pair = (parse_language_tag(source), parse_language_tag(target))
        except UnknownLanguageError:
            raise click.BadParameter(f"{item}: not a pair of languages such as km:zh-Hant") from None
        if not separator or pair[0] is pair[1]:
            raise click.BadParameter(f"{item}: not a pair of two languages")
        pairs.append(pair)
    return pairs


@user_group.command("create")
@click.argument("name")
@click.option("--password", help="8 characters or more; one is made and printed if you give none.")
@click.option("--kind", type=click.Choice(["resident", "citizen", "company"]), default="citizen", show_default=True)
@click.option("--locale", type=click.Choice([tag.value for tag in LANGUAGES]), default="zh-Hant", show_default=True)
@click.option("--reads", default="", help="Languages that the person reads, e.g. km,zh-Hant. Default: the locale.")
@click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]))
@click.option("--pairs", default="", help="An interpreter's pairs, e.g. km:zh-Hant,zh-Hant:km.")
def create(
    name: str, password: str | None, kind: str, locale: str, reads: str, roles: tuple[str, ...], pairs: str
) -> None:
    """Create an account with roles and, for interpreters, language pairs."""
    parsed = parse_pairs(pairs)
    if parsed and Role.INTERPRETER.value not in roles:
        raise click.UsageError("--pairs needs --role interpreter")
    try:
        reading = [parse_language_tag(tag) for tag in filter(None, reads.split(","))]
    except UnknownLanguageError:
        raise click.BadParameter(f"{reads}: not a list of languages") from None
    runtime = load_runtime()
    chosen = password or secrets.token_urlsafe(12)
    now = runtime.clock()
    try:
        password_hash = hash_password(chosen)
        with runtime.db.transaction() as session:
            account = create_account(
                session,
                display_name=name,
                password_hash=password_hash,
                kind=AccountKind(kind),
                locale=parse_language_tag(locale),
                reading_languages=reading,
                now=now,
            )
            for role in roles:
                grant_role(session, account_id=account.id, role=Role(role))
            set_pairs(session, account_id=account.id, pairs=parsed, now=now)
    except QiaoError as error:
        fail(f"Not created: {error.code}")
    tell(f"Created {account.display_name} (account {account.id}).")
    if password is None:
        tell(f"Password (shown only now): {chosen}")
