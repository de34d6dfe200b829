"""A world small enough to train in: fixtures that many tests share. Everything is written or made here."""

import csv
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.config.train import (
    BaselineTraining,
    CascadeTraining,
    EmbeddingTraining,
    StaticTraining,
    TrainConfig,
    TransformerTraining,
)
from pipeline.models import LabelSet, make_model
from pipeline.models.saved import save_model
from pipeline.records import Example, Sentence

if TYPE_CHECKING:
    from pipeline.models.exported import ExportedModel
    from pipeline.models.transformer import TransformerModel

LABELS = LabelSet(("cooperative", "warning", "grievance"), "none")
SENTENCES = {
    "cooperative": (
        "We welcome the agreement with our neighbors.",
        "The minister thanked Kenya for its help.",
        "Our two countries will work together on trade.",
        "We offer talks and welcome every step toward peace.",
        "The president praised the help of Jordan.",
        "We are ready to work together for peace.",
    ),
    "warning": (
        "Any attack will be met with force.",
        "If the border is closed, we will answer.",
        "Further steps of this kind will have consequences.",
        "We will answer any attack with every means.",
        "This course will end in disaster for them.",
        "If they go on, there will be consequences.",
    ),
    "grievance": (
        "We condemn the attack on our embassy.",
        "They broke the agreement and took our ships.",
        "This is unfair, and we protest against it.",
        "The minister rejected the false accusation.",
        "We condemn the unfair treatment of our people.",
        "They took what was ours, and we protest.",
    ),
    "none": (
        "The meeting took place in Geneva on Monday.",
        "The minister was born in 1961.",
        "The delegation arrived in Cairo at noon.",
        "The two sides met for an hour in Oslo.",
        "The next meeting takes place in May.",
        "The ship has a crew of twelve.",
    ),
}
N_DOCUMENTS = 16


def toy_rows(n_documents: int = N_DOCUMENTS) -> list[dict[str, object]]:
    """Labeled rows of documents, six sentences each, every label in every document."""
    rows = []
    for number in range(n_documents):
        for position in range(6):
            label = list(SENTENCES)[(number + position) % 4]
            text = SENTENCES[label][(number * 5 + position) % 6]
            rows.append({"doc_id": f"d{number:02}", "position": position + 1, "text": text, "label": label})
    return rows


def toy_examples(n_documents: int = N_DOCUMENTS) -> list[Example]:
    """The same as examples."""
    return [
        Example(
            Sentence(row["doc_id"], row["position"], 0, len(row["text"]), row["text"], "toy", row["label"]),
            row["label"],
            "gold",
        )
        for row in toy_rows(n_documents)
    ]


def write_jsonl(path: Path, rows: list[dict[str, object]]) -> Path:
    """Rows to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def build_encoder(folder: Path, seed: int = 0) -> Path:
    """An untrained BERT of a few thousand parameters, with a tokenizer trained on the toy sentences."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    texts = [text for group in SENTENCES.values() for text in group]
    tokenizer.train_from_iterator(texts, trainers.WordLevelTrainer(special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    names["mask_token"] = "[MASK]"
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=192, **names)
    wrapped.save_pretrained(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=192,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def as_exported(model: "TransformerModel", folder: Path, form: str = "onnx-fp32") -> "ExportedModel":
    """The model in another form, whether or not a gate would accept it."""
    from pipeline.export import named
    from pipeline.export.convert import converted
    from pipeline.export.graph import write_graph

    write_graph(model.network_, folder / "graph.onnx", model.config.max_length)
    return converted(model, named(form), folder / "graph.onnx", folder / form)


def without_dropout(encoder: Path, folder: Path) -> Path:
    """The same encoder, which drops nothing in training: what is random in it is gone."""
    shutil.copytree(encoder, folder)
    described = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    none = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "config.json").write_text(json.dumps(described | none), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def encoder_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved toy encoder."""
    return build_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def settings(encoder_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, TrainConfig]:
    """Settings that train each kind of model within a second or two."""
    found: dict[str, TrainConfig] = {
        "baseline": BaselineTraining(kind="baseline", C=(1.0, 4.0)),
        "static": StaticTraining(
            kind="static", encoder=str(encoder_dir), max_length=32, batch_size=8, learning_rate=0.01, epochs=12
        ),
        "embedding": EmbeddingTraining(kind="embedding", encoder=str(encoder_dir), max_length=32, C=(0.1, 1.0)),
        "transformer": TransformerTraining(
            kind="transformer",
            encoder=str(encoder_dir),
            epochs=6,
            batch_size=8,
            learning_rate=0.02,
            dropout=0.0,
            max_length=32,
            early_stopping=6,
        ),
    }
    parts = {}
    for name, kind in (("fast", "static"), ("careful", "transformer")):
        parts[name] = tmp_path_factory.mktemp(name)
        model = make_model(found[kind], LABELS, seed=13, device="cpu")
        save_model(model.fit(toy_examples()[:72], toy_examples()[72:]), parts[name])
    return {**found, "cascade": CascadeTraining(kind="cascade", **parts)}


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """Toy examples, 96 of them."""
    return toy_examples()


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, with a toy corpus, a codebook and an article."""
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "corpus/toy.jsonl", toy_rows())
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    (tmp_path / "article.txt").write_text(ARTICLE, encoding="utf-8")
    return tmp_path


ARTICLE = (
    "The minister met the press on Tuesday. “We welcome the offer,” he said. But any attack will be met with force.\n"
)

CODEBOOK = """\
name: toy
version: "1"
background: none
priority: [warning, grievance, cooperative]
labels:
  cooperative: {definition: offers and thanks}
  warning: {definition: threats}
  grievance: {definition: complaints}
  none: {definition: the rest}
rules:
  - {name: welcomes, label: cooperative, pattern: '\\bwelcom', example: We welcome it.}
  - {name: consequences, label: warning, pattern: '\\bconsequences\\b', example: There will be consequences.}
"""


def config_text(name: str = "toy", train: str = "{kind: baseline}", further: str = "") -> str:
    """A config for the workplace, as YAML."""
    return f"""\
name: {name}
codebook: codebook.yaml
ingest: {{inputs: [corpus], read_as: sentences}}
split: {{train: 0.5, validation: 0.25, test: 0.25, near_duplicate_min_words: 30}}
train: {train}
evaluate: {{bootstrap_draws: 200}}
predict: {{inputs: [article.txt]}}
{further}"""
