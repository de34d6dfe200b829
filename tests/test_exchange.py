"""To the tools in which people label, and back: no vote is lost on the way, and none counts twice."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from exchanged import FIXTURES, TOY, codebook, items, many_votes, sent, sentences, standing, take, vote

from pipeline.exchange import FORMATS, format_of
from pipeline.exchange.names import Names
from pipeline.exchange.receive import Received, receive
from pipeline.exchange.send import Sent, send, votes_of_people
from pipeline.votes import VoteTable

pytestmark = pytest.mark.usefixtures("here")

formats = pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))


@formats
def test_a_round_trip_loses_no_vote(form):
    path, votes = Path(f"sent{form.suffix}"), many_votes()
    assert send(path, items(), codebook(), form, votes) == Sent(40, len(votes), 0)
    found = take(path)
    assert standing(Path("votes")) == set(votes)
    assert (found.n_new, found.n_known, found.n_late, found.overruled) == (len(votes), 0, 0, ())
    assert sum(found.by_annotator.values()) == len(votes)
    assert set(found.by_annotator) == {each.annotator for each in votes}


@formats
def test_the_same_export_twice_counts_once(form):
    path = sent(f"sent{form.suffix}", many_votes())
    take(path)
    before = VoteTable(Path("votes")).rows()
    os.utime(path, (2e9, 2e9))  # fetched again
    found = take(path)
    assert (found.n_new, found.n_known) == (0, len(many_votes()))
    assert VoteTable(Path("votes")).rows().equals(before)


@formats
def test_what_goes_out_without_votes_comes_back_without_votes(form):
    found = take(sent(f"sent{form.suffix}"))
    assert found == Received({}, 0, 0, 0, 40, ())
    assert not Path("votes").exists()


@formats
def test_an_export_of_other_sentences_is_refused_whole(form, complaint):
    path = sent(f"sent{form.suffix}", [vote(), vote("news-01#2")])
    others = [replace(each, text="The talks ended.") if each.id == "news-01#2" else each for each in sentences()]
    place = {"label-studio": ": task 2", "doccano": ":2", "csv": ": row 3", "excel": ": row 3"}[form.name]
    message = complaint(take, path, known=others)
    assert message.replace("\n", " ") == (
        f'{path}{place}: "news-01#2" is "They broke "the agreement", and took our ships; all of them." there, and "The '
        'talks ended." here (1 label). Is this an export of other documents, or of another version of them? Name those '
        "it was made from"
    )
    assert complaint(take, path, known=sentences()[:1]) == (
        f'{path}: no sentence "news-01#2", which Ada votes on (1 vote). Are these votes of other documents? Name the '
        "documents they are of"
    )
    assert not Path("votes").exists()


@formats
def test_an_unknown_label_is_refused_whole(form, complaint):
    book = codebook()
    fewer = {name: entry for name, entry in book.labels.items() if name != "grievance"}
    path = sent(f"sent{form.suffix}", [vote(), vote("news-01#2", label="grievance")])
    message = complaint(
        receive, [(path, form)], Path("votes"), sentences(), book.model_copy(update={"labels": fewer}), Names()
    )
    assert message == (
        f'{path}: label "grievance" of Ada for "news-01#2" is not one of cooperative, warning, none (1 vote). Mend it, '
        "or define it in the codebook."
    )
    assert not Path("votes").exists()


@formats
def test_votes_that_were_changed_since_stay_changed(form):
    path = sent(f"sent{form.suffix}", [vote(), vote("news-01#2")])
    VoteTable(Path("votes")).append([vote(), vote(label="none", minute=5)])
    found = take(path)
    assert (found.n_new, found.n_known, found.n_late) == (1, 1, 0)
    assert standing(Path("votes")) == {vote(label="none", minute=5), vote("news-01#2")}


@formats
def test_a_vote_older_than_the_one_in_the_table_is_kept_but_does_not_count(form):
    VoteTable(Path("votes")).append([vote(label="none", minute=5)])
    found = take(sent(f"sent{form.suffix}", [vote()]))
    assert (found.n_new, found.n_late) == (1, 1)
    assert standing(Path("votes")) == {vote(label="none", minute=5)}


@formats
def test_a_file_is_not_written_over(form, complaint):
    path = sent(f"sent{form.suffix}")
    assert complaint(sent, path.name) == (
        f"{path}: is there already, and people may have labeled in it. Import and remove it, or name another file"
    )


@formats
def test_an_empty_file_and_none_are_named(form, write, complaint):
    path = write(f"x{form.suffix}", "")
    assert complaint(take, path) == f"{path}: is empty. Export it again"
    assert complaint(take, f"y{form.suffix}") == f"y{form.suffix}: no such file. Check the path"


@formats
def test_a_file_that_is_something_else_is_named(form, write, complaint):
    path = write(f"x{form.suffix}", "PK\x03\x04 broken\n")
    assert (
        complaint(take, path)
        == {
            "label-studio": "x.json:1: not JSON: Expecting value. Export it again",
            "doccano": "x.jsonl:1: not JSON: Expecting value. Give one object a line",
            "csv": 'x.csv: no column "doc_id"; found PK\x03\x04 broken. Keep the names in the first row as they came',
            "excel": "x.xlsx: not a workbook of Excel, or a broken one. Save it as .xlsx",
        }[form.name]
    )


@pytest.mark.parametrize("form", [FORMATS["label-studio"], FORMATS["doccano"], FORMATS["csv"]], ids=lambda f: f.name)
def test_a_file_that_is_not_utf_8_is_named(form, write, complaint):
    path = write(f"x{form.suffix}", b"\xff\xfe1")
    assert complaint(take, path) == f"{path}: not UTF-8: invalid start byte at byte 0. Save it as UTF-8"


def test_the_format_is_told_by_the_name_or_by_the_user(complaint):
    assert [format_of(Path(name)).name for name in ("a.json", "a.jsonl", "a.csv", "a.XLSX")] == list(FORMATS)
    assert format_of(Path("a.txt"), "doccano").name == "doccano"
    assert complaint(format_of, Path("a.txt")) == (
        "a.txt: the name does not tell the format; known are .json (label-studio), .jsonl (doccano), .csv (csv), .xlsx "
        "(excel). Say which: --format NAME"
    )
    assert complaint(format_of, Path("a"), "exel") == (
        '--format: "exel" is not one of label-studio, doccano, csv, excel. Did you mean "excel"?'
    )


def test_only_standing_votes_of_people_on_the_sentences_go_out(complaint):
    others = [vote("news-01#2", "rule:warns", kind="rule"), vote("other#1")]
    VoteTable(Path("table")).append([vote(label="none"), vote(minute=5), *others])
    votes = votes_of_people(Path("table"))
    assert send(Path("x.csv"), items(), codebook(), FORMATS["csv"], votes) == Sent(40, 1, 1)
    take("x.csv")
    assert standing(Path("votes")) == {vote(minute=5)}
    assert complaint(votes_of_people, Path("tabel")) == (
        "tabel: no such folder. Name the one with the votes, or leave --votes out"
    )


def test_a_vote_for_a_label_that_is_no_more_does_not_go_out(complaint):
    assert complaint(sent, "x.json", [vote(label="warn")]) == (
        'votes: label "warn" of Ada for "news-01#1" is not one of cooperative, warning, grievance, none (1 vote). Did '
        'you mean "warning"?'
    )
    assert not Path("x.json").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["Ada", "Grace"], "--annotator: Ada and Grace cannot both be who is not named. Give one NAME, and for the "
         "others FOUND=NAME"),
        (["3="], "--annotator: 3=: a name is empty. Give NAME or FOUND=NAME"),
        ([" "], "--annotator:  : a name is empty. Give NAME or FOUND=NAME"),
    ],
    ids=str,
)  # fmt: skip
def test_names_that_say_nothing_are_refused(complaint, given, message):
    assert complaint(Names.of, given) == message


def test_two_names_of_one_annotator_make_one_vote():
    both = ["user 4=Ada", "ada@example.org=Ada"]
    found = take(FIXTURES / "label_studio.json", known=TOY, annotator=both)
    assert found.overruled == (f"{FIXTURES / 'label_studio.json'}: task 41",)
    assert [(each.annotator, each.label) for each in standing(Path("votes"))] == [("Ada", "none")]


def test_one_bad_file_among_several_keeps_all_out(write, complaint):
    good = sent("good.csv", [vote()])
    write("bad.json", "[")
    assert complaint(take, good, "bad.json") == "bad.json:1: not JSON: Expecting value. Export it again"
    assert not Path("votes").exists()
