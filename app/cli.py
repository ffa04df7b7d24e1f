"""The command ``qiao``. Exit code 0 only when done; messages to people and logs go to standard error."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

#: Where each command is. Its module is imported when it is asked for: the libraries of the web and of LINE take
#: seconds to load, and most commands need neither.
_COMMANDS: Final = {
    "run": "app.commands.serve:run",
    "worker": "app.commands.serve:worker",
    "db": "app.commands.database:db_group",
    "demo": "app.commands.demo:demo",
    "user": "app.commands.people:user_group",
    "models": "app.commands.models.group:models_group",
    "glossary": "app.commands.glossary:glossary_group",
    "memory": "app.commands.memory:memory_group",
    "doctor": "app.commands.doctor:doctor",
    "settings": "app.commands.doctor:show_settings",
    "detect": "app.commands.text:detect",
    "translate": "app.commands.text:translate",
    "screen": "app.commands.text:screen",
    "check": "app.commands.text:check",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qiao", prog_name="qiao")
def cli() -> None:
    """Qiao 橋: ask, answer and interpret in six languages."""
