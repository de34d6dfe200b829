"""The page and the card: what stands in them, that they need nothing else, and that they say what was found."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from toy import config_text

from pipeline import load_model
from pipeline.config import load_config
from pipeline.evaluation.explain import Explained, explain
from pipeline.evaluation.report.verdict import calibration_in_words, verdict
from pipeline.models.calibration import Abstention, Calibration
from pipeline.recipe import Audience, Recipe, run

ROOT = Path(__file__).parent.parent
FURTHER = f"""\
track: {{enabled: false}}
behavior: {{suites: {ROOT}/data/behavior, countries: {ROOT}/data/countries.jsonl}}
"""
TRAIN = "{kind: baseline, C: [0.000000001], class_weights: none, seeds: [1, 2]}"  # the same label always


class Checker(HTMLParser):
    """Knows whether every element is closed, and what the page would fetch."""

    VOID = frozenset({"meta", "br", "rect", "circle", "path", "polyline", "link", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)
        self.fetched += [value for name, value in attributes if name in {"src", "href"} and not value.startswith("#")]

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.fixture
def recipe(workplace) -> Recipe:
    Path("config.yaml").write_text(
        config_text("a<b", TRAIN, FURTHER).replace("name: a<b", "name: toy"), encoding="utf-8"
    )
    return run(load_config("config.yaml"), Audience())


def test_the_page_is_whole_needs_nothing_else_and_says_the_verdict_first(recipe):
    page = Path("runs/toy/report/report.html").read_text(encoding="utf-8")
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.fetched == []
    assert "<script" not in page
    test = recipe.evaluate.value.sets["test"]
    first = f"On {test.n_sentences} sentences of {test.n_documents} documents that it never saw, toy reaches a macro-F1"
    assert page.index(first) < page.index('<h2 id="figures">')
    for heading in ("Figures", "test: what was taken for what", "Behavior", "Errors", "Data and training", "Config"):
        assert f">{heading}</h2>" in page
    assert "mean of 2 trainings" in page
    assert "States trade places" in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_text_of_strangers_is_not_markup(workplace):
    rows = Path("corpus/toy.jsonl").read_text(encoding="utf-8").replace("the attack", "the <b>attack</b>")
    Path("corpus/toy.jsonl").write_text(rows, encoding="utf-8")
    Path("config.yaml").write_text(config_text(train=TRAIN, further="track: {enabled: false}\n"), encoding="utf-8")
    run(load_config("config.yaml"), Audience(), "report")
    assert "<b>attack" not in Path("runs/toy/report/report.html").read_text(encoding="utf-8")


def test_page_and_card_say_what_the_data_are(workplace):
    further = "track: {enabled: false}\nabout: Toys, and <nothing> else.\n"
    Path("config.yaml").write_text(config_text(train=TRAIN, further=further), encoding="utf-8")
    run(load_config("config.yaml"), Audience(), "report")
    page, card = (
        Path(f"runs/toy/report/{name}").read_text(encoding="utf-8") for name in ("report.html", "MODEL_CARD.md")
    )
    assert "Trained and tested on: Toys, and &lt;nothing&gt; else.</p>" in page
    assert "Toys, and <nothing> else. Labeled sentences from corpus" in card


def test_the_card_is_in_the_form_of_hugging_face_and_lies_with_the_model(recipe):
    card = Path("runs/toy/model/MODEL_CARD.md").read_text(encoding="utf-8")
    assert card == Path("runs/toy/report/MODEL_CARD.md").read_text(encoding="utf-8")
    _, front, body = card.split("---\n", 2)
    fields = YAML(typ="safe").load(front)
    assert fields["pipeline_tag"] == "text-classification"
    [model] = fields["model-index"]
    metric = model["results"][0]["metrics"][0]
    assert metric["value"] == pytest.approx(recipe.evaluate.value.sets["test"].headline.value, abs=1e-4)
    assert "## What it is for, and what not" in body
    assert "other states' names in the place of those of a sentence change its label in" in body
    assert load_model("runs/toy/model", "cpu").labels == recipe.evaluate.value.labels


def test_a_card_that_somebody_has_changed_stays_and_breaks_nothing(recipe):
    card = Path("runs/toy/model/MODEL_CARD.md")
    card.write_text("mine\n", encoding="utf-8")
    run(load_config("config.yaml"), Audience())
    assert card.read_text(encoding="utf-8") == "mine\n"
    card.unlink()
    run(load_config("config.yaml"), Audience())
    assert card.read_text(encoding="utf-8").startswith("---\n")


def test_errors_are_explained_by_words_and_by_training_sentences(recipe):
    found = recipe.explain.value
    assert found.errors
    train = {example.text: example.label for example in recipe.split.value.parts.train}
    for error in found.errors:
        assert error.label != error.predicted
        assert [error.text[e.start : e.end] for e in error.effects] == error.text.split()
        similarities = [near.similarity for near in error.neighbors]
        assert similarities == sorted(similarities, reverse=True)
        assert all(train[near.text] == near.label for near in error.neighbors)
    page = Path("runs/toy/report/report.html").read_text(encoding="utf-8")
    assert page.count('style="--effect: 1.00"') >= len(found.errors)


def test_of_many_training_sentences_only_those_with_common_words_are_compared(recipe, monkeypatch):
    model, parts = recipe.calibrate.value.model, recipe.split.value.parts
    wrong = [(parts.test[0], "none", 0.9)]
    every = explain(model, wrong, parts.train)
    monkeypatch.setattr("pipeline.evaluation.explain.N_CANDIDATES", 5)
    few = explain(model, wrong, parts.train)
    assert few.errors[0].neighbors[0].similarity == every.errors[0].neighbors[0].similarity
    assert len(few.errors[0].neighbors) == 3


def test_no_errors_are_nothing_to_explain(recipe):
    model, parts = recipe.calibrate.value.model, recipe.split.value.parts
    assert explain(model, [], parts.train) == Explained([])


def test_the_verdict_says_what_was_promised_and_what_was_kept(recipe):
    lines = verdict("toy", list(recipe.evaluate.value.sets.values()))
    assert any(line.startswith("It is weakest on ") for line in lines)
    assert any("calibration error " in line for line in lines)


@pytest.mark.parametrize(
    ("calibration", "abstention", "told"),
    [
        (Calibration(), Abstention(), "Probabilities are the model's own. The model never abstains."),
        (
            Calibration("temperature", temperature=1.5),
            Abstention("risk", 0.7, 0.1, 0.95),
            "Probabilities: temperature 1.50, fitted on the validation part. It abstains where the label's probability "
            "is under 0.700, so that at most 10% of the labels that it stands by are wrong on text like the validation "
            "part's, with 95% confidence.",
        ),
        (
            Calibration("isotonic"),
            Abstention("conformal", 0.2, 0.1),
            "Probabilities: an isotonic curve a label, fitted on the validation part. It abstains where not just one "
            "label has a probability of 0.200 or more; such labels hold the true one in 90% of sentences like the "
            "validation part's.",
        ),
    ],
)
def test_calibration_in_words(calibration, abstention, told):
    assert calibration_in_words(calibration, abstention) == told
