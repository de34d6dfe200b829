"""Seconds that the stages of `stance evaluate` take, with the model's answers to make, and once they are there.

    python benchmarks/evaluation_time.py [RUN] [--sentences N]

RUN is the folder of a finished run; what is stale in it is made anew first. Then everything is done twice, to a folder
that is thrown away; the second time the model only looks up what it said the first time.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import issparse, vstack

from pipeline.config import load_config
from pipeline.evaluation import STAGE as EVALUATE
from pipeline.evaluation import behavior, evaluate, explain, report
from pipeline.evaluation.tables import surest_errors
from pipeline.models.contract import StanceModel
from pipeline.recipe import Audience, Recipe, gather, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", type=Path, default=Path("runs/transformer"), metavar="RUN")
    parser.add_argument("--sentences", type=int, default=5000, metavar="N", help="of the test part")
    arguments = parser.parse_args()
    recipe = run(load_config(arguments.run / "config.yaml"), Audience(), until="report")
    remember(recipe.calibrate.value.model)
    first, again = (seconds(recipe, arguments.sentences) for _ in range(2))
    print(f"| {arguments.run}, {arguments.sentences} sentences | seconds | once the model's answers are there |")
    print("|---|--:|--:|")
    for stage in first:
        print(f"| {stage} | {first[stage]:.1f} | {again[stage]:.1f} |")
    print(f"| all | {sum(first.values()):.1f} | {sum(again.values()):.1f} |")


def seconds(recipe: Recipe, n_sentences: int) -> dict[str, float]:
    """Wall time of each stage, written files included."""
    config, model = recipe.config, recipe.calibrate.value.model
    parts = recipe.split.value.parts
    test, found = parts.test[:n_sentences], {}
    with tempfile.TemporaryDirectory() as name:
        place, taken = Path(name), {}

        def timed(stage: str, do: Callable[[], Any], save: Callable[[Any, Path], None]) -> None:
            began, folder = time.monotonic(), place / stage
            folder.mkdir()
            found[stage] = do()
            save(found[stage], folder)
            taken[stage] = time.monotonic() - began

        timed("evaluate", lambda: evaluate(model, {"test": test}, config.evaluate, seed=config.seed), EVALUATE.save)
        timed(
            "behavior",
            lambda: behavior.behave(model, test, config.behavior, config.evaluate, seed=config.seed),
            behavior.STAGE.save,
        )
        wrong = surest_errors(place / "evaluate/test", test, config.evaluate.explained_errors)
        timed("explain", lambda: explain.explain(model, wrong, parts.train), explain.STAGE.save)
        timed("report", lambda: report.report(gather.report_of(recipe)), report.STAGE.save)
    return taken


def remember(model: StanceModel) -> None:
    """Let the model say of a sentence what it said before."""
    for method in ("_raw_proba", "_embed"):
        setattr(model, method, remembered(getattr(model, method)))


def remembered(compute: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[str, Any] = {}

    def look_up(texts: list[str], batch_size: int) -> Any:
        new = list(dict.fromkeys(text for text in texts if text not in known))
        if new:
            known.update(zip(new, compute(new, batch_size), strict=True))
        rows = [known[text] for text in texts]
        return vstack(rows) if issparse(rows[0]) else np.stack(rows)

    return look_up


if __name__ == "__main__":
    main()
