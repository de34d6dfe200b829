"""The codebook: what it may hold, and what is said of one that cannot be right."""

from pathlib import Path

import pytest

from pipeline.codebook import codebook_for, load_codebook
from pipeline.config import load_config

REFERENDUM = """\
name: referendum
version: "1"
background: none
priority: [against]
labels:
  none:
    definition: Neither.
  favor:
    definition: Speaks for the proposal.
    includes: [praise of it]
    excludes: [praise of its authors]
    examples: [We will gladly vote for it.]
    near_misses:
      - {text: It will be voted on in June., label: none, why: A date is no opinion.}
  against:
    definition: Speaks against the proposal.
guidelines:
  - {name: contrast, text: What follows "but" decides.}
settled_cases:
  - {case: a boycott of the vote, text: Stay at home on Sunday., label: against}
rules:
  - name: votes_for
    label: favor
    pattern: '\\bvot\\w+ for\\b'
    example: She is voting for it.
"""

CONFIG = """\
name: toy
codebook: codebook.yaml
labels: [favor, against]
ingest: {inputs: [corpus]}
train: {kind: baseline}
"""


@pytest.fixture
def codebook(write) -> Path:
    return write("codebook.yaml", REFERENDUM)


def changed(write, old: str, new: str) -> Path:
    """The codebook with one place changed, which must be there."""
    assert REFERENDUM.count(old) == 1
    return write("codebook.yaml", REFERENDUM.replace(old, new))


def test_a_codebook_may_define_any_labels(codebook):
    loaded = load_codebook(codebook)
    assert list(loaded.labels) == ["none", "favor", "against"]
    assert loaded.labels["favor"].near_misses[0].why == "A date is no opinion."
    assert loaded.guidelines[0].name == "contrast"
    assert loaded.settled_cases[0].label == "against"
    assert loaded.rules[0].pattern == r"\bvot\w+ for\b"


def test_a_label_in_one_sentence_is_its_hypothesis_or_its_definitions_first(write):
    path = changed(write, "definition: Neither.", "definition: Neither of the two. So are dates.")
    assert load_codebook(path).labels["none"].in_one_sentence == "Neither of the two."
    path = changed(write, "definition: Neither.", "definition: Neither.\n    hypothesis: There is no opinion in it.")
    assert load_codebook(path).labels["none"].in_one_sentence == "There is no opinion in it."


def test_labels_are_ordered_by_priority_with_the_background_last(codebook):
    assert load_codebook(codebook).order == ("against", "favor", "none")


def test_a_background_with_a_priority_keeps_it_and_comes_once(write):
    path = changed(write, "priority: [against]", "priority: [none, against]")
    assert load_codebook(path).order == ("none", "against", "favor")


def test_a_missing_codebook_is_an_error(here, complaint):
    assert complaint(load_codebook, Path("codebook.yaml")) == (
        "codebook.yaml: no such file. Name a YAML file, such as configs/baseline.yaml"
    )


def test_every_problem_of_a_codebook_is_named_at_once(write, complaint):
    path = write(
        "codebook.yaml",
        "name: x\nversion: 1.0\nbackground: none\nlabels:\n  favor:\n    definitoin: Speaks for it.\n  none:\n"
        "rules:\n  - {name: No Good, label: favor, pattern: '(', example: x}\n",
    )
    assert complaint(load_codebook, path) == (
        "codebook.yaml: 6 problems\n"
        "  codebook.yaml:2: version: should be text; found 1.0. Put it in quotes: '\"1.0\"'\n"
        "  codebook.yaml:5: labels.favor.definition: this key is missing; add it\n"
        '  codebook.yaml:6: labels.favor.definitoin: unknown key. Did you mean "definition"?\n'
        "  codebook.yaml:7: labels.none: should be a section, with keys of its own; found null.\n"
        "  codebook.yaml:9: rules.0.name: should match pattern '^[a-z0-9_]+$'; found \"No Good\".\n"
        "  codebook.yaml:9: rules.0.pattern: not a regular expression: missing ), unterminated subpattern at position 0"
    )


def test_a_misspelled_key_deep_in_a_label_is_named_with_its_line(write, complaint):
    path = changed(write, "why: A date", "wyh: A date")
    assert complaint(load_codebook, path) == (
        'codebook.yaml:14: labels.favor.near_misses.0.wyh: unknown key. Did you mean "why"?'
    )


def test_a_label_named_like_a_key_is_no_stumbling_block(write, complaint):
    path = write(
        "c.yaml", "name: x\nversion: '1'\nbackground: examples\nlabels: {examples: {definition: x, more: y}}\n"
    )
    assert complaint(load_codebook, path) == (
        "c.yaml:4: labels.examples.more: unknown key. "
        "Known here: definition, hypothesis, includes, excludes, examples, near_misses."
    )


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("background: none", "background: nonee", "codebook.yaml:{line}: background"),
        ("priority: [against]", "priority: [nonee]", "codebook.yaml:{line}: priority.0"),
        ("label: none, why", "label: nonee, why", "codebook.yaml:{line}: labels.favor.near_misses.0.label"),
        ("Sunday., label: against", "Sunday., label: nonee", "codebook.yaml:{line}: settled_cases.0.label"),
        ("    label: favor", "    label: nonee", "codebook.yaml:{line}: rules.0.label"),
    ],
)
def test_a_label_that_is_not_defined_is_an_error_wherever_it_is_mentioned(write, complaint, old, new, place):
    line = 1 + REFERENDUM[: REFERENDUM.index(old)].count("\n")
    assert complaint(load_codebook, changed(write, old, new)) == (
        f'{place.format(line=line)}: nonee is not among the labels none, favor, against. Did you mean "none"?'
    )


def test_every_label_that_is_not_defined_is_named(write, complaint):
    path = write(
        "codebook.yaml", REFERENDUM.replace("[against]", "[nobody]").replace("    label: favor", "    label: x")
    )
    assert complaint(load_codebook, path) == (
        "codebook.yaml: 2 problems\n"
        "  codebook.yaml:4: priority.0: nobody is not among the labels none, favor, against.\n"
        "  codebook.yaml:23: rules.0.label: x is not among the labels none, favor, against."
    )


def test_two_rules_of_one_name_are_an_error(write, complaint):
    rule = "  - {name: votes_for, label: favor, pattern: a, example: a}\n"
    path = write("codebook.yaml", REFERENDUM + rule)
    assert complaint(load_codebook, path) == (
        "codebook.yaml:26: rules.1.name: a rule above is named votes_for too. Rename one of the two"
    )


def test_a_label_defined_twice_is_an_error(write, complaint):
    path = changed(write, "  against:\n    definition", "  favor:\n    definition")
    message = complaint(load_codebook, path)
    assert message.startswith('codebook.yaml:15: not valid YAML: found duplicate key "favor" with value ')
    assert message.endswith(". Keep one of the two")


def test_a_pattern_to_abstain_on_is_checked_too(write, complaint):
    path = changed(write, "    example: She", "    unless: '['\n    example: She")
    assert complaint(load_codebook, path) == (
        "codebook.yaml:25: rules.0.unless: not a regular expression: unterminated character set at position 0"
    )


def test_the_config_gets_the_codebook_that_it_names(write, codebook):
    assert codebook_for(load_config(write("config.yaml", CONFIG))) == load_codebook(codebook)


def test_labels_that_only_one_of_config_and_codebook_has_are_named(write, codebook, complaint):
    config = load_config(write("config.yaml", CONFIG), ["labels=[favor, opposed, undecided]"])
    assert complaint(codebook_for, config) == (
        "codebook.yaml: labels differ from the config's: the config also has opposed, undecided; the codebook also has "
        "against. List the codebook's labels under `labels` and `background`."
    )


def test_labels_that_the_config_leaves_out_are_named(write, codebook, complaint):
    config = load_config(write("config.yaml", CONFIG), ["labels=[favor]"])
    assert complaint(codebook_for, config) == (
        "codebook.yaml: labels differ from the config's: the codebook also has against. "
        "List the codebook's labels under `labels` and `background`."
    )


def test_config_and_codebook_must_agree_on_the_background(write, codebook, complaint):
    config = load_config(write("config.yaml", CONFIG), ["labels=[favor, none]", "background=against"])
    assert complaint(codebook_for, config) == (
        'codebook.yaml: background is "none", the config has "against". Give both the same.'
    )
