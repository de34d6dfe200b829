"""The nouns, and the two helpers that error messages are made with."""

from dataclasses import FrozenInstanceError

import pytest

from pipeline.records import Example, Parts, Sentence, did_you_mean, listing

SENTENCE = Sentence("news-01", 3, 10, 19, "They met.", "news.csv:4")


def test_a_sentence_is_known_by_its_document_and_position():
    assert SENTENCE.id == "news-01#3"


def test_a_sentence_has_neither_label_nor_annotators_unless_people_gave_them():
    assert SENTENCE.gold is None
    assert SENTENCE.annotators == {}


def test_records_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        SENTENCE.gold = "warning"


def test_an_example_reads_as_its_sentence():
    assert Example(SENTENCE, "none", "gold").text == "They met."


def test_parts_come_in_the_order_in_which_they_are_used():
    one, two, three = (Example(SENTENCE, label, "gold") for label in ("a", "b", "c"))
    parts = Parts(train=[one], test=[three], validation=[two])
    assert parts.items() == [("train", [one]), ("validation", [two]), ("test", [three])]


@pytest.mark.parametrize(
    ("found", "hint"),
    [
        ("warn", ' Did you mean "warning"?'),
        ("greivance", ' Did you mean "grievance"?'),
        ("nothing at all", ""),
        ("", ""),
        (3, ""),
    ],
)
def test_the_nearest_known_word_is_suggested_and_nothing_far_off(found, hint):
    assert did_you_mean(found, ["warning", "grievance", "none"]) == hint


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b", "c"], "a, b, c"),
        (["a", "b", "c", "d"], "a, b, c and 1 more"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_a_listing_shows_three_and_counts_the_rest(items, shown):
    assert listing(items) == shown


def test_a_listing_may_show_fewer():
    assert listing(["a", "b", "c"], most=1) == "a and 2 more"
