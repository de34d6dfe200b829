"""Zero-shot labels by inference: a tiny real model, its arithmetic by hand, and models that cannot be asked."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from toy import LABELS, SENTENCES, build_encoder, toy_rows, write_jsonl

from pipeline.codebook import load_codebook
from pipeline.labeling.annotators.nli import NliModel, entailment_first
from pipeline.votes import VoteTable

ROOT = Path(__file__).parent.parent
CLASSES = {0: "CONTRADICTION", 1: "neutral", 2: "Entailment"}
HYPOTHESES = ["We welcome the agreement.", "Any attack will be met with consequences.", "We condemn the attack."]
TEXTS = [text for group in SENTENCES.values() for text in group]


def build_nli(folder: Path, classes: dict[int, str]) -> Path:
    """An untrained BERT that reads pairs and tells classes apart by a head of some weight."""
    import torch
    from tokenizers import processors
    from transformers import AutoConfig, AutoTokenizer, BertForSequenceClassification, PreTrainedTokenizerFast

    build_encoder(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {name: tokenizer.special_tokens_map[name] for name in ("pad_token", "unk_token", "cls_token", "sep_token")}
    read = ["input_ids", "token_type_ids", "attention_mask"]
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer.backend_tokenizer, model_input_names=read, model_max_length=192, **names
    ).save_pretrained(folder)
    torch.manual_seed(3)
    config = AutoConfig.from_pretrained(folder)
    config.id2label, config.label2id = classes, {name: number for number, name in classes.items()}
    model = BertForSequenceClassification(config)
    torch.nn.init.normal_(model.bert.embeddings.word_embeddings.weight)
    torch.nn.init.normal_(model.bert.embeddings.token_type_embeddings.weight)
    for layer in model.bert.encoder.layer:
        torch.nn.init.normal_(layer.attention.self.value.weight)
        torch.nn.init.normal_(layer.attention.output.dense.weight)
    torch.nn.init.normal_(model.bert.pooler.dense.weight)
    torch.nn.init.normal_(model.classifier.weight, std=2.0)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def nli_dir(tmp_path_factory) -> Path:
    return build_nli(tmp_path_factory.mktemp("nli"), CLASSES)


@pytest.fixture(scope="module")
def model(nli_dir) -> NliModel:
    return NliModel(str(nli_dir), "cpu")


def by_hand(folder: Path, text: str, hypothesis: str) -> np.ndarray:
    """The logits of one pair alone, without padding or batch, as transformers' own classes give them."""
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification

    encoded = AutoTokenizer.from_pretrained(folder)(text, hypothesis, return_tensors="pt")
    assert encoded["token_type_ids"].sum() > 0
    with torch.inference_mode():
        return BertForSequenceClassification.from_pretrained(folder).eval()(**encoded).logits[0].double().numpy()


def test_a_hypothesis_holds_by_entailment_against_contradiction_beside_the_others(nli_dir, model):
    for text in (TEXTS[0], TEXTS[9]):
        holds = []
        for hypothesis in HYPOTHESES:
            contradicted, _, entailed = np.exp(by_hand(nli_dir, text, hypothesis))
            holds.append(entailed / (entailed + contradicted))
        wanted = np.array(holds) / sum(holds)
        np.testing.assert_allclose(model.proba([text], HYPOTHESES)[0], wanted, atol=1e-6)
        assert wanted.max() > wanted.min() + 0.02


def test_two_classes_are_enough(tmp_path):
    folder = build_nli(tmp_path, {0: "entailment", 1: "not_entailment"})
    holds = []
    for hypothesis in HYPOTHESES:
        entailed, not_entailed = np.exp(by_hand(folder, TEXTS[2], hypothesis))
        holds.append(entailed / (entailed + not_entailed))
    found = NliModel(str(folder), "cpu").proba([TEXTS[2]], HYPOTHESES)[0]
    np.testing.assert_allclose(found, np.array(holds) / sum(holds), atol=1e-6)


def test_neither_batches_nor_order_nor_company_change_an_answer(model):
    alone = np.concatenate([model.proba([text], HYPOTHESES, batch_size=1) for text in TEXTS])
    np.testing.assert_allclose(model.proba(TEXTS, HYPOTHESES), alone, atol=1e-6)
    np.testing.assert_allclose(model.proba(TEXTS[::-1], HYPOTHESES, batch_size=5)[::-1], alone, atol=1e-6)
    np.testing.assert_allclose(model.proba(TEXTS, HYPOTHESES[::-1])[:, ::-1], alone, atol=1e-6)
    np.testing.assert_allclose(alone.sum(axis=1), 1, atol=1e-9)


def test_the_label_whose_hypothesis_holds_most_is_the_answer_and_progress_is_told(model):
    named, told = dict(zip(("a", "b", "c"), HYPOTHESES, strict=True)), []
    answers = model.ask(TEXTS * 20, named, told.append)
    assert told == [256, 480]
    for answer, row in zip(answers, model.proba(TEXTS, HYPOTHESES).tolist() * 20, strict=True):
        assert answer.weight == pytest.approx(max(row), abs=1e-6)
        assert answer.label == "abc"[row.index(max(row))]
    same = model.ask(TEXTS[:1], {"first": HYPOTHESES[0], "second": HYPOTHESES[0]}, told.append)
    assert (same[0].label, same[0].weight) == ("first", pytest.approx(0.5))


def test_a_sentence_that_is_too_long_loses_its_end_and_no_hypothesis_does(model):
    long = " ".join(TEXTS * 5)
    found = model.proba([long, long + " The ship has a crew of twelve."], HYPOTHESES)
    np.testing.assert_allclose(found[0], found[1], atol=1e-9)
    assert found[0].max() > found[0].min()


def test_classes_are_known_by_their_names():
    assert entailment_first({0: "Entail", 1: "Contradict"}, "x") == [0, 1]
    assert entailment_first(CLASSES, "x") == [2, 0]
    assert entailment_first({0: "not_entailment", 1: "ENTAILMENT"}, "x") == [1, 0]
    assert entailment_first({0: "other", 1: "unknown", 2: "entailment"}, "x") == [2, 0, 1]


@pytest.fixture
def ask(stance, workplace, nli_dir):
    shutil.copytree(nli_dir, "nli")
    write_jsonl(Path("some.jsonl"), toy_rows(4))
    return lambda *further: stance(
        "label", "nli", "some.jsonl", "--votes", "votes", "--codebook", "codebook.yaml", *further
    )


def test_votes_are_added_once_and_judged(ask):
    code, output, progress = ask("--model", "nli", "--device", "cpu")
    assert code == 0
    assert output.startswith("on 24 that people labeled: accuracy 0.")
    assert "nli on cpu (asked for: " in progress
    assert "24 votes of model:nli/nli added to votes: " in progress
    ask("--model", "./nli/")
    found = VoteTable(Path("votes")).rows().to_pylist()
    assert len(found) == len({vote["sentence_id"] for vote in found}) == 24
    assert {(vote["annotator"], vote["kind"]) for vote in found} == {("model:nli/nli", "model")}
    assert all(0.25 <= vote["weight"] <= 1 for vote in found)


def test_hypotheses_come_from_the_codebook(ask):
    book = load_codebook(ROOT / "data/codebook.yaml")
    ask("--model", "nli", "--codebook", str(ROOT / "data/codebook.yaml"), "--name", "real")
    wanted = NliModel("nli", "cpu").ask(
        [row["text"] for row in toy_rows(4)],
        {name: book.labels[name].hypothesis for name in book.order},
        lambda n: None,
    )
    found = VoteTable(Path("votes")).rows().to_pylist()
    assert [(vote["label"], vote["weight"]) for vote in found] == [(answer.label, answer.weight) for answer in wanted]


def test_a_model_without_entailment_is_not_asked(ask):
    described = json.loads(Path("nli/config.json").read_text())
    names = {"0": "negative", "1": "neutral", "2": "positive"}
    Path("nli/config.json").write_text(json.dumps({**described, "id2label": names}))
    code, _, complaint = ask("--model", "nli")
    assert code == 2
    assert complaint == (
        "error: --model nli: none of its classes is named after entailment; found negative, neutral, positive. Take a "
        "model of natural-language inference, with id2label in its config.json\n"
    )
    assert not Path("votes").exists()


def test_an_encoder_that_was_never_trained_to_classify_is_not_asked(ask, encoder_dir):
    shutil.copyfile(encoder_dir / "model.safetensors", "nli/model.safetensors")
    code, _, complaint = ask("--model", "nli")
    assert code == 2
    assert (
        "error: --model nli: its weights lack classifier.bias: it was never trained to classify. Take a " in complaint
    )


def test_weights_that_are_pickled_are_not_loaded(ask):
    import torch
    from safetensors.torch import load_file

    torch.save(load_file("nli/model.safetensors"), "nli/pytorch_model.bin")
    Path("nli/model.safetensors").unlink()
    code, _, complaint = ask("--model", "nli")
    assert code == 2
    assert complaint.startswith("error: --model nli: cannot be loaded: ")
    assert complaint.endswith(
        ". Check the name and that it was fetched before (HF_HUB_OFFLINE is set, so nothing is now), or give a local "
        "folder with config.json, model.safetensors and a tokenizer\n"
    )


def test_a_model_that_is_not_there_is_named(ask):
    assert ask("--model", "./nowhere")[::2] == (
        2, "error: --model ./nowhere: no such folder. Check the path, or name a Hugging Face id\n",
    )  # fmt: skip
    code, _, complaint = ask("--model", "nobody/nothing")
    assert code == 2
    assert complaint.startswith("error: --model nobody/nothing: cannot be loaded: ")
    assert "(HF_HUB_OFFLINE is set, so nothing is now)" in complaint
    code, _, complaint = ask("--model", "nli", "--device", "cuda")
    assert code == 2
    assert complaint.startswith("error: device: cuda: ")


def test_labels_of_the_toy_world_have_no_hypothesis_and_are_asked_by_their_definitions(workplace):
    book = load_codebook(Path("codebook.yaml"))
    assert [book.labels[label].in_one_sentence for label in LABELS.all] == [
        "offers and thanks", "threats", "complaints", "the rest",
    ]  # fmt: skip
