"""The folders of models that an engine works on: what is there now, what of it is broken, and its weights in memory.

One folder a model, all in one parent. The parent is looked at on every call (a few ``stat`` a folder): what is
installed, replaced or removed takes effect in a running system.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

import structlog

from app.core.native import NativeLock, make_native_lock
from translation.engines import runtime
from translation.engines.base import ModelBrokenError, Pair, RouteMissingError
from translation.engines.cache import ModelCache, ModelKey

log = structlog.get_logger(__name__)

WEIGHTS: Final = "model/model.bin"

Info = TypeVar("Info")
Model = TypeVar("Model")

#: What must be equal for a folder to be the same as before: inode, size and time of the files that matter.
Signature = tuple[tuple[int, int, int], ...]


class FolderBrokenError(ValueError):
    """A folder can't be used. The message is a short code."""


@dataclass
class ModelFolder(Generic[Info]):
    """A folder and what was read in it. ``problem`` is a short code once it is known to be broken; ``info`` may be
    there all the same. ``lock`` guards the digest."""

    path: Path
    signature: Signature
    weights_size: int
    info: Info | None = None
    problem: str | None = None
    digest: str | None = None
    lock: NativeLock = field(default_factory=make_native_lock)

    @property
    def name(self) -> str:
        return self.path.name


class ModelFolders(Generic[Info]):
    """The model folders of one engine. Thread-safe.

    ``read`` makes an ``Info`` of a folder, or raises :class:`FolderBrokenError`; ``find_problem`` looks for what else
    is wrong with it. Both are asked again when a ``watched`` file (paths in the folder) or the weights change.
    ``find_weights`` says where those are, and ``is_installed`` whether there are the libraries for them.
    """

    def __init__(
        self,
        parent: Path,
        *,
        engine: str,
        cache: ModelCache,
        watched: tuple[str, ...],
        read: Callable[[Path], Info],
        find_problem: Callable[[Path, Info], str | None],
        find_weights: Callable[[Path], Path] = lambda folder: folder / WEIGHTS,
        is_installed: Callable[[], bool] = runtime.is_installed,
    ) -> None:
        self._parent = parent
        self._engine = engine
        self._cache = cache
        self._watched = watched
        self._read = read
        self._find_problem = find_problem
        self._find_weights = find_weights
        self._is_installed = is_installed
        self._known: dict[str, ModelFolder[Info]] = {}
        self._lock = make_native_lock()

    def list_broken(self) -> dict[str, str]:
        """Folder name → short code of what is wrong with it, for operators."""
        return {folder.name: folder.problem for folder in self.list_folders() if folder.problem is not None}

    def list_folders(self) -> list[ModelFolder[Info]]:
        """What is there now, by name; nothing without the engine libraries. Unchanged folders keep their problem."""
        if not self._is_installed():
            return []
        try:
            paths = sorted(path for path in self._parent.iterdir() if path.is_dir() and not path.name.startswith("."))
        except OSError:
            paths = []
        with self._lock:
            before = self._known
            self._known = {path.name: self._look_at(path) for path in paths}
            found = list(self._known.values())
        for folder in found:
            if folder.problem is not None and before.get(folder.name) is not folder:
                log.error("engine.package_broken", engine=self._engine, package=folder.name, problem=folder.problem)
        for name, folder in before.items():
            if self._known.get(name) is not folder:
                self._cache.drop(str(folder.path))
        return found

    @contextmanager
    def use_model(
        self,
        folder: ModelFolder[Info],
        pair: Pair,
        load: Callable[[], Model],
        close: Callable[[Model], None] | None = None,
    ) -> Iterator[Model]:
        """The folder's model in memory; blocks while it loads. Raises :class:`ModelBrokenError` if it does not load,
        now and until the folder changes. ``pair`` is for the error, ``close`` for a model that has been let go."""

        def load_or_mark() -> Model:
            if folder.problem is not None:  # another thread tried
                raise self._make_error(pair)
            try:
                model = load()
            except FolderBrokenError as error:
                raise self._mark_broken(folder, pair, str(error)) from error
            except (RuntimeError, ValueError, OSError, ImportError) as error:
                raise self._mark_broken(folder, pair, "model_does_not_load") from error
            log.info("engine.model_loaded", engine=self._engine, package=folder.name)
            return model

        if folder.problem is not None:
            raise self._make_error(pair)
        key = ModelKey(str(folder.path), folder.signature)
        with self._cache.use(key, size=folder.weights_size, load=load_or_mark, close=close) as model:
            yield model

    def digest_weights(self, folder: ModelFolder[Info], pair: Pair) -> str:
        """Eight hexadecimal digits of the weights' SHA-256; reads the file once. Raises :class:`ModelBrokenError`."""
        with folder.lock:
            if folder.digest is None:
                try:
                    with self._find_weights(folder.path).open("rb") as file:
                        folder.digest = hashlib.file_digest(file, "sha256").hexdigest()[:8]
                except OSError:
                    raise self._mark_broken(folder, pair, "model_missing") from None
            return folder.digest

    def _make_error(self, pair: Pair) -> ModelBrokenError:
        return ModelBrokenError(engine=self._engine, source=pair[0], target=pair[1])

    def _mark_broken(self, folder: ModelFolder[Info], pair: Pair, problem: str) -> ModelBrokenError:
        folder.problem = problem
        log.error("engine.model_broken", engine=self._engine, package=folder.name, problem=problem)
        return self._make_error(pair)

    def _look_at(self, path: Path) -> ModelFolder[Info]:
        *others, weights = map(_sign, (*(path / name for name in self._watched), self._find_weights(path)))
        signature = (*others, weights)
        known = self._known.get(path.name)
        if known is not None and known.signature == signature:
            return known
        folder: ModelFolder[Info] = ModelFolder(path, signature, weights_size=weights[1])
        try:
            folder.info = self._read(path)
            folder.problem = self._find_problem(path, folder.info)
        except FolderBrokenError as error:
            folder.problem = str(error)
        return folder


def _sign(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_ino, status.st_size, status.st_mtime_ns)


class OneHop(Protocol):
    """What is known of a model that does a single hop; ``pair`` is None for a language that is not one of ours."""

    @property
    def pair(self) -> Pair | None: ...

    @property
    def version_key(self) -> tuple[tuple[int, str], ...]: ...


HopInfo = TypeVar("HopInfo", bound=OneHop)


def list_hops(folders: ModelFolders[HopInfo]) -> frozenset[Pair]:
    """The hops of the usable models."""
    return frozenset(
        folder.info.pair
        for folder in folders.list_folders()
        if folder.problem is None and folder.info is not None and folder.info.pair is not None
    )


def get_newest(folders: ModelFolders[HopInfo], pair: Pair, *, engine: str) -> tuple[ModelFolder[HopInfo], HopInfo]:
    """The newest usable model of a hop. If all of them are broken, that is the error: :class:`ModelBrokenError`;
    :class:`RouteMissingError` where there is none."""
    candidates = [
        (folder, folder.info)
        for folder in folders.list_folders()
        if folder.info is not None and folder.info.pair == pair
    ]
    usable = [candidate for candidate in candidates if candidate[0].problem is None]
    if usable:
        return max(usable, key=lambda candidate: candidate[1].version_key)
    if candidates:
        raise ModelBrokenError(engine=engine, source=pair[0], target=pair[1])
    raise RouteMissingError(engine=engine, source=pair[0], target=pair[1])
