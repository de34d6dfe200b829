"""Labels from people and from rules, by every policy, for any codebook; and the report on it."""

import json
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from toy import read_csv

from pipeline.codebook import Codebook, load_codebook
from pipeline.config.label import LabelConfig
from pipeline.labeling import STAGE, RuleSet, gold_examples, label
from pipeline.labeling.rules.prefilter import Prefilter
from pipeline.labeling.rules.ruling import Ruling, write_votes, write_wrong
from pipeline.records import Example, Sentence
from pipeline.votes import Vote, VoteTable

CODEBOOK = """\
name: toy
version: "1"
background: none
priority: [warning, grievance]
labels:
  cooperative: {definition: Offers and thanks.}
  grievance: {definition: Complaints.}
  warning: {definition: Threats.}
  none: {definition: The rest.}
rules:
  - {name: thanks, label: cooperative, pattern: '\\bthank', unless: '\\bno thanks\\b', example: We thank you.}
  - {name: blames, label: grievance, pattern: '\\b(blame|unfair)', example: It is unfair.}
  - {name: blames_more, label: grievance, pattern: "wasn't right", example: It wasn't right.}
  - {name: vows, label: warning, pattern: '\\bwill answer\\b', example: We will answer.}
  - {name: met, label: none, pattern: '^the two sides met', example: The two sides met.}
"""

REFERENDUM = """\
name: referendum
version: "1"
background: none
priority: [against]
labels:
  favor: {definition: Speaks for the proposal.}
  against: {definition: Speaks against the proposal.}
  none: {definition: Neither.}
rules:
  - {name: backs, label: favor, pattern: '\\bback(s|ed)? it\\b', example: She backs it.}
  - {name: rejects, label: against, pattern: '\\breject', example: They reject it.}
"""


@pytest.fixture
def codebook(write) -> Codebook:
    return load_codebook(write("codebook.yaml", CODEBOOK))


def sentence(text: str, gold: str | None = None, place: str = "d.csv:2") -> Sentence:
    return Sentence("d", int(place.rpartition(":")[2]), 0, len(text), text, place, gold)


SENTENCES = [
    sentence("We thank Oslo.", "cooperative"),  # gold and rule agree
    sentence("We thank Oslo, but it is unfair.", "none"),  # gold wins over rules that disagree
    sentence("We blame them, and we will answer.", None),  # two rules disagree
    sentence("It is unfair, and it wasn't right.", None),  # two rules of one label
    sentence("They left at noon.", None),  # nobody says anything
    sentence("They came at dawn.", "none"),  # people only
]


def decisions(codebook: Codebook, policy: str, abstained: str) -> list[tuple[str, str] | None]:
    """Label and origin of each of the sentences; None where it is left out."""
    labeled = label(SENTENCES, codebook, LabelConfig(policy=policy, abstained=abstained))
    found = {example.text: (example.label, example.origin) for example in labeled.examples}
    assert [e.sentence for e in labeled.examples] == [s for s in SENTENCES if s.text in found]
    return [found.get(s.text) for s in SENTENCES]


BACKGROUND = ("none", "abstained")


@pytest.mark.parametrize(("abstained", "rest"), [("drop", None), ("background", BACKGROUND)])
class TestPolicies:
    def test_gold_takes_peoples_labels_only(self, codebook, abstained, rest):
        assert decisions(codebook, "gold", abstained) == [
            ("cooperative", "gold"),
            ("none", "gold"),
            rest,
            rest,
            rest,
            ("none", "gold"),
        ]

    def test_rules_takes_no_label_of_people(self, codebook, abstained, rest):
        assert decisions(codebook, "rules", abstained) == [
            ("cooperative", "rule:thanks"),
            ("grievance", "rule:blames"),
            ("warning", "rule:vows"),
            ("grievance", "rule:blames"),
            rest,
            rest,
        ]

    def test_gold_then_rules_labels_by_rule_what_people_did_not(self, codebook, abstained, rest):
        assert decisions(codebook, "gold_then_rules", abstained) == [
            ("cooperative", "gold"),
            ("none", "gold"),
            ("warning", "rule:vows"),
            ("grievance", "rule:blames"),
            rest,
            ("none", "gold"),
        ]


class TestRules:
    def test_every_rule_that_does_not_abstain_votes_in_the_codebooks_order(self, codebook):
        votes = RuleSet(codebook).votes("We thank you, but it is unfair, and we will answer.")
        assert [(vote.rule, vote.label) for vote in votes] == [
            ("thanks", "cooperative"),
            ("blames", "grievance"),
            ("vows", "warning"),
        ]

    @pytest.mark.parametrize(
        ("text", "winner"),
        [
            ("It is unfair, and we will answer, and we thank you.", "vows"),  # first in the priority
            ("We thank you, but it is unfair.", "blames"),  # second
            ("The two sides met, and thanked.", "thanks"),  # not in the priority: before the background
            ("The two sides met.", "met"),
            ("It wasn't right, it was unfair.", "blames"),  # of one label: the first in the codebook
        ],
    )
    def test_the_label_first_in_the_priority_wins_a_conflict(self, codebook, text, winner):
        rules = RuleSet(codebook)
        assert rules.winner(rules.votes(text)).rule == winner

    def test_all_may_abstain(self, codebook):
        rules = RuleSet(codebook)
        assert rules.votes("They left.") == []
        assert rules.winner([]) is None

    def test_a_rule_abstains_where_its_exception_is_found(self, codebook):
        assert RuleSet(codebook).votes("No thanks to them, the bridge is thankfully whole.") == []

    @pytest.mark.parametrize("text", ["WE THANK YOU.", "It wasn’t right.", "It wasn‘t right.", "We\u00a0will answer."])
    def test_case_and_the_shape_of_quotes_and_spaces_do_not_count(self, codebook, text):
        plain = text.replace("\u00a0", " ")
        assert RuleSet(codebook).votes(plain) == RuleSet(codebook).votes(text)
        assert RuleSet(codebook).votes(text) or "\u00a0" in text

    def test_a_hard_space_is_a_space(self, codebook):
        assert [vote.rule for vote in RuleSet(codebook).votes("We will\u00a0answer.")] == ["vows"]


HOSTILE = [
    "", "!", "We WİLL answer; it iſ unfair.", "THAN\u212aS to them", "We thank\u2028you", "We thank\x1cyou",
    "é" * 3000,
    "Une démarche: we will\nanswer.", "x" * 5_000, "We \x00 will answer", "٣٤ Ö", "3½ Éö",
]  # fmt: skip
PATTERNS = [
    r"(?x) \bwill\s(?:not\s)?answer\b  | unfair", r"thanks?\b(?!\sto)", r"^we\b.{0,9}\byou$", r"\bdémarches?\b",
    r"(a)?b(?(1)c|d)", r"(?<=we\s)thank", r"\w{3,}\s\w+", r"[^ -~]", r"\d\d", r"[^a-z]ö", r"\.{3}|x{40}",
    r"(?P<one>t)(?P=one)", r"",
]  # fmt: skip


class TestPrefilter:
    """It may leave in what is not there, and leaves out nothing that is."""

    @pytest.mark.parametrize("is_installed", [True, False])
    def test_no_pattern_that_is_found_is_left_out(self, examples, monkeypatch, is_installed):
        if is_installed:
            pytest.importorskip("hyperscan", reason="Hyperscan has no package for this machine")
        else:
            monkeypatch.setitem(sys.modules, "hyperscan", None)
        prefilter = Prefilter(dict(enumerate(PATTERNS)), len(PATTERNS), after=0)
        left_out = 0
        for text in [*HOSTILE, *(example.text for example in examples)]:
            candidates = prefilter.candidates(text)
            assert candidates == sorted(set(candidates))
            found = {place for place, pattern in enumerate(PATTERNS) if re.search(pattern, text, re.IGNORECASE)}
            assert found <= set(candidates), text[:40]
            left_out += len(PATTERNS) - len(candidates)
        assert (left_out > 0) == is_installed

    def test_it_is_prepared_only_when_there_are_many_texts(self):
        pytest.importorskip("hyperscan", reason="Hyperscan has no package for this machine")
        prefilter = Prefilter({0: "vow", 1: "threat"}, 2, after=2)
        assert [prefilter.candidates("They met.") for _ in range(4)] == [[0, 1], [0, 1], [], []]

    def test_no_patterns_find_nothing(self):
        assert Prefilter({}, 0, after=0).candidates("We will answer.") == []


class TestRuling:
    """What those see who write rules."""

    def test_figures_of_all_rules_together(self, codebook):
        figures = Ruling(SENTENCES, codebook).figures()
        assert figures["sentences"] == 6
        assert figures["covered"] == 4
        assert figures["conflicts"] == 2
        assert figures["gold"] == 3
        assert figures["macro_f1"] == pytest.approx(1 / 3)  # thanks, and no other stance
        assert figures["accuracy"] == pytest.approx(1 / 3)

    def test_without_gold_nothing_is_said_of_rightness(self, codebook):
        bare = [replace(sentence, gold=None) for sentence in SENTENCES]
        figures = Ruling(bare, codebook).figures()
        assert figures["macro_f1"] is figures["accuracy"] is None

    def test_votes_go_to_the_table_with_the_rules_name(self, codebook, tmp_path):
        sentences = [replace(sentence, position=position) for position, sentence in enumerate(SENTENCES, 1)]
        ruling = Ruling(sentences, codebook)
        assert write_votes(ruling, tmp_path) == (sum(map(len, ruling.votes)), 0)
        assert write_votes(ruling, tmp_path) == (0, 0)
        standing = VoteTable(tmp_path).standing()
        rows = [(row["sentence_id"], row["annotator"], row["kind"], row["label"]) for row in standing.table.to_pylist()]
        assert sorted(rows) == sorted(
            (sentence.id, f"rule:{vote.rule}", "rule", vote.label)
            for sentence, cast in zip(sentences, ruling.votes, strict=True)
            for vote in cast
        )

    def test_a_rule_that_abstains_now_takes_its_vote_back(self, codebook, tmp_path):
        ruling = Ruling([sentence("We thank Oslo."), sentence("It is unfair.", place="d.csv:3")], codebook)
        write_votes(ruling, tmp_path)
        VoteTable(tmp_path).append([Vote("d#9", "rule:thanks", "rule", "none", datetime(2026, 3, 1, tzinfo=UTC))])
        rules = [rule for rule in codebook.rules if rule.name != "thanks"]
        without = Ruling(ruling.sentences, codebook.model_copy(update={"rules": tuple(rules)}))
        assert write_votes(without, tmp_path) == (0, 1)
        standing = VoteTable(tmp_path).standing()
        assert [row["annotator"] for row in standing.table.to_pylist()] == ["rule:thanks", "rule:blames"]
        assert (standing.table["sentence_id"].to_pylist(), standing.n_changed) == (["d#9", "d#3"], 2)

    def test_what_rules_got_wrong_is_a_table(self, codebook, tmp_path):
        write_wrong(Ruling(SENTENCES, codebook), tmp_path / "wrong.csv")
        rows = read_csv(tmp_path / "wrong.csv")
        assert list(rows[0]) == ["rule", "label", "gold", "document", "position", "text"]
        assert all(row["label"] != row["gold"] for row in rows)
        assert [row["rule"] for row in rows] == sorted(row["rule"] for row in rows)
        assert len(rows) == 2


class TestReport:
    def test_its_figures_are_those_of_the_sentences(self, codebook):
        report = label(SENTENCES, codebook, LabelConfig()).report
        assert report.n_sentences == 6
        assert report.by_origin == {"gold": 3, "rule": 2, "abstained": 1}
        assert report.by_label == {"warning": 1, "grievance": 1, "cooperative": 1, "none": 2}
        assert report.n_covered == 4
        assert report.conflicts == {"cooperative+grievance": 1, "grievance+warning": 1}
        assert report.n_conflicts == 2

    def test_each_rule_is_measured_against_the_labels_of_people(self, codebook):
        report = label(SENTENCES, codebook, LabelConfig(policy="rules")).report
        figures = {rule.name: (rule.n_votes, rule.n_gold, rule.n_correct, rule.accuracy) for rule in report.rules}
        assert figures == {
            "thanks": (2, 2, 1, 0.5),
            "blames": (3, 1, 0, 0.0),
            "blames_more": (1, 0, 0, None),
            "vows": (1, 0, 0, None),
            "met": (0, 0, 0, None),
        }
        assert report.rule_accuracy == 1 / 3

    def test_without_labels_of_people_nothing_is_known_of_the_rules(self, codebook):
        labeled = label(SENTENCES[2:5], codebook, LabelConfig(policy="rules"))
        assert labeled.report.rule_accuracy is None
        assert "rule accuracy on gold" not in labeled.summary()

    def test_the_summary_is_for_people(self, codebook):
        assert label(SENTENCES, codebook, LabelConfig()).summary() == {
            "examples": 5,
            "by gold": 3,
            "by rule": 2,
            "by abstained": 1,
            "rule coverage": "67%",
            "rule conflicts": 2,
            "rule accuracy on gold": "33%",
        }

    def test_result_and_report_are_the_same_after_they_were_saved_and_loaded(self, here, codebook):
        labeled = label(SENTENCES, codebook, LabelConfig())
        STAGE.save(labeled, here)
        assert STAGE.load(here) == labeled
        assert json.loads(Path("report.json").read_text())["rules"][0]["accuracy"] == 0.5


class TestUnknownLabels:
    LABELS = ("cooperative", "warning", "grievance", "none")

    def test_one_is_named_with_its_first_place_its_count_and_the_nearest(self, complaint):
        rows = [sentence("x", "warn", f"corpus.jsonl:{line}") for line in range(118, 125)]
        assert complaint(gold_examples, rows, self.LABELS) == (
            'corpus.jsonl:118: label "warn" is not one of cooperative, warning, grievance, none (7 rows). '
            'Did you mean "warning"?'
        )

    def test_three_are_named_and_the_rest_is_counted(self, complaint):
        rows = [sentence("x", name, f"c.csv:{line}") for line, name in enumerate("QWXYZQ", start=2)]
        of = "is not one of cooperative, warning, grievance, none"
        assert complaint(gold_examples, rows, self.LABELS) == (
            f'c.csv:2: label "Q" {of} (2 rows). Mend it, or define it in the codebook.\n'
            f'c.csv:3: label "W" {of} (1 row). Mend it, or define it in the codebook.\n'
            f'c.csv:4: label "X" {of} (1 row). Mend it, or define it in the codebook.\n'
            "and 2 more unknown labels"
        )

    @pytest.mark.parametrize("policy", ["gold", "rules", "gold_then_rules"])
    def test_no_policy_lets_one_pass(self, codebook, complaint, policy):
        rows = [*SENTENCES, sentence("x", "Warning", "c.csv:9")]
        assert complaint(label, rows, codebook, LabelConfig(policy=policy)) == (
            'c.csv:9: label "Warning" is not one of cooperative, grievance, warning, none (1 row). '
            'Did you mean "warning"?'
        )

    def test_gold_examples_are_the_sentences_that_people_labeled(self):
        assert gold_examples(SENTENCES, self.LABELS) == [
            Example(SENTENCES[0], "cooperative", "gold"),
            Example(SENTENCES[1], "none", "gold"),
            Example(SENTENCES[5], "none", "gold"),
        ]


@pytest.mark.parametrize("policy", ["gold", "gold_then_rules"])
def test_no_gold_label_where_the_policy_wants_them_is_an_error(codebook, complaint, policy):
    rows = [sentence("They left."), sentence("We welcome it.")]
    assert complaint(label, rows, codebook, LabelConfig(policy=policy)) == (
        f'label: policy is "{policy}", and none of 2 sentences has a label that people gave. Name the column with the '
        "labels (ingest.label_column, with ingest.read_as: sentences), or let the codebook's rules label all "
        "(label.policy: rules)"
    )


def test_that_nothing_gets_a_label_is_an_error(codebook, complaint):
    rows = [sentence("They left."), sentence("They came.")]
    assert complaint(label, rows, codebook, LabelConfig(policy="rules")) == (
        'label: none of 2 sentences got a label by policy "rules". Add rules to the codebook that match these texts, '
        "or give the rest the background label (label.abstained: background)"
    )


def test_another_codebook_with_other_labels_needs_no_change_of_code(write, read, complaint):
    codebook = load_codebook(write("referendum.yaml", REFERENDUM))
    table = (
        "text,label\nThe party backs it.,\nThe union rejected what the party backed it for.,\nPolls open at 8.,none\n"
    )
    sentences = read(write("votes.csv", table), read_as="sentences").sentences
    labeled = label(sentences, codebook, LabelConfig())
    assert [(e.label, e.origin) for e in labeled.examples] == [
        ("favor", "rule:backs"),
        ("against", "rule:rejects"),
        ("none", "gold"),
    ]
    assert labeled.report.by_label == {"against": 1, "favor": 1, "none": 1}
    assert labeled.report.conflicts == {"against+favor": 1}
    wrong = read(write("more.csv", "text,label\nWe like it.,favour\n"), read_as="sentences").sentences
    assert complaint(label, wrong, codebook, LabelConfig()) == (
        'more.csv:2: label "favour" is not one of favor, against, none (1 row). Did you mean "favor"?'
    )
