"""Downloads from a real server on this machine: whole ones, and everything that can go wrong."""

from __future__ import annotations

import errno
import hashlib
import random
import shutil
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.translation.engines.files_server import FilesServer, serve_files
from translation.engines.download import DownloadError, Limits, fetch_bytes, fetch_file

CONTENT = random.Random(1).randbytes(300_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
#: Short enough to be waited for; on a busy machine the answer is the same.
IMPATIENT = Limits(most_bytes=10**6, connect_seconds=5, silent_seconds=0.2, whole_seconds=30)


@pytest.fixture
def server() -> Iterator[FilesServer]:
    with serve_files() as running:
        yield running


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "downloads" / "file"


@pytest.fixture(autouse=True)
def folder(path: Path) -> Path:
    path.parent.mkdir()
    return path.parent


def fail_to_fetch(url: str, path: Path, **options: Any) -> str:
    """The reason; there must be no file."""
    with pytest.raises(DownloadError) as raised:
        fetch_file(url, path, **options)
    assert list(path.parent.iterdir()) == []
    return str(raised.value.data["reason"])


def test_file_is_whole_and_its_progress_is_told(server: FilesServer, path: Path) -> None:
    told: list[tuple[int, int | None]] = []

    digest = fetch_file(server.add("/a", CONTENT), path, on_progress=lambda done, total: told.append((done, total)))

    assert (digest, path.read_bytes()) == (DIGEST, CONTENT)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("checksum", [DIGEST, DIGEST.upper()])
def test_file_is_kept_when_its_checksum_is_right(server: FilesServer, path: Path, checksum: str) -> None:
    assert fetch_file(server.add("/a", CONTENT), path, sha256=checksum) == DIGEST


def test_file_is_refused_when_its_checksum_is_wrong(server: FilesServer, path: Path) -> None:
    assert fail_to_fetch(server.add("/a", CONTENT[:-1] + b"x"), path, sha256=DIGEST) == "checksum"


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "not_found"), (410, "not_found"), (403, "status"), (503, "status")]
)
def test_refusal_is_said(server: FilesServer, path: Path, status: int, reason: str) -> None:
    assert fail_to_fetch(server.refuse("/a", status), path) == reason


def test_nobody_there_is_said(path: Path) -> None:
    # Nobody listens on port 9 of this machine.
    assert fail_to_fetch("http://127.0.0.1:9/a", path) == "unreachable"


def test_half_a_file_is_none(server: FilesServer, path: Path) -> None:
    assert fail_to_fetch(server.cut("/a", CONTENT), path) == "truncated"
    # Without a length nobody can know, but for the checksum.
    assert fail_to_fetch(server.cut("/b", CONTENT, says_length=False), path, sha256=DIGEST) == "checksum"


@pytest.mark.parametrize("begun", [b"", b"some bytes"])
def test_silent_server_is_given_up(server: FilesServer, path: Path, begun: bytes) -> None:
    assert fail_to_fetch(server.hold("/a", begun), path, limits=IMPATIENT) == "too_slow"


def test_dripping_server_is_given_up(server: FilesServer, path: Path) -> None:
    limits = Limits(most_bytes=10**6, silent_seconds=30, whole_seconds=0.2)
    assert fail_to_fetch(server.drip("/a"), path, limits=limits) == "too_slow"


def test_too_large_a_file_is_refused_before_it_comes_and_while_it_comes(server: FilesServer, path: Path) -> None:
    limits = Limits(most_bytes=200_000)
    told: list[int] = []
    url = server.add("/a", CONTENT)
    assert fail_to_fetch(url, path, limits=limits, on_progress=lambda done, total: told.append(done)) == "too_large"
    assert told == []
    assert fail_to_fetch(server.flood("/b", 50_000_000), path, limits=limits) == "too_large"
    with pytest.raises(DownloadError) as raised:
        fetch_bytes(server.flood("/b", 50_000_000))
    assert raised.value.data["reason"] == "too_large"
    assert fetch_file(url, path, limits=Limits(most_bytes=len(CONTENT))) == DIGEST


def test_redirects_are_followed_a_few_times(server: FilesServer, path: Path) -> None:
    server.add("/5", CONTENT)
    for number in range(5):
        server.redirect(f"/{number}", f"/{number + 1}")
    assert fetch_file(server.url("/0"), path) == DIGEST
    path.unlink()
    server.redirect("/start", "/0")
    assert fail_to_fetch(server.url("/start"), path) == "redirects"
    assert fail_to_fetch(server.redirect("/loop", "/loop"), path) == "redirects"


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://localhost/a", "http://192.0.2.1/a", "//192.0.2.1/a", "", "http://[::1", "data:,a"],
)
def test_redirects_lead_nowhere_else(server: FilesServer, path: Path, location: str) -> None:
    reason = fail_to_fetch(server.redirect("/a", location), path)
    assert reason == ("redirects" if not location else "url_refused")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a",
        "http://192.0.2.1/a",
        "http://localhost.example.org/a",
        "http://127.0.0.1.example.org/a",
        "http://127.0.0.1@example.org/a",
        "http://0x7f000001.example.org/",
        "https://user:secret@127.0.0.1/a",
        "ftp://127.0.0.1/a",
        "file:///etc/passwd",
        "https://",
        "http:///a",
        "https://[::1/a",
        "",
    ],
)
def test_address_is_refused_when_it_is_neither_safe_nor_checked(path: Path, url: str) -> None:
    assert fail_to_fetch(url, path, limits=IMPATIENT) == "url_refused"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_plain_http_is_taken_from_this_machine(server: FilesServer, path: Path, host: str) -> None:
    server.add("/a", CONTENT)
    if host == "127.0.0.2":  # another address of this machine, where nobody listens
        assert fail_to_fetch(f"http://{host}:{server.port}/a", path) == "unreachable"
    else:
        assert fetch_file(f"http://{host}:{server.port}/a", path) == DIGEST


def test_plain_http_from_elsewhere_is_taken_when_the_checksum_is_known(server: FilesServer, path: Path) -> None:
    """0.0.0.0 is no loopback address, and leads to this machine all the same."""
    server.add("/a", CONTENT)
    url = f"http://0.0.0.0:{server.port}/a"
    assert fail_to_fetch(url, path) == "url_refused"
    assert server.asked == []
    assert fetch_file(url, path, sha256=DIGEST) == DIGEST


def test_full_disk_is_said(server: FilesServer, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    url = server.add("/a", CONTENT)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda place: Usage(100 * 1024**2 + 2 * len(CONTENT) - 1))
        assert fail_to_fetch(url, path) == "disk_full"
        patch.setattr(shutil, "disk_usage", lambda place: Usage(100 * 1024**2 + 2 * len(CONTENT)))
        assert fetch_file(url, path) == DIGEST
    path.unlink()

    def fill(done: int, total: int | None) -> None:
        raise OSError(errno.ENOSPC, "no space")

    assert fail_to_fetch(url, path, on_progress=fill) == "disk_full"


def test_nothing_is_left_when_the_operator_stops_it(server: FilesServer, path: Path) -> None:
    def stop(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_file(server.add("/a", CONTENT), path, on_progress=stop)
    assert not path.exists()


def test_file_of_that_name_is_not_overwritten(server: FilesServer, path: Path) -> None:
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        fetch_file(server.add("/a", CONTENT), path)
    assert path.read_bytes() == b"mine"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for localhost that no authority signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


def test_certificate_must_be_one_that_the_system_trusts(
    certificate: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve_files(context) as server:
        url = server.add("/a", CONTENT)
        assert fail_to_fetch(url, path) == "tls"
        # A checksum is no reason to talk to anybody.
        assert fail_to_fetch(url, path, sha256=DIGEST) == "tls"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert fetch_file(url, path) == DIGEST
        path.unlink()
        with serve_files() as plain:
            server.redirect("/down", plain.add("/a", CONTENT))
            assert fail_to_fetch(server.url("/down"), path) == "url_refused"
            assert plain.asked == []
