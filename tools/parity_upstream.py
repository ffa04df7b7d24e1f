"""Does our runtime say what upstream's own ``argostranslate`` says? Measured on the small test packages.

    python tools/parity_upstream.py            # a line a hop, and every sentence that differs

Upstream's build is installed from the registry into an environment of its own, because it and the build that Qiao uses
are one module and must never meet. It goes in without stanza and its gigabytes: stanza and minisbd only split
sentences, here every text is one sentence, and empty modules stand in for them. Two searches are compared: ours
(greedy), and the default of ``argostranslate`` (a beam of 4 that prefers short outputs).
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PINNED = ("argostranslate==1.11.0", "ctranslate2==4.8.5", "sentencepiece==0.2.3", "packaging==26.3")
SEED = 22
SENTENCES = 100

#: Hop in Argos codes → sentences.
Texts = dict[str, list[str]]


def main() -> int:
    import click

    sys.path.insert(0, str(ROOT))
    from tests.models import corpus
    from tests.models.packages import ALL_HOPS, install_tiny_models
    from translation.engines.argos import LANGUAGE_OF_CODE, ArgosEngine

    rows = [*(one.texts for one in corpus.load_demo_sentences()), *corpus.draw_held_out(SEED, SENTENCES)]
    texts = {hop: [row[LANGUAGE_OF_CODE[hop.split("-")[0]]] for row in rows] for hop in ALL_HOPS}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        install_tiny_models(work)
        click.echo(f"Installing {PINNED[0]} into an environment of its own …")
        python = make_environment(work / "upstream")
        theirs = {beam: ask_upstream(python, work, texts, beam) for beam in (1, 4)}
        engine = ArgosEngine(work)
        differing = 0
        click.echo(f"{'hop':<8}{'sentences':>10}{'same, greedy':>14}{'same, beam 4':>14}")
        for hop, given in texts.items():
            source, target = (LANGUAGE_OF_CODE[code] for code in hop.split("-"))
            ours = [output.text for output in engine.translate(given, pair=(source, target))]
            same = {beam: sum(map(str.__eq__, ours, theirs[beam][hop])) for beam in theirs}
            click.echo(f"{hop:<8}{len(given):>10}{same[1]:>14}{same[4]:>14}")
            for text, one, other in zip(given, ours, theirs[1][hop], strict=True):
                if one != other:
                    differing += 1
                    click.echo(f"    {text}\n      ours     {one}\n      upstream {other}")
    return min(differing, 1)


def make_environment(folder: Path) -> Path:
    """A virtual environment with upstream's build; returns its Python. Raises ``CalledProcessError`` off line."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", *PINNED], check=True)  # noqa: S603
    return python


def ask_upstream(python: Path, work: Path, texts: Texts, beam: int) -> Texts:
    """Run this file in the other environment, with no home folder but the temporary one."""
    done = subprocess.run(  # noqa: S603
        [python, "-I", __file__, str(work / "packages"), str(beam)],
        input=json.dumps(texts),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={"HOME": str(work), "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"},
    )
    answers: Texts = json.loads(done.stdout)
    return answers


def answer(packages: Path, beam: int) -> None:
    """In the other environment: texts from standard input, translations to standard output."""
    from types import ModuleType

    for name, names in {"stanza": (), "minisbd": ("SBDetect", "models")}.items():
        module: Any = ModuleType(name)
        for each in names:
            setattr(module, each, ModuleType(each))
        sys.modules[name] = module
    from argostranslate import package, settings, translate

    logging.getLogger("argostranslate.utils").setLevel(logging.WARNING)
    settings.beam_size = beam

    class OneSentence:
        def __init__(self, package: object) -> None:
            pass

        def split_sentences(self, text: str) -> list[str]:
            return [text]

    translate.MiniSBDSentencizer = translate.StanzaSentencizer = OneSentence
    answers: Texts = {}
    for hop, texts in json.loads(sys.stdin.read()).items():
        source, target = (translate.Language(code, code) for code in hop.split("-"))
        installed = package.Package(packages / f"translate-{hop.replace('-', '_')}-0_1")
        translation = translate.PackageTranslation(source, target, installed)
        answers[hop] = [str(translation.translate(text)) for text in texts]
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        answer(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        sys.exit(main())
