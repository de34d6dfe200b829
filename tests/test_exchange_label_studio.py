"""Label Studio: what it is sent, and what its exports say."""

import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from exchanged import FIXTURES, ODD, TOY, codebook, items, sent, standing, take, vote

from pipeline.exchange import FORMATS
from pipeline.exchange.receive import Received
from pipeline.exchange.send import send

pytestmark = pytest.mark.usefixtures("here")
MORNING = datetime(2026, 3, 2, 9, 15, 4, 120360, tzinfo=UTC)


def test_label_studio_gets_tasks_with_predictions_and_annotations():
    tasks = json.loads(sent("x.json", [vote(), vote(annotator="grace@example.org")]).read_text(encoding="utf-8"))
    choice = {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["cooperative"]}}
    assert tasks[0]["data"] == {
        "doc_id": "news-01", "position": 1, "text": ODD[0], "before": "", "after": ODD[1],
        "suggestion": "cooperative", "score": 0.61, "why": "=why",
    }  # fmt: skip
    assert tasks[0]["predictions"] == [{"model_version": "suggestion", "score": 0.61, "result": [choice]}]
    assert tasks[1]["predictions"] == []  # Label Studio would refuse a label that is no choice
    anonymous, member = tasks[0]["annotations"]
    assert "completed_by" not in anonymous
    assert member["completed_by"] == {"email": "grace@example.org"}
    assert anonymous["result"][0]["value"] == {"choices": ["warning"]}


def test_the_labeling_config_offers_the_codebooks_labels_and_shows_the_tasks_fields():
    tasks = json.loads(sent("x.json").read_text(encoding="utf-8"))
    view = ET.fromstring(Path("x.xml").read_text(encoding="utf-8"))
    choices = view.find("Choices")
    assert [(c.get("value"), c.get("hotkey"), c.get("hint")) for c in choices] == [
        ("cooperative", "1", "offers and thanks"), ("warning", "2", "threats"), ("grievance", "3", "complaints"),
        ("none", "4", "the rest"),
    ]  # fmt: skip
    texts = {text.get("name"): text.get("value") for text in view.iter("Text")}
    assert texts == {"text": "$text", "before": "$before", "after": "$after"}
    assert {value[1:] for value in texts.values()} <= set(tasks[0]["data"])
    results = [result for task in tasks for each in task["predictions"] for result in each["result"]]
    assert {(r["from_name"], r["to_name"]) for r in results} == {(choices.get("name"), choices.get("toName"))}


def test_tasks_are_not_written_over_by_their_config(complaint):
    assert complaint(send, Path("x.xml"), items(), codebook(), FORMATS["label-studio"]) == (
        "x.xml: the labeling config is to be written there. Name the tasks x.json"
    )


def test_an_export_of_label_studio_is_read():
    found = take(FIXTURES / "label_studio.json", known=TOY)
    half_past = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
    assert standing(Path("votes")) == {
        vote("d00#1", "ada@example.org", "cooperative", when=MORNING), vote("d00#1", "user 4", "none", when=half_past)
    }  # fmt: skip
    assert found == Received({"ada@example.org": 1, "user 4": 1}, 2, 0, 0, 1, ())


def test_its_numbers_and_addresses_may_be_given_names():
    take(FIXTURES / "label_studio.json", known=TOY, annotator=("user 4=Grace", "ada@example.org = Ada"))
    assert {each.annotator for each in standing(Path("votes"))} == {"Ada", "Grace"}


def test_its_json_min_is_read():
    found = take(FIXTURES / "label_studio_min.json", known=TOY)
    assert standing(Path("votes")) == {vote("d00#1", "user 3", "cooperative", when=MORNING)}
    assert found.n_unlabeled == 1


def as_loaded(path: Path, label: str | None = None) -> list[dict]:
    """What Label Studio gives back of tasks: all annotations by whoever loaded them, a day later; some changed."""
    tasks = json.loads(path.read_text(encoding="utf-8"))
    for annotation in (each for task in tasks for each in task["annotations"]):
        later = "2026-03-05T08:00:00.000000Z"
        annotation |= {"completed_by": 1, "created_at": later, "updated_at": later}
        annotation["result"][0]["value"]["choices"] = [label or vote().label]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return tasks


def test_a_vote_that_went_through_label_studio_stays_its_annotators():
    as_loaded(sent("x.json", [vote(), vote("news-01#2", weight=0.5)]))
    take("x.json")
    assert standing(Path("votes")) == {vote(), vote("news-01#2", weight=0.5)}


def test_a_vote_that_was_changed_in_label_studio_is_of_who_is_named_there():
    as_loaded(sent("x.json", [vote()]), "none")
    take("x.json")
    assert standing(Path("votes")) == {vote(annotator="user 1", label="none", when=datetime(2026, 3, 5, 8, tzinfo=UTC))}


def annotated(*choices: str, **further) -> dict:
    result = [{"type": "choices", "from_name": "label", "value": {"choices": list(choices)}}]
    data = {"doc_id": "d00", "position": 1, "text": TOY[0].text}
    annotation = {"result": result, "completed_by": 3, "created_at": "2026-03-01T12:00:00Z"}
    return {"id": 8, "data": data, "annotations": [annotation | further]}


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([annotated(completed_by=None, was_cancelled=False) | {"id": 8}, annotated("none", completed_by=None)],
         "x.json: task 8: the label none names no annotator. Say whose such labels are: --annotator NAME"),
        ([annotated("none", "warning")],
         "x.json: task 8: one annotator gives it none, warning; a sentence takes one label. Leave one"),
        ([annotated("none", created_at="in May")],
         'x.json: task 8: the time "in May" is not like 2026-03-01T12:00:00+00:00. Mend it, or empty it'),
        ([annotated("none", completed_by="model:m")],
         'x.json: task 8: "model:m" is the name of no person, and only votes of people are read. Say who it is: '
         '--annotator "model:m=NAME"'),
        ([annotated() | {"data": {"image": "a.png", "doc_id": None}}],
         "x.json: task 8: needs a doc_id, a position and a text; found image. Read what a tool made of the output of "
         "stance label export"),
        ([{"text": "We protest.", "sentiment": "none"}],
         'x.json: no task has "annotations", nor a "label"; found text, sentiment. Export as JSON, from a project with '
         "the labeling config that was written with the tasks"),
        ({"tasks": []}, "x.json: is not a list of tasks. Export as JSON or JSON-MIN"),
        ("cut off", "x.json:1: not JSON: Unterminated string starting at. Export it again"),
    ],
    ids=lambda value: str(value)[-30:],
)  # fmt: skip
def test_what_label_studio_should_not_say_is_named(write, complaint, tasks, message):
    text = json.dumps(tasks)
    write("x.json", text[:-1] if tasks == "cut off" else text)
    assert complaint(take, "x.json", known=TOY) == message
    assert not Path("votes").exists()


def test_questions_beside_the_label_are_not_taken_for_it(write):
    task = annotated("none")
    task["annotations"][0]["result"].append({"type": "choices", "from_name": "sure", "value": {"choices": ["no"]}})
    write("x.json", json.dumps([task]))
    take("x.json", known=TOY)
    assert standing(Path("votes")) == {vote("d00#1", "user 3", "none")}
