"""One place, one sentence: a place that two rows claim is refused, since neither offsets nor splits could hold."""

from collections.abc import Iterator

from pipeline.ingest.bad_rows import BadRows
from pipeline.records import Sentence

Key = str | int


def distinct_documents(sentences: Iterator[Sentence], bad_rows: BadRows) -> Iterator[Sentence]:
    """The sentences of documents, each document once; of a document only eight bytes and a hash's overhead are kept.

    Raises:
        StanceError: a document's name comes again after another document, and the policy is to fail.
    """
    ended: set[Key] = set()
    current, is_again = "", False
    for sentence in sentences:
        if sentence.document != current or sentence.position == 1:
            current, key = sentence.document, hash(sentence.document)
            is_again = key in ended
            if is_again:
                bad_rows.report(
                    f'{sentence.source}: document "{current}" was read before; the rows of one document stand '
                    "together, in one file"
                )
            ended.add(key)
        if not is_again:
            yield sentence


def distinct_sentences(sentences: Iterator[Sentence], bad_rows: BadRows) -> Iterator[Sentence]:
    """The sentences, each place in a document once.

    Raises:
        StanceError: two have the same document and position, and the policy is to fail; both are named.
    """
    places: dict[str, str] = {}
    for sentence in sentences:
        if sentence.id in places:
            bad_rows.report(
                f'{sentence.source}: sentence {sentence.position} of document "{sentence.document}" was read before, '
                f"at {places[sentence.id]}"
            )
            continue
        places[sentence.id] = sentence.source
        yield sentence
