"""`stance label export` and `stance label import`, as people give them."""

import csv
from pathlib import Path

from exchanged import NOON, vote
from toy import read_csv

from pipeline.cli.label.export import FormatName
from pipeline.exchange import FORMATS
from pipeline.votes import VoteTable


def test_the_command_line_knows_every_format():
    assert [name.value for name in FormatName] == list(FORMATS)


def test_the_command_line_sends_and_receives(stance, workplace):
    VoteTable(Path("table")).append([vote("d00#1"), vote("d00#2", "Grace"), vote("strange#1")])
    common = ["--codebook", "codebook.yaml"]
    code, output, progress = stance(
        "label", "export", "corpus/toy.jsonl", "--to", "out/x.json", "--votes", "table", *common
    )
    assert (code, output) == (0, "")
    assert progress == (
        "written: out/x.json: 96 sentences, 2 votes; 1 vote on other sentences left out\n"
        "written: out/x.xml: the labeling config, to paste into the project's settings\n"
    )
    arguments = ["label", "import", "out/x.json", "--votes", "votes", "--sentences", "corpus/*.jsonl", *common]
    line = "2 votes (Ada 1, Grace 1): {} new, {} already there; 94 without a label left out\n"
    assert stance(*arguments) == (0, line.format(2, 0), "")
    assert stance(*arguments) == (0, line.format(0, 2), "")


def test_the_command_line_says_what_does_not_count(stance, workplace):
    VoteTable(Path("votes")).append([vote("d00#1", label="none", minute=9)])
    rows = [["d00", 1, "We welcome the agreement with our neighbors.", label, "Ada", NOON.isoformat()] for label in
            ("warning", "cooperative")]  # fmt: skip
    with Path("x.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["doc_id", "position", "text", "label", "annotator", "when"], *rows])
    common = ["--votes", "votes", "--sentences", "corpus/toy.jsonl", "--codebook", "codebook.yaml"]
    assert stance("label", "import", "x.csv", *common) == (
        0,
        "1 vote (Ada 1): 1 new, 0 already there; 0 without a label left out\n"
        "1 of the new do not count: their annotators' votes in the table are younger\n"
        "1 label changed by the same annotator later in the files; the last counts: x.csv: row 2\n",
        "",
    )


def test_a_users_error_ends_with_2(stance, workplace):
    common = ["--codebook", "codebook.yaml"]
    code, _, complaint = stance("label", "export", "corpus/toy.jsonl", "--to", "x.txt", *common)
    assert (code, complaint.startswith("error: x.txt: the name does not tell the format")) == (2, True)
    found = stance("label", "import", "no.json", "--votes", "v", "--sentences", "corpus/toy.jsonl", *common)
    assert found == (2, "", "error: no.json: no such file. Check the path\n")


def test_documents_are_exported_sentence_by_sentence_and_their_labels_come_back(stance, workplace):
    options = ["--as", "documents", "--codebook", "codebook.yaml"]
    assert stance("label", "export", "article.txt", "--to", "x.csv", *options)[0] == 0
    rows = [{name.lstrip("\ufeff"): cell for name, cell in row.items()} for row in read_csv(Path("x.csv"))]
    rows[2]["label"] = "warning"
    with Path("x.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    code, output, _ = stance(
        "label", "import", "x.csv", "--votes", "v", "--sentences", "article.txt", "--annotator", "Ada", *options
    )
    assert (code, output) == (0, "1 vote (Ada 1): 1 new, 0 already there; 2 without a label left out\n")
    [row] = VoteTable(Path("v")).rows().to_pylist()
    assert (row["sentence_id"], row["annotator"], row["kind"], row["label"]) == (
        "article.txt#3", "Ada", "person", "warning"
    )  # fmt: skip
