"""Votes to labels: by majority, and by who is right how often."""

from datetime import UTC, datetime

import numpy as np
import pytest
from toy import write_jsonl

from pipeline.codebook import Codebook
from pipeline.config.label import METHODS
from pipeline.labeling.aggregate import aggregate, write_labels
from pipeline.labeling.methods import judge
from pipeline.records import Sentence, StanceError
from pipeline.votes import Vote, VoteTable

LABELS = ("cooperative", "warning", "grievance", "none")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def votes_of(folder, *rows: tuple) -> object:
    """Each row: sentence, annotator, label, and a weight if it is not 1."""
    table = VoteTable(folder)
    table.append([Vote(row[0], row[1], "person", row[2], NOON, *row[3:]) for row in rows])
    return table.standing().table


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """600 sentences, two careful annotators of five, the others at chance but of one mind: they all prefer "none"."""
    rng = np.random.default_rng(5)
    true = rng.integers(0, 4, 600)
    rows = []
    for number, place in enumerate(true):
        for name, skill in (("Ada", 0.95), ("Grace", 0.9), ("x", 0.0), ("y", 0.0), ("z", 0.0)):
            said = place if rng.random() < skill else rng.choice(4, p=(0.15, 0.15, 0.15, 0.55))
            rows.append((f"d#{number}", name, LABELS[said]))
    return votes_of(tmp_path_factory.mktemp("crowd"), *rows), [LABELS[place] for place in true]


def accuracy(found, true) -> float:
    winners = found.winners()
    return float(np.mean([winners[f"d#{number}"] == label for number, label in enumerate(true)]))


@pytest.fixture(scope="module")
def found_by(crowd):
    """What the votes come to, by way."""
    return {method: aggregate(crowd[0], LABELS, method) for method in METHODS}


@pytest.mark.parametrize("method", METHODS)
def test_each_row_is_a_distribution_over_all_labels(found_by, method):
    found = found_by[method]
    assert found.sentence_ids == [f"d#{number}" for number in range(600)]
    assert found.proba.shape == (600, 4)
    np.testing.assert_allclose(found.proba.sum(axis=1), 1, atol=1e-9)
    assert (found.proba >= 0).all()


def test_who_is_right_more_often_is_heard_more(crowd, found_by):
    by = {method: accuracy(found, crowd[1]) for method, found in found_by.items()}
    assert by["dawid_skene"] > by["majority"] + 0.05
    assert by["mace"] > by["majority"] + 0.05
    assert by["dawid_skene"] > 0.9


def test_the_same_seed_gives_the_same(crowd, found_by):
    np.testing.assert_array_equal(found_by["mace"].proba, aggregate(crowd[0], LABELS, "mace").proba)


def test_a_majority_weighs_votes(tmp_path):
    votes = votes_of(tmp_path, ("a#1", "Ada", "warning", 0.4), ("a#1", "Grace", "grievance"), ("a#2", "Ada", "none"))
    found = aggregate(votes, LABELS, "majority")
    np.testing.assert_allclose(found.proba, [[0, 0.4 / 1.4, 1 / 1.4, 0], [0, 0, 0, 1]])
    assert found.winners() == {"a#1": "grievance", "a#2": "none"}


def test_of_equal_labels_the_first_wins(tmp_path):
    votes = votes_of(tmp_path, ("a#1", "Ada", "none"), ("a#1", "Grace", "warning"))
    assert aggregate(votes, LABELS, "majority").winners() == {"a#1": "warning"}


@pytest.mark.parametrize("method", METHODS)
def test_one_vote_is_enough(tmp_path, method):
    votes = votes_of(tmp_path, ("a#1", "Ada", "grievance"))
    assert aggregate(votes, LABELS, method).winners() == {"a#1": "grievance"}


def test_no_votes_are_an_error(tmp_path):
    with pytest.raises(StanceError) as error:
        aggregate(VoteTable(tmp_path).standing().table, LABELS, "majority")
    assert str(error.value) == (
        "no vote in the table: nothing to put together. Add some, as by `stance label rules --votes`"
    )


def test_a_label_that_the_codebook_lacks_is_an_error_and_no_label_is_made_up(tmp_path):
    votes = votes_of(tmp_path, ("a#1", "Ada", "warn"))
    with pytest.raises(StanceError) as error:
        aggregate(votes, LABELS, "majority")
    assert str(error.value) == (
        'the votes: label "warn" is not one of cooperative, warning, grievance, none (1 vote). Did you mean "warning"?'
    )


def gold(number: int, label: str | None) -> Sentence:
    return Sentence("d", number, 0, 1, "x", "here", gold=label)


def test_ways_are_measured_on_gold_and_a_sentence_without_a_vote_is_wrong(tmp_path):
    book = Codebook(name="toy", version="1", background="none", labels={name: {"definition": "x"} for name in LABELS})
    votes = votes_of(tmp_path, ("d#1", "Ada", "warning"), ("d#2", "Ada", "none"), ("d#9", "Ada", "none"))
    known = [gold(1, "warning"), gold(2, "none"), gold(3, "none"), gold(4, "grievance"), gold(5, None)]
    compared = judge(votes, known, book)
    assert [found.method for found in compared.methods] == list(METHODS)
    for found in compared.methods:
        assert (found.n_gold, found.accuracy) == (4, 0.5)
        assert found.macro_f1 == pytest.approx(1 / 3)
    assert compared.note == (
        "a model of the gold alone cannot be had: 1 document: 5 are held out in turn. Give more "
        "documents, or name their column"
    )
    with pytest.raises(StanceError) as error:
        judge(votes, [gold(7, "none")], book)
    assert str(error.value) == ("none of 1 sentence that people labeled has a vote. Are the votes of other documents?")


def test_labels_are_written_with_how_far_each_holds(tmp_path):
    votes = votes_of(tmp_path / "v", ("a#1", "Ada", "warning"), ("a#1", "Grace", "none"), ("a#2", "Ada", "none"))
    write_labels(aggregate(votes, LABELS, "majority"), tmp_path / "labels.csv")
    assert (tmp_path / "labels.csv").read_text().splitlines() == [
        "sentence_id,label,p_cooperative,p_warning,p_grievance,p_none",
        "a#1,warning,0.0,0.5,0.0,0.5",
        "a#2,none,0.0,0.0,0.0,1.0",
    ]


def test_the_command_line_shows_annotators_and_ways(tmp_path, stance):
    votes_of(tmp_path / "v", ("d#1", "Ada", "warning"), ("d#1", "Grace", "none"))
    write_jsonl(
        tmp_path / "gold.jsonl", [{"text": "We will answer.", "doc_id": "d", "position": 1, "label": "warning"}]
    )
    command = ("label", "votes", str(tmp_path / "v"), "--gold", str(tmp_path / "gold.jsonl"))
    code, output, _ = stance(*command, "--output", str(tmp_path / "labels.csv"))
    assert code == 0
    assert "2 votes on 1 sentence" in output
    assert all(name in output for name in ("Ada", "Grace", *METHODS))
    assert (tmp_path / "labels.csv").exists()
