"""The configs for GPUs, with small untrained encoders of the same architectures in the place of the large ones."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from toy import LABELS

from pipeline.config import load_config
from pipeline.models import make_model
from pipeline.models.saved import load_saved, save_model

CONFIGS = Path(__file__).parent.parent / "configs"
SIZE = {"vocab_size": 120, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 3, "num_attention_heads": 2,
        "max_position_embeddings": 192}  # fmt: skip
ENDS = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3}
RELATIVE = {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8, "type_vocab_size": 0}
ARCHITECTURES = {
    "mpnet": ("MPNet", {}),
    "modernbert": ("ModernBert", ENDS),
    "conflibert": ("Bert", {}),
    "deberta": ("DebertaV2", RELATIVE),
}


@pytest.fixture
def small(tmp_path, encoder_dir):
    """An untrained encoder of an architecture, with the toy tokenizer."""

    def of(name: str) -> str:
        architecture, further = ARCHITECTURES[name]
        config = getattr(transformers, f"{architecture}Config")(**SIZE, **further)
        torch.manual_seed(0)
        getattr(transformers, f"{architecture}Model")(config).save_pretrained(tmp_path / name)
        for path in encoder_dir.glob("tokenizer*"):
            shutil.copy(path, tmp_path / name / path.name)
        return str(tmp_path / name)

    return of


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_its_config_trains_its_architecture_and_the_model_can_be_kept(name, small, examples, tmp_path):
    config = load_config(CONFIGS / f"{name}.yaml").train
    here = {"encoder": small(name), "epochs": 1, "batch_size": 8, "mask_countries": None}
    further = {"layer_decay": 0.8, "frozen_layers": 1, "gradient_checkpointing": name != "mpnet"}  # which has none
    for settings in ({}, further):
        model = make_model(config.model_copy(update=here | settings), LABELS, seed=1, device="cpu")
        model.fit(examples[:72], examples[72:])
        before = model.predict_proba(["We welcome the talks.", "They protest."])
        folder = tmp_path / f"saved{len(settings)}"
        folder.mkdir()
        save_model(model, folder)
        np.testing.assert_allclose(
            load_saved(folder, "cpu").predict_proba(["We welcome the talks.", "They protest."]), before, atol=1e-6
        )


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_no_layer_is_left_out_of_layer_decay(name, small, examples):
    from pipeline.models.transformer.encoder import load_encoder
    from pipeline.models.transformer.layers import parameter_groups
    from pipeline.models.transformer.network import Classifier, Shape

    network = Classifier(load_encoder(small(name), "main")[0], Shape(4))
    rates = sorted({group["lr"] for group in parameter_groups(network, 1.0, 0.5, 0.01)})
    assert rates == [0.5**4, 0.5**3, 0.5**2, 0.5, 1.0]  # embeddings, three layers, the head
