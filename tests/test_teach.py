"""Learning from trained models: what they say of the training part, and of sentences that nobody labeled."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy import LABELS, config_text, toy_examples, write_jsonl

from pipeline.config import load_config
from pipeline.config.teach import TeachConfig
from pipeline.models import LabelSet, make_model
from pipeline.models.saved import load_saved, save_model
from pipeline.recipe import Audience, run
from pipeline.records import Parts, Sentence
from pipeline.teach import STAGE, Taught, check_teachers, find_teachers, teach, teacher_inputs
from pipeline.variants import variants

CONFIG = TeachConfig(teachers=("a",), share=0.25)


@pytest.fixture(scope="module")
def parts() -> Parts:
    examples = toy_examples()
    return Parts(examples[:60], examples[60:78], examples[78:])


@pytest.fixture(scope="module")
def teachers(settings, parts):
    config = settings["baseline"]
    wrong = [replace(e, label="none" if e.label == "warning" else e.label) for e in parts.train]
    odd = [replace(e, label="warning") if i == 0 else e for i, e in enumerate(wrong)]  # every label has an example
    return [
        make_model(config, LABELS, seed=1, device="cpu").fit(train, parts.validation) for train in (parts.train, odd)
    ]


def sentence(text: str) -> Sentence:
    return Sentence("new", 1, 0, len(text), text, "new.txt:1")


def test_a_target_is_part_label_and_part_the_mean_of_what_the_teachers_say(parts, teachers):
    taught = teach(CONFIG, parts, [], teachers)
    texts = [e.text for e in parts.train]
    said = np.mean([t.predict_proba(texts) for t in teachers], axis=0)
    for example, before, row in zip(taught.examples, parts.train, said, strict=True):
        expected = 0.25 * row
        expected[LABELS.all.index(before.label)] += 0.75
        assert (example.label, example.origin) == (before.label, "gold")
        assert list(example.shares.values()) == pytest.approx(expected.tolist())
        assert sum(example.shares.values()) == pytest.approx(1)


def test_sentences_without_a_label_get_the_teachers_but_for_those_of_any_part(parts, teachers):
    new = [sentence("They took our ships, and we protest."), sentence("They took our ships, and we protest.")]
    ours = [sentence(parts.train[0].text), sentence(parts.validation[0].text), sentence(parts.test[0].text)]
    taught = teach(CONFIG, parts, [*ours, *new], teachers)
    (added,) = taught.examples[60:]
    assert (added.text, added.label, added.origin) == (new[0].text, "grievance", "teacher")
    said = np.mean([t.predict_proba([new[0].text]) for t in teachers], axis=0)[0]
    assert list(added.shares.values()) == pytest.approx(said.tolist())


def test_the_summary_says_how_far_the_teachers_agree(parts, teachers):
    texts = [e.text for e in parts.train]
    said = np.mean([t.predict_proba(texts) for t in teachers], axis=0).argmax(axis=1)
    agree = np.mean([LABELS.all[place] == e.label for place, e in zip(said, parts.train, strict=True)])
    taught = teach(CONFIG, parts, [sentence("They protest.")], teachers)
    assert taught.agreement == agree < 1
    assert taught.summary() == {"examples": 60, "teachers agree": f"{100 * agree:.3g}%", "labeled by them": 1}


def test_what_is_taught_is_kept(parts, teachers, tmp_path):
    taught = teach(CONFIG, parts, [sentence("They protest.")], teachers)
    STAGE.save(taught, tmp_path)
    assert STAGE.load(tmp_path) == taught == Taught(taught.examples, taught.agreement)


def test_a_teacher_of_other_labels_is_an_error(teachers, tmp_path, complaint):
    save_model(teachers[0], tmp_path)
    check_teachers([tmp_path], LABELS)
    assert complaint(check_teachers, [tmp_path], LabelSet(("cooperative", "warning"), "none")) == (
        f"teach.teachers: {tmp_path}: its labels are cooperative, warning, grievance, none, and the config's are "
        "cooperative, warning, none. Take a model of the same labels, in the same order"
    )


def test_teachers_may_be_named_by_a_pattern(here, complaint):
    for name in ("training", "training-2"):
        Path(f"runs/seeds/{name}/model").mkdir(parents=True)
    found = find_teachers(["runs/seeds/training*/model", "runs/other/model"])
    assert [str(path) for path in found] == [
        "runs/seeds/training-2/model", "runs/seeds/training/model", "runs/other/model",
    ]  # fmt: skip
    assert complaint(find_teachers, ["runs/none*/model"]) == (
        "teach.teachers: runs/none*/model: nothing there. Train the teachers first, or mend the pattern"
    )


@pytest.mark.slow
def test_a_run_learns_from_the_model_of_another(workplace, encoder_dir):
    Path("teacher.yaml").write_text(config_text("teacher"))
    run(load_config(Path("teacher.yaml")), Audience(), until="calibrate")
    write_jsonl(Path("new.jsonl"), [{"text": f"We condemn attack {i} and protest."} for i in range(5)])
    small = f"{{kind: transformer, encoder: {encoder_dir}, epochs: 1, batch_size: 8, learning_rate: 0.01}}"
    teach_section = "teach: {teachers: [runs/teacher/model], inputs: [new.jsonl], read_as: sentences, share: 1.0}\n"
    Path("plain.yaml").write_text(config_text("plain", small))
    Path("student.yaml").write_text(config_text("student", small, teach_section))
    plain, student = (run(load_config(Path(f"{n}.yaml")), Audience(), until="train") for n in ("plain", "student"))
    assert plain.teach is None
    assert student.teach.manifest.summary["labeled by them"] == 5
    texts = ["We welcome the talks."]
    answers = [r.train.value.model.predict_proba(texts) for r in (plain, student)]
    assert not np.allclose(*answers, atol=1e-4)
    shutil.rmtree("runs/teacher/model")
    shutil.copytree("runs/student/training/model", "runs/teacher/model")  # another teacher: another student
    again = run(load_config(Path("student.yaml")), Audience(), until="train")
    assert again.teach.fingerprint != student.teach.fingerprint
    assert not np.array_equal(again.train.value.model.predict_proba(texts), answers[1])


def test_a_teacher_of_another_split_is_told_of(workplace):
    Path("teacher.yaml").write_text(config_text("teacher"))
    section = "teach: {teachers: [runs/teacher/training/model], inputs: [article.txt]}\n"
    Path("student.yaml").write_text(config_text("student", further=section))
    run(load_config(Path("teacher.yaml")), Audience(), until="train")
    notes: list[str] = []
    run(load_config(Path("student.yaml")), Audience(note=notes.append), until="teach")
    assert notes == []
    run(load_config(Path("student.yaml"), ["seed=3", "name=other"]), Audience(note=notes.append), until="teach")
    assert notes == [
        "teach: trained on another split, so that sentences of the test part may have been learned: "
        "runs/teacher/training/model; figures may flatter"
    ]


def test_what_people_write_into_a_teachers_card_changes_nothing(teachers, tmp_path):
    save_model(teachers[0], tmp_path)
    before = teacher_inputs([tmp_path])
    (tmp_path / "MODEL_CARD.md").write_text("A word of mine.\n")
    assert teacher_inputs([tmp_path]) == before


@pytest.mark.parametrize(
    ("train", "section", "message"),
    [
        ("{kind: baseline}", "{teachers: [a]}", "learns labels only, so that teachers have nothing to add"),
        ("{kind: transformer, soft_labels: true}", "{teachers: [a]}", "a target has one source of doubt"),
    ],
)
def test_teachers_that_cannot_be_heard_are_an_error(workplace, complaint, train, section, message):
    Path("student.yaml").write_text(config_text("student", train, f"teach: {section}\n"))
    assert message in complaint(load_config, Path("student.yaml"))


def test_a_missing_teacher_is_named_before_anything_runs(workplace, complaint):
    section = "teach: {teachers: [runs/nobody/model], inputs: [corpus], read_as: sentences}\n"
    Path("student.yaml").write_text(config_text("student", further=section))
    message = complaint(run, load_config(Path("student.yaml")), Audience())
    assert message.startswith("teach.teachers: runs/nobody/model: ")
    assert not Path("runs/student/sentences").exists()


def test_a_saved_student_can_be_loaded_without_its_teacher(workplace):
    Path("teacher.yaml").write_text(config_text("teacher"))
    run(load_config(Path("teacher.yaml")), Audience(), until="calibrate")
    section = "teach: {teachers: [runs/teacher/model], inputs: [article.txt]}\n"
    Path("student.yaml").write_text(config_text("student", further=section))
    run(load_config(Path("student.yaml")), Audience(), until="calibrate")
    shutil.rmtree("runs/teacher")
    assert json.loads(Path("runs/student/model/stance.json").read_text())["kind"] == "baseline"
    assert load_saved(Path("runs/student/model"), "cpu").predict(["We welcome it."])[0].label == "cooperative"


def test_variants_are_parts_of_the_sentence_in_its_order():
    text = "We will answer any attack on our ships with all the force that we have, at once and in full."
    some = list(variants([sentence(text)] * 40, 2, seed=3))
    assert len({variant.text for variant in some}) > 40
    words = text.split()
    for variant in some:
        rest = iter(words)
        assert all(word in rest for word in variant.text.split())
        assert 4 <= len(variant.text.split()) < len(words)
    assert {variant.document for variant in some} == {"new (variant 1)", "new (variant 2)"}
    assert [v.text for v in variants([sentence(text)] * 40, 2, seed=3)] == [v.text for v in some]
    assert not list(variants([sentence("They protest.")] * 9, 2, seed=3))


def test_teachers_label_variants_of_the_training_part(workplace, teachers):
    Path("teacher").mkdir()
    save_model(teachers[0], Path("teacher"))
    section = "teach: {teachers: [teacher], variants: 1}\n"
    Path("student.yaml").write_text(config_text("student", "{kind: transformer}", section))
    found = run(load_config(Path("student.yaml")), Audience(), until="teach")
    added = [example for example in found.teach.value.examples if example.origin == "teacher"]
    assert added
    assert all(e.sentence.document.endswith(" (variant 1)") and e.shares for e in added)
    other = run(load_config(Path("student.yaml"), ["seed=3"]), Audience(), until="teach")
    assert other.teach.fingerprint != found.teach.fingerprint
