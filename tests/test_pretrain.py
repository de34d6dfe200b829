"""Reading before training: an encoder guesses hidden words of the user's own documents."""

import json
import re
import shutil
from pathlib import Path

import pytest
import torch
from toy import LABELS, SENTENCES, config_text, toy_rows, write_jsonl
from transformers import AutoModel

from pipeline.config import load_config
from pipeline.config.pretrain import PretrainConfig
from pipeline.models import make_model
from pipeline.models.saved import save_model
from pipeline.models.transformer.pretraining import pretrain
from pipeline.recipe import Audience, run
from pipeline.records import TrainingEvent, ignore

TEXTS = [text for group in SENTENCES.values() for text in group] * 4
WEIGHT = "encoder.layer.0.output.dense.weight"
CONFIG = PretrainConfig(epochs=6, batch_size=8, learning_rate=0.01, max_length=32)


def read(encoder_dir, scratch, config=CONFIG, texts=TEXTS, seed=1, listener=ignore):
    return pretrain(
        texts, (str(encoder_dir), "main"), config, seed=seed, device="cpu", listener=listener, scratch=scratch
    )


def test_hidden_words_are_guessed_better_with_every_pass(encoder_dir, tmp_path):
    losses = read(encoder_dir, tmp_path).losses
    assert len(losses) == 6
    assert losses[-1] < losses[0] - 0.1


def test_the_encoder_has_changed_and_another_seed_changes_it_otherwise(encoder_dir, tmp_path):
    before = AutoModel.from_pretrained(encoder_dir).state_dict()
    short = CONFIG.model_copy(update={"epochs": 1})
    after = [read(encoder_dir, tmp_path / str(n), short, seed=s).encoder.state_dict() for n, s in enumerate((1, 1, 2))]
    name = WEIGHT
    assert not torch.equal(after[0][name], before[name])
    assert torch.equal(after[0][name], after[1][name])
    assert not torch.equal(after[0][name], after[2][name])


class KilledError(Exception):
    pass


def test_killed_reading_goes_on_and_ends_as_unbroken_reading(encoder_dir, tmp_path):
    unbroken = read(encoder_dir, tmp_path / "unbroken")

    def kill(event: TrainingEvent) -> None:
        if event.step == 20 and not event.metrics:
            raise KilledError

    steps: list[int] = []
    with pytest.raises(KilledError):
        read(encoder_dir, tmp_path / "broken", listener=kill)
    resumed = read(encoder_dir, tmp_path / "broken", listener=lambda event: steps.append(event.step))
    assert min(steps) == 19  # six steps an epoch
    assert torch.equal(resumed.encoder.state_dict()[WEIGHT], unbroken.encoder.state_dict()[WEIGHT])
    assert resumed.losses == unbroken.losses


def test_reading_may_start_from_a_trained_model(encoder_dir, settings, examples, tmp_path):
    model = make_model(settings["transformer"], LABELS, seed=1, device="cpu").fit(examples[:72], examples[72:])
    save_model(model, tmp_path)
    still = read(tmp_path, tmp_path / "scratch", CONFIG.model_copy(update={"epochs": 1, "learning_rate": 1e-9}))
    learned = model.network_.encoder.state_dict()[WEIGHT]
    assert torch.allclose(still.encoder.state_dict()[WEIGHT], learned, atol=1e-6)


def test_reading_that_runs_away_is_an_error(encoder_dir, tmp_path, complaint):
    message = complaint(read, encoder_dir, tmp_path, CONFIG.model_copy(update={"learning_rate": 1e30}))
    assert re.fullmatch(
        r"pretrain: (train|validation) loss is (nan|inf) at step \d+: training has run away. Lower "
        r"pretrain.learning_rate", message,
    )  # fmt: skip


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
    write_jsonl(Path("texts/new.jsonl"), [{"text": "We offer talks on trade."}, {"text": "The ship took our help."}])
    rows = [{**row, "text": f"{row['text']} {row['doc_id']}"} for row in toy_rows()]
    write_jsonl(Path("corpus/toy.jsonl"), rows)  # no sentence twice
    shutil.copy("corpus/toy.jsonl", "texts/toy.jsonl")  # with the sentences of all parts
    section = "pretrain: {inputs: [texts], read_as: sentences, epochs: 2, batch_size: 8, learning_rate: 0.01}\n"
    small = f"{{kind: transformer, encoder: {encoder_dir}, epochs: 1, batch_size: 8, frozen_layers: 1}}"
    Path("read.yaml").write_text(config_text("read", small, section))
    done = run(load_config(Path("read.yaml")), Audience(), until="train")
    parts = done.split.value.parts
    ours, held_out = ({e.text for e in some} for some in (parts.train, [*parts.validation, *parts.test]))
    assert held_out - ours  # and are not read
    assert done.pretrain.manifest.summary["sentences"] == len(ours) + 2  # each once
    saved = AutoModel.from_pretrained("runs/read/pretrained/encoder").state_dict()
    kept = done.train.value.model.network_.encoder.state_dict()
    name = WEIGHT  # a frozen one
    assert torch.equal(kept[name], saved[name])
    assert not torch.equal(kept[name], AutoModel.from_pretrained(encoder_dir).state_dict()[name])


def test_a_kind_without_an_encoder_is_an_error(workplace, complaint):
    Path("read.yaml").write_text(config_text("read", further="pretrain: {epochs: 1}\n"))
    assert complaint(run, load_config(Path("read.yaml")), Audience()) == (
        "pretrain: kind baseline starts from no encoder. Set pretrain to null"
    )
