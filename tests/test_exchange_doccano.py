"""doccano: what it is sent, and what its exports say."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from exchanged import FIXTURES, TOY, sent, standing, take, vote
from toy import write_jsonl

from pipeline.exchange.receive import Received

pytestmark = pytest.mark.usefixtures("here")


def test_doccano_gets_no_label_that_it_would_give_back_as_somebodys():
    rows = [json.loads(line) for line in sent("x.jsonl", [vote()]).read_text(encoding="utf-8").splitlines()]
    assert {tuple(row["label"]) for row in rows} == {()}
    assert rows[0]["suggestion"] == "cooperative"
    assert rows[0]["votes"] == [
        {"label": "warning", "annotator": "Ada", "weight": 1.0, "when": "2026-03-01T12:00:00+00:00"}
    ]


def test_an_export_of_doccano_is_of_the_annotator_whose_name_the_file_bears():
    path = Path("grace.jsonl")
    path.write_bytes((FIXTURES / "grace.jsonl").read_bytes())
    os.utime(path, (1_800_000_000, 1_800_000_000))
    found = take(path, known=TOY)
    saved = datetime.fromtimestamp(1_800_000_000, UTC)
    assert standing(Path("votes")) == {
        vote("d00#1", "grace", "cooperative", when=saved), vote("d00#2", "grace", "warning", when=saved),
        vote("d00#2", "Ada", "grievance", weight=0.5),
    }  # fmt: skip
    assert found == Received({"grace": 2, "Ada": 1}, 3, 0, 0, 1, ())


def test_another_name_may_be_given_and_a_file_of_all_needs_one(write, complaint):
    write("all.jsonl", (FIXTURES / "grace.jsonl").read_bytes())
    assert complaint(take, "all.jsonl", known=TOY) == (
        "all.jsonl:1: the label cooperative names no annotator. Say whose such labels are: --annotator NAME"
    )
    assert dict(take("all.jsonl", known=TOY, annotator=("Grace",)).by_annotator) == {"Grace": 2, "Ada": 1}


@pytest.mark.parametrize("column", ["label", "cats", "labels"])
def test_labels_of_doccanos_other_projects_and_versions_are_read(column):
    place = {"doc_id": "d00", "position": 1}
    write_jsonl(Path("Ada.jsonl"), [{"id": 1, "data": TOY[0].text, "meta": place, column: ["none"]}])
    take("Ada.jsonl", known=TOY)
    assert [(each.annotator, each.label) for each in standing(Path("votes"))] == [("Ada", "none")]


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ({"label": [[0, 9, "none"]]}, 'a.jsonl:1: label is [[0, 9, "none"]], not a list of labels. Export a project of '
         "text classification, as JSONL"),
        ({"label": "none"}, 'a.jsonl:1: label is "none", not a list of labels. Export a project of text '
         "classification, as JSONL"),
        ({"label": ["none", "warning"]}, "a.jsonl:1: has the labels none, warning; a sentence takes one. Leave one in "
         "doccano"),
        ({"entities": []}, "a.jsonl:1: no column label or cats or labels; found doc_id, position, text, entities. "
         "Export a project of text classification, as JSONL"),
    ],
    ids=lambda value: str(value)[-30:],
)  # fmt: skip
def test_what_doccano_should_not_say_is_named(complaint, label, message):
    write_jsonl(Path("a.jsonl"), [{"doc_id": "d00", "position": 1, "text": TOY[0].text, **label}])
    assert complaint(take, "a.jsonl", known=TOY) == message


def test_a_line_of_doccano_that_is_no_object_is_named(write, complaint):
    write("a.jsonl", "[1]\n")
    assert complaint(take, "a.jsonl") == "a.jsonl:1: is list, not an object. Export as JSONL"
