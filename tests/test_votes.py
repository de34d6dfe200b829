"""The table of votes: none is lost, none counted twice, and whose each is stays known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from filelock import FileLock
from pyarrow import parquet

from pipeline.records import StanceError
from pipeline.votes import Vote, VoteTable, check_texts, check_votes, digest, existing_votes, new_votes

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LABELS = ("cooperative", "warning", "grievance", "none")


def vote(sentence_id="a#1", annotator="Ada", label="warning", minute=0, **further) -> Vote:
    fields = {"kind": "person", "when": NOON + timedelta(minutes=minute), **further}
    return Vote(sentence_id, annotator, label=label, **fields)


def standing(table: VoteTable) -> list[tuple[str, str, str]]:
    rows = table.standing().table.to_pylist()
    return [(row["sentence_id"], row["annotator"], row["label"]) for row in rows]


def test_what_is_added_is_read_in_order(tmp_path):
    table = VoteTable(tmp_path / "votes")
    assert table.standing().table.num_rows == 0
    table.append([vote(), vote("a#2", weight=0.5)])
    table.append([vote("a#1", "rule:warns", kind="rule", minute=1)])
    table.append([])
    assert [Vote(**row) for row in VoteTable(tmp_path / "votes").rows().to_pylist()] == [
        vote(), vote("a#2", weight=0.5), vote("a#1", "rule:warns", kind="rule", minute=1)
    ]  # fmt: skip
    assert len(list((tmp_path / "votes").iterdir())) == 2


def test_the_last_vote_of_an_annotator_counts_and_the_earlier_one_stays(tmp_path):
    table = VoteTable(tmp_path)
    table.append([vote(label="warning", minute=5), vote("a#2")])
    table.append([vote(label="none", minute=9), vote(annotator="Grace", label="grievance")])
    table.append([vote(label="cooperative", minute=1)])  # older, added later
    found = table.standing()
    assert standing(table) == [("a#2", "Ada", "warning"), ("a#1", "Grace", "grievance"), ("a#1", "Ada", "none")]
    assert (found.n_repeated, found.n_changed) == (0, 2)
    assert table.rows().num_rows == 5


def test_the_same_votes_added_twice_count_once(tmp_path):
    table = VoteTable(tmp_path)
    table.append([vote(), vote("a#2")])
    table.append([vote(), vote("a#2"), vote("a#3")])
    found = table.standing()
    assert standing(table) == [("a#1", "Ada", "warning"), ("a#2", "Ada", "warning"), ("a#3", "Ada", "warning")]
    assert (found.n_repeated, found.n_changed) == (2, 0)


def test_of_two_votes_at_one_moment_the_one_added_last_counts(tmp_path):
    table = VoteTable(tmp_path)
    table.append([vote(label="warning")])
    table.append([vote(label="none")])
    assert standing(table) == [("a#1", "Ada", "none")]


def test_votes_that_cannot_be_written_are_not_there_in_part(tmp_path, monkeypatch):
    table = VoteTable(tmp_path)
    table.append([vote()])

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.votes.table._write", full)
    with pytest.raises(StanceError) as error:
        table.append([vote("a#2")])
    assert (
        str(error.value)
        == f"{tmp_path}: the votes cannot be written: No space left on device. Make room, and vote again"
    )
    assert standing(table) == [("a#1", "Ada", "warning")]
    assert len(list(tmp_path.iterdir())) == 1


def test_many_files_become_one_and_say_the_same(tmp_path):
    table = VoteTable(tmp_path)
    for minute in range(12):
        table.append([vote(f"a#{minute % 5}", label=LABELS[minute % 3], minute=minute, weight=0.5)])
    table.append([vote("a#9", minute=3), vote("a#9", minute=3)])
    before, counted = table.rows(), table.standing()
    assert table.compact() == 13
    assert len(list(tmp_path.glob("*.parquet"))) == 1
    assert table.rows().equals(before)
    assert table.standing() == counted
    assert table.compact() == 0
    assert VoteTable(tmp_path / "nowhere").compact() == 0


def test_votes_added_later_come_after_those_put_together(tmp_path):
    table = VoteTable(tmp_path)
    for label in ("warning", "none", "grievance"):
        table.append([vote(label=label)])  # all at one moment: the last added counts
        table.compact()
    assert [row["label"] for row in table.rows().to_pylist()] == ["warning", "none", "grievance"]
    assert standing(table) == [("a#1", "Ada", "grievance")]


@pytest.mark.parametrize("left", [[0, 1, 2, 3], [1, 2, 3], [0, 2], [3]], ids=str)
def test_parts_that_a_stopped_process_left_count_no_vote_twice(tmp_path, left):
    table = VoteTable(tmp_path)
    for label in ("warning", "none", "grievance", "cooperative"):  # all at one moment: the last added counts
        table.append([vote(label=label)])
    parts = {path: path.read_bytes() for path in sorted(tmp_path.glob("*.parquet"))}
    before, counted = table.rows(), table.standing()
    assert table.compact() == 4
    for number in left:
        path = list(parts)[number]
        path.write_bytes(parts[path])
    assert table.rows().equals(before)
    assert table.standing() == counted
    table.append([vote("a#2")])
    assert table.compact() == 2 + len(left)
    assert standing(table) == [("a#1", "Ada", "cooperative"), ("a#2", "Ada", "warning")]
    assert len(list(tmp_path.glob("*.parquet"))) == 1


def test_what_another_puts_together_meanwhile_is_read_anew(tmp_path, monkeypatch):
    table = VoteTable(tmp_path)
    for minute in range(3):
        table.append([vote(f"a#{minute}", minute=minute)])
    opened = []

    class Late(parquet.ParquetFile):
        def __init__(self, *args, **settings):
            opened.append(args)
            if len(opened) == 2:
                monkeypatch.undo()
                VoteTable(tmp_path).compact()
            super().__init__(*args, **settings)

    monkeypatch.setattr("pipeline.votes.table.parquet.ParquetFile", Late)
    assert table.rows().num_rows == 3


def test_two_do_not_put_together_at_once(tmp_path):
    table = VoteTable(tmp_path)
    table.append([vote()])
    table.append([vote("a#2")])
    with FileLock(tmp_path / ".compact.lock"):
        assert table.compact() == 0
    assert table.compact() == 2


def test_a_file_that_is_not_there_though_its_name_is_ends_in_a_message(tmp_path):
    (tmp_path / "x.parquet").symlink_to(tmp_path / "nowhere")
    with pytest.raises(StanceError) as error:
        VoteTable(tmp_path).rows()
    assert str(error.value) == f"{tmp_path}: files in it come and go. End what else writes there, and try again"


def test_a_file_that_holds_no_votes_is_named(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(StanceError) as error:
        VoteTable(tmp_path).rows()
    assert str(error.value).startswith(f"{tmp_path}/x.parquet: not a file of votes: ")
    assert str(error.value).endswith(". Take it out of the folder")


@pytest.mark.parametrize(
    ("strange", "message"),
    [
        ({"label": "warnin"}, 'out.json: label "warnin" of Ada for "a#1" is not one of cooperative, warning, '
         'grievance, none (2 votes). Did you mean "warning"?'),
        ({"sentence_id": "b#1"}, 'out.json: no sentence "b#1", which Ada votes on (2 votes). Are these votes of other '
         "documents? Name the documents they are of"),
        ({"annotator": " "}, 'out.json: a vote for "a#1" names no annotator. Say whose it is'),
        ({"kind": "human"}, 'out.json: kind "human" of Ada is not one of person, rule, model'),
        ({"weight": 0.0}, 'out.json: weight 0.0 of Ada for "a#1" is not above 0 and at most 1'),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_a_strange_vote_is_named(strange, message):
    with pytest.raises(StanceError) as error:
        check_votes([vote(), *[replace(vote(), **strange)] * 2], LABELS, {"a#1"}, "out.json")
    assert str(error.value) == message


def test_votes_that_can_be_are_not_complained_of():
    check_votes([vote()], LABELS, {"a#1"}, "out.json")


def test_votes_that_stand_already_are_not_new_and_those_that_say_otherwise_are(tmp_path):
    table = VoteTable(tmp_path)
    assert new_votes(table.standing(), [vote()]) == [vote()]
    table.append([vote(), vote("a#2", label="none"), vote("a#2", label="warning", minute=1)])
    again = [vote(minute=9), vote("a#2", label="warning", minute=9)]
    others = [vote("a#2", label="none", minute=9), vote("a#3"), vote(annotator="Grace"), vote(weight=0.5, minute=9)]
    assert new_votes(table.standing(), [*again, *others]) == others


def test_a_vote_does_not_come_to_stand_on_another_text(tmp_path):
    table = VoteTable(tmp_path)
    table.append([vote(text_digest=digest("We  warn you.")), vote("a#2"), vote("a#9", text_digest=digest("Other."))])
    standing = table.standing().table
    check_texts(standing, {"a#1": "We warn you.", "a#2": "What it was is not known."}, "votes")
    with pytest.raises(StanceError) as error:
        check_texts(standing, {"a#1": "We thank you."}, "votes")
    assert str(error.value) == (
        'votes: Ada voted on "a#1" when it was another sentence than now, “We thank you.” (1 vote). The documents were '
        "changed since, or are read in another way (as sentences or documents, in which language). Give those that "
        "were voted on, read as they were then"
    )


def test_votes_from_before_texts_were_kept_are_read(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    VoteTable(tmp_path).append([vote()])
    [path] = tmp_path.glob("*.parquet")
    old = parquet.read_table(path).drop_columns(["text_digest"])
    parquet.write_table(old.cast(pa.schema(list(old.schema))), path)
    assert standing(VoteTable(tmp_path)) == [("a#1", "Ada", "warning")]


def test_a_clock_that_goes_ahead_does_not_outvote_what_comes_later(tmp_path):
    table = VoteTable(tmp_path)
    ahead = datetime.now(UTC) + timedelta(hours=1)
    table.append([vote(when=ahead)])
    now = table.standing().now()
    assert now > ahead
    table.append([vote(label="none", when=now)])
    assert standing(table) == [("a#1", "Ada", "none")]


def test_a_folder_with_a_slip_in_its_name_is_no_empty_table(tmp_path):
    with pytest.raises(StanceError) as error:
        existing_votes(tmp_path / "lables")
    assert str(error.value) == (f"{tmp_path}/lables: no such folder. Name the one with the votes, or leave --votes out")
