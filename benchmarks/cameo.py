"""A config's kind of model on the public benchmark cameo_class: five classes of political events.

    python benchmarks/cameo.py FOLDER [--config FILE] [--set KEY=VALUE …] [--seeds N …]
    python benchmarks/cameo.py FOLDER --choose [--set KEY=VALUE …]
    python benchmarks/cameo.py FOLDER --teacher ENCODER [--variants N] [--unlabeled N] [--set KEY=VALUE …]

FOLDER holds train.tsv and test.tsv of ConfliBERT's repository (sentence, class 0 to 4, no header). Macro-F1 is over all
five. A tenth of the training file chooses the epoch; the test file is read once a seed, and not at all with --choose.
That measures settings on the training file alone, on four folds of topics: sentences of a topic are held out together,
since the test file is of other topics than the training file, and at random nearly everything there has a twin.

With --teacher an encoder of that name or folder is fine-tuned first, on the training file too, once; each seed then
learns from its answers to that file, to cut-down variants of its sentences, and to N sentences of this project's
corpus, whose labels are not used. The seconds of a seed do not count the teacher's, which are told apart.
"""

import argparse
import csv
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, train_test_split

from pipeline.config import load_config
from pipeline.config.root import Config
from pipeline.config.teach import TeachConfig
from pipeline.models import LabelSet, StanceModel, make_model
from pipeline.models.transformer.encoder import load_encoder
from pipeline.models.transformer.inference import embeddings
from pipeline.models.transformer.network import Classifier, Shape
from pipeline.records import Example, Parts, Sentence
from pipeline.teach import teach
from pipeline.variants import variants

LABELS = LabelSet(("1", "2", "3", "4"), "0")  # verbal and material cooperation, verbal and material conflict; none
PUBLISHED = (  # of the test file, mean of three seeds, five epochs: aunabilChakmaArizona/ConfliBERT-v2 @27b0680
    ("TF-IDF", "–", 0.62),
    ("ModernBERT-base", "149 M", 0.8452),
    ("ConfliBERT", "110 M", 0.8812),
)
HELD_OUT = 0.1
N_TOPICS, N_FOLDS = 24, 4
CORPUS = Path("data/corpus")
TEACHER = {"learning_rate": 5e-5, "epochs": 6}  # for 110 million parameters
TEACHER_SEED = 1
ENCODER = "sentence-transformers/all-MiniLM-L6-v2"  # whose vectors tell topics apart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--config", type=Path, default=Path("configs/cameo_benchmark.yaml"), metavar="FILE")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], metavar="N")
    parser.add_argument(
        "--teacher", metavar="ENCODER", help="a larger encoder, whose answers the config's model learns"
    )
    parser.add_argument("--variants", type=int, default=8, metavar="N", help="of each sentence, which only it labels")
    parser.add_argument("--unlabeled", type=int, default=3000, metavar="N", help="other sentences that only it labels")
    parser.add_argument("--choose", action="store_true", help="measure on the training file alone")
    arguments = parser.parse_args()
    config = load_config(arguments.config, arguments.overrides)
    train = list(examples(arguments.folder / "train.tsv"))
    if arguments.choose:
        print(f"macro-F1 of {N_FOLDS} folds of topics: {on_topics(config, train):.4f}")
        return
    test = list(examples(arguments.folder / "test.tsv"))
    lessons = taught(config, train, test, arguments) if arguments.teacher else []
    found = [measured(config, train, lessons, test, seed) for seed in arguments.seeds]
    scores, seconds = zip(*found, strict=True)
    print("| model | parameters | macro-F1 on test | lowest | highest | seconds a seed |\n|---|--:|--:|--:|--:|--:|")
    for name, size, value in PUBLISHED:
        print(f"| {name}, published | {size} | {value:.3f} | | | |")
    bounds = f"{min(scores):.3f} | {max(scores):.3f}"
    print(f"| {config.name} ({config.train.kind}) | | {np.mean(scores):.3f} | {bounds} | {np.mean(seconds):.0f} |")


def examples(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8", newline="") as file:
        for number, (text, label) in enumerate(csv.reader(file, delimiter="\t"), start=1):
            sentence = Sentence(f"{path.stem}-{number}", 1, 0, len(text), text, f"{path}:{number}")
            yield Example(sentence, label, "gold")


def measured(
    config: Config, train: list[Example], lessons: list[Example], test: list[Example], seed: int
) -> tuple[float, float]:
    """Macro-F1 over all classes, and the seconds of training."""
    began = time.monotonic()
    model = trained(config, train, seed, lessons)
    seconds = time.monotonic() - began
    found = macro_f1([example.label for example in test], answers(model, test))
    print(f"seed {seed}: {found:.4f} in {seconds:.0f} s", flush=True)
    return found, seconds


def trained(config: Config, train: list[Example], seed: int, lessons: Sequence[Example] = ()) -> StanceModel:
    """A model of nine tenths of the training file, or of what is to be learned instead of them."""
    ours, held_out = train_test_split(
        train, test_size=HELD_OUT, stratify=[example.label for example in train], random_state=seed
    )
    if lessons:
        hidden = {example.sentence.document for example in held_out}
        ours = [lesson for lesson in lessons if lesson.sentence.document.partition(" (variant")[0] not in hidden]
    model = make_model(config.train, LABELS, seed=seed, device=config.device)
    with tempfile.TemporaryDirectory() as scratch:
        return model.fit(ours, held_out, scratch=Path(scratch))


def taught(config: Config, train: list[Example], test: list[Example], arguments: argparse.Namespace) -> list[Example]:
    """The training file and other sentences with the answers of a teacher, which learned from that file alone."""
    began = time.monotonic()
    larger = {"encoder": arguments.teacher, **TEACHER}
    teacher = trained(config.model_copy(update={"train": config.train.model_copy(update=larger)}), train, TEACHER_SEED)
    print(f"teacher: {macro_f1([e.label for e in test], answers(teacher, test)):.4f}", flush=True)
    corpus = (json.loads(row) for path in sorted(CORPUS.glob("*.jsonl")) for row in path.open(encoding="utf-8"))
    texts = np.random.default_rng(TEACHER_SEED).permutation(sorted({row["text"] for row in corpus}))
    others = [
        Sentence(f"corpus-{n}", 1, 0, len(text), text, str(CORPUS))
        for n, text in enumerate(texts[: arguments.unlabeled].tolist())
    ]
    others += variants((example.sentence for example in train), arguments.variants, TEACHER_SEED)
    section = TeachConfig(teachers=(arguments.teacher,), share=0.5)
    lessons = teach(section, Parts(train, [], []), others, [teacher]).examples
    print(f"teacher and its answers: {time.monotonic() - began:.0f} s", flush=True)
    return lessons


def on_topics(config: Config, train: list[Example]) -> float:
    """Macro-F1 of answers to sentences whose topic was held out."""
    topics = KMeans(N_TOPICS, n_init=4, random_state=0).fit_predict(vectors([example.text for example in train]))
    true: list[str] = []
    said: list[str] = []
    for seed, (ours, theirs) in enumerate(GroupKFold(N_FOLDS).split(train, groups=topics)):
        held_out = [train[i] for i in theirs]
        said += answers(trained(config, [train[i] for i in ours], seed), held_out)
        true += [example.label for example in held_out]
        print(f"fold {seed + 1}: macro-F1 so far {macro_f1(true, said):.4f}", flush=True)
    return macro_f1(true, said)


def vectors(texts: Sequence[str]) -> np.ndarray:
    encoder, tokenizer = load_encoder(ENCODER, "main")
    return embeddings(Classifier(encoder, Shape(1)).eval(), tokenizer, texts, 128, 64)


def answers(model: StanceModel, some: Sequence[Example]) -> list[str]:
    return [found.label for found in model.predict([example.text for example in some])]


def macro_f1(true: Sequence[str], said: Sequence[str]) -> float:
    return float(f1_score(true, said, average="macro"))


if __name__ == "__main__":
    main()
