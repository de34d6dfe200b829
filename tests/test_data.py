"""The corpus, the codebook and the articles as they are shipped."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from toy import LABELS

from pipeline.codebook import load_codebook
from pipeline.config.ingest import LabeledReadConfig, ReadConfig
from pipeline.ingest import read_all
from pipeline.labeling import RuleSet, gold_examples
from pipeline.split import near_duplicates

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
CORPUS = ROOT / "data/corpus"
CONTRASTS = "contrasts-"  # what the ids of families of sentences begin with that differ in little
FORMULAS = (
    "i shall now make a statement in my capacity as the representative of",  # every Council president's words
    "the threat or use of force against the territorial integrity of any state",  # the Charter, Article 2
    "the office of the united nations high commissioner for refugees",  # a name
    "review conference of the parties to the treaty on the non proliferation of nuclear weapons",  # a name
)


@pytest.fixture(scope="module")
def corpus():
    return gold_examples(read_all([str(CORPUS)], LabeledReadConfig(read_as="sentences")).sentences, LABELS.all)


@pytest.fixture(scope="module")
def codebook():
    return load_codebook(ROOT / "data/codebook.yaml")


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def documents():
    return {row["doc_id"]: row for row in rows_of(ROOT / "data/documents.jsonl")}


def test_the_corpus_is_as_large_as_it_says(corpus):
    lengths = Counter(example.sentence.document for example in corpus)
    assert len(corpus) >= 3600
    assert len(lengths) >= 360
    families = [n for document, n in lengths.items() if document.startswith(CONTRASTS)]
    others = [n for document, n in lengths.items() if not document.startswith(CONTRASTS)]
    assert 6 <= min(others) <= max(others) <= 14
    assert 2 <= min(families) <= max(families) <= 4


def test_the_datasheet_shows_what_composition_counts():
    found = subprocess.run(
        [sys.executable, "benchmarks/composition.py", "--picture", os.devnull],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True,
    ).stdout.splitlines()  # fmt: skip
    datasheet = (ROOT / "data/README.md").read_text(encoding="utf-8").splitlines()
    assert len(found) > 30
    assert [line for line in found if line and line not in datasheet] == []


def test_every_stance_has_its_share(corpus):
    counts = Counter(example.label for example in corpus)
    assert min(counts[label] for label in LABELS.stances) >= 700
    assert 0.3 <= counts["none"] / len(corpus) <= 0.5


def test_every_row_is_whole():
    for path in sorted(CORPUS.glob("*.jsonl")):
        expected: dict[str, int] = Counter()
        for row in rows_of(path):
            assert list(row) == ["doc_id", "position", "text", "label", "hard", "annotators"]
            expected[row["doc_id"]] += 1
            assert row["position"] == expected[row["doc_id"]]
            assert row["text"] == row["text"].strip() != ""
            assert list(row["annotators"]) == ["writer", "first", "second"]
            assert set(row["annotators"].values()) <= set(LABELS.all)
            assert row["hard"] or set(row["annotators"].values()) == {row["label"]}


def test_what_is_known_of_each_document_is_there(corpus, documents):
    assert set(documents) == {example.sentence.document for example in corpus}
    fields = {"doc_id": str, "genre": str, "speaker": str, "region": str, "others": list, "topic": str, "register": str}
    for row in documents.values():
        assert {name: type(value) for name, value in row.items()} == fields
        assert all([row["genre"], row["speaker"], row["region"], row["topic"], row["register"]])


def test_many_speak_and_nobody_stands_out(documents):
    actors = Counter(name for d in documents.values() for name in {d["speaker"], *d["others"]})
    pairs = Counter(tuple(sorted((d["speaker"], name))) for d in documents.values() for name in d["others"])
    speakers = {d["speaker"]: d["region"] for d in documents.values()}
    assert sum(region != "organizations" for region in speakers.values()) >= 80
    assert sum(region == "organizations" for region in speakers.values()) >= 20
    assert all(d["region"] == speakers[d["speaker"]] for d in documents.values())
    assert [name for name in actors if "(" in name] == []
    assert set(speakers.values()) == {
        "Africa", "Americas", "Asia", "Europe", "Middle East", "Oceania", "organizations",
    }  # fmt: skip
    assert actors.most_common(1)[0][1] <= 0.21 * len(documents)
    assert pairs.most_common(1)[0][1] <= 0.02 * len(documents)


@pytest.mark.slow
def test_no_name_gives_a_label_away(corpus, documents):
    names = {name for d in documents.values() for name in {d["speaker"], *d["others"]}}
    labels: dict[str, Counter[str]] = {name: Counter() for name in names}
    for example in corpus:
        for name in names:
            if name in example.text:
                labels[name][example.label] += 1
    often = {name: found for name, found in labels.items() if found.total() >= 50}
    assert len(often) >= 50
    assert [name for name, found in often.items() if found.most_common(1)[0][1] > 0.75 * found.total()] == []


def test_the_agreement_is_what_the_datasheet_says():
    from pipeline.labeling.agreement import measure_agreement

    sentences = read_all([str(CORPUS)], LabeledReadConfig(read_as="sentences")).sentences
    found = measure_agreement(sentences, LABELS.all, ["first", "second"])
    datasheet = (ROOT / "data/README.md").read_text(encoding="utf-8")
    assert f"alpha {found.alpha:.3f} between the two readers" in datasheet


def test_ids_are_unique(corpus):
    assert len({example.sentence.id for example in corpus}) == len(corpus)


@pytest.mark.slow
def test_no_sentence_nearly_repeats_another(corpus):
    pairs = near_duplicates([example.text for example in corpus], 0.5, 6)
    documents = [{corpus[place].sentence.document for place in pair} for pair in pairs]
    assert [found for found in documents if len(found) > 1 or not found.pop().startswith(CONTRASTS)] == []


def test_every_family_of_contrasts_has_two_labels_or_more(corpus):
    labels: dict[str, set[str]] = {}
    for example in corpus:
        labels.setdefault(example.sentence.document, set()).add(example.label)
    assert [name for name, found in labels.items() if name.startswith(CONTRASTS) and len(found) < 2] == []


def test_no_contrast_is_a_case_of_behavior(corpus):
    cases = [row for kind in BEHAVIOR for row in rows_of(ROOT / f"data/behavior/{kind}.jsonl")]
    told = [row[name] for row in cases for name in ("text", "changed")]
    assert runs(8, [e.text for e in corpus if e.sentence.document.startswith(CONTRASTS)]) & runs(8, told) == set()


def test_no_opening_is_shared_by_more_than_one_in_a_hundred(corpus):
    openings = Counter(" ".join(re.findall(r"\w+", example.text.lower())[:3]) for example in corpus)
    assert openings.most_common(1)[0][1] <= len(corpus) / 100


@pytest.mark.parametrize(
    ("place", "n_words"),
    [
        ("real/dev.jsonl", 10),
        ("real/documents.jsonl", 14),  # 20,000 sentences: shorter runs are the names of treaties and offices
        ("bench/unscon/sentences.csv", 10),
        ("bench/cameo_class/train.tsv", 10),
        ("bench/cameo_class/test.tsv", 10),
    ],
)
def test_nothing_is_taken_from_what_judges(corpus, codebook, place, n_words):
    path = SHARED / place
    if not path.exists():
        pytest.skip(f"{place} of the shared folder is not there")
    cases = [row for kind in BEHAVIOR for row in rows_of(ROOT / f"data/behavior/{kind}.jsonl")]
    ours = [*(example.text for example in corpus), *(row[name] for row in cases for name in ("text", "changed"))]
    ours += texts_of(codebook)
    shared = runs(n_words, ours) & runs(n_words, [path.read_text(encoding="utf-8")])
    assert [run for run in shared if not any(run in formula for formula in FORMULAS)] == []


def texts_of(codebook) -> list[str]:
    """Every sentence of a codebook."""
    texts = [text for entry in codebook.labels.values() for text in entry.examples]
    texts += [miss.text for entry in codebook.labels.values() for miss in entry.near_misses]
    return texts + [case.text for case in codebook.settled_cases] + [rule.example for rule in codebook.rules]


def runs(n: int, texts: list[str]) -> set[str]:
    """Every n words that follow each other in a text."""
    words = [re.findall(r"\w+", text.lower()) for text in texts]
    return {" ".join(found[i : i + n]) for found in words for i in range(len(found) - n + 1)}


def test_the_codebook_defines_the_four_labels(codebook):
    assert set(codebook.labels) == set(LABELS.all)
    assert codebook.background == "none"
    assert codebook.order == ("warning", "grievance", "cooperative", "none")


def test_every_label_has_a_hypothesis_of_one_sentence(codebook):
    for entry in codebook.labels.values():
        assert re.fullmatch(r"[A-Z][^.]{20,100}\.", entry.hypothesis)


def test_every_label_is_explained_with_examples_and_near_misses(codebook):
    for name, entry in codebook.labels.items():
        assert entry.definition
        assert len(entry.examples) >= 12
        assert len(entry.near_misses) >= 8
        assert all(miss.label != name and miss.why for miss in entry.near_misses)


def test_every_decision_rule_and_settled_case_of_the_codebook_is_there(codebook):
    assert len(codebook.guidelines) == 8
    assert len(codebook.settled_cases) >= 14


def test_no_sentence_of_the_codebook_stands_twice(codebook, corpus):
    texts = texts_of(codebook)
    twice = [text for text, n in Counter(texts).items() if n > 1]
    assert twice == []
    assert not set(texts) & {example.text for example in corpus}


def test_no_rule_speaks_against_an_example_a_near_miss_or_a_settled_case(codebook):
    rules = RuleSet(codebook)
    known = [(text, name) for name, entry in codebook.labels.items() for text in entry.examples]
    known += [(miss.text, miss.label) for entry in codebook.labels.values() for miss in entry.near_misses]
    known += [(case.text, case.label) for case in codebook.settled_cases]
    winners = [(text, label, rules.winner(rules.votes(text))) for text, label in known]
    assert [(text, vote.rule) for text, label, vote in winners if vote and vote.label != label] == []
    assert sum(vote is not None for _, _, vote in winners) >= len(known) / 4


def test_every_rule_gives_its_example_its_label(codebook):
    rules = RuleSet(codebook)
    assert len(codebook.rules) >= 30
    for rule in codebook.rules:
        votes = rules.votes(rule.example)
        assert rule.name in {vote.rule for vote in votes}, rule.name
        assert rules.winner(votes).label == rule.label, rule.name


def test_rules_are_more_often_right_than_wrong(codebook, corpus):
    from pipeline.config.label import LabelConfig
    from pipeline.labeling import label

    every_fourth = [example.sentence for example in corpus[::4]]
    report = label(every_fourth, codebook, LabelConfig(policy="rules")).report
    assert report.rule_accuracy > 0.7
    assert report.n_covered / report.n_sentences > 0.2


def test_the_articles_come_out_as_sentences_with_exact_offsets():
    sentences = read_all([str(ROOT / "data/articles")], ReadConfig()).sentences
    assert len({sentence.document for sentence in sentences}) == 3
    texts = [sentence.text for sentence in sentences]
    assert "Home" not in " ".join(texts)  # what surrounds an article is left out
    assert "The committee last met in October 2023." in texts
    plain = (ROOT / "data/articles/minister_interview.txt").read_text(encoding="utf-8")
    for sentence in sentences:
        if sentence.document.endswith(".txt"):
            assert plain[sentence.start : sentence.end] == sentence.text


BEHAVIOR = {
    "flip": ["id", "what", "text", "label", "changed", "changed_label"],
    "invariance": ["id", "what", "text", "label", "changed"],
    "direction": ["id", "what", "text", "changed", "raises"],
}


def test_every_case_of_behavior_is_whole_and_new(corpus):
    cases = {kind: rows_of(ROOT / f"data/behavior/{kind}.jsonl") for kind in BEHAVIOR}
    assert sum(map(len, cases.values())) >= 600
    for kind, rows in cases.items():
        for row in rows:
            assert list(row) == BEHAVIOR[kind]
            assert {row[name] for name in ("label", "changed_label", "raises") if name in row} <= set(LABELS.all)
            assert kind != "flip" or row["label"] != row["changed_label"]
    every = [row for rows in cases.values() for row in rows]
    assert len({row["id"] for row in every}) == len(every)
    texts = Counter(text for row in every for text in (row["text"], row["changed"]))
    assert texts.most_common(1)[0][1] == 1
    assert not set(texts) & {example.text for example in corpus}
