"""How fast a post is accepted: a Vietnamese answer is sent, until the 201 with the stored post is read."""

from __future__ import annotations

import math
import time

from benchmarks.client import ask, sign_up
from benchmarks.harness import Figure, Report, describe_seconds, run_server, send_evenly
from tests.models.corpus import draw_held_out

PER_SECOND, SECONDS, ALONE = 50, 20, 30
PEOPLE = THREADS = 10


def measure() -> Report:
    texts = [row["vi"] for row in draw_held_out(1, 300)]
    with run_server(has_engines=True) as server:
        people = [sign_up(server.client(), language="vi", port=server.port) for _ in range(PEOPLE)]
        threads = [ask(people[number], texts[number], language="vi") for number in range(THREADS)]

        def send(number: int) -> bool:
            path = f"/api/v1/threads/{threads[number // PEOPLE % THREADS]}/posts"
            return people[number % PEOPLE].post(path, {"body": f"{texts[number % len(texts)]} {number}"}).status == 201

        alone = []
        for number in range(2 * ALONE):
            started = time.perf_counter()
            if send(number) and number >= ALONE:  # the first ones warm up
                alone.append(time.perf_counter() - started)
        cpu = server.read_cpu()
        waits = send_evenly(send, per_second=PER_SECOND, seconds=SECONDS)
        cpu = server.read_cpu() - cpu
    accepted = sum(map(math.isfinite, waits))
    took = max((number / PER_SECOND + wait for number, wait in enumerate(waits) if wait < math.inf), default=SECONDS)
    return Report(
        "accept",
        [
            f"{PER_SECOND} posts/s for {SECONDS} s, {PEOPLE} people, {THREADS} threads, Vietnamese, all translated",
            f"one `qiao run` with its worker inside and the small test model, {server.database}",
            "timed from when a post was due, so waiting in line counts; refused or never sent counts as for ever",
        ],
        [
            Figure("accepted", f"{accepted} of {len(waits)}, {accepted / took:.1f} posts/s", f"{PER_SECOND} posts/s"),
            Figure("until the 201", describe_seconds(waits, 50, 95, 99), "p95 ≤ 50 ms"),
            Figure("the same, one post at a time", describe_seconds(alone, 50, 95)),
            Figure("server's processor time", f"{1000 * cpu / max(accepted, 1):.0f} ms a post, all its jobs included"),
        ],
    )
