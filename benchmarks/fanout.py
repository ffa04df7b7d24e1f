"""How fast a post reaches everybody who looks at its thread: from sending it to its arrival at each open socket."""

from __future__ import annotations

import math
import time

from benchmarks.client import ask, sign_up
from benchmarks.harness import Figure, Report, describe_seconds, run_server, send_evenly
from benchmarks.sockets import Listening, Reader

SOCKETS, PER_SECOND, SECONDS = 200, 20, 10
LANGUAGES = ("zh-Hant", "vi", "en")
SILENCE_SECONDS = 15.0


def measure() -> Report:
    with run_server(has_engines=True) as server:
        author = sign_up(server.client(), language="vi", port=server.port)
        thread = ask(author, "Tôi muốn gia hạn thẻ cư trú.", language="vi")
        readers = [
            Reader(server.port, thread_id=thread, language=LANGUAGES[number % len(LANGUAGES)])
            for number in range(SOCKETS)
        ]
        sent: dict[int, float] = {}

        def send(number: int) -> bool:
            sent[number] = time.perf_counter()
            body = {"body": f"Tôi cần mang theo giấy tờ gì? #{number}#"}
            return author.post(f"/api/v1/threads/{thread}/posts", body).status == 201

        with Listening(readers) as listening:
            accepted = sum(map(math.isfinite, send_evenly(send, per_second=PER_SECOND, seconds=SECONDS)))
            listening.wait_for(accepted, silence=SILENCE_SECONDS)
    waits = [when - sent[number] for reader in readers for number, when in reader.arrived.items()]
    wanted = SOCKETS * accepted
    return Report(
        "fanout",
        [
            f"{SOCKETS} sockets in one thread, read in {', '.join(LANGUAGES)}; {PER_SECOND} posts/s for {SECONDS} s,"
            " Vietnamese, each also translated",
            f"one `qiao run` with its worker inside and the small test model, {server.database}",
            "from the request that posts to `post.created` at a socket; the design's budget is for 1,000 sockets",
        ],
        [
            Figure("accepted", f"{accepted} of {PER_SECOND * SECONDS} posts"),
            Figure("send to receive", describe_seconds(waits, 50, 99), "p99 ≤ 300 ms"),
            Figure("lost", f"{wanted - len(waits)} of {wanted}", "0"),
            Figure("came twice", f"{sum(reader.repeated for reader in readers)}"),
        ],
    )
