"""Tables to sentences: `.csv`, `.jsonl` and `.parquet`, and what is said of rows that cannot be read."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.ingest.size import Extent
from pipeline.store import jsonl

REMEDY = "Mend it, or leave such rows out with --skip-bad (on_bad_row: skip)"
ROWS = [
    {"doc_id": "d1", "position": 1, "text": "We thank Oslo.", "label": "cooperative"},
    {"doc_id": "d1", "position": 2, "text": " “No, we,\nwill not.” ", "label": "warning"},
    {"doc_id": "d2", "position": 7, "text": "They met.", "label": None},
]


def save(rows: list[dict], path: Path) -> Path:
    """Rows in the format that the suffix names."""
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".jsonl":
        jsonl.write_rows(path, rows)
    else:
        quoted = ([f'"{"" if cell is None else cell}"' for cell in row.values()] for row in rows)
        lines = [",".join(rows[0]), *(",".join(cells) for cells in quoted)]
        path.write_text("\r\n".join(lines) + "\r\n", newline="")
    return path


@pytest.fixture(params=["t.csv", "t.jsonl", "t.parquet"])
def table(request, here):
    """Rows to a table of each kind."""
    return lambda rows: save(rows, Path(request.param))


def texts(ingested) -> list[str]:
    return [sentence.text for sentence in ingested.sentences]


def places(ingested) -> list[str]:
    return [sentence.source for sentence in ingested.sentences]


class TestEveryKind:
    def test_each_row_is_a_sentence_with_its_document_position_and_label(self, table, read):
        sentences = read(table(ROWS), read_as="sentences").sentences
        assert [(s.id, s.text, s.gold) for s in sentences] == [
            ("d1#1", "We thank Oslo.", "cooperative"),
            ("d1#2", "“No, we,\nwill not.”", "warning"),
            ("d2#7", "They met.", None),
        ]
        assert all(row["text"][s.start : s.end] == s.text for s, row in zip(sentences, ROWS, strict=True))

    def test_each_row_is_a_document_of_sentences(self, table, read):
        path = table([{"doc_id": "d1", "text": "One. Two."}, {"doc_id": "d2", "text": "Three."}])
        found = [(s.id, s.start, s.end, s.text) for s in read(path).sentences]
        assert found == [("d1#1", 0, 4, "One."), ("d1#2", 5, 9, "Two."), ("d2#1", 0, 6, "Three.")]

    def test_without_a_document_column_each_row_is_a_document(self, table, read):
        path = table([{"text": "One. Two."}, {"text": "Three."}])
        first = {".csv": 2}.get(path.suffix, 1)
        expected = [f"{path}:{first}", f"{path}:{first}", f"{path}:{first + 1}"]
        assert [s.document for s in read(path).sentences] == expected == places(read(path))
        as_rows = read(path, read_as="sentences").sentences
        assert [s.id for s in as_rows] == [f"{path}:{first}#1", f"{path}:{first + 1}#1"]

    def test_columns_may_have_other_names(self, table, read):
        path = table([{"id": 0, "body": "Hello.", "stance": "none"}, {"id": 0, "body": "You.", "stance": ""}])
        ingested = read(
            path, read_as="sentences", text_column="body", document_column="id", label_column="stance"
        )  # fmt: skip
        assert [(s.document, s.text, s.gold) for s in ingested.sentences] == [
            ("0", "Hello.", "none"),
            ("0", "You.", None),
        ]

    def test_a_missing_text_column_is_an_error_that_names_the_columns(self, table, read, complaint):
        path = table([{"doc_id": "d", "content": "Hello."}])
        assert complaint(read, path) == (
            f'{path}: no column "text"; found doc_id, content. Did you mean "content"? '
            "Name the one with the text: --text-column (text_column)"
        )

    def test_nothing_is_suggested_where_no_column_comes_near(self, table, read, complaint):
        path = table([{"a": "Hello.", "b": "x"}])
        message = f'{path}: no column "text"; found a, b. Name the one with the text: --text-column (text_column)'
        assert complaint(read, path) == message

    def test_a_row_without_text_is_an_error_or_counted(self, table, read, complaint):
        path = table([{"text": "One.", "n": "1"}, {"text": "  ", "n": "2"}, {"text": None, "n": "3"}])
        line = {".csv": 3}.get(path.suffix, 2)
        message = f'{path}:{line}: column "text" is empty'
        assert complaint(read, path) == f"{message}. {REMEDY}"
        ingested = read(path, on_bad_row="skip")
        assert texts(ingested) == ["One."]
        assert ingested.bad_rows.n_skipped == 2
        assert ingested.bad_rows.messages == [message, f'{path}:{line + 1}: column "text" is empty']
        assert ingested.summary() == {"documents": 1, "sentences": 1, "bad_rows": 2}

    def test_a_table_without_rows_is_an_error_or_counted(self, here, read, complaint):
        Path("none.csv").write_text("doc_id,text\n")
        Path("none.jsonl").write_text("\n\n")
        parquet.write_table(pa.table({"text": pa.array([], pa.string())}), "none.parquet")
        for name in ("nought.csv", "nought.jsonl", "nought.parquet"):
            Path(name).touch()
        names = sorted(path.name for path in here.iterdir())
        for name in names:
            assert complaint(read, name) == f"{name}: is empty: no row in it. {REMEDY}"
        assert len(names) == 6
        ingested = read(*names, on_bad_row="skip")
        assert ingested.bad_rows.messages == [f"{name}: is empty: no row in it" for name in names]

    def test_a_bad_row_is_skipped_whatever_is_wrong_with_it(self, here, read):
        save([{"text": "A.", "label": 3}, {"text": 5, "label": 3}], Path("numbers.jsonl"))
        parquet.write_table(pa.table({"text": [b"A."]}), "bytes.parquet")
        ingested = read("numbers.jsonl", "bytes.parquet", read_as="sentences", on_bad_row="skip")
        assert ingested.bad_rows.messages == [
            "numbers.jsonl:1: the label is 3, not text",
            'numbers.jsonl:2: column "text" is int, not text',
            'bytes.parquet:1: column "text" is bytes, not text',
        ]

    def test_only_the_first_hundred_complaints_are_kept_and_all_are_counted(self, here, read):
        save([{"text": ""}] * 150 + [{"text": "A."}], Path("t.jsonl"))
        bad_rows = read("t.jsonl", on_bad_row="skip").bad_rows
        assert bad_rows.n_skipped == 150
        assert len(bad_rows.messages) == 100
        assert bad_rows.messages[-1] == 't.jsonl:100: column "text" is empty'

    def test_all_that_is_done_when_the_last_row_is_done(self, table, read):
        path = table([{"text": "They met."}] * 5)
        extent = Extent([path])
        last = read(path, read_as="sentences").sentences[-1]
        assert extent.done(last.source) == extent.total


class TestCsv:
    @pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8", "utf-8-sig"])
    def test_a_byte_order_mark_is_no_part_of_the_first_column(self, write, read, encoding):
        path = write("t.csv", b"\xef\xbb\xbftext,label\nHello.,none\n")
        assert texts(read(path, encoding=encoding)) == ["Hello."]

    def test_a_row_is_named_by_the_line_on_which_it_begins(self, write, read):
        path = write("t.csv", 'text,label\n\n"One\nand more.",a\n\n\nTwo.,b\n')
        assert places(read(path, read_as="sentences")) == ["t.csv:3", "t.csv:7"]

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ("Bad., a, b", "the row's number of cells is 3, the header's 2"),
            ("Bad.", "the row's number of cells is 1, the header's 2"),
            ('"Bad" one,a', "not a valid CSV row: ',' expected after '\"'"),
        ],
    )
    def test_a_row_that_does_not_fit_the_header_is_an_error_or_counted(self, write, read, complaint, row, message):
        path = write("t.csv", f"text,label\nOne.,a\n{row}\nTwo.,b\n")
        assert complaint(read, path) == f"t.csv:3: {message}. {REMEDY}"
        ingested = read(path, on_bad_row="skip")
        assert texts(ingested) == ["One.", "Two."]
        assert places(ingested)[-1] == "t.csv:4"
        assert ingested.bad_rows.messages == [f"t.csv:3: {message}"]

    def test_a_header_that_cannot_be_read_is_an_error_even_if_rows_are_skipped(self, write, read, complaint):
        path = write("t.csv", 'text,"label\nOne.,a\n')
        assert complaint(read, path, on_bad_row="skip") == (
            "t.csv:1: the header is not a valid CSV row: unexpected end of data. Mend it"
        )

    @pytest.mark.parametrize("mark", [";", "\t"], ids=["semicolons", "tabs"])
    def test_what_parts_the_columns_is_read_off_the_header(self, write, read, mark):
        path = write("t.csv", f'label{mark}text\nnone{mark}"They met, they talked{mark} they left."\n')
        (sentence,) = read(path, read_as="sentences").sentences
        assert (sentence.gold, sentence.text) == ("none", f"They met, they talked{mark} they left.")

    def test_without_the_column_what_parts_most_is_taken_for_it(self, write, read, complaint):
        path = write("t.csv", '"a\nb";txt;label\n1;They met.;none\n')
        assert complaint(read, path) == (
            't.csv: no column "text"; found a\nb, txt, label. Did you mean "txt"? Name the one with the text: '
            "--text-column (text_column)"
        )

    def test_a_comma_parts_them_where_the_header_could_be_read_either_way(self, write, read):
        path = write("t.csv", "text,a;text;b\nThey met.,1\n")
        assert [sentence.text for sentence in read(path).sentences] == ["They met."]

    def test_two_columns_of_the_texts_name_are_an_error(self, write, read, complaint):
        path = write("t.csv", "text,label,text\nOne.,a,Two.\n")
        assert complaint(read, path) == 't.csv: more than one column is named "text". Rename all but one'

    def test_a_wrong_byte_is_named_by_its_place_in_the_whole_file(self, write, read, complaint):
        before = b"text\n" + b"A sentence of some length to fill what is read at once.\n" * 40_000
        path = write("t.csv", before + b"The caf\xe9.\n")
        assert len(before) > 1 << 21  # more than two of the chunks it is read in
        assert complaint(read, path, read_as="sentences") == (
            f"t.csv: byte {len(before) + 7} (0xe9) is not UTF-8. Save the file as UTF-8, or name its encoding: "
            "--encoding cp1252 (encoding: cp1252)"
        )
        assert texts(read(path, read_as="sentences", encoding="cp1252"))[-1] == "The café."

    def test_a_document_may_be_longer_than_a_field_usually_is(self, write, read):
        path = write("t.csv", 'text\n"' + "It is so. " * 20_000 + '"\n')
        assert len(read(path).sentences) == 20_000

    def test_annotators_are_no_text(self, write, read, complaint):
        path = write("t.csv", "text,annotators\nOne.,ann\n")
        message = f"t.csv:2: annotators should map each annotator's name to a label. {REMEDY}"
        assert complaint(read, path, read_as="sentences") == message


class TestJsonLines:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ('{"text": "One."', "not valid JSON: Expecting ',' delimiter at column 16"),
            ('{"text": "One.', "not valid JSON: Unterminated string starting at column 10"),
            ("text", "not valid JSON: Expecting value at column 1"),
            ('["One."]', "expected a JSON object, found list"),
            ('"One."', "expected a JSON object, found str"),
            ('{"text": "A dove \\ud83d"}', "\\ud83d is half of a character"),
            ('{"text": "One.", "annotators": ["a"]}', "annotators should map each annotator's name to a label"),
            ('{"label": "none"}', 'column "text" is empty'),
        ],
    )
    def test_a_bad_line_is_named_by_its_number(self, write, read, complaint, line, message):
        path = write("t.jsonl", f'{{"text": "One."}}\n\n{line}\n{{"text": "Two."}}\n')
        assert complaint(read, path, read_as="sentences") == f"t.jsonl:3: {message}. {REMEDY}"
        ingested = read(path, read_as="sentences", on_bad_row="skip")
        assert places(ingested) == ["t.jsonl:1", "t.jsonl:4"]
        assert ingested.bad_rows.messages == [f"t.jsonl:3: {message}"]

    def test_brackets_without_end_are_a_bad_line_too(self, write, read):
        path = write("t.jsonl", "[" * 100_000 + '\n{"text": "Two."}\n')
        ingested = read(path, on_bad_row="skip")
        assert texts(ingested) == ["Two."]
        assert ingested.bad_rows.messages[0].startswith("t.jsonl:1: not valid JSON: maximum recursion depth exceeded")

    def test_only_line_feeds_end_a_line(self, write, read):
        path = write("t.jsonl", '{"text": "One\u2028and\x85more."}\r\n{"text": "Two 🕊."}')
        assert texts(read(path, read_as="sentences")) == ["One\u2028and\x85more.", "Two 🕊."]

    def test_a_byte_order_mark_is_left_out(self, write, read):
        assert texts(read(write("t.jsonl", b'\xef\xbb\xbf{"text": "One."}\n'))) == ["One."]

    def test_a_wrong_byte_is_named_by_its_place_in_the_whole_file(self, write, read, complaint):
        path = write("t.jsonl", b'{"text": "One."}\n{"text": "caf\xe9"}\n')
        assert complaint(read, path) == (
            "t.jsonl: byte 30 (0xe9) is not UTF-8. Save the file as UTF-8, or name its encoding: "
            "--encoding cp1252 (encoding: cp1252)"
        )

    def test_lines_may_be_in_another_encoding(self, write, read):
        content = '{"text": "Čas."}\n{"text": "Mír."}\n'
        assert texts(read(write("t.jsonl", content.encode("utf-16")), encoding="utf-16")) == ["Čas.", "Mír."]

    def test_lines_that_are_not_in_the_encoding_named_are_an_error(self, write, read, complaint):
        assert complaint(read, write("t.jsonl", '{"text": "One."}\n'), encoding="utf-16") == (
            "t.jsonl: byte 0 (0x7b) is not UTF-16. Save the file as UTF-8, or name its encoding: "
            "--encoding utf-8 (encoding: utf-8)"
        )

    def test_annotators_come_by_name(self, write, read):
        row = {"text": "One.", "annotators": {"ann": "none", "bob": "warning", "eve": None}}
        path = write("t.jsonl", json.dumps(row) + '\n{"text": "Two.", "annotators": null}\n')
        first, second = read(path, read_as="sentences").sentences
        assert first.annotators == {"ann": "none", "bob": "warning"}
        assert second.annotators == {}


class TestParquet:
    def test_rows_are_read_over_the_end_of_a_batch(self, here, read):
        save([{"text": f"Sentence {n}."} for n in range(2500)], Path("t.parquet"))
        ingested = read("t.parquet", read_as="sentences")
        assert texts(ingested) == [f"Sentence {n}." for n in range(2500)]
        assert places(ingested)[-1] == "t.parquet:2500"

    def test_annotators_come_by_name(self, here, read):
        rows = [{"text": "One.", "annotators": {"ann": "none"}}, {"text": "Two.", "annotators": {"bob": "warning"}}]
        save(rows, Path("t.parquet"))
        found = [sentence.annotators for sentence in read("t.parquet", read_as="sentences").sentences]
        assert found == [{"ann": "none"}, {"bob": "warning"}]

    def test_a_truncated_file_is_an_error(self, here, read, complaint):
        path = save([{"text": f"Sentence {n}."} for n in range(100)], Path("t.parquet"))
        path.write_bytes(path.read_bytes()[:-20])
        assert complaint(read, path) == (
            "t.parquet: not a whole Parquet file: Parquet magic bytes not found in footer. Either the file is "
            "corrupted or this is not a parquet file. Fetch or write it again"
        )

    @pytest.mark.parametrize("place", [4, 40, 400])
    def test_a_file_damaged_in_the_middle_is_an_error(self, here, read, complaint, place):
        path = save([{"text": f"Sentence number {n} of a hundred."} for n in range(100)], Path("t.parquet"))
        content = bytearray(path.read_bytes())
        content[place : place + 60] = b"\xff" * 60
        path.write_bytes(content)
        assert complaint(read, path).startswith(
            ("t.parquet: not a whole Parquet file: ", "t.parquet: cannot be read: ")
        )


class TestDocuments:
    def test_rows_of_one_document_are_parts_of_one_text(self, read, write):
        rows = [("a", "They met. They talked."), ("a", "4 5 6"), ("a", "They left. "), ("b", "Rain fell.")]
        path = write("t.jsonl", "".join(f'{{"text": "{text}", "doc_id": "{name}"}}\n' for name, text in rows))
        found = read(path, on_bad_row="skip")
        assert [sentence.id for sentence in found.sentences] == ["a#1", "a#2", "a#3", "b#1"]
        whole = {"a": "They met. They talked.\n\nThey left. ", "b": "Rain fell."}
        assert all(whole[s.document][s.start : s.end] == s.text for s in found.sentences)
        assert found.bad_rows.messages == ["t.jsonl:2: has no sentence: no word in it"]

    def test_a_document_that_comes_again_is_an_error(self, table, read, complaint):
        path = table([{"doc_id": name, "text": "They met. They left."} for name in ("a", "b", "a")])
        assert complaint(read, path) == (
            f'{path}:{4 if path.suffix == ".csv" else 3}: document "a" was read before; the rows of one document stand '
            f"together, in one file. {REMEDY}"
        )

    def test_and_one_that_is_in_two_files(self, write, read):
        first = write("a.csv", "text,doc_id\nThey met.,d\n")
        second = write("b.csv", "text,doc_id\nThey left. So did we.,d\nAll slept.,d\nRain fell.,e\n")
        found = read(first, second, on_bad_row="skip")
        assert [sentence.text for sentence in found.sentences] == ["They met.", "Rain fell."]
        assert found.bad_rows.n_skipped == 2


class TestSentences:
    def test_rows_without_a_position_are_counted_on_in_their_document(self, write, read):
        first = write("a.csv", "text,doc_id\nThey met.,d\nThey left.,e\n")
        second = write("b.csv", "text,doc_id,position\nRain fell.,d,\nIt stopped.,d,7\nAll slept.,d,\n")
        assert [s.id for s in read(first, second, read_as="sentences").sentences] == ["d#1", "e#1", "d#2", "d#7", "d#8"]

    def test_two_rows_for_one_place_are_an_error(self, write, read, complaint):
        first = write("a.csv", "text,doc_id,position\nThey met.,d,1\n")
        second = write("b.csv", "text,doc_id,position\nThey left.,d,2\nRain fell.,d,1\n")
        assert complaint(read, first, second, read_as="sentences") == (
            f'b.csv:3: position 1 of document "d" is taken by a.csv:2. {REMEDY}'
        )

    @pytest.mark.parametrize(
        ("written", "expected"),
        [("7", 7), ("7.0", 7), ("", 1), ("p. 7", 1), ("7.5", 1), ("9" * 5000, 1)],
        ids=["whole", "from pandas", "empty", "words", "half", "endless"],
    )
    def test_a_position_that_is_no_number_gives_way_to_counting(self, write, read, written, expected):
        path = write("t.csv", f"text,doc_id,position\nThey met.,d,{written}\n")
        assert [sentence.position for sentence in read(path, read_as="sentences").sentences] == [expected]


def test_what_other_columns_hold_does_not_matter(here, read):
    odd = pa.array([10**15], pa.timestamp("ms"))  # beyond every date of Python's
    strange = pa.array([0], pa.timestamp("s", tz="Nowhere/Land"))
    parquet.write_table(pa.table({"text": ["They met."], "odd": odd, "strange": strange}), "t.parquet")
    assert texts(read("t.parquet")) == ["They met."]


def test_a_column_that_python_cannot_hold_is_an_error(here, read, complaint):
    parquet.write_table(
        pa.table({"text": ["They met."], "doc_id": pa.array([10**15], pa.timestamp("ms"))}), "t.parquet"
    )
    assert complaint(read, "t.parquet") == (
        "t.parquet: one of the columns text, doc_id holds what Python cannot: date value out of range. Write it as text"
    )


def test_a_quote_that_is_not_closed_says_how_far_it_reaches(write, read, complaint):
    path = write("t.csv", 'text,label\nThey met.,none\n"They left.,none\nRain fell.,none\n')
    assert complaint(read, path) == (
        f"t.csv:3: not a valid CSV row: unexpected end of data; the row reaches to line 4. {REMEDY}"
    )
