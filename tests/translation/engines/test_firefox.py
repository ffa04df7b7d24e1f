"""The adapter on real, small models: what a model folder may look like, and what becomes of the models' processes."""

from __future__ import annotations

import errno
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.models.corpus import load_demo_sentences
from tests.models.firefox.models import install_tiny_firefox, name_files, write_manifest
from translation.engines import firefox_process
from translation.engines.base import EngineError, ModelBrokenError, Pair, RouteMissingError
from translation.engines.cache import ModelCache
from translation.engines.firefox import FirefoxEngine, PieceCounter
from translation.engines.firefox_files import (
    LANGUAGE_OF_CODE,
    Manifest,
    dump_manifest,
    find_files,
    parse_manifest,
    read_pieces,
)
from translation.engines.firefox_process import ModelProcess, ProcessError
from translation.engines.folders import FolderBrokenError
from translation.languages import LanguageTag

VI_EN = (LanguageTag.VI, LanguageTag.EN)
EN_ID = (LanguageTag.EN, LanguageTag.ID)
GREETING = "Xin chào mọi người."
NAMES = name_files("vi-en")


def drop_all(cache: ModelCache) -> None:
    for model in cache.list_loaded():
        cache.drop(model.slot)


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirefoxEngine]:
    """One engine for all tests that only translate, so that models load once."""
    folder, cache = tmp_path_factory.mktemp("models"), ModelCache()
    install_tiny_firefox(folder)
    yield FirefoxEngine(folder, cache)
    drop_all(cache)


@pytest.fixture
def cache() -> Iterator[ModelCache]:
    cache = ModelCache()
    yield cache
    drop_all(cache)


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    """A models folder of the test's own with both hops."""
    install_tiny_firefox(tmp_path)
    return tmp_path


@pytest.fixture
def folder(models_dir: Path) -> Path:
    """The hop that tests break."""
    return models_dir / "firefox" / "vi-en"


@pytest.fixture
def pids(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the processes that translated something, in order, one after the other."""
    seen: list[int] = []
    translate = ModelProcess.translate

    def watch(self: ModelProcess, sentences: list[str]) -> list[str]:
        assert self.pid is not None
        if seen[-1:] != [self.pid]:
            seen.append(self.pid)
        return translate(self, sentences)

    monkeypatch.setattr(ModelProcess, "translate", watch)
    return seen


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def greet(engine: FirefoxEngine) -> str:
    return engine.translate([GREETING], pair=VI_EN)[0].text


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Change a file and the manifest with it, so that only what is in the file can give it away."""
    path.write_bytes(change(path.read_bytes()))
    write_manifest(path.parent, "vi-en")


def test_pairs_are_our_tags_when_models_use_firefox_codes(firefox: FirefoxEngine) -> None:
    assert firefox.list_pairs() == {VI_EN, EN_ID}
    assert firefox.list_broken() == {}
    assert firefox.describe_version(VI_EN).startswith("0.1+")


@pytest.mark.parametrize("pair", [VI_EN, EN_ID])
def test_demo_sentences_are_right_when_translated_in_one_batch(firefox: FirefoxEngine, pair: Pair) -> None:
    source, target = pair
    rows = [sentence.texts for sentence in load_demo_sentences()]

    outputs = firefox.translate([row[source] for row in rows], pair=pair)

    assert [output.text for output in outputs] == [row[target] for row in rows]


@pytest.mark.parametrize("text", ["12345", "🎉🎉", "02-1234-5678", "…", "\n", " 7 "])
def test_text_is_left_alone_when_it_has_no_letter(firefox: FirefoxEngine, text: str) -> None:
    assert firefox.translate([text], pair=VI_EN)[0].text == text


def test_lines_stay_apart_when_text_has_several(firefox: FirefoxEngine) -> None:
    translated = firefox.translate([f"{GREETING}\n\nCảm ơn bạn!\n"], pair=VI_EN)[0].text

    assert translated == "Hello everyone.\n\nThank you!\n"


def test_nothing_is_cut_off_when_sentence_has_more_tokens_than_a_model_takes(
    firefox: FirefoxEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    translate = ModelProcess.translate

    def watch(self: ModelProcess, sentences: list[str]) -> list[str]:
        seen.extend(sentences)
        return translate(self, sentences)

    monkeypatch.setattr(ModelProcess, "translate", watch)
    text = "ក" * 500

    firefox.translate([text], pair=VI_EN)

    assert "".join(seen) == text
    assert max(len(sentence.encode()) for sentence in seen) <= 127


def test_tokens_are_counted_when_some_characters_are_unknown() -> None:
    counter = PieceCounter(frozenset({"a", "an", " ban", "</s>"}))

    tokens = counter.encode("an banក x")

    assert "".join(tokens) == "an banក x"
    assert len(tokens) == len(["an", " ban", "<e1>", "<9e>", "<80>", "< >", "<x>"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [("a<0xE2><0x9C><0x93>b", "a✓b"), ("<0xE2><0x9C>", "\ufffd"), ("a <0xzz>", "a <0xzz>"), ("", "")],
)
def test_bytes_are_characters_again_when_library_names_them(given: str, expected: str) -> None:
    assert PieceCounter(frozenset({"</s>"})).decode([given]) == expected


def grow(data: bytes, place: int, value: int) -> bytes:
    return data[:place] + struct.pack("<Q", value) + data[place + 8 :]


BROKEN: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "model cut short": ("model", lambda data: data[:5000], "model_does_not_load"),
    "model without its last byte": ("model", lambda data: data[:-1], "model_does_not_load"),
    "model of nothing": ("model", lambda data: b"", "model_does_not_load"),
    "model of another format": ("model", lambda data: b"PK\3\4" + data, "model_does_not_load"),
    "model that wants terabytes": ("model", lambda data: grow(data, 8, 2**40), "model_does_not_load"),
    "tensor of terabytes": ("model", lambda data: grow(data, 32, 2**44), "model_does_not_load"),
    "model without a weight": (
        "model",
        lambda data: data.replace(b"encoder_l1_self_Wq\0", b"encoder_l1_self_Xq\0"),
        "",
    ),
    "vocabulary of nothing": ("vocabulary", lambda data: b"", "tokenizer_broken"),
    "vocabulary of garbage": ("vocabulary", lambda data: bytes(range(256)), "tokenizer_broken"),
    "vocabulary cut short": ("vocabulary", lambda data: data[:3001], "tokenizer_broken"),
    "vocabulary without end": ("vocabulary", lambda data: b"\x12\xf5" + b"\xff" * 8 + b"\x01", "tokenizer_broken"),
    "vocabulary too large": (
        "vocabulary",
        lambda data: data + b"".join(b"\n\x06\n\x04" + b"%04d" % number for number in range(2000)),
        "tokenizer_of_another_model",
    ),
    "shortlist of nothing": ("shortlist", lambda data: b"", "model_does_not_load"),
    "shortlist that wants terabytes": ("shortlist", lambda data: grow(data, 32, 2**40), "model_does_not_load"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_model_is_an_error_when_a_file_is_broken(
    models_dir: Path, folder: Path, cache: ModelCache, case: str, capfd: pytest.CaptureFixture[str]
) -> None:
    role, change, problem = BROKEN[case]
    edit(folder / NAMES[role], change)
    engine = FirefoxEngine(models_dir, cache)

    with pytest.raises(EngineError) as caught:
        greet(engine)

    if problem:
        assert isinstance(caught.value, ModelBrokenError)
        assert engine.list_broken() == {"vi-en": problem}
        assert engine.list_pairs() == {EN_ID}
    assert engine.translate(["Thank you!"], pair=EN_ID)[0].text == "Terima kasih!"
    told = capfd.readouterr()
    assert GREETING not in told.out + told.err


def test_model_is_broken_when_a_byte_of_its_weights_has_changed(
    models_dir: Path, folder: Path, cache: ModelCache
) -> None:
    weights = folder / NAMES["model"]
    data = bytearray(weights.read_bytes())
    data[-5000] ^= 1
    weights.write_bytes(data)
    engine = FirefoxEngine(models_dir, cache)

    with pytest.raises(ModelBrokenError):
        greet(engine)

    assert engine.list_broken() == {"vi-en": "wrong_checksum"}


@pytest.mark.parametrize(
    ("name", "problem"),
    [(NAMES["model"], "model_missing"), (NAMES["vocabulary"], "tokenizer_missing"), ("qiao.json", "manifest_missing")],
)
def test_model_is_not_offered_when_a_file_is_missing(
    models_dir: Path, folder: Path, cache: ModelCache, name: str, problem: str
) -> None:
    (folder / name).unlink()
    engine = FirefoxEngine(models_dir, cache)

    assert engine.list_pairs() == {EN_ID}
    assert engine.list_broken() == {"vi-en": problem}
    with pytest.raises(EngineError):
        greet(engine)


def test_model_is_not_offered_when_there_are_two_in_its_folder(
    models_dir: Path, folder: Path, cache: ModelCache
) -> None:
    shutil.copy(folder / NAMES["model"], folder / "model.vien.other.bin")

    assert FirefoxEngine(models_dir, cache).list_broken() == {"vi-en": "several_models"}


def test_route_is_missing_when_model_was_removed(models_dir: Path, folder: Path, cache: ModelCache) -> None:
    engine = FirefoxEngine(models_dir, cache)
    assert greet(engine) == "Hello everyone."

    shutil.rmtree(folder)

    with pytest.raises(RouteMissingError):
        greet(engine)
    assert cache.list_loaded() == []


def test_nothing_is_offered_when_library_is_missing(
    models_dir: Path, cache: ModelCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fxtranslate", None)

    assert FirefoxEngine(models_dir, cache).list_pairs() == frozenset()


def test_newest_model_is_used_when_two_do_the_same_hop(models_dir: Path, folder: Path, cache: ModelCache) -> None:
    newer = folder.with_name("vi-en-newer")
    shutil.copytree(folder, newer)
    manifest = parse_manifest((folder / "qiao.json").read_bytes())
    (newer / "qiao.json").write_bytes(dump_manifest(Manifest(manifest.codes, "0.10", "MPL-2.0", manifest.files)))

    assert FirefoxEngine(models_dir, cache).describe_version(VI_EN).startswith("0.10+")


def test_new_model_is_used_without_a_restart_when_it_is_replaced(
    models_dir: Path, folder: Path, cache: ModelCache, pids: list[int]
) -> None:
    engine = FirefoxEngine(models_dir, cache)
    greet(engine)
    other = folder.with_name(".new")
    shutil.copytree(folder, other)

    shutil.rmtree(folder)
    other.rename(folder)

    assert greet(engine) == "Hello everyone."
    assert len(pids) == 2
    assert [is_running(pid) for pid in pids] == [False, True]


def test_process_ends_when_its_model_has_to_make_room(models_dir: Path, pids: list[int]) -> None:
    cache = ModelCache(1_000_000)
    engine = FirefoxEngine(models_dir, cache)

    greet(engine)
    assert engine.translate(["Thank you!"], pair=EN_ID)[0].text == "Terima kasih!"

    assert [is_running(pid) for pid in pids] == [False, True]
    drop_all(cache)
    assert [is_running(pid) for pid in pids] == [False, False]


def test_outputs_are_right_when_threads_take_each_others_room(models_dir: Path) -> None:
    cache = ModelCache(1_000_000)
    engine = FirefoxEngine(models_dir, cache)
    work = [(VI_EN, GREETING, "Hello everyone."), (EN_ID, "Thank you!", "Terima kasih!")] * 6

    with ThreadPoolExecutor(6) as pool:
        outputs = list(pool.map(lambda item: engine.translate([item[1]], pair=item[0])[0].text, work))

    assert outputs == [expected for _, _, expected in work]
    drop_all(cache)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_next_text_is_translated_when_process_was_killed(
    models_dir: Path, cache: ModelCache, pids: list[int], number: signal.Signals
) -> None:
    engine = FirefoxEngine(models_dir, cache)
    greet(engine)
    os.kill(pids[0], number)

    with pytest.raises(EngineError) as caught:
        greet(engine)

    assert not isinstance(caught.value, ModelBrokenError)
    assert greet(engine) == "Hello everyone."
    assert len(pids) == 2


def test_model_is_tried_again_when_system_gave_no_process(
    models_dir: Path, cache: ModelCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start() -> tuple[int, int, int]:
        raise OSError(errno.EMFILE, "too many open files")

    engine = FirefoxEngine(models_dir, cache)
    with monkeypatch.context() as patch:
        patch.setattr(firefox_process, "_start", start)
        with pytest.raises(EngineError) as caught:
            greet(engine)

    assert not isinstance(caught.value, ModelBrokenError)
    assert greet(engine) == "Hello everyone."


def test_process_ends_when_library_takes_longer_than_it_may(models_dir: Path, folder: Path) -> None:
    endless = b"\x12\xf5" + b"\xff" * 8 + b"\x01"  # as measured: the library reads these bytes for ever
    (folder / NAMES["vocabulary"]).write_bytes(endless)

    with pytest.raises(ProcessError):
        ModelProcess(find_files(folder), seconds=1)


def test_process_has_no_secret_when_its_parent_has(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QIAO_SECRET_KEY", "do-not-tell")

    process = ModelProcess(find_files(folder))

    try:
        assert b"do-not-tell" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    finally:
        process.close()


def test_process_is_closed_once_when_closed_twice(folder: Path) -> None:
    process = ModelProcess(find_files(folder))
    pid = process.pid
    assert pid is not None

    process.close()
    process.close()

    assert not is_running(pid)
    with pytest.raises(ProcessError):
        process.translate(["a"])


def test_process_ends_when_its_parent_is_killed(folder: Path) -> None:
    code = (
        "import sys, signal; from pathlib import Path;"
        "from translation.engines.firefox_files import find_files;"
        "from translation.engines.firefox_process import ModelProcess;"
        f"print(ModelProcess(find_files(Path({str(folder)!r}))).pid, flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()

        ended, _, _ = select.select([process], [], [], 60)

    os.close(process)
    assert ended


GEVENT = """
from gevent import monkey; monkey.patch_all()
import os, signal, sys; from pathlib import Path
import gevent
from app.core.offload import run_off_loop
from translation.engines.cache import ModelCache
from translation.engines.firefox import FirefoxEngine
from translation.engines.firefox_process import ModelProcess
from translation.languages import LanguageTag as L

engine = FirefoxEngine(Path(sys.argv[1]), ModelCache(1_000_000))  # room for one of two models
vi_en, en_id = (L.VI, L.EN), (L.EN, L.ID)
pids = []
translate = ModelProcess.translate

def watch(self, sentences):
    pids.append(self.pid)
    return translate(self, sentences)

ModelProcess.translate = watch

def run(text, pair):
    return run_off_loop(lambda: engine.translate([text], pair=pair)[0].text)

assert run("Xin chào mọi người.", vi_en) == "Hello everyone."
os.kill(pids[-1], signal.SIGSTOP)  # a sentence that takes as long as we like
jobs = [gevent.spawn(run, "Cảm ơn bạn!", vi_en) for _ in range(3)]
for _ in range(200):
    gevent.sleep(0.001)
assert len(pids) > 1 and not any(job.dead for job in jobs)
os.kill(pids[0], signal.SIGCONT)
gevent.joinall(jobs, raise_error=True)
assert [job.value for job in jobs] == ["Thank you!"] * 3

jobs = [gevent.spawn(run, *job) for job in [("Xin chào mọi người.", vi_en), ("Thank you!", en_id)] * 4]
gevent.joinall(jobs, raise_error=True)
assert [job.value for job in jobs] == ["Hello everyone.", "Terima kasih!"] * 4
print("done")
"""


def test_loop_keeps_turning_when_models_work_under_gevent(models_dir: Path) -> None:
    """In a process of its own a sentence can take as long as it wants; the library itself would hold Python's lock."""
    done = subprocess.run(
        [sys.executable, "-c", GEVENT, str(models_dir)], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.stdout.splitlines()[-1:] == ["done"], done.stderr


@pytest.mark.parametrize(
    ("codes", "pair"),
    [
        (("zh", "en"), (LanguageTag.ZH_HANS, LanguageTag.EN)),
        (("en", "zh_hant"), (LanguageTag.EN, LanguageTag.ZH_HANT)),
        (("en", "zh-Hant"), (LanguageTag.EN, LanguageTag.ZH_HANT)),
        (("en", "fr"), None),
        (("en", "en"), None),
    ],
)
def test_pair_is_in_our_tags_when_manifest_has_firefox_codes(codes: tuple[str, str], pair: Pair | None) -> None:
    manifest = Manifest(codes, "1.0", "MPL-2.0", {NAMES["model"]: "0" * 64})

    assert parse_manifest(dump_manifest(manifest)) == manifest
    assert manifest.pair == pair


def test_every_code_is_one_of_our_languages_when_mapped() -> None:
    assert all(tag.is_known for tag in LANGUAGE_OF_CODE.values())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b'{"format": 1, "engine": "firefox"}',
        b'{"format": 2, "engine": "firefox", "source": "vi", "target": "en", "version": "1", "licence": "x",'
        b' "files": {}}',
        b'{"format": 1, "engine": "argos", "source": "vi", "target": "en", "version": "1", "licence": "x",'
        b' "files": {}}',
        b'{"format": 1, "engine": "firefox", "source": "vi", "target": "en", "version": "1", "licence": "x",'
        b' "files": {"../x": "00"}}',
        b" " * 70_000,
    ],
)
def test_manifest_is_refused_when_it_makes_no_sense(data: bytes) -> None:
    with pytest.raises(FolderBrokenError):
        parse_manifest(data)


def test_pieces_are_read_when_vocabulary_is_real(folder: Path) -> None:
    pieces = read_pieces((folder / NAMES["vocabulary"]).read_bytes())

    assert {"</s>", "<unk>", "<0xE2>"} <= pieces
    assert any(piece.startswith(" ") for piece in pieces)
