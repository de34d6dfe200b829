"""Two runs on the same sentences: what differs, whether the set can tell, and what is not to be compared."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from toy import LABELS, config_text, read_csv, toy_rows, write_jsonl
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config import load_config
from pipeline.evaluation.bootstrap import estimate, over_seeds
from pipeline.evaluation.significance import Answers, compare, flips
from pipeline.recipe import Audience, run
from pipeline.records import StanceError

HOW = {"n_draws": 1000, "confidence": 0.95, "seed": 1}


def answers(one_skill: float, other_skill: float, n: int = 2000, seed: int = 0) -> Answers:
    """Two models that are right with these probabilities, on documents of ten sentences."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 4, n)
    said = [np.where(rng.random(n) < skill, true, rng.integers(0, 4, n)) for skill in (one_skill, other_skill)]
    return Answers(LABELS, true, np.arange(n) // 10, said[0][None], said[1][None])


def test_a_better_model_is_told_apart_and_the_verdict_says_by_how_much():
    found = compare(answers(0.6, 0.75), **HOW)
    assert found.difference.value == pytest.approx(found.other.value - found.one.value)
    assert 0 < found.difference.low < found.difference.value < found.difference.high
    assert found.mcnemar < 0.001
    low, high = (f"{100 * bound:.1f}" for bound in (found.difference.low, found.difference.high))
    assert found.verdict("A", "B") == (
        f"B is better than A by {100 * found.difference.value:.1f} points of macro-F1, 95% interval of the difference "
        f"{low} to {high}."
    )


def test_the_verdict_turns_with_the_order():
    found = compare(answers(0.75, 0.6), **HOW)
    assert found.difference.high < 0
    assert found.verdict("A", "B").startswith("A is better than B by ")


def test_equal_models_are_not_told_apart():
    found = compare(answers(0.7, 0.7), **HOW)
    assert not found.is_told_apart
    assert found.verdict("A", "B").startswith(
        "This test set cannot tell A and B apart (95% interval of the difference "
    )
    assert found.verdict("A", "B").endswith(f"one of {100 * found.smallest:.1f} points four times in five.")


def test_a_model_against_itself_differs_by_nothing():
    same = answers(0.7, 0.7)
    found = compare(Answers(same.labels, same.true, same.documents, same.one, same.one), **HOW)
    assert (found.difference.value, found.difference.low, found.difference.high) == (0, 0, 0)
    assert found.verdict("A", "B") == "A and B are right and wrong on the same sentences of this test set."
    assert all(one == other for one, other in found.f1.values())
    assert (found.n_only_one, found.n_only_other, found.mcnemar) == (0, 0, 1)


def test_a_smaller_set_shows_only_larger_differences():
    many, few = (compare(answers(0.7, 0.7, n), **HOW).smallest for n in (4000, 400))
    assert few > 2 * many


def test_mcnemar_by_hand():
    true = np.zeros(12, dtype=int)
    one, other = np.array([0] * 10 + [1, 1]), np.array([1] * 8 + [0] * 4)
    found = compare(Answers(LABELS, true, np.arange(12), one[None], other[None]), **HOW)
    assert (found.n_only_one, found.n_only_other) == (8, 2)
    assert found.mcnemar == pytest.approx(2 * (1 + 10 + 45) / 1024)  # two-sided binomial, 2 or fewer of 10
    assert flips(Answers(LABELS, true, np.arange(12), one[None], other[None])) == [0, 1, 2, 3, 4, 5, 6, 7, 10, 11]


def test_trainings_that_differ_widen_the_interval_as_student_has_it():
    draws = np.full((20_000, 3), 0.7)
    found = estimate(0.7, over_seeds(np.array([0.6, 0.7, 0.8]), draws, 1), 0.95, 10_000)
    half = 4.303 * 0.1 / np.sqrt(3)  # t with two degrees of freedom
    assert (found.low, found.high) == pytest.approx((0.7 - half, 0.7 + half), abs=0.001)


def test_trainings_that_differ_no_more_than_chance_add_nothing():
    draws = np.random.default_rng(1).normal(0.7, 0.05, (2000, 3))  # each errs on other sentences
    np.testing.assert_array_equal(over_seeds(np.array([0.69, 0.7, 0.72]), draws, 1), draws.mean(axis=1))
    np.testing.assert_array_equal(over_seeds(np.array([0.7]), draws[:, :1], 1), draws[:, 0])


def test_a_difference_of_the_smallest_size_is_seen_four_times_in_five():
    rng, seen, n_sets = np.random.default_rng(7), 0, 100
    smallest = compare(answers(0.7, 0.7, 1500), **HOW).smallest
    more_skill = smallest / 0.75  # who guesses is right one time in four
    for _ in range(n_sets):
        seen += compare(answers(0.7, 0.7 + more_skill, 1500, int(rng.integers(1e9))), **HOW).is_told_apart
    assert 0.65 < seen / n_sets < 0.95


def test_an_interval_of_few_documents_is_wider_as_student_has_it():
    draws = np.random.default_rng(1).normal(0, np.sqrt(9 / 10), 100_000)  # of the mean of ten values of variance 10
    few, many = (estimate(0, draws, 0.95, n_documents) for n_documents in (10, 10_000))
    assert few.high == pytest.approx(2.262, abs=0.03)  # t with nine degrees of freedom
    assert many.high == pytest.approx(1.96 * np.sqrt(9 / 10), abs=0.03)


@pytest.fixture
def runs(workplace) -> Path:
    for name, strength in (("weak", 1e-9), ("strong", 1.0)):  # the first gives every sentence the same label
        train = f"{{kind: baseline, C: [{strength:.9f}], class_weights: none, seeds: [1, 2]}}"
        text = config_text(name, train, "track: {enabled: false}\n")
        Path("config.yaml").write_text(text, encoding="utf-8")
        run(load_config("config.yaml"), Audience())
    return workplace / "runs"


def stance(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_two_runs_are_compared_in_words_a_table_and_a_file(runs):
    told = stance("compare", "runs/weak", "runs/strong", "--flips", "flips.csv")
    assert "test: 24 sentences, 4 documents" in told
    assert "only weak right: " in told
    rows = read_csv(Path("flips.csv"))
    assert rows
    assert list(rows[0]) == ["set", "document", "position", "text", "label", "first", "second", "right"]
    assert all(row["first"] != row["second"] for row in rows)
    with Path("runs/weak/evaluation/test/seeds.csv").open() as file:
        assert next(csv.reader(file)) == ["1", "2"]


def test_runs_on_other_sentences_are_not_compared(runs):
    write_jsonl(Path("corpus/toy.jsonl"), toy_rows(20))
    text = config_text("other", "{kind: baseline}", "track: {enabled: false}\nseed: 5\n")
    Path("config.yaml").write_text(text, encoding="utf-8")
    run(load_config("config.yaml"), Audience())
    with pytest.raises(StanceError) as error:
        stance("compare", "runs/weak", "runs/other")
    assert str(error.value) == (
        "set test: runs/weak was measured on 24 sentences, runs/other on 30. "
        "Run both with the same data, split and seed"
    )


def test_changed_labels_are_not_compared(runs):
    path = Path("runs/strong/evaluation/test/predictions.csv")
    rows = path.read_text(encoding="utf-8").splitlines()
    rows[1] = rows[1].replace("cooperative", "swapped").replace("none", "cooperative").replace("swapped", "none")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(StanceError) as error:
        stance("compare", "runs/weak", "runs/strong")
    assert "set test: runs/weak and runs/strong were measured on different sentences or labels: 1 of 24" in str(
        error.value
    )


def test_a_run_that_is_not_there_or_not_evaluated_is_an_error(runs):
    with pytest.raises(StanceError) as error:
        stance("compare", "runs/weak", "runs/none")
    assert str(error.value) == (
        "runs/none: no evaluated run: runs/none/evaluation/metrics.json is missing. "
        "Name a folder such as runs/transformer"
    )
    shutil.rmtree("runs/strong/evaluation/test")
    with pytest.raises(StanceError) as error:
        stance("compare", "runs/weak", "runs/strong")
    assert str(error.value) == "runs/strong: was not measured on a set test; it was on test. Name one of these"
