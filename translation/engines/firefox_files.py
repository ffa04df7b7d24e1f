"""The files of one Firefox Translations model: which is which, our manifest beside them, and what they must look like.

Mozilla ships ``model.<codes>.…bin`` (Marian's format), ``vocab.<codes>.spm`` or ``srcvocab…`` and ``trgvocab…``
(SentencePiece), and for some pairs ``lex.….bin`` (a lexical shortlist). Beside them we keep ``qiao.json``:

    {"format": 1, "engine": "firefox", "source": "vi", "target": "en", "version": "2.1", "licence": "MPL-2.0",
     "files": {"model.vien.intgemm.alphas.bin": "<SHA-256>", …}}

A model of the project's own tests says ``"test": true`` too.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from translation.engines.base import Pair
from translation.engines.folders import FolderBrokenError
from translation.languages import LanguageTag

MANIFEST: Final = "qiao.json"
FORMAT: Final = 1
LICENCE: Final = "MPL-2.0"
#: Firefox' codes. Its ``zh`` is Simplified; two spellings of the Traditional one are in use.
LANGUAGE_OF_CODE: Final[dict[str, LanguageTag]] = {
    "zh": LanguageTag.ZH_HANS,
    "zh-Hans": LanguageTag.ZH_HANS,
    "zh_hans": LanguageTag.ZH_HANS,
    "zh-Hant": LanguageTag.ZH_HANT,
    "zh_hant": LanguageTag.ZH_HANT,
    "en": LanguageTag.EN,
    "vi": LanguageTag.VI,
    "id": LanguageTag.ID,
    "th": LanguageTag.TH,
    "km": LanguageTag.KM,
}
#: What a file's name must begin and end with for each use.
ROLES: Final[dict[str, re.Pattern[str]]] = {
    role: re.compile(rf"{begin}\.[A-Za-z0-9._-]{{1,80}}\.{end}")
    for role, begin, end in (
        ("model", "model", "bin"),
        ("both_vocabularies", "vocab", "spm"),
        ("source_vocabulary", "srcvocab", "spm"),
        ("target_vocabulary", "trgvocab", "spm"),
        ("shortlist", "lex", "bin"),
    )
}
_MANIFEST_LIMIT: Final = 65_536
_LONGEST_VALUE: Final = 32
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MARIAN_VERSION: Final = 1
_MOST_TENSORS: Final = 10_000
_EMBEDDINGS: Final = {"source": ("Wemb", "encoder_Wemb"), "target": ("Wemb", "decoder_Wemb")}
_MOST_PIECES: Final = 1_000_000
_END: Final = "</s>"
_SPACE: Final = "\u2581"


@dataclass(frozen=True)
class Manifest:
    """What ``qiao.json`` says, checked. ``pair`` is None for a language that is not one of ours."""

    codes: tuple[str, str]
    version: str
    licence: str
    files: Mapping[str, str]
    is_test: bool = False

    @property
    def pair(self) -> Pair | None:
        source, target = (LANGUAGE_OF_CODE.get(code) for code in self.codes)
        return (source, target) if source and target and source != target else None

    @property
    def version_key(self) -> tuple[tuple[int, str], ...]:
        """Order of versions: ``1.10`` is after ``1.9``."""
        return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in self.version.split("."))


@dataclass(frozen=True)
class ModelFiles:
    """The files of a model by use. Both vocabularies may be one."""

    model: Path
    source_vocabulary: Path
    target_vocabulary: Path
    shortlist: Path | None


def parse_manifest(data: bytes) -> Manifest:
    """Read the bytes of a ``qiao.json``; raises :class:`FolderBrokenError`."""
    if len(data) > _MANIFEST_LIMIT:
        raise FolderBrokenError("manifest_too_large")
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        raise FolderBrokenError("manifest_not_json") from None
    if not isinstance(values, dict) or (values.get("format"), values.get("engine")) != (FORMAT, "firefox"):
        raise FolderBrokenError("manifest_of_another_format")
    texts: list[Any] = [values.get(key) for key in ("source", "target", "version", "licence")]
    files = values.get("files")
    if not all(isinstance(text, str) and 0 < len(text) <= _LONGEST_VALUE and text.isprintable() for text in texts):
        raise FolderBrokenError("manifest_incomplete")
    if not isinstance(files, dict) or not all(
        find_role(name) and isinstance(digest, str) and _SHA256.fullmatch(digest) for name, digest in files.items()
    ):
        raise FolderBrokenError("manifest_incomplete")
    source, target, version, licence = texts
    return Manifest((source, target), version, licence, files, is_test=values.get("test") is True)


def dump_manifest(manifest: Manifest) -> bytes:
    """The bytes of a ``qiao.json``, the same for the same manifest."""
    source, target = manifest.codes
    values: dict[str, Any] = {
        "format": FORMAT,
        "engine": "firefox",
        "source": source,
        "target": target,
        "version": manifest.version,
        "licence": manifest.licence,
        "files": dict(sorted(manifest.files.items())),
    }
    if manifest.is_test:
        values["test"] = True
    return (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode()


def find_role(name: str) -> str | None:
    """What a file of that name is for, a key of ``ROLES``; None for one that is no part of a model."""
    return next((role for role, pattern in ROLES.items() if pattern.fullmatch(name)), None)


def find_files(folder: Path) -> ModelFiles:
    """The files of a model folder by use. Raises :class:`FolderBrokenError` if one is missing or there twice."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        role = find_role(path.name) if path.is_file() else None
        if role is not None and found.setdefault(role, path) != path:
            raise FolderBrokenError("several_models")
    if "model" not in found:
        raise FolderBrokenError("model_missing")
    both = found.get("both_vocabularies")
    source, target = found.get("source_vocabulary", both), found.get("target_vocabulary", both)
    if source is None or target is None:
        raise FolderBrokenError("tokenizer_missing")
    return ModelFiles(found["model"], source, target, found.get("shortlist"))


def check_sizes(model: bytes, *, source: frozenset[str], target: frozenset[str]) -> None:
    """Whether the model is one of Marian's, complete, and has an embedding for every piece of its vocabularies. Raises
    :class:`FolderBrokenError`. The library would end the process for some broken ones, and read beyond the other."""
    try:
        shapes = _read_shapes(model)
    except (struct.error, ValueError, IndexError):
        raise FolderBrokenError("model_does_not_load") from None
    for side, pieces in (("source", source), ("target", target)):
        rows = next((shapes[name][0] for name in _EMBEDDINGS[side] if len(shapes.get(name, ())) == 2), 0)
        if rows < len(pieces):
            raise FolderBrokenError("tokenizer_of_another_model")


def _read_shapes(data: bytes) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the tensors; ValueError, IndexError or struct.error if the file is not what it says."""
    version, count = struct.unpack_from("<2Q", data)
    if version != _MARIAN_VERSION or not 0 < count <= _MOST_TENSORS:
        raise ValueError("header")
    heads = [struct.unpack_from("<4Q", data, 16 + 32 * number) for number in range(count)]
    place = 16 + 32 * count
    names = []
    for length, _, _, _ in heads:
        names.append(data[place : place + length].rstrip(b"\0").decode())
        place += length
    shapes = []
    for _, _, rank, _ in heads:
        if rank > 8:
            raise ValueError("shape")
        shapes.append(struct.unpack_from(f"<{rank}i", data, place))
        place += 4 * rank
    (gap,) = struct.unpack_from("<Q", data, place)
    if place + 8 + gap + sum(length for _, _, _, length in heads) != len(data) or any(
        size < 0 for shape in shapes for size in shape
    ):
        raise ValueError("length")
    return dict(zip(names, shapes, strict=True))


def read_pieces(data: bytes) -> frozenset[str]:
    """The pieces of a SentencePiece model, with spaces in the place of its marks for them. Raises
    :class:`FolderBrokenError` for anything else; the library takes it, and gives nonsense or never returns."""
    try:
        pieces = [
            value.decode()
            for number, message in _read_fields(data)
            if number == 1
            for field, value in _read_fields(message)
            if field == 1
        ]
    except (IndexError, ValueError):
        raise FolderBrokenError("tokenizer_broken") from None
    if _END not in pieces or len(pieces) > _MOST_PIECES:
        raise FolderBrokenError("tokenizer_broken")
    return frozenset(piece.replace(_SPACE, " ") for piece in pieces)


def _read_fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Fields of a protocol buffer that have a length, by number; the others are passed over. ValueError or IndexError
    for what is none."""
    place = 0
    while place < len(data):
        tag, place = _read_number(data, place)
        match tag & 7:
            case 0:
                _, place = _read_number(data, place)
                continue
            case 1:
                place += 8
            case 2:
                length, place = _read_number(data, place)
                if tag >> 3 and place + length <= len(data):
                    yield tag >> 3, data[place : place + length]
                place += length
            case 5:
                place += 4
            case _:
                raise ValueError("wire type")
    if place != len(data):
        raise ValueError("length")


def _read_number(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("number")
