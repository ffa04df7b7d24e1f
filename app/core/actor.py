"""Who does something: a value that the edges build and the services and policies read. Nothing is ambient."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AccountKind(StrEnum):
    RESIDENT = "resident"
    CITIZEN = "citizen"
    COMPANY = "company"
    GUEST = "guest"


class Role(StrEnum):
    INTERPRETER = "interpreter"
    MODERATOR = "moderator"
    ADMIN = "admin"


@dataclass(frozen=True)
class Actor:
    """A person, or nobody (``account_id`` None). ``pairs`` are an interpreter's (source, target) language tags."""

    account_id: int | None = None
    kind: AccountKind | None = None
    display_name: str = ""
    roles: frozenset[Role] = frozenset()
    pairs: frozenset[tuple[str, str]] = frozenset()
    locale: str = "en"
    reading_languages: tuple[str, ...] = ()
    show_originals: bool = False
    is_suspended: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def is_guest(self) -> bool:
        return self.kind is AccountKind.GUEST

    @property
    def is_interpreter(self) -> bool:
        return Role.INTERPRETER in self.roles

    @property
    def is_admin(self) -> bool:
        """Operates this installation."""
        return Role.ADMIN in self.roles

    @property
    def is_moderator(self) -> bool:
        return Role.MODERATOR in self.roles or self.is_admin

    @property
    def pair_languages(self) -> frozenset[str]:
        """Every language of the interpreter's pairs, in either direction."""
        return frozenset(tag for pair in self.pairs for tag in pair)

    @property
    def reading_language(self) -> str:
        """The language this person reads first."""
        return self.reading_languages[0] if self.reading_languages else self.locale


NOBODY = Actor()


@dataclass(frozen=True)
class Decision:
    """A policy's answer. ``reason`` is a dotted code where it is no."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Decision(allowed=True)


def deny(reason: str) -> Decision:
    return Decision(allowed=False, reason=reason)
