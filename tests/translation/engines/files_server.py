"""A server of files on this machine that can be as bad as the internet."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

#: Answers a request by itself.
Answer = Callable[[BaseHTTPRequestHandler], None]


class FilesServer:
    """``files`` maps paths to contents, ``answers`` to functions that answer otherwise. ``asked`` are the paths that
    were asked for; ``released`` ends answers that hold on."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.released = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.asked.append(self.path)
                answer = owner.answers.get(self.path, owner._send_file)
                try:
                    answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._scheme = "http" if context is None else "https"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str) -> str:
        return f"{self._scheme}://localhost:{self.port}{path}"

    def add(self, path: str, content: bytes | Path) -> str:
        """Serve a file; its address."""
        self.files[path] = content if isinstance(content, bytes) else content.read_bytes()
        return self.url(path)

    def redirect(self, path: str, location: str) -> str:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(302)
            handler.send_header("Location", location)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        self.answers[path] = answer
        return self.url(path)

    def cut(self, path: str, content: bytes, *, says_length: bool = True) -> str:
        """Half of a file, then the end of the connection."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            if says_length:
                handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content[: len(content) // 2])
            handler.close_connection = True

        self.answers[path] = answer
        return self.url(path)

    def hold(self, path: str, begun: bytes = b"", *, length: int = 1000) -> str:
        """Some bytes, and then nothing until the test is over."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(length))
            handler.end_headers()
            handler.wfile.write(begun)
            handler.wfile.flush()
            self.released.wait(60)

        self.answers[path] = answer
        return self.url(path)

    def drip(self, path: str) -> str:
        """One byte after the other without end."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.end_headers()
            while not self.released.wait(0.005):
                handler.wfile.write(b"x")
                handler.wfile.flush()

        self.answers[path] = answer
        return self.url(path)

    def flood(self, path: str, size: int) -> str:
        """So many bytes, without saying how many."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.end_headers()
            for _ in range(size // 65_536):
                handler.wfile.write(b"[" * 65_536)

        self.answers[path] = answer
        return self.url(path)

    def refuse(self, path: str, status: int) -> str:
        self.answers[path] = lambda handler: handler.send_error(status)
        return self.url(path)

    def _send_file(self, handler: BaseHTTPRequestHandler) -> None:
        content = self.files.get(handler.path)
        if content is None:
            handler.send_error(404)
            return
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def serve_files(context: ssl.SSLContext | None = None) -> Iterator[FilesServer]:
    server = FilesServer(context)
    server.start()
    try:
        yield server
    finally:
        server.stop()
