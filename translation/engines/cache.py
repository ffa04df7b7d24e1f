"""The models of a process in memory, within a budget: each loaded once, the least recently used ones let go first."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

import structlog

from app.core.native import NativeCondition

log = structlog.get_logger(__name__)

Model = TypeVar("Model")

#: Budget in bytes of a cache that nobody gave one.
DEFAULT_BUDGET: Final = 1500 * 1024**2


class ModelKey(NamedTuple):
    """Which model: ``slot`` is the place on disk (its path), ``signature`` what is there now (sizes and times of the
    files, language tags: whatever makes another model of it). A slot holds one model: its old one goes with the new."""

    slot: str
    signature: Hashable


@dataclass(frozen=True)
class CachedModel:
    """A model in memory, for operators: the place it came from, its size in bytes, and how many are using it now."""

    slot: str
    size: int
    users: int


@dataclass
class _Entry:
    """``users`` counts the ``use`` blocks that hold it. ``is_stale``: gone from disk, goes with its last user."""

    key: ModelKey
    size: int
    close: Callable[[Any], None] | None
    users: int = 1
    is_loading: bool = True
    is_stale: bool = False
    model: Any = None


class _Held(threading.local):
    """How many models the current thread (greenlet) holds."""

    count = 0


class ModelCache:
    """Models of one process, shared by all its engines. Thread-safe.

    ``budget`` is in bytes, as are sizes; a size is what the model's weights take on disk, which is close to what they
    take in memory. Who asks for a model that does not fit beside those in use waits until there is room, in the order
    of asking. A thread that holds a model already never waits for room: two such threads would wait for each other.
    """

    def __init__(self, budget: int = DEFAULT_BUDGET) -> None:
        self._budget = budget
        self._entries: OrderedDict[ModelKey, _Entry] = OrderedDict()  # least recently used first
        self._changed = NativeCondition()
        self._line: deque[object] = deque()
        self._leaving = 0  # bytes of models that have been let go, and still are in memory
        self._held = _Held()

    @property
    def budget(self) -> int:
        return self._budget

    @contextmanager
    def use(
        self, key: ModelKey, *, size: int, load: Callable[[], Model], close: Callable[[Model], None] | None = None
    ) -> Iterator[Model]:
        """The model, loaded by the first of all who ask, and kept in memory at least to the end of the block.

        Blocks while it is loaded and while there is no room; never call it on an event loop. What ``load`` raises comes
        out here, and the next who asks tries again. ``close`` is called once, when the model has been let go. A model
        above the budget is loaded nevertheless, with no other beside it.
        """
        self._drop(key.slot, kept=key)
        entry, dropped = self._enter(key, size, close)
        try:
            self._close(dropped)
            if entry.is_loading:
                entry.model = load()
                self._end_loading(entry)
            yield entry.model
        finally:
            self._close(self._leave(entry))

    def drop(self, slot: str) -> None:
        """Let the model of a place go, now or as soon as nobody uses it; nothing happens if there is none."""
        self._drop(slot, kept=None)

    def list_loaded(self) -> list[CachedModel]:
        """What is in memory now, most recently used first."""
        with self._changed:
            return [
                CachedModel(entry.key.slot, entry.size, entry.users)
                for entry in reversed(self._entries.values())
                if not entry.is_loading
            ]

    def _enter(self, key: ModelKey, size: int, close: Callable[[Any], None] | None) -> tuple[_Entry, list[_Entry]]:
        """Take the model, or a place for it that the caller must fill; with it, what had to go for that."""
        ticket = object()
        dropped: list[_Entry] = []
        is_holding = self._held.count > 0
        with self._changed:
            try:
                while True:
                    entry = self._entries.get(key)
                    # Nobody overtakes who waits for room, or models in constant use would keep the others out.
                    is_next = is_holding or not self._line or self._line[0] is ticket
                    if entry is not None and (entry.is_loading or is_next):
                        if not entry.is_loading:
                            entry.users += 1
                            entry.is_stale = False
                            self._entries.move_to_end(key)
                            break
                        self._step_out(ticket)
                    elif entry is None and is_next and (is_holding or self._has_room(size)):
                        dropped = self._make_room(size)
                        entry = self._entries[key] = _Entry(key, size, close)
                        break
                    elif ticket not in self._line:
                        self._line.append(ticket)
                    self._changed.wait()
            finally:
                self._step_out(ticket)
            self._held.count += 1
        return entry, dropped

    def _step_out(self, ticket: object) -> None:
        if ticket in self._line:
            self._line.remove(ticket)
            self._changed.notify_all()

    def _end_loading(self, entry: _Entry) -> None:
        with self._changed:
            entry.is_loading = False
            self._changed.notify_all()

    def _leave(self, entry: _Entry) -> list[_Entry]:
        with self._changed:
            self._held.count -= 1
            entry.users -= 1
            self._changed.notify_all()
            if entry.is_loading:  # the loading failed
                del self._entries[entry.key]
                return []
            return [self._let_go(entry)] if entry.is_stale and not entry.users else []

    def _has_room(self, size: int) -> bool:
        """Whether the model fits beside those in use, or is alone."""
        used = self._leaving + sum(entry.size for entry in self._entries.values() if entry.users)
        return not used or used + size <= self._budget

    def _make_room(self, size: int) -> list[_Entry]:
        """Let idle models go, least recently used first, as far as needed; returns them, to be closed."""
        dropped = []
        room = self._budget - self._leaving - size
        for entry in list(self._entries.values()):
            if sum(other.size for other in self._entries.values()) <= room:
                break
            if not entry.users:
                dropped.append(self._let_go(entry))
        return dropped

    def _drop(self, slot: str, kept: ModelKey | None) -> None:
        """Let the models of a place go, but the one."""
        dropped = []
        with self._changed:
            for entry in list(self._entries.values()):
                if entry.key.slot == slot and entry.key != kept:
                    entry.is_stale = True
                    if not entry.users:
                        dropped.append(self._let_go(entry))
        self._close(dropped)

    def _let_go(self, entry: _Entry) -> _Entry:
        del self._entries[entry.key]
        self._leaving += entry.size
        return entry

    def _close(self, dropped: list[_Entry]) -> None:
        """Free models that nobody can ask for any more; outside the lock, for it takes its time."""
        for entry in dropped:
            model, entry.model = entry.model, None
            try:
                if entry.close is not None:
                    entry.close(model)
            except Exception:
                log.exception("models.close_failed")
            del model
            with self._changed:
                self._leaving -= entry.size
                self._changed.notify_all()
