"""Who may operate an installation. Pure: values in, a reasoned decision out."""

from __future__ import annotations

from app.core.actor import ALLOWED, Actor, Decision, deny


def can_operate(actor: Actor) -> Decision:
    """Operators decide about engines and other things of the whole installation."""
    if actor.is_suspended:
        return deny("accounts.suspended")
    return ALLOWED if actor.is_admin else deny("accounts.not_admin")
