"""Rows of people: accounts, the tokens they sign in with, and what they can advise on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actor import AccountKind
from app.core.db import LANGUAGE_LENGTH, Base, EnumText, Id


class Account(Base):
    """A person or a company. Guests and LINE users have no password. ``name_key`` is the case-folded display name."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    display_name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[AccountKind] = mapped_column(EnumText(AccountKind))
    locale: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH))
    reading_languages: Mapped[list[str]]
    show_originals: Mapped[bool] = mapped_column(default=False)
    roles: Mapped[list[str]]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]


class AccessToken(Base):
    """A bearer token of the API; only its digest is kept."""

    __tablename__ = "access_tokens"
    __table_args__ = (Index("ix_access_tokens_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Expertise(Base):
    """A country that a resident knows at first hand and agreed to advise on (ISO 3166-1 alpha-2)."""

    __tablename__ = "expertise"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    country: Mapped[str] = mapped_column(String(2), primary_key=True)
