"""Sources to sentences, one at a time, so that memory does not grow with the input."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.config.ingest import LabeledReadConfig, ReadConfig
from pipeline.ingest import hub
from pipeline.ingest.bad_rows import BadRows
from pipeline.ingest.find import Source
from pipeline.ingest.places import NOT_GIVEN
from pipeline.ingest.segment import sentence_spans
from pipeline.ingest.tables import Columns, Row, read_rows
from pipeline.ingest.texts import TEXT_SUFFIXES, read_text
from pipeline.records import Document, Sentence, StanceError

POSITION_COLUMN = "position"
BETWEEN_ROWS = "\n\n"  # what parts two rows of one document
_POSITION = re.compile(r"([0-9]{1,18})(?:\.0)?")  # ".0": pandas writes so where other rows have none


def read_sentences(source: Source, config: ReadConfig, bad_rows: BadRows) -> Iterator[Sentence]:
    """The sentences of one file or data set.

    Raises:
        StanceError: the source is empty or cannot be read; or a row cannot, and the policy is to fail.
    """
    if isinstance(source, Path) and source.suffix.lower() in TEXT_SUFFIXES:
        yield from _from_text(source, config, bad_rows)
        return
    n_rows, n_skipped = 0, bad_rows.n_skipped
    opened = _Opened()
    for place, row in _rows(source, config, bad_rows):
        n_rows += 1
        text = row.get(config.text_column)
        if not isinstance(text, str) or not text.strip():
            found = "is empty" if text is None or isinstance(text, str) else f"is {type(text).__name__}, not text"
            bad_rows.report(f'{place}: column "{config.text_column}" {found}')
        elif config.read_as == "documents":
            yield from opened.go_on(Document(_document_of(row, place, config), text), place, config.language, bad_rows)
        else:
            yield from _from_row(place, row, text, config, bad_rows)
    if n_rows == 0 and bad_rows.n_skipped == n_skipped:
        bad_rows.report(f"{source}: is empty: no row in it")


class _Opened:
    """The document whose rows are being read: rows that follow each other under one name are parts of one text."""

    def __init__(self) -> None:
        self._id: str | None = None
        self._position = 0
        self._length = 0  # of the parts so far, parted by an empty line

    def go_on(self, part: Document, place: str, language: str, bad_rows: BadRows) -> Iterator[Sentence]:
        """The sentences of one more row, with positions and offsets in the whole document."""
        if part.id != self._id:
            self._id, self._position, self._length = part.id, 0, 0
        before = self._length + len(BETWEEN_ROWS) if self._length else 0
        for sentence in split_document(part, place, language, bad_rows):
            self._position += 1
            self._length = before + len(part.text)
            start, end = before + sentence.start, before + sentence.end
            yield replace(sentence, position=self._position, start=start, end=end)


def _rows(source: Source, config: ReadConfig, bad_rows: BadRows) -> Iterator[Row]:
    columns = _columns(config)
    if isinstance(source, str):
        return hub.read_named(source, columns)
    if source.is_dir():
        return hub.read_saved(source, columns)
    if source.stat().st_size == 0:
        return iter(())
    return read_rows(source, columns, config.encoding, bad_rows)


def _columns(config: ReadConfig) -> Columns:
    name = config.document_column
    is_named = name != ReadConfig.model_fields["document_column"].default  # somebody named it, and did not leave it be
    further: tuple[str, ...] = ()
    if isinstance(config, LabeledReadConfig):
        further = (config.label_column, config.annotators_column, *config.attribute_columns)
    return Columns(config.text_column, name if is_named else None, (name, POSITION_COLUMN, *further))


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


def _document_of(row: Mapping[str, Any], place: str, config: ReadConfig) -> str:
    named = row.get(config.document_column)
    return place if named is None or named == "" else str(named)


def _from_row(
    place: str, row: Mapping[str, Any], text: str, config: ReadConfig, bad_rows: BadRows
) -> Iterator[Sentence]:
    try:
        gold, annotators = _labels(row, config)
    except ValueError as error:
        bad_rows.report(f"{place}: {error}")
        return
    document = _document_of(row, place, config)
    given = _POSITION.fullmatch(str(row.get(POSITION_COLUMN)))
    alone = 1 if document == place else NOT_GIVEN
    yield Sentence(
        document=document,
        position=int(given[1]) if given else alone,
        start=len(text) - len(text.lstrip()),
        end=len(text.rstrip()),
        text=text.strip(),
        source=place,
        gold=gold,
        annotators=annotators,
        attributes=_attributes(row, config),
    )


def _attributes(row: Mapping[str, Any], config: ReadConfig) -> dict[str, str]:
    columns = config.attribute_columns if isinstance(config, LabeledReadConfig) else ()
    return {
        name: str(row[name]) for name in columns if isinstance(row.get(name), str | int | float) and row[name] != ""
    }


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
