"""What each annotator has answered: read from the table of votes once, and added to it answer by answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from pyarrow import compute

from pipeline.labeling.worklist import Item
from pipeline.records import StanceError
from pipeline.votes import Vote, VoteTable, check_texts, check_votes, digest

PLACE = "the page"  # for messages about answers that cannot be
HARD = 0.5  # weight of an answer to a sentence that its annotator finds hard
TICK = timedelta(microseconds=1)  # the least that tells two moments of the table apart


class NotWritten(Exception):  # noqa: N818 (what happened to the answer)
    """The answer is not in the table."""


class NotAsSeen(Exception):  # noqa: N818 (how the page stands to the table)
    """The sentence has another answer than the page believed."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that stands."""

    label: str
    is_hard: bool
    when: datetime

    @property
    def revision(self) -> str:
        """What tells it from an earlier or later answer to the same sentence."""
        return self.when.isoformat()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that somebody wants to give.

    Attributes:
        sentence_id: of the sentence.
        label: that it should have.
        is_hard: whether the annotator finds it hard.
        revision: of the answer that the page shows to have been given before; empty for none.
        token: the same when the same answer is sent once more.
    """

    sentence_id: str
    label: str
    is_hard: bool
    revision: str
    token: str


@dataclass
class Progress:
    """How far an annotator is.

    Attributes:
        given: answers by sentence, the last one last.
        skipped: sentences put off, the last one last.
        tokens: of the last answer to each sentence since the server started.
    """

    given: dict[str, Given] = field(default_factory=dict)
    skipped: dict[str, None] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


class Ledger:
    """The sentences, and every annotator's answers to them.

    Args:
        items: to label, in the order in which they are shown.
        labels: of the codebook.
        votes: the table, which nobody else may write answers of people to meanwhile.

    Raises:
        StanceError: there are no sentences, or the table holds an answer with another label.
    """

    def __init__(self, items: Sequence[Item], labels: Sequence[str], votes: VoteTable) -> None:
        if not items:
            raise StanceError("no sentence to label: the files are empty. Name others")
        self.items = {item.sentence.id: item for item in items}
        self.labels = tuple(labels)
        self._votes = votes
        self._lock = Lock()
        self._progress: dict[str, Progress] = {}
        self._load()

    def progress(self, annotator: str) -> Progress:
        """How far the annotator is, at this moment."""
        with self._lock:
            known = self._progress.get(annotator, Progress())
            return Progress(dict(known.given), dict(known.skipped), dict(known.tokens))

    def waiting(self, progress: Progress) -> str | None:
        """The sentence to show next: the first that has no answer, those that were skipped after all others."""
        is_open = [id_ for id_ in self.items if id_ not in progress.given and id_ not in progress.skipped]
        return next(iter([*is_open, *progress.skipped]), None)

    def answer(self, annotator: str, asked: Answer) -> None:
        """Write an answer, unless it is there already; it is on the disk when this returns.

        Raises:
            StanceError: the sentence or the label is not known.
            NotAsSeen: the sentence has been answered since the page was drawn.
            NotWritten: the disk is full, or the folder gone.
        """
        with self._lock:
            known = self._progress.get(annotator) or Progress()
            vote = self._vote(annotator, asked, known)
            if known.tokens.get(asked.sentence_id) == asked.token:
                return
            given = known.given.get(asked.sentence_id)
            if (given.revision if given else "") != asked.revision:
                raise NotAsSeen
            if given is None or (given.label, given.is_hard) != (asked.label, asked.is_hard):
                self._write(vote)
                known.given.pop(asked.sentence_id, None)  # so that it comes last
                known.given[asked.sentence_id] = Given(vote.label, asked.is_hard, vote.when)
            known.skipped.pop(asked.sentence_id, None)
            known.tokens[asked.sentence_id] = asked.token
            self._progress[annotator] = known

    def skip(self, annotator: str, sentence_id: str) -> None:
        """Show a sentence again after all others; one that has an answer keeps it.

        Raises:
            StanceError: the sentence is not known.
        """
        if sentence_id not in self.items:
            raise StanceError(f'{PLACE}: no sentence "{sentence_id}" in this list. Load the page again')
        with self._lock:
            known = self._progress.setdefault(annotator, Progress())
            if sentence_id not in known.given:
                known.skipped.pop(sentence_id, None)
                known.skipped[sentence_id] = None

    def _vote(self, annotator: str, asked: Answer, known: Progress) -> Vote:
        when = datetime.now(UTC)
        if known.given:  # a clock that was put back makes no answer older than the one that it changes
            when = max(when, next(reversed(known.given.values())).when + TICK)
        weight = HARD if asked.is_hard else 1.0
        item = self.items.get(asked.sentence_id)
        text_digest = "" if item is None else digest(item.sentence.text)
        vote = Vote(asked.sentence_id, annotator, "person", asked.label, when, weight, text_digest)
        check_votes([vote], self.labels, self.items, PLACE)
        return vote

    def _write(self, vote: Vote) -> None:
        try:
            self._votes.append([vote])
        except StanceError as error:
            raise NotWritten(str(error)) from None
        except OSError as error:
            raise NotWritten(f"{self._votes.folder}: {error.strerror}. Mend that, and answer again") from None

    def _load(self) -> None:
        table = self._votes.standing().table
        people = table.filter(compute.equal(table["kind"], "person")).to_pylist()
        votes = [Vote(**row) for row in people if row["sentence_id"] in self.items]
        texts = {name: item.sentence.text for name, item in self.items.items()}
        check_texts(table, texts, str(self._votes.folder))
        check_votes(votes, self.labels, self.items, str(self._votes.folder))
        for vote in votes:
            known = self._progress.setdefault(vote.annotator, Progress())
            known.given[vote.sentence_id] = Given(vote.label, vote.weight < 1, vote.when)
