"""Who looks at a thread just now. Kept in this process: with several web processes each knows its own people, which is
enough for "somebody is here" and needs no clean-up after a crash."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

#: A list longer than this is a crowd: it is cut, and no longer announced to everybody at every coming and going.
CROWD: Final = 50


@dataclass(frozen=True, order=True)
class PersonHere:
    account_id: int
    display_name: str


class Presence:
    """Connections by thread. Somebody with two browsers is there once; nobody signed in is nobody here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: dict[int, dict[str, PersonHere]] = defaultdict(dict)

    def enter(self, thread_id: int, sid: str, person: PersonHere) -> bool:
        """True if the list of people changed."""
        with self._lock:
            here = self._threads[thread_id]
            is_new = person not in here.values()
            here[sid] = person
            return is_new

    def leave(self, thread_id: int, sid: str) -> bool:
        """True if the list of people changed."""
        with self._lock:
            here = self._threads.get(thread_id, {})
            person = here.pop(sid, None)
            if not here:
                self._threads.pop(thread_id, None)
            return person is not None and person not in here.values()

    def list_people(self, thread_id: int) -> list[PersonHere]:
        """At most one more than a crowd, the longest registered first."""
        with self._lock:
            return sorted(set(self._threads.get(thread_id, {}).values()))[: CROWD + 1]
