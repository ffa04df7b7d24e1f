"""Many Socket.IO clients in one thread, at next to no cost: WebSocket frames read as bytes, timed on arrival.

Only what the server does is understood (Engine.IO 4 over an unencrypted WebSocket, unfragmented text frames).
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from typing import Final

_CREATED: Final = b'42["post.created"'
_NUMBER: Final = re.compile(rb"#(\d+)#")
_JOIN_SECONDS: Final = 60.0


class Reader:
    """One connection that has joined a thread. ``arrived`` maps the number in a post's text to when it came, and
    ``repeated`` counts those that came again."""

    def __init__(self, port: int, *, thread_id: int, language: str) -> None:
        self.arrived: dict[int, float] = {}
        self.repeated = 0
        self.is_closed = False
        self._buffer = b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_JOIN_SECONDS)
        self._open(port)
        self._send("40")
        self._wait_for(b"40")
        self._send("420" + json.dumps(["thread.join", {"thread_id": thread_id, "language": language, "after": None}]))
        answer = self._wait_for(b"430")
        if b'"ok":true' not in answer:
            raise RuntimeError(f"thread.join: {answer[:300]!r}")

    def _open(self, port: int) -> None:
        key = "cWlhby1iZW5jaG1hcmstMQ=="  # any 16 bytes
        self.socket.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"no WebSocket: {head[:200]!r}")

    def _receive(self) -> None:
        data = self.socket.recv(262_144)
        self.is_closed = not data
        if not data and not self.arrived:
            raise RuntimeError("the server hung up")
        self._buffer += data

    def _send(self, text: str) -> None:
        """A masked text frame; a mask of zeros leaves the text as it is."""
        payload = text.encode()
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        self.socket.sendall(b"\x81" + length + bytes(4) + payload)

    def _wait_for(self, start: bytes) -> bytes:
        while True:
            for frame in self._take_frames():
                if frame.startswith(start):
                    return frame
            self._receive()

    def _take_frames(self) -> Iterator[bytes]:
        """The complete frames of the buffer."""
        while len(self._buffer) >= 2:
            length, start = self._buffer[1] & 0x7F, 2
            if length >= 126:
                start = 4 if length == 126 else 10
                length = int.from_bytes(self._buffer[2:start], "big")
            if len(self._buffer) < start + length:
                return
            frame, self._buffer = self._buffer[start : start + length], self._buffer[start + length :]
            if frame == b"2":
                self._send("3")  # Engine.IO's ping
            yield frame

    def take(self) -> None:
        """Read what has come. Call it when the socket is readable."""
        now = time.perf_counter()
        self._receive()
        for frame in self._take_frames():
            found = _NUMBER.search(frame) if frame.startswith(_CREATED) else None
            if found is None:
                continue
            number = int(found[1])
            self.repeated += number in self.arrived
            self.arrived.setdefault(number, now)


class Listening:
    """Reads all readers in a thread of its own until it is closed."""

    def __init__(self, readers: list[Reader]) -> None:
        self._readers = readers
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Listening:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_stopped = True
        self._thread.join()
        for reader in self._readers:
            reader.socket.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for reader in self._readers:
                selector.register(reader.socket, selectors.EVENT_READ, reader)
            while not self._is_stopped:
                for key, _ in selector.select(timeout=0.1):
                    key.data.take()
                    if key.data.is_closed:
                        selector.unregister(key.fileobj)

    def wait_for(self, count: int, *, silence: float) -> None:
        """Wait until every reader has so many posts, or nothing has come for ``silence`` seconds."""
        seen, since = -1, time.monotonic()
        while any(len(reader.arrived) < count for reader in self._readers) and time.monotonic() - since < silence:
            arrived = sum(len(reader.arrived) for reader in self._readers)
            if arrived != seen:
                seen, since = arrived, time.monotonic()
            time.sleep(0.1)
