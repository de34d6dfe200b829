"""The engine that is asked for."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.models.contract import StanceModel
from pipeline.predict.engines.processes import answer_in_processes
from pipeline.predict.windows import Answered, Answers, Inputs, after, windows_of
from pipeline.records import StanceError

EngineName = Literal["local", "ray"]


@dataclass(frozen=True)
class EngineSettings:
    """What is asked for.

    Attributes:
        name: local: this machine; ray: Ray Data.
        n_workers: processes with the model; None: what suits the model and the machine.
        address: of Ray's head node; None: Ray is started here.
    """

    name: EngineName = "local"
    n_workers: int | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        if self.name != "ray" and self.address is not None:
            raise StanceError(f"--ray-address {self.address}: is for --engine ray. Add that, or leave the address out")


def answers_of(settings: EngineSettings, model: StanceModel, folder: Path, inputs: Inputs) -> Answers:
    """What answers, told how many sentences are done.

    Args:
        settings: what is asked for.
        model: the model, loaded.
        folder: where it is saved, for processes that load it themselves.
        inputs: what to answer; Ray reads the files anew.
    """

    def local(n_before: int) -> Generator[Answered, None, None]:
        batch_size = inputs.config.batch_size
        windows = windows_of(after(inputs.sentences, n_before), model, batch_size)
        return answer_in_processes(model, folder, windows, batch_size, settings.n_workers)

    def ray(n_before: int) -> Generator[Answered, None, None]:
        from pipeline.predict.engines.cluster import Cluster, answer_over_ray

        return answer_over_ray(model, folder, inputs, n_before, Cluster(settings.address, settings.n_workers))

    return {"local": local, "ray": ray}[settings.name]
