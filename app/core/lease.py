"""A lease: somebody holds something until a time, unless renewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Lease:
    """``holder`` is the holder's display name, ``holder_id`` the account."""

    holder_id: int
    holder: str
    expires_at: datetime

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at <= now
