"""The index of packages: a JSON list as the public Argos index has it, read as a stranger's file.

Of an entry ``from_code``, ``to_code``, ``package_version`` and ``links`` are needed; ``sha256`` (of the package file)
and ``type`` (only ``translate`` counts) may be there. What is malformed or of no use here is passed over, so that one
odd entry doesn't take the others with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from app.core.errors import InvalidInputError, NotFoundError
from translation.engines.argos import Metadata
from translation.engines.base import Pair
from translation.engines.download import INDEX_LIMITS, Limits, fetch_bytes, is_url

_MOST_ENTRIES: Final = 10_000
_MOST_LINKS: Final = 10
_LONGEST_LINK: Final = 2_000
#: Nothing that a terminal or a path could take for more than a name.
_CODE: Final = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})?")
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")
_SHA256: Final = re.compile(r"[0-9A-Fa-f]{64}")


class IndexInvalidError(InvalidInputError):
    """What came from the index's address is no index."""

    code = "models.index_invalid"


class PackageUnknownError(NotFoundError):
    """No package of that name is in the index."""

    code = "models.package_unknown"


@dataclass(frozen=True)
class IndexEntry:
    """A package that can be downloaded. ``codes`` are Argos' own; ``sha256`` in lower case where the index has it."""

    codes: tuple[str, str]
    version: str
    links: tuple[str, ...]
    sha256: str | None

    @property
    def name(self) -> str:
        """``translate-en_zt``: the same for every version."""
        return f"translate-{self.codes[0]}_{self.codes[1]}"

    @property
    def full_name(self) -> str:
        """``translate-en_zt-1_9``: as the package's folder is called."""
        return f"{self.name}-{self.version.replace('.', '_')}"

    @property
    def metadata(self) -> Metadata:
        return Metadata(self.codes, self.version, "")

    @property
    def pair(self) -> Pair | None:
        """In our languages; None where one of them isn't ours."""
        return self.metadata.pair


def fetch_index(url: str, *, limits: Limits = INDEX_LIMITS) -> list[IndexEntry]:
    """Download and read an index. Blocks. Raises :class:`~translation.engines.download.DownloadError` and
    :class:`IndexInvalidError`."""
    return parse_index(fetch_bytes(url, limits=limits))


def parse_index(data: bytes) -> list[IndexEntry]:
    """The usable entries between our languages, newest version of each pair first. Raises :class:`IndexInvalidError`
    for anything that isn't a JSON list."""
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        raise IndexInvalidError(field="index", reason="not_json") from None
    if not isinstance(values, list):
        raise IndexInvalidError(field="index", reason="not_a_list")
    found = [entry for value in values[:_MOST_ENTRIES] if (entry := _parse_entry(value)) is not None]
    found.sort(key=lambda entry: entry.metadata.version_key, reverse=True)
    found.sort(key=lambda entry: entry.name)
    return found


def find_entry(entries: Iterable[IndexEntry], name: str) -> IndexEntry:
    """The newest package called ``translate-en_zt`` or ``en_zt``, or the very one called ``translate-en_zt-1_9``.
    Raises :class:`PackageUnknownError`."""
    wanted = name.strip().lower()
    for entry in sorted(entries, key=lambda entry: entry.metadata.version_key, reverse=True):
        names = {entry.name, entry.full_name, entry.name.removeprefix("translate-")}
        if wanted in {each.lower() for each in names}:
            return entry
    raise PackageUnknownError(name=name)


def _parse_entry(value: Any) -> IndexEntry | None:
    if not isinstance(value, dict) or value.get("type", "translate") != "translate":
        return None
    source, target = (_find(_CODE, value.get(key)) for key in ("from_code", "to_code"))
    version = _find(_VERSION, value.get("package_version"))
    if source is None or target is None or version is None:
        return None
    links = value.get("links")
    usable = [link for link in links[:_MOST_LINKS] if _is_link(link)] if isinstance(links, list) else []
    sha256 = _find(_SHA256, value.get("sha256"))
    # A checksum that can't be one is no reason to go on without.
    if not usable or (sha256 is None and value.get("sha256") is not None):
        return None
    entry = IndexEntry((source, target), version, tuple(usable), sha256.lower() if sha256 else None)
    return entry if entry.pair is not None else None


def _find(pattern: re.Pattern[str], value: Any) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _is_link(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_LINK and value.isprintable() and is_url(value)
