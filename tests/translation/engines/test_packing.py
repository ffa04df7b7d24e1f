"""Packages made of CTranslate2 folders, and what may be installed: real files, and every way to break them."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tests.models.packages import MULTILINGUAL, MULTILINGUAL_PACKAGE, install_tiny_models
from translation.engines.argos import ArgosEngine, parse_metadata
from translation.engines.argos_packages import install_package
from translation.engines.manifest import (
    Kind,
    ManifestError,
    dump_manifest,
    find_wrong_file,
    list_all_pairs,
    parse_manifest,
)
from translation.engines.multilingual import MultilingualEngine
from translation.engines.packing import (
    LicenceNotAcceptedError,
    install_multilingual,
    list_multilingual,
    pack_argos,
    pack_multilingual,
    parse_languages,
    remove_multilingual,
)
from translation.engines.unpacking import LibraryMissingError, PackageInvalidError, PackageNotFoundError
from translation.languages import LanguageTag

EN_KM = (LanguageTag.EN, LanguageTag.KM)
EN_VI = (LanguageTag.EN, LanguageTag.VI)
LANGUAGES = {LanguageTag.EN: "__en__", LanguageTag.KM: "__km__"}
HELLO = "Hello everyone."
KHMER = "សួស្តីអ្នកទាំងអស់គ្នា។"
NAME = "real-model"

Contents = dict[str, bytes]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder as a converter of CTranslate2 leaves it, with the model's tokenizer."""
    with zipfile.ZipFile(MULTILINGUAL_PACKAGE) as archive:
        archive.extractall(tmp_path / "unpacked")
    unpacked = tmp_path / "unpacked" / MULTILINGUAL
    folder = tmp_path / "converted"
    shutil.copytree(unpacked / "model", folder)
    shutil.copyfile(unpacked / "sentencepiece.model", folder / "sentencepiece.bpe.model")
    (folder / "tokenizer_config.json").write_text("{}")
    return folder


@pytest.fixture
def package(source: Path, tmp_path: Path) -> Path:
    """A package of the small model under a name that is not a test model's."""
    pack(source, tmp_path / "made.qiaomodel")
    return tmp_path / "made.qiaomodel"


def pack(source: Path, output: Path, **changes: object) -> None:
    values = {"name": NAME, "kind": Kind.M2M100, "languages": LANGUAGES, "licence": "MIT"} | changes
    pack_multilingual(source, output, **values)  # type: ignore[arg-type]


def read_archive(path: Path) -> Contents:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_archive(path: Path, contents: Contents) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return path


def list_files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def translate(models_dir: Path) -> str:
    return MultilingualEngine(models_dir).translate([HELLO], pair=EN_KM)[0].text


def test_model_translates_when_packed_and_installed(package: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"

    installed = install_multilingual(package, models)

    assert (installed.name, installed.kind, installed.version, installed.licence) == (NAME, Kind.M2M100, "1.0", "MIT")
    assert installed.pairs == list_all_pairs(LANGUAGES)
    assert installed.problem is None
    assert list_multilingual(models) == [installed]
    assert translate(models) == KHMER
    assert not list((models / ".staging").iterdir())


def test_only_what_belongs_to_a_model_is_packed_when_folder_holds_more(package: Path) -> None:
    assert sorted(read_archive(package)) == [
        f"{NAME}/model/config.json",
        f"{NAME}/model/model.bin",
        f"{NAME}/model/shared_vocabulary.json",
        f"{NAME}/qiao.json",
        f"{NAME}/sentencepiece.model",
    ]


def test_licence_text_is_packed_when_folder_has_one(source: Path, tmp_path: Path) -> None:
    (source / "LICENSE").write_text("Do good.")

    pack(source, tmp_path / "x.qiaomodel")

    assert read_archive(tmp_path / "x.qiaomodel")[f"{NAME}/LICENSE"] == b"Do good."


def test_archive_is_the_same_when_packed_twice(source: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        pack(source, tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_source_folder_is_untouched_when_packed(source: Path, tmp_path: Path) -> None:
    before = list_files(source)

    pack(source, tmp_path / "x.qiaomodel")

    assert list_files(source) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["converted", "unpacked", "x.qiaomodel"]


def test_argos_package_translates_when_packed_and_installed(tmp_path: Path) -> None:
    (tiny,) = install_tiny_models(tmp_path / "tiny", ["en-vi"])
    output = tmp_path / "x.argosmodel"

    pack_argos(
        tiny / "model",
        output,
        source=LanguageTag.EN,
        target=LanguageTag.VI,
        tokenizer=tiny / "sentencepiece.model",
        version="2.5",
    )

    installed = install_package(output, tmp_path / "models")
    assert (installed.name, installed.version) == ("translate-en_vi-2_5", "2.5")
    assert ArgosEngine(tmp_path / "models").translate([HELLO], pair=EN_VI)[0].text == "Xin chào mọi người."


def test_prefix_is_in_the_argos_package_when_given(source: Path, tmp_path: Path) -> None:
    pack_argos(source, tmp_path / "x", source=LanguageTag.ZH_HANT, target=LanguageTag.KM, target_prefix="__km__")

    metadata = parse_metadata(read_archive(tmp_path / "x")["translate-zt_km-1_0/metadata.json"])
    assert metadata.target_prefix == "__km__"
    assert metadata.pair == (LanguageTag.ZH_HANT, LanguageTag.KM)


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def cut_weights(folder: Path) -> None:
    (folder / "model.bin").write_bytes((folder / "model.bin").read_bytes()[:4000])


BAD_FOLDERS: dict[str, tuple[Callable[[Path], object], dict[str, object], str]] = {
    "no weights": (remove("model.bin"), {}, "model_missing"),
    "cut weights": (cut_weights, {}, "model_does_not_load"),
    "no tokenizer": (remove("sentencepiece.bpe.model"), {}, "tokenizer_missing"),
    "bad tokenizer": (lambda folder: (folder / "sentencepiece.bpe.model").write_bytes(b"x"), {}, "model_does_not_load"),
    "no vocabulary": (remove("shared_vocabulary.json"), {}, "vocabulary_missing"),
    "unknown tag": (lambda folder: None, {"languages": {**LANGUAGES, LanguageTag.VI: "vie"}}, "language_token_missing"),
    "one token twice": (lambda folder: None, {"languages": dict.fromkeys(LANGUAGES, "__en__")}, "manifest_incomplete"),
    "no language": (lambda folder: None, {"languages": {}}, "manifest_incomplete"),
    "foreign pair": (lambda folder: None, {"pairs": [EN_VI]}, "manifest_incomplete"),
    "bad name": (lambda folder: None, {"name": "../evil"}, "manifest_incomplete"),
    "hidden name": (lambda folder: None, {"name": ".evil"}, "manifest_incomplete"),
    "no licence": (lambda folder: None, {"licence": ""}, "manifest_incomplete"),
    "bad version": (lambda folder: None, {"version": "1>2"}, "manifest_incomplete"),
}


@pytest.mark.parametrize("case", BAD_FOLDERS)
def test_nothing_is_written_when_folder_makes_no_package(source: Path, tmp_path: Path, case: str) -> None:
    break_it, changes, reason = BAD_FOLDERS[case]
    break_it(source)
    (tmp_path / "out").mkdir()

    with pytest.raises(PackageInvalidError) as caught:
        pack(source, tmp_path / "out" / "x.qiaomodel", **changes)

    assert caught.value.data["reason"] == reason
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"target": LanguageTag.EN}, "language_not_ours"),
        ({"target": LanguageTag.UND}, "language_not_ours"),
        ({"version": "1" * 40}, "metadata_incomplete"),
        ({"version": "../1"}, "unsafe_path"),
    ],
)
def test_argos_package_is_refused_when_metadata_make_no_sense(
    source: Path, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    values = {"source": LanguageTag.EN, "target": LanguageTag.KM} | changes

    with pytest.raises(PackageInvalidError) as caught:
        pack_argos(source, tmp_path / "x", **values)  # type: ignore[arg-type]

    assert caught.value.data["reason"] == reason
    assert not (tmp_path / "x").exists()


def test_argos_package_is_refused_when_weights_do_not_load(source: Path, tmp_path: Path) -> None:
    cut_weights(source)

    with pytest.raises(PackageInvalidError) as caught:
        pack_argos(source, tmp_path / "x", source=LanguageTag.EN, target=LanguageTag.KM)

    assert caught.value.data["reason"] == "model_does_not_load"


def test_usual_tokens_are_taken_when_none_are_named() -> None:
    assert parse_languages("en, km", Kind.M2M100) == LANGUAGES
    assert parse_languages("zh-Hans,id", Kind.SMALL100) == {LanguageTag.ZH_HANS: "__zh__", LanguageTag.ID: "__id__"}
    assert parse_languages("zh-Hant,km", Kind.NLLB) == {LanguageTag.ZH_HANT: "zho_Hant", LanguageTag.KM: "khm_Khmr"}
    assert parse_languages("en=<e>,zh-Hant=<z>", Kind.M2M100) == {LanguageTag.EN: "<e>", LanguageTag.ZH_HANT: "<z>"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "language_not_ours"),
        ("en,xx", "language_not_ours"),
        ("en,und", "language_not_ours"),
        ("en,en", "language_not_ours"),
        ("en,zh-Hant", "language_token_missing"),
    ],
)
def test_languages_are_refused_when_they_make_no_sense(text: str, reason: str) -> None:
    with pytest.raises(PackageInvalidError) as caught:
        parse_languages(text, Kind.M2M100)

    assert caught.value.data["reason"] == reason


def drop(name: str) -> Callable[[Contents], Contents]:
    return lambda contents: {path: data for path, data in contents.items() if not path.startswith(f"{NAME}/{name}")}


def put(name: str, data: bytes) -> Callable[[Contents], Contents]:
    return lambda contents: contents | {name: data}


def set_manifest(**changes: object) -> Callable[[Contents], Contents]:
    def change(contents: Contents) -> Contents:
        values = json.loads(contents[f"{NAME}/qiao.json"]) | changes
        return contents | {f"{NAME}/qiao.json": json.dumps(values).encode()}

    return change


def replace_file(name: str, data: bytes) -> Callable[[Contents], Contents]:
    """Another file with a digest that fits."""

    def change(contents: Contents) -> Contents:
        values = json.loads(contents[f"{NAME}/qiao.json"])
        values["files"][name] = sha256(data).hexdigest()
        return contents | {f"{NAME}/qiao.json": json.dumps(values).encode(), f"{NAME}/{name}": data}

    return change


BAD_PACKAGES: dict[str, tuple[Callable[[Contents], Contents], str]] = {
    "climbs out": (put(f"{NAME}/../../evil", b"x"), "unsafe_path"),
    "two folders": (put("other/x", b"x"), "not_one_folder"),
    "no manifest": (drop("qiao.json"), "manifest_missing"),
    "bad manifest": (put(f"{NAME}/qiao.json", b"{"), "manifest_not_json"),
    "huge manifest": (put(f"{NAME}/qiao.json", b" " * 300_000), "manifest_too_large"),
    "other format": (set_manifest(format=7), "manifest_of_another_format"),
    "name climbs out": (set_manifest(name="../evil"), "manifest_incomplete"),
    "changed weights": (put(f"{NAME}/model/model.bin", b"\1\2\3"), "wrong_checksum"),
    "wrong digest": (set_manifest(files={"model/model.bin": "0" * 64}), "unlisted_file"),
    "no weights": (drop("model/"), "file_missing"),
    "no tokenizer": (drop("sentencepiece.model"), "file_missing"),
    "more than listed": (put(f"{NAME}/run.sh", b"x"), "unlisted_file"),
    "brings its acceptance": (put(f"{NAME}/licence-accepted.json", b'{"licence": "MIT"}'), "unlisted_file"),
    "lists its acceptance": (replace_file("licence-accepted.json", b'{"licence": "MIT"}'), "manifest_incomplete"),
    "weights do not load": (replace_file("model/model.bin", b"\1\2\3"), "model_does_not_load"),
    "tokenizer does not load": (replace_file("sentencepiece.model", b"\1\2\3"), "model_does_not_load"),
    "no tag": (replace_file("model/shared_vocabulary.json", b'["a"]'), "language_token_missing"),
    "test model": (set_manifest(name="qiao-tiny-2"), "test_model"),
}


@pytest.mark.parametrize("case", BAD_PACKAGES)
def test_nothing_is_installed_when_package_is_bad(package: Path, tmp_path: Path, case: str) -> None:
    change, reason = BAD_PACKAGES[case]
    bad = write_archive(tmp_path / "bad.qiaomodel", change(read_archive(package)))

    with pytest.raises(PackageInvalidError) as caught:
        install_multilingual(bad, tmp_path / "models")

    assert caught.value.data["reason"] == reason
    assert list_files(tmp_path / "models") == []


def test_installing_fails_when_file_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "bad.qiaomodel").write_bytes(b"PK\3\4 not really")

    for path in (tmp_path / "bad.qiaomodel", tmp_path / "missing.qiaomodel"):
        with pytest.raises(PackageInvalidError):
            install_multilingual(path, tmp_path / "models")


def test_installing_fails_when_a_byte_of_the_archive_changed(package: Path, tmp_path: Path) -> None:
    data = bytearray(package.read_bytes())
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "bad.qiaomodel").write_bytes(data)

    with pytest.raises(PackageInvalidError):
        install_multilingual(tmp_path / "bad.qiaomodel", tmp_path / "models")

    assert list_files(tmp_path / "models") == []


def test_installed_model_stays_when_its_replacement_is_bad(package: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    install_multilingual(package, models)
    bad = write_archive(tmp_path / "bad", BAD_PACKAGES["changed weights"][0](read_archive(package)))

    with pytest.raises(PackageInvalidError):
        install_multilingual(bad, models)

    assert translate(models) == KHMER


def test_running_engine_answers_with_the_new_model_when_installed_again(
    package: Path, source: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    install_multilingual(package, models)
    engine = MultilingualEngine(models)
    assert engine.describe_version(EN_KM).startswith("1.0+")

    pack(source, package, version="2.0")
    install_multilingual(package, models)

    assert engine.describe_version(EN_KM).startswith("2.0+")
    assert engine.translate([HELLO], pair=EN_KM)[0].text == KHMER
    assert [model.version for model in list_multilingual(models)] == ["2.0"]


def test_small_model_is_installed_when_test_models_are_welcome(tmp_path: Path) -> None:
    with pytest.raises(PackageInvalidError) as caught:
        install_multilingual(MULTILINGUAL_PACKAGE, tmp_path)
    assert caught.value.data["reason"] == "test_model"

    install_multilingual(MULTILINGUAL_PACKAGE, tmp_path, allow_test_models=True)

    assert translate(tmp_path) == KHMER


@pytest.mark.parametrize(
    "terms", [{"licence": "CC-BY-NC-4.0"}, {"licence": "cc by nc"}, {"licence": "Own", "is_non_commercial": True}]
)
def test_model_is_installed_only_when_its_licence_is_accepted(
    source: Path, tmp_path: Path, terms: dict[str, object]
) -> None:
    package, models = tmp_path / "x.qiaomodel", tmp_path / "models"
    pack(source, package, **terms)

    with pytest.raises(LicenceNotAcceptedError) as caught:
        install_multilingual(package, models)
    assert caught.value.data["licence"] == terms["licence"]
    assert list_files(models) == []

    installed = install_multilingual(package, models, accept_licence=True, now=lambda: datetime(2026, 5, 4, tzinfo=UTC))

    assert installed.is_accepted
    assert installed.problem is None
    accepted = json.loads((models / "multilingual" / NAME / "licence-accepted.json").read_text())
    assert accepted == {"licence": terms["licence"], "accepted_at": "2026-05-04T00:00:00+00:00"}
    assert translate(models) == KHMER


@pytest.mark.parametrize("licence", ["MIT", "Apache-2.0", "CC-BY-4.0", "NCSA", "MPL-2.0"])
def test_nothing_is_to_be_accepted_when_licence_allows_every_use(source: Path, tmp_path: Path, licence: str) -> None:
    pack(source, tmp_path / "x", licence=licence)

    assert install_multilingual(tmp_path / "x", tmp_path / "models").is_accepted
    assert "models/multilingual/real-model/licence-accepted.json" not in list_files(tmp_path)


def test_model_is_gone_when_removed(package: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    install_multilingual(package, models)
    engine = MultilingualEngine(models)
    assert EN_KM in engine.list_pairs()

    remove_multilingual(NAME, models)

    assert list_multilingual(models) == []
    assert engine.list_pairs() == frozenset()
    assert list_files(models) == []


@pytest.mark.parametrize("name", ["missing", "..", "../multilingual", "", ".", f"{NAME}/model", "/etc"])
def test_removing_fails_when_name_is_no_model(package: Path, tmp_path: Path, name: str) -> None:
    install_multilingual(package, tmp_path)

    with pytest.raises(PackageNotFoundError):
        remove_multilingual(name, tmp_path)

    assert len(list_multilingual(tmp_path)) == 1


def test_list_says_what_is_wrong_when_a_model_lacks_a_file(package: Path, tmp_path: Path) -> None:
    install_multilingual(package, tmp_path)
    (tmp_path / "multilingual" / "broken").mkdir()
    (tmp_path / "multilingual" / NAME / "sentencepiece.model").unlink()

    assert [(model.name, model.problem) for model in list_multilingual(tmp_path)] == [(NAME, "tokenizer_missing")]


def test_changed_file_is_found_when_installed_files_are_compared(package: Path, tmp_path: Path) -> None:
    install_multilingual(package, tmp_path)
    folder = tmp_path / "multilingual" / NAME
    manifest = parse_manifest((folder / "qiao.json").read_bytes())
    assert find_wrong_file(folder, manifest) is None

    (folder / "model" / "config.json").write_text("{}")
    assert find_wrong_file(folder, manifest) == "wrong_checksum"

    (folder / "model" / "config.json").unlink()
    assert find_wrong_file(folder, manifest) == "file_missing"


def test_it_is_said_when_the_libraries_are_missing(
    package: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)

    with pytest.raises(LibraryMissingError):
        install_multilingual(package, tmp_path / "models")
    with pytest.raises(LibraryMissingError):
        pack(source, tmp_path / "x")


def test_manifest_is_the_same_when_written_and_read(package: Path) -> None:
    data = read_archive(package)[f"{NAME}/qiao.json"]
    manifest = parse_manifest(data)

    assert dump_manifest(manifest) == data
    assert parse_manifest(dump_manifest(manifest)) == manifest


def test_no_pair_is_of_two_chinese_scripts_when_all_are_listed() -> None:
    pairs = list_all_pairs([LanguageTag.ZH_HANT, LanguageTag.ZH_HANS, LanguageTag.KM])

    assert len(pairs) == 4
    assert all(LanguageTag.KM in pair for pair in pairs)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": 7},
        {"name": "a" * 200},
        {"kind": "t5"},
        {"version": ""},
        {"version": "1" * 40},
        {"licence": None},
        {"licence": "a\nb"},
        {"non_commercial": "no"},
        {"languages": []},
        {"languages": {"en": "__en__"}},
        {"languages": {"en": "__en__", "xx": "__xx__"}},
        {"languages": {"en": "__en__", "und": "__km__"}},
        {"languages": {"en": "__en__", "km": ["__km__"]}},
        {"pairs": []},
        {"pairs": 7},
        {"pairs": [["en", "en"]]},
        {"pairs": [["en", "vi"]]},
        {"pairs": [["en", "km", "vi"]]},
        {"size": True},
        {"size": -1},
        {"size": "1"},
        {"files": {}},
        {"files": {"../x": "0" * 64}},
        {"files": {"/x": "0" * 64}},
        {"files": {"a/.x": "0" * 64}},
        {"files": {"x": "0" * 63}},
        {"files": {"x": None}},
        {"files": {"qiao.json": "0" * 64}},
        {"files": {f"f{number}": "0" * 64 for number in range(200)}},
    ],
)
def test_manifest_is_refused_when_a_value_makes_no_sense(package: Path, changes: dict[str, object]) -> None:
    values = json.loads(read_archive(package)[f"{NAME}/qiao.json"])
    parse_manifest(json.dumps(values).encode())

    with pytest.raises(ManifestError, match="manifest_incomplete"):
        parse_manifest(json.dumps(values | changes).encode())
