"""``qiao.json``: what a multilingual model is, which token each language has, and what its files must be.

    {
      "format": 1, "name": "small100", "kind": "small100", "version": "1.0", "licence": "MIT", "non_commercial": false,
      "languages": {"en": "__en__", "km": "__km__", "zh-Hans": "__zh__"},
      "pairs": [["en", "km"], ["km", "en"]],
      "size": 339000000, "files": {"model/model.bin": "<SHA-256>", …}
    }

``languages`` maps our tags to the model's tokens. A model that reads both Chinese scripts but writes Simplified is
declared as ``zh-Hans``: OpenCC does the rest of the way. ``pairs`` may be left out: then all of them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import permutations
from pathlib import Path
from typing import Any, Final

from translation.engines.base import Pair
from translation.engines.folders import FolderBrokenError
from translation.engines.unpacking import NAME
from translation.languages import LanguageTag

MANIFEST: Final = "qiao.json"
#: Written at the installation of a model whose licence somebody had to accept; never part of a package.
ACCEPTANCE: Final = "licence-accepted.json"
FORMAT: Final = 1
_LIMIT: Final = 262_144
_LONGEST_VALUE: Final = 32
_LONGEST_LICENCE: Final = 100
_MOST_FILES: Final = 100
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,31}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PATH: Final = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*")
#: CC BY-NC and its like.
_NON_COMMERCIAL: Final = re.compile(r"(?<![a-z])nc(?![a-z])|non[- ]?commercial", re.IGNORECASE)


class Kind(StrEnum):
    """How a model is told the languages.

    - ``M2M100``: source token, sentence, ``</s>``; the target begins with its token (Fan et al. 2020, M2M-100).
    - ``SMALL100``: the *target's* token, sentence, ``</s>``; the target begins with nothing (Mohammadshahi 2022).
    - ``NLLB``: as M2M-100, with tokens such as ``khm_Khmr`` (NLLB Team 2022).
    """

    M2M100 = "m2m100"
    SMALL100 = "small100"
    NLLB = "nllb"


#: What the published models of a kind call our languages. M2M-100 and SMaLL-100 write Simplified Chinese.
_TWO_LETTERS: Final[dict[LanguageTag, str]] = {
    LanguageTag.ZH_HANS: "__zh__",
    LanguageTag.EN: "__en__",
    LanguageTag.VI: "__vi__",
    LanguageTag.ID: "__id__",
    LanguageTag.TH: "__th__",
    LanguageTag.KM: "__km__",
}
USUAL_TOKENS: Final[dict[Kind, dict[LanguageTag, str]]] = {
    Kind.M2M100: _TWO_LETTERS,
    Kind.SMALL100: _TWO_LETTERS,
    Kind.NLLB: {
        LanguageTag.ZH_HANT: "zho_Hant",
        LanguageTag.ZH_HANS: "zho_Hans",
        LanguageTag.EN: "eng_Latn",
        LanguageTag.VI: "vie_Latn",
        LanguageTag.ID: "ind_Latn",
        LanguageTag.TH: "tha_Thai",
        LanguageTag.KM: "khm_Khmr",
    },
}


class ManifestError(FolderBrokenError):
    """A manifest is unreadable or makes no sense. The message is a short code."""


@dataclass(frozen=True)
class Manifest:
    """What ``qiao.json`` says, checked. ``size`` is the sum of the files in bytes; ``files`` maps each path in the
    folder, but the manifest's, to its SHA-256."""

    name: str
    kind: Kind
    version: str
    licence: str
    is_non_commercial: bool
    languages: Mapping[LanguageTag, str]
    pairs: frozenset[Pair]
    size: int
    files: Mapping[str, str]

    @property
    def needs_acceptance(self) -> bool:
        """Whether somebody must say that the use fits the licence, before the model is offered."""
        return self.is_non_commercial or _NON_COMMERCIAL.search(self.licence) is not None


def list_all_pairs(languages: Iterable[LanguageTag]) -> frozenset[Pair]:
    """Every hop among the languages, but those between the two scripts of Chinese: OpenCC is better at them."""
    chinese = {LanguageTag.ZH_HANT, LanguageTag.ZH_HANS}
    return frozenset(pair for pair in permutations(languages, 2) if not chinese.issuperset(pair))


def parse_manifest(data: bytes) -> Manifest:
    """Read the bytes of a ``qiao.json``; raises :class:`ManifestError`."""
    if len(data) > _LIMIT:
        raise ManifestError("manifest_too_large")
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        raise ManifestError("manifest_not_json") from None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ManifestError("manifest_of_another_format")
    try:
        return _build_manifest(values)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ManifestError("manifest_incomplete") from None


def _build_manifest(values: dict[str, Any]) -> Manifest:
    """Raises ValueError, TypeError, KeyError or AttributeError for anything wrong."""
    languages = {_read_tag(tag): _read_text(token, _LONGEST_VALUE) for tag, token in values["languages"].items()}
    allowed = list_all_pairs(languages)
    pairs = values.get("pairs")
    chosen = allowed if pairs is None else frozenset((_read_tag(one), _read_tag(other)) for one, other in pairs)
    files = {str(path): _read_match(_SHA256, digest) for path, digest in values["files"].items()}
    size = values["size"]
    if not chosen or not chosen <= allowed or len(set(languages.values())) != len(languages):
        raise ValueError("languages")
    if not 0 < len(files) <= _MOST_FILES or not all(_PATH.fullmatch(path) for path in files):
        raise ValueError("files")
    if {MANIFEST, ACCEPTANCE} & files.keys() or type(size) is not int or size <= 0:
        raise ValueError("files")
    return Manifest(
        name=_read_match(NAME, values["name"]),
        kind=Kind(values["kind"]),
        version=_read_match(_VERSION, values["version"]),
        licence=_read_text(values["licence"], _LONGEST_LICENCE),
        is_non_commercial=_read_bool(values.get("non_commercial", False)),
        languages=languages,
        pairs=chosen,
        size=size,
        files=files,
    )


def dump_manifest(manifest: Manifest) -> bytes:
    """The bytes of a ``qiao.json``, the same for the same manifest."""
    values: dict[str, Any] = {
        "format": FORMAT,
        "name": manifest.name,
        "kind": manifest.kind.value,
        "version": manifest.version,
        "licence": manifest.licence,
        "non_commercial": manifest.is_non_commercial,
        "languages": {tag.value: token for tag, token in sorted(manifest.languages.items())},
    }
    if manifest.pairs != list_all_pairs(manifest.languages):
        values["pairs"] = sorted([source.value, target.value] for source, target in manifest.pairs)
    values |= {"size": manifest.size, "files": dict(sorted(manifest.files.items()))}
    return (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode()


def is_accepted(folder: Path, manifest: Manifest) -> bool:
    """Whether the model may be offered: its licence asks nothing, or was accepted when it was installed here."""
    if not manifest.needs_acceptance:
        return True
    try:
        values = json.loads((folder / ACCEPTANCE).read_bytes()[:_LIMIT])
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(values, dict) and values.get("licence") == manifest.licence


def write_acceptance(folder: Path, manifest: Manifest, *, now: datetime) -> None:
    """Record in the folder that its licence, as named today, was accepted. Another licence must be accepted anew."""
    values = {"licence": manifest.licence, "accepted_at": now.isoformat(timespec="seconds")}
    (folder / ACCEPTANCE).write_text(json.dumps(values) + "\n", encoding="utf-8")


def hash_file(path: Path) -> str:
    """SHA-256 as 64 hexadecimal digits. Raises :class:`OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_wrong_file(folder: Path, manifest: Manifest) -> str | None:
    """A short code if a file of the manifest is missing or another than it says, else None. Reads all of them."""
    for path, digest in manifest.files.items():
        try:
            if hash_file(folder / path) != digest:
                return "wrong_checksum"
        except OSError:
            return "file_missing"
    return None


def _read_text(value: object, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise ValueError("text")
    return value


def _read_match(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError("text")
    return value


def _read_bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("bool")
    return value


def _read_tag(value: object) -> LanguageTag:
    tag = LanguageTag(str(value))
    if not tag.is_known:
        raise ValueError("language")
    return tag
