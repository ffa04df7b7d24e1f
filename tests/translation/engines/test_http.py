"""The client under everything that servers and networks do."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from simulators.engines.faults import RETRY_AFTER, FaultKind
from simulators.engines.libretranslate import LibreTranslateSimulator
from translation.engines.base import EngineError
from translation.engines.http import (
    BadAnswerError,
    EngineDeniedError,
    EngineRateLimitedError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
    JsonClient,
)


@pytest.fixture
def simulator() -> LibreTranslateSimulator:
    return LibreTranslateSimulator()


@pytest.fixture
def url(simulator: LibreTranslateSimulator) -> Iterator[str]:
    with simulator.serve() as url:
        yield url


def make_client(url: str, timeout: float = 10, **more: Any) -> JsonClient:
    return JsonClient(url, engine="far", timeout=timeout, **more)


def test_json_comes_back_when_server_answers(url: str) -> None:
    client = make_client(url)

    assert client.get("/spec")["info"]["version"] == "1.9.6"
    body = {"q": ["Hello."], "source": "en", "target": "vi"}
    assert client.post("/translate", body) == {"translatedText": ["[en>vi] Hello."]}


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        (FaultKind.DROP, EngineUnreachableError, "engine.unreachable"),
        (FaultKind.SERVER_ERROR, EngineUnreachableError, "engine.unreachable"),
        (FaultKind.OVERLOADED, EngineUnreachableError, "engine.unreachable"),
        (FaultKind.RATE_LIMIT, EngineRateLimitedError, "engine.rate_limited"),
        (FaultKind.DENIED, EngineDeniedError, "engine.denied"),
        (FaultKind.REDIRECT, EngineDeniedError, "engine.denied"),
        (FaultKind.NOT_JSON, BadAnswerError, "engine.bad_answer"),
        (FaultKind.DEEP_JSON, BadAnswerError, "engine.bad_answer"),
        (FaultKind.HUGE, BadAnswerError, "engine.bad_answer"),
        (FaultKind.COMPRESSED, BadAnswerError, "engine.bad_answer"),
    ],
)
def test_failure_has_its_code_when_answer_is_unusable(
    simulator: LibreTranslateSimulator, url: str, kind: FaultKind, error: type[EngineError], code: str
) -> None:
    client = make_client(url)
    simulator.faults.inject(kind)

    with pytest.raises(error) as caught:
        client.get("/languages")

    assert caught.value.code == code
    assert caught.value.data["engine"] == "far"
    assert client.get("/languages"), "the next call must not find the rest of this one"


@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.DRIP])
def test_it_is_a_timeout_when_answer_never_ends(simulator: LibreTranslateSimulator, url: str, kind: FaultKind) -> None:
    simulator.faults.inject(kind)

    with pytest.raises(EngineTimeoutError):
        make_client(url, timeout=0.3).get("/languages")


def test_request_is_refused_when_server_finds_it_wrong(url: str) -> None:
    with pytest.raises(EngineRefusedError) as caught:
        make_client(url).post("/translate", {"q": ["Hello."], "source": "xx", "target": "vi"})

    assert caught.value.data == {"engine": "far", "status": 400}


@pytest.mark.parametrize("kind", [FaultKind.RATE_LIMIT, FaultKind.OVERLOADED])
def test_wait_is_told_when_server_says_one(simulator: LibreTranslateSimulator, url: str, kind: FaultKind) -> None:
    simulator.faults.inject(kind)

    with pytest.raises(EngineError) as caught:
        make_client(url).get("/languages")

    assert caught.value.data["retry_after_seconds"] == RETRY_AFTER


@pytest.fixture
def limited() -> Iterator[str]:
    """A server that refuses with the Retry-After of its query."""
    app = Flask(__name__)
    app.get("/")(lambda: Response(status=429, headers={"Retry-After": request.args["after"]}))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("0", 1, 1),
        ("120", 120, 120),
        ("9999999999", 3600, 3600),
        ("9" * 5000, 30, 30),
        ("soon", 30, 30),
        ("-5", 30, 30),
        pytest.param(
            format_datetime(datetime.now(UTC) + timedelta(hours=0.5), usegmt=True).replace(" ", "%20"),
            600,
            1800,
            id="in half an hour",
        ),
        ("Mon,%2001%20Jan%202001%2000:00:00%20GMT", 1, 1),
        ("Mon,%2099%20Jan%202001", 30, 30),
    ],
)
def test_wait_is_sane_when_header_is_anything(limited: str, value: str, low: float, high: float) -> None:
    with pytest.raises(EngineRateLimitedError) as caught:
        make_client(limited).get(f"/?after={value}")

    assert low <= caught.value.data["retry_after_seconds"] <= high


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid", "a..b", "[::1"])
def test_it_is_unreachable_when_nothing_listens(host: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(EngineUnreachableError):
        make_client(f"http://{host}:{port}").get("/languages")


def test_server_is_not_believed_when_its_certificate_is_its_own(tmp_path: Path) -> None:
    app = Flask(__name__)
    app.get("/languages")(lambda: jsonify([]))
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=make_certificate(tmp_path))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        with pytest.raises(EngineUnreachableError):
            make_client(f"https://127.0.0.1:{server.server_port}").get("/languages")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_certificate(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_key_and_text_stay_out_when_calls_fail(
    simulator: LibreTranslateSimulator, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    client = make_client(url, headers={"Authorization": "Bearer s3cret"})
    told = []
    for kind in (FaultKind.DENIED, FaultKind.SERVER_ERROR, FaultKind.DROP, FaultKind.NOT_JSON):
        simulator.faults.inject(kind)
        with pytest.raises(EngineError) as caught:
            client.post("/translate", {"q": ["my own words"], "source": "en", "target": "vi"})
        told.append(f"{caught.value!r} {caught.value.data} {caught.value.__cause__!r}")
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    captured = capfd.readouterr()

    assert simulator.calls[0].headers["Authorization"] == "Bearer s3cret"
    everything = " ".join([*told, repr(client), captured.out, captured.err])
    assert "engine.call_failed" in everything
    assert "s3cret" not in everything
    assert "my own words" not in everything


def test_answers_go_to_whom_they_belong_when_threads_call_at_once(url: str) -> None:
    client = make_client(url)

    def call(number: int) -> str:
        answer = client.post("/translate", {"q": f"Text {number}.", "source": "en", "target": "vi"})
        return str(answer["translatedText"])

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(64)))

    assert answers == [f"[en>vi] Text {number}." for number in range(64)]


UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import sys
import gevent
from gevent import get_hub
from app.core.offload import run_off_loop
from translation.engines.libretranslate import LibreTranslateEngine
from translation.languages import LanguageTag

engine = LibreTranslateEngine(sys.argv[1])
pair = (LanguageTag.EN, LanguageTag.VI)
turns = 0

def count():
    global turns
    while True:
        turns += 1
        gevent.sleep(0)

counter = gevent.spawn(count)
def work(number):
    for _ in range(5):
        [output] = run_off_loop(lambda: engine.translate([f"Text {number}."], pair=pair))
        assert output.text == f"[en>vi] Text {number}.", output
jobs = [gevent.spawn(work, number) for number in range(12)]
gevent.joinall(jobs, raise_error=True)
assert engine.list_pairs()          # on the loop's own thread too
counter.kill()
print("ok", turns > 10)
"""


def test_pool_of_threads_and_loop_share_an_engine_when_gevent_has_patched_everything(url: str) -> None:
    done = subprocess.run([sys.executable, "-c", UNDER_GEVENT, url], capture_output=True, text=True, timeout=120)

    assert done.stdout.strip() == "ok True", done.stderr
