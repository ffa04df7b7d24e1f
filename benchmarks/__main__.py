"""``python -m benchmarks [name…]``: measure and print; nothing is judged. All of them take about seven minutes."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from benchmarks.harness import print_report

#: The module of that name measures it; its docstring says what.
NAMES: Final = ("accept", "fanout", "page", "translation", "latency", "webhook", "memory")
#: Only when asked for by name: they take minutes each, and the last installs something first.
EXTRA: Final = ("translation_growth", "matches", "libretranslate_server")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES + EXTRA))
    parser.add_argument("--list", action="store_true", help="say what each measures, and measure nothing")
    given = parser.parse_args(arguments)
    unknown = set(given.names).difference(NAMES + EXTRA)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES + EXTRA)}")
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in given.names or NAMES}
    if given.list:
        for name, module in modules.items():
            print(f"{name:<22}{(module.__doc__ or '').splitlines()[0]}")
        return 0
    # Ended from outside, it still takes its servers and databases away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.platform()}, Python {platform.python_version()},"
        f" {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f} and {100 * measure_free_share():.0f} % of a core free"
        " before the start"
    )
    print("All figures depend on the machine and on what else it does; ratios are of two things measured in turn.")
    for module in modules.values():
        print_report(module.measure())
    return 0


def measure_free_share(seconds: float = 1.0) -> float:
    """The share of one core that a busy loop gets; well below 1 where the machine is busy with something else."""
    started, used = time.perf_counter(), time.process_time()
    while time.perf_counter() - started < seconds:
        pass
    return (time.process_time() - used) / (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
