from __future__ import annotations

import json
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.models.packages import package_path
from translation.engines import unpacking
from translation.engines.argos import ArgosEngine
from translation.engines.argos_packages import (
    InstalledPackage,
    LibraryMissingError,
    PackageInvalidError,
    PackageNotFoundError,
    install_package,
    list_installed,
    remove_package,
)
from translation.languages import LanguageTag

EN_VI = (LanguageTag.EN, LanguageTag.VI)
ROOT = "translate-en_vi-0_1"

Contents = dict[str, bytes]


def read_package() -> Contents:
    with zipfile.ZipFile(package_path("en-vi")) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_package(path: Path, contents: Contents) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return path


def list_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_package_translates_when_installed(tmp_path: Path) -> None:
    package = install_package(package_path("en-vi"), tmp_path)

    assert package == InstalledPackage(ROOT, "en", "vi", "0.1")
    assert list_installed(tmp_path) == [package]
    engine = ArgosEngine(tmp_path)
    assert engine.translate(["Hello."], pair=EN_VI)[0].text == "Xin chào."
    assert not list((tmp_path / ".staging").iterdir())


def test_engine_sees_the_new_files_when_package_is_installed_again(tmp_path: Path) -> None:
    install_package(package_path("en-vi"), tmp_path)
    engine = ArgosEngine(tmp_path)
    engine.translate(["Hello."], pair=EN_VI)
    contents = read_package()
    metadata = json.loads(contents[f"{ROOT}/metadata.json"]) | {"package_version": "0.2"}
    contents[f"{ROOT}/metadata.json"] = json.dumps(metadata).encode()

    install_package(write_package(tmp_path / "new.argosmodel", contents), tmp_path)

    assert engine.describe_version(EN_VI).startswith("0.2+")
    assert [package.version for package in list_installed(tmp_path)] == ["0.2"]


def test_pair_is_gone_when_package_is_removed(tmp_path: Path) -> None:
    install_package(package_path("en-vi"), tmp_path)
    engine = ArgosEngine(tmp_path)

    remove_package(ROOT, tmp_path)

    assert list_installed(tmp_path) == []
    assert engine.list_pairs() == frozenset()
    assert list_files(tmp_path) == []


@pytest.mark.parametrize("name", ["missing", "..", "../packages", "", ".", f"{ROOT}/model", "/etc"])
def test_removing_fails_when_name_is_no_package(tmp_path: Path, name: str) -> None:
    install_package(package_path("en-vi"), tmp_path)

    with pytest.raises(PackageNotFoundError):
        remove_package(name, tmp_path)

    assert len(list_installed(tmp_path)) == 1


def drop(name: str) -> Callable[[Contents], Contents]:
    return lambda contents: {path: data for path, data in contents.items() if not path.startswith(f"{ROOT}/{name}")}


def put(name: str, data: bytes) -> Callable[[Contents], Contents]:
    return lambda contents: contents | {name: data}


def set_metadata(**changes: object) -> Callable[[Contents], Contents]:
    def change(contents: Contents) -> Contents:
        metadata = json.loads(contents[f"{ROOT}/metadata.json"]) | changes
        return contents | {f"{ROOT}/metadata.json": json.dumps(metadata).encode()}

    return change


BAD_CHANGES: dict[str, tuple[Callable[[Contents], Contents], str]] = {
    "climbs out": (put(f"{ROOT}/../../evil", b"x"), "unsafe_path"),
    "absolute": (put("/evil/x", b"x"), "unsafe_path"),
    "backslash": (put(f"{ROOT}\\evil/x", b"x"), "unsafe_path"),
    "no folder": (put("evil", b"x"), "unsafe_path"),
    "two folders": (put("other/x", b"x"), "not_one_folder"),
    "hidden folder": (
        lambda contents: {path.replace(ROOT, ".git"): x for path, x in contents.items()},
        "not_one_folder",
    ),
    "empty": (lambda contents: {}, "not_one_folder"),
    "too many files": (lambda contents: contents | {f"{ROOT}/{n}": b"" for n in range(600)}, "too_large"),
    "file under a file": (put(f"{ROOT}/metadata.json/x", b"x"), "not_a_readable_archive"),
    "no metadata": (drop("metadata.json"), "metadata_missing"),
    "bad metadata": (put(f"{ROOT}/metadata.json", b"{"), "metadata_not_json"),
    "other language": (set_metadata(to_code="xx"), "language_not_ours"),
    "no codes": (set_metadata(from_code=None), "metadata_incomplete"),
    "no weights": (drop("model/"), "model_missing"),
    "no tokenizer": (drop("sentencepiece.model"), "tokenizer_missing"),
    "broken weights": (put(f"{ROOT}/model/model.bin", b"\1\2\3"), "model_does_not_load"),
    "broken tokenizer": (put(f"{ROOT}/sentencepiece.model", b"\1\2\3"), "model_does_not_load"),
}


@pytest.mark.parametrize("case", BAD_CHANGES)
def test_nothing_is_installed_when_package_is_bad(tmp_path: Path, case: str) -> None:
    change, reason = BAD_CHANGES[case]
    bad = write_package(tmp_path / "bad.argosmodel", change(read_package()))
    models_dir = tmp_path / "models"

    with pytest.raises(PackageInvalidError) as caught:
        install_package(bad, models_dir)

    assert caught.value.data["reason"] == reason
    assert list_files(models_dir) == []
    assert list_files(tmp_path) == ["bad.argosmodel"]


def test_installed_package_stays_when_its_replacement_is_bad(tmp_path: Path) -> None:
    install_package(package_path("en-vi"), tmp_path)
    bad = write_package(tmp_path / "bad.argosmodel", drop("sentencepiece.model")(read_package()))

    with pytest.raises(PackageInvalidError):
        install_package(bad, tmp_path)

    assert ArgosEngine(tmp_path).translate(["Hello."], pair=EN_VI)[0].text == "Xin chào."


def test_installing_fails_when_file_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "bad.argosmodel").write_bytes(b"PK\3\4 not really")

    for path in (tmp_path / "bad.argosmodel", tmp_path / "missing.argosmodel"):
        with pytest.raises(PackageInvalidError):
            install_package(path, tmp_path / "models")


def test_installing_fails_when_archive_was_cut_short(tmp_path: Path) -> None:
    data = package_path("en-vi").read_bytes()
    (tmp_path / "bad.argosmodel").write_bytes(data[:1000] + bytes(1000) + data[2000:])

    with pytest.raises(PackageInvalidError):
        install_package(tmp_path / "bad.argosmodel", tmp_path / "models")

    assert list_files(tmp_path / "models") == []


def test_link_is_refused_when_archive_holds_one(tmp_path: Path) -> None:
    path = tmp_path / "bad.argosmodel"
    link = zipfile.ZipInfo(f"{ROOT}/model")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc")

    with pytest.raises(PackageInvalidError) as caught:
        install_package(path, tmp_path / "models")

    assert caught.value.data["reason"] == "unsafe_path"


def test_package_is_refused_when_it_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_MOST_BYTES", 100_000)

    with pytest.raises(PackageInvalidError) as caught:
        install_package(package_path("en-vi"), tmp_path)

    assert caught.value.data["reason"] == "too_large"


def test_old_package_is_kept_when_moving_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_package(package_path("en-vi"), tmp_path)
    rename = Path.rename

    def fail_into_place(self: Path, target: Path) -> Path:
        if self.name == ROOT and target.parent.name == "packages":
            raise OSError("disk")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_into_place)

    with pytest.raises(OSError, match="disk"):
        install_package(package_path("en-vi"), tmp_path)

    assert [package.name for package in list_installed(tmp_path)] == [ROOT]


def test_installing_says_so_when_library_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)

    with pytest.raises(LibraryMissingError):
        install_package(package_path("en-vi"), tmp_path)
    assert list_installed(tmp_path) == []


def test_list_skips_folder_when_argos_cannot_read_it(tmp_path: Path) -> None:
    install_package(package_path("en-vi"), tmp_path)
    (tmp_path / "packages" / "broken").mkdir()
    (tmp_path / "packages" / "other").mkdir()
    (tmp_path / "packages" / "other" / "metadata.json").write_text("[]")

    assert [package.name for package in list_installed(tmp_path)] == [ROOT]


def test_home_stays_untouched_when_packages_are_managed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    code = (
        "import sys; from pathlib import Path; from translation.engines.argos_packages import *;"
        f"install_package(Path({str(package_path('en-vi'))!r}), Path({str(tmp_path / 'models')!r}));"
        f"print(len(list_installed(Path({str(tmp_path / 'models')!r}))), 'argostranslate.translate' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(home)},
        cwd=Path.cwd(),
    )

    assert done.stdout.strip() == "1 False"
    assert list(home.iterdir()) == []
