"""A Qiao of its own for a test: real processes on a loopback port, with their own data folder, started, stopped and
killed; and the clients that people have, a program on the API and a browser on Socket.IO."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

import socketio

Value = TypeVar("Value")
Told = dict[str, Any]

QIAO = Path(sys.executable).with_name("qiao")
#: Generous: a fast machine never waits so long, and a busy one is no failure.
PATIENCE = 60.0
#: Tests are one address and few people; limits have tests of their own.
_NO_LIMITS = {
    "QIAO_ACCOUNTS_PER_HOUR": "100000",
    "QIAO_READS_PER_MINUTE": "100000",
    "QIAO_WRITES_PER_MINUTE": "100000",
}


def eventually(look: Callable[[], Value | None], *, what: str, within: float = PATIENCE) -> Value:
    """What ``look`` gives as soon as that is something (not None, False or empty); fails after ``within`` seconds."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:.0f} s: {what}")
        time.sleep(0.05)


def find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True)
class Answer:
    """What the API answered. ``body`` is parsed JSON, None where there is none."""

    status: int
    body: Any
    headers: dict[str, str]

    def expect(self, *statuses: int) -> Any:
        """The body; fails for any other status."""
        assert self.status in statuses, f"{self.status}: {self.body}"
        return self.body


@dataclass(frozen=True)
class Api:
    """A program that uses ``/api/v1``, as the person whose token it has. A connection a call."""

    port: int
    token: str | None = None

    def call(
        self, method: str, path: str, body: object = None, *, key: str | None = None, timeout: float = 30
    ) -> Answer:
        """Raises OSError or HTTPException where no answer comes."""
        headers = {"Accept": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            place = path if path.startswith(("/healthz", "/readyz", "/line")) else f"/api/v1{path}"
            connection.request(method, place, body=data, headers=headers)
            response = connection.getresponse()
            raw = response.read()
            kind = response.headers.get_content_type()
            parsed = json.loads(raw) if raw and kind.endswith("json") else None
            return Answer(response.status, parsed, {name.lower(): value for name, value in response.getheaders()})
        finally:
            connection.close()

    def get(self, path: str, **query: object) -> Answer:
        return self.call("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: object = None, *, key: str | None = None) -> Answer:
        return self.call("POST", path, body, key=key)

    def put(self, path: str, body: object) -> Answer:
        return self.call("PUT", path, body)

    def ask(self, title: str, body: str, *, category: str = "daily-life", kind: str = "question") -> Any:
        """A new thread."""
        return self.post("/threads", {"category": category, "kind": kind, "title": title, "body": body}).expect(201)

    def answer(self, thread_id: int, body: str, *, key: str | None = None) -> Any:
        """A new post, or the one that the key made before."""
        return self.post(f"/threads/{thread_id}/posts", {"body": body}, key=key).expect(201, 200)

    def read(self, thread_id: int, language: str, after: int | None = None) -> Any:
        """A thread in a language."""
        more = {} if after is None else {"after": after}
        return self.get(f"/threads/{thread_id}", language=language, **more).expect(200)

    def wait_for_translation(self, post_id: int, language: str, *states: str) -> Any:
        """The post's translation as soon as it is in one of the states."""

        def look() -> Any:
            found = self.get(f"/posts/{post_id}/translations/{language}").expect(200)
            return found if found["state"] in states else None

        return eventually(look, what=f"post {post_id} in {language} is {' or '.join(states)}")


class Browser:
    """An open page: a Socket.IO client that keeps everything it is told, in order."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.told: list[tuple[str, Told]] = []
        self._news = threading.Condition()
        self._client = socketio.Client(reconnection=False, handle_sigint=False)
        self._client.on("*", self._note)
        auth = {"token": token} if token is not None else None
        self._client.connect(url, auth=auth, transports=["websocket"], wait_timeout=PATIENCE)

    def _note(self, event: str, told: Told) -> None:
        with self._news:
            self.told.append((event, told))
            self._news.notify_all()

    def ask(self, event: str, **payload: object) -> Told:
        """Emit and wait for the acknowledgement."""
        ack: Told = self._client.call(event, payload, timeout=PATIENCE)
        return ack

    def join(self, thread_id: int, language: str, after: int | None = None) -> Told:
        ack = self.ask("thread.join", thread_id=thread_id, language=language, after=after)
        assert ack["ok"], ack
        return ack

    def hear(self, event: str, where: Callable[[Told], bool] = lambda _told: True) -> Told:
        """The first such event, heard already or still to come."""
        with self._news:
            self._news.wait_for(lambda: self._find(event, where) is not None, PATIENCE)
            found = self._find(event, where)
            assert found is not None, f"no such {event} among {[name for name, _ in self.told]}"
            return found

    def list_told(self, event: str) -> list[Told]:
        with self._news:
            return [told for name, told in self.told if name == event]

    def _find(self, event: str, where: Callable[[Told], bool]) -> Told | None:
        return next((told for name, told in self.told if name == event and where(told)), None)

    def close(self) -> None:
        self._client.disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


@dataclass
class Process:
    """One ``qiao`` process that goes on until it is told."""

    arguments: tuple[str, ...]
    popen: subprocess.Popen[bytes]
    log: Path

    def read_log(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """As a power cut does it: no time for anything."""
        self.popen.kill()
        self.popen.wait()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        try:
            return self.popen.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


@dataclass
class Server:
    """A data folder with its settings, and the processes that work on it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=find_free_port)
    processes: list[Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's own settings, and messages in one language."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("QIAO_")}
        own = {"QIAO_DATA_DIR": str(self.folder), "QIAO_PORT": str(self.port), **_NO_LIMITS}
        return {**inherited, "LC_ALL": "C.UTF-8", **own, **self.settings}

    def command(self, *arguments: str, given: str | bytes = b"") -> subprocess.CompletedProcess[str]:
        """Run one ``qiao`` command to its end."""
        data = given.encode() if isinstance(given, str) else given
        done = subprocess.run(
            [QIAO, *arguments], env=self.environment, input=data, capture_output=True, timeout=PATIENCE * 2, check=False
        )
        return subprocess.CompletedProcess(arguments, done.returncode, done.stdout.decode(), done.stderr.decode())

    def spawn(self, *arguments: str) -> Process:
        """Start a ``qiao`` process that goes on; its output goes into a file of its own."""
        log = self.folder / f"{len(self.processes)}-{arguments[0]}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [QIAO, *arguments], env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self.processes.append(Process(arguments, popen, log))
        return self.processes[-1]

    def run(self, *, has_worker: bool = True) -> Process:
        """``qiao run``, as soon as it answers."""
        process = self.spawn("run", *([] if has_worker else ["--no-worker"]))
        self._wait_until(process, self.is_up)
        return process

    def work(self) -> Process:
        """``qiao worker``, as soon as it is at work."""
        process = self.spawn("worker")
        self._wait_until(process, lambda: "The worker is at work." in process.read_log())
        return process

    def _wait_until(self, process: Process, look: Callable[[], bool]) -> None:
        def is_there() -> bool:
            assert process.popen.poll() is None, f"qiao {' '.join(process.arguments)} ended:\n{process.read_log()}"
            return look()

        eventually(is_there, what=f"qiao {' '.join(process.arguments)} is up")

    def is_up(self) -> bool:
        try:
            return Api(self.port).call("GET", "/healthz", timeout=5).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def close(self) -> None:
        for process in self.processes:
            if process.popen.poll() is None:
                process.kill()

    def api(self, token: str | None = None) -> Api:
        return Api(self.port, token)

    def browse(self, person: Api | None = None) -> Browser:
        return Browser(self.url, person.token if person is not None else None)

    def register(self, name: str, *, kind: str = "citizen", reads: tuple[str, ...] = ("zh-Hant",)) -> Api:
        """A new person, through the API."""
        account = {
            "display_name": name,
            "password": "correct horse",
            "kind": kind,
            "locale": reads[0],
            "reading_languages": reads,
        }
        return self.api(self.api().post("/accounts", account).expect(201)["token"])

    def appoint(self, name: str, *options: str) -> Api:
        """An account with roles, which only an operator can make: ``qiao user create``."""
        made = self.command("user", "create", name, "--password", "correct horse", *options)
        assert made.returncode == 0, made.stderr
        signed_in = self.api().post("/tokens", {"display_name": name, "password": "correct horse"}).expect(201)
        return self.api(signed_in["token"])
