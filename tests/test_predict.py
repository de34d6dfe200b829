"""Sentences in, rows out: every format, streamed, whole or not at all."""

import json
from pathlib import Path

import pytest
from pyarrow import parquet
from toy import LABELS, read_csv, write_jsonl

from pipeline import load_model
from pipeline.config.predict import PredictConfig
from pipeline.ingest import BadRows, stream
from pipeline.ingest.find import find_sources
from pipeline.ingest.size import Extent
from pipeline.models import StanceModel, make_model
from pipeline.models.saved import save_model
from pipeline.predict import predict_file
from pipeline.predict.writers import format_of
from pipeline.records import Sentence, StanceError

TEXT = (
    "The U.S. envoy met Dr. Amin for an hour.\n\n"
    "“We welcome the talks,” he said. Any attack will be met with force & fire.\n"
)


@pytest.fixture(scope="module")
def model(settings, examples) -> StanceModel:
    return make_model(settings["baseline"], LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:])


@pytest.fixture
def article(tmp_path) -> Path:
    path = tmp_path / "article.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def predict(model, source: Path, output: Path, **settings):
    config = PredictConfig(inputs=(str(source),), format=format_of(output), **settings)
    sentences = stream(config.inputs, config, BadRows(config.on_bad_row))
    return predict_file(model, sentences, output, config)


def test_a_csv_has_a_row_a_sentence_with_offsets_and_probabilities(model, article, tmp_path):
    predicted = predict(model, article, tmp_path / "out.csv")
    rows = read_csv(tmp_path / "out.csv")
    assert predicted.n_sentences == len(rows) == 3
    assert list(rows[0]) == [
        "document", "position", "start", "end", "text", "label", "score", "abstain",
        "p_cooperative", "p_warning", "p_grievance", "p_none",
    ]  # fmt: skip
    for position, row in enumerate(rows, start=1):
        assert int(row["position"]) == position
        assert TEXT[int(row["start"]) : int(row["end"])] == row["text"]
        assert sum(float(row[f"p_{label}"]) for label in LABELS.all) == pytest.approx(1, abs=1e-5)
        assert float(row["score"]) == float(row[f"p_{row['label']}"])
    assert [row["label"] for row in rows] == ["none", "cooperative", "warning"]


def test_every_format_says_the_same(model, article, tmp_path):
    for suffix in ("csv", "jsonl", "parquet"):
        predict(model, article, tmp_path / f"out.{suffix}")
    from_jsonl = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert parquet.read_table(tmp_path / "out.parquet").to_pylist() == from_jsonl
    from_csv = read_csv(tmp_path / "out.csv")
    assert [{name: str(cell) for name, cell in row.items()} for row in from_jsonl] == from_csv


def test_a_page_shows_each_sentence_with_its_label_and_escapes_it(model, article, tmp_path):
    predict(model, article, tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert page.count("<article>") == page.count("</article>") == 1
    assert "“We welcome the talks,” he said." in page
    assert "force &amp; fire" in page
    assert page.count("<p>") == page.count("</p>") == 2  # as in the text
    assert 'class="s1"' in page  # warning
    assert "http" not in page  # nothing is fetched


def test_memory_holds_the_window_at_work_and_the_next(model, tmp_path):
    pulled, written = 0, []

    def sentences():
        nonlocal pulled
        for position in range(1, 1000):
            pulled += 1
            yield Sentence("d", position, 0, 12, "We will see.", "here")

    config = PredictConfig(format="csv", batch_size=4)
    predict_file(model, sentences(), tmp_path / "o.csv", config, lambda n, source: written.append((n, pulled)))
    window = 4 * model.window_batches
    assert written[:2] == [(window, 2 * window), (2 * window, 3 * window)]
    assert written[-1] == (999, 999)


def test_tables_are_sentences_if_one_says_so(model, tmp_path):
    rows = [{"text": "We welcome it. We will answer.", "doc_id": "a", "position": 7}, {"text": "They met."}]
    table = write_jsonl(tmp_path / "table.jsonl", rows)
    assert predict(model, table, tmp_path / "split.csv").n_sentences == 3
    predict(model, table, tmp_path / "whole.csv", read_as="sentences")
    found = read_csv(tmp_path / "whole.csv")
    assert [(row["document"], row["position"]) for row in found] == [("a", "7"), (f"{table}:2", "1")]
    assert found[0]["text"] == "We welcome it. We will answer."


def test_a_failure_half_way_leaves_what_was_there(model, tmp_path):
    table = tmp_path / "table.jsonl"
    table.write_text('{"text": "They met."}\n' * 2000 + "{broken\n", encoding="utf-8")
    output = tmp_path / "out.csv"
    output.write_text("earlier", encoding="utf-8")
    with pytest.raises(StanceError, match=r"table\.jsonl:2001: not valid JSON"):
        predict(model, table, output)
    assert output.read_text(encoding="utf-8") == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "table.jsonl"]


def test_bad_rows_are_counted_and_left_out_if_one_says_so(model, tmp_path):
    table = tmp_path / "table.jsonl"
    table.write_text('{"text": "They met."}\n{broken\n{"text": 5}\n{"text": "We will answer."}\n', encoding="utf-8")
    bad_rows = BadRows("skip")
    config = PredictConfig(inputs=(str(table),), on_bad_row="skip")
    predicted = predict_file(model, stream(config.inputs, config, bad_rows), tmp_path / "out.csv", config)
    assert (predicted.n_sentences, bad_rows.n_skipped) == (2, 2)
    assert bad_rows.messages[1] == f'{table}:3: column "text" is int, not text'


def test_nothing_to_predict_is_an_error(model, tmp_path):
    with pytest.raises(StanceError) as error:
        predict_file(model, iter(()), tmp_path / "out.csv", PredictConfig())
    assert str(error.value) == ("predict: no sentence in the input; nothing was written. Name a file with text in it")
    assert not (tmp_path / "out.csv").exists()


def test_an_unknown_format_is_an_error():
    with pytest.raises(StanceError) as error:
        format_of(Path("out.parqet"))
    assert str(error.value) == (
        'out.parqet: cannot write this kind of file; it writes .csv .jsonl .parquet .html. Did you mean "parquet"?'
    )


def test_a_sample_is_kept_for_people(model, article, tmp_path):
    predicted = predict(model, article, tmp_path / "out.csv")
    assert [found.label for found in predicted.sample] == ["none", "cooperative", "warning"]
    assert predicted.by_label == {"cooperative": 1, "warning": 1, "grievance": 0, "none": 1}


def test_progress_knows_rows_and_files(tmp_path, article):
    table = write_jsonl(tmp_path / "b.jsonl", [{"text": "They met."}] * 5)
    extent = Extent(find_sources([str(article), str(table)], "documents"))
    assert extent.total == 6
    assert extent.done(str(article)) == 1
    assert extent.done(f"{table}:3") == 4


def test_the_public_face_loads_and_predicts(model, tmp_path):
    save_model(model, tmp_path)
    loaded = load_model(tmp_path, device="auto")
    [prediction] = loaded.predict(["Any attack will be met with force."])
    assert prediction.label == "warning"
    assert prediction.score == prediction.probabilities["warning"]


def test_what_a_csv_holds_comes_back_whatever_is_in_it(model, tmp_path):
    texts = ["We will answer.\rThey met.", 'He said "no", twice.', "One,\ntwo.", "=1+1 is a sum."]
    table = write_jsonl(tmp_path / "table.jsonl", [{"text": text} for text in texts])
    predict(model, table, tmp_path / "out.csv", read_as="sentences")
    assert [row["text"] for row in read_csv(tmp_path / "out.csv")] == texts
