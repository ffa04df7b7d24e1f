"""``qiao models install | list | remove``: from the index, an address, a file; whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.commands.conftest import Qiao, offer
from tests.models.firefox.models import model_folder
from tests.models.packages import package_path
from tests.translation.engines.files_server import FilesServer

VI_EN = package_path("vi-en")
VI_EN_SHA256 = hashlib.sha256(VI_EN.read_bytes()).hexdigest()
MULTILINGUAL = Path(VI_EN).parents[1] / "multilingual" / "qiao-tiny-multilingual.qiaomodel"
ALLOWED = "--allow-test-models"


def list_files(qiao: Qiao) -> list[Path]:
    """Every file of the models folder."""
    return [path for path in (qiao.folder / "models").rglob("*") if path.is_file()]


def refuse(qiao: Qiao, *arguments: str, code: int = 1) -> str:
    """The sentence of an installation that must leave nothing."""
    done = qiao.command("models", "install", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert list_files(qiao) == []
    return done.stderr.strip().splitlines()[-1]


def test_package_is_found_by_name_checked_installed_listed_and_removed(qiao: Qiao, files: FilesServer) -> None:
    offer(files, "vi-en", "en-vi", sha256=VI_EN_SHA256)

    available = qiao.command("models", "list", "--available")
    assert available.returncode == 0, available.stderr
    assert available.stdout.splitlines() == [
        "NAME             PAIR   VERSION  CHECKSUM  INSTALLED",
        "translate-en_vi  en>vi  0.1      yes       -",
        "translate-vi_en  vi>en  0.1      yes       -",
    ]
    installed = qiao.command("models", "install", "vi_en", ALLOWED)
    assert installed.returncode == 0, installed.stderr
    assert f"SHA-256 {VI_EN_SHA256}" in installed.stderr
    assert "Installed translate-vi_en-0_1 (argos): vi>en." in installed.stderr

    listed = qiao.command("models", "list")
    assert [re.split(r"\s{2,}", line) for line in listed.stdout.splitlines()] == [
        ["NAME", "ENGINE", "PAIRS", "VERSION", "SIZE", "LICENCE", "QUALITY"],
        ["translate-vi_en-0_1", "argos", "vi>en", "0.1", "0.9 MB", "not stated", "not known"],
    ]
    (told,) = json.loads(qiao.command("models", "list", "--json").stdout)
    assert told == {
        "name": "translate-vi_en-0_1",
        "engine": "argos",
        "pairs": {"vi>en": None},
        "version": "0.1",
        "size_bytes": 946604,
        "licence": None,
        "problem": None,
    }
    (_, told) = json.loads(qiao.command("models", "list", "--available", "--json").stdout)
    assert (told["name"], told["is_installed"], told["sha256"]) == ("translate-vi_en", True, VI_EN_SHA256)

    # The index has the wrong checksum for the other; what is installed stays.
    before = list_files(qiao)
    wrong = qiao.command("models", "install", "en_vi", ALLOWED)
    assert (wrong.returncode, "Not installed: checksum" in wrong.stderr) == (1, True)
    assert sorted(list_files(qiao)) == sorted(before)

    removed = qiao.command("models", "remove", "translate-vi_en-0_1")
    assert removed.returncode == 0, removed.stderr
    assert "Nothing is installed" in qiao.command("models", "list").stderr
    again = qiao.command("models", "remove", "translate-vi_en-0_1")
    assert (again.returncode, "Not removed: models.not_found" in again.stderr) == (1, True)


def test_package_comes_from_an_address_or_a_file(qiao: Qiao, files: FilesServer, tmp_path: Path) -> None:
    url = files.add("/x/translate-vi_en-0_1.argosmodel", VI_EN)
    installed = qiao.command("models", "install", f"{url}", "--sha256", VI_EN_SHA256, ALLOWED)
    assert installed.returncode == 0, installed.stderr
    again = qiao.command("models", "install", str(VI_EN), "--sha256", VI_EN_SHA256.upper(), ALLOWED)
    assert again.returncode == 0, again.stderr
    assert len(json.loads(qiao.command("models", "list", "--json").stdout)) == 1
    assert not list((qiao.folder / "models" / ".downloads").iterdir())


def test_models_of_every_kind_are_installed_listed_and_removed(qiao: Qiao, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "vi-en.firefox"), "zip", model_folder("vi-en"))
    for given in (str(MULTILINGUAL), archive, str(VI_EN)):
        refused = qiao.command("models", "install", given)
        assert (refused.returncode, "models.test_package" in refused.stderr) == (1, True), refused.stderr
        done = qiao.command("models", "install", given, ALLOWED)
        assert done.returncode == 0, done.stderr

    models = {model["engine"]: model for model in json.loads(qiao.command("models", "list", "--json").stdout)}
    assert set(models) == {"argos", "firefox", "multilingual"}
    assert models["firefox"]["name"] == "vi-en"
    # The figures are of Firefox' own model, which this is not; that is what the table says of the engine.
    assert models["firefox"]["pairs"] == {"vi>en": 59.1}
    assert len(models["multilingual"]["pairs"]) > 5
    assert set(models["multilingual"]["pairs"].values()) == {None}
    assert all(model["problem"] is None and model["size_bytes"] > 100_000 for model in models.values())
    table = qiao.command("models", "list").stdout
    assert f"{len(models['multilingual']['pairs'])} pairs" in table

    for model in models.values():
        done = qiao.command("models", "remove", f"{model['engine']}/{model['name']}")
        assert done.returncode == 0, done.stderr
    assert json.loads(qiao.command("models", "list", "--json").stdout) == []


def test_broken_model_is_listed_with_what_is_wrong(qiao: Qiao) -> None:
    assert qiao.command("models", "install", str(VI_EN), ALLOWED).returncode == 0
    folder = qiao.folder / "models" / "packages" / "translate-vi_en-0_1"
    (folder / "model" / "model.bin").unlink()
    (folder.parent / "other").mkdir()

    problems = {
        model["name"]: model["problem"] for model in json.loads(qiao.command("models", "list", "--json").stdout)
    }

    assert problems == {"translate-vi_en-0_1": "model_missing", "other": "metadata_missing"}
    assert "PROBLEM: model_missing" in qiao.command("models", "list").stdout
    doctor = qiao.command("doctor")
    assert doctor.returncode == 1
    assert "PROBLEM  argos        translate-vi_en-0_1 is not used: model_missing" in doctor.stdout
    assert qiao.command("models", "remove", "other").returncode == 0


def test_test_packages_are_refused(qiao: Qiao, files: FilesServer) -> None:
    offer(files, "vi-en")
    for given in ("translate-vi_en", files.url(f"/v1/{VI_EN.name}"), str(VI_EN)):
        assert refuse(qiao, given).startswith("Not installed: models.test_package: this is a test package")


def test_nothing_is_installed_when_the_download_fails(qiao: Qiao, files: FilesServer) -> None:
    whole = VI_EN.read_bytes()
    cut = files.cut("/cut.argosmodel", whole)
    assert refuse(qiao, cut, ALLOWED).startswith("Not installed: truncated:")
    unsaid = files.cut("/unsaid.argosmodel", whole, says_length=False)
    assert refuse(qiao, unsaid, ALLOWED).startswith("Not installed: not_a_readable_archive:")
    right = files.add("/right.argosmodel", whole)
    assert refuse(qiao, right, "--sha256", "0" * 64, ALLOWED).startswith("Not installed: checksum:")
    assert refuse(qiao, files.url("/absent.argosmodel"), ALLOWED).startswith("Not installed: not_found:")
    assert refuse(qiao, files.refuse("/busy.argosmodel", 503), ALLOWED).startswith("Not installed: status:")
    assert refuse(qiao, "http://127.0.0.1:9/a.argosmodel").startswith("Not installed: unreachable:")
    assert refuse(qiao, "http://192.0.2.1/a.argosmodel").startswith("Not installed: url_refused:")
    assert refuse(qiao, files.add("/page.html", b"x")).startswith("Not installed: models.kind_unknown")
    assert refuse(qiao, files.add("/page.argosmodel", b"<html>")).startswith("Not installed: not_a_readable_archive:")


def test_nothing_is_installed_when_the_index_is_none(qiao: Qiao, files: FilesServer) -> None:
    for url, reason in (
        (files.add("/garbage", b"<html>"), "not_json"),
        (files.add("/object", b"{}"), "not_a_list"),
        (files.flood("/flood", 50_000_000), "too_large"),
        (files.cut("/cut", b"[" * 1000), "truncated"),
        (files.url("/absent"), "not_found"),
        ("http://127.0.0.1:9/index.json", "unreachable"),
        ("http://192.0.2.1/index.json", "url_refused"),
    ):
        qiao.settings["QIAO_MODELS_INDEX_URL"] = url
        assert refuse(qiao, "translate-vi_en").startswith(f"Not installed: {reason}:")
        listed = qiao.command("models", "list", "--available")
        assert (listed.returncode, listed.stdout) == (1, "")
        assert listed.stderr.startswith(f"The index could not be read. {reason}:")


def test_next_link_is_tried_when_the_first_has_nothing(qiao: Qiao, files: FilesServer) -> None:
    good = files.add("/good.argosmodel", VI_EN)
    offer(files, "vi-en", links=[files.url("/absent.argosmodel"), "http://127.0.0.1:9/a.argosmodel", good])

    done = qiao.command("models", "install", "translate-vi_en", ALLOWED)

    assert done.returncode == 0, done.stderr
    assert "trying another address" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("absent.argosmodel",),
        ("./absent",),
        ("",),
        (str(VI_EN), "--sha256", "abc"),
        (str(VI_EN), "--codes", "envi"),
        (),
    ],
)
def test_wrong_arguments_are_said(qiao: Qiao, arguments: tuple[str, ...]) -> None:
    refuse(qiao, *arguments, code=2)


def test_unknown_name_is_said(qiao: Qiao, files: FilesServer) -> None:
    offer(files, "vi-en")
    assert refuse(qiao, "translate-en_km").startswith("Not installed: models.package_unknown: the index has no")


def test_folder_that_cannot_be_written_is_said(qiao: Qiao, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    qiao.settings["QIAO_MODELS_DIR"] = str(tmp_path / "file" / "models")
    assert "can't be written" in refuse(qiao, str(VI_EN), ALLOWED)
