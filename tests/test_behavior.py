"""States trade places in sentences, grammar and all; suites of cases pass and fail as they should."""

import json
from pathlib import Path

import numpy as np
import pytest
from toy import LABELS, read_csv

from pipeline.config.behavior import BehaviorConfig
from pipeline.config.evaluate import EvaluateConfig
from pipeline.countries import load_gazetteer
from pipeline.evaluation.behavior import STAGE, behave
from pipeline.evaluation.behavior.suites import read_suites, run_suites
from pipeline.evaluation.behavior.swaps import make_swaps, measure_swaps
from pipeline.models.contract import StanceModel
from pipeline.records import Example, Sentence, StanceError

ROOT = Path(__file__).parent.parent
COUNTRIES = ROOT / "data/countries.jsonl"
MEASURING = EvaluateConfig(bootstrap_draws=200)


class ByWord(StanceModel):
    """Says a label where its word stands in the text: warning for "force", grievance for "Iran", none otherwise."""

    kind = "by word"
    words = (("force", 1), ("Iran", 2))

    def __init__(self) -> None:
        super().__init__(None, LABELS, seed=0, device="cpu")

    def _fit(self, train, validation, listener, scratch):
        """There is nothing to learn."""

    def _raw_proba(self, texts, batch_size):
        rows = np.full((len(texts), 4), 0.1)
        for row, text in zip(rows, texts, strict=True):
            row[next((place for word, place in self.words if word in text), 3)] = 0.7
        return rows

    def _embed(self, texts, batch_size):
        return self._raw_proba(texts, batch_size)

    def save(self, folder):
        """Nothing was learned."""

    @classmethod
    def load(cls, folder, config, labels, **kwargs):
        return cls()


@pytest.fixture(scope="module")
def gazetteer():
    return load_gazetteer(COUNTRIES)


def example(text: str, document: str = "d") -> Example:
    return Example(Sentence(document, 1, 0, len(text), text, "here"), "none", "gold")


def test_every_state_has_its_names(gazetteer):
    assert len(gazetteer.countries) == 197
    assert {country.region for country in gazetteer.countries.values()} == {
        "Africa", "Americas", "Asia", "Europe", "Middle East", "Oceania",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "others", "expected"),
    [
        (
            "The United States and a French envoy met in Paris; Washington will answer.",
            {"United States": "France", "France": "Iran"},
            "France and an Iranian envoy met in Tehran; Paris will answer.",
        ),
        (
            "The Americans left an Iranian ship near the Gulf of Aden.",
            {"United States": "Netherlands", "Iran": "Ukraine"},
            "The Dutch left a Ukrainian ship near the Gulf of Aden.",
        ),
        (
            "Latin America welcomes China's offer and the UK's help.",
            {"China": "Kenya", "United Kingdom": "Turkey"},
            "Latin America welcomes Kenya's offer and Turkey's help.",
        ),
        (
            "US officials said the Philippines' navy and South Korea agreed.",
            {"Philippines": "Kenya", "South Korea": "Bahamas", "United States": "Oman"},
            "Omani officials said Kenya's navy and the Bahamas agreed.",
        ),
        (
            "Kenya arrived. Kenya thanked Japan.",
            {"Kenya": "Maldives"},
            "The Maldives arrived. The Maldives thanked Japan.",
        ),
        (
            "Papua New Guinea and Guinea-Bissau agreed.",
            {"Guinea": "Chad"},
            "Papua New Guinea and Guinea-Bissau agreed.",
        ),
        ("She told us that the US is ready.", {"United States": "Mexico"}, "She told us that Mexico is ready."),
        (
            "The US government met the UK Foreign Secretary.",
            {"United States": "France", "United Kingdom": "Iran"},
            "The French government met the Iranian Foreign Secretary.",
        ),
        (
            "The US warned the Dutch minister, and the Dutch are ready.",
            {"United States": "Oman", "Netherlands": "Chad"},
            "Oman warned the Chadian minister, and Chadians are ready.",
        ),
        (
            "US-Russian talks under the Paris Agreement near the Indian Ocean.",
            {"United States": "Chad", "Russia": "Oman"},
            "Chad-Omani talks under the Paris Agreement near the Indian Ocean.",
        ),
        (
            "Russian President Vladimir Putin warned Obama, and Mr. Putin's aides agreed.",
            {"Russia": "France", "United States": "Kenya"},
            "French President Jacques Chirac warned Ruto, and Mr. Chirac's aides agreed.",
        ),
        (
            "Merkel spoke first. Merkel's aide saw a Prime Minister May who smiled.",
            {"Germany": "Oman", "United Kingdom": "Denmark"},
            "The Omani leader spoke first. The Omani leader's aide saw a Prime Minister Thorning-Schmidt who smiled.",
        ),
        ("We expect Belgrade to answer.", {"Serbia": "Grenada"}, "We expect St. George's to answer."),
        ("President Putin warned them.", {"Russia": "North Korea"}, "Kim Jong Il warned them."),
        ("US President Barack Obama is here.", {"United States": "Kenya"}, "Kenyan President William Ruto is here."),
        ("An Omani and a Dutch ship.", {"Oman": "Chad", "Netherlands": "Egypt"}, "A Chadian and an Egyptian ship."),
    ],
)
def test_names_are_swapped_grammar_and_all(gazetteer, text, others, expected):
    assert gazetteer.swapped(text, others) == expected


def test_leaders_are_named_in_one_way(gazetteer):
    named = [(leader.name, leader.short) for country in gazetteer.countries.values() for leader in country.leaders]
    assert len(named) > 200
    assert len({name for name, _ in named}) == len(named)
    assert [short for name, short in named if short not in name] == ["Jokowi"]


def test_a_surname_that_is_a_word_names_nobody(gazetteer):
    assert gazetteer.mentions("May bush fires spare the brown hills; Brown and May know.") == []


def test_words_that_only_hold_a_name_stay(gazetteer):
    assert gazetteer.mentions("A male voter in New Mexico spoke of the Sea of Japan and of turkey.") == []


def test_two_states_of_a_sentence_stay_two_others(gazetteer):
    examples = [example("Iran accused Israel, and Israel accused Iran.")] * 40
    swaps = make_swaps(examples, gazetteer, 3, seed=1)
    assert len(swaps) == 120
    for swap in swaps:
        one, other = swap.countries
        assert one != other
        assert {one, other} & {"Iran", "Israel"} == set()
        assert len(gazetteer.mentions(swap.text)) >= 4 or "Congo" in swap.text or "Dominica" in swap.text
    assert len({name for swap in swaps for name in swap.countries}) > 180  # each state comes in about as often


def test_the_same_seed_swaps_the_same(gazetteer):
    examples = [example("Iran thanked Kenya.")]
    texts = [[swap.text for swap in make_swaps(examples, gazetteer, 5, seed)] for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_a_model_that_reads_names_flips_and_one_that_reads_sentences_does_not(gazetteer):
    names = [example("Iran is here.", f"d{i}") for i in range(50)]
    deeds = [example("Iran uses force.", f"d{i}") for i in range(50)]
    how = {"n_draws": 200, "confidence": 0.95, "seed": 1}
    by_name = measure_swaps(ByWord(), names, make_swaps(names, gazetteer, 2, 1), **how)
    by_deed = measure_swaps(ByWord(), deeds, make_swaps(deeds, gazetteer, 2, 1), **how)
    assert (by_name.n_sentences, by_name.n_swaps) == (50, 100)
    assert by_name.flip_rate.value == 1
    assert by_name.change.value == pytest.approx(0.6)
    assert (by_deed.flip_rate.value, by_deed.change.value) == (0, 0)
    assert sum(rate.n for rate in by_name.by_country.values()) == 100
    assert measure_swaps(ByWord(), names, [], **how) is None


CASES = {
    "flip": [
        {"id": "f1", "what": "negation", "text": "Force.", "changed": "No force."}
        | {"label": "warning", "changed_label": "none"},
        {"id": "f2", "what": "contrast", "text": "Calm.", "changed": "By force."}
        | {"label": "none", "changed_label": "warning"},
    ],
    "invariance": [{"id": "i1", "what": "country", "text": "Iran.", "label": "none", "changed": "Chad."}],
    "direction": [{"id": "d1", "what": "threat", "text": "Calm.", "changed": "Calm, or force.", "raises": "warning"}],
}  # fmt: skip


@pytest.fixture
def suites(tmp_path) -> Path:
    for name, cases in CASES.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return tmp_path


def test_rates_by_suite_and_kind_and_the_failures(suites):
    rates, failures = run_suites(ByWord(), read_suites(suites, LABELS.all), 0.95)
    passed = {(rate.suite, rate.what): (rate.n_passed, rate.n) for rate in rates}
    assert passed == {
        ("flip", "all"): (1, 2),
        ("flip", "negation"): (0, 1),
        ("flip", "contrast"): (1, 1),
        ("invariance", "all"): (0, 1),
        ("invariance", "country"): (0, 1),
        ("direction", "all"): (1, 1),
        ("direction", "threat"): (1, 1),
    }
    assert [failure.case.id for failure in failures] == ["f1", "i1"]
    one = next(rate for rate in rates if (rate.suite, rate.what) == ("flip", "all"))
    assert (one.low, one.high) == pytest.approx((0.0945, 0.9055), abs=1e-3)  # Wilson, 1 of 2


def test_what_is_saved_comes_back_with_the_failures_as_a_table(suites, tmp_path):
    examples = [example("Iran is here.", f"d{i}") for i in range(5)]
    config = BehaviorConfig(suites=suites, countries=COUNTRIES)
    result = behave(ByWord(), examples, config, MEASURING, seed=1)
    folder = tmp_path / "saved"
    folder.mkdir()
    STAGE.save(result, folder)
    assert STAGE.load(folder) == result
    rows = read_csv(folder / "failures.csv")
    assert [(row["id"], row["expected"], row["found"]) for row in rows] == [
        ("f1", "warning → none", "none → warning"),
        ("i1", "the same", "grievance → none"),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"id": "x"', "not JSON: Expecting ',' delimiter. Give one object a line"),
        ('{"id": "x", "what": "w", "text": "a", "changed": "b"}', "raises: Field required. See data/behavior"),
        (
            '{"id": "x", "what": "w", "text": "a", "changed": "b", "raises": "warn"}',
            'label "warn" is not one of cooperative, warning, grievance, none. Did you mean "warning"? Other labels '
            "want other suites: name yours under behavior.suites, or set it to null",
        ),
    ],
)
def test_a_broken_case_is_named(tmp_path, line, problem):
    (tmp_path / "direction.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(StanceError) as error:
        read_suites(tmp_path, LABELS.all)
    assert str(error.value) == f"{tmp_path}/direction.jsonl:1: {problem}"


def test_a_folder_without_suites_is_an_error(tmp_path):
    with pytest.raises(StanceError) as error:
        read_suites(tmp_path, LABELS.all)
    assert str(error.value) == (
        f"behavior.suites: {tmp_path}: holds none of flip.jsonl, invariance.jsonl, direction.jsonl. "
        "Name another folder, or leave it out"
    )


def test_a_broken_table_of_states_is_named(tmp_path):
    path = tmp_path / "states.jsonl"
    path.write_text('{"name": "Oz"}\n', encoding="utf-8")
    with pytest.raises(StanceError) as error:
        load_gazetteer(path)
    assert str(error.value) == f"{path}:1: article: Field required. See data/countries.jsonl"


def test_the_suites_of_the_project_can_be_read():
    assert {name: len(cases) for name, cases in read_suites(ROOT / "data/behavior", LABELS.all).items()} == {
        "flip": 240,
        "invariance": 300,
        "direction": 120,
    }
