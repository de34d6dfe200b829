"""Reading before training: an encoder guesses hidden words of the user's own documents."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from toy import SENTENCES, config_text
from transformers import AutoModel

from pipeline.config import load_config
from pipeline.config.pretrain import PretrainConfig
from pipeline.models.transformer.pretraining import pretrain
from pipeline.recipe import Audience, run
from pipeline.records import TrainingEvent, ignore

TEXTS = [text for group in SENTENCES.values() for text in group] * 4
CONFIG = PretrainConfig(epochs=6, batch_size=8, learning_rate=0.01, max_length=32)


def read(encoder_dir, scratch, config=CONFIG, texts=TEXTS, seed=1, listener=ignore):
    return pretrain(
        texts, (str(encoder_dir), "main"), config, seed=seed, device="cpu", listener=listener, scratch=scratch
    )


def test_hidden_words_are_guessed_better_with_every_pass(encoder_dir, tmp_path):
    losses: list[float] = []
    read(encoder_dir, tmp_path, listener=lambda event: losses.extend(
        value for name, value in event.metrics.items() if name == "validation_loss"))  # fmt: skip
    assert len(losses) == 6
    assert losses[-1] < losses[0] - 0.1


def test_the_encoder_has_changed_and_another_seed_changes_it_otherwise(encoder_dir, tmp_path):
    before = AutoModel.from_pretrained(encoder_dir).state_dict()
    short = CONFIG.model_copy(update={"epochs": 1})
    after = [read(encoder_dir, tmp_path / str(n), short, seed=s)[0].state_dict() for n, s in enumerate((1, 1, 2))]
    name = "encoder.layer.0.output.dense.weight"
    assert not torch.equal(after[0][name], before[name])
    assert torch.equal(after[0][name], after[1][name])
    assert not torch.equal(after[0][name], after[2][name])


class KilledError(Exception):
    pass


def test_killed_reading_goes_on_and_ends_as_unbroken_reading(encoder_dir, tmp_path):
    unbroken = read(encoder_dir, tmp_path / "unbroken")[0].state_dict()

    def kill(event: TrainingEvent) -> None:
        if event.step == 20 and not event.metrics:
            raise KilledError

    steps: list[int] = []
    with pytest.raises(KilledError):
        read(encoder_dir, tmp_path / "broken", listener=kill)
    resumed = read(encoder_dir, tmp_path / "broken", listener=lambda event: steps.append(event.step))[0].state_dict()
    assert min(steps) == 19  # six steps an epoch
    name = "encoder.layer.0.output.dense.weight"
    assert torch.equal(resumed[name], unbroken[name])


def test_an_encoder_that_cannot_hide_words_is_an_error(encoder_dir, tmp_path, complaint):
    shutil.copytree(encoder_dir, tmp_path / "bare")
    described = json.loads((tmp_path / "bare/tokenizer_config.json").read_text())
    del described["mask_token"]
    (tmp_path / "bare/tokenizer_config.json").write_text(json.dumps(described))
    assert complaint(read, tmp_path / "bare", tmp_path / "scratch") == (
        f"pretrain: {tmp_path / 'bare'}: its tokenizer has no mask token, so that no word can be hidden. Set pretrain "
        "to null, or take another encoder"
    )


def test_a_run_starts_from_the_encoder_that_has_read(workplace, encoder_dir):
    Path("texts").mkdir()
    Path("texts/one.txt").write_text("We offer talks on trade. The ship took our help.\n")
    section = "pretrain: {inputs: [texts], epochs: 2, batch_size: 8, learning_rate: 0.01}\n"
    small = f"{{kind: transformer, encoder: {encoder_dir}, epochs: 1, batch_size: 8, frozen_layers: 1}}"
    Path("read.yaml").write_text(config_text("read", small, section))
    done = run(load_config(Path("read.yaml")), Audience(), until="train")
    ours = {example.text for example in done.split.value.parts.train}
    assert done.pretrain.manifest.summary["sentences"] == len(ours) + 2  # each once
    saved = AutoModel.from_pretrained("runs/read/pretrained/encoder").state_dict()
    kept = done.train.value.model.network_.encoder.state_dict()
    name = "encoder.layer.0.output.dense.weight"  # a frozen one
    assert torch.equal(kept[name], saved[name])
    assert not torch.equal(kept[name], AutoModel.from_pretrained(encoder_dir).state_dict()[name])


def test_a_kind_without_an_encoder_is_an_error(workplace, complaint):
    Path("read.yaml").write_text(config_text("read", further="pretrain: {epochs: 1}\n"))
    assert complaint(run, load_config(Path("read.yaml")), Audience()) == (
        "pretrain: kind baseline starts from no encoder. Set pretrain to null"
    )
