"""One annotator against the rest, as one would count it by hand."""

import pytest
from toy import LABELS

from pipeline.ceiling import human_ceiling
from pipeline.records import Sentence


def labeled(*rows: dict[str, str]) -> list[Sentence]:
    return [Sentence("d", i, 0, 1, "x", "x", annotators=row) for i, row in enumerate(rows)]


def test_it_is_counted_by_hand():
    found = human_ceiling(
        labeled(
            {"a": "warning", "b": "warning", "c": "warning"},
            {"a": "none", "b": "warning", "c": "warning"},
            {"a": "warning", "b": "none", "c": "grievance"},  # the rest is divided but for nobody
            {"a": "none"},
        ),
        LABELS,
    )
    assert found.n_sentences == 3
    assert found.error == pytest.approx((1 / 2 + 0 + 0) / 3)  # of b and c the second sentence's rest is divided, too
    assert found.by_label["warning"] == pytest.approx((2 / 3 + 1 + 1) / 3)
    assert found.by_annotator == pytest.approx({"a": 2 / 9, "b": 1 / 3, "c": 1 / 3})
    assert found.macro_f1 == pytest.approx((2 / 9 + 1 / 3 + 1 / 3) / 3)


def test_of_two_annotators_each_is_the_others_rest():
    found = human_ceiling(labeled({"a": "warning", "b": "none"}, {"a": "none", "b": "none"}), LABELS)
    assert (found.error, found.n_sentences) == (0.5, 2)


@pytest.mark.parametrize("rows", [[], [{"a": "none"}], [{}]])
def test_without_two_labels_of_one_sentence_there_is_none(rows):
    assert human_ceiling(labeled(*rows), LABELS) is None
