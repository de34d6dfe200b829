"""`stance serve`: a model behind HTTP."""

from typing import Annotated

import typer

from pipeline.cli.address import check_free, key_from, url_of, warn_if_open
from pipeline.cli.console import progress, say
from pipeline.cli.predict import DeviceName


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(serve)


def serve(  # noqa: PLR0917 (typer calls it by name)
    model: Annotated[str, typer.Option(metavar="PATH_OR_URI", help="runs/NAME/model, an export, or models:/….")],
    host: Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0: every one of this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at.")] = 8000,
    device: Annotated[DeviceName, typer.Option(help="auto takes the best there is.")] = DeviceName.auto,
    max_sentences: Annotated[int, typer.Option(min=1, help="Sentences a request.")] = 2000,
    max_bytes: Annotated[int, typer.Option(min=100, help="Bytes of a request.")] = 1_000_000,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds until an answer is given up.")] = 30.0,
) -> None:
    """Answer requests over HTTP, on this machine only unless --host says otherwise, until Ctrl-C.

    POST /predict with {"sentences": [...]} or {"documents": [{"text": ...}]}; /docs shows all, /healthz and /metrics
    are for machines. With STANCE_API_KEY in the environment, requests have to bring that key.
    Example: stance serve --model runs/transformer/exported
    """
    from pipeline.predict import load_model
    from pipeline.serve import KEY, Limits, make_app
    from pipeline.serve import serve as answer

    console, key = progress(), key_from(KEY)
    limits = Limits(n_sentences=max_sentences, n_bytes=max_bytes, seconds=timeout)
    check_free(host, port)
    loaded = load_model(model, device.value)
    loaded.predict(["The first sentence takes longer."])
    say(console, f"{model} on {loaded.device} ({loaded.device_reason})")
    say(console, f"{url_of(host, port)}/docs  (Ctrl-C ends it)")
    warn_if_open(host, KEY, key, console)
    answer(make_app(loaded, limits, key), host, port)
