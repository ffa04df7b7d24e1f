from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.models.packages import (
    MULTILINGUAL,
    MULTILINGUAL_HOPS,
    MULTILINGUAL_PACKAGE,
    TINY,
    install_tiny_models,
    install_tiny_multilingual,
)


def test_package_is_small_and_says_that_it_is_a_toy_when_opened() -> None:
    assert MULTILINGUAL_PACKAGE.stat().st_size < 1_500_000
    with zipfile.ZipFile(MULTILINGUAL_PACKAGE) as archive:
        manifest = json.loads(archive.read(f"{MULTILINGUAL}/qiao.json"))
        assert b"never offer it to" in archive.read(f"{MULTILINGUAL}/README.md")

    assert manifest["name"] == MULTILINGUAL
    assert manifest["name"].startswith(TINY)
    assert sorted(manifest["pairs"]) == sorted(map(list, MULTILINGUAL_HOPS))
    assert len(manifest["languages"]) == 6


def test_khmer_has_no_model_when_only_the_usual_packages_are_installed(tmp_path: Path) -> None:
    install_tiny_models(tmp_path)
    assert not (tmp_path / "multilingual").exists()

    folder = install_tiny_multilingual(tmp_path)

    assert folder == tmp_path / "multilingual" / MULTILINGUAL
    assert (folder / "qiao.json").is_file()
