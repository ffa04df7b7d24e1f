"""The job ``line.inbox``: every stored event is handled once, in the order of its chat, and then answered.

Two steps with a commit between them. First the domain's change, the answer and the event's state in one transaction;
then the call to LINE, with no transaction open. A process that dies in between loses nothing: the answer is stored.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import structlog

from app.core.errors import QiaoError
from app.runtime import Runtime
from bots.line.client import LineClient, Outcome, SendResult
from bots.line.dialogue import take_turn
from bots.line.events import EventKind, LineEvent
from bots.line.identities import find_identity, find_offered_language
from bots.line.inbox import (
    Claimed,
    ReplyToken,
    claim,
    find_next,
    finish,
    forget_old,
    has_forgettable,
    postpone,
    take_reply_token,
)
from bots.line.models import InboxState, LineInbox
from bots.line.questions import Desk
from bots.line.turns import Turn
from translation.languages import LanguageTag

log = structlog.get_logger(__name__)

#: After so many failures an event is kept for the operator, and no longer holds back its chat.
MAX_ATTEMPTS: Final = 6


def run_inbox(runtime: Runtime, client: LineClient) -> int:
    """Handle what is due until nothing is left; the number of events taken."""
    taken = 0
    while (claimed := _claim_next(runtime)) is not None:
        taken += 1
        try:
            _handle(runtime, client, claimed)
        except Exception as error:
            code = error.code if isinstance(error, QiaoError) else type(error).__name__
            log.exception("line.event_failed", attempts=claimed.attempts, code=code)
            _put_back(runtime, claimed, code)
    _forget_old(runtime)
    return taken


def _claim_next(runtime: Runtime) -> Claimed | None:
    while True:
        now = runtime.clock()
        with runtime.db.reading() as session:
            # A cheap look first: an idle poll must not take the write lock of SQLite.
            found = find_next(session, now=now)
        if found is None:
            return None
        with runtime.db.transaction() as session:
            claimed = claim(session, found, now=now)
        if claimed is not None:
            return claimed


def _handle(runtime: Runtime, client: LineClient, claimed: Claimed) -> None:
    if claimed.state is InboxState.PROCESSING and not _take_turn(runtime, client, claimed):
        return
    _answer(runtime, client, claimed)


def _take_turn(runtime: Runtime, client: LineClient, claimed: Claimed) -> bool:
    """The domain's part; whether there is something to answer."""
    event = _load_event(runtime, claimed)
    likely = _guess_language(runtime, client, event) if event is not None else None
    now = runtime.clock()
    with runtime.db.transaction() as session:
        row = session.get_one(LineInbox, claimed.event_id, with_for_update=True)
        if event is None or row.state is not InboxState.PROCESSING or row.payload_encrypted is None:
            # Taken back in the meantime.
            finish(session, claimed.event_id, InboxState.IGNORED)
            return False
        desk = Desk(vault=runtime.vault, engines=runtime.engines, now=now, likely=likely)
        turn = take_turn(session, desk=desk, event=event)
        if turn.is_silent:
            finish(session, claimed.event_id, InboxState.DONE)
            return False
        row.state, row.payload_encrypted = InboxState.ANSWERING, None
        row.turn_encrypted = runtime.vault.encrypt(turn.model_dump_json())
    return True


def _load_event(runtime: Runtime, claimed: Claimed) -> LineEvent | None:
    with runtime.db.reading() as session:
        stored = session.get_one(LineInbox, claimed.event_id).payload_encrypted
    return None if stored is None else LineEvent.model_validate_json(runtime.vault.decrypt(stored))


def _guess_language(runtime: Runtime, client: LineClient, event: LineEvent) -> LanguageTag | None:
    """The language of a new person's own LINE, which only says which choice is offered first."""
    if event.kind not in (EventKind.FOLLOW, EventKind.TEXT) or event.user_id is None:
        return None
    with runtime.db.reading() as session:
        identity = find_identity(session, runtime.vault.look_up_key(event.user_id))
        if identity is not None and (identity.language is not None or event.kind is EventKind.TEXT):
            return identity.language
    return find_offered_language(client.find_language(event.user_id))


def _answer(runtime: Runtime, client: LineClient, claimed: Claimed) -> None:
    """Send what was decided, by the event's own token while it lasts, otherwise by a push if it must arrive."""
    with runtime.db.reading() as session:
        stored = session.get_one(LineInbox, claimed.event_id).turn_encrypted
    if stored is None:
        return
    turn = Turn.model_validate_json(runtime.vault.decrypt(stored))
    result = _send_messages(runtime, client, claimed, turn) if turn.messages else None
    if result is not None and result.outcome in (Outcome.BUSY, Outcome.UNAUTHORIZED, Outcome.UNCERTAIN):
        _put_back(runtime, claimed, f"line.{result.outcome}")
        return
    if turn.leave_chat is not None and client.leave_chat(turn.leave_chat).outcome is Outcome.UNCERTAIN:
        _put_back(runtime, claimed, "line.leave")
        return
    with runtime.db.transaction() as session:
        finish(session, claimed.event_id, InboxState.DONE)


def _send_messages(runtime: Runtime, client: LineClient, claimed: Claimed, turn: Turn) -> SendResult | None:
    """None where there is no way left and none is needed."""
    with runtime.db.transaction() as session:
        token = take_reply_token(session, vault=runtime.vault, event_id=claimed.event_id, now=runtime.clock())
    if token is not None:
        result = _reply(client, token, turn)
        if result.outcome is not Outcome.REFUSED:
            return result
    return _push(runtime, client, claimed, turn) if turn.must_arrive else None


def _reply(client: LineClient, token: ReplyToken, turn: Turn) -> SendResult:
    """Reply, and once more with the same token where the answer to the first call was lost."""
    result, is_repeat = client.reply(token.token, turn.messages), token.is_repeat
    if result.outcome is Outcome.UNCERTAIN:
        result, is_repeat = client.reply(token.token, turn.messages), True
    if result.outcome is Outcome.REFUSED and is_repeat:
        # Used up: the earlier call had arrived.
        return SendResult(Outcome.ACCEPTED, result.status, result.request_id)
    return result


def _push(runtime: Runtime, client: LineClient, claimed: Claimed, turn: Turn) -> SendResult | None:
    user_id = _find_recipient(runtime, claimed)
    if user_id is None:
        return None
    # The same event gives the same key, so that a repeated attempt is no second message.
    retry_key = str(uuid5(NAMESPACE_URL, f"line-event:{claimed.event_id}"))
    return client.push(user_id, turn.messages, retry_key=retry_key)


def _find_recipient(runtime: Runtime, claimed: Claimed) -> str | None:
    with runtime.db.reading() as session:
        chat_key = session.get_one(LineInbox, claimed.event_id).chat_key
        identity = find_identity(session, chat_key) if chat_key is not None else None
        if identity is None or not identity.is_friend:
            return None
        return runtime.vault.decrypt(identity.user_id_encrypted)


def _put_back(runtime: Runtime, claimed: Claimed, code: str) -> None:
    """Later again, or never."""
    now = runtime.clock()
    with runtime.db.transaction() as session:
        if claimed.attempts >= MAX_ATTEMPTS:
            log.error("line.event_dead", code=code)
            finish(session, claimed.event_id, InboxState.DEAD, error=code[:80])
        else:
            postpone(session, claimed.event_id, until=_back_off(claimed.attempts, now), error=code[:80])


def _back_off(attempts: int, now: datetime) -> datetime:
    return now + timedelta(seconds=min(600, 4**attempts))


def _forget_old(runtime: Runtime) -> None:
    now = runtime.clock()
    with runtime.db.reading() as session:
        if not has_forgettable(session, now=now):
            return
    with runtime.db.transaction() as session:
        forget_old(session, now=now)
