"""The shipped data files: what they derive from, how big they are, and that the product needs nothing to read them."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from importlib import resources

from translation.detection_data import build
from translation.detection_latin import ALPHABET, CANDIDATES, MODEL_FILE

FOLDER = resources.files("translation.detection_data")


def test_chinese_variants_are_what_the_script_builds() -> None:
    assert FOLDER.joinpath("chinese_variants.json").read_text("utf-8") == build.build_chinese_variants()


def test_latin_model_is_small_attributed_and_whole() -> None:
    packed = FOLDER.joinpath(MODEL_FILE).read_bytes()
    model = json.loads(gzip.decompress(packed))
    words = model["words"].split(" ")
    assert len(packed) <= 300_000
    assert "CC BY-SA 4.0" in model["attribution"]
    assert words == sorted(set(words))
    for tag in CANDIDATES:
        assert len(model["costs"][tag.value]) == len(words)
        assert len(model["trigrams"][tag.value]) == (len(ALPHABET) + 1) ** 3


def test_letters_of_a_language_are_likelier_than_chance_after_training() -> None:
    logs = build.weigh_trigrams({"ab": 0.5, "abb": 0.5})
    symbols = ALPHABET + build.BOUNDARY

    def look_up(trigram: str) -> float:
        first, second, third = (symbols.index(char) for char in trigram)
        return logs[(first * len(symbols) + second) * len(symbols) + third]

    assert look_up("^^a") > -0.1
    assert look_up("^ab") > -0.1
    assert look_up("^az") < look_up("^ab") - 3


def test_costs_are_printable_and_rounded_to_the_step() -> None:
    assert build.encode_costs([0.0, None, -0.18, -1_000.0]) == '! "~'


def test_detection_imports_no_word_list_when_it_runs() -> None:
    program = (
        "import sys; from translation.detection import detect_language; detect_language('terima kasih');"
        "sys.exit('wordfreq' in sys.modules or 'opencc' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
