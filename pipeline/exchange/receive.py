"""What people labeled in another tool to votes: all that are new, or none if one cannot be.

What an export says twice, or said before, counts once. A label without a time was given when its file was last changed;
so was one whose time is that of a vote that says something else: it was sent from here, and changed there.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.codebook import Codebook
from pipeline.exchange.contract import Format, Mark
from pipeline.exchange.fields import is_same
from pipeline.exchange.held import Held, Key, key_of, said_in
from pipeline.exchange.names import NOBODY, Names
from pipeline.records import Sentence, StanceError, counted
from pipeline.votes import Vote, VoteTable, check_votes, digest
from pipeline.votes.check import shortened

Export = tuple[Path, Format]


@dataclass(frozen=True, slots=True)
class Received:
    """What came back.

    Attributes:
        by_annotator: votes of each.
        n_new: votes that were added.
        n_known: votes that were there already.
        n_late: of the new ones those that do not count, since their annotator has voted anew since.
        n_unlabeled: sentences without a label, or that their annotator skipped.
        overruled: the places of labels that their annotator changed further on in the same files.
    """

    by_annotator: Mapping[str, int]
    n_new: int
    n_known: int
    n_late: int
    n_unlabeled: int
    overruled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A vote of an export; `is_dated` if its time is its own, and not the file's."""

    vote: Vote
    is_dated: bool
    place: str


def receive(
    exports: Sequence[Export], folder: Path, sentences: Sequence[Sentence], codebook: Codebook, names: Names
) -> Received:
    """Add what exports say to a table of votes, and say what that was.

    Raises:
        StanceError: an export cannot be read, or one of its labels, sentences or annotators cannot be; none is added.
    """
    named = [path for path, form in exports if form.is_named_after_annotator and path.stem != NOBODY]
    if names.default is not None and len(named) > 1:
        raise StanceError(
            f"--annotator {names.default}: {named[0]} and {named[1]} are named after different annotators. Import them "
            "one by one, or leave --annotator out"
        )
    texts = {sentence.id: sentence.text for sentence in sentences}
    table = VoteTable(folder)
    held = Held(table)
    last: dict[Key, _Found] = {}
    overruled: list[str] = []
    n_unlabeled = 0
    for export in exports:
        marks = _read(export)
        found = _votes(marks, export, held, names)
        check_votes([each.vote for each in found], tuple(codebook.labels), texts, str(export[0]))
        _check_texts(marks, texts)
        n_unlabeled += len(marks) - len(found)
        overruled += _keep_last(last, found)
    new = [
        replace(each.vote, text_digest=digest(texts[each.vote.sentence_id]))
        for each in last.values()
        if not _is_held(each, held)
    ]
    table.append(new)
    return Received(
        Counter(annotator for _, annotator in last),
        len(new),
        len(last) - len(new),
        sum(map(held.is_late, new)),
        n_unlabeled,
        tuple(overruled),
    )


def _read(export: Export) -> list[Mark]:
    path, form = export
    if not path.is_file():
        raise StanceError(f"{path}: {'is not a file' if path.exists() else 'no such file'}. Check the path")
    if path.stat().st_size == 0:
        raise StanceError(f"{path}: is empty. Export it again")
    return list(form.read(path))


def _votes(marks: Sequence[Mark], export: Export, held: Held, names: Names) -> list[_Found]:
    """The labels among the marks, as votes."""
    path, form = export
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    found = []
    for mark in marks:
        if mark.label is not None:
            key = mark.sentence_id, names.whose(mark, path, form)
            when = mark.when
            if when is not None and held.differs_at(key, when, (mark.label, mark.weight)):
                when = None
            vote = Vote(*key, "person", mark.label, changed if when is None else when, mark.weight)
            found.append(_Found(vote, when is not None, mark.place))
    return found


def _check_texts(marks: Sequence[Mark], texts: Mapping[str, str]) -> None:
    """Make sure that people labeled the sentences that are known under these names."""
    others = [mark for mark in marks if mark.label is not None and not is_same(mark.text, texts[mark.sentence_id])]
    if others:
        first = others[0]
        there, here = shortened(first.text), shortened(texts[first.sentence_id])
        raise StanceError(
            f'{first.place}: "{first.sentence_id}" is "{there}" there, and "{here}" here '
            f"({counted(len(others), 'label')}). Is this an export of other documents, or of another version of them? "
            "Name those it was made from"
        )


def _keep_last(last: dict[Key, _Found], votes: Sequence[_Found]) -> list[str]:
    """Add votes to the last ones, and give the places of those that another one overrules."""
    overruled = []
    for found in votes:
        key = key_of(found.vote)
        earlier, later = sorted((last.get(key, found), found), key=lambda each: each.vote.when)
        if said_in(earlier.vote) != said_in(later.vote):
            overruled.append(earlier.place)
        last[key] = later
    return overruled


def _is_held(found: _Found, held: Held) -> bool:
    return held.has(found.vote) or (not found.is_dated and held.was_said(found.vote))
