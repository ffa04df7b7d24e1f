"""How much memory an idle server holds: embedded, without engines, after its start and one page."""

from __future__ import annotations

import time

from benchmarks.harness import Figure, Report, run_server

SETTLE_SECONDS = 3.0


def measure() -> Report:
    with run_server(has_engines=False, is_embedded=True) as server:
        started = server.read_rss()
        page = server.client().get("/en/", Accept="text/html")
        time.sleep(SETTLE_SECONDS)
        idle = server.read_rss()
    return Report(
        "memory",
        [f"one `qiao run` with its worker inside, {server.database}; resident memory (VmRSS) as Linux counts it"],
        [
            Figure("after the start", f"{started / 1e6:.0f} MB"),
            Figure(f"after one page ({page.status}) and {SETTLE_SECONDS:.0f} s", f"{idle / 1e6:.0f} MB", "≤ 200 MB"),
        ],
    )
