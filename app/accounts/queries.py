"""Readers of accounts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AccessToken, Account, Expertise
from app.accounts.service import to_name_key
from app.core.crypto import digest_token
from app.core.errors import NotFoundError


class AccountNotFoundError(NotFoundError):
    code = "accounts.not_found"


def get_account(session: Session, account_id: int) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise AccountNotFoundError
    return account


def find_account(session: Session, account_id: int) -> Account | None:
    return session.get(Account, account_id)


def find_account_by_name(session: Session, display_name: str) -> Account | None:
    return session.scalar(select(Account).where(Account.name_key == to_name_key(display_name.strip())))


def find_account_by_token(session: Session, token: str, *, now: datetime) -> Account | None:
    """Whose token it is; None for unknown, expired and revoked ones and for suspended people."""
    return session.scalar(
        select(Account)
        .join(AccessToken, AccessToken.account_id == Account.id)
        .where(
            AccessToken.digest == digest_token(token),
            AccessToken.expires_at > now,
            AccessToken.revoked_at.is_(None),
            Account.suspended_at.is_(None),
        )
    )


def list_expertise(session: Session, account_id: int) -> list[str]:
    return list(
        session.scalars(select(Expertise.country).where(Expertise.account_id == account_id).order_by(Expertise.country))
    )


def list_advisers(session: Session, country: str, *, limit: int = 20) -> list[Account]:
    """People who agreed to advise on a country, those seen last first."""
    return list(
        session.scalars(
            select(Account)
            .join(Expertise, Expertise.account_id == Account.id)
            .where(Expertise.country == country.upper(), Account.suspended_at.is_(None))
            .order_by(Account.last_seen_at.desc().nulls_last(), Account.id)
            .limit(limit)
        )
    )


def load_accounts(session: Session, account_ids: Collection[int]) -> dict[int, Account]:
    if not account_ids:
        return {}
    rows = session.scalars(select(Account).where(Account.id.in_(account_ids)))
    return {account.id: account for account in rows}
