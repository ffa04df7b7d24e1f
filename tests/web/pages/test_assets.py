from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.assets import STATIC_DIR, YEAR, Assets


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    (tmp_path / "js").mkdir()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "js" / "app.js").write_text("export const a = 1;\n" * 100)
    (tmp_path / "vendor" / "lib.js").write_text("lib")
    return Assets(tmp_path)


def test_address_changes_when_a_file_of_ours_does(assets: Assets, tmp_path: Path) -> None:
    before = assets.url("js/app.js"), assets.url("vendor/lib.js")
    (tmp_path / "js" / "app.js").write_text("export const a = 2;")
    after = Assets(tmp_path)
    assert after.url("js/app.js") != before[0]
    assert after.url("vendor/lib.js") == before[1]


def test_address_is_refused_when_there_is_no_such_file(assets: Assets) -> None:
    with pytest.raises(KeyError):
        assets.url("js/other.js")


def _address(client: FlaskClient, name: str) -> str:
    page = client.get("/en/").get_data(as_text=True)
    found = re.search(rf'"(/assets/[0-9a-f]+/{re.escape(name)})"', page)
    assert found, name
    return found[1]


def test_file_is_kept_for_a_year_when_its_address_is_current(client: FlaskClient) -> None:
    response = client.get(_address(client, "css/base.css"))
    assert response.headers["Cache-Control"] == YEAR
    assert response.mimetype == "text/css"


def test_file_is_not_kept_when_its_address_is_old(client: FlaskClient) -> None:
    response = client.get("/assets/0000000000000000/css/base.css")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")


def test_file_is_compressed_when_the_browser_can(client: FlaskClient) -> None:
    response = client.get(_address(client, "css/base.css"), headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.data) == (STATIC_DIR / "css" / "base.css").read_bytes()
    assert "Accept-Encoding" in response.headers["Vary"]


def test_file_is_sent_as_it_is_when_the_browser_cannot(client: FlaskClient) -> None:
    response = client.get(_address(client, "css/base.css"), headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in response.headers


def test_file_is_not_sent_again_when_the_browser_has_it(client: FlaskClient) -> None:
    address = _address(client, "css/base.css")
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["../i18n.py", "%2e%2e/i18n.py", "..%2fi18n.py", "css", "js/none.js", "/etc/passwd"])
def test_nothing_is_sent_when_the_name_is_no_file_of_ours(client: FlaskClient, name: str) -> None:
    assert client.get(f"/assets/0/{name}", follow_redirects=True).status_code == 404


def test_page_is_compressed_when_the_browser_can(client: FlaskClient) -> None:
    response = client.get("/en/", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert b"<html" in gzip.decompress(response.data)


def test_vendored_files_are_the_ones_recorded() -> None:
    vendor = STATIC_DIR / "vendor"
    recorded = {line.split()[1]: line.split()[0] for line in (vendor / "CHECKSUMS").read_text().splitlines()}
    files = {path.name for path in vendor.iterdir() if path.suffix in {".js", ".woff2"}}
    assert set(recorded) == files
    for name, digest in recorded.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest


def test_modules_stay_small() -> None:
    assert all(len(path.read_text().splitlines()) <= 160 for path in (STATIC_DIR / "js").glob("*.js"))


@pytest.mark.parametrize("locale", ["zh-Hant", "en", "vi", "id", "th", "km"])
def test_first_visit_is_light(app: Flask, locale: str) -> None:
    """Page, style sheet, modules and pictures of the home page, as they go over the wire: 60 KB at most."""
    client = app.test_client()
    accepts = {"Accept-Encoding": "gzip"}
    page = client.get(f"/{locale}/", headers=accepts)
    total = len(page.data)
    names = ["css/base.css", "css/parts.css", "img/logo.svg", "img/icons.svg", "img/bridge.svg"]
    names += [f"js/{path.name}" for path in (STATIC_DIR / "js").glob("*.js")]
    for name in names:
        total += len(client.get(f"/assets/0/{name}", headers=accepts).data)
    socket = len(client.get("/assets/0/vendor/socket.io.esm.min.js", headers=accepts).data)
    assert total + socket <= 60_000
