"""Sheets that people label in: CSV and Excel."""

import csv
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from exchanged import codebook, many_votes, sent, standing, take, vote

from pipeline.exchange import FORMATS
from pipeline.exchange.rows import COLUMNS
from pipeline.exchange.send import send
from pipeline.labeling.worklist import Item
from pipeline.records import Sentence
from pipeline.votes import VoteTable

pytestmark = pytest.mark.usefixtures("here")

sheets = pytest.mark.parametrize("form", [FORMATS["csv"], FORMATS["excel"]], ids=lambda form: form.name)


def fill(path: Path, cells: dict[int, dict[str, object]]) -> None:
    """Type into a sheet as a person does: by the number of the row, from 2, and the column."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for number, row in cells.items():
            for name, value in row.items():
                book["sentences"].cell(number, COLUMNS.index(name) + 1).value = value
        book.save(path)
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";" if file.readline().count(";") else ","))
    rows.insert(0, list(COLUMNS))
    for number, row in cells.items():
        for name, value in row.items():
            rows[number - 1][COLUMNS.index(name)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)  # as a spreadsheet saves it where the comma is the decimal mark


@sheets
def test_labels_that_were_filled_in_are_votes_of_when_the_file_was_saved(form):
    path = sent(f"x{form.suffix}")
    fill(path, {2: {"label": "warning"}, 4: {"label": " none ", "annotator": "Grace", "weight": "0.5"}})
    os.utime(path, (1_800_000_000, 1_800_000_000))
    found = take(path, annotator=("Ada",))
    saved = datetime.fromtimestamp(1_800_000_000, UTC)
    assert standing(Path("votes")) == {
        vote(when=saved), vote("news-01#3", "Grace", "none", weight=0.5, when=saved)
    }  # fmt: skip
    assert (found.n_new, found.n_unlabeled) == (2, 38)
    os.utime(path, (1_900_000_000, 1_900_000_000))
    fill(path, {4: {"label": "warning"}})  # what did not change is not voted again
    assert (take(path, annotator=("Ada",)).n_new, len(VoteTable(Path("votes")).rows())) == (1, 3)


@sheets
def test_a_vote_that_was_changed_in_the_sheet_counts_instead_of_the_one_that_was_sent(form):
    given = [vote(), vote("news-01#2")]
    VoteTable(Path("votes")).append([*given, vote(label="grievance", minute=1)])
    path = sent(f"x{form.suffix}", given)
    fill(path, {2: {"label": "none"}})
    saved = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    assert take(path).n_new == 1
    assert standing(Path("votes")) == {vote(label="none", when=saved), given[1]}
    assert take(path).n_new == 0


@sheets
def test_of_two_labels_of_one_annotator_the_later_counts(form):
    path = sent(f"x{form.suffix}", [vote(), vote(annotator="Grace", minute=3), vote("news-01#2")])
    fill(path, {3: {"annotator": "Ada", "label": "none"}, 4: {"annotator": "Grace"}})
    found = take(path)
    assert found.overruled == (f"{path}: row 2",)
    assert standing(Path("votes")) == {vote(label="none", minute=3), vote("news-01#2", "Grace")}


@sheets
def test_a_label_of_nobody_is_refused(form, complaint):
    path = sent(f"x{form.suffix}")
    fill(path, {3: {"label": "none"}})
    assert complaint(take, path) == (
        f"{path}: row 3: the label none names no annotator. Say whose such labels are: --annotator NAME"
    )


@sheets
@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({1: {"label": "lable"}}, ': no column "label"; found doc_id, position, text, before, after, suggestion, '
         'score, why, lable, annotator, weight, when. Did you mean "lable"? Keep the names in the first row as they '
         "came"),
        ({1: {"why": "label"}}, ': more than one column is named "label". Rename all but one'),
        ({2: {"label": "none", "weight": "half"}}, '{row}: the weight "half" is not a number. Mend it, or empty it'),
        ({2: {"label": "none", "when": "May"}},
         '{row}: the time "May" is not like 2026-03-01T12:00:00+00:00. Mend it, or empty it'),
        ({2: {"label": "none", "annotator": "Ada", "weight": "2"}},
         ': weight 2.0 of Ada for "news-01#1" is not above 0 and at most 1'),
        ({2: {"label": "nun", "annotator": "Ada"}}, ': label "nun" of Ada for "news-01#1" is not one of cooperative, '
         'warning, grievance, none (1 vote). Did you mean "none"?'),
        ({2: {"position": "first"}}, "{row}: needs a doc_id, a position and a text; found {found}. Read what a tool "
         "made of the output of stance label export"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_what_a_sheet_should_not_say_is_named(form, complaint, cells, message):
    path = sent(f"x{form.suffix}")
    fill(path, cells)
    row = ": row 2"
    known = "doc_id, position, text, {}after, suggestion, score, why"
    found = known.format("before, ") + " and 4 more" if form.name == "csv" else known.format("")
    expected = message.replace("{row}", row).replace("{found}", found)
    actual = complaint(take, path)
    assert actual == f"{path}{expected}" or actual == f"{path}{expected}".replace("text, after", "text, before, after")


@sheets
def test_rows_and_columns_that_people_add_are_passed_over(form):
    path = sent(f"x{form.suffix}", [vote()])
    if form.name == "csv":
        header, *rows = path.read_text(encoding="utf-8").split("\n", 1)
        first, _ = rows[0].split("12:00:00+00:00", 1)
        path.write_text(f"{header.strip()},mine\n{first}12:00:00+00:00,x\n{',' * 12}\n", encoding="utf-8")
    else:
        book = openpyxl.load_workbook(path)
        book["sentences"].insert_rows(3)
        book["sentences"]["M1"], book["sentences"]["M2"] = "mine", "x"
        book.move_sheet("labels", -1)
        book.save(path)
    assert (take(path).n_new, standing(Path("votes"))) == (1, {vote()})


def test_no_cell_of_a_csv_is_a_formula():
    with sent("x.csv", many_votes()).open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert len(cells) > 400
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_a_row_of_a_csv_that_is_not_whole_is_named(write, complaint):
    text = sent("x.csv").read_text(encoding="utf-8")
    write("y.csv", text.replace("007,10,", '007,10,"', 1))
    assert complaint(take, "y.csv") == "y.csv:46: not valid CSV: unexpected end of data. Mend it"
    write("z.csv", "doc_id,position,text,label\nnews-01,1\n")
    assert complaint(take, "z.csv") == "z.csv: row 2 has 2 cells, the header 4. Mend it"


def test_no_cell_of_an_excel_sheet_is_a_formula_and_all_text_is_text():
    path = sent("x.xlsx", many_votes())
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    cells = [cell for row in openpyxl.load_workbook(path)["sentences"].iter_rows() for cell in row]
    texts = [cell for cell in cells if isinstance(cell.value, str)]
    assert {cell.data_type for cell in texts} == {"s"}
    assert {(cell.number_format, cell.quotePrefix, cell.alignment.wrap_text) for cell in texts} == {("@", True, True)}
    assert "=SUM(A1:A9) is what they answered." in {cell.value for cell in texts}


def test_an_excel_sheet_offers_the_labels_and_keeps_the_header_in_view():
    book = openpyxl.load_workbook(sent("x.xlsx"))
    sheet, meanings = book["sentences"], book["labels"]
    [choice] = sheet.data_validations.dataValidation
    assert sheet[1][8].value == "label"
    assert (choice.type, choice.formula1, str(choice.sqref)) == ("list", "labels!$A$2:$A$5", "I2:I1048576")
    assert [row[0].value for row in meanings["A2:A5"]] == ["cooperative", "warning", "grievance", "none"]
    assert meanings["B3"].value == "threats"
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["C"].width == 80


def test_a_text_too_long_for_excel_is_named(complaint):
    long = Item(Sentence("d", 1, 0, 40_000, "We protest. " * 4000, "toy"))
    assert complaint(send, Path("x.xlsx"), [long], codebook(), FORMATS["excel"]) == (
        '"We protest. We protest. We protest. We p…" is longer than a cell of Excel, 32,767 characters. Export as .csv'
    )
    assert not Path("x.xlsx").exists()


def test_a_workbook_that_was_cut_off_inside_is_named(complaint):
    path = sent("x.xlsx")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile("cut.xlsx", "w") as cut:
        for name in whole.namelist():
            part = whole.read(name)
            cut.writestr(name, part[: len(part) // 2] if "worksheets/sheet" in name else part)
    assert complaint(take, Path("cut.xlsx"), annotator=("Ada",)) == (
        "cut.xlsx: not a workbook of Excel, or a broken one. Save it as .xlsx"
    )


def test_a_copy_of_a_sheet_says_nothing_new_though_its_annotator_has_voted_anew_since():
    path = sent("x.xlsx")
    fill(path, {2: {"label": "none"}})
    take(path, annotator=("Ada",))
    VoteTable(Path("votes")).append([vote(label="warning", when=datetime(2099, 1, 1, tzinfo=UTC))])
    os.utime(path, (4_200_000_000, 4_200_000_000))
    assert take(path, annotator=("Ada",)).n_new == 0
    assert [one.label for one in standing(Path("votes"))] == ["warning"]


def test_one_person_is_one_annotator_however_the_name_is_spelled():
    path = sent("x.xlsx")
    fill(path, {2: {"label": "none", "annotator": "Jose\u0301  Ada"}})
    take(path)
    assert [one.annotator for one in standing(Path("votes"))] == ["Jos\u00e9 Ada"]
