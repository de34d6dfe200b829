"""Labels that may be wrong: those that were made wrong are found, with the reason."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy import LABELS, toy_examples, toy_rows, write_jsonl

from pipeline.labeling.doubts import doubts
from pipeline.labeling.held_out import held_out_proba
from pipeline.records import Example

WRONG = {3: "warning", 20: "none", 57: "grievance"}


@pytest.fixture(scope="module")
def spoiled() -> list[Example]:
    """Toy examples of which three have another label than they should."""
    rows = toy_examples(32)
    assert all(rows[place].label != label for place, label in WRONG.items())
    return [replace(row, label=WRONG.get(place, row.label)) for place, row in enumerate(rows)]


def test_what_a_document_says_was_not_learned_from_it(spoiled):
    proba = held_out_proba(spoiled, LABELS)
    assert proba.shape == (192, 4)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-9)
    said = [LABELS.all[place] for place in proba.argmax(axis=1)]
    assert [said[place] for place in WRONG] == [toy_examples(32)[place].label for place in WRONG]


def test_folds_hang_on_the_seed_alone(spoiled):
    one, same, other = (held_out_proba(spoiled, LABELS, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_labels_that_were_made_wrong_come_first(spoiled):
    found = doubts(spoiled, LABELS, held_out_proba(spoiled, LABELS), [])
    assert {item.sentence.id for item in found[:3]} == {spoiled[place].sentence.id for place in WRONG}
    first = found[0]
    given = next(example.label for example in spoiled if example.sentence.id == first.sentence.id)
    assert first.why.startswith(f"labeled {given}; a model of other documents says {first.suggestion} (0.")


def test_near_duplicates_with_different_labels_are_doubted_and_reasons_add_up(spoiled):
    sure = np.full((192, 4), 0.01)
    for place, example in enumerate(spoiled):
        sure[place, LABELS.all.index(example.label)] = 0.97
    said = sure.copy()
    said[0] = np.roll(sure[0], 1)
    found = doubts(spoiled, LABELS, sure, [(0, 1), (4, 9)], said)
    assert spoiled[4].label == spoiled[9].label
    assert [item.sentence.id for item in found] == [spoiled[0].sentence.id, spoiled[1].sentence.id]
    other, label = spoiled[1].sentence.id, spoiled[1].label
    assert found[0].why == (
        f"labeled {spoiled[0].label}; nearly the same as {other}, which is labeled {label}; the model is sure of "
        f"{LABELS.all[said[0].argmax()]} (0.97)"
    )


def test_too_few_documents_or_examples_are_an_error(complaint, spoiled):
    assert complaint(held_out_proba, spoiled[:12], LABELS) == (
        "2 documents: 5 are held out in turn. Give more documents, or name their column"
    )
    few = [example for example in spoiled if example.label != "warning"]
    assert complaint(held_out_proba, few, LABELS) == (
        'label "warning" has 0 sentences; 5 are the least, since documents are held out in turn. Label more'
    )


def test_the_command_writes_a_ranked_list(workplace, stance):
    rows = toy_rows(32)
    for place, label in WRONG.items():
        rows[place]["label"] = label
    write_jsonl(Path("corpus/toy.jsonl"), rows)
    code, output, progress = stance(
        "label", "doubts", "corpus", "--output", "doubts.jsonl", "--codebook", "codebook.yaml"
    )
    assert code == 0, progress
    found = [json.loads(line) for line in Path("doubts.jsonl").read_text().splitlines()]
    assert {(row["doc_id"], row["position"]) for row in found} >= {
        (rows[place]["doc_id"], rows[place]["position"]) for place in WRONG
    }
    assert "In doubt" in output
    code, _, _ = stance(
        "label", "queue", "doubts.jsonl", "--again", "--by", "order", "--n", "1", "--output", "next.jsonl",
        "--codebook", "codebook.yaml",
    )  # fmt: skip
    assert code == 0
    [row] = [json.loads(line) for line in Path("next.jsonl").read_text().splitlines()]
    assert row == found[0]


def test_sentences_without_a_label_are_an_error(workplace, stance):
    write_jsonl(Path("corpus/toy.jsonl"), [{"text": "They met."}])
    code, _, problem = stance("label", "doubts", "corpus", "--output", "doubts.jsonl", "--codebook", "codebook.yaml")
    assert code == 2
    assert "corpus: no sentence has a label. Name tables with a column `label`" in " ".join(problem.split())
