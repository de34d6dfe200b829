"""The gate: who becomes champion, who does not and why, and that nothing changes where it refuses."""

import json
import threading
import time
from pathlib import Path

import pytest
from toy import config_text
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.config import load_config
from pipeline.recipe import Audience, run
from pipeline.records import StanceError
from pipeline.tracking.client import connect
from pipeline.tracking.promotion import CLAIM_TAG, contest

ROOT = Path(__file__).parent.parent
URI = "sqlite:///mlflow.db"
WEAK, STRONG = "{kind: baseline, C: [0.000000001], class_weights: none}", "{kind: baseline, C: [4.0]}"
GATE = "promote: {max_ece: 1.0, max_swap_flip_rate: null}\n"


def do(name: str, train: str, further: str = GATE) -> Path:
    path = Path(f"{name}.yaml")
    path.write_text(config_text(name, train, further), encoding="utf-8")
    run(load_config(path), Audience(), "track")
    return path


def promote(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["promote", *(str(argument) for argument in arguments)], catch_exceptions=False)


def champion() -> int:
    return int(connect(URI).get_model_version_by_alias("stance", "champion").version)


def tags(version: int) -> dict[str, str]:
    return dict(connect(URI).get_model_version("stance", str(version)).tags)


def test_a_better_model_becomes_champion_and_the_decision_is_kept(workplace):
    do("weak", WEAK)
    result = promote(do("strong", STRONG))
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == "stance version 2 (strong) against version 1 (weak)"
    assert result.output.splitlines()[-1] == "stance version 2 is champion now"
    assert champion() == 2
    decision = json.loads(tags(2)["promotion.decision"])
    assert decision["promoted"] is True
    assert [(c["name"], c["holds"]) for c in decision["conditions"]] == [("better", True), ("calibration", True)]
    assert tags(2)["promotion.better"].startswith("holds: macro-F1 on test ")


def test_a_model_that_is_not_better_is_refused_and_nothing_changes(workplace):
    do("strong", STRONG)
    path = do("again", STRONG)
    before = (champion(), tags(1), tags(2))
    result = promote(path)
    assert result.exit_code == 1
    assert "✗ better: macro-F1 on test " in result.output
    assert result.output.splitlines()[-1] == "refused: the champion stays"
    assert (champion(), tags(1), tags(2)) == before


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        (
            "calibrate: {method: none}\npromote: {max_ece: 0.01, max_swap_flip_rate: null}\n",
            "✗ calibration: calibration error ",
        ),
        (
            "promote: {max_ece: 1.0, floors: {warning: 1.0, none: 0.1}}\n",
            "✗ swaps: not measured: name behavior.countries, or set promote.max_swap_flip_rate to null",
        ),
    ],
)
def test_every_condition_has_to_hold(workplace, gate, told):
    do("weak", WEAK)
    result = promote(do("strong", STRONG, gate))
    assert result.exit_code == 1
    assert told in result.output
    assert champion() == 1


def test_a_floor_and_swaps_that_hold(workplace):
    do("weak", WEAK)
    gate = "promote: {max_ece: 1.0, floors: {warning: 0.2}, max_swap_flip_rate: 1.0}\n"
    further = f"{gate}behavior: {{countries: {ROOT}/data/countries.jsonl}}\n"
    result = promote(do("strong", STRONG, further))
    assert result.exit_code == 0
    assert "✓ floor of warning: F1 " in result.output
    assert "✓ swaps: " in result.output


def test_without_a_version_the_newest_of_the_configs_own_run_is_the_candidate(workplace):
    do("weak", WEAK)
    path = do("strong", STRONG)
    do("later", WEAK)
    result = promote(path)
    assert result.output.splitlines()[0] == "stance version 2 (strong) against version 1 (weak)"
    assert champion() == 2
    stranger = Path("stranger.yaml")
    stranger.write_text(config_text("stranger", WEAK, GATE), encoding="utf-8")
    with pytest.raises(StanceError) as error:
        promote(stranger)
    assert str(error.value) == (
        "stance: no version comes from a run named stranger; there are 3 (later), 2 (strong), 1 (weak). Run that "
        "config first, or name a version, with --version"
    )


def test_models_measured_on_other_sentences_are_not_compared(workplace):
    do("weak", WEAK)
    path = do("other", STRONG, f"{GATE}seed: 5\n")
    with pytest.raises(StanceError, match=r"^set test: .* were measured on different sentences or labels: "):
        promote(path)
    assert champion() == 1


def test_what_cannot_be_promoted_is_named(workplace):
    path = workplace / "weak.yaml"
    path.write_text(config_text("weak", WEAK, GATE), encoding="utf-8")
    for arguments, message in (
        ((path,), "track.uri: sqlite:///mlflow.db: no such store. Log a run first, with `stance run`"),
    ):
        with pytest.raises(StanceError) as error:
            promote(*arguments)
        assert str(error.value) == message
    do("weak", WEAK)
    for arguments, message in (
        ((path,), "stance version 1: is champion already. Name another, with --version"),
        (
            (path, "--version", 7),
            "stance: has no version 7. See its versions with `stance ui`, under Models",
        ),
        (
            (path, "--set", "track.registered_model=other"),
            "other: no such registered model. Log a run first, with `stance run`",
        ),
    ):
        with pytest.raises(StanceError) as error:
            promote(*arguments)
        assert str(error.value) == message


@pytest.mark.slow
def test_of_two_promotions_at_once_one_is_told_to_wait(workplace):
    do("weak", WEAK)
    path = do("strong", STRONG)
    settings = load_config(path)
    told: list[str] = []

    def other() -> None:
        try:
            with contest(settings.track, settings.name, None):
                time.sleep(3)
                told.append("has it")
        except StanceError as error:
            told.append(str(error))

    threads = [threading.Thread(target=other) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    busy = "stance: another promotion is going on. Wait for it to end, and see what it decided"
    assert sorted(told) == sorted(["has it", busy])
    assert connect(URI).get_registered_model("stance").tags[CLAIM_TAG] == ""  # given back


def test_a_claim_that_nobody_gave_back_is_void_in_the_end(workplace):
    do("weak", WEAK)
    path = do("strong", STRONG)
    connect(URI).set_registered_model_tag("stance", CLAIM_TAG, f"gone {time.time() - 10_000:.0f}")
    assert promote(path).exit_code == 0
