"""Sentences to a file for the tool in which people label."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.codebook import Codebook
from pipeline.exchange.contract import Format, Task
from pipeline.labeling.worklist import Item
from pipeline.records import StanceError
from pipeline.votes import Vote, check_votes, existing_votes


@dataclass(frozen=True, slots=True)
class Sent:
    """What went out.

    Attributes:
        n_sentences: in all.
        n_votes: that went along.
        n_elsewhere: votes that did not, since their sentences are not among those.
    """

    n_sentences: int
    n_votes: int
    n_elsewhere: int


def send(path: Path, items: Sequence[Item], codebook: Codebook, form: Format, votes: Sequence[Vote] = ()) -> Sent:
    """Write items to a file, with the votes on them, and say what went out.

    Raises:
        StanceError: the file is there already, a vote is for no label of the codebook, or it cannot be written.
    """
    if path.exists():
        raise StanceError(
            f"{path}: is there already, and people may have labeled in it. Import and remove it, or name another file"
        )
    of_sentence: dict[str, list[Vote]] = defaultdict(list)
    for vote in votes:
        of_sentence[vote.sentence_id].append(vote)
    tasks = [Task(item, tuple(of_sentence[item.sentence.id])) for item in items]
    sent = [vote for task in tasks for vote in task.votes]
    check_votes(sent, tuple(codebook.labels), of_sentence, "votes")
    form.write(path, tasks, codebook)
    return Sent(len(tasks), len(sent), len(votes) - len(sent))


def votes_of_people(folder: Path) -> list[Vote]:
    """The standing votes of a table that people gave.

    Raises:
        StanceError: there is no such folder, or a file in it cannot be read.
    """
    rows = existing_votes(folder).standing().table.to_pylist()
    return [Vote(**row) for row in rows if row["kind"] == "person"]
