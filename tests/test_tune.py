"""The search: which settings, on which sentences, stopped and gone on with, and a config that holds what it says."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from toy import LABELS, config_text, toy_examples

from pipeline.config import load_config
from pipeline.models import make_model
from pipeline.models.saved import save_model
from pipeline.recipe import Audience, run
from pipeline.records import Example, Parts, Sentence, StanceError
from pipeline.tune import tune
from pipeline.tune.folds import make_folds
from pipeline.tune.space import USUAL, applied, space_of
from pipeline.tune.study import Found, TrialResult

SPACE = "space: {train.min_document_frequency: {low: 1, high: 6}, train.word_ngrams: [[1, 1], [1, 2]]}"


@pytest.fixture
def write_config(workplace):
    """Writes a config that trains in a moment, with a `tune` section, and loads it."""

    def to(
        section: str = f"trials: 4, folds: 2, {SPACE}", name: str = "toy", train: str = "{kind: baseline, C: [1.0]}"
    ):
        Path(f"{name}.yaml").write_text(config_text(name, train, f"tune: {{{section}}}\n"))
        return load_config(Path(f"{name}.yaml"))

    return to


def search(config, audience: Audience | None = None) -> tuple[Found, list[str]]:
    lines: list[str] = []
    return tune(config, audience or Audience(), None, lines.append), lines


def test_the_first_trial_is_the_config_as_it_is_and_the_best_is_the_best(write_config):
    tuned, lines = search(write_config())
    trials = tuned.found.trials
    assert [trial.number for trial in trials] == [1, 2, 3, 4]
    assert trials[0].values == {"train.min_document_frequency": 2, "train.word_ngrams": [1, 2]}
    assert len({json.dumps(trial.values) for trial in trials}) > 2
    assert tuned.found.best.score == max(trial.score for trial in trials if trial.is_whole)
    assert len(lines) == 4
    assert lines[0].startswith(
        f"trial 1/4  macro-F1 {trials[0].score:.4f}  min_document_frequency 2, word_ngrams [1, 2]"
    )


def test_a_run_of_the_config_it_writes_gives_the_figure_in_its_header(write_config):
    tuned, _ = search(write_config())
    text = tuned.config_path.read_text()
    best = load_config(tuned.config_path)
    assert (best.name, best.tune) == ("toy-tuned", None)
    assert best.train.min_document_frequency == tuned.found.best.values["train.min_document_frequency"]
    shutil.rmtree("runs/toy-tuned")  # nothing is remembered
    again = run(best, Audience(), until="train").train.value
    assert f"gives validation macro-F1 {again.validation_macro_f1:.4f} on" in text
    assert f"trial {tuned.found.best.number} of 4, mean macro-F1 over 2 folds {tuned.found.best.score:.4f}." in text


class KilledError(Exception):
    pass


def test_a_stopped_search_goes_on_and_finds_what_an_unbroken_one_finds(write_config):
    unbroken, _ = search(write_config(name="unbroken"))
    for where in ("trial 1, fold 2", "trial 4, fold 2"):  # the third one done; the first was tried twice

        def kill(what: str, done: int, total: int, where: str = where) -> None:
            if what.startswith(where):
                raise KilledError

        with pytest.raises(KilledError):
            search(write_config(name="broken"), Audience(progress=kill))
    resumed, lines = search(write_config(name="broken"))
    assert [line.split()[1] for line in lines] == ["3/4", "4/4"]  # those done are not done again
    assert [t.values for t in resumed.found.trials] == [t.values for t in unbroken.found.trials]
    assert [t.scores for t in resumed.found.trials] == [t.scores for t in unbroken.found.trials]


def test_more_trials_add_to_those_done(write_config):
    few, _ = search(write_config(f"trials: 2, folds: 2, {SPACE}"))
    more, lines = search(write_config(f"trials: 3, folds: 2, {SPACE}"))
    assert more.found.trials[:2] == few.found.trials
    assert len(lines) == 1
    with Path("runs/toy/tuning/trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["trial"] for row in rows] == ["1", "2", "3"]
    assert json.loads(rows[0]["train.word_ngrams"]) == [1, 2]
    assert Path("runs/toy/tuning/trials.png").read_bytes().startswith(b"\x89PNG")


def test_another_space_is_another_search_and_takes_nothing_from_the_first(write_config):
    tuned, _ = search(write_config(f"trials: 2, folds: 2, {SPACE}"))
    found = tuned.config_path.read_text()
    _, lines = search(write_config("trials: 2, folds: 2, space: {train.word_ngrams: [[1, 1], [1, 2]]}"))
    assert len(lines) == 3
    [kept] = Path("runs/toy/tuning").glob("best-*.yaml")
    earlier = kept.stem.removeprefix("best-")
    assert kept.read_text() == found
    assert lines[0] == (
        f"another search than before; what that one found is kept in runs/toy/tuning, as best-{earlier}.yaml and "
        f"trials-{earlier}.csv"
    )
    assert {path.name for path in Path("runs/toy/tuning").glob("trials*")} == {
        "trials.csv", "trials.png", f"trials-{earlier}.csv", f"trials-{earlier}.png",
    }  # fmt: skip


def test_a_cascade_has_nothing_to_search_for(write_config, complaint):
    config = write_config(train="{kind: cascade}", section="trials: 2")
    assert complaint(search, config) == (
        "tune: a cascade is made of trained models and has nothing to search for. Tune each of these"
    )


def small_transformer(encoder_dir) -> str:
    return f"{{kind: transformer, encoder: {encoder_dir}, epochs: 1, batch_size: 16, max_length: 16}}"


@pytest.mark.slow
def test_a_hopeless_setting_is_given_up(write_config, encoder_dir, monkeypatch):
    monkeypatch.setattr("pipeline.tune.study.AT_RANDOM", 2)
    train = small_transformer(encoder_dir).replace("epochs: 1", "epochs: 1, learning_rate: 0.03")
    space = "space: {train.learning_rate: [0.03, 1.0e-9]}"
    tuned, lines = search(write_config(f"trials: 6, folds: 2, {space}", train=train))
    given_up = [trial for trial in tuned.found.trials if not trial.is_whole]
    assert given_up
    assert all(len(trial.scores) == 1 for trial in given_up)
    assert any("given up after 1 of 2 folds" in line for line in lines)
    unpruned, _ = search(write_config(f"trials: 3, folds: 2, prune: false, {space}", train=train))
    assert all(trial.is_whole for trial in unpruned.found.trials)


@pytest.mark.slow
def test_a_setting_that_runs_away_counts_as_bad_and_ends_nothing(write_config, encoder_dir):
    train = small_transformer(encoder_dir)
    section = "trials: 3, folds: 2, prune: false, space: {train.learning_rate: [0.0002, 1.0e30]}"
    tuned, _ = search(write_config(section, train=train))
    assert {trial.score for trial in tuned.found.trials if trial.values["train.learning_rate"] == 1e30} == {0.0}
    assert tuned.found.best.values == {"train.learning_rate": 0.0002}


@pytest.mark.slow
def test_a_setting_that_cannot_be_trained_ends_nothing_but_a_config_that_cannot_does(write_config, encoder_dir):
    train, section = (
        small_transformer(encoder_dir),
        "trials: 4, folds: 2, prune: false, space: {train.frozen_layers: [0, 9]}",
    )
    notes: list[str] = []
    tuned, _ = search(write_config(section, train=train), Audience(note=notes.append))
    assert {trial.score for trial in tuned.found.trials if trial.values["train.frozen_layers"] == 9} == {0.0}
    assert any("train.frozen_layers: 9: this encoder has 1 layers. Freeze fewer" in note for note in notes)
    wrong = train.replace("epochs: 1", "epochs: 1, frozen_layers: 9")
    with pytest.raises(StanceError, match=r"^train\.frozen_layers: 9: this encoder has 1 layers"):
        search(write_config(section, train=wrong, name="wrong"))


def test_a_trained_model_is_no_start_of_a_search(write_config, encoder_dir, settings):
    examples = toy_examples()
    Path("trained").mkdir()
    save_model(
        make_model(settings["transformer"], LABELS, seed=1, device="cpu").fit(examples[:72], examples[72:]),
        Path("trained"),
    )
    with pytest.raises(StanceError, match=r"^train\.encoder: trained: a trained model may have seen sentences"):
        search(write_config(train=small_transformer("trained")))


def test_each_document_is_held_out_once_and_the_test_part_never(workplace):
    Path("toy.yaml").write_text(config_text())
    made = run(load_config(Path("toy.yaml")), Audience(), until="split").split.value
    folds = make_folds(made.parts, made.pairs, 3, 1.0, seed=1)
    ours = {e.sentence.id for e in [*made.parts.train, *made.parts.validation]}
    assert sorted(e.sentence.id for fold in folds for e in fold.validation) == sorted(ours)
    for fold in folds:
        assert fold.test == []
        train, held_out = ({e.sentence.document for e in part} for part in (fold.train, fold.validation))
        assert not train & held_out
        assert {e.sentence.id for e in [*fold.train, *fold.validation]} == ours


def _example(document: str, label: str) -> Example:
    return Example(Sentence(document, 1, 0, 1, "x", "x"), label, "gold")


def test_near_duplicates_are_held_out_together_and_a_share_is_of_whole_documents():
    examples = [_example(f"d{i:02}", "warning" if i % 2 else "none") for i in range(20)]
    parts = Parts(examples[:15], examples[15:], [])
    folds = make_folds(parts, [("d00#1", "d19#1")], 4, 1.0, seed=1)
    assert all(
        ({"d00", "d19"} & {e.sentence.document for e in fold.validation}) in (set(), {"d00", "d19"}) for fold in folds
    )
    assert sum(len(fold.validation) for fold in make_folds(parts, [], 2, 0.5, seed=1)) == 10


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("space: {train.word_ngram: [1]}",
         'tune.space: train.word_ngram: not a key that can be searched. Did you mean "train.word_ngrams"?'),
        ("space: {split.test: [0.1]}", "tune.space: split.test: not a key that can be searched."),
        ("space: {train.min_document_frequency: {low: 0, high: 5}}",
         "tune.space: train.min_document_frequency 0: Input should be greater than or equal to 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_an_error(write_config, section, message):
    with pytest.raises(StanceError) as error:
        search(write_config(section))
    assert str(error.value).startswith(message)


def test_a_range_that_falls_is_an_error(write_config):
    with pytest.raises(StanceError, match=r"low should be below high; found 4 and 1"):
        write_config("space: {train.min_document_frequency: {low: 4, high: 1}}")
    with pytest.raises(StanceError, match=r"low should be above 0 where log is true"):
        write_config("space: {augment.share: {low: 0, high: 0.5, log: true}}")


def test_too_few_documents_is_an_error(write_config):
    with pytest.raises(StanceError, match=r"tune\.folds: 40 folds"):
        search(write_config("folds: 40"))


@pytest.mark.parametrize("kind", USUAL)
def test_the_usual_space_of_every_kind_can_be_had(workplace, encoder_dir, kind):
    encoder = "" if kind == "baseline" else f", encoder: {encoder_dir}"
    Path("toy.yaml").write_text(config_text(train=f"{{kind: {kind}{encoder}}}"))
    config = load_config(Path("toy.yaml"))
    assert space_of(config) == USUAL[kind]
    assert space_of(config).keys() >= {"train.learning_rate"} or kind in {"baseline", "embedding"}


def test_values_are_checked_as_those_of_a_file(workplace):
    Path("toy.yaml").write_text(config_text())
    config = load_config(Path("toy.yaml"))
    assert applied(config, {"train.word_ngrams": [1, 3]}).train.word_ngrams == (1, 3)
    with pytest.raises(StanceError, match=r"^tune\.space: train\.word_ngrams \[3, 1\]: Value error"):
        applied(config, {"train.word_ngrams": [3, 1]})


def test_the_mean_of_a_trial_is_over_the_folds_done():
    found = Found((TrialResult(1, {}, (0.5, 0.7), True), TrialResult(2, {}, (0.9,), False)), 2)
    assert (found.trials[0].score, found.best.number) == (pytest.approx(0.6), 1)


def test_the_command_shows_the_best_trials(write_config, stance):
    write_config()
    code, shown, said = stance("tune", "toy.yaml", "--trials", "2", "--out", "best.yaml")
    assert code == 0, said
    assert "trial 2/2  macro-F1 " in said
    assert "best: best.yaml  validation macro-F1 of a run of it: " in shown
    assert load_config(Path("best.yaml")).name == "toy-tuned"


def test_teachers_are_an_error(write_config):
    config = write_config()
    with pytest.raises(StanceError, match=r"^teach: teachers have seen sentences that the search holds out"):
        search(load_config(Path("toy.yaml"), ["teach={teachers: [runs/a/model], inputs: [article.txt]}"]))
    assert config.teach is None


def test_several_processes_are_an_error(write_config, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(StanceError, match=r"^tune: several processes would each search for themselves\. Start one"):
        search(write_config())


def test_training_is_heard_of(write_config):
    seen: list[tuple[str, int, int]] = []
    search(write_config(f"trials: 1, folds: 2, {SPACE}"), Audience(progress=lambda *event: seen.append(event)))
    assert ("tune", 0, 1) in seen
    assert any(what == "trial 1, fold 2 of 2" and done == total > 0 for what, done, total in seen)
