"""States trade places in training, in the share that was asked for; or stand-ins take all their places."""

from pathlib import Path

import pytest
from toy import toy_examples

from pipeline.config.augment import AugmentConfig
from pipeline.countries.masking import Masker
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
        ("An Irish ship met President Putin's.", "A Kenyan ship met Prime Minister Stoltenberg's."),
        ("Nobody is named here.", "Nobody is named here."),
    ],
)
def test_stand_ins_come_in_the_order_of_the_states(text, masked):
    masker = Masker(COUNTRIES)
    assert masker.mask(text) == masked
    assert masker.mask(masked) == masked


def test_a_table_without_the_usual_stand_ins_gives_its_own(tmp_path):
    rows = [
        row for row in COUNTRIES.read_text(encoding="utf-8").splitlines() if '"name": "Iran"' in row or "Chad" in row
    ]
    (tmp_path / "two.jsonl").write_text("\n".join(rows), encoding="utf-8")
    assert Masker(tmp_path / "two.jsonl").mask("Iran thanked Chad.") == "Chad thanked Iran."
