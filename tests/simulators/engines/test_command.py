"""`python -m simulators.engines` as a developer starts it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from simulators.engines.__main__ import read_table
from translation.engines.libretranslate import LibreTranslateEngine
from translation.engines.llm import LlmEngine
from translation.languages import LanguageTag

SENTENCES = Path(__file__).parents[2] / "models" / "demo_sentences.tsv"


def test_engines_translate_demo_sentences_when_servers_run() -> None:
    pair = (LanguageTag.VI, LanguageTag.ZH_HANT)
    sentence, translation = next(iter(read_table(SENTENCES)[pair[0].value, pair[1].value].items()))
    command = [sys.executable, "-m", "simulators.engines", "--table", str(SENTENCES)]
    command += ["--libretranslate-port", "0", "--chat-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        settings = dict(process.stdout.readline().strip().split("=") for _ in range(3))
        try:
            libretranslate = LibreTranslateEngine(settings["QIAO_LIBRETRANSLATE_URL"])
            llm = LlmEngine(settings["QIAO_LLM_URL"], model=settings["QIAO_LLM_MODEL"])
            said = [engine.translate([sentence], pair=pair)[0].text for engine in (libretranslate, llm)]
        finally:
            process.send_signal(signal.SIGINT)

    assert said == [translation] * 2
    assert process.returncode == 0
