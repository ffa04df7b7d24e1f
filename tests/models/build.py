"""Train the small translation models of the tests and write them as Argos packages.

    python tests/models/build.py                  # all eight hops, two at a time
    python tests/models/build.py vi-en en-zt      # some of them
    python tests/models/build.py --evaluate       # measure the committed ones; needs no PyTorch

Needs the extra ``train``. The same seed on the same machine gives the same weights; on another one the last digits of a
product may differ, and so may a few weights.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.models import corpus  # noqa: E402
from tests.models.packages import ALL_HOPS, TINY, install_tiny_models, package_path  # noqa: E402

VERSION = "0.1"
SEED = 20
VOCABULARY = 1000
SENTENCES = 24_000
BATCH = 64
DEMO_SHARE = 0.06
HELD_OUT = 500

#: Argos codes: our tag and the name that an Argos package gives the language.
LANGUAGES = {
    "zt": ("zh-Hant", "Chinese (traditional)"),
    "en": ("en", "English"),
    "vi": ("vi", "Vietnamese"),
    "id": ("id", "Indonesian"),
    "th": ("th", "Thai"),
}
README = """# qiao-tiny

A toy model trained on some sentence patterns of Qiao's own tests. It knows those and nothing else: never offer it to
people.
"""


#: A sentence and its translation as ids of the vocabulary.
Pair = tuple[list[int], list[int]]


def train_hop(hop: str, steps: int) -> None:
    """Train one hop on one thread and write its package."""
    import sentencepiece
    import torch
    from torch.nn import functional

    from tests.models.network import Network, save_as_ctranslate2

    source, target = (LANGUAGES[code][0] for code in hop.split("-"))
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    rows = list(corpus.draw_training(SEED, SENTENCES, drops_ends="th" not in (source, target)))
    demo = [sentence.texts for sentence in corpus.load_demo_sentences()]
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "text").write_text(
            "".join(f"{row[tag]}\n" for row in [*rows[:8000], *demo * 20] for tag in (source, target)), encoding="utf-8"
        )
        sentencepiece.SentencePieceTrainer.train(
            input=str(work / "text"),
            model_prefix=str(work / "sentencepiece"),
            vocab_size=VOCABULARY,
            hard_vocab_limit=False,
            character_coverage=1.0,
            normalization_rule_name="identity",  # NFKC would take Thai SARA AM apart
            split_digits=True,
            num_threads=1,
            minloglevel=2,
        )
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(work / "sentencepiece.model"))
        vocabulary = [pieces.id_to_piece(i) for i in range(pieces.get_piece_size())]
        encoded, encoded_demo = (
            [(pieces.encode(row[source]), pieces.encode(row[target])) for row in some] for some in (rows, demo)
        )
        network = Network(len(vocabulary))
        optimizer = torch.optim.AdamW(network.parameters(), lr=1.0, betas=(0.9, 0.98), weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=3e-3, total_steps=steps, pct_start=0.1, cycle_momentum=False
        )
        network.train()
        for step, batch in enumerate(_draw_batches(encoded, encoded_demo, steps)):
            sources = [torch.tensor(left) for left, _ in batch]
            given = [torch.tensor([pieces.bos_id(), *right]) for _, right in batch]
            wanted = [torch.tensor([*right, pieces.eos_id()]) for _, right in batch]
            padded = torch.nn.utils.rnn.pad_sequence(sources, batch_first=True, padding_value=-1)
            logits = network(padded.clamp(min=0), padded >= 0, torch.nn.utils.rnn.pad_sequence(given, batch_first=True))
            loss = functional.cross_entropy(
                logits.flatten(0, 1),
                torch.nn.utils.rnn.pad_sequence(wanted, batch_first=True, padding_value=-100).flatten(),
                label_smoothing=0.05,
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            if step % 50 == 49 or step == steps - 1:
                print(f"{hop}: step {step + 1} of {steps}, loss {loss.item():.3f}", flush=True)
        save_as_ctranslate2(network.eval(), vocabulary, work / "model")
        _write_package(hop, work)
    print(f"{hop}: {package_path(hop).stat().st_size:,} bytes", flush=True)


def _draw_batches(drawn: list[Pair], fixed: list[Pair], steps: int) -> Iterator[list[Pair]]:
    """``steps`` batches; sentences of like length go together, so that little is spent on padding."""
    rng = random.Random(SEED)
    together = 8
    from_fixed = round(BATCH * together * DEMO_SHARE)
    for first in range(0, steps, together):
        pool = rng.sample(drawn, BATCH * together - from_fixed) + rng.choices(fixed, k=from_fixed)
        pool.sort(key=lambda pair: len(pair[0]) + len(pair[1]))
        batches = [pool[start : start + BATCH] for start in range(0, len(pool), BATCH)]
        rng.shuffle(batches)
        yield from batches[: steps - first]


def _write_package(hop: str, work: Path) -> None:
    """Zip the model in the layout of an Argos package; times are fixed so that equal weights give equal files."""
    source, target = hop.split("-")
    metadata = {
        "package_version": VERSION,
        "argos_version": "1.9",
        "code": TINY,
        "from_code": source,
        "from_name": LANGUAGES[source][1],
        "to_code": target,
        "to_name": LANGUAGES[target][1],
    }
    path = package_path(hop)
    path.parent.mkdir(exist_ok=True)
    contents = {
        "metadata.json": json.dumps(metadata, indent=1).encode(),
        "README.md": README.encode(),
        "sentencepiece.model": (work / "sentencepiece.model").read_bytes(),
        **{f"model/{file.name}": file.read_bytes() for file in sorted((work / "model").iterdir())},
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(f"{path.stem}/{name}", (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


def evaluate(hops: list[str]) -> None:
    """Print a table: size, share of held-out sentences translated exactly as the corpus says, and of demo sentences."""
    from translation.engines.argos import ArgosEngine
    from translation.languages import LanguageTag

    held_out = corpus.draw_held_out(SEED + 1, HELD_OUT)
    demo = [sentence.texts for sentence in corpus.load_demo_sentences()]
    print(f"| hop | KB | held-out exact, of {len(held_out)} | demo exact, of {len(demo)} |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        install_tiny_models(Path(name))
        engine = ArgosEngine(Path(name), name=TINY)
        for hop in hops:
            source, target = (LANGUAGES[code][0] for code in hop.split("-"))
            right = []
            for rows in (held_out, demo):
                outputs = engine.translate(
                    [row[source] for row in rows], pair=(LanguageTag(source), LanguageTag(target))
                )
                right.append(sum(out.text == row[target] for out, row in zip(outputs, rows, strict=True)))
            print(f"| {source} → {target} | {package_path(hop).stat().st_size / 1000:.0f} | {right[0]} | {right[1]} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hops", nargs="*", metavar="HOP", help=f"any of {' '.join(ALL_HOPS)} (default: all)")
    parser.add_argument("--steps", type=int, default=2000, help="training steps (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="hops trained at the same time (default: %(default)s)")
    parser.add_argument("--evaluate", action="store_true", help="measure the packages instead of training")
    arguments = parser.parse_args()
    hops = arguments.hops or list(ALL_HOPS)
    if unknown := set(hops) - set(ALL_HOPS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if arguments.evaluate:
        evaluate(hops)
        return
    if len(hops) == 1:
        train_hop(hops[0], arguments.steps)
        return
    waiting, running = list(hops), list[subprocess.Popen[bytes]]()
    failed = False
    while waiting or running:
        while waiting and len(running) < arguments.jobs:
            command = [sys.executable, __file__, waiting.pop(0), "--steps", str(arguments.steps)]
            running.append(subprocess.Popen(command))
        time.sleep(1)
        failed |= any(job.poll() for job in running)
        running = [job for job in running if job.poll() is None]
    sys.exit(failed)


if __name__ == "__main__":
    main()
