"""States trade places in training, in the share that was asked for; or stand-ins take all their places."""

from pathlib import Path

import pytest
from toy import toy_examples

from pipeline.config.augment import AugmentConfig
from pipeline.countries.masking import Masker
from pipeline.models.effects import WORD, Effect, carried_back
from pipeline.train import augmented

COUNTRIES = Path(__file__).parent.parent / "data/countries.jsonl"


def test_without_a_table_training_sees_the_corpus_as_it_is():
    examples = toy_examples()
    assert augmented(examples, AugmentConfig(), 1) is examples


def test_only_sentences_that_name_a_state_change_and_only_there():
    examples = toy_examples()
    changed = augmented(examples, AugmentConfig(countries=COUNTRIES, share=1.0), 1)
    assert [e.label for e in changed] == [e.label for e in examples]
    pairs = [(one.text, other.text) for one, other in zip(examples, changed, strict=True) if one.text != other.text]
    assert pairs
    assert all("Kenya" in one or "Jordan" in one or "Cairo" in one or "Oslo" in one for one, _ in pairs)
    assert not any("Kenya" in other or "Jordan" in other for one, other in pairs if "Kenya" in one or "Jordan" in one)


def test_the_share_and_the_seed_count():
    examples = toy_examples(64)
    texts = [
        [e.text for e in augmented(examples, AugmentConfig(countries=COUNTRIES, share=share), seed)]
        for share, seed in ((0.5, 1), (0.5, 1), (0.5, 2), (1.0, 1))
    ]
    assert texts[0] == texts[1] != texts[2]
    n_changed = [sum(a != e.text for a, e in zip(some, examples, strict=True)) for some in (texts[0], texts[3])]
    assert 0.3 * n_changed[1] < n_changed[0] < 0.7 * n_changed[1]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Iran warned the Dutch, and Tehran meant it.", "Kenya warned Norwegians, and Nairobi meant it."),
        ("An Irish ship met President Putin's.", "A Kenyan ship met the Norwegian leader's."),
        ("US President Barack Obama warned Iran.", "The Kenyan leader warned Norway."),
        (
            "The Trump-Putin summit; 'Merkel will pay,' he said.",
            "The Kenyan leader-Norwegian leader summit; 'the Thai leader will pay,' he said.",
        ),
        ("Then-Chancellor Angela Merkel spoke in 'Russia'.", "Then-Kenyan leader spoke in 'Norway'."),
        ("A Kremlin aide; the Kremlin denied it.", "A Nairobi aide; Nairobi denied it."),
        ("ISLAMABAD: RUSSIA will pay the US.", "NAIROBI: NORWAY will pay Thailand."),
        ("Nobody is named here.", "Nobody is named here."),
    ],
)
def test_stand_ins_come_in_the_order_of_the_states(text, masked):
    assert Masker(COUNTRIES).mask(text) == masked


def test_a_table_without_the_usual_stand_ins_gives_its_own(tmp_path):
    rows = [
        row for row in COUNTRIES.read_text(encoding="utf-8").splitlines() if '"name": "Iran"' in row or "Chad" in row
    ]
    (tmp_path / "two.jsonl").write_text("\n".join(rows), encoding="utf-8")
    assert Masker(tmp_path / "two.jsonl").mask("Iran thanked Chad.") == "Chad thanked Iran."


def test_a_table_without_states_is_an_error(tmp_path, complaint):
    (tmp_path / "none.jsonl").write_text("", encoding="utf-8")
    message = complaint(Masker, tmp_path / "none.jsonl")
    assert message == f"{tmp_path}/none.jsonl: no state in it. Give one a line, as data/countries.jsonl does"


@pytest.mark.parametrize(
    "text", ["Norway and Kenya signed an Omani pact.", "US President Trump told Kenya: no.", "No name."]
)
def test_effects_go_back_to_the_words_that_they_are_of(text):
    pieces = Masker(COUNTRIES).pieces(text)
    seen = "".join(piece.text for piece in pieces)
    effects = [Effect(*match.span(), 2.0**place) for place, match in enumerate(WORD.finditer(seen))]
    back = carried_back(effects, pieces, text)
    assert sum(effect.value for effect in back) == sum(effect.value for effect in effects)
    assert [text[effect.start : effect.end] for effect in back] in (
        text.split(),
        ["US President Trump", "told", "Kenya:", "no."],
    )
    assert all(e.value == 2.0**place for place, e in enumerate(back)) or back[0].value == 1 + 2 + 4  # The Kenyan leader
