"""Predictions as one page of HTML to read: each document whole, its sentences colored by stance."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from jinja2 import Environment, PackageLoader

from pipeline.records import Prediction, Sentence

HUES = (150, 35, 0, 265, 210, 310, 90, 185)  # a label's color; the last label, the background, has none
WITHIN_A_PARAGRAPH = 1  # characters between two sentences; more of them part paragraphs


class Page:
    """Writes sentences as they come, a heading when the document changes."""

    def __init__(self, file: IO[str], labels: Sequence[str]) -> None:
        self._file = file
        self._rank = {label: rank for rank, label in enumerate(labels)}
        self._document: str | None = None
        self._end = 0
        environment = Environment(loader=PackageLoader("pipeline.predict"), autoescape=True)
        self._sentence = environment.get_template("sentence.html.j2")
        hues = {rank: HUES[rank % len(HUES)] for rank in range(len(labels) - 1)}
        self._file.write(environment.get_template("head.html.j2").render(labels=labels, hues=hues))

    def write(self, sentences: Sequence[Sentence], predictions: Sequence[Prediction]) -> None:
        """Write some sentences."""
        for sentence, prediction in zip(sentences, predictions, strict=True):
            opens = sentence.document != self._document
            parted = sentence.start > self._end + WITHIN_A_PARAGRAPH
            if opens and self._document is not None:
                self._file.write("</p></article>\n")
            self._document, self._end = sentence.document, sentence.end
            rank = self._rank[prediction.label]
            text = self._sentence.render(
                sentence=sentence, prediction=prediction, rank=rank, opens=opens, parted=parted
            )
            self._file.write(text + "\n")

    def end(self) -> None:
        """Close what is open."""
        self._file.write("</p></article>\n</main>\n</body>\n</html>\n")


@contextmanager
def open_page(path: Path, labels: Sequence[str]) -> Iterator[Page]:
    """A page that is complete when the block ends."""
    with path.open("w", encoding="utf-8") as file:
        page = Page(file, labels)
        yield page
        page.end()
