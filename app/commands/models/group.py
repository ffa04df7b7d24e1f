"""``qiao models``: the translation models of this installation, and which way each language pair takes."""

from __future__ import annotations

import click

from app.commands.models.benchmark import benchmark
from app.commands.models.install import install, remove
from app.commands.models.listing import list_command
from app.commands.models.pack import pack
from app.commands.models.rerun import rerun
from app.commands.models.route import route


@click.group("models")
def models_group() -> None:
    """Translation models, and the way that each language pair takes through them."""


for _command in (list_command, install, remove, benchmark, pack, rerun, route):
    models_group.add_command(_command)
