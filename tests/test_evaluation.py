"""Figures against counts done by hand and against scikit-learn; intervals against a slow, plain bootstrap."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support
from toy import LABELS, read_csv

from pipeline.config.evaluate import EvaluateConfig, SlicesConfig
from pipeline.evaluation import STAGE, evaluate
from pipeline.evaluation.bootstrap import resampled
from pipeline.evaluation.metrics import Evaluation, measure
from pipeline.evaluation.predictions import Predictions
from pipeline.evaluation.slices import Slice, check_columns, read_documents, slices
from pipeline.models import make_model
from pipeline.records import Example, Sentence, StanceError

CONFIG = EvaluateConfig(bootstrap_draws=2000)


def measured(examples: list[Example], probabilities: np.ndarray, seed: int = 1, config=CONFIG) -> Evaluation:
    return measure("test", Predictions(examples, LABELS, probabilities), config, seed)


def example(label: str, document: str = "d", position: int = 1) -> Example:
    text = f"Sentence {position} of {document}."
    return Example(Sentence(document, position, 0, len(text), text, "here", label), label, "gold")


def sure(labels: list[str]) -> np.ndarray:
    """Probabilities that say these labels."""
    rows = np.full((len(labels), 4), 0.1)
    rows[range(len(labels)), [LABELS.all.index(label) for label in labels]] = 0.7
    return rows


def random_case(n: int = 400, n_documents: int = 40):
    rng = np.random.default_rng(5)
    true = rng.choice(LABELS.all, n)
    predicted = np.where(rng.random(n) < 0.7, true, rng.choice(LABELS.all, n))
    examples = [example(label, f"d{i % n_documents}", i) for i, label in enumerate(true)]
    return examples, sure(list(predicted)), true, predicted


def test_figures_by_hand():
    true = ["warning", "warning", "warning", "grievance", "cooperative", "none", "none"]
    predicted = ["warning", "warning", "none", "warning", "cooperative", "none", "grievance"]
    examples = [example(label, f"d{i}") for i, label in enumerate(true)]
    found = measured(examples, sure(predicted))
    assert found.by_label["warning"].precision == pytest.approx(2 / 3)
    assert found.by_label["warning"].recall == pytest.approx(2 / 3)
    assert found.by_label["cooperative"].f1.value == 1
    assert found.by_label["grievance"].f1.value == 0
    assert found.macro_f1.value == pytest.approx((1 + 2 / 3 + 0) / 3)  # none is not in the mean
    assert found.accuracy == pytest.approx(4 / 7)
    assert found.confusion == [[1, 0, 0, 0], [0, 2, 0, 1], [0, 1, 0, 0], [0, 0, 1, 1]]
    assert [found.by_label[label].support for label in LABELS.all] == [1, 3, 1, 2]
    assert (found.n_sentences, found.n_documents) == (7, 7)


def test_figures_agree_with_scikit_learn():
    examples, probabilities, true, predicted = random_case()
    found = measured(examples, probabilities)
    stances = list(LABELS.stances)
    assert found.macro_f1.value == pytest.approx(f1_score(true, predicted, labels=stances, average="macro"))
    theirs = precision_recall_fscore_support(true, predicted, labels=list(LABELS.all))
    for place, label in enumerate(LABELS.all):
        ours = found.by_label[label]
        assert (ours.precision, ours.recall, ours.f1.value, ours.support) == pytest.approx(
            tuple(column[place] for column in theirs)
        )


def test_the_interval_agrees_with_a_plain_bootstrap_over_documents():
    examples, probabilities, true, predicted = random_case()
    found = measured(examples, probabilities)
    documents = np.array([e.sentence.document for e in examples])
    members = [np.flatnonzero(documents == name) for name in np.unique(documents)]
    rng = np.random.default_rng(2)
    draws = []
    for _ in range(1000):
        chosen = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        draws.append(f1_score(true[chosen], predicted[chosen], labels=list(LABELS.stances), average="macro"))
    assert found.macro_f1.low == pytest.approx(np.quantile(draws, 0.025), abs=0.006)
    assert found.macro_f1.high == pytest.approx(np.quantile(draws, 0.975), abs=0.006)
    assert found.macro_f1.low < found.macro_f1.value < found.macro_f1.high


def test_documents_that_err_together_widen_the_interval():
    true = ["warning", "grievance", "cooperative", "none"] * 20
    wrong = ["none" if i % 8 < 4 else label for i, label in enumerate(true)]
    together = [example(label, f"d{i // 4}", i) for i, label in enumerate(true)]
    apart = [example(label, f"d{i}", i) for i, label in enumerate(true)]
    widths = []
    for examples in (together, apart):
        estimate = measured(examples, sure(wrong)).macro_f1
        widths.append(estimate.high - estimate.low)
    assert widths[0] > 1.2 * widths[1]


def test_a_draw_takes_as_many_documents_as_there_are():
    by_document = np.ones((7, 2, 2))
    draws = resampled(by_document, 50, seed=3)
    assert draws.shape == (50, 2, 2)
    assert (draws == 7).all()


def test_draws_are_the_same_in_whatever_pieces_they_are_made(monkeypatch):
    by_document = np.random.default_rng(1).integers(0, 5, (7, 3, 3)).astype(float)
    whole = resampled(by_document, 50, seed=3)
    monkeypatch.setattr("pipeline.evaluation.bootstrap.MOST_CELLS", 7 * 8)
    np.testing.assert_array_equal(resampled(by_document, 50, seed=3), whole)


def test_confidence_and_draws_count():
    examples, probabilities, *_ = random_case()
    wide, narrow, few = (
        measured(examples, probabilities, config=EvaluateConfig(**settings)).macro_f1
        for settings in ({}, {"confidence": 0.6}, {"bootstrap_draws": 100})
    )
    assert narrow.high - narrow.low < 0.7 * (wide.high - wide.low)
    assert few.low != wide.low


def test_the_seed_of_the_bootstrap_counts():
    examples, probabilities, *_ = random_case()
    low = [measured(examples, probabilities, seed=s).macro_f1.low for s in (1, 1, 2)]
    assert low[0] == low[1] != low[2]


def test_one_document_has_no_interval():
    found = measured([example("warning")], sure(["warning"]))
    assert (found.macro_f1.low, found.macro_f1.high) == (None, None)
    assert str(found.macro_f1) == "0.333"


def test_a_label_that_nobody_has_or_gets_scores_zero():
    examples = [example("warning", f"d{i}") for i in range(3)]
    found = measured(examples, sure(["warning"] * 3))
    assert found.by_label["grievance"].f1.value == 0
    assert found.macro_f1.value == pytest.approx(1 / 3)


@pytest.fixture(scope="module")
def saved(settings, examples, tmp_path_factory):
    model = make_model(settings["baseline"], LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:])
    strange = [example("grievance", "x", 1), example("warning", "y", 2), example("none", "z", 3)]
    result = evaluate(model, {"test": examples[72:], "strange": strange}, CONFIG, seed=1)
    folder = tmp_path_factory.mktemp("evaluation")
    STAGE.save(result, folder)
    return result, folder


def test_what_is_saved_comes_back(saved):
    result, folder = saved
    loaded = STAGE.load(folder)
    assert (loaded.labels, loaded.sets) == (result.labels, result.sets)


def test_errors_are_listed_with_both_labels_the_surest_first(saved):
    result, folder = saved
    rows = read_csv(folder / "strange/errors.csv")
    confusion = np.array(result.sets["strange"].confusion)
    assert len(rows) == confusion.sum() - confusion.trace() > 0
    assert all(row["label"] != row["predicted"] for row in rows)
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert list(rows[0]) == [
        "document", "position", "text", "label", "predicted", "score", "abstain",
        "p_cooperative", "p_warning", "p_grievance", "p_none",
    ]  # fmt: skip
    assert float(rows[0]["score"]) == max(float(value) for name, value in rows[0].items() if name.startswith("p_"))


def test_every_sentence_is_listed_in_order(saved, examples):
    _, folder = saved
    rows = read_csv(folder / "test/predictions.csv")
    assert [row["text"] for row in rows] == [example.text for example in examples[72:]]


def test_the_confusion_matrix_is_drawn(saved):
    from matplotlib.image import imread

    _, folder = saved
    picture = imread(folder / "strange/confusion_matrix.png")
    assert picture.shape[0] > 500
    assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 50


def test_a_set_without_labels_is_an_error(settings, examples):
    model = make_model(settings["baseline"], LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:])
    with pytest.raises(StanceError) as error:
        evaluate(model, {"bare": []}, CONFIG, seed=1)
    assert str(error.value) == "evaluate: set bare has no labeled sentence. Check its label_column"


def sliced(rows: list[dict], **settings: object) -> dict[tuple[str, str], Slice]:
    """Slices of sentences, each with its label, the predicted one and what else is known of it."""
    examples = []
    for number, row in enumerate(rows):
        text = row.get("text", "a few words")
        more = {"attributes": row.get("attributes", {}), "annotators": row.get("annotators", {})}
        sentence = Sentence(row.get("document", f"d{number}"), number, 0, 1, text, row.get("source", "f.csv:1"), **more)
        examples.append(Example(sentence, row["label"], "gold"))
    config = EvaluateConfig(bootstrap_draws=200, slices=SlicesConfig(**settings))
    found = Predictions(examples, LABELS, sure([row["predicted"] for row in rows]))
    return {(one.by, one.value): one for one in slices(found, config, 1)}


def test_slices_by_column_length_file_and_agreement():
    rows = [
        {"label": "warning", "predicted": "warning", "attributes": {"hard": "True"}, "source": "a.csv:1"},
        {"label": "warning", "predicted": "none", "attributes": {"hard": "True"}, "source": "a.csv:2"},
        {
            "label": "none",
            "predicted": "none",
            "attributes": {"hard": "False"},
            "text": "word " * 15,
            "source": "b.csv:1",
        },
        {"label": "none", "predicted": "none", "annotators": {"x": "none", "y": "warning"}},
        {"label": "none", "predicted": "warning", "annotators": {"x": "none", "y": "none"}},
    ]
    found = sliced(rows, min_sentences=2, min_per_label=0)
    assert found["hard", "yes"].n_sentences == 2
    assert found["hard", "yes"].accuracy == 0.5
    assert found["hard", "yes"].macro_f1.value == pytest.approx(2 / 3)  # of the one stance that is there
    assert (found["hard", "yes"].is_small, found["hard", "no"].is_small) == (False, True)
    assert found["length", "up to 10 words"].n_sentences == 4
    assert found["length", "11 to 20"].n_sentences == 1
    assert {value: one.n_sentences for (by, value), one in found.items() if by == "file"} == {"a": 2, "f": 2, "b": 1}
    assert found["annotators", "differ"].accuracy == 1
    assert found["annotators", "agree"].accuracy == 0
    assert json.loads(json.dumps([asdict(one) for one in found.values()]))  # figures are plain, whatever made them


def test_slices_by_what_is_known_of_documents(tmp_path):
    table = tmp_path / "documents.jsonl"
    table.write_text('{"doc_id": "d0", "region": "Asia"}\n{"doc_id": "d1", "region": "Europe"}\n', encoding="utf-8")
    rows = [{"label": "none", "predicted": "none"}] * 3
    found = sliced(rows, documents=table, columns=("region",))
    assert {key: one.n_sentences for key, one in found.items() if key[0] == "region"} == {
        ("region", "Asia"): 1,
        ("region", "Europe"): 1,
    }


def test_rare_values_are_put_together():
    rows = [
        {"label": "none", "predicted": "none", "attributes": {"speaker": f"s{number:02}"}}
        for number in [*range(12), *range(12), 20, 21]
    ]
    found = sliced(rows)
    assert found["speaker", "all others"].n_sentences == 2
    assert sum(by == "speaker" for by, _ in found) == 13


@pytest.mark.parametrize("line", ["[1]", '{"name": "x"}'])
def test_a_broken_table_of_documents_is_named(tmp_path, line):
    table = tmp_path / "documents.jsonl"
    table.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(StanceError) as error:
        read_documents(table)
    assert str(error.value) == (
        f"{table}:1: not an object with a doc_id. Give one a line, as data/documents.jsonl does"
    )


def test_a_column_that_the_table_of_documents_has_not_is_named(tmp_path):
    table = tmp_path / "documents.jsonl"
    table.write_text('{"doc_id": "d0", "region": "Asia"}\n\n', encoding="utf-8")
    check_columns(table, ["region"])
    with pytest.raises(StanceError) as error:
        check_columns(table, ["regoin"])
    assert str(error.value) == (
        f'evaluate.slices.columns: regoin: {table} has no such column; it has doc_id, region. Did you mean "region"?'
    )
