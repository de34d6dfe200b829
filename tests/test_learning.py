"""What every kind that learns does, and how it tells of it."""

from collections import Counter

import numpy as np
import pytest
from toy import LABELS, toy_examples

from pipeline.models import LabelSet, StanceModel, make_model
from pipeline.records import Example, StanceError, TrainingEvent

N_CHOICES = {"baseline": 2, "static": 1, "embedding": 2, "transformer": 6, "cascade": 1}  # of C, and of epochs
every_kind = pytest.mark.parametrize("kind", N_CHOICES)
TEXTS = ["We welcome the talks.", "Any attack will be met with force, and it will be met soon.", "", "Ω 12 ?"]


def fitted(kind: str, settings: dict, examples: list[Example], **kwargs: object) -> StanceModel:
    model = make_model(settings[kind], LABELS, seed=13, device="cpu")
    return model.fit(examples[:72], examples[72:], **kwargs)


@every_kind
def test_the_same_seed_gives_the_same_model_to_the_last_digit(kind, settings, examples):
    one, again = (fitted(kind, settings, examples) for _ in range(2))
    np.testing.assert_array_equal(again.predict_proba(TEXTS), one.predict_proba(TEXTS))


@every_kind
def test_a_label_without_a_training_example_is_an_error(kind, settings, examples):
    without = [example for example in examples if example.label != "warning"]
    with pytest.raises(StanceError) as error:
        fitted(kind, settings, without)
    assert str(error.value) == (
        "train: no training example of warning. Label some, or take the label out of the config"
    )


@every_kind
def test_a_listener_hears_of_every_choice_in_order(kind, settings, examples):
    heard: list[TrainingEvent] = []
    fitted(kind, settings, examples, listener=heard.append)
    steps = [event.step for event in heard]
    assert steps == sorted(steps)
    assert heard[-1].step == heard[-1].total_steps
    assert sum("validation_macro_f1" in event.metrics for event in heard) == N_CHOICES[kind]


@pytest.mark.parametrize("kind", [kind for kind in N_CHOICES if kind != "cascade"])  # whose models have theirs
def test_other_labels_need_no_other_code(kind, settings):
    renamed = dict(zip(LABELS.all, ("for", "against", "mixed", "neither"), strict=True))
    labels = LabelSet(("for", "against", "mixed"), "neither")
    examples = [Example(e.sentence, renamed[e.label], "gold") for e in toy_examples()]
    model = make_model(settings[kind], labels, seed=13, device="cpu").fit(examples[:72], examples[72:])
    answers = Counter(p.label for p in model.predict([e.text for e in examples]))
    assert set(answers) == set(labels.all)
