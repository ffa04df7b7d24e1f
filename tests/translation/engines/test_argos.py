"""The adapter on real, small packages: what a package folder may look like and what must never happen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.corpus import load_demo_sentences
from tests.models.packages import install_tiny_models
from translation.engines import runtime
from translation.engines.argos import ArgosEngine, MetadataError, parse_metadata
from translation.engines.base import EngineError, ModelBrokenError, RouteMissingError
from translation.languages import LanguageTag

EN_VI = (LanguageTag.EN, LanguageTag.VI)
TO_TRADITIONAL = (LanguageTag.ZH_HANS, LanguageTag.ZH_HANT)
EN_TH = (LanguageTag.EN, LanguageTag.TH)
FOLDER = "translate-en_vi-0_1"


def get_package(models_dir: Path) -> Path:
    return models_dir / "packages" / FOLDER


def edit_metadata(models_dir: Path, **changes: object) -> None:
    path = get_package(models_dir) / "metadata.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes), encoding="utf-8")


def translate(engine: ArgosEngine, text: str) -> str:
    return engine.translate([text], pair=EN_VI)[0].text


def test_pairs_are_our_tags_when_packages_use_argos_codes(argos: ArgosEngine) -> None:
    others = (LanguageTag.ZH_HANT, LanguageTag.VI, LanguageTag.ID, LanguageTag.TH)

    expected = {(LanguageTag.EN, tag) for tag in others} | {(tag, LanguageTag.EN) for tag in others}
    assert argos.list_pairs() == expected
    assert argos.list_broken() == {}


@pytest.mark.parametrize("pair", [("en", "vi"), ("vi", "en"), ("zh-Hant", "en"), ("en", "zh-Hant")])
def test_demo_sentences_are_right_when_translated_in_one_batch(argos: ArgosEngine, pair: tuple[str, str]) -> None:
    source, target = pair
    rows = [sentence.texts for sentence in load_demo_sentences()]

    outputs = argos.translate([row[source] for row in rows], pair=(LanguageTag(source), LanguageTag(target)))

    assert [output.text for output in outputs] == [row[target] for row in rows]


@pytest.mark.parametrize("amount", ["3000", "15", "2026", "27470", "640"])
def test_amount_comes_through_when_translated(argos: ArgosEngine, amount: str) -> None:
    assert translate(argos, f"The fee is {amount} NT dollars.") == f"Lệ phí là {amount} Đài tệ."


@pytest.mark.parametrize("text", ["12345", "🎉🎉", "02-1234-5678", "…", "---", "\n", " 7 "])
def test_text_is_left_alone_when_it_has_no_letter(argos: ArgosEngine, text: str) -> None:
    output = argos.translate([text], pair=EN_VI)[0]

    assert output.text == text
    assert output.score is None


def test_lines_stay_apart_when_text_has_several(argos: ArgosEngine) -> None:
    assert translate(argos, "Hello everyone.\n\nThank you!\n") == "Xin chào mọi người.\n\nCảm ơn bạn!\n"


def test_nothing_is_lost_when_text_is_longer_than_the_window(argos: ArgosEngine) -> None:
    text = " ".join(["I live in Taipei.", "Thank you for your help."] * 100)
    assert len(text) > 4000

    translated = translate(argos, text)

    assert translated.count("Tôi sống ở Đài Bắc.") == 100
    assert translated.count("Cảm ơn bạn đã giúp đỡ.") == 100


def test_thai_sara_am_is_one_character_when_model_splits_it(argos: ArgosEngine) -> None:
    text = argos.translate(["How do I renew my work permit?", "I lost my work permit."], pair=EN_TH)

    assert [output.text for output in text] == ["ฉันจะต่ออายุใบอนุญาตทำงานได้อย่างไร", "ฉันทำใบอนุญาตทำงานหาย"]


class SplittingTokenizer:
    """Gives the decoded forms that packages with NFKC tokenizers give."""

    def encode(self, sentence: str) -> list[str]:
        return [sentence]

    def decode(self, tokens: list[str]) -> str:
        return "".join(tokens)


class EchoTranslator:
    """Stands for CTranslate2: the output is the prefix and the input."""

    def translate_batch(self, batch: list[list[str]], **options: object) -> list[object]:
        prefixes = options["target_prefix"] or [[]] * len(batch)

        class Result:
            def __init__(self, tokens: list[str]) -> None:
                self.hypotheses = [tokens]
                self.scores = [-1.0]

        assert isinstance(prefixes, list)
        return [Result([*prefix, *tokens]) for prefix, tokens in zip(prefixes, batch, strict=True)]


@pytest.mark.parametrize(
    ("split", "whole"),
    [
        ("ท\u0e4d\u0e32งาน", "ท\u0e33งาน"),
        ("น\u0e49\u0e4d\u0e32", "น\u0e49\u0e33"),
        ("น\u0e4d\u0e49\u0e32", "น\u0e49\u0e33"),
    ],
)
def test_sara_am_is_composed_when_tokenizer_took_it_apart(split: str, whole: str) -> None:
    model = runtime.LoadedModel(EchoTranslator(), SplittingTokenizer(), pair=EN_VI)

    assert model.translate([split])[0].text == whole


def test_prefix_is_given_and_taken_away_when_package_has_one() -> None:
    model = runtime.LoadedModel(EchoTranslator(), SplittingTokenizer(), pair=EN_VI, target_prefix="<2vi>")

    outputs = model.translate(["one", "two\nthree", "a" * 700])

    assert [output.text for output in outputs[:2]] == ["one", "two\nthree"]
    assert "<2vi>" not in outputs[2].text


def test_prefix_steers_every_sentence_when_real_package_has_one(own_models: Path) -> None:
    tokenizer = runtime.load_tokenizer(get_package(own_models) / "sentencepiece.model", "en", "vi")
    prefix, *rest = tokenizer.encode("Xin chào mọi người.")
    edit_metadata(own_models, target_prefix=prefix)

    steered = translate(ArgosEngine(own_models), "Hello everyone. Hello everyone.\nHello everyone.")

    greeting = tokenizer.decode(rest).strip()
    assert steered == f"{greeting} {greeting}\n{greeting}"


def test_tokens_join_to_the_text_when_package_uses_bpe(tmp_path: Path) -> None:
    (tmp_path / "bpe.model").write_text("#version: 0.2\nh e\nl l\nhe ll\nhell o</w>\n", encoding="utf-8")
    assert runtime.find_tokenizer(tmp_path) == tmp_path / "bpe.model"

    tokenizer = runtime.load_tokenizer(tmp_path / "bpe.model", "en", "vi")

    tokens = tokenizer.encode("hello, hello!")
    assert tokens[0] == "hello"
    assert tokenizer.decode(tokens) == "hello, hello!"


def test_window_is_cut_smaller_when_it_has_too_many_tokens() -> None:
    class Letters(SplittingTokenizer):
        def encode(self, sentence: str) -> list[str]:
            return [byte for char in sentence for byte in [char, *[""] * 3]]

    model = runtime.LoadedModel(EchoTranslator(), Letters(), pair=TO_TRADITIONAL)
    text = "".join(chr(0x4E00 + n) for n in range(500))

    assert model.translate([text])[0].text == text


def test_package_works_at_once_when_it_is_installed_later(tmp_path: Path) -> None:
    engine = ArgosEngine(tmp_path)
    assert engine.list_pairs() == frozenset()
    with pytest.raises(RouteMissingError):
        translate(engine, "Hello.")

    install_tiny_models(tmp_path, ["en-vi"])

    assert engine.list_pairs() == {EN_VI}
    assert translate(engine, "Hello everyone.") == "Xin chào mọi người."


def test_pair_is_gone_at_once_when_package_is_removed(own_models: Path) -> None:
    engine = ArgosEngine(own_models)
    translate(engine, "Hello.")

    shutil.rmtree(get_package(own_models))

    assert engine.list_pairs() == frozenset()
    with pytest.raises(RouteMissingError):
        translate(engine, "Hello.")


def test_new_model_answers_when_package_is_replaced(own_models: Path) -> None:
    engine = ArgosEngine(own_models)
    before = translate(engine, "Hello everyone."), engine.describe_version(EN_VI)
    other = install_tiny_models(own_models / "other", ["en-th"])[0]

    os.replace(other / "model" / "model.bin", get_package(own_models) / "model" / "model.bin")
    for name in ("sentencepiece.model", "model/shared_vocabulary.json"):
        os.replace(other / name, get_package(own_models) / name)

    assert translate(engine, "Hello everyone.") == "สวัสดีทุกคน"
    assert before[0] == "Xin chào mọi người."
    assert engine.describe_version(EN_VI) != before[1]


def test_model_is_loaded_once_when_used_twice(own_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    load = runtime.load_model
    monkeypatch.setattr(runtime, "load_model", lambda *args, **more: loads.append(args) or load(*args, **more))
    engine = ArgosEngine(own_models)
    assert engine.list_pairs()
    assert loads == []

    translate(engine, "Hello.")
    translate(engine, "Thank you!")

    assert len(loads) == 1


def test_newest_version_answers_when_two_are_installed(own_models: Path) -> None:
    newer = get_package(own_models).with_name("translate-en_vi-0_10")
    shutil.copytree(get_package(own_models), newer)
    edit_metadata(own_models, package_version="0.9")
    path = newer / "metadata.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"package_version": "0.10"}), encoding="utf-8")

    assert ArgosEngine(own_models).describe_version(EN_VI).startswith("0.10+")


@pytest.mark.parametrize(
    ("break_it", "problem"),
    [
        (lambda package: (package / "metadata.json").unlink(), "metadata_missing"),
        (lambda package: (package / "metadata.json").write_text("{"), "metadata_not_json"),
        (lambda package: (package / "metadata.json").write_bytes(b"\xff\xfe"), "metadata_not_json"),
        (lambda package: (package / "metadata.json").write_text("[]"), "not_a_translation_package"),
        (lambda package: (package / "metadata.json").write_text('{"from_code": "en"}'), "metadata_incomplete"),
        (lambda package: (package / "sentencepiece.model").unlink(), "tokenizer_missing"),
        (lambda package: shutil.rmtree(package / "model"), "model_missing"),
    ],
)
def test_other_packages_work_when_one_folder_is_broken(own_models: Path, break_it: object, problem: str) -> None:
    install_tiny_models(own_models, ["vi-en"])
    assert callable(break_it)
    break_it(get_package(own_models))
    engine = ArgosEngine(own_models)

    assert engine.list_pairs() == {(LanguageTag.VI, LanguageTag.EN)}
    assert engine.list_broken() == {FOLDER: problem}
    assert engine.translate(["Xin chào."], pair=(LanguageTag.VI, LanguageTag.EN))[0].text == "Hello."


def corrupt_weights(package: Path) -> None:
    path = package / "model" / "model.bin"
    path.write_bytes(path.read_bytes()[:5000])


def corrupt_tokenizer(package: Path) -> None:
    (package / "sentencepiece.model").write_bytes(b"not a tokenizer")


def corrupt_vocabulary(package: Path) -> None:
    (package / "model" / "shared_vocabulary.json").unlink()


@pytest.mark.parametrize("corrupt", [corrupt_weights, corrupt_tokenizer, corrupt_vocabulary])
def test_model_is_reported_broken_when_its_files_are_corrupted(own_models: Path, corrupt: object) -> None:
    assert callable(corrupt)
    corrupt(get_package(own_models))
    engine = ArgosEngine(own_models)

    with pytest.raises(ModelBrokenError):
        translate(engine, "Hello.")

    assert engine.list_broken() == {FOLDER: "model_does_not_load"}
    assert engine.list_pairs() == frozenset()
    with pytest.raises(ModelBrokenError):
        translate(engine, "Hello.")
    with pytest.raises(ModelBrokenError):
        engine.describe_version(EN_VI)


def test_older_version_answers_when_the_newest_does_not_load(own_models: Path) -> None:
    newer = get_package(own_models).with_name("translate-en_vi-0_2")
    shutil.copytree(get_package(own_models), newer)
    edit_metadata(own_models, package_version="0.0")
    corrupt_weights(newer)
    engine = ArgosEngine(own_models)
    with pytest.raises(ModelBrokenError):
        translate(engine, "Hello.")

    assert translate(engine, "Hello.") == "Xin chào."


def test_error_quotes_no_text_when_a_run_fails(
    own_models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(self: object, texts: list[str]) -> None:
        raise RuntimeError(f"cannot translate {texts[0]}")

    engine = ArgosEngine(own_models)
    monkeypatch.setattr(runtime.LoadedModel, "translate", fail)

    with pytest.raises(EngineError) as caught:
        translate(engine, "secret")

    assert "secret" not in f"{caught.value!r} {caught.value.data}"
    assert caught.value.__suppress_context__
    captured = capsys.readouterr()
    assert "secret" not in captured.out + captured.err


@pytest.mark.parametrize("missing", ["ctranslate2", "sentencepiece"])
def test_no_pair_is_offered_when_library_is_missing(
    own_models: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    engine = ArgosEngine(own_models)
    assert engine.list_pairs() == {EN_VI}

    monkeypatch.setitem(sys.modules, missing, None)

    assert engine.list_pairs() == frozenset()
    with pytest.raises(RouteMissingError):
        translate(engine, "Hello.")


def test_engine_libraries_stay_out_when_adapter_is_imported() -> None:
    code = (
        "import sys, translation.engines.argos_packages, translation.engines.registry;"
        "print(sorted({'ctranslate2', 'sentencepiece', 'argostranslate', 'opencc'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_name_is_the_given_one_when_engine_serves_the_demo(own_models: Path) -> None:
    assert ArgosEngine(own_models).name == "argos"
    assert ArgosEngine(own_models, name="qiao-tiny").name == "qiao-tiny"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"from_code": 1, "to_code": "vi"}', "metadata_incomplete"),
        (b'{"from_code": "", "to_code": "vi"}', "metadata_incomplete"),
        (b"[" * 60_000, "metadata_not_json"),
        (b'{"type": "sbd", "from_codes": ["en"]}', "not_a_translation_package"),
        (b'"' + b"a" * 70_000 + b'"', "metadata_too_large"),
        (b'{"from_code": "en", "to_code": "' + b"v" * 33 + b'"}', "metadata_incomplete"),
    ],
)
def test_metadata_is_refused_when_it_is_not_sane(data: bytes, problem: str) -> None:
    with pytest.raises(MetadataError, match=problem):
        parse_metadata(data)


def test_versions_are_ordered_when_they_are_odd() -> None:
    versions = ["1.10", "1.9", "", "1.x", "²", "1"]
    keys = {
        version: parse_metadata(json.dumps({"from_code": "en", "to_code": "vi", "package_version": version}).encode())
        for version in versions
    }

    assert sorted(versions, key=lambda version: keys[version].version_key) == ["", "²", "1", "1.x", "1.9", "1.10"]


@pytest.mark.parametrize("pair", [("en", "de"), ("xx", "vi"), ("en", "en")])
def test_package_is_no_pair_of_ours_when_language_is_another(pair: tuple[str, str]) -> None:
    metadata = parse_metadata(json.dumps({"from_code": pair[0], "to_code": pair[1]}).encode())

    assert metadata.pair is None
