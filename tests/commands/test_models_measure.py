"""``qiao models benchmark`` and ``pack`` on real small models."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from tests.commands.conftest import Qiao
from tests.models.corpus import load_demo_sentences
from tests.models.packages import install_tiny_models, package_path
from translation.languages import LANGUAGES, LanguageTag
from translation.routing.queries import list_qualities


@pytest.fixture
def engines(migrated: Qiao) -> Qiao:
    install_tiny_models(migrated.folder / "models", ["vi-en", "en-zt"])
    return migrated


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """The demo's 32 sentences as often as needed for 100 pairs, with what the model learned to say."""
    rows = [sentence.texts for sentence in load_demo_sentences()] * 4
    path = tmp_path / "pairs.tsv"
    path.write_text("\n".join(f"{row['vi']}\t{row['en']}" for row in rows) + "\n\n", encoding="utf-8")
    return path


def list_measured(qiao: Qiao) -> list[tuple[str, str, float]]:
    with qiao.database.reading() as session:
        return [(each.name, ">".join(each.pair), each.value) for each in list_qualities(session) if each.is_measured]


def test_quality_and_speed_are_measured_and_saved(engines: Qiao, pairs: Path) -> None:
    shown = engines.command("models", "benchmark", "--from", "vi", "--to", "en", "--pairs-file", str(pairs))
    assert shown.returncode == 0, shown.stderr
    found = dict(line.split(maxsplit=1) for line in shown.stdout.splitlines())
    assert found["route"].startswith("vi>en by argos, version 0.1+")
    assert found["sentences"] == "128"
    assert float(found["speed"].split()[0]) > 0
    # The model knows these sentences by heart.
    assert found["chrF2"].startswith("100.00 (nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2")
    assert list_measured(engines) == []

    saved = engines.command("models", "benchmark", "--from", "vi", "--to", "en", "--pairs-file", str(pairs), "--save")
    assert saved.returncode == 0, saved.stderr
    assert list_measured(engines) == [("argos", "vi>en", 100.0)]
    explained = engines.command("models", "route", "vi", "en").stdout
    assert "argos 100.0 (measured here on 128 pairs of pairs.tsv, version 0.1+" in explained


def test_worse_translations_have_a_lower_figure(engines: Qiao, pairs: Path) -> None:
    lines = pairs.read_text(encoding="utf-8").splitlines()
    pairs.write_text("\n".join(line + " And more that nobody said." for line in lines if line), encoding="utf-8")

    done = engines.command("models", "benchmark", "--from", "vi", "--to", "en", "--pairs-file", str(pairs))

    (figure,) = re.findall(r"chrF2 +([\d.]+)", done.stdout)
    assert 20 < float(figure) < 90


def test_speed_alone_is_measured_without_a_file(engines: Qiao) -> None:
    done = engines.command("models", "benchmark", "--from", "vi", "--to", "zh-Hant", "--engine", "argos")
    assert done.returncode == 0, done.stderr
    assert "route      vi>en>zh-Hant by argos" in done.stdout
    assert "chrF2" not in done.stdout


def test_every_language_has_sentences_to_measure_with() -> None:
    from app.commands.models.samples import SAMPLES

    assert {*LANGUAGES, LanguageTag.ZH_HANS} == set(SAMPLES)
    assert all(sentence.strip() for sentences in SAMPLES.values() for sentence in sentences)


def test_measuring_is_refused_where_there_is_no_engine(engines: Qiao) -> None:
    for arguments in (("--from", "km", "--to", "vi"), ("--from", "vi", "--to", "en", "--engine", "llm")):
        done = engines.command("models", "benchmark", *arguments)
        assert (done.returncode, done.stderr.startswith("Nothing to measure: no ")) == (1, True)


def test_saving_is_refused_for_few_pairs_many_hops_and_no_file(engines: Qiao, pairs: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.tsv"
    few.write_text("Xin chào\tHello\n" * 99, encoding="utf-8")
    to_en, to_zh = ("--from", "vi", "--to", "en"), ("--from", "vi", "--to", "zh-Hant")
    for code, arguments in (
        (2, (*to_en, "--save", "--pairs-file", str(few))),
        (2, (*to_en, "--save")),
        (1, (*to_zh, "--save", "--pairs-file", str(pairs))),
    ):
        assert engines.command("models", "benchmark", *arguments).returncode == code
    assert list_measured(engines) == []


@pytest.mark.parametrize("content", [b"", b"\n\n", b"no tab\n", b"a\t\n", b"\tb\n", b"\xff\xfe\tb\n"])
def test_wrong_file_is_said(engines: Qiao, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wrong.tsv"
    path.write_bytes(content)
    done = engines.command("models", "benchmark", "--from", "vi", "--to", "en", "--pairs-file", str(path))
    assert (done.returncode, done.stdout) == (2, "")


@pytest.fixture
def converted(tmp_path: Path) -> Path:
    """What a converter leaves: the model's files and its SentencePiece model in one folder."""
    folder = tmp_path / "converted"
    folder.mkdir()
    with zipfile.ZipFile(package_path("vi-en")) as archive:
        for entry in archive.infolist():
            name = Path(entry.filename).name
            if "/model/" in entry.filename or name == "sentencepiece.model":
                (folder / name).write_bytes(archive.read(entry))
    return folder


def test_packed_model_can_be_installed(qiao: Qiao, converted: Path, tmp_path: Path) -> None:
    output = tmp_path / "my.argosmodel"
    packed = qiao.command(
        "models", "pack", str(converted), str(output), "--from", "vi", "--to", "en", "--version", "2.0"
    )
    assert packed.returncode == 0, packed.stderr
    installed = qiao.command("models", "install", str(output))
    assert installed.returncode == 0, installed.stderr
    assert "Installed translate-vi_en-2_0 (argos): vi>en." in installed.stderr


def test_packing_says_what_is_missing(qiao: Qiao, converted: Path, tmp_path: Path) -> None:
    def pack(name: str, *options: str) -> int:
        done = qiao.command("models", "pack", str(converted), str(tmp_path / name), *options)
        assert not (tmp_path / name).exists()
        return done.returncode

    assert pack("a.argosmodel") == 2
    assert pack("a.argosmodel", "--from", "vi", "--to", "en", "--licence", "MIT") == 2
    assert pack("a.zip", "--from", "vi", "--to", "en") == 2
    assert pack("a.qiaomodel", "--name", "a", "--kind", "small100", "--languages", "en,vi") == 2
    assert pack("a.argosmodel", "--from", "vi", "--to", "vi") == 1
    # This model has no token for a language: it is not multilingual.
    many = ("--name", "a", "--kind", "small100", "--languages", "en,vi", "--licence", "MIT")
    assert pack("a.qiaomodel", *many) == 1
    (converted / "model.bin").write_bytes(b"broken")
    assert pack("a.argosmodel", "--from", "vi", "--to", "en") == 1


def test_packed_multilingual_model_can_be_installed(qiao: Qiao, tmp_path: Path) -> None:
    """Unpacked and packed again by the command, the test model is what it was."""
    folder = tmp_path / "converted"
    source = package_path("vi-en").parents[1] / "multilingual" / "qiao-tiny-multilingual.qiaomodel"
    folder.mkdir()
    with zipfile.ZipFile(source) as archive:
        for entry in archive.infolist():
            (folder / Path(entry.filename).name).write_bytes(archive.read(entry))
        kind, languages = read_manifest(archive)
    options = ("--name", "mine", "--kind", kind, "--languages", languages, "--licence", "CC-BY-NC-4.0")
    packed = qiao.command("models", "pack", str(folder), str(tmp_path / "mine.qiaomodel"), *options)
    assert packed.returncode == 0, packed.stderr

    refused = qiao.command("models", "install", str(tmp_path / "mine.qiaomodel"))
    assert (refused.returncode, "licence is CC-BY-NC-4.0" in refused.stderr) == (1, True)
    accepted = qiao.command("models", "install", str(tmp_path / "mine.qiaomodel"), "--accept-licence")
    assert accepted.returncode == 0, accepted.stderr
    assert "CC-BY-NC-4.0" in qiao.command("models", "list").stdout


def read_manifest(archive: zipfile.ZipFile) -> tuple[str, str]:
    """Kind and languages as the command takes them."""
    from translation.engines.manifest import parse_manifest

    (entry,) = [name for name in archive.namelist() if name.endswith("qiao.json")]
    manifest = parse_manifest(archive.read(entry))
    return manifest.kind.value, ",".join(f"{tag}={token}" for tag, token in manifest.languages.items())
