"""``qiao models``: the translation packages of this installation."""

from __future__ import annotations

from pathlib import Path

import click

from app.commands.common import fail, load_settings, tell
from app.core.errors import QiaoError
from translation.engines.argos import ArgosEngine
from translation.engines.argos_packages import LibraryMissingError, install_package, list_installed, remove_package


@click.group("models")
def models_group() -> None:
    """Translation packages of the Argos format."""


@models_group.command("list")
def list_models() -> None:
    """List what is installed, and the routes it opens."""
    settings = load_settings()
    folder = settings.effective_models_dir
    try:
        packages = list_installed(folder)
    except LibraryMissingError:
        fail("The engine isn't installed: pip install 'qiao[argos]'")
    if not packages:
        tell(f"Nothing is installed in {folder}. People are asked instead of an engine.")
        return
    for package in packages:
        click.echo(f"{package.name}\t{package.source_code}>{package.target_code}\t{package.version}")
    pairs = sorted(f"{source}>{target}" for source, target in ArgosEngine(folder).list_pairs())
    click.echo("hops: " + ", ".join(pairs))


@models_group.command()
@click.argument("package", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def install(package: Path) -> None:
    """Check a package file (.argosmodel) and install it; takes effect in a running system."""
    settings = load_settings()
    tell(f"Checking {package.name} …")
    try:
        installed = install_package(package, settings.effective_models_dir)
    except LibraryMissingError:
        fail("The engine isn't installed: pip install 'qiao[argos]'")
    except QiaoError as error:
        fail(f"Not installed: {error.data.get('reason', error.code)}")
    tell(f"Installed {installed.name}: {installed.source_code} to {installed.target_code}.")


@models_group.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove an installed package."""
    settings = load_settings()
    try:
        remove_package(name, settings.effective_models_dir)
    except QiaoError as error:
        fail(f"Not removed: {error.code}")
    tell(f"Removed {name}.")
