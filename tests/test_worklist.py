"""A list of sentences that wait for a label is a table of sentences like any other, and more."""

from pathlib import Path

from toy import write_jsonl

from pipeline.config.ingest import LabeledReadConfig
from pipeline.labeling.worklist import Item, in_context, read_items, write_items
from pipeline.records import Sentence

TABLE = LabeledReadConfig(read_as="sentences")


def test_what_is_written_is_read(here):
    sentence = Sentence("a#b", 7, 0, 9, "They met.", "x", "none", {"Ada": "none"})
    items = [
        Item(sentence, "Before.", "After.", "warning", 0.25, "unsure"),
        Item(Sentence("c", 2, 0, 9, "They left.", "x")),
    ]
    write_items(Path("list.jsonl"), items)
    found = read_items(["list.jsonl"], TABLE)
    assert [item.row() for item in found] == [item.row() for item in items]
    assert [item.sentence.id for item in found] == ["a#b#7", "c#2"]


def test_other_tables_give_every_sentence_with_its_neighbors(here):
    rows = [{"doc_id": name, "position": n, "text": f"{name}{n}."} for name, n in (("a", 1), ("a", 2), ("b", 1))]
    write_jsonl(Path("t.jsonl"), rows)
    found = [(item.before, item.sentence.text, item.after) for item in read_items(["t.jsonl"], TABLE)]
    assert found == [("", "a1.", "a2."), ("a1.", "a2.", ""), ("", "b1.", "")]


def test_documents_are_cut_into_sentences(here):
    Path("t.txt").write_text("They met. They left.")
    found = read_items(["t.txt"], LabeledReadConfig(read_as="documents"))
    assert [(item.sentence.id, item.before) for item in found] == [("t.txt#1", ""), ("t.txt#2", "They met.")]


def test_a_column_named_score_that_holds_no_number_is_none(here):
    write_jsonl(Path("t.jsonl"), [{"text": "They met.", "score": "high"}])
    assert read_items(["t.jsonl"], TABLE)[0].score is None


def test_neighbors_are_those_in_the_document():
    given = [Sentence("d", 2, 0, 1, "b", "x"), Sentence("d", 1, 0, 1, "a", "x"), Sentence("d", 4, 0, 1, "d", "x")]
    assert [(item.before, item.after) for item in in_context(given)] == [("a", ""), ("", "b"), ("", "")]
