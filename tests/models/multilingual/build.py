"""Train the small multilingual test model and write it as a package.

    python tests/models/multilingual/build.py train FOLDER   # some 30 minutes of one core; needs the extra ``train``
    python tests/models/multilingual/build.py pack FOLDER    # makes the committed file of it
    python tests/models/multilingual/build.py evaluate       # measures the committed file; needs no PyTorch

One model for all hops, in the way of M2M-100: the source begins with its language's token and ends with ``</s>``, and
the target is begun with the token of the language that is wanted.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from tests.models import corpus  # noqa: E402
from tests.models.packages import MULTILINGUAL, MULTILINGUAL_HOPS, MULTILINGUAL_PACKAGE, install_tiny_multilingual  # noqa: E402

VERSION = "0.1"
SEED = 21
VOCABULARY = 1600
SENTENCES = 40_000
BATCH = 64
DEMO_SHARE = 0.06
HELD_OUT = 500
STEPS = 7000
END = "</s>"
#: Every language has its token, also those that no hop is trained for yet.
TOKENS = {tag: f"__{tag.partition('-')[0]}__" for tag in corpus.TAGS}
README = """# qiao-tiny-multilingual

A toy model trained on some sentence patterns of Qiao's own tests. It knows those and nothing else: never offer it to
people.
"""

#: A row's sentences as ids, by tag.
Encoded = dict[str, list[int]]
#: Ids that the encoder reads, and that the decoder writes.
Example = tuple[list[int], list[int]]


def train(folder: Path, steps: int) -> None:
    """Train on one thread; writes ``folder/model`` and ``folder/sentencepiece.model``."""
    import sentencepiece
    import torch
    from torch.nn import functional

    from tests.models.network import Network, save_as_ctranslate2

    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    tags = sorted({tag for hop in MULTILINGUAL_HOPS for tag in hop})
    rows = list(corpus.draw_training(SEED, SENTENCES, drops_ends="th" not in tags))
    demo = [sentence.texts for sentence in corpus.load_demo_sentences()]
    folder.mkdir(parents=True, exist_ok=True)
    text = folder / "text"
    text.write_text("".join(f"{row[tag]}\n" for row in [*rows[:8000], *demo * 20] for tag in tags), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text),
        model_prefix=str(folder / "sentencepiece"),
        vocab_size=VOCABULARY,
        hard_vocab_limit=False,
        character_coverage=1.0,
        normalization_rule_name="identity",  # NFKC would take Thai SARA AM apart
        split_digits=True,
        control_symbols=list(TOKENS.values()),  # no text can hold them
        num_threads=1,
        minloglevel=2,
    )
    text.unlink()
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    vocabulary = [pieces.id_to_piece(i) for i in range(pieces.get_piece_size())]
    tokens = {tag: vocabulary.index(token) for tag, token in TOKENS.items()}
    end = pieces.eos_id()
    encoded, encoded_demo = (
        [{tag: [tokens[tag], *pieces.encode(row[tag]), end] for tag in tags} for row in some] for some in (rows, demo)
    )
    network = Network(len(vocabulary))
    optimizer = torch.optim.AdamW(network.parameters(), lr=1.0, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=3e-3, total_steps=steps, pct_start=0.1, cycle_momentum=False
    )
    network.train()
    for step, batch in enumerate(_draw_batches(encoded, encoded_demo, steps)):
        sources = [torch.tensor(source) for source, _ in batch]
        given = [torch.tensor([end, *target[:-1]]) for _, target in batch]
        wanted = [torch.tensor([-100, *target[1:]]) for _, target in batch]  # the language's token is always given
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
            print(f"step {step + 1} of {steps}, loss {loss.item():.3f}", flush=True)
    save_as_ctranslate2(network.eval(), vocabulary, folder / "model", decoder_start=END)


def _draw_batches(drawn: list[Encoded], fixed: list[Encoded], steps: int) -> Iterator[list[Example]]:
    """``steps`` batches over all hops; sentences of like length go together, so that little is spent on padding."""
    rng = random.Random(SEED)
    together = 8
    from_fixed = round(BATCH * together * DEMO_SHARE)
    for first in range(0, steps, together):
        rows = rng.sample(drawn, BATCH * together - from_fixed) + rng.choices(fixed, k=from_fixed)
        pool = [(row[source], row[target]) for row in rows for source, target in [rng.choice(MULTILINGUAL_HOPS)]]
        pool.sort(key=lambda pair: len(pair[0]) + len(pair[1]))
        batches = [pool[start : start + BATCH] for start in range(0, len(pool), BATCH)]
        rng.shuffle(batches)
        yield from batches[: steps - first]


def pack(folder: Path) -> None:
    """Write the committed package from what :func:`train` left."""
    from translation.engines.manifest import Kind
    from translation.engines.packing import pack_multilingual
    from translation.languages import LanguageTag

    model = folder / "model"
    (model / "README.md").write_text(README, encoding="utf-8")
    manifest = pack_multilingual(
        model,
        MULTILINGUAL_PACKAGE,
        name=MULTILINGUAL,
        kind=Kind.M2M100,
        languages={LanguageTag(tag): token for tag, token in TOKENS.items()},
        pairs=[(LanguageTag(source), LanguageTag(target)) for source, target in MULTILINGUAL_HOPS],
        licence="AGPL-3.0-or-later",
        tokenizer=folder / "sentencepiece.model",
        version=VERSION,
    )
    print(f"{manifest.size:,} bytes unpacked, {MULTILINGUAL_PACKAGE.stat().st_size:,} packed")


def evaluate() -> None:
    """Print a table: sentences translated exactly as the corpus says, of those held out and of the demo's."""
    from translation.engines.multilingual import MultilingualEngine
    from translation.languages import LanguageTag

    held_out = corpus.draw_held_out(SEED + 1, HELD_OUT)
    demo = [sentence.texts for sentence in corpus.load_demo_sentences()]
    print(f"| hop | held-out exact, of {len(held_out)} | demo exact, of {len(demo)} |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        install_tiny_multilingual(Path(name))
        engine = MultilingualEngine(Path(name))
        for source, target in MULTILINGUAL_HOPS:
            right = []
            for rows in (held_out, demo):
                outputs = engine.translate(
                    [row[source] for row in rows], pair=(LanguageTag(source), LanguageTag(target))
                )
                right.append(sum(out.text == row[target] for out, row in zip(outputs, rows, strict=True)))
            print(f"| {source} → {target} | {right[0]} | {right[1]} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("train", "pack", "evaluate"))
    parser.add_argument("folder", nargs="?", type=Path, help="where the trained model is kept until it is packed")
    parser.add_argument("--steps", type=int, default=STEPS, help="training steps (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.step == "evaluate":
        evaluate()
    elif arguments.folder is None:
        parser.error("a folder is needed")
    elif arguments.step == "train":
        train(arguments.folder, arguments.steps)
    else:
        pack(arguments.folder)


if __name__ == "__main__":
    main()
