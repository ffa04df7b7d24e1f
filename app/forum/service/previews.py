"""How a text will read, before it is sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.forum import policy
from app.forum.models import ThreadKind
from app.forum.service.texts import COMMON_LANGUAGE, load_history, parse_body, to_translated_language
from translation.detection import detect_language
from translation.languages import LanguageTag
from translation.models import EngineSet
from translation.previews.models import Preview
from translation.previews.service import request_preview


def preview_text(
    session: Session,
    *,
    actor: Actor,
    body: str,
    declared: LanguageTag | None,
    target: LanguageTag | None,
    now: datetime,
) -> Preview:
    """Ask for what readers of ``target`` will see of ``body``, and for that again in the author's language. Personal
    data is masked first, as it will be when the text is sent.

    Without a target, or where it is the author's own language, it is the common language; for a text in that, English.
    Raises :class:`NothingToPreviewError` for a language that nobody is sure of.
    """
    account_id = policy.require_signed_in(actor)
    policy.require(policy.can_ask(actor, ThreadKind.QUESTION))
    text = parse_body(body, actor=actor, declared=declared).text
    found = detect_language(text, declared=declared, prior=load_history(session, actor))
    return request_preview(
        session,
        account_id=account_id,
        text=text,
        source=found.tag,
        target=_choose_target(to_translated_language(found.tag), target),
        engine_set=EngineSet.INSTALLED,
        is_round_trip=True,
        now=now,
    )


def _choose_target(source: LanguageTag, wanted: LanguageTag | None) -> LanguageTag:
    candidates = (to_translated_language(wanted) if wanted else COMMON_LANGUAGE, COMMON_LANGUAGE, LanguageTag.EN)
    return next(target for target in candidates if target is not source)
