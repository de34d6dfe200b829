"""The config: strict, complete in its complaints, safe from YAML's traps, and the same after it was written out."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Config, dump_yaml, json_schema, load_config

SMALL = """\
name: toy
ingest:
  inputs: [corpus]
train:
  kind: transformer
"""


@pytest.fixture
def small(write) -> Path:
    return write("toy.yaml", SMALL)


@pytest.fixture
def config_of(write):
    """The config that the small one becomes with some lines added below, which then belong to `train` if indented."""
    return lambda further, *overrides: load_config(write("toy.yaml", SMALL + further), overrides)


def test_a_small_config_is_completed_by_defaults(small):
    config = load_config(small)
    assert config.run_dir == Path("runs/toy")
    assert config.all_labels == ("cooperative", "warning", "grievance", "none")
    assert (config.split.train, config.split.validation, config.split.test) == (0.7, 0.15, 0.15)
    assert config.train.kind == "transformer"


def test_a_config_cannot_be_changed(small):
    with pytest.raises(ValueError, match="frozen"):
        load_config(small).seed = 3


def test_all_problems_are_named_at_once_in_the_order_of_the_file(write, complaint):
    path = write(
        "bad.yaml",
        """\
nam: toy
seed: -1
labels: []
device: gpu
ingest:
  inputs: corpus
  read_as: sentence
split:
  train: 0.5
evaluate:
  sets:
    - name: held out
      pth: real.jsonl
train:
  kind: transformer
  epochs: "3"
  learning_rat: 2e-5
  batch_size: 2.5
  dropout: .inf
""",
    )
    assert complaint(load_config, path) == (
        "bad.yaml: 15 problems\n"
        "  bad.yaml: name: this key is missing; add it\n"
        '  bad.yaml:1: nam: unknown key. Did you mean "name"?\n'
        "  bad.yaml:2: seed: should be greater than or equal to 0; found -1.\n"
        "  bad.yaml:3: labels: should have at least 1 item; found [].\n"
        "  bad.yaml:4: device: should be 'auto', 'cpu', 'cuda' or 'mps'; found \"gpu\". Did you mean \"cuda\"?\n"
        '  bad.yaml:6: ingest.inputs: should be a list, as in [a, b]; found "corpus".\n'
        "  bad.yaml:7: ingest.read_as: should be 'documents' or 'sentences'; found \"sentence\". "
        'Did you mean "sentences"?\n'
        "  bad.yaml:8: split: train, validation and test should sum to 1; they sum to 0.8\n"
        "  bad.yaml:12: evaluate.sets.0.path: this key is missing; add it\n"
        "  bad.yaml:12: evaluate.sets.0.name: should match pattern '^[A-Za-z0-9_-]+$'; found \"held out\".\n"
        '  bad.yaml:13: evaluate.sets.0.pth: unknown key. Did you mean "path"?\n'
        '  bad.yaml:16: train.epochs: should be a valid integer; found "3" (text).\n'
        '  bad.yaml:17: train.learning_rat: unknown key. Did you mean "learning_rate"?\n'
        "  bad.yaml:18: train.batch_size: should be a valid integer; found 2.5.\n"
        "  bad.yaml:19: train.dropout: should be a finite number; found Infinity."
    )


@pytest.mark.parametrize(
    ("further", "message"),
    [
        (
            "zzzz: 3\n",
            "toy.yaml:6: zzzz: unknown key. Known here: name, seed, device, runs, codebook, labels, background, "
            "about, ingest, label, split, augment, pretrain, teach, train, tune, calibrate, evaluate, behavior, "
            "predict, track, promote.",
        ),
        ("seed: true\n", "toy.yaml:6: seed: should be a valid integer; found true."),
        ("seed: 3.0\n", "toy.yaml:6: seed: should be a valid integer; found 3.0."),
        ("seed: 4294967296\n", "toy.yaml:6: seed: should be less than or equal to 4294967295; found 4294967296."),
        ("label:\n", "toy.yaml:6: label: should be a section, with keys of its own; found null."),
        ("  mask_countries: a.jsonl\naugment: {countries: a.jsonl}\n",
         "toy.yaml: (whole file): augment.countries and train.mask_countries: states that the model does not see need "
         "not trade places; set one of the two to null"),
        ("labels: [a, none]\n", "toy.yaml: (whole file): labels and background should all differ; found a, none, none"),
        ("  learning_rate: 0\n", "toy.yaml:6: train.learning_rate: should be greater than 0; found 0."),
        ("  learning_rate: .nan\n", "toy.yaml:6: train.learning_rate: should be a finite number; found NaN."),
        ("  C: [1]\n", "toy.yaml:6: train.C: is a key of kind baseline, not of transformer. Take it out, or change "
         "the kind"),
        ("  zz: 1\n", "toy.yaml:6: train.zz: unknown key. Known here: seeds, mask_countries, encoder, revision, "
         "max_length, pooling, kind, head, dropout, dropout_samples, frozen_layers, epochs, batch_size, "
         "gradient_accumulation, max_batch_tokens, learning_rate, layer_decay, schedule, warmup, weight_decay, "
         "class_weights, label_smoothing, soft_labels, r_drop, adversarial, average_decay, contrastive_epochs, "
         "contrastive_batch_size, early_stopping, length_grouping, precision, compile, gradient_checkpointing."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_with_place_and_remedy(config_of, complaint, further, message):
    assert complaint(config_of, further) == message


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ("{epochs: 3}", "c.yaml:3: train: kind is missing; it is one of baseline, static, embedding, transformer"),
        (
            "{kind: basline}",
            'c.yaml:3: train: kind "basline" is not one of baseline, static, embedding, transformer, cascade. '
            'Did you mean "baseline"?',
        ),
        ("baseline", 'c.yaml:3: train: should be a section, with keys of its own; found "baseline".'),
        (
            "{kind: baseline, word_ngrams: [2, 1]}",
            "c.yaml:3: train: word_ngrams should be two numbers from 1, the smaller first; found [2, 1]",
        ),
        ("{kind: baseline, char_ngrams: [1, 2, 3]}", "c.yaml:3: train.char_ngrams: should have at most 2 items; found "
         "[1, 2, 3]."),
        ("{kind: baseline, C: [0.1, 0]}", "c.yaml:3: train.C.1: should be greater than 0; found 0."),
    ],
)  # fmt: skip
def test_the_kind_of_model_decides_which_settings_there_are(write, complaint, train, message):
    path = write("c.yaml", f"name: toy\ningest: {{inputs: [corpus]}}\ntrain: {train}\n")
    assert complaint(load_config, path) == message


@pytest.mark.parametrize("name", ["..", ".", ".hidden", "a/b", "a b", ""])
def test_a_run_cannot_lie_outside_the_runs(config_of, complaint, name):
    assert complaint(config_of, "", f"name={name!r}") == (
        f"--set name={name!r}: name: should match pattern '^[A-Za-z0-9_-][A-Za-z0-9_.-]*$'; found \"{name}\"."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "c.yaml: expected keys with values (key: value), found nothing"),
        ("- a\n- b\n", "c.yaml: expected keys with values (key: value), found a list"),
        ("toy\n", "c.yaml: expected keys with values (key: value), found a single value"),
        (b"name: caf\xe9\n", "c.yaml: byte 9 is not UTF-8. Save the file as UTF-8"),
        ("name: toy\n\tseed: 3\n", "c.yaml:2: not valid YAML: found character '\\t' that cannot start any token. "
         "Mend it"),
        ("name: toy\nruns: a\x00b\n", "c.yaml:2: not valid YAML: unacceptable character #x0000: special characters "
         "are not allowed. Mend it"),
        ("name: toy\n---\nname: toy\n", "c.yaml:2: not valid YAML: but found another document. Mend it"),
        ("name: [toy\nseed: 3\n", "c.yaml:2: not valid YAML: expected ',' or ']', but got ':'. Mend it"),
    ],
)  # fmt: skip
def test_what_is_no_yaml_mapping_is_an_error(write, complaint, content, message):
    assert complaint(load_config, write("c.yaml", content)) == message


def test_a_missing_file_is_an_error(here, complaint):
    (here / "folder.yaml").mkdir()
    remedy = "no such file. Name a YAML file, such as configs/baseline.yaml"
    assert complaint(load_config, "nowhere.yaml") == f"nowhere.yaml: {remedy}"
    assert complaint(load_config, "folder.yaml") == f"folder.yaml: {remedy}"


def test_a_byte_order_mark_is_no_part_of_the_first_key(write):
    assert load_config(write("c.yaml", b"\xef\xbb\xbf" + SMALL.encode())).name == "toy"


def test_a_power_of_ten_without_a_point_is_a_number(config_of):
    assert config_of("  learning_rate: 2e-5\n").train.learning_rate == 2e-5
    assert config_of("", "train.learning_rate=2e-5").train.learning_rate == 2e-5


@pytest.mark.parametrize("word", ["no", "off", "yes"])
def test_a_no_is_a_word_and_not_false(config_of, complaint, word):
    assert complaint(config_of, f"track:\n  enabled: {word}\n") == (
        f'toy.yaml:7: track.enabled: should be a valid boolean; found "{word}" (text; YAML 1.2 writes true and false).'
    )
    assert config_of(f"labels: [for, {word}]\n").labels == ("for", word)


def test_a_repeated_key_is_an_error(config_of, complaint):
    assert complaint(config_of, "  epochs: 3\n  epochs: 4\n") == (
        'toy.yaml:7: not valid YAML: found duplicate key "epochs" with value "4" (original value: "3"). '
        "Keep one of the two"
    )


@pytest.mark.parametrize(
    ("key", "shown"),
    [("1", "1"), ("2024-01-01", "2024-01-01"), ("~", "null"), ("[q, w]", '["q", "w"]'), ("true", "true")],
)
def test_a_key_that_is_not_text_is_an_unknown_key(config_of, complaint, key, shown):
    assert complaint(config_of, f"{key}: x\n").startswith(f"toy.yaml:6: {shown}: unknown key.")


def test_keys_that_a_merge_brings_count_as_written(write, complaint):
    path = write(
        "c.yaml",
        "name: toy\ningest: {inputs: [a]}\npredict: &shared\n  batch_size: 0\ntrain:\n  <<: *shared\n"
        "  kind: transformer\n",
    )
    assert complaint(load_config, path) == (
        "c.yaml: 2 problems\n"
        "  c.yaml:4: predict.batch_size: should be greater than or equal to 1; found 0.\n"
        "  c.yaml:6: train.batch_size: should be greater than or equal to 1; found 0."
    )


def test_yaml_tags_make_no_objects(config_of):
    assert (
        config_of("  encoder: !!python/object/apply:os.getcwd []\n  epochs: 3\n", "train.encoder=x").train.epochs == 3
    )
    assert config_of("  encoder: !!python/name:os.getcwd here\n").train.encoder == "here"


def test_overrides_win_over_the_file_and_later_ones_over_earlier(config_of):
    config = config_of(
        "  epochs: 9\n",
        "train.epochs=3",
        "seed=1",
        "seed=2",
        "label.policy=rules",
        "ingest.inputs=[a.txt, b]",
        "track.enabled=false",
        "evaluate.sets=[{name: real, path: real.jsonl}]",
        " split.test = 0.15 ",
    )
    assert (config.train.epochs, config.seed, config.label.policy, config.track.enabled) == (3, 2, "rules", False)
    assert config.ingest.inputs == ("a.txt", "b")
    assert config.evaluate.sets[0].name == "real"


def test_an_override_may_hold_an_equals_sign(config_of):
    assert config_of("", "track.uri=sqlite:///a.db?mode=ro").track.uri == "sqlite:///a.db?mode=ro"


def test_an_override_may_fill_a_section_that_the_file_leaves_empty(config_of):
    assert config_of("label:\n", "label.policy=rules").label.policy == "rules"


def test_an_override_may_change_what_another_set_as_a_whole(config_of):
    config = config_of("", "train={kind: baseline, max_iterations: 7}", "train.class_weights=none")
    assert (config.train.kind, config.train.max_iterations, config.train.class_weights) == ("baseline", 7, "none")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.epochs", 'expected section.key=value, as in "--set train.epochs=3"'),
        ("train..epochs=3", 'expected section.key=value, as in "--set train.epochs=3"'),
        ("=3", 'expected section.key=value, as in "--set train.epochs=3"'),
        ("name.first=x", "name is a value, not a section; nothing lies below it"),
        ("ingest.inputs.0=x", "inputs is a value, not a section; nothing lies below it"),
        ("train.epochs=[1", "the value is not valid YAML: expected ',' or ']', but got '<stream end>'. Mend it"),
        ("name=\x00", "the value is not valid YAML: unacceptable character #x0000: special characters are not "
         "allowed. Mend it"),
        ("train={kind: a, kind: b}", 'the value is not valid YAML: found duplicate key "kind" with value "b" '
         '(original value: "a"). Keep one of the two'),
        ("train.epoch=3", 'train.epoch: unknown key. Did you mean "epochs"?'),
        ("tran.epochs=3", 'tran: unknown key. Did you mean "train"?'),
        ("train.epochs=three", 'train.epochs: should be a valid integer; found "three" (text).'),
        ("train={kind: transformer, epochs: x}", 'train.epochs: should be a valid integer; found "x" (text).'),
        ("name=", "name: should be text; found null."),
        ("name=2026", "name: should be text; found 2026. Put it in quotes: '\"2026\"'"),
        ("label.polcy=rules", 'label.polcy: unknown key. Did you mean "policy"?'),
    ],
)  # fmt: skip
def test_a_bad_override_is_named_as_it_was_given(config_of, complaint, override, message):
    assert complaint(config_of, "  epochs: 9\n", override) == f"--set {override}: {message}"


def test_problems_of_file_and_overrides_are_named_together(config_of, complaint):
    assert complaint(config_of, "  epochs: x\n", "seed=y") == (
        "toy.yaml: 2 problems\n"
        '  toy.yaml:6: train.epochs: should be a valid integer; found "x" (text).\n'
        '  --set seed=y: seed: should be a valid integer; found "y" (text).'
    )


@pytest.mark.parametrize("kind", ["baseline", "transformer"])
def test_a_config_is_the_same_after_it_was_written_out_and_read(write, kind):
    text = f"""\
name: "2026"
seed: 0
labels: ["no", "for", été]
background: "null"
ingest: {{inputs: [a.txt, "b: c", "dataset:owner/name:train"], label_column: "1e5"}}
evaluate: {{sets: [{{name: real, path: real.jsonl, optional: true}}]}}
train: {{kind: {kind}}}
track: {{enabled: false}}
"""
    config = load_config(write("c.yaml", text))
    assert load_config(write("again.yaml", dump_yaml(config))) == config


def test_a_written_config_shows_every_setting(small):
    shown = dump_yaml(load_config(small))
    sections = ["name", "seed", "device", "runs", "codebook", "labels", "background", "about"]
    sections += ["ingest", "label", "split", "augment", "pretrain", "teach", "train", "tune", "calibrate", "evaluate"]
    sections += ["behavior", "predict", "track", "promote"]
    assert [line.partition(":")[0] for line in shown.splitlines() if line[0].isalpha()] == sections
    assert "  near_duplicate_jaccard: 0.6\n" in shown
    assert "  learning_rate: 0.0002\n" in shown


def test_the_json_schema_knows_just_the_keys_of_a_config(small):
    dumped = load_config(
        small,
        [
            "evaluate.sets=[{name: real, path: real.jsonl}]",
            "teach={teachers: [a]}",
            "pretrain={}",
            "tune={}",
        ],
    ).model_dump(mode="json")
    assert set(_paths(dumped)) == {
        path
        for path in _schema_paths(json_schema())
        if not re.search(r"\.kind=(baseline|static|embedding|cascade)", path)
    }


def test_the_json_schema_allows_no_other_keys_and_explains_each():
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["required"] == ["name", "ingest", "train"]
    objects = [schema, *schema["$defs"].values()]
    assert (
        len(objects) == 22
    )  # the whole, fourteen sections and a range, train in four kinds, an evaluation set, and slices
    for definition in objects:
        assert definition["additionalProperties"] is False
        for name, entry in definition["properties"].items():
            assert "description" in entry or "$ref" in entry or "discriminator" in entry, name


def test_the_json_schema_is_json_and_offers_the_words_of_a_choice():
    schema = json.loads(json.dumps(json_schema()))
    assert schema["properties"]["device"]["enum"] == ["auto", "cpu", "cuda", "mps"]
    assert schema["$defs"]["TransformerTraining"]["properties"]["kind"]["const"] == "transformer"
    assert schema["title"] == "stance-pipeline run"


def _paths(value: Any, prefix: str = "") -> Iterator[str]:
    """Every key of a config, as `.train.epochs`; a union's sections by their kind."""
    if isinstance(value, dict):
        kind = f".kind={value['kind']}" if "kind" in value else ""
        for key, inner in value.items():
            yield f"{prefix}{kind}.{key}"
            yield from _paths(inner, f"{prefix}{kind}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, prefix)


def _schema_paths(schema: Any) -> Iterator[str]:
    def walk(entry: Any, prefix: str) -> Iterator[str]:
        if "$ref" in entry:
            entry = schema["$defs"][entry["$ref"].rpartition("/")[2]]
        for option in [*entry.get("oneOf", []), *entry.get("anyOf", [])]:
            yield from walk(option, prefix)
        if "items" in entry:
            yield from walk(entry["items"], prefix)
        properties = entry.get("properties", {})
        kind = f".kind={properties['kind']['const']}" if "kind" in properties else ""
        for key, inner in properties.items():
            yield f"{prefix}{kind}.{key}"
            yield from walk(inner, f"{prefix}{kind}.{key}")

    return walk(schema, "")


def test_the_schema_is_the_one_that_configs_are_checked_with():
    assert json_schema()["properties"] == Config.model_json_schema()["properties"]


def test_a_file_that_is_nested_without_end_is_an_error(config_of, complaint):
    assert complaint(config_of, "  epochs: 9\nx: " + "[" * 3000) == (
        "toy.yaml: nested too deep, or an alias (*name) that holds itself. Write it out"
    )


def test_a_value_that_holds_itself_is_an_error(config_of, complaint):
    assert complaint(config_of, "  epochs: 9\n", "seed=&a [*a]") == (
        "toy.yaml: nested too deep, or an alias (*name) that holds itself. Write it out"
    )
