"""A Firefox model in a process of its own, as its user sees it.

The library keeps Python's lock during a whole sentence (measured: an event loop beside it gets no turn), wants each
model used by the thread that made it, and ends its process on some broken files. A process of its own answers all
three, and gives the memory back when it ends.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import util
from pathlib import Path
from typing import Any, Final

from gevent import monkey

from translation.engines import firefox_worker
from translation.engines.firefox_files import ModelFiles

#: For loading, and for one sentence. Real models take some 20 to 100 ms for one.
SECONDS: Final = 60
_SMALLEST_MEMORY: Final = 1024**3
#: Addresses, not memory in use: a model is read, unpacked and packed again.
_MEMORY_FACTOR: Final = 8
_LONGEST_ANSWER: Final = 64 * 1024**2


class ProcessError(RuntimeError):
    """The process could not do it. The message is a short code, never a part of a text."""


class ProcessUnavailableError(ProcessError):
    """The system gave no process, or ended it from outside, as it does when memory is short. It may next time."""


def is_installed() -> bool:
    """Whether the engine library (extra ``firefox``) is there; imports nothing."""
    return util.find_spec("fxtranslate") is not None


class ModelProcess:
    """A running process with a loaded model. Thread-safe: one call at a time. Blocks its native thread: never call it
    on an event loop's. Nothing here is one of gevent's substitutes, which would need that loop."""

    def __init__(self, files: ModelFiles, *, seconds: int = SECONDS) -> None:
        """Start it and wait until the model is loaded. Raises :class:`ProcessError` if it does not load, of which
        :class:`ProcessUnavailableError`."""
        self._process = _Process(_SMALLEST_MEMORY + _MEMORY_FACTOR * files.model.stat().st_size, seconds)
        self._lock = monkey.get_original("_thread", "allocate_lock")()
        try:
            self._process.ask(
                {
                    "model": str(files.model),
                    "source": str(files.source_vocabulary),
                    "target": str(files.target_vocabulary),
                    "shortlist": str(files.shortlist) if files.shortlist else None,
                },
                "ready",
            )
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int | None:
        """Its number; None when it has ended."""
        return self._process.pid

    def translate(self, sentences: Sequence[str]) -> list[str]:
        """Translate single sentences; as many outputs. Raises :class:`ProcessError`; :attr:`pid` is None after one that
        ended the process."""
        with self._lock:
            texts = self._process.ask({"texts": list(sentences)}, "texts")
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ProcessError("wrong_answer")
        return texts

    def close(self) -> None:
        """End the process and wait for it. Again does nothing."""
        self._process.close()


def unpack_zstandard(packed: Path, unpacked: Path, *, most_bytes: int, seconds: int = SECONDS) -> None:
    """Unpack a file as Mozilla ships them (Zstandard), which the library can do and Python cannot, into a new one of at
    most ``most_bytes``. Raises :class:`ProcessError` if it is none or too large."""
    process = _Process(_SMALLEST_MEMORY + 2 * most_bytes, seconds)
    try:
        process.ask({"packed": str(packed), "unpacked": str(unpacked), "most_bytes": most_bytes}, "ready")
    finally:
        process.close()


class _Process:
    """The running program. Not thread-safe."""

    def __init__(self, memory: int, seconds: int) -> None:
        """``memory`` is the most bytes of addresses that it gets."""
        self.pid: int | None = None
        library = util.find_spec("fxtranslate")
        if library is None or library.origin is None:
            raise ProcessError("library_missing")
        try:
            self.pid, self._requests, self._answers = _start()
        except OSError as error:
            raise ProcessUnavailableError("no_process") from error
        self._limits = {
            "library": str(Path(library.origin).parents[1]),
            "memory": memory,
            "seconds": seconds,
        }

    def ask(self, request: dict[str, Any], key: str) -> Any:
        if self.pid is None:
            raise ProcessError("process_ended")
        try:
            _write(self._requests, request | self._limits)
            answer = _read(self._answers)
        except (OSError, ValueError):
            ended_by = self.close()
            raise (ProcessUnavailableError if ended_by == signal.SIGKILL else ProcessError)("process_ended") from None
        if not isinstance(answer, dict) or key not in answer:
            raise ProcessError("library_failed")
        return answer[key]

    def close(self) -> int:
        """The signal that it ended by, 0 if none."""
        if self.pid is None:
            return 0
        pid, self.pid = self.pid, None
        with suppress(OSError):  # it has gone already
            _write(self._requests, None)
        os.close(self._requests)
        os.close(self._answers)
        try:
            _, status = monkey.get_original("os", "waitpid")(pid, 0)
        except ChildProcessError:  # an event loop that looks after all children was faster
            return 0
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def _start() -> tuple[int, int, int]:
    """Start the program; its number, where to write to it, and where to read from it."""
    input_end, requests = os.pipe()
    answers, output_end = os.pipe()
    try:
        pid = monkey.get_original("os", "posix_spawn")(
            sys.executable,
            [sys.executable, "-I", firefox_worker.__file__],
            # Nothing of ours, in which there are secrets; but libraries may have to be looked for somewhere.
            {name: value for name, value in os.environ.items() if name in {"LD_LIBRARY_PATH", "PYTHONHOME"}},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, input_end, 0),
                (os.POSIX_SPAWN_DUP2, output_end, 1),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),  # the library's panics may quote the text
            ],
            setsigmask=[],
            setsigdef=[signal.SIGALRM],
        )
    except BaseException:
        os.close(requests)
        os.close(answers)
        raise
    finally:
        os.close(input_end)
        os.close(output_end)
    return pid, requests, answers


def _write(file: int, value: object) -> None:
    data = json.dumps(value).encode()
    rest = memoryview(struct.pack(">I", len(data)) + data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _read(file: int) -> Any:
    """The next message. ValueError at the end and for nonsense."""
    (length,) = struct.unpack(">I", _read_exactly(file, 4))
    if length > _LONGEST_ANSWER:
        raise ValueError("answer")
    return json.loads(_read_exactly(file, length))


def _read_exactly(file: int, length: int) -> bytes:
    parts = []
    while length:
        part = os.read(file, min(length, 1024 * 1024))
        if not part:
            raise ValueError("end")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
