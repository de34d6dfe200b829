"""The `ingest` section: which documents, and how to read them."""

from typing import Literal

from pydantic import Field

from pipeline.config.base import Section

ReadAs = Literal["documents", "sentences"]
OnBadRow = Literal["fail", "skip"]


class ReadConfig(Section):
    """How files become sentences; what ingest, evaluate and predict have in common."""

    read_as: ReadAs = Field(
        "documents",
        description="documents: each text is split into sentences. sentences: each row of a table is one already.",
    )
    text_column: str = Field("text", description="Column of a table that holds the text.")
    document_column: str = Field(
        "doc_id",
        description="Column that names a row's document, where the table has one. Rows of one document never "
        "part in a split. A table without it: each row is a document.",
    )
    language: str = Field("en", description="ISO 639-1 code, for the sentence boundaries.", pattern="^[a-z]{2,3}$")
    encoding: str = Field("utf-8", description="Encoding of text files, such as utf-8 or cp1252.")
    on_bad_row: OnBadRow = Field(
        "fail", description="An unreadable row: fail stops with its line number; skip counts it and goes on."
    )


class LabeledReadConfig(ReadConfig):
    """How files with labels become sentences; what ingest and evaluate have in common."""

    label_column: str = Field("label", description="Column with the gold label, where the table has one.")
    annotators_column: str = Field(
        "annotators", description="Column with each annotator's own label by name (JSONL and Parquet)."
    )
    attribute_columns: tuple[str, ...] = Field(
        (), description="Further columns to keep with each sentence, so that evaluation can cut by them."
    )


class IngestConfig(LabeledReadConfig):
    """Documents to sentences."""

    inputs: tuple[str, ...] = Field(
        description="Files (.txt .md .html .csv .jsonl .parquet .csv.gz .jsonl.gz), folders and globs of them, folders "
        "saved by `datasets`, or dataset:NAME[@REVISION][:SPLIT] from the Hugging Face hub.",
        min_length=1,
    )
