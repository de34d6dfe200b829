"""Sources to sentences, one at a time, so that memory does not grow with the input."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.config.ingest import LabeledReadConfig, ReadConfig
from pipeline.ingest import hub
from pipeline.ingest.bad_rows import BadRows
from pipeline.ingest.find import Source
from pipeline.ingest.segment import sentence_spans
from pipeline.ingest.tables import Row, read_rows
from pipeline.ingest.texts import TEXT_SUFFIXES, read_text
from pipeline.records import Document, Sentence, StanceError, did_you_mean


def read_sentences(source: Source, config: ReadConfig, bad_rows: BadRows) -> Iterator[Sentence]:
    """The sentences of one file or data set.

    Raises:
        StanceError: the source is empty or cannot be read; or a row cannot, and the policy is to fail.
    """
    if isinstance(source, Path) and source.suffix.lower() in TEXT_SUFFIXES:
        yield from _from_text(source, config, bad_rows)
        return
    n_rows, n_skipped = 0, bad_rows.n_skipped
    document, position = "", 0
    for place, row in _rows(source, config, bad_rows):
        n_rows += 1
        if n_rows == 1:
            _check_document_column(source, list(row), config.document_column)
        for sentence in _from_row(source, place, row, config, bad_rows):
            if config.read_as == "documents":  # rows of one document in a row: positions go on
                position = position + 1 if sentence.document == document else 1
                document = sentence.document
                yield replace(sentence, position=position)
            else:
                yield sentence
    if n_rows == 0 and bad_rows.n_skipped == n_skipped:
        bad_rows.report(f"{source}: is empty: no row in it")


def _check_document_column(source: Source, columns: list[str], name: str) -> None:
    """Make sure that a document column which somebody named, and did not just leave as it is, is there."""
    if name != ReadConfig.model_fields["document_column"].default and name not in columns:
        hint = did_you_mean(name, columns) or " Name another: --document-column (document_column)"
        raise StanceError(f'{source}: no column "{name}" for documents; found {", ".join(columns)}.{hint}')


def _rows(source: Source, config: ReadConfig, bad_rows: BadRows) -> Iterator[Row]:
    if isinstance(source, str):
        return hub.read_named(source, config.text_column)
    if source.is_dir():
        return hub.read_saved(source, config.text_column)
    if source.stat().st_size == 0:
        return iter(())
    return read_rows(source, config.text_column, config.encoding, bad_rows)


def _from_text(path: Path, config: ReadConfig, bad_rows: BadRows) -> Iterator[Sentence]:
    try:
        text = read_text(path, config.encoding)
    except StanceError as error:
        if bad_rows.policy == "fail":
            raise
        bad_rows.report(str(error))
        return
    yield from split_document(Document(path.as_posix(), text), str(path), config.language, bad_rows)


def split_document(document: Document, source: str, language: str, bad_rows: BadRows) -> Iterator[Sentence]:
    """The sentences of a document, with their offsets in it.

    Raises:
        StanceError: it has none, and the policy is to fail.
    """
    position = 0
    for position, (start, end) in enumerate(sentence_spans(document.text, language), start=1):
        yield Sentence(document.id, position, start, end, document.text[start:end], source)
    if position == 0:
        found = "has no text in it" if not document.text.strip() else "has no sentence: no word in it"
        bad_rows.report(f"{source}: {found}")


def _from_row(
    source: Source, place: str, row: Mapping[str, Any], config: ReadConfig, bad_rows: BadRows
) -> Iterator[Sentence]:
    text = row.get(config.text_column)
    if not isinstance(text, str) or not text.strip():
        found = "is empty" if text is None or isinstance(text, str) else f"is {type(text).__name__}, not text"
        bad_rows.report(f'{place}: column "{config.text_column}" {found}')
        return
    named = row.get(config.document_column)
    document = place if named is None or named == "" else str(named)
    if config.read_as == "documents":
        yield from split_document(Document(document, text), place, config.language, bad_rows)
        return
    try:
        gold, annotators = _labels(row, config)
    except ValueError as error:
        bad_rows.report(f"{place}: {error}")
        return
    position = str(row.get("position"))
    yield Sentence(
        document=document,
        position=int(position if position.isdecimal() else place.rpartition(":")[2]),
        start=len(text) - len(text.lstrip()),
        end=len(text.rstrip()),
        text=text.strip(),
        source=place,
        gold=gold,
        annotators=annotators,
    )


def _labels(row: Mapping[str, Any], config: ReadConfig) -> tuple[str | None, dict[str, str]]:
    if not isinstance(config, LabeledReadConfig):
        return None, {}
    return _gold(row.get(config.label_column)), _annotators(row.get(config.annotators_column))


def _gold(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"the label is {json.dumps(value, default=str)}, not text")  # noqa: TRY004
    return value


def _annotators(value: object) -> dict[str, str]:
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise ValueError("annotators should map each annotator's name to a label")  # noqa: TRY004
    return {str(name): str(label) for name, label in value.items() if label is not None}
