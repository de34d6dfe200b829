"""`stance config`: is it right, what does it come to, what may stand in it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import output, say
from pipeline.cli.options import ConfigFile, ConfigFiles, Overrides

app = typer.Typer(help="Check, show and describe configs.", no_args_is_help=True)


@app.command()
def check(configs: ConfigFiles, overrides: Overrides = None) -> None:
    """Check configs, that their codebooks define the same labels, and that what they read is there.

    All are checked, whatever is wrong with some. Example: stance config check configs/*.yaml
    """
    from pipeline.cli.run import checked
    from pipeline.preflight import check as look_around
    from pipeline.records import StanceError

    problems = []
    for path in configs:
        try:
            [config] = checked([path], overrides or ())
        except StanceError as error:
            problems.append(str(error))
            continue
        try:
            look_around(config)
        except StanceError as error:
            problems += [f"{path}: {line}" for line in str(error).splitlines()]
        else:
            say(output(), f"{path}: right")
    if problems:
        raise StanceError("\n".join(problems))


@app.command()
def show(config: ConfigFile, overrides: Overrides = None) -> None:
    """Print a config with every default written out.

    Example: stance config show configs/baseline.yaml --set seed=7
    """
    from pipeline.config import dump_yaml, load_config

    typer.echo(dump_yaml(load_config(config, overrides or ())), nl=False)


@app.command()
def schema(
    write: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it to a file instead.")] = None,
) -> None:
    """Print the JSON Schema of a config, for editors that complete and check keys.

    Example: stance config schema --write configs/schema.json
    """
    from pipeline.config import json_schema
    from pipeline.store.atomic import write_text

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if write is None:
        typer.echo(text, nl=False)
    else:
        write_text(write, text)
