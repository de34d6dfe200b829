"""Agreement of annotators: known values, and what is said where it cannot be told."""

import json
from pathlib import Path

import pytest
from toy import write_jsonl

from pipeline.labeling.agreement import measure_agreement
from pipeline.records import Sentence

LABELS = ("warning", "grievance", "cooperative", "none")
# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C: nominal data with gaps, alpha 0.743
FOUR_OBSERVERS = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}


def labeled(**columns: str) -> list[Sentence]:
    """A sentence for each word of the columns; a dot is no label."""
    rows = zip(*(column.split() for column in columns.values()), strict=True)
    return [
        Sentence(
            "d", place, 0, 1, "x", f"t:{place}", None, {k: v for k, v in zip(columns, row, strict=True) if v != "."}
        )
        for place, row in enumerate(rows, start=1)
    ]


def test_alpha_is_that_of_the_books_example():
    found = measure_agreement(labeled(**FOUR_OBSERVERS), ("1", "2", "3", "4", "5"))
    assert found.alpha == pytest.approx(0.743, abs=0.0005)
    assert found.n_sentences == 11  # the last was labeled by one only
    assert found.counts == {"A": 9, "B": 11, "D": 11, "C": 10}


def test_kappa_is_counted_by_hand():
    found = measure_agreement(labeled(x="a a a a b b b b b b", y="a a a b b b b b b a"), ("a", "b"))
    [pair] = found.pairs
    assert pair.share == 0.8
    assert pair.kappa == pytest.approx((0.8 - 0.52) / (1 - 0.52))  # 0.4 · 0.4 + 0.6 · 0.6 by chance
    assert pair.by_label["a"] == pair.by_label["b"] == pytest.approx(pair.kappa)
    assert pair.confusion == ((3, 1), (1, 5))


def test_annotators_without_a_sentence_in_common_are_no_pair():
    found = measure_agreement(labeled(x="a a . .", y="a b a b", z=". . a b"), ("a", "b"))
    assert [(pair.one, pair.other) for pair in found.pairs] == [("x", "y"), ("y", "z")]
    assert [sentence.position for sentence in found.disputed] == [2]


def test_only_those_asked_for_are_compared():
    found = measure_agreement(labeled(x="a b", y="a b", z="b a"), ("a", "b"), ["x", "y"])
    assert (found.alpha, len(found.pairs)) == (1.0, 1)


def test_one_label_for_all_tells_nothing():
    found = measure_agreement(labeled(x="a a", y="a a"), ("a", "b"))
    assert found.alpha is None
    assert found.pairs[0].kappa is None
    assert found.pairs[0].by_label == {"a": None, "b": None}


@pytest.mark.parametrize(
    ("columns", "chosen", "message"),
    [
        ({"x": "a b"}, [], "agreement takes two annotators; found x. Name tables with labels of two by name"),
        ({"x": "a b", "y": "b ."}, ["z"], "annotator z: labeled no sentence; found x, y."),
        ({"x": "a .", "y": ". b"}, [], "no sentence was labeled by two of x, y. Give both the same sentences"),
        ({"x": "a b", "y": "a c"}, [], 't:2: label "c" of y is not one of a, b.'),
        (
            {"x": ". .", "y": ". ."},
            [],
            "agreement takes two annotators; found nobody: the column `annotators` is empty or not there. Name tables "
            "with labels of two by name",
        ),
    ],
)
def test_what_cannot_be_compared_is_an_error(complaint, columns, chosen, message):
    assert complaint(measure_agreement, labeled(**columns), ("a", "b"), chosen) == message


def test_the_command_shows_and_writes_it(here, stance):
    rows = [
        {"doc_id": "d", "position": place, "text": f"S{place}.", "label": "none", "annotators": {"x": one, "y": other}}
        for place, (one, other) in enumerate(
            [("none", "none"), ("warning", "grievance"), ("cooperative", "cooperative")], start=1
        )
    ]
    write_jsonl(Path("t.jsonl"), rows)
    codebook = {"name": "t", "version": "1", "background": "none", "labels": {n: {"definition": n} for n in LABELS}}
    Path("codebook.yaml").write_text(json.dumps(codebook))
    code, output, _ = stance(
        "label", "agreement", "t.jsonl", "--codebook", "codebook.yaml", "--disputed", "disputed.csv"
    )
    assert code == 0
    assert "Krippendorff's alpha: 0.615" in output
    assert "3 sentences with two labels or more (x 3, y 3); 1 with different ones" in output
    assert Path("disputed.csv").read_text().splitlines() == [
        "document,position,text,label,x,y",
        "d,2,S2.,none,warning,grievance",
    ]


def test_a_picture_or_list_of_another_kind_is_refused(complaint):
    from pipeline.labeling.confusion_picture import draw_agreement
    from pipeline.labeling.disputed import write_disputed

    found = measure_agreement(labeled(x="a b c", y="a b b"), ("a", "b", "c"))
    assert complaint(draw_agreement, found, Path("x.jpg")) == (
        "x.jpg: pictures are drawn as .png, .svg, .pdf. Name one of these"
    )
    assert complaint(write_disputed, Path("x.xlsx"), found.disputed, ["x", "y"], []) == (
        "x.xlsx: sentences in dispute are written as .csv or .jsonl. Name one of these"
    )


def test_the_picture_is_drawn(here):
    from matplotlib.image import imread

    from pipeline.labeling.confusion_picture import draw_agreement

    draw_agreement(measure_agreement(labeled(x="a b c", y="a b b", z="c b b"), ("a", "b", "c")), Path("x.png"))
    assert imread("x.png").shape[0] > 200
