"""What workers, operators and time do in a history."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.forum.models import Channel
from app.forum.service.locks import lock_threads_of_texts
from app.notifications.service import claim_due, mark_retry, mark_sent
from app.notifications.waiting import plan_waiting_notices
from tests.translation.stateful.cast import SPOKEN, TEXTS, WRITTEN, Mood
from tests.translation.stateful.ledger import Batch, Doer
from tests.translation.stateful.world import LEASE, POOR, RICH, World, choose
from translation.glossary.regate import run_regates
from translation.glossary.service import verify_term, withdraw_verification
from translation.languages import LanguageTag
from translation.memory.exchange import Pair
from translation.memory.imports import add_pairs, begin_import, finish_import, hide_import, list_imports, remove_some
from translation.models import EngineSet, Translation, TranslationState
from translation.previews.tasks import run_previews
from translation.service import work
from translation.service.again import list_left_pairs, request_again, request_left
from translation.service.turns import PUT_OFF, is_due
from translation.tasks import _cut_batches, run_translations, translate_items
from translation.text import digest_text


def claim(world: World, *, limit: int) -> None:
    """A worker takes a batch and makes it; what becomes of that is another step."""
    world.ledger.doer = Doer.MACHINE
    now = world.clock()
    with world.db.transaction() as session:
        items = work.claim_work(session, now=now, lease=LEASE, limit=limit, limits=world.limits)
    done = [each for batch in _cut_batches(items, world.engines) for each in translate_items(batch, world.engines)]
    world.ledger.take(Batch(items, done, now + LEASE), now=now)
    with world.db.reading() as session:
        left = session.execute(select(Translation.id, Translation.turn).where(is_due(now))).all()
        taken = session.execute(
            select(Translation.id, Translation.turn).where(Translation.id.in_([item.translation_id for item in items]))
        ).all()
    last = max(((turn, row_id) for row_id, turn in taken if turn < PUT_OFF), default=None)
    world.ledger.jumps += [
        f"translation {row_id} was passed over" for row_id, turn in left if last is not None and (turn, row_id) < last
    ]


def finish(world: World, *, batch: int) -> None:
    """However late."""
    world.ledger.doer = Doer.MACHINE
    chosen: Batch | None = choose(world.ledger.batches, batch)
    if chosen is None:
        return
    world.ledger.batches.remove(chosen)
    with world.db.transaction() as session:
        lock_threads_of_texts(session, {item.source_text_id for item in chosen.items})
        work.finish_work(session, done=chosen.done, now=world.clock())


def give_back(world: World, *, batch: int) -> None:
    world.ledger.doer = Doer.MACHINE
    chosen: Batch | None = choose(world.ledger.batches, batch)
    if chosen is None or chosen.until <= world.clock():
        return
    world.ledger.give_back(chosen)
    with world.db.transaction() as session:
        work.release_work(session, items=chosen.items, now=world.clock())


def die(world: World, *, batch: int) -> None:
    """A worker is gone with what it had; after its lease others may have it."""
    world.ledger.doer = Doer.MACHINE
    chosen: Batch | None = choose(world.ledger.batches, batch)
    if chosen is not None:
        chosen.done = ()


def run(world: World) -> None:
    """The job as it is, from the first to the last; also that of the previews."""
    world.ledger.doer = Doer.MACHINE
    run_translations(
        world.db,
        world.engines,
        clock=world.clock,
        lease=LEASE,
        off_loop=lambda function: function(),
        lock=lock_threads_of_texts,
        limits=world.limits,
    )
    run_previews(world.db, world.engines, clock=world.clock, lease=LEASE, off_loop=lambda function: function())


def change_engine(world: World, *, mood: Mood, is_new: bool) -> None:
    world.engine.mood = mood
    world.engine.version += is_new


def make_again(world: World) -> None:
    """The operator has all machine text made again that another engine made."""
    world.ledger.doer = Doer.MACHINE
    registry = world.engines[EngineSet.INSTALLED]
    for source in SPOKEN:
        for target in SPOKEN:
            routes = [registry.find_route(source, target), registry.find_route(LanguageTag.EN, target)]
            present = [(route.engine, registry.describe_version(route)) for route in routes if route is not None]
            if source is target or routes[0] is None:
                continue
            with world.db.transaction() as session:
                request_again(session, source=source, target=target, present=present, now=world.clock(), limit=100)


def try_what_was_left(world: World) -> None:
    """An engine may be there again."""
    world.ledger.doer = Doer.MACHINE
    registry = world.engines[EngineSet.INSTALLED]
    with world.db.reading() as session:
        pairs = [pair for pair in list_left_pairs(session) if registry.is_available(*pair)]
    for source, target in pairs:
        with world.db.transaction() as session:
            request_left(session, source=source, target=target, now=world.clock(), limit=100)


def change_glossary(world: World, *, is_verified: bool) -> None:
    """An interpreter vouches for the glossary's names, or nobody does any more."""

    def apply(session: Session) -> None:
        for term_id in world.terms:
            if is_verified:
                verify_term(session, actor_id=1, term_id=term_id, now=world.clock())
            else:
                withdraw_verification(session, term_id=term_id, now=world.clock())

    world.attempt(apply)


def check_names(world: World) -> None:
    """The glossary has settled, and what machines made is checked again."""
    world.ledger.doer = Doer.MACHINE
    world.clock.advance(seconds=7)
    run_regates(world.db, clock=world.clock, lock=lock_threads_of_texts)


def bring_memory(world: World) -> None:
    """An operator imports pairs, or takes the ones that are there away."""

    def exchange(session: Session) -> None:
        imports = list_imports(session)
        if imports:
            hide_import(session, import_id=imports[0].id)
            while remove_some(session, import_id=imports[0].id, limit=1):
                pass
            return
        pairs = [
            Pair(LanguageTag.VI, target, TEXTS[0], f"imported {WRITTEN[target][0]}")
            for target in (LanguageTag.ZH_HANT, LanguageTag.EN)
        ]
        import_id = begin_import(session, name="pairs.tmx", digest=digest_text("pairs"), now=world.clock())
        add_pairs(session, import_id=import_id, pairs=pairs, now=world.clock())
        finish_import(session, import_id=import_id, entries=len(pairs))

    world.attempt(exchange)


def send_notices(world: World, *, is_reached: bool) -> None:
    """Notices are planned, and those of the channel go out, or don't this time."""
    world.tell()
    with world.db.transaction() as session:
        plan_waiting_notices(session, now=world.clock())
    with world.db.transaction() as session:
        for delivery in claim_due(session, channel=Channel.LINE, now=world.clock()):
            if is_reached:
                mark_sent(session, delivery_id=delivery.id, now=world.clock())
            else:
                mark_retry(session, delivery_id=delivery.id, error="x", now=world.clock())


def set_budget(world: World, *, is_poor: bool) -> None:
    world.limits = POOR if is_poor else RICH


def pass_time(world: World, *, seconds: int) -> None:
    world.ledger.doer = Doer.CLOCK
    world.clock.advance(seconds=seconds)


def work_off(world: World) -> None:
    """Half a day passes in which nobody does anything but the workers: what is pending then waits for ever."""
    world.ledger.doer = Doer.MACHINE
    world.engine.mood = Mood.GOOD
    for _ in range(12):
        world.clock.advance(hours=1)
        run(world)
    with world.db.reading() as session:
        left = session.scalars(select(Translation.id).where(Translation.state == TranslationState.PENDING)).all()
    world.ledger.jumps += [f"translation {row_id} is never done" for row_id in left]
