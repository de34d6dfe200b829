"""A run to MLflow; the only folder that imports mlflow, and none of it does before it is used.

`live` logs the training's curves while it runs, `track` logs what came out, `flavor` the model, `registry` versions and
aliases, `ui` opens MLflow's page.
"""

from pipeline.tracking.live import LiveRun
from pipeline.tracking.stage import STAGE, Tracked, is_kept
from pipeline.tracking.track import Outcome, track, without_password

__all__ = ["STAGE", "LiveRun", "Outcome", "Tracked", "is_kept", "track", "without_password"]
