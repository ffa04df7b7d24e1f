"""`python -m simulators.line`: the simulator on a loopback port, with its page."""

from __future__ import annotations

import argparse
import sys
import threading

from simulators.line.page import PHONES
from simulators.line.simulator import LineSimulator

_REDELIVERY_INTERVAL_S = 10.0


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m simulators.line", description=__doc__)
    parser.add_argument("--port", type=int, default=8009)
    parser.add_argument("--webhook", default="http://127.0.0.1:8000/line/webhook", help="where events are posted")
    parser.add_argument("--secret", default="simulated-channel-secret", help="channel secret")
    parser.add_argument("--token", default="simulated-access-token", help="channel access token")
    parser.add_argument("--quota", type=int, help="messages a month; unlimited if not given")
    parser.add_argument("--redelivery", action="store_true", help="post events again that the bot did not take")
    options = parser.parse_args()
    simulator = LineSimulator(
        secret=options.secret,
        access_token=options.token,
        webhook=options.webhook,
        quota=options.quota,
        redelivery=options.redelivery,
    )
    for name, language in PHONES.items():
        simulator.user(name, language=language)
    idle = threading.Event()
    with simulator.serve(options.port) as url:
        sys.stdout.write(f"LINE simulator: {url}\n  API base for the bot: {url}\n  events go to: {options.webhook}\n")
        sys.stdout.flush()
        try:
            while not idle.wait(_REDELIVERY_INTERVAL_S):
                simulator.sender.redeliver_failed()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
