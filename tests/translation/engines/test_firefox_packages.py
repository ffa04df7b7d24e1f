from __future__ import annotations

import gzip
import io
import json
import stat
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.models.firefox.models import model_folder, name_files
from translation.engines import firefox_packages
from translation.engines.cache import ModelCache
from translation.engines.firefox import FirefoxEngine
from translation.engines.firefox_packages import (
    InstalledModel,
    install_model,
    is_test_package,
    list_installed,
    remove_model,
)
from translation.engines.unpacking import LibraryMissingError, PackageInvalidError, PackageNotFoundError
from translation.languages import LanguageTag

VI_EN = (LanguageTag.VI, LanguageTag.EN)
NAMES = name_files("vi-en")

#: Names in a package and what is behind them.
Contents = dict[str, bytes]


@pytest.fixture
def cache() -> Iterator[ModelCache]:
    cache = ModelCache()
    yield cache
    for model in cache.list_loaded():
        cache.drop(model.slot)


def read_model() -> Contents:
    """The files as Mozilla ships them, without our manifest."""
    return {name: (model_folder("vi-en") / name).read_bytes() for name in NAMES.values()}


def read_manifest() -> bytes:
    return (model_folder("vi-en") / "qiao.json").read_bytes()


def write_folder(path: Path, contents: Contents) -> Path:
    for name, data in contents.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def write_zip(path: Path, contents: Contents) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return path


def write_tar(path: Path, contents: Contents, mode: str = "w") -> Path:
    with tarfile.open(path, mode) as tape:  # type: ignore[call-overload]
        for name, data in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tape.addfile(member, io.BytesIO(data))
    return path


def write_tgz(path: Path, contents: Contents) -> Path:
    return write_tar(path, contents, "w:gz")


def pack_zstandard(data: bytes) -> bytes:
    """A frame of RFC 8878 whose blocks are stored as they are: magic, one segment with a size of 8 bytes, blocks of at
    most 128 KiB, each after three bytes with its size and whether it is the last."""
    parts = [data[start : start + 2**17] for start in range(0, len(data), 2**17)]
    blocks = [
        (len(part) << 3 | (number == len(parts))).to_bytes(3, "little") + part for number, part in enumerate(parts, 1)
    ]
    return b"\x28\xb5\x2f\xfd\xe0" + len(data).to_bytes(8, "little") + b"".join(blocks)


def list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("write", [write_folder, write_zip, write_tar, write_tgz])
@pytest.mark.parametrize("folder", ["", "vi-en/", "models/prod/vien/"])
def test_model_translates_when_installed(
    tmp_path: Path, cache: ModelCache, write: Callable[[Path, Contents], Path], folder: str
) -> None:
    if write is write_folder and folder:
        return  # the folder is what is named
    contents = {f"{folder}{name}": data for name, data in read_model().items()}
    package = write(tmp_path / "package", contents | {f"{folder}README.md": b"words"})
    models_dir = tmp_path / "models"

    model = install_model(package, models_dir)

    assert model == InstalledModel("vi-en", "vi", "en", "0", "MPL-2.0")
    assert list_installed(models_dir) == [model]
    engine = FirefoxEngine(models_dir, cache)
    assert engine.translate(["Xin chào mọi người."], pair=VI_EN)[0].text == "Hello everyone."
    assert list_files(models_dir) == sorted(f"firefox/vi-en/{name}" for name in [*NAMES.values(), "qiao.json"])


@pytest.mark.parametrize("write", [write_folder, write_zip, write_tar])
def test_model_is_unpacked_when_its_files_are_gzipped(tmp_path: Path, write: Callable[[Path, Contents], Path]) -> None:
    contents = {f"{name}.gz": gzip.compress(data) for name, data in read_model().items()}

    install_model(write(tmp_path / "package", contents), tmp_path / "models")

    installed = tmp_path / "models" / "firefox" / "vi-en"
    assert {name: (installed / name).read_bytes() for name in NAMES.values()} == read_model()


def test_package_says_what_it_is_when_it_has_a_manifest(tmp_path: Path) -> None:
    contents = read_model() | {"qiao.json": read_manifest()}

    model = install_model(write_zip(tmp_path / "package", contents), tmp_path)

    assert model == InstalledModel("vi-en", "vi", "en", "0.1", "AGPL-3.0-or-later")


def test_caller_says_what_it_is_when_package_does_not(tmp_path: Path, cache: ModelCache) -> None:
    contents = {name.replace("vien", "a"): data for name, data in read_model().items()}
    package = write_folder(tmp_path / "package", contents)

    with pytest.raises(PackageInvalidError) as caught:
        install_model(package, tmp_path / "models")
    assert caught.value.data["reason"] == "language_not_said"

    model = install_model(package, tmp_path / "models", codes=("en", "zh_hant"), version="2.1")
    assert (model.name, model.version) == ("en-zh_hant", "2.1")
    engine = FirefoxEngine(tmp_path / "models", cache)
    assert engine.list_pairs() == {(LanguageTag.EN, LanguageTag.ZH_HANT)}


def test_checksums_are_compared_when_caller_knows_them(tmp_path: Path) -> None:
    package = write_folder(tmp_path / "package", read_model())
    digests = json.loads(read_manifest())["files"]

    install_model(package, tmp_path / "models", checksums=digests)
    for wrong in (digests | {NAMES["model"]: "0" * 64}, {"model.other.bin": "0" * 64}):
        with pytest.raises(PackageInvalidError) as caught:
            install_model(package, tmp_path / "models", checksums=wrong)
        assert caught.value.data["reason"] == "wrong_checksum"


def test_separate_vocabularies_are_used_when_there_are_two(tmp_path: Path, cache: ModelCache) -> None:
    """The names of pairs with Chinese; here both are the same, which the small model needs."""
    contents = read_model()
    vocabulary = contents.pop(NAMES["vocabulary"])
    contents |= {"srcvocab.vien.spm": vocabulary, "trgvocab.vien.spm": vocabulary}

    install_model(write_folder(tmp_path / "package", contents), tmp_path / "models")

    engine = FirefoxEngine(tmp_path / "models", cache)
    assert engine.translate(["Cảm ơn bạn!"], pair=VI_EN)[0].text == "Thank you!"


def test_model_translates_when_it_has_no_shortlist(tmp_path: Path, cache: ModelCache) -> None:
    contents = read_model()
    del contents[NAMES["shortlist"]]

    install_model(write_folder(tmp_path / "package", contents), tmp_path / "models")

    engine = FirefoxEngine(tmp_path / "models", cache)
    assert engine.translate(["Cảm ơn bạn!"], pair=VI_EN)[0].text == "Thank you!"


def drop(role: str) -> Callable[[Contents], Contents]:
    return lambda contents: {name: data for name, data in contents.items() if name != NAMES[role]}


def put(name: str, data: bytes) -> Callable[[Contents], Contents]:
    return lambda contents: contents | {name: data}


def say(**changes: object) -> Callable[[Contents], Contents]:
    return put("qiao.json", json.dumps(json.loads(read_manifest()) | changes).encode())


BAD_CHANGES: dict[str, tuple[Callable[[Contents], Contents], str]] = {
    "empty": (lambda contents: {}, "model_missing"),
    "no model": (drop("model"), "model_missing"),
    "no vocabulary": (drop("vocabulary"), "tokenizer_missing"),
    "two models": (put("model.vien.other.bin", b"x"), "several_models"),
    "one model twice": (lambda contents: {f"{n}/{NAMES['model']}": b"x" for n in range(2)}, "several_models"),
    "too many files": (lambda contents: contents | {f"{n}.txt": b"" for n in range(600)}, "too_large"),
    "broken model": (put(NAMES["model"], b"\1\2\3"), "model_does_not_load"),
    "broken vocabulary": (put(NAMES["vocabulary"], b"\1\2\3"), "tokenizer_broken"),
    "broken shortlist": (put(NAMES["shortlist"], b"\1\2\3"), "model_does_not_load"),
    "broken gzip": (put("trgvocab.vien.spm.gz", b"\1\2\3"), "not_a_readable_archive"),
    "gzip cut short": (put("trgvocab.vien.spm.gz", gzip.compress(bytes(9999))[:20]), "not_a_readable_archive"),
    "broken zstandard": (put("trgvocab.vien.spm.zst", b"\1\2\3"), "not_a_readable_archive"),
    "zstandard cut short": (put("trgvocab.vien.spm.zst", pack_zstandard(bytes(9999))[:99]), "not_a_readable_archive"),
    "bad manifest": (put("qiao.json", b"{"), "manifest_not_json"),
    "other checksum": (say(files={NAMES["model"]: "0" * 64}), "wrong_checksum"),
    "other language": (say(target="fr"), "language_not_ours"),
    "one language": (say(target="vi"), "language_not_ours"),
}


@pytest.mark.parametrize("write", [write_zip, write_tgz])
@pytest.mark.parametrize("case", BAD_CHANGES)
def test_nothing_is_installed_when_package_is_bad(
    tmp_path: Path, case: str, write: Callable[[Path, Contents], Path]
) -> None:
    change, reason = BAD_CHANGES[case]
    bad = write(tmp_path / "bad", change(read_model()))
    models_dir = tmp_path / "models"

    with pytest.raises(PackageInvalidError) as caught:
        install_model(bad, models_dir)

    assert caught.value.data["reason"] == reason
    assert list_files(models_dir) == []


def test_nothing_is_written_outside_when_names_climb_out(tmp_path: Path) -> None:
    contents = {f"../../{name}": data for name, data in read_model().items()} | {"/tmp/../../evil": b"x"}

    install_model(write_tar(tmp_path / "package", contents), tmp_path / "here" / "models")

    assert list_files(tmp_path) == sorted(
        ["package", *(f"here/models/firefox/vi-en/{name}" for name in [*NAMES.values(), "qiao.json"])]
    )


def test_links_are_passed_over_when_archive_has_some(tmp_path: Path) -> None:
    tape_file, zip_file = tmp_path / "links.tar", tmp_path / "links.zip"
    with tarfile.open(tape_file, "w") as tape:
        member = tarfile.TarInfo(NAMES["model"])
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tape.addfile(member)
    link = zipfile.ZipInfo(NAMES["model"])
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(zip_file, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr(NAMES["vocabulary"], read_model()[NAMES["vocabulary"]])

    for path, reason in ((tape_file, "model_missing"), (zip_file, "model_does_not_load")):
        with pytest.raises(PackageInvalidError) as caught:
            install_model(path, tmp_path / "models")
        assert caught.value.data["reason"] == reason


def test_installing_fails_when_file_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"PK\3\4 not really")

    for path in (tmp_path / "bad", tmp_path / "missing"):
        with pytest.raises(PackageInvalidError) as caught:
            install_model(path, tmp_path / "models")
        assert caught.value.data["reason"] == "not_a_readable_archive"


@pytest.mark.parametrize(
    ("suffix", "pack", "reason"),
    [("", bytes, "too_large"), (".gz", gzip.compress, "too_large"), (".zst", pack_zstandard, "too_large")],
)
def test_package_is_refused_when_it_unpacks_to_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, pack: Callable[[bytes], bytes], reason: str
) -> None:
    monkeypatch.setattr(firefox_packages, "_MOST_BYTES", 900_000)
    contents = {f"{name}{suffix}": pack(data) for name, data in read_model().items()}
    package = write_folder(tmp_path / "package", contents)

    with pytest.raises(PackageInvalidError) as caught:
        install_model(package, tmp_path / "models")

    assert caught.value.data["reason"] == reason
    assert list_files(tmp_path / "models") == []


def test_installed_model_stays_when_its_replacement_is_bad(tmp_path: Path, cache: ModelCache) -> None:
    models_dir = tmp_path / "models"
    install_model(model_folder("vi-en"), models_dir)
    bad = write_zip(tmp_path / "bad", read_model() | {NAMES["model"]: b"x"})

    with pytest.raises(PackageInvalidError):
        install_model(bad, models_dir)

    assert [model.version for model in list_installed(models_dir)] == ["0.1"]
    engine = FirefoxEngine(models_dir, cache)
    assert engine.translate(["Cảm ơn bạn!"], pair=VI_EN)[0].text == "Thank you!"


def test_engine_sees_the_new_version_when_model_is_installed_again(tmp_path: Path, cache: ModelCache) -> None:
    models_dir = tmp_path / "models"
    install_model(model_folder("vi-en"), models_dir)
    engine = FirefoxEngine(models_dir, cache)
    engine.translate(["Cảm ơn bạn!"], pair=VI_EN)

    install_model(model_folder("vi-en"), models_dir, version="0.2")

    assert engine.describe_version(VI_EN).startswith("0.2+")
    assert engine.translate(["Cảm ơn bạn!"], pair=VI_EN)[0].text == "Thank you!"


def test_pair_is_gone_when_model_is_removed(tmp_path: Path, cache: ModelCache) -> None:
    models_dir = tmp_path / "models"
    install_model(model_folder("vi-en"), models_dir)
    engine = FirefoxEngine(models_dir, cache)

    remove_model("vi-en", models_dir)

    assert list_installed(models_dir) == []
    assert engine.list_pairs() == frozenset()
    assert list_files(models_dir) == []


@pytest.mark.parametrize("name", ["missing", "..", "../firefox", "", ".", "vi-en/", "/etc"])
def test_removing_fails_when_name_is_no_model(tmp_path: Path, name: str) -> None:
    with pytest.raises(PackageNotFoundError):
        remove_model(name, tmp_path)


def test_installing_says_so_when_library_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fxtranslate", None)

    with pytest.raises(LibraryMissingError):
        install_model(model_folder("vi-en"), tmp_path)


def test_test_package_is_known_when_its_manifest_says_so(tmp_path: Path) -> None:
    plain = write_zip(tmp_path / "plain", read_model())
    (tmp_path / "bad").write_bytes(b"\x1f\x8b not really")

    assert is_test_package(model_folder("vi-en"))
    assert is_test_package(write_zip(tmp_path / "test", {"vi-en/qiao.json": read_manifest()}))
    assert not is_test_package(plain)
    assert not is_test_package(tmp_path / "bad")
    assert not is_test_package(tmp_path / "missing")
