"""A running average of the weights, which is what is kept in the end (Polyak and Juditsky 1992)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import TrainerCallback

from pipeline.models.transformer.checkpoints import clear_when_full

AVERAGED_FILE = "averaged.safetensors"


class WeightAveraging(TrainerCallback):
    """Exponential moving average of what learns; each checkpoint has it beside the weights.

    The decay rises toward its value, from (1 + 1) / (10 + 1) after the first step, so that the first weights, which are
    far off, are soon forgotten.
    """

    def __init__(self, network: Any, decay: float) -> None:
        self._network = network
        self._decay = decay
        self.averages = {name: weight.detach().clone() for name, weight in self._learning()}

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """The network lies where it trains by now: the averages go there, too."""
        self.averages = {name: self.averages[name].to(weight.device) for name, weight in self._learning()}

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """A step is done."""
        share = 1 - min(self._decay, (1 + state.global_step) / (10 + state.global_step))
        with torch.no_grad():
            for name, weight in self._learning():
                self.averages[name].lerp_(weight.to(self.averages[name]), share)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Put the averages into the checkpoint, on the process that writes."""
        if not state.is_world_process_zero:
            return
        with clear_when_full(args.output_dir):
            averages = {name: weight.contiguous().cpu() for name, weight in self.averages.items()}
            save_file(averages, Path(args.output_dir) / f"checkpoint-{state.global_step}" / AVERAGED_FILE)

    def read(self, checkpoint: Path) -> None:
        """Take the averages from a checkpoint."""
        for name, weight in load_file(checkpoint / AVERAGED_FILE).items():
            self.averages[name] = weight.to(self.averages[name])

    def put_in(self) -> None:
        """Make them the network's weights."""
        with torch.no_grad():
            for name, weight in self._learning():
                weight.copy_(self.averages[name])

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The network has the averages as its weights for a while."""
        learned = {name: weight.detach().clone() for name, weight in self._learning()}
        self.put_in()
        try:
            yield
        finally:
            with torch.no_grad():
                for name, weight in self._learning():
                    weight.copy_(learned[name])

    def _learning(self) -> list[tuple[str, Tensor]]:
        return [(name, weight) for name, weight in self._network.named_parameters() if weight.requires_grad]
