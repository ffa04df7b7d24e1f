"""What no table says: whose step it was, what workers hold, and what people were refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tests.translation.stateful.snapshot import Snapshot
from translation.models import TranslationState
from translation.service.work import WorkDone, WorkItem

#: A translation, how often it has been put into the queue, and the attempt since.
Job = tuple[int, int, int]


class Doer(StrEnum):
    """Whose step it was. In a step of the clock nothing happens but that time passes."""

    PERSON = "person"
    MACHINE = "machine"
    CLOCK = "clock"


@dataclass
class Batch:
    """What a worker took and has made of it, and until when nobody else may have it."""

    items: Sequence[WorkItem]
    done: Sequence[WorkDone]
    until: datetime
    jobs: frozenset[Job] = frozenset()


@dataclass
class Ledger:
    """``texts`` are those that were ever written, by source text. ``reported`` are translations that the last step
    reported; ``first`` those that were their owner's only pending ones when they came; ``touched`` tasks that somebody
    has ever taken. The lists of strings say what was seen to go wrong."""

    doer: Doer = Doer.PERSON
    batches: list[Batch] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    reported: set[int] = field(default_factory=set)
    first: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)
    doubles: list[str] = field(default_factory=list)
    jumps: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _rounds: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _taken: set[Job] = field(default_factory=set)

    def take(self, batch: Batch, *, now: datetime) -> None:
        """A worker has claimed. Nobody else may be at the same, and no attempt is made twice."""
        jobs = {(item.translation_id, self._rounds[item.translation_id], item.attempt) for item in batch.items}
        held = {job[:2] for each in self.batches if each.until > now for job in each.jobs}
        self.doubles += [f"job {job}" for job in sorted(jobs) if job in self._taken or job[:2] in held]
        self._taken |= jobs
        batch.jobs = frozenset(jobs)
        self.batches.append(batch)

    def give_back(self, batch: Batch) -> None:
        """What was not begun counts as not taken."""
        self._taken -= batch.jobs
        self.batches.remove(batch)

    def follow(self, before: Snapshot | None, now: Snapshot) -> None:
        """After a step: which translations came into the queue, or came into it again."""
        self.texts |= {row.id: row.text for row in now.sources.values() if row.text}
        old = before.translations if before is not None else {}
        waiting = [row for row in now.translations.values() if row.state is TranslationState.PENDING]
        new = [row for row in now.translations.values() if row.id not in old]
        for row in waiting:
            was = old.get(row.id)
            if was is None:
                # One that was asked for beside it has the place before, also if memory knew it.
                is_only = not any(each.owner_id == row.owner_id and each.id < row.id for each in (*waiting, *new))
                self.first |= {row.id} if is_only else set()
            elif was.state is not TranslationState.PENDING or row.attempts < was.attempts:
                self._rounds[row.id] += 1
                self.first.discard(row.id)
            elif row.turn != was.turn:
                self.first.discard(row.id)
