"""The warm-up: sentences of one label move together, those of others apart."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize
from toy import LABELS

from pipeline.models import make_model
from pipeline.models.transformer.contrastive import TEMPERATURE, Balanced, contrastive_loss
from pipeline.records import TrainingEvent


def test_the_loss_is_the_one_of_the_paper():
    vectors, labels = torch.randn(6, 3, generator=torch.manual_seed(0)), [0, 1, 0, 1, 0, 2]
    unit = normalize(vectors, dim=1)
    each = []
    for i in range(5):  # the last has nobody of its label
        others = [j for j in range(6) if j != i]
        near = {j: (unit[i] @ unit[j] / TEMPERATURE).exp() for j in others}
        alike = [j for j in others if labels[j] == labels[i]]
        each.append(-sum((near[j] / sum(near.values())).log() for j in alike) / len(alike))
    assert torch.allclose(contrastive_loss(vectors, torch.tensor(labels)), sum(each) / 5)


def test_without_pairs_there_is_nothing_to_learn():
    vectors = torch.randn(3, 2, requires_grad=True)
    loss = contrastive_loss(vectors, torch.tensor([0, 1, 2]))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(vectors.grad, torch.zeros(3, 2))


def test_labels_take_turns_and_rare_sentences_come_again():
    labels = [0] * 8 + [1] * 2
    order = list(Balanced(labels, seed=1))
    assert len(order) == 10
    assert [labels[place] for place in order] == [0, 1] * 5
    assert len({place for place in order if labels[place] == 0}) == 5  # none of the many twice
    assert list(Balanced(labels, seed=1)) == order != list(Balanced(labels, seed=2))


def test_an_epoch_is_in_another_order_than_the_one_before():
    sampler = Balanced([0, 0, 0, 0, 1, 1, 1, 1], seed=1)
    assert list(sampler) != list(sampler)


@pytest.fixture
def still(settings):
    """Settings under which the head and what follows the warm-up hardly move."""
    return settings["transformer"].model_copy(
        update={"epochs": 1, "contrastive_epochs": 8, "contrastive_batch_size": 16, "learning_rate": 0.005}
    )


def test_sentences_of_one_label_are_nearer_afterwards(still, examples):
    def apart(config):
        model = make_model(config, LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:])
        vectors = model.embed([e.text for e in examples[:72]])
        alike = np.equal.outer([e.label for e in examples[:72]], [e.label for e in examples[:72]])
        near = vectors @ vectors.T
        return near[alike].mean() - near[~alike].mean()

    assert apart(still) > apart(still.model_copy(update={"contrastive_epochs": 0})) + 0.1


def test_the_warm_up_is_seen_but_its_figures_are_not_those_of_training(still, examples):
    heard: list[TrainingEvent] = []
    make_model(still, LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:], listener=heard.append)
    totals = [event.total_steps for event in heard]
    assert totals[0] == 8 * 5  # sixteen of 72 a step
    assert [b for a, b in pairwise(totals) if a != b] == [9]
    assert not any(event.metrics for event in heard if event.total_steps == 40)
