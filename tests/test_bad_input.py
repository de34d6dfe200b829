"""What users get wrong, through the command line: one message, exit code 2, nothing half-written."""

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from toy import config_text, toy_rows, write_jsonl

from pipeline.cli import main

UNTRACKED = "track: {enabled: false}\n"


@pytest.fixture
def complaint(monkeypatch, capsys, workplace):
    """Runs a command that must fail as a user's error, and gives the message."""

    def call(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["stance", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        assert end.value.code == 2
        assert "Traceback" not in captured.err
        assert captured.out == ""
        leftovers = [path for path in Path().rglob(".*") if path.suffix in {".tmp", ".old"}]
        assert leftovers == []
        return captured.err.partition("error: ")[2].rstrip("\n")

    return call


def write_config(**changes: str) -> str:
    text = config_text(further=UNTRACKED)
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    Path("toy.yaml").write_text(text, encoding="utf-8")
    return "toy.yaml"


def test_a_wrong_config_has_all_its_problems_named(complaint):
    write_config(a=("train: {kind: baseline}", "train: {kind: transfromer}"), b=("read_as: sentences", "raed_as: 5"))
    Path("toy.yaml").write_text(Path("toy.yaml").read_text() + "device: gpu\nseed: 1e3\n")
    assert complaint("run", "toy.yaml") == (
        "toy.yaml: 4 problems\n"
        '  toy.yaml:3: ingest.raed_as: unknown key. Did you mean "read_as"?\n'
        '  toy.yaml:5: train: kind "transfromer" is not one of baseline, static, embedding, transformer, '
        'cascade. Did you mean "transformer"?\n'
        "  toy.yaml:9: device: should be 'auto', 'cpu', 'cuda' or 'mps'; found \"gpu\". Did you mean \"cuda\"?\n"
        "  toy.yaml:10: seed: should be a valid integer; found 1000.0."
    )
    assert not Path("runs").exists()


def test_problems_of_several_configs_are_all_named_before_anything_runs(complaint):
    write_config()
    Path("bad.yaml").write_text("name: x\n", encoding="utf-8")
    message = complaint("run", "toy.yaml", "bad.yaml", "gone.yaml")
    assert message == (
        "bad.yaml: 2 problems\n"
        "  bad.yaml: ingest: this key is missing; add it\n"
        "  bad.yaml: train: this key is missing; add it\n"
        "gone.yaml: no such file. Name a YAML file, such as configs/baseline.yaml"
    )
    assert not Path("runs").exists()


def test_two_configs_of_one_name(complaint):
    write_config()
    Path("same.yaml").write_text(Path("toy.yaml").read_text())
    message = complaint("run", "toy.yaml", "same.yaml")
    assert message == "runs/toy: two of the configs would write here. Give each its own `name`"


def test_an_empty_file(complaint):
    Path("corpus/empty.jsonl").write_text("")
    assert complaint("run", write_config()) == (
        "corpus/empty.jsonl: is empty: no row in it. Mend it, or leave such rows out with --skip-bad (on_bad_row: skip)"
    )


def test_a_file_without_a_text_column(complaint):
    write_jsonl(Path("corpus/toy.jsonl"), [{"txt": "They met.", "label": "none"}])
    assert complaint("run", write_config()) == (
        'corpus/toy.jsonl: no column "text"; found txt, label. Did you mean "txt"? '
        "Name the one with the text: --text-column (text_column)"
    )


def test_a_label_outside_the_codebook(complaint):
    rows = toy_rows()
    for row in rows[4:9]:
        row["label"] = "warn"
    write_jsonl(Path("corpus/toy.jsonl"), rows)
    assert complaint("run", write_config()) == (
        'corpus/toy.jsonl:5: label "warn" is not one of cooperative, warning, grievance, none (5 rows). '
        'Did you mean "warning"?'
    )


def test_an_unreadable_line(complaint):
    with Path("corpus/toy.jsonl").open("a") as file:
        file.write('{"text": "cut off\n')
    message = complaint("run", write_config())
    assert message == (
        "corpus/toy.jsonl:97: not valid JSON: Unterminated string starting at column 10. "
        "Mend it, or leave such rows out with --skip-bad (on_bad_row: skip)"
    )


def test_an_unreadable_line_can_be_skipped(workplace):
    with Path("corpus/toy.jsonl").open("a") as file:
        file.write('{"text": "cut off\n')
    write_config(a=("read_as: sentences", "read_as: sentences, on_bad_row: skip"))
    command = [sys.executable, "-m", "pipeline", "ingest", "toy.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "sentences 96, bad rows 1" in done.stderr


def test_only_unreadable_lines(trained, complaint):
    Path("bad.jsonl").write_text('{broken\n{"text": 5}\n', encoding="utf-8")
    message = complaint("predict", "--model", trained, "--input", "bad.jsonl", "--output", "p.csv", "--skip-bad")
    assert message == (
        "predict: no sentence is left: 2 rows left out, the first: bad.jsonl:1: not valid JSON: Expecting property "
        "name enclosed in double quotes at column 2. Mend them"
    )


def test_a_document_without_sentences(complaint):
    Path("article.txt").write_text(" 12 – 14 …\n")
    assert complaint("run", write_config()) == (
        "article.txt: has no sentence: no word in it. "
        "Mend it, or leave such rows out with --skip-bad (on_bad_row: skip)"
    )
    assert not Path("runs/toy/predictions").exists()
    assert Path("runs/toy/model/stance.json").exists()  # what was done stays


def test_a_text_that_is_not_utf_8(complaint):
    Path("article.txt").write_bytes(b"Caf" + b"\xe9 talks.")
    assert complaint("run", write_config()) == (
        "article.txt: byte 3 (0xe9) is not UTF-8. Save the file as UTF-8, or name its encoding: --encoding cp1252 "
        "(encoding: cp1252)"
    )


def test_a_class_with_too_few_examples_to_split(complaint):
    rows = [row for row in toy_rows() if row["label"] != "warning" or row["doc_id"] == "d00"]
    write_jsonl(Path("corpus/toy.jsonl"), rows)
    n_warnings = sum(row["label"] == "warning" for row in rows)
    assert complaint("run", write_config()) == (
        f'split: too few examples: label "warning" has {n_warnings} in 1 document; each of train, validation and test '
        "needs 2 of every label, and a document stays whole. Label more documents, or lower split.min_per_label"
    )


@pytest.fixture
def trained(workplace) -> str:
    write_config()
    subprocess.run([sys.executable, "-m", "pipeline", "train", "toy.yaml"], check=True, capture_output=True)
    return "runs/toy/model"


def test_a_model_folder_with_a_missing_file(trained, complaint):
    Path(trained, "terms.json").unlink()
    message = complaint("predict", "--model", trained, "--input", "article.txt", "--output", "p.csv")
    assert message == "runs/toy/model: missing terms.json. Copy the whole folder, or train the model again"
    assert not Path("p.csv").exists()


def test_a_model_folder_with_a_changed_file(trained, complaint):
    with Path(trained, "terms.json").open("ab") as file:
        file.write(b" ")
    message = complaint("predict", "--model", trained, "--input", "article.txt", "--output", "p.csv")
    assert message == (
        "runs/toy/model: changed since it was saved: terms.json (SHA-256 differs from stance.json). "
        "Copy the folder again, or train the model again"
    )


def test_a_model_that_is_not_there(complaint):
    message = complaint("predict", "--model", "runs/none/model", "--input", "article.txt", "--output", "p.csv")
    assert message == "runs/none/model: no such model folder. Train one with `stance run`, or check the path"


def test_an_input_that_is_not_there(trained, complaint):
    message = complaint("predict", "--model", trained, "--input", "artcle.txt", "--output", "p.csv")
    here = Path.cwd().name
    assert message == (
        f"artcle.txt: no such file or folder. Check the path; it is taken from {here}/, the folder that the command "
        "was given in."
    )


def test_a_device_that_is_not_there(complaint):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    why = "this build of torch has no CUDA" if torch.version.cuda is None else "no such device on this machine"
    message = complaint("run", write_config(), "--set", "device=cuda")
    assert message == f"device: cuda: {why}. Found: cpu. Use device: auto or cpu"
    assert not Path("runs").exists()


def test_a_run_folder_that_another_process_writes_to(complaint):
    Path("runs/toy").mkdir(parents=True)
    with FileLock("runs/toy/.lock"):
        message = complaint("run", write_config())
    assert message == ("runs/toy: another process is writing to this run. Wait for it to end, or choose another `name`")


def test_a_codebook_with_other_labels_than_the_config(complaint):
    message = complaint("run", write_config(), "--set", "labels=[cooperative, warning]")
    assert message == (
        "codebook.yaml: labels differ from the config's: the codebook also has grievance. "
        "List the codebook's labels under `labels` and `background`."
    )


def test_an_output_that_cannot_be_written(trained, complaint):
    message = complaint("predict", "--model", trained, "--input", "article.txt", "--output", "article.txt/p.csv")
    assert message == "article.txt/p.csv: cannot be written: Not a directory. Choose another place"


def test_a_wrong_override(complaint):
    assert complaint("run", write_config(), "--set", "train.kinds=x") == (
        '--set train.kinds=x: train.kinds: unknown key. Did you mean "kind"?'
    )


def test_a_word_in_another_shape_than_text(complaint):
    message = complaint("run", write_config(), "--set", "device=[cpu]")
    assert message == (
        "--set device=[cpu]: device: should be 'auto', 'cpu', 'cuda' or 'mps'; found [\"cpu\"]. Did you mean \"cpu\"?"
    )


def test_a_codebook_that_is_not_there(complaint):
    message = complaint("run", write_config(), "--set", "codebook=gone.yaml")
    assert message == (
        f"codebook: gone.yaml: no such file. Check the path; it is taken from {Path.cwd().name}/, the folder that the "
        "command was given in"
    )


def test_a_set_named_like_the_runs_own_part(complaint):
    message = complaint("run", write_config(), "--set", "evaluate.sets=[{name: test, path: corpus}]")
    assert message == (
        'toy.yaml:6: evaluate: each set needs a name of its own, other than "test", the run\'s own part; twice: test'
    )


def test_a_link_that_leads_nowhere(trained, complaint):
    Path("link.txt").symlink_to("gone.txt")
    message = complaint("predict", "--model", trained, "--input", "link.txt", "--output", "p.csv")
    assert message.startswith("link.txt: no such file or folder. Check the path; ")


def test_an_output_that_is_an_input(trained, complaint):
    before = Path("article.txt").read_bytes()
    Path("table.csv").write_text("text\nThey met.\n")
    message = complaint("predict", "--model", trained, "--input", "table.csv", "--output", "./table.csv")
    assert message == "table.csv: is also an input, and would be written over. Name another --output"
    assert Path("table.csv").read_text() == "text\nThey met.\n"
    assert Path("article.txt").read_bytes() == before


def test_an_output_that_would_be_read_next_time(trained, complaint):
    Path("texts").mkdir()
    Path("article.txt").rename("texts/article.txt")
    message = complaint("predict", "--model", trained, "--input", "texts", "--output", "texts/of/p.csv")
    assert message == (
        "texts/of/p.csv: lies where input is read, and would be read itself next time. Name another --output"
    )


def test_files_that_are_read_last_are_looked_for_first(complaint):
    config = write_config(a=("predict: {inputs: [article.txt]}", "predict: {inputs: [gone.txt]}"))
    message = complaint("run", config, "--set", "evaluate.sets=[{name: more, path: gone.csv}]")
    here = f"it is taken from {Path.cwd().name}/, the folder that the command was given in."
    assert message == (
        f"predict.inputs: gone.txt: no such file or folder. Check the path; {here}\n"
        f"evaluate.sets: more: gone.csv: no such file or folder. Check the path; {here}"
    )
    assert not Path("runs").exists()


def test_labels_in_a_column_of_another_name(complaint):
    message = complaint("run", write_config(a=("read_as: sentences", "read_as: sentences, label_column: Label")))
    assert message.startswith('label: policy is "gold_then_rules", and none of 96 sentences has a label')


def test_a_document_column_that_is_not_there(complaint):
    message = complaint("run", write_config(a=("read_as: sentences", "read_as: sentences, document_column: docid")))
    assert message == (
        'corpus/toy.jsonl: no column "docid" for documents; found doc_id, position, text, label. Did you mean "doc_id"?'
    )


def test_sets_that_nothing_can_be_measured_on(complaint):
    rows = [{"doc_id": "a", "text": "We welcome the talks.", "label": "cooperative"}] * 3
    write_jsonl(Path("lone.jsonl"), rows)
    write_jsonl(Path("bare.jsonl"), [{**row, "label": None} for row in rows])
    write_jsonl(Path("holes.jsonl"), [*rows, {"doc_id": "b", "text": "They broke it."}])
    write_jsonl(Path("strange.jsonl"), [*rows, {"doc_id": "b", "text": "They broke it.", "label": "greivance"}])
    named = ", ".join(f"{{name: {name}, path: {name}.jsonl}}" for name in ("lone", "bare", "holes", "strange"))
    problems = complaint("evaluate", write_config(), "--set", f"evaluate.sets=[{named}]").splitlines()
    assert [problem.removeprefix("evaluate.sets: ") for problem in problems] == [
        "lone: lone.jsonl: all sentences are of one document (a), so that nobody can tell how figures vary with "
        "documents. Give it two or more; which rows belong together says document_column (doc_id)",
        "bare: bare.jsonl:1: no label (so in 3 of 3 rows): the labels should be in label_column (label)",
        "holes: holes.jsonl:4: no label (so in 1 of 4 rows): label every sentence of a set to measure on, or take the "
        "row out",
        'strange: strange.jsonl:4: label "greivance" is not one of cooperative, warning, grievance, none (1 row). Did '
        'you mean "grievance"?',
    ]
    assert not Path("runs").exists()
