"""Documents to sentences: `find` names the sources, `texts` and `tables` read them, `segment` splits them.

`sentences` puts these together, `places` numbers the sentences of a document and sees to it that none stands twice.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config.ingest import IngestConfig, ReadConfig
from pipeline.ingest.bad_rows import BadRows
from pipeline.ingest.find import Source, find_sources, passed_over
from pipeline.ingest.places import distinct_documents, distinct_sentences, numbered
from pipeline.ingest.sentences import read_sentences
from pipeline.records import Sentence
from pipeline.store import fingerprint
from pipeline.store.atomic import write_text
from pipeline.store.jsonl import read_sentences as load_sentences
from pipeline.store.jsonl import write_sentences
from pipeline.store.run_folder import Stage

__all__ = [
    "STAGE",
    "BadRows",
    "Ingested",
    "find_sources",
    "fingerprint_sources",
    "ingest",
    "passed_over",
    "read_all",
    "stream",
]

LIBRARIES = ("sentencex", "trafilatura", "markdown-it-py")


@dataclass(frozen=True)
class Ingested:
    """What the stage gives: the sentences, and the rows that could not be read."""

    sentences: list[Sentence]
    bad_rows: BadRows

    def summary(self) -> dict[str, Any]:
        """Figures for people."""
        documents = Counter(sentence.document for sentence in self.sentences)
        return {
            "documents": len(documents),
            "sentences": len(self.sentences),
            "bad_rows": self.bad_rows.n_skipped,
        }


def ingest(config: IngestConfig) -> Ingested:
    """Every sentence of the configured inputs, in their order.

    Raises:
        StanceError: an input is missing, empty or cannot be read.
    """
    return read_all(config.inputs, config)


def read_all(inputs: Sequence[str], config: ReadConfig) -> Ingested:
    """Every sentence of some inputs, in their order.

    Raises:
        StanceError: an input is missing, empty or cannot be read.
    """
    bad_rows = BadRows(config.on_bad_row)
    return Ingested(list(distinct_sentences(stream(inputs, config, bad_rows), bad_rows)), bad_rows)


def stream(inputs: Sequence[str], config: ReadConfig, bad_rows: BadRows) -> Iterator[Sentence]:
    """Every sentence of some inputs, in their order, one at a time; the inputs are looked for at once.

    Raises:
        StanceError: an input is missing, empty or cannot be read.
    """
    sources = find_sources(inputs, config.read_as)
    sentences = (sentence for source in sources for sentence in read_sentences(source, config, bad_rows))
    return distinct_documents(sentences, bad_rows) if config.read_as == "documents" else numbered(sentences)


def fingerprint_sources(sources: Sequence[Source]) -> str:
    """Hash of what the sources hold; of a data set on the hub, its name."""
    return fingerprint.of_value({str(source): _contents(source) for source in sources})


def _contents(source: Source) -> object:
    if isinstance(source, Path):
        return fingerprint.of_folder(source) if source.is_dir() else fingerprint.of_file(source)
    return source


def _save(result: Ingested, folder: Path) -> None:
    write_sentences(folder / "sentences.jsonl", result.sentences)
    bad = {key: value for key, value in vars(result.bad_rows).items() if key != "listener"}
    write_text(folder / "bad_rows.json", json.dumps(bad, indent=2, ensure_ascii=False) + "\n")


def _load(folder: Path) -> Ingested:
    bad_rows = json.loads((folder / "bad_rows.json").read_text(encoding="utf-8"))
    return Ingested(load_sentences(folder / "sentences.jsonl"), BadRows(**bad_rows))


STAGE = Stage(
    name="ingest",
    folder="ingest",
    save=_save,
    load=_load,
    code=("ingest", "records.py", "store/jsonl.py"),
    libraries=LIBRARIES,
    summarize=Ingested.summary,
)
