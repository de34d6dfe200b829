"""A pattern looked for only where it can begin finds what `finditer` finds."""

import re
from pathlib import Path

import pytest

from pipeline.countries import load_gazetteer
from pipeline.countries.scan import Scan

TEXTS = (
    "The Netherlands and the United States met; the Dutch minister left.",
    "US President Donald Trump warned Iran, the Islamic Republic, and Mr. Putin.",
    "ISLAMABAD and New Delhi; côte d'Ivoire, Côte d'Ivoire; the theThe The the US",
    "",
    "no state at all in these words, though the word the is",
)


@pytest.mark.parametrize("text", TEXTS)
def test_it_finds_the_same_as_the_pattern_alone(text):
    gazetteer = load_gazetteer(Path(__file__).parent.parent / "data/countries.jsonl")
    for scan in (gazetteer._pattern, gazetteer._leaders._scan):
        found = [(match.span(), match.groupdict()) for match in scan.finditer(text)]
        assert found == [(match.span(), match.groupdict()) for match in scan.pattern.finditer(text)]


def test_matches_do_not_overlap_and_may_begin_with_words():
    scan = Scan(re.compile("(?:the )?aa|b"), ["a", "b", "the "])
    assert [match[0] for match in scan.finditer("the aaa aaaa the b, th aa")] == ["the aa", "aa", "aa", "b", "aa"]


def test_a_pattern_that_can_begin_nowhere_is_found_nowhere():
    assert list(Scan(re.compile("(?!)"), []).finditer("any text")) == []
