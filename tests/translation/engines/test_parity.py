"""Same package, same sentence, same search: our runtime says what ``argostranslate`` says.

Its default search (a beam of 4 that prefers short outputs) is set to ours here: with it, it drops half of the longer
sentences of the toy models.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.models.corpus import load_demo_sentences
from tests.models.packages import ALL_HOPS
from translation.engines.argos import LANGUAGE_OF_CODE, ArgosEngine


class OneSentence:
    """Instead of a splitter that would have to be downloaded."""

    def split_sentences(self, text: str) -> list[str]:
        return [text]


@pytest.fixture
def translate_with_argos(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``argostranslate``'s own translation of one sentence, offline and with its folders out of the home folder."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    from argostranslate import package, settings, translate

    monkeypatch.setattr(settings, "beam_size", 1)

    def run(text: str, hop: str) -> str:
        installed = package.Package(tiny_models / "packages" / f"translate-{hop}-0_1")
        source, target = (translate.Language(code, code) for code in hop.split("_"))
        translation = translate.PackageTranslation(source, target, installed)
        translation.sentencizer = OneSentence()
        return str(translation.translate(text))

    return run


@pytest.mark.parametrize("hop", ALL_HOPS)
def test_translation_is_the_same_when_argos_does_it(translate_with_argos: Any, argos: ArgosEngine, hop: str) -> None:
    source, target = (LANGUAGE_OF_CODE[code] for code in hop.split("-"))
    texts = [sentence.texts[source] for sentence in load_demo_sentences()]

    ours = argos.translate(texts, pair=(source, target))

    assert [output.text for output in ours] == [translate_with_argos(text, hop.replace("-", "_")) for text in texts]
