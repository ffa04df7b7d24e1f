"""The program's first lines: gevent must replace the standard library's blocking parts before anything imports them."""

from __future__ import annotations

import sys

#: Commands that serve many at once.
_SERVING = {"run", "worker"}


def main() -> None:
    """Entry point of the command ``qiao``."""
    if _SERVING.intersection(sys.argv[1:2]):
        from gevent import monkey

        monkey.patch_all()
    from app.cli import cli

    cli(prog_name="qiao")
