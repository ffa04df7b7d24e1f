"""The committed toy packages, for tests and the demo. Needs neither PyTorch nor the network."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

TINY = "qiao-tiny"
FOLDER = Path(__file__).parent / TINY
ALL_HOPS = ("zt-en", "en-zt", "vi-en", "en-vi", "id-en", "en-id", "th-en", "en-th")

MULTILINGUAL = "qiao-tiny-multilingual"
MULTILINGUAL_PACKAGE = Path(__file__).parent / "multilingual" / f"{MULTILINGUAL}.qiaomodel"
#: What the small multilingual model was trained for, in our tags.
MULTILINGUAL_HOPS = (
    ("zh-Hant", "km"),
    ("km", "zh-Hant"),
    ("en", "km"),
    ("km", "en"),
    ("vi", "km"),
    ("km", "vi"),
)


def package_path(hop: str) -> Path:
    """The package file of a hop in Argos codes, for example ``en-zt``."""
    return FOLDER / f"translate-{hop.replace('-', '_')}-0_1.argosmodel"


def install_tiny_models(models_dir: Path, pairs: Iterable[str] = ALL_HOPS) -> list[Path]:
    """Unpack packages into ``models_dir/packages`` as an installation does; returns their folders.

    ``pairs`` are hops in Argos codes. Installing through ``translation.engines.argos_packages`` gives the same folders,
    slower, because it checks them.
    """
    folders = []
    for hop in pairs:
        path = package_path(hop)
        with zipfile.ZipFile(path) as archive:
            archive.extractall(models_dir / "packages")
        folders.append(models_dir / "packages" / path.stem)
    return folders


def install_tiny_multilingual(models_dir: Path) -> Path:
    """Unpack the small multilingual model, the only one with Khmer, into ``models_dir/multilingual``; its folder.

    Never part of :func:`install_tiny_models`: "no engine for Khmer" is what most tests rest on.
    """
    with zipfile.ZipFile(MULTILINGUAL_PACKAGE) as archive:
        archive.extractall(models_dir / "multilingual")
    return models_dir / "multilingual" / MULTILINGUAL
