"""The store: outputs whole or not at all, stages done once, and one writer at a time."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.records import Example, Sentence
from pipeline.store import fingerprint, jsonl
from pipeline.store.atomic import atomic_file, atomic_folder, sweep, write_text
from pipeline.store.manifest import Ingredients, Manifest, read_manifest, why_stale
from pipeline.store.run_folder import Narrator, RunFolder, Stage, open_run


class HalfWayError(Exception):
    """What stops a block half-way."""


def everything_in(folder: Path) -> dict[str, str]:
    """Contents of every file below a folder, hidden ones too."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


class TestAtomicFile:
    def test_it_appears_when_the_block_ends_well(self, here):
        with atomic_file(Path("a/b/out.txt")) as temporary:
            temporary.write_text("whole")
            assert not Path("a/b/out.txt").exists()
        assert everything_in(here) == {"a/b/out.txt": "whole"}

    def test_it_never_appears_when_the_block_raises(self, here):
        with pytest.raises(HalfWayError), atomic_file(Path("out.txt")) as temporary:
            temporary.write_text("half")
            raise HalfWayError
        assert everything_in(here) == {}

    def test_what_was_there_stays_when_the_block_raises(self, here, write):
        path = write("out.txt", "before")
        with pytest.raises(HalfWayError), atomic_file(path) as temporary:
            temporary.write_text("half")
            raise HalfWayError
        assert everything_in(here) == {"out.txt": "before"}

    def test_it_replaces_what_was_there(self, here, write):
        write_text(write("out.txt", "before"), "“after”")
        assert Path("out.txt").read_bytes() == "“after”".encode()
        assert len(everything_in(here)) == 1

    def test_others_may_read_it_as_far_as_the_umask_lets_them(self, here):
        before = os.umask(0o027)
        try:
            write_text(Path("out.txt"), "x")
        finally:
            os.umask(before)
        assert Path("out.txt").stat().st_mode & 0o777 == 0o640

    def test_a_folder_in_its_place_is_an_error(self, here, complaint):
        Path("out").mkdir()
        assert complaint(write_text, Path("out"), "x") == "out: is a folder. Name a file to write"

    def test_a_file_in_place_of_its_folder_is_an_error(self, write, complaint):
        write("taken", "x")
        message = complaint(write_text, Path("taken/out.txt"), "x")
        assert message == "taken/out.txt: cannot be written: Not a directory. Choose another place"


class TestAtomicFolder:
    def test_it_appears_when_the_block_ends_well(self, here):
        with atomic_folder(Path("a/out")) as temporary:
            (temporary / "one.txt").write_text("1")
            assert not Path("a/out").exists()
        assert everything_in(here) == {"a/out/one.txt": "1"}

    def test_it_replaces_all_that_was_there(self, here, write):
        write("out/old.txt", "before")
        with atomic_folder(Path("out")) as temporary:
            (temporary / "new.txt").write_text("after")
        assert everything_in(here) == {"out/new.txt": "after"}

    def test_what_was_there_stays_when_the_block_raises(self, here, write):
        write("out/old.txt", "before")
        with pytest.raises(HalfWayError), atomic_folder(Path("out")) as temporary:
            (temporary / "new.txt").write_text("half")
            raise HalfWayError
        assert everything_in(here) == {"out/old.txt": "before"}
        assert sorted(path.name for path in here.iterdir()) == ["out"]

    def test_what_was_there_stays_when_the_new_one_cannot_take_its_place(self, here, write):
        write("out/old.txt", "before")
        with pytest.raises(FileNotFoundError), atomic_folder(Path("out")) as temporary:
            temporary.rmdir()
        assert everything_in(here) == {"out/old.txt": "before"}
        assert sorted(path.name for path in here.iterdir()) == ["out"]

    def test_a_file_in_its_place_is_an_error_and_stays(self, here, write, complaint):
        write("out", "before")
        message = complaint(lambda: atomic_folder(Path("out")).__enter__())
        assert message == "out: is a file. Name a folder to write"
        assert everything_in(here) == {"out": "before"}


def test_a_sweep_takes_what_killed_runs_left_and_nothing_else(here, write):
    for name in (".a.x1.tmp", ".b.x2.tmp/inside.txt", ".b.x2.old/inside.txt"):
        write(name, "half")
    kept = {".hidden": "x", "a.tmp": "x", "b.old": "x", "deep/.c.x3.tmp": "x", "whole.txt": "x"}
    for name, content in kept.items():
        write(name, content)
    sweep(here)
    assert everything_in(here) == kept
    assert not Path(".b.x2.tmp").exists()


class TestFingerprints:
    def test_the_order_of_keys_does_not_count_and_any_value_does(self):
        assert fingerprint.of_value({"a": 1, "b": [2]}) == fingerprint.of_value({"b": [2], "a": 1})
        assert fingerprint.of_value({"a": 1, "b": [2]}) != fingerprint.of_value({"a": 1, "b": [3]})

    def test_a_folder_is_known_by_every_file_in_it(self, here, write):
        write("sub/b.txt", "b")
        write("a.txt", "a")
        assert fingerprint.of_folder(here) == {
            "a.txt": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
            "sub/b.txt": "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
        }

    def test_code_is_known_by_the_modules_named(self):
        assert fingerprint.of_code(["split"]) == fingerprint.of_code(["split"])
        assert fingerprint.of_code(["split"]) != fingerprint.of_code(["ingest"])
        assert fingerprint.of_code(["split/grouped.py"]) != fingerprint.of_code(["split"])


class TestJsonLines:
    SENTENCES = (
        Sentence("d1", 1, 0, 9, "“Été” 🕊.", "d.csv:2", "none", {"ann": "none", "bob": "warning"}),
        Sentence("d1", 2, 10, 21, "Two\nlines\u2028.", "d.csv:3"),
    )

    def test_sentences_are_the_same_after_they_were_written_and_read(self, here):
        jsonl.write_sentences(Path("s.jsonl"), self.SENTENCES)
        assert jsonl.read_sentences(Path("s.jsonl")) == list(self.SENTENCES)

    def test_examples_are_the_same_after_they_were_written_and_read(self, here):
        examples = [Example(self.SENTENCES[0], "none", "gold"), Example(self.SENTENCES[1], "warning", "rule:threat")]
        jsonl.write_examples(Path("e.jsonl"), examples)
        assert jsonl.read_examples(Path("e.jsonl")) == examples

    def test_a_line_is_an_object_that_people_can_read(self, here):
        jsonl.write_rows(Path("r.jsonl"), [{"text": "Été"}, {"n": 2}])
        assert Path("r.jsonl").read_bytes() == '{"text": "Été"}\n{"n": 2}\n'.encode()
        assert list(jsonl.read_rows(Path("r.jsonl"))) == [{"text": "Été"}, {"n": 2}]


INGREDIENTS = Ingredients(
    settings={"C": [1, 2], "deep": {"a": 1, "b": "x"}},
    inputs={"sentences": "f1", "codebook": "f2"},
    code="c1",
    libraries={"numpy": "2.0"},
)


class TestManifest:
    @pytest.fixture
    def manifest(self, write) -> Manifest:
        write("stage/out.txt", "result")
        return Manifest("stage", INGREDIENTS, fingerprint.of_folder(Path("stage")), {"n": 3}, 1.5)

    def test_it_is_the_same_after_it_was_written_and_read(self, here, manifest):
        manifest.write(Path("m.json"))
        assert read_manifest(Path("m.json")) == manifest

    @pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"ingredients": {}}', '{"ingredients": 3}', b"\xff"])
    def test_one_that_cannot_be_read_counts_as_none(self, write, content):
        assert read_manifest(write("m.json", content)) is None

    def test_a_missing_one_counts_as_none(self, here):
        assert read_manifest(Path("m.json")) is None

    def test_without_one_it_is_the_first_time(self, here):
        assert why_stale(None, INGREDIENTS, Path("stage")) == "first time"

    def test_nothing_changed_is_no_reason(self, manifest):
        assert why_stale(manifest, INGREDIENTS, Path("stage")) is None

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"settings": {"C": [1], "deep": {"a": 1, "b": "x"}}}, "settings changed: C [1, 2] → [1]"),
            ({"settings": {"C": [1, 2], "deep": {"a": 1, "b": "é"}}}, 'settings changed: deep.b "x" → "é"'),
            ({"settings": {"C": [1, 2], "deep": 3}}, 'settings changed: deep {"a": 1, "b": "x"} → 3'),
            (
                {"settings": {"C": [1, 2], "deep": {"a": 1, "b": "x"}, "new": True}},
                "settings changed: new null → true",
            ),
            (
                {"settings": {"C": [1, 2], "deep": {"a": 1, "b": "x"}, "new": None}},
                "settings changed: new null → null",
            ),
            ({"settings": {"C": [1, 2], "deep": {"a": 1}}}, 'settings changed: deep.b "x" → null'),
            ({"inputs": {"sentences": "f1", "codebook": "f3"}}, "input changed: codebook"),
            ({"inputs": {"sentences": "f1", "codebook": "f2", "more": "f3"}}, "input changed: more"),
            ({"inputs": {"sentences": "f1"}}, "input changed: fewer inputs"),
            ({"code": "c2"}, "code changed"),
            ({"libraries": {"numpy": "2.1"}}, "libraries changed"),
        ],
    )
    def test_what_changed_is_the_reason(self, manifest, changes, reason):
        now = replace(INGREDIENTS, **changes)
        assert why_stale(manifest, now, Path("stage")) == reason
        assert now.key != INGREDIENTS.key

    def test_settings_are_compared_as_json_has_them(self, manifest):
        now = replace(INGREDIENTS, settings={"deep": {"b": "x", "a": 1}, "C": (1, 2)})
        assert why_stale(manifest, now, Path("stage")) is None

    @pytest.mark.parametrize("spoil", ["change", "add", "remove", "remove all"])
    def test_a_result_that_is_not_as_it_was_is_the_reason(self, manifest, spoil):
        out = Path("stage/out.txt")
        if spoil == "change":
            out.write_text("by hand")
        if spoil == "add":
            Path("stage/more.txt").write_text("x")
        if spoil.startswith("remove"):
            out.unlink()
        if spoil == "remove all":
            Path("stage").rmdir()
        reason = "its result is missing or was changed by hand"
        assert why_stale(manifest, INGREDIENTS, Path("stage")) == reason


class Told:
    """A narrator that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.narrator = Narrator(
            started=lambda stage, reason: self.lines.append((stage, reason)),
            finished=lambda stage, summary, seconds: self.lines.append((stage, f"finished {dict(summary)}")),
            skipped=lambda stage, since: self.lines.append((stage, "skipped")),
        )


def save(result: dict[str, Any], folder: Path) -> None:
    (folder / "result.json").write_text(json.dumps(result))


def load(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text())


STAGE = Stage(
    "count", "counted", save, load, code=("records.py",), libraries=("numpy",), summarize=lambda result: result
)
SETTINGS, INPUTS = {"upto": 3}, {"words": "f1"}


class TestRunFolder:
    @pytest.fixture
    def told(self) -> Told:
        return Told()

    @pytest.fixture
    def do(self, here: Path, told: Told) -> Iterator[Callable[..., dict[str, Any]]]:
        """Does the stage in a run's folder; what it computes is how often it has computed."""
        times: list[int] = []

        def once(settings: dict[str, Any] = SETTINGS, inputs: dict[str, str] = INPUTS) -> dict[str, Any]:
            def compute() -> dict[str, Any]:
                times.append(1)
                return {"times": len(times)}

            return folder.do(STAGE, compute, settings=settings, inputs=inputs).value

        with open_run(Path("runs/toy"), told.narrator) as folder:
            yield once

    def test_a_stage_is_computed_once_and_then_skipped(self, do, told):
        assert [do(), do(), do()] == [{"times": 1}] * 3
        assert told.lines == [
            ("count", "first time"),
            ("count", "finished {'times': 1}"),
            ("count", "skipped"),
            ("count", "skipped"),
        ]

    def test_a_stage_is_skipped_in_a_later_run_too(self, here):
        def run() -> None:
            with open_run(Path("runs/toy"), told.narrator) as folder:
                folder.do(STAGE, lambda: {"n": 1}, settings=SETTINGS, inputs=INPUTS)

        told = Told()
        run()
        run()
        assert [what for _, what in told.lines] == ["first time", "finished {'n': 1}", "skipped"]

    def test_other_settings_compute_it_again(self, do, told):
        do()
        assert do(settings={"upto": 4}) == {"times": 2}
        assert told.lines[2] == ("count", "settings changed: upto 3 → 4")

    def test_another_input_computes_it_again(self, do, told):
        do()
        assert do(inputs={"words": "f2"}) == {"times": 2}
        assert told.lines[2] == ("count", "input changed: words")

    def test_a_result_changed_by_hand_is_computed_again(self, do, told):
        do()
        Path("runs/toy/counted/result.json").write_text('{"times": 99}')
        assert do() == {"times": 2}
        assert told.lines[2] == ("count", "its result is missing or was changed by hand")

    def test_a_stage_can_be_forgotten(self, do, told):
        do()
        RunFolder(Path("runs/toy"), told.narrator).forget(STAGE)
        assert do() == {"times": 2}
        assert told.lines[2] == ("count", "first time")

    def test_the_same_result_has_the_same_fingerprint_and_another_has_not(self, here, told):
        folder = RunFolder(Path("runs/toy"), told.narrator)
        prints = [
            folder.do(STAGE, lambda n=n: {"n": n}, settings={"case": case}, inputs={}).fingerprint
            for case, n in enumerate([1, 1, 2])
        ]
        assert prints[0] == prints[1] != prints[2]

    def test_a_stage_that_fails_leaves_the_last_result_and_no_manifest_of_the_new(self, here, told):
        folder = RunFolder(Path("runs/toy"), told.narrator)
        folder.do(STAGE, lambda: {"n": 1}, settings=SETTINGS, inputs=INPUTS)

        def fail() -> dict[str, Any]:
            raise HalfWayError

        with pytest.raises(HalfWayError):
            folder.do(STAGE, fail, settings={"upto": 4}, inputs=INPUTS)
        assert load(Path("runs/toy/counted")) == {"n": 1}
        assert folder.do(STAGE, fail, settings=SETTINGS, inputs=INPUTS).value == {"n": 1}

    def test_unfinished_work_is_kept_for_the_same_ingredients_only(self, here, told):
        folder = RunFolder(Path("runs/toy"), told.narrator)
        found: list[bool] = []

        def go(settings: dict[str, Any], *, fail: bool) -> None:
            def compute() -> dict[str, Any]:
                checkpoint = folder.scratch(STAGE) / "checkpoint"
                found.append(checkpoint.exists())
                checkpoint.write_text("x")
                if fail:
                    raise HalfWayError
                return {}

            folder.do(STAGE, compute, settings=settings, inputs=INPUTS)

        for settings in ({"upto": 1}, {"upto": 1}, {"upto": 2}):
            with pytest.raises(HalfWayError):
                go(settings, fail=True)
        go({"upto": 2}, fail=False)
        assert found == [False, True, False, True]
        assert not folder.scratch(STAGE).exists()

    def test_a_run_cannot_lie_where_a_file_is(self, write, complaint):
        path = write("runs", "x")
        message = complaint(lambda: open_run(path, Narrator()).__enter__())
        assert message == "runs: cannot be written: File exists. Choose another `runs` folder"

    def test_a_follower_waits_for_the_leaders_result_and_computes_nothing(self, here, told):
        results, computed = follow_and_lead(STAGE, told.narrator)
        assert results == [{"by": "leader"}] * 2
        assert computed == ["leader"]

    def test_a_follower_computes_along_what_all_processes_do_together(self, here, told):
        results, computed = follow_and_lead(replace(STAGE, collective=True), told.narrator)
        assert results == [{"by": "leader"}] * 2
        assert sorted(computed) == ["follower", "leader"]

    def test_a_follower_waits_while_a_result_changed_by_hand_is_made_anew(self, here, told):
        with open_run(Path("runs/toy"), told.narrator) as folder:
            folder.do(STAGE, lambda: {"by": "nobody"}, settings=SETTINGS, inputs=INPUTS)
        Path("runs/toy/counted/result.json").write_text("by hand")
        results, computed = follow_and_lead(STAGE, told.narrator)
        assert results == [{"by": "leader"}] * 2
        assert computed == ["leader"]

    def test_a_follower_tells_nothing_and_takes_no_lock(self, here, told):
        with open_run(Path("runs/toy"), told.narrator) as folder:
            folder.do(STAGE, lambda: {"n": 1}, settings=SETTINGS, inputs=INPUTS)
            told.lines.clear()
            with open_run(Path("runs/toy"), told.narrator, is_leader=False) as follower:
                saved = follower.do(STAGE, lambda: {"n": 2}, settings=SETTINGS, inputs=INPUTS)
        assert saved.value == {"n": 1}
        assert told.lines == []


def follow_and_lead(stage: Stage[Any], narrator: Narrator) -> tuple[list[Any], list[str]]:
    """What follower and leader get for a stage that both do, and who computed."""
    computed: list[str] = []
    results: list[Any] = []
    together = threading.Barrier(2)

    def do(who: str) -> None:
        folder = RunFolder(Path("runs/toy"), narrator, is_leader=who == "leader")

        def compute() -> dict[str, str]:
            computed.append(who)
            if stage.collective:
                together.wait(timeout=20)
            return {"by": who}

        results.append(folder.do(stage, compute, settings=SETTINGS, inputs=INPUTS).value)

    follower = threading.Thread(target=do, args=("follower",), daemon=True)
    follower.start()
    do("leader")
    follower.join(timeout=20)
    return results, computed


HOLD = """
import sys
from pathlib import Path
from pipeline.store.run_folder import Narrator, open_run
with open_run(Path("runs/toy"), Narrator()):
    print("open", flush=True)
    sys.stdin.readline()
"""

DIE = """
import os
from pathlib import Path
from pipeline.store.atomic import atomic_file
from pipeline.store.run_folder import Narrator, Stage, open_run

def save(result, folder):
    (folder / "half.txt").write_text("half")
    with atomic_file(Path("runs/toy/manifests/count.json")) as temporary, atomic_file(Path("runs/toy/log")):
        os._exit(9)

with open_run(Path("runs/toy"), Narrator()) as folder:
    stage = Stage("count", "counted", save, lambda folder: None, code=("records.py",))
    folder.do(stage, lambda: 1, settings={}, inputs={})
"""


@contextmanager
def another_process() -> Iterator[subprocess.Popen[str]]:
    """A process that holds the run open until a line is written to it, or it is killed."""
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "open\n"
            yield process
        finally:
            process.kill()


class TestSeveralProcesses:
    def test_a_second_writer_is_turned_away_until_the_first_ends(self, here, complaint):
        with another_process() as process:
            assert complaint(lambda: open_run(Path("runs/toy"), Narrator()).__enter__()) == (
                "runs/toy: another process is writing to this run. Wait for it to end, or choose another `name`"
            )
            with open_run(Path("runs/other"), Narrator()) as other:
                assert other.path == Path("runs/other")
            process.communicate("go on\n", timeout=20)
        with open_run(Path("runs/toy"), Narrator()) as folder:
            assert folder.is_leader

    def test_a_killed_writer_holds_no_lock(self, here):
        with another_process() as process:
            process.kill()
            process.wait(timeout=20)
            with open_run(Path("runs/toy"), Narrator()) as folder:
                assert folder.is_leader

    def test_what_a_killed_writer_left_half_written_is_swept_and_done_anew(self, here):
        killed = subprocess.run([sys.executable, "-c", DIE], check=False, timeout=60)
        assert killed.returncode == 9
        assert sum(name.endswith((".tmp", "half.txt")) for name in everything_in(here)) == 3
        told = Told()
        with open_run(Path("runs/toy"), told.narrator) as folder:
            assert sorted(everything_in(here)) == ["runs/toy/.count-unfinished/ingredients", "runs/toy/.lock"]
            assert folder.do(STAGE, lambda: {"n": 1}, settings={}, inputs={}).value == {"n": 1}
        assert told.lines[0] == ("count", "first time")
        assert load(Path("runs/toy/counted")) == {"n": 1}
