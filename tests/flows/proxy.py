"""A wire that can be cut: a TCP proxy between Qiao and a service that it needs."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from typing import Self


class Proxy:
    """Passes bytes on between whoever connects to ``port`` and ``upstream``, while it isn't cut."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accept()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        with self._lock:
            _shut(self._listener)
            while self._open:
                _shut(self._open.pop())

    def restore(self) -> None:
        """Listen again, on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._accept()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.cut()

    def _accept(self) -> None:
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        # Shutting the listener down ends the wait in accept().
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        try:
            upstream = socket.create_connection(self._upstream)
        except OSError:
            _shut(client)
            return
        with self._lock:
            self._open |= {client, upstream}
        with contextlib.suppress(OSError, ValueError):
            _pass_on(client, upstream)
        with self._lock:
            self._open -= {client, upstream}
        for end in (client, upstream):
            _shut(end)


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    """Until either side is gone."""
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in selector.select():
                source: socket.socket = key.fileobj  # type: ignore[assignment]
                data = source.recv(65_536)
                if not data:
                    return
                key.data.sendall(data)


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
