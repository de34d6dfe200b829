"""Sentences that go to other tools and come back as votes: a world that the tests of `pipeline.exchange` share.

Everything happens in the folder that a test is in.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from toy import CODEBOOK

from pipeline.codebook import Codebook, load_codebook
from pipeline.exchange import format_of
from pipeline.exchange.names import Names
from pipeline.exchange.receive import Received, receive
from pipeline.exchange.send import send
from pipeline.labeling.worklist import Item
from pipeline.records import Sentence
from pipeline.votes import Vote, VoteTable

FIXTURES = Path(__file__).parent / "exchange"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ODD = (
    "We welcome the agreement with our neighbors.",
    'They broke "the agreement",\nand took our ships; all of them.',
    "=SUM(A1:A9) is what they answered.",
    "'=1+1 begins with a quote — and Україна, 中国, 🕊 come later.",
    "-5 degrees, and the talks went on.",
    "@all: any attack will be met with force.",
    "+49 is the code of the embassy.\tThey called it.",
    "'We protest,' said the minister.",
    "It ended\x0b on a control character.",
    "#N/A",
)
DOCUMENTS = ("news-01", "notes#2/ä,b.txt", "=cmd", "007")

TOY = [
    Sentence("d00", 1, 0, 44, "We welcome the agreement with our neighbors.", "toy"),
    Sentence("d00", 2, 0, 44, "They broke the agreement and took our ships.", "toy"),
    Sentence("d00", 3, 0, 34, "Any attack will be met with force.", "toy"),
]


def sentences() -> list[Sentence]:
    return [Sentence(d, n, 0, len(t), t, "toy") for d in DOCUMENTS for n, t in enumerate(ODD, start=1)]


def items() -> list[Item]:
    known = sentences()
    first = Item(known[0], "", known[1].text, "cooperative", 0.61, "=why")
    return [first, Item(known[1], known[0].text, known[2].text, "of another codebook", None), *map(Item, known[2:])]


def vote(sentence_id="news-01#1", annotator="Ada", label="warning", minute=0, **further) -> Vote:
    fields = {"kind": "person", "when": NOON + timedelta(minutes=minute), **further}
    return Vote(sentence_id, annotator, label=label, **fields)


def many_votes() -> list[Vote]:
    """Of three annotators, whose names are as odd as the texts."""
    labels = ("cooperative", "warning", "grievance", "none")
    names = ("Ada", "grace@example.org", "=Linus, 'the' Ü")
    return [
        vote(each.id, name, labels[(i + j) % 4], 10 * i + j, weight=(1.0, 0.5, 0.25)[j])
        for i, each in enumerate(sentences())
        for j, name in enumerate(names)
        if (i + j) % 3
    ]


def standing(folder: Path) -> set[Vote]:
    return {Vote(**row) for row in VoteTable(folder).standing().table.to_pylist()}


def codebook() -> Codebook:
    path = Path("codebook.yaml")
    path.write_text(CODEBOOK, encoding="utf-8")
    return load_codebook(path)


def sent(name: str, votes: tuple[Vote, ...] | list[Vote] = ()) -> Path:
    """A file to which the items were sent, some with votes."""
    send(Path(name), items(), codebook(), format_of(Path(name)), votes)
    return Path(name)


def take(*paths: Path | str, annotator: tuple[str, ...] = (), known: list[Sentence] | None = None) -> Received:
    """Receive exports into the table `votes`."""
    exports = [(Path(path), format_of(Path(path))) for path in paths]
    return receive(exports, Path("votes"), known or sentences(), codebook(), Names.of(annotator))
