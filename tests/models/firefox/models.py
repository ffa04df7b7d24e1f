"""The committed small models in the layout of Firefox Translations. Needs neither PyTorch nor the network."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

TINY = "qiao-tiny-firefox"
FOLDER = Path(__file__).parent / TINY
ALL_HOPS = ("vi-en", "en-id")
VERSION = "0.1"
MANIFEST = "qiao.json"


def model_folder(hop: str) -> Path:
    """The folder of a hop in Firefox' codes, for example ``vi-en``, with the files that an installation takes."""
    return FOLDER / hop


def name_files(hop: str) -> dict[str, str]:
    """What a hop's files are called: ``model``, ``vocabulary`` and ``shortlist`` to names as Mozilla gives them."""
    code = hop.replace("-", "")
    return {
        "model": f"model.{code}.intgemm.alphas.bin",
        "vocabulary": f"vocab.{code}.spm",
        "shortlist": f"lex.50.50.{code}.s2t.bin",
    }


def write_manifest(folder: Path, hop: str) -> None:
    """Write what an installation keeps beside the files. The format is that of ``translation.engines.firefox_files``,
    which training does without."""
    source, target = hop.split("-")
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != MANIFEST
    }
    values = {"format": 1, "engine": "firefox", "source": source, "target": target, "version": VERSION}
    values |= {"licence": "AGPL-3.0-or-later", "files": files, "test": True}
    (folder / MANIFEST).write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def install_tiny_firefox(models_dir: Path, hops: Iterable[str] = ALL_HOPS) -> list[Path]:
    """Copy models into ``models_dir/firefox`` as an installation does; returns their folders."""
    return [Path(shutil.copytree(model_folder(hop), models_dir / "firefox" / hop, dirs_exist_ok=True)) for hop in hops]
