"""A real LibreTranslate server beside our whole job and our runtime, on the same models, with 8 clients.

Installs the server from PyPI on the first run, into an environment of its own; nothing of it is imported here.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import venv
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Final

import urllib3

from app.core.db import Database
from app.core.logging import configure_logging
from app.core.outbox import Subscribers
from benchmarks.harness import Figure, Report, create_database, name_database
from benchmarks.models import HOP, PAIR, SOURCE, TARGET, Model, learn, open_small, open_usual
from benchmarks.translation import ask_for, run_job
from tests.models.corpus import draw_held_out, load_demo_sentences
from tests.models.packages import ALL_HOPS, install_tiny_models
from translation.engines.argos import ArgosEngine
from translation.engines.base import Engine, Pair
from translation.engines.libretranslate import LibreTranslateEngine

VERSION: Final = "1.9.6"
#: Where the server is installed (0.6 GB, a minute), kept from run to run.
HOME: Final = Path(os.environ.get("QIAO_BENCH_LIBRETRANSLATE_DIR", Path.home() / ".cache/qiao-bench/libretranslate"))
CLIENTS: Final = 8
ROUNDS: Final = 2
#: Sentences a round, for the two models, and of the first one, which warms up.
USUAL_SENTENCES, SMALL_SENTENCES, WARM_UP_SENTENCES = 64, 480, 16
#: Its own beam, and the one that we use.
BEAMS: Final = (4, 1)
#: Its sentence splitter would be downloaded at the first text. Here every text is one sentence already. A model of
#: random numbers is bound to as many pieces as it is in this process.
_LAUNCH: Final = """
import os
import ctranslate2
from argostranslate import sbd
sbd.MiniSBDSentencizer.split_sentences = lambda self, text: [text]
options = {"beam_size": int(os.environ["BENCH_BEAM"])}
if length := int(os.environ["BENCH_LENGTH"]):
    options |= {"min_decoding_length": length, "max_decoding_length": length}
original = ctranslate2.Translator.translate_batch
ctranslate2.Translator.translate_batch = lambda *given, **named: original(*given, **{**named, **options})
from libretranslate.main import main
main()
"""
_START_SECONDS: Final = 60.0


def measure() -> Report:
    configure_logging(log_format="console", level="WARNING")
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="qiao-bench-") as name, create_database(folder=Path(name)) as url:
        database = Database(url, session_info={"subscribers": Subscribers()})
        figures += _check_answers(Path(name))
        for open_model, sentences in ((open_usual, USUAL_SENTENCES), (open_small, SMALL_SENTENCES)):
            with open_model() as model:
                figures += _compare_speed(Path(name), database, model, sentences)
        database.dispose()
    return Report(
        "libretranslate_server",
        [
            f"LibreTranslate {VERSION} in a process of its own on this machine, 4 threads as it comes; the same model"
            " on both sides, every text one sentence, so that it splits none",
            f"{SOURCE} to {TARGET}, {ROUNDS} rounds of {USUAL_SENTENCES} (model of the usual size) and"
            f" {SMALL_SENTENCES} (small one) other sentences, {CLIENTS} clients, each way in turn;"
            f" {name_database(url)}",
            f"LibreTranslate with a beam of {BEAMS[0]}, as it comes, and of {BEAMS[1]}, greedy, as ours is",
            "whole job: from messages in the database to translations in it, checked; with storing: each message first"
            f" stored in a transaction of its own, by {CLIENTS} clients",
        ],
        figures,
    )


@contextmanager
def serve_libretranslate(
    folder: Path, *, home: Path = HOME, package: Path | None = None, beam: int = BEAMS[0], length: int | None = None
) -> Iterator[str]:
    """The URL of a running server with the small models, which keeps its files in ``folder``. ``package`` takes the
    place of the small one for its pair; ``length`` binds every output to so many pieces. Installs the server into a
    virtual environment in ``home`` first, where it isn't there. Raises RuntimeError if it does not start."""
    python = _install(home)
    models = folder / "data" / "argos-translate"
    # It wants several packages, or it downloads some.
    install_tiny_models(models, [hop for hop in ALL_HOPS if package is None or hop != HOP])
    if package is not None:
        copytree(package, models / "packages" / package.name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **os.environ,
        "HOME": str(folder),
        **{f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("DATA", "CONFIG", "CACHE")},
        "BENCH_BEAM": str(beam),
        "BENCH_LENGTH": str(length or 0),
    }
    command = [str(python), "-c", _LAUNCH, "--port", str(port), "--disable-web-ui", "--disable-files-translation"]
    with (folder / "libretranslate.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(server, url)
            yield url
        finally:
            server.terminate()
            server.wait()


def _install(home: Path) -> Path:
    python = home / VERSION / "bin" / "python"
    if not (home / VERSION / "bin" / "libretranslate").exists():
        venv.create(home / VERSION, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"libretranslate=={VERSION}"], check=True)
    return python


def _wait(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if urllib3.request("GET", f"{url}/languages", retries=False, timeout=2).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.2)
    raise RuntimeError("LibreTranslate did not start")


def _check_answers(folder: Path) -> list[Figure]:
    """Every pair of the server on every demo sentence; pairs without English go through it there."""
    home = folder / "answers"
    home.mkdir()
    install_tiny_models(home)
    with serve_libretranslate(home) as url:
        here, there = ArgosEngine(home), LibreTranslateEngine(url)
        direct = sorted(here.list_pairs())
        through = sorted(there.list_pairs() - here.list_pairs())
        right = {}
        for name, engine, pairs in (("ours", here, direct), ("server", there, direct), ("pivot", there, through)):
            count = sum(_count_right(engine, pair) for pair in pairs)
            right[name] = f"{count} of {len(pairs) * len(load_demo_sentences())}"
    return [
        Figure("demo sentences right, direct hops, our runtime", right["ours"]),
        Figure("demo sentences right, direct hops, LibreTranslate through the adapter", right["server"]),
        Figure("demo sentences right, its hops through English, through the adapter", right["pivot"]),
    ]


def _count_right(engine: Engine, pair: Pair) -> int:
    rows = [sentence.texts for sentence in load_demo_sentences()]
    outputs = engine.translate([row[pair[0]] for row in rows], pair=pair)
    return sum(output.text == row[pair[1]] for output, row in zip(outputs, rows, strict=True))


def _compare_speed(folder: Path, database: Database, model: Model, sentences: int) -> list[Figure]:
    seconds: dict[str, float] = {}
    with ThreadPoolExecutor(CLIENTS) as clients, ExitStack() as servers:
        ways: dict[str, Callable[[Sequence[str]], object]] = {}
        for beam in BEAMS:
            home = Path(servers.enter_context(TemporaryDirectory(dir=folder)))
            url = servers.enter_context(
                serve_libretranslate(home, package=model.package, beam=beam, length=model.length)
            )
            ways[f"LibreTranslate, beam {beam}"] = _ask_one_by_one(clients, url)
            ways[f"LibreTranslate through our adapter, beam {beam}"] = _ask_in_batches(clients, url)

        def store(texts: Sequence[str]) -> None:
            _finish(clients.map(lambda text: ask_for(database, [text]), texts))

        ways["our runtime"] = _run_here(clients, model.engine)
        for number in range(ROUNDS + 1):
            rows = draw_held_out(number, sentences if number else WARM_UP_SENTENCES)
            texts = [row[SOURCE.value] for row in rows]
            learn(model, rows)
            took = {way: _time(ask, texts) for way, ask in ways.items()}
            stored = _time(store, texts)
            took["our whole job"] = _time(lambda texts: run_job(database, model.engine, len(texts)), texts)
            took["our whole job, with storing"] = stored + took["our whole job"]
            if number:
                seconds = {way: seconds.get(way, 0.0) + value for way, value in took.items()}
    total = ROUNDS * sentences
    figures = [Figure(f"{model.name}: {way}", f"{total / spent:.0f} sentences/s") for way, spent in seconds.items()]
    for beam in BEAMS:
        ratio = seconds[f"LibreTranslate, beam {beam}"] / seconds["our whole job"]
        budget = "≥ 4×" if model.length else ""
        figures.append(Figure(f"{model.name}: our whole job to LibreTranslate, beam {beam}", f"{ratio:.1f}×", budget))
    return figures


def _time(function: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    started = time.perf_counter()
    function(texts)
    return time.perf_counter() - started


def _ask_one_by_one(clients: ThreadPoolExecutor, url: str) -> Callable[[Sequence[str]], None]:
    """A request for each sentence, as programs ask a LibreTranslate server."""
    pool = urllib3.PoolManager(maxsize=CLIENTS)

    def ask(text: str) -> None:
        body = {"q": text, "source": SOURCE.value, "target": TARGET.value, "format": "text"}
        json.loads(pool.request("POST", f"{url}/translate", json=body, retries=False).data)["translatedText"]

    return lambda texts: _finish(clients.map(ask, texts))


def _ask_in_batches(clients: ThreadPoolExecutor, url: str) -> Callable[[Sequence[str]], None]:
    return _run_here(clients, LibreTranslateEngine(url))


def _run_here(clients: ThreadPoolExecutor, engine: Engine) -> Callable[[Sequence[str]], None]:
    size = engine.capabilities.batch_size

    def run(texts: Sequence[str]) -> None:
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        _finish(clients.map(lambda batch: engine.translate(batch, pair=PAIR), batches))

    return run


def _finish(results: Iterable[object]) -> None:
    """Wait for all of them; what one of them raised comes out here."""
    for _ in results:
        pass
