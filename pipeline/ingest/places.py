"""Where a sentence stands in its document: numbers for rows that have none, and no place that two rows claim."""

from collections.abc import Iterator
from dataclasses import replace

from pipeline.ingest.bad_rows import BadRows
from pipeline.records import Sentence

NOT_GIVEN = -1  # position of a row that does not say it, before it is numbered


def numbered(sentences: Iterator[Sentence]) -> Iterator[Sentence]:
    """The sentences, those without a position numbered on in their document; a few dozen bytes a document are kept."""
    last: dict[int, int] = {}
    for sentence in sentences:
        if sentence.document == sentence.source:  # a row without a document's name stands alone
            yield sentence
            continue
        key = hash(sentence.document)
        position = last.get(key, 0) + 1 if sentence.position == NOT_GIVEN else sentence.position
        last[key] = max(last.get(key, 0), position)
        yield sentence if position == sentence.position else replace(sentence, position=position)


def distinct_documents(sentences: Iterator[Sentence], bad_rows: BadRows) -> Iterator[Sentence]:
    """The sentences of documents, each document once; a few dozen bytes a document are kept.

    Raises:
        StanceError: a document's name comes again after another document, and the policy is to fail.
    """
    begun: set[int] = set()
    current, place, is_again = "", "", False
    for sentence in sentences:
        if sentence.document != current or sentence.position == 1:
            current, place, key = sentence.document, "", hash(sentence.document)
            is_again = key in begun
            begun.add(key)
        if not is_again:
            yield sentence
        elif sentence.source != place:
            place = sentence.source
            bad_rows.report(
                f'{place}: document "{current}" was read before; the rows of one document stand together, in one file'
            )


def distinct_sentences(sentences: Iterator[Sentence], bad_rows: BadRows) -> Iterator[Sentence]:
    """The sentences, each place in a document once.

    Raises:
        StanceError: two have the same document and position, and the policy is to fail; both are named.
    """
    places: dict[str, str] = {}
    for sentence in sentences:
        if sentence.id in places:
            bad_rows.report(
                f'{sentence.source}: position {sentence.position} of document "{sentence.document}" is taken by '
                f"{places[sentence.id]}"
            )
            continue
        places[sentence.id] = sentence.source
        yield sentence
