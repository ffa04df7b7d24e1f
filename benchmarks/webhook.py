"""How fast LINE's webhook is answered: signed text messages of many users, until the 200."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from benchmarks.harness import Figure, Report, describe_seconds, run_server, send_evenly
from simulators.line.sender import http_transport
from simulators.line.simulator import LineSimulator

PER_SECOND, SECONDS, USERS, WARM_UP = 20, 5, 20, 10
SECRET, ACCESS_TOKEN = "benchmark-channel-secret", "benchmark-access-token"


def measure() -> Report:
    simulator = LineSimulator(secret=SECRET, access_token=ACCESS_TOKEN)
    with simulator.serve() as api_base:
        settings = {
            "QIAO_LINE_CHANNEL_SECRET": SECRET,
            "QIAO_LINE_CHANNEL_ACCESS_TOKEN": ACCESS_TOKEN,
            "QIAO_LINE_API_BASE": api_base,
        }
        with run_server(has_engines=False, settings=settings) as server:
            post = http_transport(f"http://127.0.0.1:{server.port}/line/webhook", timeout=30)
            answered: list[float] = []
            lock = threading.Lock()

            def timed(body: bytes, headers: Mapping[str, str]) -> int:
                started = time.perf_counter()
                status = post(body, headers)
                with lock:
                    answered.append(time.perf_counter() - started)
                return status

            simulator.connect(timed)
            users = [simulator.user(f"user {number}", language="vi") for number in range(USERS)]
            for number in range(WARM_UP):
                users[number].say("Xin chào")
            answered.clear()
            waits = send_evenly(
                lambda number: users[number % USERS].say(f"Tôi hỏi về bảo hiểm {number}").ok,
                per_second=PER_SECOND,
                seconds=SECONDS,
            )
    return Report(
        "webhook",
        [
            f"{PER_SECOND} webhooks/s for {SECONDS} s, one text message each, by {USERS} users of the simulated LINE",
            f"one `qiao run` that also handles and answers them, {server.database}; a new connection each",
        ],
        [
            Figure("from the request to the 200", describe_seconds(answered, 50, 99), "p99 ≤ 100 ms"),
            Figure("from when it was due", describe_seconds(waits, 50, 99)),
        ],
    )
