"""``qiao models pack``: a converted model becomes a package that can be carried to other machines and installed."""

from __future__ import annotations

from pathlib import Path

import click

from app.commands.common import fail, tell
from app.commands.languages import LANGUAGE
from app.commands.models.common import describe_error, show_size
from app.core.errors import QiaoError
from translation.engines.manifest import Kind
from translation.engines.packing import SUFFIX, pack_argos, pack_multilingual, parse_languages
from translation.languages import LanguageTag

_ARGOS_SUFFIX = ".argosmodel"


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--tokenizer", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="SentencePiece model.")
@click.option("--version", default="1.0", show_default=True)
@click.option("--from", "source", type=LANGUAGE, help="One direction (.argosmodel): its source.")
@click.option("--to", "target", type=LANGUAGE, help="One direction (.argosmodel): its target.")
@click.option("--target-prefix", default="", help="One direction: the token that the target must begin with.")
@click.option("--name", help=f"Many directions ({SUFFIX}): the model's name, e.g. small100 or nllb-200-600m.")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="Many directions: how it is told them.")
@click.option("--languages", help="Many directions: e.g. en,vi,km, or km=<token> for another token than usual.")
@click.option("--licence", help="Many directions: the licence of the weights, e.g. MIT.")
@click.option("--non-commercial", is_flag=True, help="The licence forbids commercial use.")
def pack(
    folder: Path,
    output: Path,
    tokenizer: Path | None,
    version: str,
    source: LanguageTag | None,
    target: LanguageTag | None,
    target_prefix: str,
    name: str | None,
    kind: str | None,
    languages: str | None,
    licence: str | None,
    non_commercial: bool,
) -> None:
    """Pack FOLDER, a model in CTranslate2's format, as OUTPUT: one direction as .argosmodel, a multilingual model as
    .qiaomodel. It is loaded once; nothing is packed that does not translate."""
    one, many = (source, target), (name, kind, languages, licence)
    try:
        if output.name.endswith(_ARGOS_SUFFIX):
            if source is None or target is None or any(many) or non_commercial:
                raise click.UsageError(f"{_ARGOS_SUFFIX} needs --from and --to, and none of a multilingual model's")
            pack_argos(
                folder,
                output,
                source=source,
                target=target,
                tokenizer=tokenizer,
                version=version,
                target_prefix=target_prefix,
            )
        elif output.name.endswith(SUFFIX):
            if name is None or kind is None or languages is None or licence is None or any(one) or target_prefix:
                raise click.UsageError(
                    f"{SUFFIX} needs --name, --kind, --languages and --licence, and no --from or --to"
                )
            pack_multilingual(
                folder,
                output,
                name=name,
                kind=Kind(kind),
                languages=parse_languages(languages, Kind(kind)),
                licence=licence,
                is_non_commercial=non_commercial,
                tokenizer=tokenizer,
                version=version,
            )
        else:
            raise click.UsageError(f"OUTPUT must end in {_ARGOS_SUFFIX} or {SUFFIX}")
    except QiaoError as error:
        fail(f"Not packed: {describe_error(error)}")
    except OSError as error:
        fail(f"Not packed: {error.strerror or type(error).__name__}")
    tell(f"Packed {output} ({show_size(output.stat().st_size)}). Install it: qiao models install {output}")
