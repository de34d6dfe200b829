"""Labeling in the browser, as its requests see it: a real server, asked over real connections."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import uvicorn
from filelock import FileLock
from toy import write_jsonl

from pipeline.annotate import Ledger, make_app
from pipeline.codebook import Codebook, load_codebook
from pipeline.labeling.worklist import Item
from pipeline.records import Sentence
from pipeline.votes import Vote, VoteTable
from pipeline.votes.names import checked_name

ROOT = Path(__file__).parent.parent
TEXTS = ["We welcome the talks.", "Any attack will be met with force.", "We condemn it.", "They met in May."]
BOOK = load_codebook(ROOT / "data/codebook.yaml")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def items(texts: list[str] = TEXTS) -> list[Item]:
    return [
        Item(Sentence("d", number, 0, len(text), text, "list"), suggestion="none", score=0.4, why="not sure")
        for number, text in enumerate(texts, start=1)
    ]


@dataclass
class Desk:
    """A server, and how to ask it."""

    port: int
    folder: Path
    n_tokens: int = 0

    def ask(self, path: str, body: object = None, **headers: str) -> tuple[int, dict, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        own = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{self.port}"}
        connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, {**own, **named})
        answer = connection.getresponse()
        content, found = answer.read().decode(), dict(answer.headers)
        connection.close()
        is_json = found.get("content-type") == "application/json"
        return answer.status, json.loads(content) if is_json else {"text": content}, found

    def view(self, annotator: str = "Ada", sentence: str = "") -> dict:
        further = f"&sentence={quote(sentence)}" if sentence else ""
        return self.ask(f"/view?annotator={quote(annotator)}{further}")[1]

    def answer(self, label: str, sentence: str, annotator: str = "Ada", **further: object) -> tuple[int, dict, dict]:
        self.n_tokens += 1
        body = {"annotator": annotator, "sentence_id": sentence, "label": label, "token": f"token-{self.n_tokens:04}"}
        return self.ask("/answer", {**body, **further})

    def skip(self, sentence: str, annotator: str = "Ada") -> dict:
        return self.ask("/skip", {"annotator": annotator, "sentence_id": sentence})[1]

    def rows(self) -> list[tuple[str, str, str, float]]:
        rows = VoteTable(self.folder).rows().to_pylist()
        return [(row["sentence_id"], row["annotator"], row["label"], row["weight"]) for row in rows]


@pytest.fixture
def desk(tmp_path) -> Iterator[Callable[..., Desk]]:
    """Starts servers over one folder of votes."""
    stops = []

    def start(texts: list[str] = TEXTS, book: Codebook = BOOK, host: str = "127.0.0.1", **further: object) -> Desk:
        folder = tmp_path / "votes"
        app = make_app(Ledger(items(texts), list(book.labels), VoteTable(folder)), book, str(folder), host, **further)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="on"))
        thread = threading.Thread(target=server.run)
        thread.start()
        stops.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        return Desk(server.servers[0].sockets[0].getsockname()[1], folder)

    yield start
    for server, thread in stops:
        server.should_exit = True
        thread.join()


def test_an_answer_is_in_the_table_when_the_next_sentence_shows(desk):
    page = desk()
    first = page.view()
    assert (first["shown"]["id"], first["shown"]["text"], first["n_answered"]) == ("d#1", TEXTS[0], 0)
    assert (first["shown"]["why"], first["shown"]["suggestion"], first["shown"]["score"]) == ("not sure", "none", 0.4)
    status, found, _ = page.answer("cooperative", "d#1")
    assert (status, found["shown"]["id"], found["n_answered"], found["earlier"]) == (200, "d#2", 1, "d#1")
    assert page.rows() == [("d#1", "Ada", "cooperative", 1.0)]
    assert [row["kind"] for row in VoteTable(page.folder).rows().to_pylist()] == ["person"]


def test_when_all_are_answered_the_counts_show(desk):
    page = desk()
    for number, label in enumerate(["cooperative", "warning", "grievance", "none"], start=1):
        found = page.answer(label, f"d#{number}", is_hard=number == 2)[1]
    assert (found["shown"], found["n_answered"], found["n_hard"]) == (None, 4, 1)
    assert found["counts"] == {"cooperative": 1, "warning": 1, "grievance": 1, "none": 1}
    assert (found["earlier"], found["later"]) == ("d#4", None)


def test_what_is_skipped_comes_after_all_others(desk):
    page = desk()
    assert page.skip("d#1")["shown"]["id"] == "d#2"
    assert page.skip("d#2")["shown"]["id"] == "d#3"
    assert page.answer("none", "d#3")[1]["shown"]["id"] == "d#4"
    left = page.answer("none", "d#4")[1]
    assert (left["shown"]["id"], left["shown"]["was_skipped"], left["n_skipped"]) == ("d#1", True, 2)
    assert page.skip("d#1")["shown"]["id"] == "d#2"
    assert page.answer("none", "d#2")[1]["shown"]["id"] == "d#1"
    assert page.answer("none", "d#1")[1]["shown"] is None


def test_annotators_have_their_own_progress_and_never_see_each_others_answers(desk):
    page = desk()
    page.answer("warning", "d#1")
    grace = page.view("Grace")
    assert (grace["shown"]["id"], grace["shown"]["answer"], grace["n_answered"]) == ("d#1", None, 0)
    assert page.answer("none", "d#1", "Grace")[0] == 200
    assert page.view("Ada", "d#1")["shown"]["answer"]["label"] == "warning"
    assert page.view("Grace", "d#1")["shown"]["answer"]["label"] == "none"


def test_the_same_answer_sent_twice_counts_once(desk):
    page = desk()
    assert page.answer("warning", "d#1", token="the-same-one")[0] == 200
    status, found, _ = page.answer("warning", "d#1", token="the-same-one")
    assert (status, found["shown"]["id"]) == (200, "d#2")
    assert page.rows() == [("d#1", "Ada", "warning", 1.0)]


def test_an_answer_to_what_was_answered_in_another_tab_is_told_and_not_written(desk):
    page = desk()
    page.answer("warning", "d#1")
    status, found, _ = page.answer("none", "d#1")
    assert (status, found["error"]) == (
        409,
        "You have answered this sentence in another window meanwhile: warning. Your none from here was not written; "
        "press its key once more if it should count instead.",
    )
    assert (found["view"]["shown"]["id"], found["view"]["shown"]["answer"]["label"]) == ("d#1", "warning")
    assert page.rows() == [("d#1", "Ada", "warning", 1.0)]
    assert page.answer("none", "d#1", revision=found["view"]["shown"]["answer"]["revision"])[0] == 200
    assert [row["label"] for row in VoteTable(page.folder).standing().table.to_pylist()] == ["none"]


def test_an_answer_is_changed_by_one_that_knows_it_and_the_same_again_adds_nothing(desk):
    page = desk()
    page.answer("warning", "d#1")
    page.answer("none", "d#2")
    given = page.view(sentence="d#1")
    assert (given["earlier"], given["later"]) == (None, "d#2")
    found = page.answer("warning", "d#1", revision=given["shown"]["answer"]["revision"])[1]
    assert (found["shown"]["id"], len(page.rows())) == ("d#3", 2)
    found = page.answer("grievance", "d#1", revision=given["shown"]["answer"]["revision"])[1]
    assert (found["shown"]["id"], found["n_answered"], found["earlier"]) == ("d#3", 2, "d#1")
    assert page.rows()[-1] == ("d#1", "Ada", "grievance", 1.0)


def test_a_hard_sentence_counts_half_and_may_be_marked_afterward(desk):
    page = desk()
    page.answer("warning", "d#1", is_hard=True)
    given = page.view(sentence="d#1")["shown"]["answer"]
    assert given["is_hard"]
    stayed = page.answer("warning", "d#1", is_hard=False, revision=given["revision"], stay=True)[1]
    assert (stayed["shown"]["id"], stayed["shown"]["answer"]["is_hard"]) == ("d#1", False)
    assert [weight for *_, weight in page.rows()] == [0.5, 1.0]


def test_a_server_that_starts_anew_goes_on_where_everybody_was(desk):
    page = desk()
    page.answer("warning", "d#1", is_hard=True)
    page.answer("none", "d#2")
    page.answer("none", "d#1", "Grace")
    revision = page.view(sentence="d#1")["shown"]["answer"]["revision"]
    again = desk()
    assert again.view()["shown"]["id"] == "d#3"
    assert again.view("Grace")["shown"]["id"] == "d#2"
    assert again.view(sentence="d#1")["shown"]["answer"] == {"label": "warning", "is_hard": True, "revision": revision}
    assert again.answer("none", "d#1", revision=revision)[0] == 200


def test_a_clock_that_was_put_back_makes_no_answer_older_than_the_one_it_changes(desk, tmp_path):
    later = datetime.now(UTC) + timedelta(days=1)
    VoteTable(tmp_path / "votes").append([Vote("d#1", "Ada", "person", "none", later)])
    page = desk()
    given = page.view(sentence="d#1")["shown"]["answer"]
    assert page.answer("warning", "d#1", revision=given["revision"])[0] == 200
    assert [row["label"] for row in VoteTable(page.folder).standing().table.to_pylist()] == ["warning"]


def test_votes_of_rules_and_of_other_lists_are_nobodys_answers(desk, tmp_path):
    VoteTable(tmp_path / "votes").append([
        Vote("d#1", "rule:warns", "rule", "warning", NOON), Vote("other#1", "Ada", "person", "anger", NOON)
    ])  # fmt: skip
    assert desk().view()["n_answered"] == 0


def test_the_pace_is_that_of_late_and_a_break_does_not_slow_it(desk, tmp_path):
    moments = [0, 10, 20, 3600, 3610, 3620]
    votes = [
        Vote(f"d#{number}", "Ada", "person", "none", NOON + timedelta(seconds=seconds))
        for number, seconds in enumerate(moments, start=1)
    ]
    VoteTable(tmp_path / "votes").append(votes)
    page = desk([f"Sentence {number}." for number in range(9)])
    assert page.view()["pace"] == pytest.approx(6)
    assert page.view("Grace")["pace"] is None


def test_an_answer_that_cannot_be_written_is_told_and_given_again(desk):
    page = desk()
    page.answer("warning", "d#1")
    page.folder.rename(page.folder.with_name("away"))
    page.folder.write_text("", encoding="utf-8")
    status, found, _ = page.answer("none", "d#2")
    assert status == 507
    assert found["error"].startswith(f"Your answer is not written. {page.folder}/")
    assert found["error"].endswith(f".parquet: cannot be written: {os.strerror(20)}. Choose another place")
    assert page.view()["shown"]["id"] == "d#2"
    page.folder.unlink()
    page.folder.with_name("away").rename(page.folder)
    assert page.answer("none", "d#2")[0] == 200
    assert len(page.rows()) == 2


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"label": "warnin"}, 'the page: label "warnin" of Ada for "d#1" is not one of cooperative, warning, '
         'grievance, none (1 vote). Did you mean "warning"?'),
        ({"sentence_id": "e#1"}, 'the page: no sentence "e#1", which Ada votes on (1 vote). Are these votes of other '
         "documents? Name the documents they are of"),
        ({"annotator": " "}, "a name is needed, so that it is known whose answers these are. Give yours"),
        ({"is_hard": "yes"}, "is_hard: Input should be a valid boolean. Load the page again"),
        ({"token": "short"}, "token: String should have at least 8 characters. Load the page again"),
        ({"weight": 3}, "weight: Extra inputs are not permitted. Load the page again"),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_an_answer_that_cannot_be_is_refused_with_the_reason(desk, change, error):
    page = desk()
    body = {"annotator": "Ada", "sentence_id": "d#1", "label": "warning", "token": "token-0001"} | change
    assert page.ask("/answer", body)[:2] == (422, {"error": error})
    assert not page.folder.exists()


def test_a_sentence_that_is_not_in_the_list_is_not_shown(desk):
    wanted = 'no sentence "e#1" in this list. Load the page again'
    page = desk()
    assert page.view(sentence="e#1") == {"error": wanted}
    assert page.skip("e#1") == {"error": f"the page: {wanted}"}


def test_a_name_is_taken_as_it_is_meant():
    assert checked_name("  Ada \t Byron ") == "Ada Byron"
    assert checked_name("Zoe\u0308") == "Zo\u00eb"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "a name is needed, so that it is known whose answers these are. Give yours"),
        ("a" * 61, "the name has 61 characters; it may have 60. Give a shorter one"),
        ("Ada\x1b[31m", "the name holds characters that cannot be shown. Type it anew"),
        ("Ada\u202e", "the name holds characters that cannot be shown. Type it anew"),
        ("rule:warns", '"rule:warns": names of people do not begin with rule: or model:. Give another one'),
        ("Model:fast", '"Model:fast": names of people do not begin with rule: or model:. Give another one'),
    ],
)
def test_a_name_that_cannot_be_is_refused(complaint, name, message):
    assert complaint(checked_name, name) == message


def test_the_page_asks_for_a_name_and_remembers_it(desk):
    page = desk()
    status, form, _ = page.ask("/")
    assert (status, "4 sentences to label" in form["text"]) == (200, True)
    status, form, _ = page.ask("/?annotator=rule:x")
    assert (status, "names of people do not begin with" in form["text"]) == (422, True)
    status, _, headers = page.ask("/?annotator=" + quote("Zoë"))
    assert status == 200
    cookie = headers["set-cookie"].split(";")[0]
    assert {"HttpOnly", "SameSite=strict"} <= set(headers["set-cookie"].split("; "))
    assert 'value="Zoë"' in page.ask("/", Cookie=cookie)[1]["text"]


def test_whatever_is_shown_is_text_and_nothing_comes_from_elsewhere(desk):
    bad = "<script>alert(1)</script>"
    book = Codebook.model_validate_json(json.dumps({
        "name": bad, "version": bad, "background": bad, "unit": bad,
        "labels": {bad: {"definition": bad, "examples": [bad], "near_misses": [{"text": bad, "label": bad}]}},
        "guidelines": [{"name": bad, "text": bad}], "settled_cases": [{"case": bad, "text": bad, "label": bad}],
    }))  # fmt: skip
    page = desk([bad], book)
    for path in ("/", f"/?annotator={quote(bad)}", f"/?annotator={quote('rule:' + bad)}"):
        _, found, headers = page.ask(path)
        assert bad not in found["text"]
        assert "&lt;script&gt;" in found["text"]
        places = re.findall(r'(?:src|href|action)="([^"]+)"', found["text"])
        assert set(places) <= {"/page.css", "/page.js", "/", "data:,"}
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
        assert headers["x-content-type-options"] == "nosniff"
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript")):
        status, found, headers = page.ask(f"/{name}")
        assert (status, headers["content-type"]) == (200, f"{kind}; charset=utf-8")
        assert not re.search(r"https?:|url\(|@import|innerHTML", found["text"])
    assert page.ask("/page.py")[0] == page.ask("/docs")[0] == 404


def test_suggestions_can_be_kept_from_the_page(desk):
    shown = desk(suggests=False).view()["shown"]
    assert (shown["suggestion"], shown["score"], shown["why"]) == (None, None, "not sure")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example", "[", "10.0.0.5"])
def test_a_name_that_a_strangers_page_made_up_is_not_answered(desk, host):
    status, found, _ = desk().ask("/view?annotator=Ada", Host=host)
    error = f'this server does not answer to "{host}". Use the address that it printed'
    assert (status, found) == (403, {"error": error})


def test_the_servers_own_names_are_answered(desk):
    page = desk()
    for host in ("localhost", f"localhost:{page.port}", "[::1]", "127.0.0.1"):
        assert page.ask("/view?annotator=Ada", Host=host)[0] == 200
    everywhere = desk(host="0.0.0.0")
    assert everywhere.ask("/view?annotator=Ada", Host="10.0.0.5:8010")[0] == 200
    assert everywhere.ask("/view?annotator=Ada", Host="evil.example")[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:1", "http://["])
def test_only_the_servers_own_page_may_write(desk, origin):
    page = desk()
    body = {"annotator": "Ada", "sentence_id": "d#1", "label": "warning", "token": "token-0001"}
    wanted = (403, {"error": "only this server's own page may write. Use that"})
    assert page.ask("/answer", body, Origin=origin)[:2] == wanted
    assert not page.folder.exists()


def test_a_key_is_given_once_and_the_cookie_does_not_tell_it(desk):
    page = desk(key="secret")
    status, form, _ = page.ask("/")
    assert (status, "This page asks for a key" in form["text"]) == (401, True)
    status, form, headers = page.ask("/?key=secre")
    assert (status, "That is not the key" in form["text"], "set-cookie" in headers) == (401, True, False)
    assert page.ask("/page.css")[0] == 200
    assert page.ask("/view?annotator=Ada")[:2] == (
        401, {"error": "no API key, or a wrong one. Send the header `Authorization: Bearer KEY`"}
    )  # fmt: skip
    status, _, headers = page.ask("/?key=secret")
    assert (status, headers["location"]) == (303, "/")
    cookie, *flags = headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict"} <= set(flags)
    assert "secret" not in cookie
    assert page.ask("/?annotator=Ada", Cookie=cookie)[0] == 200
    assert page.ask("/view?annotator=Ada", Cookie=f"{cookie}0")[0] == 401
    assert page.ask("/view?annotator=Ada", Authorization="Bearer secret")[0] == 200
    assert page.answer("warning", "d#1")[0] == 401


def test_a_request_that_is_too_large_is_refused(desk):
    page = desk()
    status, found, _ = page.answer("warning", "d#1", revision="x" * 1_000_000)
    assert (status, found["error"]) == (413, "the request's body has more than 1,000,000 bytes. Send it in parts")


@pytest.fixture
def listed(workplace) -> list[str]:
    """The command's arguments, for a list of four sentences."""
    rows = [{"doc_id": "d", "position": number, "text": text} for number, text in enumerate(TEXTS, start=1)]
    write_jsonl(workplace / "list.jsonl", rows)
    return ["label", "serve", "list.jsonl", "--votes", "votes", "--codebook", "codebook.yaml", "--no-open"]


def test_a_port_that_is_taken_is_an_error(stance, listed):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, complaint = stance(*listed, "--port", str(port))
    assert code == 2
    assert complaint == (
        f"error: --host 127.0.0.1 --port {port}: cannot listen there: {os.strerror(98)}. Name another port or host\n"
    )


def test_a_folder_that_another_server_writes_to_is_an_error(stance, listed):
    Path("votes").mkdir()
    with FileLock("votes/.serve.lock"):
        code, _, complaint = stance(*listed, "--port", str(free_port()))
    assert (code, complaint) == (
        2, "error: votes: a `stance label serve` or `import` writes there. Wait for its end, or name another folder\n"
    )  # fmt: skip


def test_answers_by_another_codebook_are_an_error(stance, listed):
    VoteTable(Path("votes")).append([Vote("d#1", "Ada", "person", "anger", NOON)])
    code, _, complaint = stance(*listed, "--port", str(free_port()))
    assert (code, complaint) == (
        2, 'error: votes: label "anger" of Ada for "d#1" is not one of cooperative, warning, grievance, none (1 vote). '
        'Did you mean "warning"?\n'
    )  # fmt: skip


def test_a_list_of_nothing_is_an_error(complaint, tmp_path):
    message = complaint(Ledger, [], ["none"], VoteTable(tmp_path))
    assert message == "no sentence to label: the files are empty. Name others"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_command_says_where_and_leaves_one_file_of_votes(listed):
    port = free_port()
    command = [sys.executable, "-m", "pipeline", *listed, "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            page = Desk(port, Path("votes"))
            wait_for(port)
            for number in range(1, 4):
                page.answer("none", f"d#{number}")
            n_files = len(list(page.folder.glob("*.parquet")))
        finally:
            server.terminate()
        said = server.communicate(timeout=30)[1]
    assert n_files == 3
    assert "4 sentences to label; answers go to votes\n" in said
    assert f"http://127.0.0.1:{port}  (Ctrl-C ends it)\n" in said
    assert "Traceback" not in said
    assert len(list(page.folder.glob("*.parquet"))) == 1
    assert [label for _, _, label, _ in page.rows()] == ["none"] * 3


def wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError
