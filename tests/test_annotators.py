"""Trained models as annotators: their answers become votes, once, and are compared with people's labels."""

from pathlib import Path

import pytest
from toy import CODEBOOK, LABELS, toy_rows, write_jsonl

from pipeline.codebook import load_codebook
from pipeline.labeling.annotators import Answer, Score, add_votes, open_votes, score
from pipeline.labeling.annotators.trained import annotator_of
from pipeline.models import LabelSet, make_model
from pipeline.models.saved import load_saved, save_model
from pipeline.records import Example, Sentence
from pipeline.votes import VoteTable

FIGURES = "on 24 that people labeled: accuracy 1.000, macro-F1 of the stances 1.000\n"


@pytest.fixture(scope="module")
def baseline(settings, examples):
    return make_model(settings["baseline"], LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:])


@pytest.fixture
def place(workplace, baseline) -> Path:
    """A workplace with a trained model and four documents to ask about."""
    Path("runs/fast/model").mkdir(parents=True)
    save_model(baseline, Path("runs/fast/model"))
    write_jsonl(Path("some.jsonl"), toy_rows(4))
    return workplace


@pytest.fixture
def ask(stance):
    """Gives the command with what it always needs."""
    always = ["label", "model", "some.jsonl", "--codebook", "codebook.yaml", "--votes", "votes"]
    return lambda *further: stance(*always, "--model", "runs/fast/model", *further)


def sentences(*golds: str | None) -> list[Sentence]:
    return [Sentence("d", n, 0, 1, "x", "t.csv:1", gold) for n, gold in enumerate(golds, start=1)]


def rows_in(folder: str) -> list[dict]:
    return VoteTable(Path(folder)).rows().to_pylist()


def test_a_models_labels_and_probabilities_become_votes_and_are_judged(place, ask):
    code, output, progress = ask()
    assert (code, output) == (0, FIGURES)
    assert "runs/fast/model on cpu (scikit-learn runs on the CPU)\n" in progress
    assert "24 votes of model:fast added to votes: 6 warning, 6 grievance, 6 cooperative, 6 none\n" in progress
    found, wanted = (
        rows_in("votes"),
        load_saved(Path("runs/fast/model"), "cpu").predict([r["text"] for r in toy_rows(4)]),
    )
    assert [(vote["sentence_id"], vote["label"], vote["weight"]) for vote in found] == [
        (f"{row['doc_id']}#{row['position']}", said.label, said.score)
        for row, said in zip(toy_rows(4), wanted, strict=True)
    ]
    assert {(vote["annotator"], vote["kind"]) for vote in found} == {("model:fast", "model")}


def test_the_same_command_again_adds_no_vote_twice(place, ask):
    ask()
    code, output, progress = ask()
    assert (code, output) == (0, FIGURES)
    assert "0 votes of model:fast added to votes (24 stood already): 6 warning" in progress
    assert len(rows_in("votes")) == 24
    ask("--name", "other")
    assert {vote["annotator"] for vote in rows_in("votes")} == {"model:fast", "model:other"}
    assert len(rows_in("votes")) == 48


def test_documents_are_asked_about_too_and_without_gold_no_figure_is_given(place, stance):
    options = ["--as", "documents", "--codebook", "codebook.yaml", "--model", "runs/fast/model", "--votes", "votes"]
    code, output, progress = stance("label", "model", "article.txt", *options)
    assert (code, output) == (0, "")
    assert "3 votes of model:fast added to votes" in progress
    assert [vote["sentence_id"] for vote in rows_in("votes")] == [f"article.txt#{n}" for n in (1, 2, 3)]


def test_a_model_of_other_labels_is_not_asked(place, ask, settings):
    labels = LabelSet(("favor", "against"), "none")
    texts = ("We are for it.", "We are against it.", "They met.") * 8
    rows = [
        Example(Sentence(f"d{n}", 1, 0, len(text), text, "toy"), labels.all[n % 3], "gold")
        for n, text in enumerate(texts)
    ]
    other = make_model(settings["baseline"], labels, seed=1, device="cpu").fit(rows[:12], rows[12:])
    Path("other").mkdir()
    save_model(other, Path("other"))
    code, _, complaint = ask("--model", "other")
    assert code == 2
    assert complaint == (
        "error: other: its labels are favor, against, none, and the codebook's are warning, grievance, cooperative, "
        "none. Take a model of these labels, or name its codebook: --codebook\n"
    )
    assert not Path("votes").exists()


def test_a_label_of_people_that_the_codebook_has_not_is_told_before_any_model_is_loaded(place, stance):
    write_jsonl(Path("wrong.jsonl"), [{"text": "We welcome it.", "label": "warnin"}])
    options = ["--codebook", "codebook.yaml", "--model", "nowhere", "--votes", "votes"]
    code, _, complaint = stance("label", "model", "wrong.jsonl", *options)
    assert code == 2
    assert 'wrong.jsonl:1: label "warnin" is not one of cooperative, warning, grievance, none (1 row).' in complaint


def test_votes_that_are_none_are_told_before_anybody_is_asked(place, ask, complaint):
    Path("votes").mkdir()
    Path("votes/x.parquet").write_bytes(b"PAR1")
    code, _, said = ask("--model", "nowhere")
    assert code == 2
    assert said.startswith("error: votes/x.parquet: not a file of votes: ")
    assert complaint(open_votes, Path("some.jsonl")) == "some.jsonl: is a file. Name a folder for votes"


def test_a_sentence_without_an_answer_has_no_vote_and_no_share_in_the_figures(tmp_path):
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    book = load_codebook(tmp_path / "codebook.yaml")
    asked = sentences("warning", "warning", "none", "grievance", None)
    answers = [Answer("warning", 1.0000001), None, None, Answer("none", 0.3), Answer("grievance", 0.5)]
    table = open_votes(tmp_path / "votes")
    assert add_votes(table, asked, answers, "model:x", book.order) == 3
    found = [(row["sentence_id"], row["weight"]) for row in table.rows().to_pylist()]
    assert found == [("d#1", 1.0), ("d#4", 0.3), ("d#5", 0.5)]
    assert score(asked, answers, book) == Score(n_gold=4, n_answered=2, accuracy=0.5, macro_f1=pytest.approx(1 / 3))
    assert score(asked[4:], answers[4:], book) is None
    assert score(asked[:2], [None, None], book) is None


def test_a_model_is_called_by_its_run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("runs/fast/model").mkdir(parents=True)
    assert annotator_of("runs/fast/model/") == "fast"
    assert annotator_of("runs/fast/exported") == "fast-exported"
    assert annotator_of("models:/stance@champion") == "stance@champion"
    assert annotator_of("elsewhere/mine") == "mine"
    monkeypatch.chdir("runs/fast/model")
    assert annotator_of(".") == "fast"
