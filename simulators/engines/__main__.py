"""`python -m simulators.engines`: a LibreTranslate and a chat server on loopback ports, without any model.

What they know is the table of demo sentences given with `--table`; everything else comes back marked with its hop.
"""

from __future__ import annotations

import argparse
import csv
import sys
import threading
from collections import defaultdict
from contextlib import ExitStack, suppress
from itertools import permutations
from pathlib import Path

from simulators.engines.chat import ChatSimulator
from simulators.engines.libretranslate import LibreTranslateSimulator

TAGS = ("zh-Hant", "en", "vi", "id", "th", "km")


def read_table(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Parallel texts of a tab-separated file with a column for each language tag."""
    table: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for source, target in permutations([tag for tag in TAGS if row.get(tag)], 2):
                table[source, target][row[source]] = row[target]
    return dict(table)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m simulators.engines", description=__doc__)
    parser.add_argument("--libretranslate-port", type=int, default=8011)
    parser.add_argument("--chat-port", type=int, default=8012)
    parser.add_argument("--table", type=Path, help="tab-separated texts, a column for each language")
    options = parser.parse_args()
    table = read_table(options.table) if options.table else {}
    with ExitStack() as stack:
        libretranslate = stack.enter_context(LibreTranslateSimulator(table=table).serve(options.libretranslate_port))
        chat = stack.enter_context(ChatSimulator(table=table).serve(options.chat_port))
        sys.stdout.write(
            f"QIAO_LIBRETRANSLATE_URL={libretranslate}\nQIAO_LLM_URL={chat}/v1\nQIAO_LLM_MODEL=simulated\n"
        )
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
