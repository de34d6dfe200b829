"""Names of files, folders and globs to what is read, in order and once; and what a change of it looks like."""

import os
from pathlib import Path

import pytest

from pipeline.ingest import find_sources, fingerprint_sources


@pytest.fixture
def tree(write) -> None:
    for name in (
        "docs/b.txt",
        "docs/a.md",
        "docs/deep/c.html",
        "docs/deep/d.CSV",
        "docs/deep/deeper/e.jsonl",
        "docs/notes.docx",
        "docs/.hidden.txt",
        "docs/.git/f.txt",
        "docs/deep/.g/h.txt",
        "more/i.parquet",
    ):
        write(name, "text\nHello.\n")


def names(inputs: list[str], read_as: str = "documents") -> list[str]:
    return [str(source) for source in find_sources(inputs, read_as)]


@pytest.mark.usefixtures("tree")
class TestFinding:
    def test_a_folder_stands_for_all_readable_files_below_it_sorted(self):
        assert names(["docs"]) == [
            "docs/a.md",
            "docs/b.txt",
            "docs/deep/c.html",
            "docs/deep/d.CSV",
            "docs/deep/deeper/e.jsonl",
        ]

    def test_sentences_are_sought_in_tables_only(self):
        assert names(["docs", "more"], "sentences") == [
            "docs/deep/d.CSV",
            "docs/deep/deeper/e.jsonl",
            "more/i.parquet",
        ]

    def test_inputs_keep_their_order(self):
        assert names(["more", "docs/b.txt", "docs/a.md"]) == ["more/i.parquet", "docs/b.txt", "docs/a.md"]

    @pytest.mark.parametrize(
        ("pattern", "found"),
        [
            ("docs/*.txt", ["docs/b.txt"]),
            ("docs/?.*", ["docs/a.md", "docs/b.txt"]),
            ("docs/**/*.[hj]*", ["docs/deep/c.html", "docs/deep/deeper/e.jsonl"]),
            ("mor*", ["more/i.parquet"]),
        ],
    )
    def test_a_glob_stands_for_the_files_and_folders_it_matches(self, pattern, found):
        assert names([pattern]) == found

    def test_a_glob_may_be_absolute(self, here):
        assert names([f"{here}/docs/*.txt"]) == [f"{here}/docs/b.txt"]

    def test_a_file_that_is_named_is_read_though_it_is_hidden(self):
        assert names(["docs/.hidden.txt", "docs/.git"]) == ["docs/.hidden.txt", "docs/.git/f.txt"]

    def test_nothing_is_read_twice_however_it_is_named(self, here):
        Path("link.txt").symlink_to(here / "docs/b.txt")
        inputs = ["docs/b.txt", "docs", "./docs/b.txt", "docs/../docs/a.md", "docs/*.txt", str(here / "docs/b.txt")]
        assert names([*inputs, "link.txt"]) == ["docs/b.txt", *names(["docs"])[:1], *names(["docs"])[2:]]

    def test_the_same_sentences_come_once(self, read):
        assert len(read("more/../docs/b.txt", "docs/b.txt").sentences) == 2  # "text" and "Hello."

    @pytest.mark.parametrize(
        ("name", "read_as", "message"),
        [
            ("docs/notes.docx", "documents", "docs/notes.docx: cannot read files of this kind; it reads .txt .md .html "
             ".htm .csv .jsonl .parquet .csv.gz .jsonl.gz"),
            ("docs/notes.docx", "sentences", "docs/notes.docx: cannot read files of this kind; it reads .csv .jsonl "
             ".parquet .csv.gz .jsonl.gz"),
            ("docs/b.txt", "sentences", "docs/b.txt: is a text, and sentences are read from tables. Read it with "
             "--as documents"),
            ("docs/.git", "sentences", "docs/.git: no file that can be read as sentences (.csv .jsonl .parquet .csv.gz "
             ".jsonl.gz). "
             "Name another folder"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_is_an_error(self, complaint, name, read_as, message):
        assert complaint(find_sources, [name], read_as) == message


def test_a_folder_without_a_readable_file_is_an_error(here, complaint):
    Path("empty").mkdir()
    assert complaint(find_sources, ["empty"], "documents") == (
        "empty: no file that can be read as documents (.txt .md .html .htm .csv .jsonl .parquet .csv.gz "
        ".jsonl.gz). Name another folder"
    )


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("gone.txt", "no such file or folder", ""),
        ("gone/*.txt", "matches no file", ""),
        ("owner/name", "no such file or folder", " For a data set of the hub write dataset:owner/name."),
    ],
)
def test_what_is_not_there_is_an_error_that_says_where_it_was_sought(here, complaint, name, what, hint):
    assert complaint(find_sources, [name], "documents") == (
        f"{name}: {what}. Check the path; it is taken from {here.name}/, the folder that the command was given in."
        f"{hint}"
    )


def test_an_absolute_path_is_not_said_to_be_taken_from_anywhere(here, complaint):
    path = f"{here}/gone.txt"
    assert complaint(find_sources, [path], "documents") == f"{path}: no such file or folder. Check the path."


def test_a_file_whose_name_looks_like_a_glob_is_found(write):
    write("news [1].txt", "Hello.")
    assert names(["news [1].txt"]) == ["news [1].txt"]


def test_a_data_set_of_the_hub_is_not_looked_for_on_the_disk():
    assert find_sources(["dataset:owner/name@main:test"], "sentences") == ["dataset:owner/name@main:test"]


def test_sources_are_known_by_their_names_and_contents(write):
    one, two = write("a.txt", "Hello."), write("b.txt", "Hello.")
    before = fingerprint_sources([one])
    assert before == fingerprint_sources([one])
    assert before != fingerprint_sources([two]) != fingerprint_sources([one, two])
    write("a.txt", "Hello!")
    assert before != fingerprint_sources([one])


def test_what_is_neither_file_nor_folder_is_told_so(here, complaint):
    os.mkfifo("pipe.csv")
    assert complaint(find_sources, ["pipe.csv"], "documents") == (
        "pipe.csv: is neither a file nor a folder. Write what it gives to a file, and name that"
    )


def test_a_name_that_no_output_can_hold_is_an_error(here, complaint):
    Path(os.fsdecode(b"caf\xe9.txt")).write_text("They met.")
    assert complaint(find_sources, ["."], "documents") == "'caf\\udce9.txt': the file's name is not UTF-8. Rename it"
