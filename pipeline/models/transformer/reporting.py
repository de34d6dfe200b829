"""What the Trainer logs, as events of our own."""

from math import isfinite
from typing import Any

from transformers import TrainerCallback

from pipeline.records import Listener, StanceError, TrainingEvent

NAMES = {
    "loss": "train_loss",
    "learning_rate": "learning_rate",
    "grad_norm": "gradient_norm",
    "eval_loss": "validation_loss",
    "eval_macro_f1": "validation_macro_f1",
}


class Reporter(TrainerCallback):
    """Tells a listener of every step, and of losses and scores as they become known."""

    def __init__(self, listener: Listener, section: str = "train") -> None:
        self._listener = listener
        self._section = section  # of the config, for messages

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """A step is done."""
        self._tell(state, {})

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """The Trainer has figures."""
        metrics = {ours: float(logs[theirs]) for theirs, ours in NAMES.items() if theirs in (logs or {})}
        for name in ("train_loss", "validation_loss"):
            if not isfinite(metrics.get(name, 0.0)):
                further = ", or raise train.warmup" if self._section == "train" else ""
                raise StanceError(
                    f"{self._section}: {name.replace('_', ' ')} is {metrics[name]} at step {state.global_step}: "
                    f"training has run away. Lower {self._section}.learning_rate{further}"
                )
        if metrics:
            self._tell(state, metrics)

    def _tell(self, state: Any, metrics: dict[str, float]) -> None:
        if state.is_world_process_zero:
            epoch = float(state.epoch or 0)
            self._listener(TrainingEvent(int(state.global_step), int(state.max_steps), epoch, metrics))
