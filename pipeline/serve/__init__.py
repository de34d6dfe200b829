"""A model behind HTTP: `app` is the interface, `batching` answers requests together, `guard` says who may ask what."""

from pipeline.serve.app import make_app
from pipeline.serve.settings import Limits

__all__ = ["KEY", "Limits", "make_app", "serve"]

KEY = "STANCE_API_KEY"  # in the environment: not on the command line, which others can read
GRACE_SECONDS = 30  # for requests that are being answered when the server is told to stop


def serve(app: object, host: str, port: int) -> None:
    """Answer requests until somebody stops it; those that are being answered get their answer."""
    import uvicorn

    uvicorn.run(
        app,  # type: ignore[arg-type]
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
