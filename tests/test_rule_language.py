"""What a rule may say besides a pattern: words in all their forms, parts of a sentence, conditions, exceptions."""

import re

import pytest

from pipeline.codebook import load_codebook
from pipeline.codebook.scope import SCOPES, part
from pipeline.codebook.words import alternatives, inflected
from pipeline.labeling import RuleSet

CODEBOOK = """\
name: toy
version: "1"
background: none
labels:
  grievance: {{definition: Complaints.}}
  warning: {{definition: Threats.}}
  none: {{definition: The rest.}}
lists:
  blaming: [blame, deny, call out]
rules:
  - {{name: rule, label: grievance, {keys}, example: We blame them.}}
"""


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("protest", "protest protests protested protesting"),
        ("denounce", "denounce denounces denounced denouncing"),
        ("deny", "deny denies denied denying"),
        ("delay", "delay delays delayed delaying"),
        ("ban", "ban bans banned banning"),
        ("clash", "clash clashes clashed clashing"),
        ("agree", "agree agrees agreed agreeing"),
        ("vow", "vow vows vowed vowing"),
        ("compel", "compel compels compeled compeling compelled compelling"),
        ("strike/struck", "strike strikes striked striking struck"),
        ("appalled!", "appalled"),
    ],
)
def test_a_word_has_its_regular_forms_and_those_it_names(word, forms):
    assert inflected(word) == forms.split()


def test_of_a_phrase_the_first_word_is_inflected():
    assert inflected("stand by/stood by") == ["stand by", "stands by", "standed by", "standing by", "stood by"]


def test_forms_are_found_as_they_are_and_blanks_as_any_space():
    pattern = re.compile(rf"\b{alternatives(['call off', 'U.N.!'])}\b")
    assert pattern.search("They called\u00a0off the talks")
    assert pattern.search("the UxNx") is None


@pytest.mark.parametrize(
    ("text", "scope", "expected"),
    [
        ("We want peace, but we will answer.", "after_but", " we will answer."),
        ("We want peace; however, we will answer.", "after_but", " we will answer."),
        ("But we will answer.", "after_but", " we will answer."),
        ("Not only ties, but also trade.", "after_but", ""),
        ("Nothing but trouble.", "after_but", ""),
        ("It has yet to come.", "after_but", ""),
        ("A, but B, yet C.", "after_but", " C."),
        ("Although we protest, we will talk.", "main_clause", " we will talk."),
        ("We will talk, although they broke it, tomorrow.", "main_clause", "We will talk, tomorrow."),
        ("While we talk, they fire, but we welcome it.", "main_clause", " we welcome it."),
        ("They met.", "main_clause", "They met."),
        ('"We protest," he said, "and we act."', "quotation", "We protest, and we act."),
        ('"We protest," he said.', "outside_quotation", "  he said."),
        ('"We protest and we act.', "quotation", "We protest and we act."),
        ('We protest and we act."', "quotation", "We protest and we act."),
        ("He said so.", "quotation", ""),
        ("He said so.", "outside_quotation", "He said so."),
    ],
)
def test_a_scope_is_a_part_of_the_sentence(text, scope, expected):
    assert part(text, scope) == expected


def votes(write, keys: str, text: str) -> list[str]:
    return [
        vote.rule for vote in RuleSet(load_codebook(write("codebook.yaml", CODEBOOK.format(keys=keys)))).votes(text)
    ]


@pytest.mark.parametrize(
    ("keys", "found", "left"),
    [
        ("words: [blame, accuse]", "He accused us.", "He told us."),
        ("pattern: 'they {blaming} us'", "They denied us", "They denounced us"),
        ("words: [blame], within: main_clause", "They blame us.", "Although they blame us, we talk."),
        ("words: [blame], within: after_but", "They talk, but they blame us.", "They blame us, but they talk."),
        ("pattern: '^they blame', within: quotation", 'He said: "They blame us."', "They blame us, he said."),
        ("words: [blame], where: '\\bus\\b'", "They blame us.", "They blame him."),
        ("words: [blame], unless: '\\bno\\s{blaming}'", "They blame us.", "There is no blame."),
        ("words: [U.S.!]", "The U.S. said no.", "The US said no."),
        ("pattern: 'blame(?! them)', within: after_but", "No, but we blame us.", "No, but we blame them."),
    ],
)
def test_a_rule_holds_where_all_that_it_says_does(write, keys, found, left):
    assert (votes(write, keys, found), votes(write, keys, left)) == (["rule"], [])


@pytest.mark.parametrize(
    ("scope", "pattern", "text"),
    [
        ("outside_quotation", "they\\s+attack", 'They "never" attack us.'),
        ("main_clause", "we,? will", "We, although angry, will respond."),
        ("quotation", "protest\\s+we", '"We protest" he said "we do".'),
        ("sentence", "caf\\xe9", "The café will close."),
        ("sentence", "[a-ÿ]{{3}}", "zyz"),
    ],
)
def test_what_is_found_over_a_joint_or_by_number_is_found_by_the_prefilter_too(write, scope, pattern, text):
    keys = f"pattern: '{pattern}', within: {scope}".replace("{{", "{").replace("}}", "}")
    rules = RuleSet(load_codebook(write("codebook.yaml", CODEBOOK.format(keys=keys))))
    rules._prefilter._prepare()
    assert [vote.rule for vote in rules.votes(text)] == ["rule"]


@pytest.mark.parametrize("scope", SCOPES)
def test_the_prefilter_leaves_nothing_out_whatever_the_scope(write, examples, scope):
    book = load_codebook(write("codebook.yaml", CODEBOOK.format(keys=f"pattern: 'we|$', within: {scope}")))
    rules = RuleSet(book)
    rules._prefilter._prepare()
    for example in examples:
        expected = re.search("we|$", part(example.text, scope), re.IGNORECASE) is not None
        assert bool(rules.votes(example.text)) == expected


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("pattern: a, words: [b]", "a rule has a pattern or words; found both"),
        ("unless: a", "a rule has a pattern or words; found neither"),
        ("pattern: '{blamin}'", 'no list is named blamin; there are blaming. Did you mean "blaming"?'),
        ("pattern: a, within: clause", "rules.0.within"),
        ("words: [take/took/]", "rules.0.words.0"),
    ],
)
def test_a_rule_that_cannot_be_is_named(write, complaint, keys, message):
    assert message in complaint(load_codebook, write("codebook.yaml", CODEBOOK.format(keys=keys)))
