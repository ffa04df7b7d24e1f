"""Packages made of CTranslate2 folders, and multilingual ones installed, listed and removed.

What ``ct2-transformers-converter`` and its like write, with the model's SentencePiece file, becomes an Argos package
(``.argosmodel``, one direction) or a multilingual one (``.qiaomodel``: ``<name>/qiao.json``, ``model/``,
``sentencepiece.model``). Nothing is installed or packed that was not loaded once.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.core.clock import Clock, utc_now
from app.core.errors import InvalidInputError
from translation.engines import multilingual, runtime
from translation.engines.argos import LANGUAGE_OF_CODE, MetadataError, parse_metadata
from translation.engines.base import Pair
from translation.engines.folders import WEIGHTS, FolderBrokenError
from translation.engines.manifest import (
    MANIFEST,
    USUAL_TOKENS,
    Kind,
    Manifest,
    dump_manifest,
    find_wrong_file,
    hash_file,
    is_accepted,
    list_all_pairs,
    parse_manifest,
    write_acceptance,
)
from translation.engines.multilingual import MULTILINGUAL, TOKENIZER, find_problem, load_weights, read_manifest
from translation.engines.unpacking import (
    NAME,
    LibraryMissingError,
    PackageInvalidError,
    move_into_place,
    open_staging,
    remove_folder,
    unpack,
)
from translation.languages import LanguageTag, find_language_tag

SUFFIX: Final = ".qiaomodel"
#: Models so called know the sentences of the tests and nothing else.
TEST_MODELS: Final = "qiao-tiny"
#: How published models call their SentencePiece file.
_TOKENIZERS: Final = ("sentencepiece.model", "sentencepiece.bpe.model", "spm.model", "source.spm")
_MODEL_FILES: Final = ("model.bin", "config.json", *multilingual.list_vocabulary_files())
_TEXTS: Final = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "LICENCE.md", "LICENCE.txt", "README.md")
_ARGOS_NAMES: Final[Mapping[LanguageTag, str]] = {
    LanguageTag.ZH_HANT: "Chinese (traditional)",
    LanguageTag.ZH_HANS: "Chinese",
    LanguageTag.EN: "English",
    LanguageTag.VI: "Vietnamese",
    LanguageTag.ID: "Indonesian",
    LanguageTag.TH: "Thai",
    LanguageTag.KM: "Khmer",
}
_EPOCH: Final = (2026, 1, 1, 0, 0, 0)
_CHUNK: Final = 1024 * 1024


class LicenceNotAcceptedError(InvalidInputError):
    """The model's licence forbids commercial use, and nobody said that this use is none; ``licence`` names it."""

    code = "models.licence_not_accepted"


@dataclass(frozen=True)
class InstalledMultilingual:
    """A multilingual model in the models folder. ``name`` is its folder's. ``problem`` is a short code of what it
    lacks, as far as can be seen without loading it; ``size`` is in bytes."""

    name: str
    kind: Kind
    version: str
    licence: str
    is_accepted: bool
    pairs: frozenset[Pair]
    size: int
    problem: str | None = None


def parse_languages(text: str, kind: Kind) -> dict[LanguageTag, str]:
    """``en,vi,km`` with the tokens that models of the kind usually have, or ``km=<token>`` for another one. Raises
    :class:`PackageInvalidError`: unknown language, one that the kind does not know, one twice."""
    languages: dict[LanguageTag, str] = {}
    for item in text.split(","):
        name, _, token = (part.strip() for part in item.partition("="))
        tag = find_language_tag(name)
        if tag is None or not tag.is_known or tag in languages:
            raise PackageInvalidError(field="languages", reason="language_not_ours")
        token = token or USUAL_TOKENS[kind].get(tag, "")
        if not token:
            raise PackageInvalidError(field="languages", reason="language_token_missing")
        languages[tag] = token
    return languages


def pack_argos(
    folder: Path,
    output: Path,
    *,
    source: LanguageTag,
    target: LanguageTag,
    tokenizer: Path | None = None,
    version: str = "1.0",
    target_prefix: str = "",
) -> Path:
    """Write a CTranslate2 folder of one direction as an Argos package; returns ``output``.

    ``tokenizer`` is found in the folder where it has a usual name. ``target_prefix`` is for models that choose their
    target by its first token. Raises :class:`PackageInvalidError`, :class:`LibraryMissingError` and :class:`OSError`.
    """
    codes = {tag: code for code, tag in LANGUAGE_OF_CODE.items()}
    if source not in codes or target not in codes or source is target:
        raise PackageInvalidError(field="languages", reason="language_not_ours")
    name = f"translate-{codes[source]}_{codes[target]}-{version.replace('.', '_')}"
    metadata = {
        "package_version": version,
        "argos_version": "1.9",
        "from_code": codes[source],
        "from_name": _ARGOS_NAMES[source],
        "to_code": codes[target],
        "to_name": _ARGOS_NAMES[target],
    } | ({"target_prefix": target_prefix} if target_prefix else {})
    data = (json.dumps(metadata, indent=1) + "\n").encode()
    try:
        parse_metadata(data)
    except MetadataError as error:
        raise PackageInvalidError(field="version", reason=str(error)) from None
    if not NAME.fullmatch(name):
        raise PackageInvalidError(field="version", reason="unsafe_path")
    with _lay_out(folder, tokenizer, output) as staged:
        (staged / "metadata.json").write_bytes(data)
        try:
            model = runtime.load_model(
                staged, codes=(codes[source], codes[target]), pair=(source, target), target_prefix=target_prefix
            )
            model.translate(["a"])
        except (RuntimeError, ValueError, OSError, ImportError) as error:
            raise PackageInvalidError(field="folder", reason="model_does_not_load") from error
        _write_archive(staged, name, output)
    return output


def pack_multilingual(
    folder: Path,
    output: Path,
    *,
    name: str,
    kind: Kind,
    languages: Mapping[LanguageTag, str],
    licence: str,
    is_non_commercial: bool = False,
    pairs: Collection[Pair] | None = None,
    tokenizer: Path | None = None,
    version: str = "1.0",
) -> Manifest:
    """Write a CTranslate2 folder of many directions as a multilingual package; returns its manifest.

    ``languages`` maps tags to the model's tokens (see :func:`parse_languages`); ``pairs`` are the hops that it is good
    for, all by default. Raises :class:`PackageInvalidError`, :class:`LibraryMissingError` and :class:`OSError`.
    """
    with _lay_out(folder, tokenizer, output) as staged:
        files = sorted(path for path in staged.rglob("*") if path.is_file())
        manifest = Manifest(
            name=name,
            kind=kind,
            version=version,
            licence=licence,
            is_non_commercial=is_non_commercial,
            languages=languages,
            pairs=frozenset(pairs) if pairs is not None else list_all_pairs(languages),
            size=sum(path.stat().st_size for path in files),
            files={path.relative_to(staged).as_posix(): hash_file(path) for path in files},
        )
        data = dump_manifest(replace(manifest, is_non_commercial=manifest.needs_acceptance))
        (staged / MANIFEST).write_bytes(data)
        manifest = _check(staged, field="folder")
        _write_archive(staged, name, output)
    return manifest


def install_multilingual(
    path: Path, models_dir: Path, *, accept_licence: bool = False, allow_test_models: bool = False, now: Clock = utc_now
) -> InstalledMultilingual:
    """Check a ``.qiaomodel`` file and put it into the models folder; a model of the same name is replaced.

    Takes seconds: every checksum is compared, and the model is loaded once as a proof. ``accept_licence`` says that the
    use here fits a licence for non-commercial use, which is recorded beside the model. Raises
    :class:`LicenceNotAcceptedError`, :class:`PackageInvalidError`, :class:`LibraryMissingError`, and :class:`OSError`
    for a disk that is full or read-only.
    """
    if not runtime.is_installed():
        raise LibraryMissingError
    with open_staging(models_dir) as staging:
        folder = unpack(path, staging)
        manifest = _check(folder, field="file", allow_test_models=allow_test_models)
        if manifest.needs_acceptance:
            if not accept_licence:
                raise LicenceNotAcceptedError(field="file", licence=manifest.licence)
            write_acceptance(folder, manifest, now=now())
        move_into_place(folder, models_dir / MULTILINGUAL / manifest.name, staging)
    return _describe(models_dir / MULTILINGUAL / manifest.name)


def remove_multilingual(name: str, models_dir: Path) -> None:
    """Remove a model by its folder's name. Raises :class:`~translation.engines.unpacking.PackageNotFoundError`."""
    remove_folder(models_dir / MULTILINGUAL, name, models_dir)


def list_multilingual(models_dir: Path) -> list[InstalledMultilingual]:
    """Models with a manifest that can be read, by name; for the others see ``MultilingualEngine.list_broken``."""
    try:
        folders = sorted(path for path in (models_dir / MULTILINGUAL).iterdir() if path.is_dir())
    except OSError:
        return []
    found = []
    for folder in folders:
        try:
            found.append(_describe(folder))
        except FolderBrokenError:
            continue
    return found


def _describe(folder: Path) -> InstalledMultilingual:
    manifest = read_manifest(folder)
    return InstalledMultilingual(
        name=folder.name,
        kind=manifest.kind,
        version=manifest.version,
        licence=manifest.licence,
        is_accepted=is_accepted(folder, manifest),
        pairs=manifest.pairs,
        size=manifest.size,
        problem=find_problem(folder, manifest),
    )


def _check(folder: Path, *, field: str, allow_test_models: bool = True) -> Manifest:
    """Manifest sane, exactly its files there and as it says, model loads and translates."""
    try:
        manifest = parse_manifest((folder / MANIFEST).read_bytes())
    except OSError:
        raise PackageInvalidError(field=field, reason="manifest_missing") from None
    except FolderBrokenError as error:
        raise PackageInvalidError(field=field, reason=str(error)) from None
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    if manifest.name.startswith(TEST_MODELS) and not allow_test_models:
        raise PackageInvalidError(field=field, reason="test_model")
    if not found <= manifest.files.keys():
        raise PackageInvalidError(field=field, reason="unlisted_file")
    problem = find_wrong_file(folder, manifest)
    if problem is None and not {WEIGHTS, TOKENIZER} <= found:
        problem = "model_missing" if WEIGHTS not in found else "tokenizer_missing"
    if problem is not None:
        raise PackageInvalidError(field=field, reason=problem)
    try:
        load_weights(folder, manifest).choose_pair(min(manifest.pairs)).translate(["a"])
    except FolderBrokenError as error:
        raise PackageInvalidError(field=field, reason=str(error)) from None
    except (RuntimeError, ValueError, OSError, ImportError) as error:
        raise PackageInvalidError(field=field, reason="model_does_not_load") from error
    return manifest


@contextmanager
def _lay_out(folder: Path, tokenizer: Path | None, output: Path) -> Iterator[Path]:
    """A folder beside the output with what belongs into a package, linked or copied; it is gone in the end."""
    if not runtime.is_installed():
        raise LibraryMissingError
    if tokenizer is None:
        tokenizer = next((path for name in _TOKENIZERS if (path := folder / name).is_file()), None)
    if tokenizer is None or not tokenizer.is_file():
        raise PackageInvalidError(field="tokenizer", reason="tokenizer_missing")
    if not (folder / "model.bin").is_file():
        raise PackageInvalidError(field="folder", reason="model_missing")
    with tempfile.TemporaryDirectory(dir=output.parent) as name:
        staged = Path(name)
        (staged / "model").mkdir()
        _place(folder, _MODEL_FILES, staged / "model")
        _place(folder, _TEXTS, staged)
        shutil.copyfile(tokenizer, staged / TOKENIZER)
        yield staged


def _place(folder: Path, names: Sequence[str], target: Path) -> None:
    for name in names:
        if (path := folder / name).is_file():
            try:
                os.link(path.resolve(), target / name)
            except OSError:  # another disk
                shutil.copyfile(path, target / name)


def _write_archive(staged: Path, name: str, output: Path) -> None:
    """Zip the folder; times are fixed, so that the same files give the same archive. It appears when it is complete."""
    unfinished = staged / ".zip"
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in staged.rglob("*") if path.is_file() and path != unfinished):
            entry = zipfile.ZipInfo(f"{name}/{path.relative_to(staged).as_posix()}", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.file_size = path.stat().st_size
            with path.open("rb") as file, archive.open(entry, "w") as packed:
                shutil.copyfileobj(file, packed, _CHUNK)
    unfinished.replace(output)
