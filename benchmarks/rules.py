"""Rules alone, without a label of anybody: how fast on one processor, and how right.

    python benchmarks/rules.py [--codebook FILE] [FILE …]

Files are tables of labeled sentences; default: the corpus, and ../shared/real/dev.jsonl where it is there. Speed is
that of the rules applied to sentences in memory, beside the same rules tried one by one.
"""

import argparse
import time
from pathlib import Path

from pipeline.codebook import Codebook, load_codebook
from pipeline.config.ingest import LabeledReadConfig
from pipeline.ingest import read_all
from pipeline.labeling.rules.ruleset import RuleSet
from pipeline.labeling.rules.ruling import Ruling

CORPUS, REAL = "data/corpus", Path("../shared/real/dev.jsonl")
N_ONE_BY_ONE = 4000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", default=[CORPUS, *([str(REAL)] if REAL.exists() else [])], metavar="FILE")
    parser.add_argument("--codebook", type=Path, default=Path("data/codebook.yaml"), metavar="FILE")
    arguments = parser.parse_args()
    codebook = load_codebook(arguments.codebook)
    began = time.perf_counter()
    RuleSet(codebook)._prefilter._prepare()
    print(f"{len(codebook.rules)} rules, compiled in {time.perf_counter() - began:.1f} s\n")
    print("| sentences | with a vote | macro-F1 | right where they vote | a second | one by one |")
    print("|---|--:|--:|--:|--:|--:|")
    for file in arguments.files:
        sentences = read_all([file], LabeledReadConfig(read_as="sentences")).sentences
        ruling = Ruling(sentences, codebook)
        ruling._rules._prefilter._prepare()
        fast = rate(ruling._rules, [sentence.text for sentence in sentences])
        slow = rate(one_by_one(codebook), [sentence.text for sentence in sentences[:N_ONE_BY_ONE]])
        found = ruling.figures()
        cells = (f"{found['coverage']:.0%}", f"{found['macro_f1']:.3f}", f"{found['accuracy']:.0%}")
        print(f"| {Path(file).name}: {len(sentences):,} | {' | '.join(cells)} | {fast:,.0f} | {slow:,.0f} |")


def one_by_one(codebook: Codebook) -> RuleSet:
    rules = RuleSet(codebook)
    rules._prefilter._is_prepared = True  # that is, never
    return rules


def rate(rules: RuleSet, texts: list[str]) -> float:
    began = time.perf_counter()
    for text in texts:
        rules.votes(text)
    return len(texts) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
