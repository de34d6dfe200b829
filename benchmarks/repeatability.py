"""Run a config twice from nothing and compare: the split, and every probability on the test part and on the articles.

python benchmarks/repeatability.py [CONFIG …] [--set KEY=VALUE …]
"""

import argparse
import csv
import os
import tempfile
from pathlib import Path

from pipeline.config import load_config
from pipeline.recipe import Audience, run

CONFIGS = ("configs/baseline.yaml", "configs/transformer.yaml")
COMPARED = (
    "split/train.jsonl",
    "split/validation.jsonl",
    "split/test.jsonl",
    "evaluation/test/predictions.csv",
    "predictions/predictions.csv",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="*", default=CONFIGS, metavar="CONFIG")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    arguments = parser.parse_args()
    print("| config | file | rows | the same |")
    print("|---|---|--:|---|")
    for config in arguments.configs:
        with tempfile.TemporaryDirectory() as folder:
            runs = [once(config, Path(folder) / str(number), arguments.overrides) for number in range(2)]
            for name in COMPARED:
                one, other = (place / name for place in runs)
                same = "to the last digit" if one.read_bytes() == other.read_bytes() else difference(one, other)
                rows = len(one.read_text(encoding="utf-8").splitlines())
                print(f"| {config} | {name} | {rows} | {same} |", flush=True)


def once(config: str, runs: Path, overrides: list[str]) -> Path:
    return run(load_config(config, [*overrides, f"runs={runs}", "track.enabled=false"]), Audience()).folder.path


def difference(one: Path, other: Path) -> str:
    if one.suffix != ".csv":
        return "no"
    tables = []
    for path in (one, other):
        with path.open(encoding="utf-8", newline="") as file:
            tables.append(list(csv.DictReader(file)))
    gaps = [abs(float(a["score"]) - float(b["score"])) for a, b in zip(*tables, strict=True)]
    return f"no: scores differ by up to {max(gaps):g}"


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line does: much faster on shared cores
    main()
