"""What only the transformer does: pooling, weights, checkpoints, precision, where encoders come from."""

import errno
import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy
from toy import LABELS, without_dropout

from pipeline.config.train import TransformerTraining
from pipeline.models import make_model
from pipeline.models.device import Choice, choose_device, choose_precision
from pipeline.models.encoders import fingerprint_encoder, locate
from pipeline.models.saved import load_saved, save_model
from pipeline.models.transformer import TransformerModel
from pipeline.models.transformer.adversarial import perturbed
from pipeline.models.transformer.averaging import WeightAveraging
from pipeline.models.transformer.checkpoints import last_whole
from pipeline.models.transformer.encoder import load_encoder
from pipeline.models.transformer.layers import parameter_groups
from pipeline.models.transformer.network import Classifier, Shape
from pipeline.models.transformer.objective import Objective, class_weights, targets
from pipeline.models.transformer.pieces import pieces
from pipeline.models.transformer.pooling import AttentionPooling, pool
from pipeline.models.transformer.trainer import StanceTrainer
from pipeline.records import Example, StanceError, TrainingEvent
from pipeline.store import fingerprint

TEXTS = ["We welcome the talks.", "Any attack will be met with force.", "The ship has a crew of twelve."]


@pytest.fixture
def config(settings) -> TransformerTraining:
    return settings["transformer"]


def train(config, examples, seed=13, **kwargs) -> TransformerModel:
    model = make_model(config, LABELS, seed=seed, device="cpu")
    return model.fit(examples[:72], examples[72:], **kwargs)


def test_another_seed_gives_another_model(config, examples):
    one, other = (train(config.model_copy(update={"epochs": 1}), examples, seed) for seed in (1, 2))
    assert not np.allclose(one.predict_proba(TEXTS), other.predict_proba(TEXTS), atol=1e-3)


def test_mean_pooling_leaves_padding_out():
    tokens = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [100.0, 100.0]]])
    mask = torch.tensor([[1, 1, 0]])
    assert pool(tokens, mask, "mean").tolist() == [[2.0, 3.0]]
    assert pool(tokens, mask, "cls").tolist() == [[1.0, 2.0]]


def test_a_sentence_scores_the_same_beside_a_longer_one(config, examples):
    model = train(config.model_copy(update={"epochs": 1}), examples)
    alone = model.predict_proba(TEXTS[:1])
    beside = model.predict_proba([TEXTS[0], " ".join(TEXTS * 3)], batch_size=2)[:1]
    np.testing.assert_allclose(alone, beside, atol=1e-6)


def test_balanced_weights_are_one_on_average_and_larger_for_rare_labels(config, examples):
    rare = [e for e in examples if e.label != "none"] + [e for e in examples if e.label == "none"][:6]
    weights = class_weights(rare, LABELS)
    places = [LABELS.all.index(example.label) for example in rare]
    assert weights[places].mean().item() == pytest.approx(1)
    assert weights[3] == 4 * weights[0]  # 6 against 24


def test_the_loss_of_a_step_does_not_depend_on_how_it_is_cut():
    loss = Objective(torch.tensor([1.0, 2.0, 3.0, 0.5]), smoothing=0.1, agreement=0.5)
    views = torch.randn(2, 8, 4, generator=torch.manual_seed(0))
    targets = torch.eye(4)[[0, 1, 2, 3, 0, 0, 1, 3]]
    whole = loss(views, targets, 8)
    assert torch.allclose(whole, sum(loss(views[:, s], targets[s], 8) for s in (slice(3), slice(3, 8))))


def test_the_loss_is_weighted_cross_entropy_and_half_the_divergences_of_two_views():
    weights, targets = torch.tensor([1.0, 2.0, 3.0, 0.5]), torch.tensor([0, 1, 3])
    one, other = torch.randn(2, 3, 4, generator=torch.manual_seed(0))
    classic = [cross_entropy(v, targets, weight=weights, label_smoothing=0.2, reduction="sum") for v in (one, other)]
    hot = torch.eye(4)[targets]
    assert torch.allclose(Objective(weights, smoothing=0.2)(one, hot, 3), classic[0] / 3)
    p, q = one.softmax(1), other.softmax(1)
    divergence = ((p * (p / q).log()).sum() + (q * (q / p).log()).sum()) / 4
    expected = (sum(classic) / 2 + 0.7 * divergence) / 3
    assert torch.allclose(Objective(weights, 0.2, agreement=0.7)(torch.stack([one, other]), hot, 3), expected)


def test_votes_of_annotators_may_be_the_target(examples):
    voted = replace(examples[0].sentence, annotators={"one": "warning", "two": "none", "three": "odd"})
    example = Example(voted, "none", "gold")
    assert targets([example], LABELS) == [[0, 0, 0, 1]]
    assert targets([example], LABELS, by_votes=True) == [[0, pytest.approx(1 / 3), 0, pytest.approx(2 / 3)]]


def test_a_target_may_be_a_distribution(examples):
    shared = replace(examples[0], shares={"warning": 0.25, "none": 0.75})
    assert targets([shared, examples[1]], LABELS)[0] == [0, 0.25, 0, 0.75]
    assert sum(targets([examples[1]], LABELS)[0]) == max(targets([examples[1]], LABELS)[0]) == 1


def test_learned_pooling_starts_as_the_mean_and_leaves_padding_out():
    tokens = torch.randn(2, 3, 4, generator=torch.manual_seed(0))
    mask = torch.tensor([[1, 1, 0], [1, 1, 1]])
    pooling = AttentionPooling(4)
    assert torch.allclose(pooling(tokens, mask), pool(tokens, mask, "mean"), atol=1e-6)
    torch.nn.init.ones_(pooling.score.weight)
    weighted = pooling(tokens, mask)
    assert not torch.allclose(weighted, pool(tokens, mask, "mean"), atol=1e-3)
    tokens[0, 2] = 1e3
    assert torch.allclose(pooling(tokens, mask), weighted)


def test_lower_layers_learn_more_slowly_and_biases_do_not_decay(config, encoder_dir):
    network = Classifier(load_encoder(str(encoder_dir), "main")[0], Shape(4))
    groups = parameter_groups(network, 0.1, 0.5, 0.01)
    rates = {id(p): (g["lr"], g["weight_decay"]) for g in groups for p in g["params"]}
    layer = network.encoder.encoder.layer[0].output.dense
    assert groups[0]["lr"] == 0.1  # the one that is shown
    assert rates[id(network.head.weight)] == (0.1, 0.01)
    assert rates[id(layer.weight)] == (0.05, 0.01)
    assert rates[id(layer.bias)] == (0.05, 0.0)
    assert rates[id(network.encoder.embeddings.word_embeddings.weight)] == (0.025, 0.01)
    assert len(rates) == sum(p.requires_grad for p in network.parameters())


def test_embeddings_are_moved_along_their_gradient_and_back(encoder_dir):
    encoder, _ = load_encoder(str(encoder_dir), "main")
    table = encoder.get_input_embeddings().weight
    before = table.detach().clone()
    encoder(input_ids=torch.tensor([[2, 5, 3]])).last_hidden_state[..., 0].sum().backward()
    with perturbed(encoder, 0.5):
        moved = table.detach() - before
    assert moved.norm().item() == pytest.approx(0.5, rel=1e-4)
    assert torch.nn.functional.cosine_similarity(moved.flatten(), table.grad.flatten(), dim=0) > 0.999
    assert torch.equal(table, before)


def test_the_average_of_the_weights_is_what_is_kept_and_what_is_resumed(config, examples, tmp_path):
    averaged = config.model_copy(update={"average_decay": 0.9, "dropout": 0.2})
    unbroken = train(averaged, examples, scratch=tmp_path / "unbroken")
    with pytest.raises(KilledError):
        train(averaged, examples, scratch=tmp_path / "broken", listener=kill_at(31))
    resumed = train(averaged, examples, scratch=tmp_path / "broken")
    np.testing.assert_array_equal(resumed.predict_proba(TEXTS), unbroken.predict_proba(TEXTS))
    plain = train(averaged.model_copy(update={"average_decay": 0.0}), examples)
    assert not np.allclose(plain.predict_proba(TEXTS), unbroken.predict_proba(TEXTS), atol=1e-3)


def test_the_average_moves_slowly_and_gives_the_weights_back():
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)
    averaging = WeightAveraging(network, decay=0.75)
    state = SimpleNamespace(global_step=90)  # (1 + 90) / (10 + 90) is above the decay
    torch.nn.init.ones_(network.weight)
    averaging.on_step_end(None, state, None)
    averaging.on_step_end(None, state, None)
    with averaging.in_place():
        assert network.weight.item() == pytest.approx(0.25 + 0.75 * 0.25)
    assert network.weight.item() == 1


def test_out_of_memory_takes_the_same_sentences_in_more_batches(config, examples, monkeypatch):
    asked = train(config.model_copy(update={"batch_size": 2, "gradient_accumulation": 4}), examples)
    forward, sizes, notes = Classifier.forward, [], []

    def cramped(self, input_ids, attention_mask, token_type_ids=None):
        if self.training:
            sizes.append(len(input_ids))
            if len(input_ids) > 2 and len(sizes) > 3:  # some batches fit
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return forward(self, input_ids, attention_mask, token_type_ids)

    monkeypatch.setattr(Classifier, "forward", cramped)
    halved = train(config, examples, listener=lambda event: notes.append(event.note) if event.note else None)
    assert sizes[:5] == [8, 8, 8, 8, 4]
    assert max(sizes[5:]) == 2
    assert notes == [
        "out of memory with 8 sentences a batch: goes on with 4, and as many a step as before. Lower "
        "train.batch_size and raise train.gradient_accumulation to begin so",
        "out of memory with 4 sentences a batch: goes on with 2, and as many a step as before. Lower "
        "train.batch_size and raise train.gradient_accumulation to begin so",
    ]
    np.testing.assert_array_equal(halved.predict_proba(TEXTS), asked.predict_proba(TEXTS))


def test_a_warm_up_that_the_memory_does_not_hold_is_an_error(config, examples, monkeypatch, complaint):
    def cramped(self, input_ids, attention_mask, token_type_ids=None, vectors_only=False):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(Classifier, "forward", cramped)
    assert complaint(train, config.model_copy(update={"contrastive_epochs": 1}), examples) == (
        "train.contrastive_batch_size: 32: out of memory. Lower train.contrastive_batch_size or train.max_length, or "
        "take a smaller encoder"
    )


def test_a_sentence_that_the_memory_does_not_hold_is_an_error(config, examples, monkeypatch, complaint):
    def cramped(self, input_ids, attention_mask, token_type_ids=None):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(Classifier, "forward", cramped)
    assert complaint(train, config, examples) == (
        "train.batch_size: 1: out of memory. Lower train.batch_size or train.max_length, set "
        "train.gradient_checkpointing to true, or take a smaller encoder"
    )


@pytest.mark.filterwarnings("ignore:`torch.jit.script_method`:DeprecationWarning")  # of torch's own compiler
@pytest.mark.parametrize(
    "change",
    [pytest.param({"compile": True}, marks=pytest.mark.slow), {"gradient_checkpointing": True}],
    ids=["compile", "gradient_checkpointing"],
)
def test_what_makes_training_faster_or_smaller_leaves_the_model_as_it_is(
    config, examples, encoder_dir, tmp_path, change
):
    encoder = str(without_dropout(encoder_dir, tmp_path / "encoder"))
    exact = config.model_copy(update={"epochs": 2, "max_length": 16, "encoder": encoder})
    plain, other = (train(c, examples) for c in (exact, exact.model_copy(update=change)))
    np.testing.assert_allclose(other.predict_proba(TEXTS), plain.predict_proba(TEXTS), atol=2e-3)
    assert list(other.network_.state_dict()) == list(plain.network_.state_dict())


def test_compiling_without_a_compiler_is_an_error(config, examples, monkeypatch, complaint):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert complaint(train, config.model_copy(update={"compile": True}), examples) == (
        "train.compile: no C++ compiler found, which torch.compile needs. Install g++, or set it to false"
    )


def test_a_disk_that_fills_up_leaves_the_earlier_checkpoint_whole(config, examples, tmp_path, monkeypatch):
    save, full = torch.save, OSError(errno.ENOSPC, "No space left on device")

    def filling(value, path, *args, **kwargs):
        save(value, path, *args, **kwargs)
        if "checkpoint-27" in str(path):
            raise full

    unbroken = train(config, examples)
    monkeypatch.setattr(torch, "save", filling)
    with pytest.raises(StanceError) as error:
        train(config, examples, scratch=tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: the disk is full: a checkpoint cannot be written. Free some room and give the same "
        "command again: training goes on from the last whole checkpoint"
    )
    monkeypatch.undo()
    steps: list[int] = []
    resumed = train(config, examples, scratch=tmp_path, listener=lambda event: steps.append(event.step))
    assert min(steps) == 19
    np.testing.assert_array_equal(resumed.predict_proba(TEXTS), unbroken.predict_proba(TEXTS))


class KilledError(Exception):
    pass


def kill_at(step: int):
    def listener(event: TrainingEvent) -> None:
        if event.step == step and not event.metrics:
            raise KilledError

    return listener


def test_a_killed_training_goes_on_and_ends_as_an_unbroken_one(config, examples, tmp_path):
    unbroken = train(config, examples, scratch=tmp_path / "unbroken")
    steps: list[int] = []
    with pytest.raises(KilledError):
        train(config, examples, scratch=tmp_path / "broken", listener=kill_at(31))
    resumed = train(config, examples, scratch=tmp_path / "broken", listener=lambda event: steps.append(event.step))
    assert min(steps) == 28  # nine steps an epoch; the third epoch's checkpoint is the last whole one
    np.testing.assert_array_equal(resumed.predict_proba(TEXTS), unbroken.predict_proba(TEXTS))


def test_every_technique_at_once_is_resumed_as_it_was(config, examples, tmp_path):
    settings = {"contrastive_epochs": 1, "average_decay": 0.9, "r_drop": 0.5, "adversarial": 0.3, "dropout_samples": 2}
    every = config.model_copy(update={**settings, "dropout": 0.1, "epochs": 4, "learning_rate": 0.005})
    unbroken = train(every, examples, scratch=tmp_path / "unbroken")
    with pytest.raises(KilledError):
        train(every, examples, scratch=tmp_path / "broken", listener=kill_at(31))
    resumed = train(every, examples, scratch=tmp_path / "broken")
    np.testing.assert_array_equal(resumed.predict_proba(TEXTS), unbroken.predict_proba(TEXTS))


def test_a_half_written_checkpoint_is_thrown_away(config, examples, tmp_path):
    with pytest.raises(KilledError):
        train(config, examples, scratch=tmp_path, listener=kill_at(31))
    newest = last_whole(tmp_path)
    half = tmp_path / "checkpoint-36"
    shutil.copytree(newest, half)
    (half / "whole").unlink()
    (half / "model.safetensors").write_bytes(b"half")
    assert last_whole(tmp_path) == newest
    assert not half.exists()


def test_a_scratch_folder_may_be_moved(config, examples, tmp_path):
    with pytest.raises(KilledError):
        train(config, examples, scratch=tmp_path / "here", listener=kill_at(31))
    shutil.move(tmp_path / "here", tmp_path / "there")
    moved = train(config, examples, scratch=tmp_path / "there")
    np.testing.assert_array_equal(moved.predict_proba(TEXTS), train(config, examples).predict_proba(TEXTS))


def test_training_stops_early_and_keeps_the_best_epoch(config, examples):
    heard: list[TrainingEvent] = []
    patient = config.model_copy(update={"early_stopping": 2, "epochs": 40, "learning_rate": 0.2})  # it swings
    model = train(patient, examples, listener=heard.append)
    scores = [e.metrics["validation_macro_f1"] for e in heard if "validation_macro_f1" in e.metrics]
    assert len(scores) < 40
    assert scores[-1] < max(scores)
    from pipeline.models.selection import macro_f1

    held_out = examples[72:]
    answers = [p.label for p in model.predict([e.text for e in held_out])]
    assert macro_f1([e.label for e in held_out], answers, LABELS) == pytest.approx(max(scores))


def test_frozen_layers_keep_their_weights_and_the_others_do_not(config, examples, encoder_dir):
    from transformers import AutoModel

    before = AutoModel.from_pretrained(encoder_dir).state_dict()
    model = train(config.model_copy(update={"epochs": 1, "frozen_layers": 1}), examples)
    after = model.network_.encoder.state_dict()
    frozen = [name for name in before if name.startswith(("embeddings.", "encoder.layer.0."))]
    assert len(frozen) > 10
    assert all(torch.equal(before[name], after[name]) for name in frozen)
    moved = train(config.model_copy(update={"epochs": 1}), examples).network_.encoder.state_dict()
    assert not torch.equal(before["encoder.layer.0.output.dense.weight"], moved["encoder.layer.0.output.dense.weight"])


def test_frozen_layers_drop_nothing_out_while_the_others_train(config, examples):
    network = train(config.model_copy(update={"epochs": 1, "frozen_layers": 1}), examples).network_.train()
    drops = {name: module.training for name, module in network.named_modules() if isinstance(module, torch.nn.Dropout)}
    frozen = {name for name in drops if name.startswith(("encoder.embeddings.", "encoder.encoder.layer.0."))}
    assert len(frozen) >= 3
    assert {name for name, training in drops.items() if not training} == frozen
    assert drops["dropout"]
    assert not any(module.training for module in network.eval().modules())


def test_more_frozen_layers_than_there_are_is_an_error(config, examples, complaint):
    assert complaint(train, config.model_copy(update={"frozen_layers": 2}), examples) == (
        "train.frozen_layers: 2: this encoder has 1 layers. Freeze fewer"
    )


def test_gradient_accumulation_takes_fewer_steps(config, examples):
    heard: list[TrainingEvent] = []
    train(config.model_copy(update={"gradient_accumulation": 3}), examples, listener=heard.append)
    assert heard[-1].total_steps == 6 * 3  # 72 sentences, 8 a batch, 3 batches a step, 6 epochs


def test_a_batch_in_pieces_teaches_the_same(config, examples, encoder_dir, tmp_path, monkeypatch):
    still = {"encoder": str(without_dropout(encoder_dir, tmp_path / "encoder")), "dropout": 0.0, "epochs": 1}
    plain = config.model_copy(update={**still, "label_smoothing": 0.1, "adversarial": 0.5})
    sizes: list[int] = []
    gradients = StanceTrainer.compute_loss

    def seen(self, model, inputs, *args, **kwargs):
        sizes.append(inputs["input_ids"].numel() if model.training else 0)
        return gradients(self, model, inputs, *args, **kwargs)

    monkeypatch.setattr(StanceTrainer, "compute_loss", seen)
    whole = train(plain, examples).predict_proba(TEXTS)
    assert max(sizes) > 40
    sizes.clear()
    cut = train(plain.model_copy(update={"max_batch_tokens": 40}), examples).predict_proba(TEXTS)
    assert 0 < max(sizes) <= 40
    assert np.allclose(cut, whole, atol=1e-5)


@pytest.mark.parametrize("side", ["right", "left"])
def test_pieces_hold_each_row_once_within_the_tokens_asked_for(side):
    lengths = [5, 1, 9, 3, 3, 2]
    masks = [[1] * n + [0] * (9 - n) for n in lengths]
    mask = torch.tensor([row[::-1] if side == "left" else row for row in masks])
    batch = {"input_ids": torch.arange(54).reshape(6, 9), "attention_mask": mask, "labels": torch.arange(6)}
    found = list(pieces(batch, 9))
    assert sorted(torch.cat([piece["labels"] for piece in found]).tolist()) == list(range(6))
    assert all(torch.equal(p["input_ids"], batch["input_ids"][p["labels"], : p["input_ids"].shape[1]]) for p in found)
    assert sum(int(piece["attention_mask"].sum()) for piece in found) == sum(lengths)
    assert all(piece["input_ids"].numel() <= 9 for piece in found)
    if side == "right":
        assert [piece["labels"].tolist() for piece in found] == [[1, 5, 3], [4], [0], [2]]
    assert list(pieces(batch, None)) == [batch]
    assert list(pieces(batch, 54)) == [batch]


def test_bf16_trains_where_the_processor_has_it(config, examples):
    asked = config.model_copy(update={"precision": "bf16", "epochs": 1})
    try:
        choose_precision("bf16", "cpu")
    except StanceError as error:
        assert str(error) == "train.precision: bf16: this cpu does not compute it natively. Use fp32 or auto"
        return
    model = train(asked, examples)
    assert model.precision.name == "bf16"
    exact = train(asked.model_copy(update={"precision": "fp32"}), examples)
    assert not np.array_equal(model.predict_proba(TEXTS), exact.predict_proba(TEXTS))
    assert next(model.network_.parameters()).dtype == torch.float32  # the weights stay in fp32


def test_bf16_without_hardware_is_an_error(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    with pytest.raises(StanceError) as error:
        choose_precision("bf16", "cpu")
    assert str(error.value) == "train.precision: bf16: this cpu does not compute it natively. Use fp32 or auto"


def test_choices_say_why():
    choice = choose_device("auto")
    assert choice.reason.startswith("auto: ")
    assert choose_device("cpu").reason.startswith("asked for: ")


@pytest.mark.parametrize(("native", "name", "reason"), [(True, "bf16", "has native"), (False, "fp32", "has no native")])
def test_auto_trains_in_bf16_where_the_processor_has_it(monkeypatch, native, name, reason):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: native)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert choose_precision("auto", "cpu") == Choice(name, f"auto: cpu {reason} bf16")


def test_the_default_encoder_comes_from_its_package():
    place = Path(locate("sentence-transformers/all-MiniLM-L6-v2"))
    assert (place / "model.safetensors").stat().st_size > 80_000_000
    assert locate("owner/another") == "owner/another"


def test_an_encoders_fingerprint_is_of_its_files(encoder_dir, tmp_path):
    shutil.copytree(encoder_dir, tmp_path / "copy")
    before = fingerprint_encoder(str(tmp_path / "copy"), "main")
    assert before == fingerprint_encoder(str(encoder_dir), "main")
    (tmp_path / "copy/config.json").write_text("{}")
    assert fingerprint_encoder(str(tmp_path / "copy"), "main") != before


def test_an_encoder_folder_that_is_not_there_is_an_error(config, examples):
    with pytest.raises(StanceError) as error:
        train(config.model_copy(update={"encoder": "./nowhere"}), examples)
    assert str(error.value) == ("train.encoder: ./nowhere: no such folder. Check the path, or name a Hugging Face id")


def test_an_encoder_of_the_hub_without_network_is_an_error(config, examples, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(StanceError) as error:
        train(config.model_copy(update={"encoder": "owner/absent"}), examples)
    message = str(error.value)
    assert message.startswith("train.encoder: owner/absent: cannot be loaded: ")
    assert message.endswith(
        "Check the name and the network, or give a local folder with config.json, model.safetensors and a tokenizer"
    )


def test_training_may_start_from_the_encoder_of_a_trained_model(config, examples, tmp_path):
    first = train(config, examples)
    save_model(first, tmp_path)
    still = config.model_copy(update={"encoder": str(tmp_path), "epochs": 1, "frozen_layers": 1})
    second = train(still, examples)
    for name, weight in first.network_.encoder.state_dict().items():
        if not name.startswith("pooler"):
            assert torch.equal(second.network_.encoder.state_dict()[name], weight), name
    assert not torch.equal(second.network_.head.weight, first.network_.head.weight)


def test_a_trained_model_without_an_encoder_is_no_start(config, settings, examples, tmp_path, complaint):
    save_model(
        make_model(settings["baseline"], LABELS, seed=1, device="cpu").fit(examples[:72], examples[72:]), tmp_path
    )
    assert complaint(train, config.model_copy(update={"encoder": str(tmp_path)}), examples) == (
        f"train.encoder: {tmp_path}: a trained model without an encoder. Take one of kind transformer or embedding"
    )


def test_an_encoder_folder_without_weights_is_an_error(config, examples, encoder_dir, tmp_path):
    shutil.copytree(encoder_dir, tmp_path / "bare")
    (tmp_path / "bare/model.safetensors").unlink()
    with pytest.raises(StanceError, match=r"cannot be loaded: .*model\.safetensors"):
        train(config.model_copy(update={"encoder": str(tmp_path / "bare")}), examples)


def test_a_resumed_training_stops_as_early_as_an_unbroken_one(config, examples, tmp_path):
    hopeless = config.model_copy(update={"learning_rate": 1e-9, "early_stopping": 4, "epochs": 12})
    unbroken: list[int] = []
    train(hopeless, examples, listener=lambda event: unbroken.append(event.step))
    with pytest.raises(KilledError):
        train(hopeless, examples, scratch=tmp_path, listener=kill_at(31))
    resumed: list[int] = []
    train(hopeless, examples, scratch=tmp_path, listener=lambda event: resumed.append(event.step))
    assert max(unbroken) == 45  # the first epoch's score, and four without a better one
    assert max(resumed) == max(unbroken)


def test_a_training_killed_after_it_had_stopped_early_takes_no_further_step(config, examples, tmp_path):
    hopeless = config.model_copy(update={"learning_rate": 1e-9, "early_stopping": 2, "epochs": 12})
    steps: list[int] = []
    first = train(hopeless, examples, scratch=tmp_path, listener=lambda event: steps.append(event.step))
    assert max(steps) == 27
    again = train(hopeless, examples, scratch=tmp_path, listener=lambda event: steps.append(-event.step))
    assert min(steps) >= -27
    np.testing.assert_array_equal(again.predict_proba(TEXTS), first.predict_proba(TEXTS))


def test_a_training_of_another_number_of_processes_is_not_gone_on_with(config, examples, tmp_path, complaint):
    with pytest.raises(KilledError):
        train(config, examples, scratch=tmp_path, listener=kill_at(31))
    assert complaint(last_whole, tmp_path, n_processes=2) == (
        f"{tmp_path}: an unfinished training of 1 processes, and now there are 2. Go on with torchrun --nproc-per-node "
        "1, or remove the folder to start anew"
    )
    assert last_whole(tmp_path) is not None


def test_code_in_a_model_folder_is_never_run(config, examples, tmp_path):
    save_model(train(config.model_copy(update={"epochs": 1}), examples), tmp_path)
    described = json.loads((tmp_path / "config.json").read_text())
    evil = {**described, "model_type": "evil", "auto_map": {"AutoConfig": "evil.C", "AutoModel": "evil.M"}}
    (tmp_path / "config.json").write_text(json.dumps(evil))
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    card = json.loads((tmp_path / "stance.json").read_text())
    for name in ("config.json", "evil.py"):
        card["files"][name] = fingerprint.of_file(tmp_path / name)
    (tmp_path / "stance.json").write_text(json.dumps(card))
    with pytest.raises(StanceError, match=r"cannot be loaded: .* Do not trust this folder$"):
        load_saved(tmp_path, "cpu")
    with pytest.raises(StanceError, match="cannot be loaded"):
        train(config.model_copy(update={"encoder": str(tmp_path)}), examples)
    assert not (tmp_path / "ran").exists()


def test_training_that_runs_away_is_an_error(config, examples):
    with pytest.raises(StanceError, match=r"loss is (nan|inf) at step \d+: training has run away\. Lower"):
        train(config.model_copy(update={"learning_rate": 1e30}), examples)


def test_a_length_that_the_encoder_cannot_read_is_an_error(config, examples):
    with pytest.raises(StanceError) as error:
        train(config.model_copy(update={"max_length": 2000}), examples)
    assert str(error.value) == "train.max_length: 2000: this encoder reads 192 tokens at most. Use 192"


@pytest.mark.parametrize(
    "change",
    [
        {"pooling": "cls"},
        {"dropout": 0.5},
        {"learning_rate": 0.01},
        {"warmup": 0.9},
        {"weight_decay": 0.5},
        {"class_weights": "none"},
        {"label_smoothing": 0.2},
        {"length_grouping": False},
        {"batch_size": 4},
        {"gradient_accumulation": 2},
        {"frozen_layers": 1},
        {"pooling": "attention"},
        {"head": "mlp"},
        {"dropout_samples": 3},
        {"layer_decay": 0.5},
        {"schedule": "cosine"},
        {"schedule": "constant"},
        {"r_drop": 5.0},
        {"adversarial": 1.0},
        {"average_decay": 0.9},
        {"contrastive_epochs": 1},
    ],
    ids=str,
)
def test_every_setting_changes_the_model(config, examples, change):
    uneven = [e for e in examples if e.label != "warning" or e.sentence.position % 2]
    short = config.model_copy(update={"epochs": 1, "max_length": 16, "learning_rate": 0.002, "dropout": 0.1})
    model, other = (make_model(c, LABELS, seed=13, device="cpu") for c in (short, short.model_copy(update=change)))
    rows = [m.fit(uneven[:60], uneven[60:]).predict_proba(TEXTS) for m in (model, other)]
    assert not np.allclose(*rows, atol=1e-5)
