"""Idempotency keys: the same key of the same caller creates once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.db import insert_if_absent
from app.forum.models import IdempotencyKey


def claim_key(session: Session, account_id: int, scope: str, key: str, now: datetime) -> int | None:
    """None if the key is new and now taken by this transaction, else the id of what it created."""
    values = {"account_id": account_id, "scope": scope, "key": key, "subject_id": 0, "created_at": now}
    if insert_if_absent(session, IdempotencyKey, values):
        return None
    return session.get_one(IdempotencyKey, (account_id, scope, key)).subject_id


def settle_key(session: Session, account_id: int, scope: str, key: str, subject_id: int) -> None:
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.account_id == account_id, IdempotencyKey.scope == scope, IdempotencyKey.key == key)
        .values(subject_id=subject_id)
    )
