"""Train the small models in the layout of Firefox Translations and write their files.

    python -m tests.models.firefox.build                # both hops, one after the other
    python -m tests.models.firefox.build vi-en          # one of them
    python -m tests.models.firefox.build --evaluate     # measure the committed ones; needs no PyTorch

Needs the extra ``train``. The same seed on the same machine gives the same weights; on another one the last digits of a
product may differ, and so may a few weights.
"""

from __future__ import annotations

import argparse
import random
import struct
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.models import corpus
from tests.models.firefox.models import (
    ALL_HOPS,
    TINY,
    install_tiny_firefox,
    model_folder,
    name_files,
    write_manifest,
)

SEED = 20
#: With the 256 single bytes that stand for characters which are not in it.
VOCABULARY = 1256
SENTENCES = 24_000
BATCH = 64
DEMO_SHARE = 0.06
HELD_OUT = 500
MEASURED = 20  # batches that the largest inputs are taken from
END = 0
FREQUENT, BEST = 400, 150

#: A sentence and its translation as ids of the vocabulary.
Pair = tuple[list[int], list[int]]


def train_hop(hop: str, steps: int) -> None:
    """Train one hop on one thread and write its files."""
    import sentencepiece
    import torch
    from torch.nn import functional

    from tests.models.firefox.network import Network, dump_as_marian

    source, target = hop.split("-")
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    rows = list(corpus.draw_training(SEED, SENTENCES, drops_ends=True))
    demo = [sentence.texts for sentence in corpus.load_demo_sentences()]
    folder, names = model_folder(hop), name_files(hop)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        text = Path(name) / "text"
        text.write_text(
            "".join(f"{row[tag]}\n" for row in [*rows[:8000], *demo * 20] for tag in (source, target)), encoding="utf-8"
        )
        sentencepiece.SentencePieceTrainer.train(
            input=str(text),
            model_prefix=str(Path(name) / "vocabulary"),
            vocab_size=VOCABULARY,
            hard_vocab_limit=False,
            character_coverage=1.0,
            normalization_rule_name="identity",
            split_digits=True,
            byte_fallback=True,
            eos_id=END,
            unk_id=1,
            bos_id=-1,
            num_threads=1,
            minloglevel=2,
        )
        (folder / names["vocabulary"]).write_bytes((Path(name) / "vocabulary.model").read_bytes())
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / names["vocabulary"]))
    encoded, encoded_demo = (
        [([*pieces.encode(row[source]), END], [*pieces.encode(row[target]), END]) for row in some]
        for some in (rows, demo)
    )
    network = Network(pieces.get_piece_size())
    optimizer = torch.optim.AdamW(network.parameters(), lr=1.0, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=3e-3, total_steps=steps, pct_start=0.1, cycle_momentum=False
    )

    def run(batch: list[Pair]) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits ``[batch, time, vocabulary]`` and the ids that are wanted there, -100 in the padding."""
        pad = torch.nn.utils.rnn.pad_sequence
        padded = pad([torch.tensor(left) for left, _ in batch], batch_first=True, padding_value=-1)
        given = pad([torch.tensor(right[:-1], dtype=torch.long) for _, right in batch], batch_first=True)
        wanted = pad([torch.tensor(right) for _, right in batch], batch_first=True, padding_value=-100)
        return network(padded.clamp(min=0), padded >= 0, given), wanted

    network.train()
    for step, batch in enumerate(_draw_batches(encoded, encoded_demo, steps)):
        logits, wanted = run(batch)
        loss = functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 49 or step == steps - 1:
            print(f"{hop}: step {step + 1} of {steps}, loss {loss.item():.3f}", flush=True)
    network.eval()
    network.measure(is_on=True)
    with torch.no_grad():
        for batch in _draw_batches(encoded, encoded_demo, MEASURED):
            run(batch)
    (folder / names["model"]).write_bytes(dump_as_marian(network))
    (folder / names["shortlist"]).write_bytes(_dump_shortlist(encoded + encoded_demo, pieces.get_piece_size()))
    write_manifest(folder, hop)
    print(f"{hop}: {sum(path.stat().st_size for path in folder.iterdir()):,} bytes", flush=True)


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


def _dump_shortlist(pairs: list[Pair], vocabulary: int) -> bytes:
    """A lexical shortlist: for each source token the target tokens that are most tied to it (Dice: twice the sentences
    with both by those with either). Every sentence may also use the first ``FREQUENT`` ids.

    Six numbers of 8 bytes (magic, checksum, frequent, best, tokens + 1, entries), where each token's entries begin,
    and the entries, 4 bytes each. The checksum is left at 0: what reads these files does not look at it.
    """
    together: dict[int, Counter[int]] = defaultdict(Counter)
    sources, targets = Counter[int](), Counter[int]()
    for source, target in pairs:
        sources.update(set(source))
        targets.update(set(target))
        for token in set(source):
            together[token].update(set(target))
    lists = [
        sorted(
            sorted(both, key=lambda token: 2 * both[token] / (sources[source] + targets[token]), reverse=True)[:BEST]
        )
        for source, both in ((source, together[source]) for source in range(vocabulary))
    ]
    starts = [0]
    for entries in lists:
        starts.append(starts[-1] + len(entries))
    flat = [token for entries in lists for token in entries]
    head = struct.pack("<6Q", 0xF11A48D5013417F5, 0, FREQUENT, BEST, len(starts), len(flat))
    return head + struct.pack(f"<{len(starts)}Q", *starts) + struct.pack(f"<{len(flat)}I", *flat)


def evaluate(hops: list[str]) -> None:
    """Print a table: size, share of held-out sentences translated exactly as the corpus says, and of demo sentences."""
    from translation.engines.cache import ModelCache
    from translation.engines.firefox import FirefoxEngine
    from translation.languages import LanguageTag

    held_out = corpus.draw_held_out(SEED + 1, HELD_OUT)
    demo = [sentence.texts for sentence in corpus.load_demo_sentences()]
    print(f"| hop | KB | held-out exact, of {len(held_out)} | demo exact, of {len(demo)} |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        install_tiny_firefox(Path(name))
        engine = FirefoxEngine(Path(name), ModelCache(), name=TINY)
        for hop in hops:
            source, target = hop.split("-")
            right = []
            for rows in (held_out, demo):
                outputs = engine.translate(
                    [row[source] for row in rows], pair=(LanguageTag(source), LanguageTag(target))
                )
                right.append(sum(out.text == row[target] for out, row in zip(outputs, rows, strict=True)))
            size = sum(path.stat().st_size for path in model_folder(hop).iterdir())
            print(f"| {source} → {target} | {size / 1000:.0f} | {right[0]} | {right[1]} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hops", nargs="*", metavar="HOP", help=f"any of {' '.join(ALL_HOPS)} (default: all)")
    parser.add_argument("--steps", type=int, default=2000, help="training steps (default: %(default)s)")
    parser.add_argument("--evaluate", action="store_true", help="measure the committed models instead of training")
    arguments = parser.parse_args()
    hops = arguments.hops or list(ALL_HOPS)
    if unknown := set(hops) - set(ALL_HOPS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if arguments.evaluate:
        evaluate(hops)
        return
    for hop in hops:
        train_hop(hop, arguments.steps)


if __name__ == "__main__":
    main()
