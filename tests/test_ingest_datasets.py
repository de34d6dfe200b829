"""Data sets of the `datasets` library: folders that it saved, and references to the hub that cannot be right."""

from pathlib import Path

import datasets
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Value

from pipeline.ingest import find_sources, fingerprint_sources
from pipeline.ingest.size import Extent

FEATURES = Features({"text": Value("string"), "label": ClassLabel(names=["favor", "against"])})


@pytest.fixture(autouse=True)
def _quiet():
    datasets.disable_progress_bars()
    yield
    datasets.enable_progress_bars()


def rows(*pairs: tuple[str, int | None]) -> Dataset:
    columns = {"text": [text for text, _ in pairs], "label": [label for _, label in pairs]}
    return Dataset.from_dict(columns, features=FEATURES)


@pytest.fixture
def saved(here) -> Path:
    """A folder that holds one data set."""
    rows(
        ("We will vote for it.", 0), ("We will not.", 1), ("The vote is in May.", -1), ("Who knows?", None)
    ).save_to_disk("votes")
    return Path("votes")


@pytest.fixture
def split(here) -> Path:
    """A folder that holds a data set in two splits."""
    parts = DatasetDict(train=rows(("One. And more.", 0)), test=rows(("Two.", 1), ("Three.", 0)))
    parts.save_to_disk("parts")
    return Path("parts")


def test_numbers_of_labels_come_out_as_their_names_and_hidden_ones_as_none(saved, read):
    found = [(s.id, s.text, s.source, s.gold) for s in read(saved, read_as="sentences").sentences]
    assert found == [
        ("votes:1#1", "We will vote for it.", "votes:1", "favor"),
        ("votes:2#1", "We will not.", "votes:2", "against"),
        ("votes:3#1", "The vote is in May.", "votes:3", None),
        ("votes:4#1", "Who knows?", "votes:4", None),
    ]


def test_every_split_of_a_data_set_is_read(split, read):
    found = [(s.text, s.source, s.gold) for s in read(split, read_as="sentences").sentences]
    assert found == [
        ("One. And more.", "parts/train:1", "favor"),
        ("Two.", "parts/test:1", "against"),
        ("Three.", "parts/test:2", "favor"),
    ]


def test_each_row_may_be_a_document(split, read):
    assert [s.id for s in read(split).sentences] == [
        "parts/train:1#1",
        "parts/train:1#2",
        "parts/test:1#1",
        "parts/test:2#1",
    ]


def test_labels_may_be_text_already_and_come_with_annotators(here, read):
    columns = {"body": ["One."], "label": ["favor"], "annotators": [{"ann": "favor", "bob": None}]}
    Dataset.from_dict(columns).save_to_disk("votes")
    (sentence,) = read("votes", read_as="sentences", text_column="body").sentences
    assert (sentence.gold, sentence.annotators) == ("favor", {"ann": "favor"})


def test_a_saved_data_set_is_one_source(saved):
    assert find_sources(["votes"], "sentences") == find_sources(["votes"], "documents") == [saved]
    assert Extent([saved]).total == 1


def test_a_saved_data_set_is_known_by_its_contents(saved, split):
    before = fingerprint_sources([saved])
    assert before == fingerprint_sources([saved])
    (saved / "state.json").write_text("{}")
    assert before != fingerprint_sources([saved])


def test_a_missing_text_column_is_an_error_that_names_the_split(here, read, complaint):
    parts = DatasetDict(train=rows(("One.", 0)), test=rows(("Two.", 0)).rename_column("text", "body"))
    parts.save_to_disk("parts")
    assert complaint(read, "parts") == (
        'parts/test: no column "text"; found body, label. Name the one with the text: --text-column (text_column)'
    )


@pytest.mark.parametrize("spoil", ["truncate", "remove", "state", "info", "empty"])
def test_a_folder_that_is_not_whole_is_an_error(saved, read, complaint, spoil):
    (arrow,) = saved.glob("*.arrow")
    if spoil == "truncate":
        arrow.write_bytes(arrow.read_bytes()[:100])
    if spoil == "remove":
        arrow.unlink()
    if spoil == "state":
        (saved / "state.json").write_text("{")
    if spoil == "info":
        (saved / "state.json").unlink()
    if spoil == "empty":
        rows().save_to_disk("votes")  # which `datasets` itself does not load
    message = complaint(read, "votes")
    assert message.startswith("votes: not a whole saved data set: ")
    assert message.endswith("Save it again with `save_to_disk`")


def test_splits_that_are_not_listed_are_an_error(write, read, complaint):
    write("parts/dataset_dict.json", "{}")
    assert complaint(read, "parts") == (
        "parts: not a whole saved data set: 'splits'. Save it again with `save_to_disk`"
    )


@pytest.mark.parametrize("reference", ["dataset:", "dataset:owner/name@", "dataset:a:b:c", "dataset:@main:train"])
def test_a_reference_that_is_not_of_the_form_is_an_error(read, complaint, reference):
    assert complaint(read, reference) == (
        f"{reference}: expected dataset:NAME[@REVISION][:SPLIT], as in dataset:owner/name:train"
    )
