"""``qiao demo``: accounts of every kind and a few threads to look at.

The threads of the demo are translated by the small test model, and only they are; everything says so. Run again, it
changes nothing.
"""

from __future__ import annotations

import csv
import secrets
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import click
from sqlalchemy.orm import Session
from tqdm import tqdm

from app.accounts.models import Account
from app.accounts.passwords import hash_password
from app.accounts.queries import find_account_by_name
from app.accounts.service import ProfileChanges, create_account, grant_role, update_profile
from app.commands.common import load_runtime, tell
from app.core.actor import AccountKind, Actor, Role
from app.core.errors import QiaoError
from app.core.schema import ROOT
from app.core.settings import Settings
from app.forum.models import ThreadKind
from app.forum.service.posts import NewPost, create_post
from app.forum.service.threads import NewThread, create_thread
from app.interpreting.queries import build_actor
from app.interpreting.service import set_pairs
from app.runtime import Runtime
from translation.engines.argos_packages import install_package
from translation.languages import LanguageTag

_TINY_MODELS: Final = ROOT / "tests" / "models" / "qiao-tiny"
_SENTENCES: Final = ROOT / "tests" / "models" / "demo_sentences.tsv"


@dataclass(frozen=True)
class _Person:
    """A demo account, named after what it is."""

    name: str
    kind: AccountKind
    reads: tuple[LanguageTag, ...]
    roles: tuple[Role, ...] = ()
    pairs: tuple[tuple[LanguageTag, LanguageTag], ...] = ()
    expertise: tuple[str, ...] = ()


_ZH, _VI, _ID, _TH, _KM, _EN = (
    LanguageTag.ZH_HANT,
    LanguageTag.VI,
    LanguageTag.ID,
    LanguageTag.TH,
    LanguageTag.KM,
    LanguageTag.EN,
)


def _both(one: LanguageTag, other: LanguageTag) -> tuple[tuple[LanguageTag, LanguageTag], ...]:
    return ((one, other), (other, one))


PEOPLE: Final = (
    _Person("demo-resident-vi", AccountKind.RESIDENT, (_VI,), expertise=("VN",)),
    _Person("demo-resident-id", AccountKind.RESIDENT, (_ID,), expertise=("ID",)),
    _Person("demo-resident-th", AccountKind.RESIDENT, (_TH,), expertise=("TH",)),
    _Person("demo-resident-km", AccountKind.RESIDENT, (_KM,), expertise=("KH",)),
    _Person("demo-citizen", AccountKind.CITIZEN, (_ZH,)),
    _Person("demo-company", AccountKind.COMPANY, (_ZH,)),
    _Person("demo-interpreter-km", AccountKind.RESIDENT, (_KM, _ZH), (Role.INTERPRETER,), _both(_KM, _ZH)),
    _Person("demo-interpreter-vi", AccountKind.RESIDENT, (_VI, _ZH, _EN), (Role.INTERPRETER,), _both(_VI, _ZH)),
    _Person("demo-moderator", AccountKind.CITIZEN, (_ZH, _EN), (Role.MODERATOR,)),
    _Person("demo-admin", AccountKind.CITIZEN, (_ZH, _EN), (Role.ADMIN,)),
)

#: Thread of the sentences' file: its category, and who asks and who answers in which language.
_THREADS: Final[dict[str, tuple[str, dict[LanguageTag, str]]]] = {
    "residence": ("residence", {_VI: "demo-resident-vi", _ZH: "demo-citizen"}),
    "company": ("vn-invest", {_ZH: "demo-company", _VI: "demo-resident-vi"}),
    "overtime": ("work", {_ID: "demo-resident-id", _ZH: "demo-citizen"}),
    "insurance": ("health", {_TH: "demo-resident-th", _ZH: "demo-citizen"}),
    "chinese": ("learning-chinese", {_KM: "demo-resident-km", _ZH: "demo-citizen"}),
}


@click.command()
def demo() -> None:
    """Add demo accounts and threads once; their passwords are printed once."""
    runtime = load_runtime()
    _install_models(runtime.settings)
    with runtime.db.reading() as session:
        if find_account_by_name(session, PEOPLE[0].name) is not None:
            tell("The demo accounts and threads are there already; nothing was changed.")
            return
    passwords = _create_all(runtime)
    tell("\nDemo accounts (the passwords are shown only now):")
    for name, password in passwords.items():
        tell(f"  {name:<22} {password}")
    tell("")


def _install_models(settings: Settings) -> None:
    """The small model, for the demo's own threads only."""
    packages = sorted(_TINY_MODELS.glob("*.argosmodel"))
    missing = [path for path in packages if not (settings.demo_models_dir / "packages" / path.stem).exists()]
    for path in tqdm(missing, desc="Demo model", unit="package", leave=False):
        try:
            install_package(path, settings.demo_models_dir)
        except QiaoError as error:
            tell(f"The demo goes on without {path.name}: {error.code}")


def _create_all(runtime: Runtime) -> dict[str, str]:
    """All or nothing: one transaction."""
    passwords = {person.name: secrets.token_urlsafe(9) for person in PEOPLE}
    hashes = {
        name: hash_password(password)
        for name, password in tqdm(passwords.items(), desc="Demo accounts", unit="account", leave=False)
    }
    now = runtime.clock()
    with runtime.db.transaction() as session:
        actors = {person.name: _create_person(session, person, hashes[person.name], now) for person in PEOPLE}
        _create_threads(session, actors, now)
    return passwords


def _create_person(session: Session, person: _Person, password_hash: str, now: datetime) -> Actor:
    account: Account = create_account(
        session,
        display_name=person.name,
        password_hash=password_hash,
        kind=person.kind,
        locale=person.reads[0],
        reading_languages=person.reads,
        now=now,
        is_demo=True,
    )
    for role in person.roles:
        grant_role(session, account_id=account.id, role=role)
    if person.pairs:
        set_pairs(session, account_id=account.id, pairs=person.pairs, now=now)
    actor = build_actor(session, account)
    if person.expertise:
        update_profile(session, actor=actor, changes=ProfileChanges(expertise=person.expertise))
    return actor


def _create_threads(session: Session, actors: dict[str, Actor], now: datetime) -> None:
    for thread, turns in _read_turns(_SENTENCES).items():
        category, people = _THREADS[thread]
        title, (first_language, first), *replies = turns
        made = create_thread(
            session,
            actor=actors[people[first_language]],
            new=NewThread(category=category, kind=ThreadKind.QUESTION, title=title[1], body=first),
            key=None,
            now=now - timedelta(minutes=len(replies) + 1),
            is_demo=True,
        )
        for number, (language, body) in enumerate(replies):
            create_post(
                session,
                actor=actors[people[language]],
                thread_id=made.thread_id,
                new=NewPost(body=body),
                key=None,
                now=now - timedelta(minutes=len(replies) - number),
            )


def _read_turns(path: Path) -> dict[str, list[tuple[LanguageTag, str]]]:
    """The title and then one text a turn; neighbouring sentences in one language are one post."""
    threads: dict[str, list[tuple[LanguageTag, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            turns, language = threads[row["thread"]], LanguageTag(row["language"])
            text = row[language.value]
            is_next_sentence = len(turns) > 1 and turns[-1][0] is language
            if is_next_sentence:
                turns[-1] = (language, f"{turns[-1][1]}{'' if language is _ZH else ' '}{text}")
            else:
                turns.append((language, text))
    return threads
