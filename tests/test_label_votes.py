"""Labels from a table of votes: people first, every way of putting votes together beside the one that is used."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from toy import config_text, toy_rows, write_jsonl

from pipeline.codebook import load_codebook
from pipeline.config.ingest import LabeledReadConfig
from pipeline.config.label import LabelConfig
from pipeline.config.load import load_config
from pipeline.ingest import read_all
from pipeline.labeling import label
from pipeline.labeling.methods import ALONE
from pipeline.records import Example, Sentence
from pipeline.train import heard
from pipeline.votes import Vote, VoteTable

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VOTES = Path("votes")


def vote(name: str, annotator: str, label: str, kind: str = "person", weight: float = 1.0) -> Vote:
    return Vote(name, annotator, kind, label, NOON, weight)


def sentences(*golds: str | None) -> list[Sentence]:
    return [Sentence("d", i, 0, 9, "They met.", f"d.csv:{i}", gold) for i, gold in enumerate(golds, start=1)]


def of_votes(policy: str = "gold_then_votes", **further) -> LabelConfig:
    return LabelConfig(policy=policy, votes=VOTES, **further)


@pytest.fixture
def codebook(workplace):
    return load_codebook(Path("codebook.yaml"))


def decided(found) -> list[tuple[str, str]]:
    return [(example.label, example.origin) for example in found.examples]


def test_gold_comes_first_then_people_then_everybody(codebook):
    VoteTable(VOTES).append([
        vote("d#1", "Ada", "warning"),
        vote("d#2", "Ada", "warning"), vote("d#2", "rule:a", "none", "rule"), vote("d#2", "model:b", "none", "model"),
        vote("d#3", "rule:a", "grievance", "rule"), vote("d#3", "model:b", "none", "model", 0.4),
    ])  # fmt: skip
    found = label(sentences("none", None, None, None), codebook, of_votes())
    assert decided(found) == [("none", "gold"), ("warning", "people"), ("grievance", "votes")]
    assert [example.shares for example in found.examples] == [
        None,
        {"warning": 1.0, "grievance": 0.0, "cooperative": 0.0, "none": 0.0},
        {"warning": 0.0, "grievance": 1 / 1.4, "cooperative": 0.0, "none": 0.4 / 1.4},
    ]
    assert [example.is_by_people for example in found.examples] == [True, True, False]
    assert found.report.by_origin == {"gold": 1, "people": 1, "votes": 1, "abstained": 1}


def test_what_people_voted_is_among_the_sentences_labels_so_that_evaluation_knows_where_they_differ(codebook):
    VoteTable(VOTES).append([
        vote("d#1", "Ada", "warning"), vote("d#1", "Grace", "none"), vote("d#1", "rule:a", "none", "rule"),
    ])  # fmt: skip
    [example] = label(sentences(None), codebook, of_votes()).examples
    assert example.sentence.annotators == {"Ada": "warning", "Grace": "none"}


def test_all_may_be_heard_alike_and_gold_left_aside(codebook):
    VoteTable(VOTES).append([
        vote("d#1", "Ada", "warning"), vote("d#1", "rule:a", "none", "rule"), vote("d#1", "model:b", "none", "model"),
    ])  # fmt: skip
    found = label(sentences("grievance"), codebook, of_votes("votes", trust="all"))
    assert decided(found) == [("none", "votes")]
    assert decided(label(sentences("grievance"), codebook, of_votes("votes"))) == [("warning", "people")]


def test_what_nobody_voted_on_may_be_background(codebook):
    VoteTable(VOTES).append([vote("d#1", "Ada", "warning")])
    found = label(sentences(None, None), codebook, of_votes(abstained="background"))
    assert decided(found) == [("warning", "people"), ("none", "abstained")]


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        ([vote("e#1", "Ada", "none")], "votes: 1 vote, none of them on one of 1 sentence that were read, such as "
         '"d#1". Name the documents that were voted on (ingest.inputs)'),
        ([vote("d#1", "Ada", "warn"), vote("d#1", "Grace", "warn")], 'votes: label "warn" is not one of warning, '
         'grievance, cooperative, none (2 votes). Did you mean "warning"?'),
    ],
    ids=["other documents", "another label"],
)  # fmt: skip
def test_votes_that_fit_nothing_are_an_error(codebook, complaint, votes, message):
    VoteTable(VOTES).append(votes)
    assert complaint(label, sentences(None), codebook, of_votes()) == message


def test_votes_have_to_lie_somewhere_and_to_be_asked(write, complaint):
    text = config_text(further="label: {policy: gold_then_votes}\n")
    assert "policy gold_then_votes asks the table of votes: name its folder under label.votes" in complaint(
        load_config, write("a.yaml", text)
    )
    text = config_text(further="label: {votes: v}\n")
    assert (
        "votes is v, and policy gold_then_rules does not ask it: set policy to gold_then_votes, or votes to null"
    ) in complaint(load_config, write("b.yaml", text))


def read_corpus(n_gold: int) -> list[Sentence]:
    rows = toy_rows()
    for row in rows[n_gold:]:
        row["label"] = None
    path = write_jsonl(Path("corpus/toy.jsonl"), rows)
    return read_all([str(path)], LabeledReadConfig(read_as="sentences")).sentences


def test_every_way_stands_beside_the_one_that_is_used_and_beside_a_model_of_the_gold_alone(codebook):
    read = read_corpus(n_gold=48)
    true = {row["doc_id"] + f"#{row['position']}": row["label"] for row in toy_rows()}
    wrong = {name: "none" if place % 2 else said for place, (name, said) in enumerate(true.items())}
    VoteTable(VOTES).append([vote(name, "Ada", said) for name, said in wrong.items()])
    report = label(read, codebook, of_votes(method="dawid_skene")).report
    assert report.used == "dawid_skene"
    assert [judged.method for judged in report.methods] == ["majority", "dawid_skene", "mace", ALONE]
    by = {judged.method: judged for judged in report.methods}
    assert (by["majority"].n_gold, by[ALONE].accuracy) == (48, 1.0)
    assert by["majority"].accuracy == pytest.approx(sum(wrong[s.id] == s.gold for s in read if s.gold) / 48)
    assert [judged.method for judged in report.better] == [ALONE]


def test_the_way_that_is_used_is_judged_as_it_is_used(codebook):
    read = read_corpus(n_gold=48)
    VoteTable(VOTES).append([vote(s.id, "Ada", s.gold) for s in read if s.gold])
    VoteTable(VOTES).append([vote(s.id, f"model:{n}", "none", "model") for s in read for n in range(3)])
    by = {judged.method: judged.accuracy for judged in label(read, codebook, of_votes()).report.methods}
    assert by["majority"] == 1.0  # people are trusted
    by = {judged.method: judged.accuracy for judged in label(read, codebook, of_votes(trust="all")).report.methods}
    assert by["majority"] < 0.5


def test_rules_are_judged_so_too_and_where_all_is_gold_nothing_is(codebook):
    report = label(read_corpus(n_gold=48), codebook, LabelConfig()).report
    assert report.used == "priority"
    assert [judged.method for judged in report.methods] == ["priority", "majority", "dawid_skene", ALONE]
    assert label(read_corpus(n_gold=96), codebook, LabelConfig()).report.methods == []
    few = label(read_corpus(n_gold=19), codebook, LabelConfig()).report
    assert (few.methods, few.note) == ([], "19 sentences of gold: ways are compared from 20 on")


def test_the_command_says_that_another_way_was_better(workplace, stance):
    read = read_corpus(n_gold=48)
    VoteTable(VOTES).append([vote(sentence.id, "Ada", "none") for sentence in read])
    Path("toy.yaml").write_text(config_text(further="label: {policy: gold_then_votes, votes: votes}\n"))
    code, output, _ = stance("label", "toy.yaml")
    assert code == 0
    assert "majority (used)" in output
    assert "on gold majority, which is used, has macro-F1 0.000; better: a model of the gold alone 1.000" in output
    again, _, progress = stance("label", "toy.yaml")
    assert again == 0
    assert "label" in progress


def test_a_new_vote_makes_the_stage_run_anew(workplace, stance):
    read_corpus(n_gold=12)
    VoteTable(VOTES).append([vote("d15#1", "Ada", "none")])
    Path("toy.yaml").write_text(config_text(further="label: {policy: gold_then_votes, votes: votes}\n"))
    assert stance("label", "toy.yaml")[0] == 0
    VoteTable(VOTES).append([vote("d15#2", "Ada", "none")])
    _, output, _ = stance("label", "toy.yaml")
    assert "2 by people" in output


def test_a_table_that_is_not_there_is_told_before_the_run(workplace, stance):
    Path("toy.yaml").write_text(config_text(further="label: {policy: gold_then_votes, votes: nowhere}\n"))
    code, _, problem = stance("run", "toy.yaml")
    assert code == 2
    assert (
        "label.votes: nowhere: no table of votes there. Fill one, as by `stance label serve` or `stance label rules "
        "--votes`"
    ) in " ".join(problem.split())


@pytest.mark.parametrize(("is_soft", "shares"), [("true", {"none": 0.75, "warning": 0.25}), ("false", None)])
def test_training_hears_the_shares_where_soft_labels_are_asked_for(write, is_soft, shares):
    text = config_text(train=f"{{kind: transformer, soft_labels: {is_soft}}}")
    example = Example(sentences(None)[0], "none", "votes", {"none": 0.75, "warning": 0.25})
    assert [each.shares for each in heard([example], load_config(write("soft.yaml", text)))] == [shares]
