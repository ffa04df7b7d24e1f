"""The program that holds one Firefox model. Run as a script in a process of its own, see :mod:`.firefox_process`.

It reads requests from its standard input and writes answers to its standard output: four bytes of length, JSON. The
first request names the files of a model, or one to unpack; every other one has sentences. It ends with its input, and
by an alarm when the library takes longer than it may. Knows nothing of Qiao, so that it starts fast and shares nothing.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from fxtranslate import Translator


def read_frame(file: BinaryIO) -> Any:
    """The next message, None at the end of the input."""
    head = file.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    return json.loads(file.read(length))


def write_frame(file: BinaryIO, value: object) -> None:
    data = json.dumps(value).encode()
    file.write(struct.pack(">I", len(data)) + data)
    file.flush()


def main() -> None:
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed must not get among the answers
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who serves people decides when to stop
    order = read_frame(requests)
    if order is None:
        return
    with suppress(ValueError, OSError):  # a system without such a limit, or with a lower one
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    sys.path.append(order["library"])
    signal.alarm(order["seconds"])
    try:
        if "packed" in order:
            unpack(order)
            translator = None
        else:
            translator = load(order)
    except BaseException as error:  # a panic of the library is no Exception
        write_frame(answers, {"error": type(error).__name__})
        return
    signal.alarm(0)
    write_frame(answers, {"ready": True})
    while translator and (request := read_frame(requests)):
        try:
            texts = []
            for text in request["texts"]:
                signal.alarm(order["seconds"])
                texts.append(translator.translate(text))
        except BaseException as error:
            write_frame(answers, {"error": type(error).__name__})  # the message may quote the text
        else:
            write_frame(answers, {"texts": texts})
        signal.alarm(0)


def load(order: dict[str, Any]) -> Translator:
    from fxtranslate import Translator

    model, source, target = (Path(order[key]).read_bytes() for key in ("model", "source", "target"))
    shortlist = Path(order["shortlist"]).read_bytes() if order["shortlist"] else None
    return Translator(model, source, target, shortlist)


def unpack(order: dict[str, Any]) -> None:
    from fxtranslate import discovery

    data = discovery.verify_and_decompress(Path(order["packed"]).read_bytes())
    if len(data) > order["most_bytes"]:
        raise ValueError("too large")
    with Path(order["unpacked"]).open("xb") as file:
        file.write(data)


if __name__ == "__main__":
    main()
