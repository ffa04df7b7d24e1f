"""One real model for many hops: which it offers, how it is told the languages, and what must never happen."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.models.corpus import load_demo_sentences
from tests.models.packages import (
    MULTILINGUAL,
    MULTILINGUAL_HOPS,
    install_tiny_models,
    install_tiny_multilingual,
)
from translation.engines import multilingual
from translation.engines.argos import ArgosEngine
from translation.engines.base import EngineError, ModelBrokenError, Pair, RouteMissingError
from translation.engines.cache import ModelCache
from translation.engines.manifest import ACCEPTANCE, Kind, Manifest, parse_manifest, write_acceptance
from translation.engines.multilingual import LoadedWeights, MultilingualEngine, load_weights
from translation.engines.opencc import OpenccEngine
from translation.engines.registry import EngineRegistry
from translation.languages import LanguageTag

EN_KM = (LanguageTag.EN, LanguageTag.KM)
KM_EN = (LanguageTag.KM, LanguageTag.EN)
HELLO = {"en": "Hello everyone.", "km": "សួស្តីអ្នកទាំងអស់គ្នា។"}
OTHER = "other-model"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the small model. Not to be written to."""
    folder = tmp_path_factory.mktemp("models")
    install_tiny_multilingual(folder)
    return folder


@pytest.fixture(scope="module")
def engine(models: Path) -> MultilingualEngine:
    return MultilingualEngine(models)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder of a small model of the test's own."""
    return install_tiny_multilingual(tmp_path)


def edit_manifest(folder: Path, **changes: object) -> None:
    path = folder / "qiao.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes), encoding="utf-8")


def translate(engine: MultilingualEngine, text: str, pair: Pair = EN_KM) -> str:
    return engine.translate([text], pair=pair)[0].text


def test_pairs_are_those_of_the_manifest_when_listed(engine: MultilingualEngine) -> None:
    assert engine.list_pairs() == {(LanguageTag(one), LanguageTag(other)) for one, other in MULTILINGUAL_HOPS}
    assert engine.list_broken() == {}
    assert engine.name == "multilingual"


def test_every_pair_is_offered_when_manifest_names_none(own: Path) -> None:
    path = own / "qiao.json"
    values = json.loads(path.read_text())
    del values["pairs"]
    path.write_text(json.dumps(values))

    assert len(MultilingualEngine(own.parents[1]).list_pairs()) == 30


@pytest.mark.parametrize("hop", MULTILINGUAL_HOPS)
def test_demo_sentences_are_right_when_translated_in_one_batch(
    engine: MultilingualEngine, hop: tuple[str, str]
) -> None:
    source, target = hop
    rows = [sentence.texts for sentence in load_demo_sentences()]

    outputs = engine.translate([row[source] for row in rows], pair=(LanguageTag(source), LanguageTag(target)))

    assert [output.text for output in outputs] == [row[target] for row in rows]


def test_one_model_is_in_memory_when_it_did_every_hop(models: Path) -> None:
    cache = ModelCache()
    engine = MultilingualEngine(models, cache)
    assert engine.list_pairs()
    assert cache.list_loaded() == []

    for pair in engine.list_pairs():
        translate(engine, "2026 km", pair)

    (loaded,) = cache.list_loaded()
    assert loaded.slot.endswith(MULTILINGUAL)
    assert loaded.size == (models / "multilingual" / MULTILINGUAL / "model" / "model.bin").stat().st_size


@pytest.mark.parametrize("text", ["12345", "🎉🎉", "02-1234-5678", "…", "\n", " 7 "])
def test_text_is_left_alone_when_it_has_no_letter(engine: MultilingualEngine, text: str) -> None:
    output = engine.translate([text], pair=EN_KM)[0]

    assert (output.text, output.score) == (text, None)


def test_lines_stay_apart_when_text_has_several(engine: MultilingualEngine) -> None:
    assert translate(engine, f"{HELLO['en']}\n\n{HELLO['en']}\n") == f"{HELLO['km']}\n\n{HELLO['km']}\n"


def test_nothing_is_lost_when_text_has_100_kilobytes(engine: MultilingualEngine) -> None:
    text = " ".join([HELLO["km"]] * 1600)
    assert len(text.encode()) > 100_000

    assert translate(engine, text, KM_EN) == " ".join([HELLO["en"]] * 1600)


def test_tags_in_a_text_are_plain_words_when_somebody_writes_them(models: Path) -> None:
    folder = models / "multilingual" / MULTILINGUAL
    weights = load_weights(folder, multilingual.read_manifest(folder))

    tokens = weights.tokenizer.encode("__vi__ Hello. </s> <s> __km__")

    assert not {"</s>", "<s>", *weights.manifest.languages.values()} & set(tokens)


class Recorder:
    """Stands for CTranslate2: keeps what it is given, and says the prefix, the input and a tag that does not belong."""

    def __init__(self) -> None:
        self.sources: list[list[str]] = []
        self.prefixes: list[list[str]] | None = None

    def translate_batch(self, batch: list[list[str]], **options: Any) -> list[object]:
        self.sources = batch
        self.prefixes = options["target_prefix"]

        class Result:
            def __init__(self, tokens: list[str]) -> None:
                self.hypotheses = [tokens]
                self.scores = [-0.5]

        prefixes = self.prefixes or [[]] * len(batch)
        return [Result([*prefix, *tokens, "<km>"]) for prefix, tokens in zip(prefixes, batch, strict=True)]


class Words:
    def encode(self, sentence: str) -> list[str]:
        return sentence.split()

    def decode(self, tokens: list[str]) -> str:
        return " ".join(tokens)


def make_manifest(kind: Kind) -> Manifest:
    return Manifest(
        name="words",
        kind=kind,
        version="1",
        licence="MIT",
        is_non_commercial=False,
        languages={LanguageTag.EN: "<en>", LanguageTag.KM: "<km>"},
        pairs=frozenset({EN_KM}),
        size=1,
        files={},
    )


@pytest.mark.parametrize(
    ("kind", "end", "source", "prefix"),
    [
        (Kind.M2M100, ("</s>",), ["<en>", "good", "day", "</s>"], [["<km>"]]),
        (Kind.NLLB, ("</s>",), ["<en>", "good", "day", "</s>"], [["<km>"]]),
        (Kind.SMALL100, ("</s>",), ["<km>", "good", "day", "</s>"], None),
        (Kind.M2M100, (), ["<en>", "good", "day"], [["<km>"]]),
    ],
)
def test_languages_are_told_as_the_kind_wants_when_translating(
    kind: Kind, end: tuple[str, ...], source: list[str], prefix: list[list[str]] | None
) -> None:
    recorder = Recorder()
    weights = LoadedWeights(recorder, Words(), make_manifest(kind), end, hidden=frozenset({"<en>", "<km>", "</s>"}))

    output = weights.choose_pair(EN_KM).translate(["good day"])[0]

    assert recorder.sources == [source]
    assert recorder.prefixes == prefix
    assert output.text == "good day"


@pytest.mark.parametrize(("adds", "end"), [(True, ()), (False, ("</s>",))])
def test_end_is_added_once_when_the_model_adds_it_itself(own: Path, adds: bool, end: tuple[str, ...]) -> None:
    path = own / "model" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"add_source_eos": adds}))

    weights = load_weights(own, multilingual.read_manifest(own))
    assert weights.end == end
    assert weights.hidden == {"</s>", "__zh__", "__en__", "__vi__", "__id__", "__th__", "__km__"}
    assert translate(MultilingualEngine(own.parents[1]), HELLO["en"]) == HELLO["km"]


def test_model_works_at_once_when_it_is_installed_later(tmp_path: Path) -> None:
    engine = MultilingualEngine(tmp_path)
    assert engine.list_pairs() == frozenset()
    assert engine.name_model(EN_KM) == ""
    with pytest.raises(RouteMissingError):
        translate(engine, HELLO["en"])

    install_tiny_multilingual(tmp_path)

    assert translate(engine, HELLO["en"]) == HELLO["km"]
    assert engine.name_model(EN_KM) == MULTILINGUAL


def test_model_leaves_memory_when_it_is_removed(own: Path) -> None:
    cache = ModelCache()
    engine = MultilingualEngine(own.parents[1], cache)
    translate(engine, HELLO["en"])
    assert len(cache.list_loaded()) == 1

    shutil.rmtree(own)

    with pytest.raises(RouteMissingError):
        translate(engine, HELLO["en"])
    assert engine.list_pairs() == frozenset()
    assert cache.list_loaded() == []


def test_new_model_answers_when_the_old_one_is_replaced(own: Path) -> None:
    cache = ModelCache()
    engine = MultilingualEngine(own.parents[1], cache)
    assert translate(engine, HELLO["en"]) == HELLO["km"]
    before = engine.describe_version(EN_KM)

    edit_manifest(own, version="0.2", languages={"km": "__en__", "en": "__km__"}, pairs=[["en", "km"], ["km", "en"]])

    assert translate(engine, HELLO["km"]) == HELLO["en"]  # what is called English is Khmer now
    assert engine.describe_version(EN_KM).startswith("0.2+")
    assert engine.describe_version(EN_KM) != before
    assert len(cache.list_loaded()) == 1


def copy_model(folder: Path, **changes: object) -> Path:
    other = folder.with_name(OTHER)
    shutil.copytree(folder, other)
    edit_manifest(other, name=OTHER, version="9", **changes)
    return other


def test_first_by_name_does_a_hop_when_two_models_can(own: Path) -> None:
    copy_model(own)
    engine = MultilingualEngine(own.parents[1])

    assert OTHER < MULTILINGUAL
    assert engine.name_model(EN_KM) == OTHER
    assert engine.describe_version(EN_KM).startswith("9+")


def remove_tag(folder: Path) -> None:
    path = folder / "model" / "shared_vocabulary.json"
    path.write_text(json.dumps(["gone" if token == "__km__" else token for token in json.loads(path.read_text())]))


def cut_weights(folder: Path) -> None:
    path = folder / "model" / "model.bin"
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize(
    ("break_it", "problem"),
    [
        (lambda folder: (folder / "qiao.json").unlink(), "manifest_missing"),
        (lambda folder: (folder / "qiao.json").write_text("{"), "manifest_not_json"),
        (lambda folder: (folder / "qiao.json").write_bytes(b"[" * 100_000), "manifest_not_json"),
        (lambda folder: (folder / "qiao.json").write_text("[]"), "manifest_of_another_format"),
        (lambda folder: edit_manifest(folder, format=2), "manifest_of_another_format"),
        (lambda folder: edit_manifest(folder, kind="t5"), "manifest_incomplete"),
        (lambda folder: (folder / "sentencepiece.model").unlink(), "tokenizer_missing"),
        (lambda folder: shutil.rmtree(folder / "model"), "model_missing"),
        (lambda folder: edit_manifest(folder, licence="CC-BY-NC-4.0"), "licence_not_accepted"),
    ],
)
def test_other_models_work_when_one_folder_is_broken(
    own: Path, break_it: Callable[[Path], object], problem: str
) -> None:
    break_it(copy_model(own))
    engine = MultilingualEngine(own.parents[1])

    assert engine.list_broken() == {OTHER: problem}
    assert engine.name_model(EN_KM) == MULTILINGUAL
    assert translate(engine, HELLO["en"]) == HELLO["km"]


@pytest.mark.parametrize(
    ("break_it", "problem"),
    [
        (cut_weights, "model_does_not_load"),
        (lambda folder: (folder / "sentencepiece.model").write_bytes(b"not a tokenizer"), "model_does_not_load"),
        (lambda folder: (folder / "model" / "shared_vocabulary.json").write_text("{"), "model_does_not_load"),
        (lambda folder: (folder / "model" / "shared_vocabulary.json").unlink(), "vocabulary_missing"),
        (remove_tag, "language_token_missing"),
    ],
)
def test_model_is_reported_broken_when_it_does_not_load(
    own: Path, break_it: Callable[[Path], object], problem: str
) -> None:
    break_it(own)
    engine = MultilingualEngine(own.parents[1])
    assert EN_KM in engine.list_pairs()

    for _ in range(2):
        with pytest.raises(ModelBrokenError):
            translate(engine, HELLO["en"])

    assert engine.list_broken() == {MULTILINGUAL: problem}
    assert engine.list_pairs() == frozenset()
    with pytest.raises(ModelBrokenError):
        engine.describe_version(EN_KM)


def test_model_works_again_when_its_files_are_mended(own: Path, models: Path) -> None:
    cut_weights(own)
    engine = MultilingualEngine(own.parents[1])
    with pytest.raises(ModelBrokenError):
        translate(engine, HELLO["en"])

    shutil.copyfile(models / "multilingual" / MULTILINGUAL / "model" / "model.bin", own / "new")
    os.replace(own / "new", own / "model" / "model.bin")

    assert translate(engine, HELLO["en"]) == HELLO["km"]
    assert engine.list_broken() == {}


def test_model_is_offered_only_after_its_licence_was_accepted(own: Path) -> None:
    edit_manifest(own, licence="CC-BY-NC-4.0")
    engine = MultilingualEngine(own.parents[1])
    assert engine.list_pairs() == frozenset()
    with pytest.raises(ModelBrokenError):
        translate(engine, HELLO["en"])

    write_acceptance(own, multilingual.read_manifest(own), now=datetime(2026, 1, 1, tzinfo=UTC))

    assert translate(engine, HELLO["en"]) == HELLO["km"]
    assert json.loads((own / ACCEPTANCE).read_text())["accepted_at"] == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("content", ["", "[]", '{"licence": "MIT"}', "[" * 100_000])
def test_model_is_not_offered_when_another_licence_was_accepted(own: Path, content: str) -> None:
    edit_manifest(own, non_commercial=True)
    (own / ACCEPTANCE).write_text(content)

    assert MultilingualEngine(own.parents[1]).list_broken() == {MULTILINGUAL: "licence_not_accepted"}


def test_nothing_is_offered_when_the_libraries_are_missing(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)

    assert MultilingualEngine(models).list_pairs() == frozenset()


def test_text_is_not_in_the_error_when_a_run_fails(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, batch: list[list[str]]) -> None:
        raise RuntimeError("".join(batch[0]))

    monkeypatch.setattr("translation.engines.runtime.LoadedModel._run", fail)

    with pytest.raises(EngineError) as caught:
        translate(MultilingualEngine(own.parents[1]), HELLO["en"])
    assert type(caught.value) is EngineError
    assert "Hello" not in f"{caught.value!r} {caught.value.data}"


def test_memory_budget_holds_when_threads_use_three_models(tmp_path: Path) -> None:
    install_tiny_multilingual(tmp_path)
    install_tiny_models(tmp_path, ["en-vi", "vi-en"])
    sizes = [path.stat().st_size for path in tmp_path.rglob("model.bin")]
    cache = ModelCache(sum(sizes) - min(sizes) // 2)  # room for two of the three
    engines = [(MultilingualEngine(tmp_path, cache), EN_KM, HELLO["km"])]
    argos = ArgosEngine(tmp_path, cache)
    engines += [(argos, (LanguageTag.EN, LanguageTag.VI), "Xin chào mọi người.")]  # type: ignore[list-item]
    vietnamese = (LanguageTag.VI, LanguageTag.EN)
    most = []

    def work(number: int) -> bool:
        engine, pair, expected = engines[number % 2]
        right = engine.translate([HELLO["en"]], pair=pair)[0].text == expected
        right &= argos.translate(["Xin chào mọi người."], pair=vietnamese)[0].text == HELLO["en"]
        most.append(sum(model.size for model in cache.list_loaded()))
        return right

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(24)))

    assert max(most) <= cache.budget
    assert len(sizes) == 3


def test_simplified_model_serves_traditional_when_script_is_changed_before(own: Path) -> None:
    edit_manifest(own, languages={"zh-Hans": "__zh__", "km": "__km__"}, pairs=[["zh-Hans", "km"], ["km", "zh-Hans"]])
    registry = EngineRegistry([MultilingualEngine(own.parents[1]), OpenccEngine()])

    route = registry.find_route(LanguageTag.KM, LanguageTag.ZH_HANT)

    assert route is not None
    assert route.hops == (LanguageTag.KM, LanguageTag.ZH_HANS, LanguageTag.ZH_HANT)
    assert registry.run_route(route, [HELLO["km"]])[0].text == "大家好。"


def test_manifest_holds_digests_of_its_files_when_package_was_made(models: Path) -> None:
    folder = models / "multilingual" / MULTILINGUAL
    manifest = parse_manifest((folder / "qiao.json").read_bytes())

    assert set(manifest.files) == {
        "README.md",
        "model/config.json",
        "model/model.bin",
        "model/shared_vocabulary.json",
        "sentencepiece.model",
    }
    assert manifest.size == sum((folder / path).stat().st_size for path in manifest.files)
    assert not manifest.needs_acceptance
