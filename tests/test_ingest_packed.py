"""Tables packed by gzip, whole and broken."""

import gzip
from pathlib import Path

import pytest
from pyarrow import Table, parquet

from pipeline.ingest.find import find_sources
from pipeline.ingest.size import Extent

ROWS = "".join(f'{{"text": "They met {number} times, and parted."}}\n' for number in range(2000))


@pytest.fixture
def packed(here) -> Path:
    Path("in").mkdir()
    Path("in/table.jsonl.gz").write_bytes(gzip.compress(ROWS.encode()))
    return Path("in/table.jsonl.gz")


def test_packed_tables_are_read_as_the_others(packed, read):
    Path("in/b.csv.gz").write_bytes(gzip.compress(b'text;label\n"We will answer;\nsoon.";warning\n'))
    found = read("in", read_as="sentences").sentences
    assert len(found) == 2001
    assert found[0].text == "We will answer;\nsoon."
    assert (found[0].gold, found[0].source) == ("warning", "in/b.csv.gz:2")
    assert found[-1].source == "in/table.jsonl.gz:2000"


def test_progress_knows_the_rows_of_a_packed_table(packed):
    extent = Extent(find_sources(["in"], "sentences"))
    assert extent.total == 2000
    assert extent.done("in/table.jsonl.gz:7") == 7


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda content: content[: len(content) // 2], "it ends before its end"),
        (lambda content: b"text\nWe met.\n", "Not a gzipped file (b'te')"),
        (lambda content: content[:-8] + bytes(8), "CRC check failed"),
    ],
    ids=["cut off", "not packed", "damaged"],
)
def test_a_packed_file_that_is_not_whole_is_named(packed, read, complaint, broken, why):
    packed.write_bytes(broken(packed.read_bytes()))
    said = complaint(read, "in", read_as="sentences")
    assert said.startswith(f"in/table.jsonl.gz: not a whole gzip file: {why}")
    assert said.endswith(". Fetch or write it again")


def test_the_rows_before_the_end_stand_where_bad_ones_are_left_out(packed, read):
    packed.write_bytes(packed.read_bytes()[:-2000])
    Path("in/z.jsonl").write_text('{"text": "They left."}\n')
    found = read("in", read_as="sentences", on_bad_row="skip")
    assert 0 < len(found.sentences) < 2001
    assert found.sentences[-1].text == "They left."
    assert found.bad_rows.messages == [
        "in/table.jsonl.gz: not a whole gzip file: it ends before its end. Fetch or write it again"
    ]


def test_a_parquet_file_that_is_cut_off_does_not_end_the_work(here, read):
    Path("in").mkdir()
    parquet.write_table(Table.from_pydict({"text": ["They met."] * 50}), "in/a.parquet")
    Path("in/a.parquet").write_bytes(Path("in/a.parquet").read_bytes()[:-20])
    Path("in/z.jsonl").write_text('{"text": "They left."}\n')
    found = read("in", read_as="sentences", on_bad_row="skip")
    assert [sentence.text for sentence in found.sentences] == ["They left."]
    assert found.bad_rows.messages[0].startswith("in/a.parquet: not a whole Parquet file: ")


def test_a_wrong_encoding_in_a_packed_file_is_placed(packed, read, complaint):
    packed.write_bytes(gzip.compress(b'{"text": "They met."}\n{"text": "caf\xe9"}\n'))
    assert complaint(read, "in", read_as="sentences").startswith("in/table.jsonl.gz: byte 35 (0xe9) is not UTF-8.")
