"""What to label next: for a reason, in the shares that were asked for, and nothing twice."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from toy import LABELS, toy_examples, write_jsonl

from pipeline.labeling.queue import Pool, alike, choose, gather
from pipeline.labeling.worklist import Item, in_context
from pipeline.models import make_model
from pipeline.models.saved import save_model
from pipeline.records import Sentence
from pipeline.votes import Vote, VoteTable

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def items(*texts: str, gold: str | None = None) -> list[Item]:
    return in_context([Sentence("d", i, 0, len(text), text, "x", gold) for i, text in enumerate(texts, start=1)])


def letters(n: int) -> list[Item]:
    return items(*(f"Sentence {chr(97 + i)}." for i in range(n)))


def test_uncertainty_takes_the_smallest_margin_first_and_says_between_what():
    proba = np.array([[0.9, 0.1, 0.0, 0.0], [0.4, 0.1, 0.1, 0.4], [0.5, 0.3, 0.1, 0.1]])
    found = choose(Pool(letters(3), LABELS.all, proba), 2, {"uncertainty": 1.0}, 0)
    assert found.places == [1, 2]
    assert found.items[1].why == "unsure: cooperative 0.50, warning 0.30"
    assert (found.items[1].suggestion, found.items[1].score) == ("cooperative", 0.5)


def test_disagreement_takes_the_most_divided_first_and_nothing_of_one_mind():
    votes = {
        "d#1": [("Ada", "none", 1.0), ("Grace", "none", 1.0)],
        "d#2": [("Ada", "none", 1.0), ("Grace", "warning", 0.2)],
        "d#3": [("Ada", "none", 1.0), ("rule:a", "warning", 1.0)],
    }
    found = choose(Pool(letters(4), LABELS.all, votes=votes), 4, {"disagreement": 1.0}, 0)
    assert found.places == [2, 1]
    assert found.items[0].why == "annotators differ: Ada none, rule:a warning"


def test_spread_takes_one_of_each_cluster_in_which_nothing_is_labeled():
    centers = np.eye(4)
    vectors = np.concatenate([centers[[i]] + 0.01 * np.eye(4)[[j]] for i in range(4) for j in range(3)])
    found = choose(Pool(letters(12), vectors=vectors, known_vectors=centers[:2]), 2, {"spread": 1.0}, 0)
    assert sorted(place // 3 for place in found.places) == [2, 3]
    assert {item.why for item in found.items} == {"unlike what is labeled already"}


def test_ways_take_turns_by_their_shares():
    proba = np.random.default_rng(0).dirichlet(np.ones(4), 40)
    shares = {"uncertainty": 3.0, "random": 1.0}
    found = choose(Pool(letters(26)[:20], LABELS.all, proba[:20]), 12, shares, 0)
    assert found.by_way == {"uncertainty": 9, "random": 3}
    assert len(set(found.places)) == 12


def test_chance_hangs_on_the_seed_alone():
    pool = Pool(letters(26))
    one, same, other = (choose(pool, 5, {"random": 1.0}, seed).places for seed in (1, 1, 2))
    assert one == same != other


def test_of_near_duplicates_one_is_chosen_and_none_that_is_labeled_already():
    texts = [
        "We will answer any attack on our ships with force.",
        "We will answer any attack on our ships, with force!",
    ]
    other = "The two sides met for an hour in Oslo on Monday."
    groups = alike([other.upper(), *texts, other, texts[0]])
    pool = Pool(items(*texts, other, texts[0]), groups=groups[1:], known_groups=frozenset(groups[:1]))
    found = choose(pool, 4, {"order": 1.0}, 0)
    assert (found.places, found.n_alike) == ([0], 3)


def test_a_pool_that_ends_gives_what_it_has():
    assert len(choose(Pool(letters(3)), 10, {"random": 0.5, "order": 0.5}, 0).items) == 3


def test_what_is_labeled_in_the_pool_or_the_table_is_not_chosen(here):
    pool = [*items("They met.", gold="none"), *letters(3)[1:]]
    VoteTable(Path("v")).append([
        Vote("d#2", "Ada", "person", "none", NOON), Vote("d#3", "rule:a", "rule", "none", NOON),
    ])  # fmt: skip
    found = gather(pool, [], {"random"}, LABELS, votes=VoteTable(Path("v")).standing().table)
    assert [item.sentence.id for item in found.items] == ["d#3"]
    assert len(gather(pool, [], {"order"}, LABELS, again=True).items) == 3


def test_a_large_pool_is_sampled():
    found = gather(letters(26), [], {"random"}, LABELS, sample=5, seed=1)
    assert len(found.items) == 5


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("uncertainty", "uncertainty is a model's: name one with --model, or choose in other ways (--by spread=1)"),
        ("disagreement", "disagreement is of votes: on no sentence of the pool have two annotators different opinions. "
         "Add votes (--votes FOLDER), or choose in other ways (--by spread=1)"),
    ],
)  # fmt: skip
def test_a_way_that_knows_nothing_says_what_it_needs(complaint, way, message):
    assert complaint(choose, Pool(letters(3)), 1, {way: 1.0}, 0) == message


def test_where_all_is_labeled_there_is_nothing_to_choose(complaint):
    assert complaint(gather, items("They met.", gold="none"), [], {"random"}, LABELS) == (
        "all of 1 sentences are labeled: nothing to choose. Give others, or say --again"
    )


@pytest.mark.parametrize("kind", ["baseline", "embedding"])
def test_the_command_writes_a_list_for_the_page(workplace, stance, settings, kind):
    model = make_model(settings[kind], LABELS, seed=0, device="cpu").fit(toy_examples()[:72], toy_examples()[72:])
    Path("model").mkdir()
    save_model(model, Path("model"))
    rows = [{"doc_id": "p", "text": f"They asked about item {i} of the list."} for i in range(9)]
    write_jsonl(Path("pool.jsonl"), [*rows, {"doc_id": "p", "text": "We condemn it.", "label": "grievance"}])
    code, output, progress = stance(
        "label", "queue", "pool.jsonl", "--output", "queue.jsonl", "--n", "4", "--model", "model", "--codebook",
        "codebook.yaml", "--by", "uncertainty=1", "--by", "spread=1",
    )  # fmt: skip
    assert code == 0, progress
    found = [json.loads(line) for line in Path("queue.jsonl").read_text().splitlines()]
    assert len(found) == 4
    assert all(row["suggestion"] in LABELS.all and row["why"] and row["text"].startswith("They") for row in found)
    assert "2 by uncertainty, 2 by spread, from 9" in " ".join(progress.split())
    assert "To label next" in output


@pytest.mark.parametrize(
    ("share", "message"),
    [
        ("doubt=1", "--by doubt=1: doubt is not one of uncertainty, disagreement, spread, random, order."),
        ("spread=0", "--by spread=0: the share is not a number above 0. Give one, as spread=0.5"),
        ("random=x", "--by random=x: the share is not a number above 0. Give one, as random=0.5"),
    ],
)
def test_a_share_that_is_none_is_named(workplace, stance, share, message):
    code, _, problem = stance("label", "queue", "corpus", "--output", "q.jsonl", "--by", share)
    assert (code, message in " ".join(problem.split())) == (2, True)
