"""What every training here asks of the Trainer."""

from transformers import TrainingArguments
from transformers.training_args import ParallelMode


def on_one_device(arguments: TrainingArguments) -> TrainingArguments:
    """The arguments; of several GPUs one process takes one, and the others are for torchrun to use."""
    if arguments.parallel_mode is ParallelMode.NOT_DISTRIBUTED:
        arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments
