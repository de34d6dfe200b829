"""Endpoints as annotators: a real server on this machine, which misbehaves; no vote is lost, none asked for twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from stand_in import LABEL_OF, Asked, StandIn, standing_in
from toy import SENTENCES, write_jsonl

from pipeline.codebook import load_codebook
from pipeline.labeling.annotators import Answer
from pipeline.labeling.annotators.endpoint import Budget, compile_prompt, find_address, open_cache
from pipeline.labeling.annotators.endpoint.replies import read_reply
from pipeline.labeling.worklist import Item
from pipeline.records import Sentence
from pipeline.votes import VoteTable

ROOT = Path(__file__).parent.parent
KEY = "sk-a-key-that-nobody-may-see"
TEXTS = [text for group in zip(*SENTENCES.values(), strict=True) for text in group]  # 24, the labels in turn
LABELS = ("warning", "grievance", "cooperative", "none")
KEPT = "What was answered is kept: the same command goes on from there"


@pytest.fixture
def endpoint() -> Iterator[StandIn]:
    with standing_in() as server:
        yield server


@pytest.fixture
def place(workplace, monkeypatch) -> Path:
    """A workplace with 24 labeled sentences of two documents, and a key in the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    rows = [
        {"doc_id": f"d{n // 12}", "position": n % 12 + 1, "text": text, "label": LABEL_OF[text]}
        for n, text in enumerate(TEXTS)
    ]
    write_jsonl(Path("some.jsonl"), rows)
    return workplace


@pytest.fixture
def ask(stance, place, endpoint) -> Callable[..., tuple[int, str, str]]:
    """Gives the command with what it always needs; checks that the key stays where it was."""

    def call(*further: str) -> tuple[int, str, str]:
        answer = stance(*command("--url", endpoint.url, *further))
        assert KEY not in answer[1] + answer[2]
        assert [path for path in place.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()] == []
        return answer

    return call


def command(*further: str) -> list[str]:
    always = ["--codebook", "codebook.yaml", "--votes", "votes", "--model", "m/1", "--cache", "answers"]
    return ["label", "endpoint", "some.jsonl", *always, *further]


def votes() -> dict[str, tuple[str, float]]:
    """Label and weight by sentence; every vote must be there once."""
    rows = VoteTable(Path("votes")).rows().to_pylist()
    assert len(rows) == len({row["sentence_id"] for row in rows})
    assert {(row["annotator"], row["kind"]) for row in rows} <= {("model:m/1", "model")}
    return {row["sentence_id"]: (row["label"], row["weight"]) for row in rows}


def right(*texts: str, weight: float = 0.9) -> dict[str, tuple[str, float]]:
    """The votes that these sentences should have."""
    places = {text: f"d{n // 12}#{n % 12 + 1}" for n, text in enumerate(TEXTS)}
    return {places[text]: (LABEL_OF[text], weight) for text in texts}


def test_answers_become_votes_and_are_judged(ask, endpoint):
    code, output, progress = ask()
    assert code == 0
    assert output == "on 24 that people labeled: accuracy 1.000, macro-F1 of the stances 1.000\n"
    assert "24 votes of model:m/1 added to votes: 6 warning, 6 grievance, 6 cooperative, 6 none\n" in progress
    assert (
        "24 sentences: 0 answered before, 24 asked in 24 requests (0 repeated), 0 without an answer; 2,400 tokens\n"
    ) in progress
    assert votes() == right(*TEXTS)


def test_a_request_has_the_codebook_the_sentence_its_neighbors_and_the_form_of_an_answer(ask, endpoint):
    ask("--temperature", "0", "--concurrency", "1")
    second = endpoint.asked[1]
    assert second.shown == {"before": TEXTS[0], "sentence": TEXTS[1], "after": TEXTS[2]}
    assert endpoint.asked[0].shown == {"sentence": TEXTS[0], "after": TEXTS[1]}
    assert endpoint.asked[12].shown == {"sentence": TEXTS[12], "after": TEXTS[13]}
    assert set(second.body) == {"model", "messages", "response_format", "temperature"}
    assert (second.body["model"], second.body["temperature"]) == ("m/1", 0)
    schema = second.body["response_format"]["json_schema"]
    assert (schema["strict"], schema["schema"]["properties"]["label"]["enum"]) == (True, list(LABELS))
    assert second.headers["authorization"] == f"Bearer {KEY}"
    assert [message["role"] for message in second.body["messages"]] == ["system", "user"]


def test_nothing_is_asked_twice_and_what_is_all_answered_needs_no_endpoint(ask, stance, endpoint, monkeypatch):
    ask()
    code, output, progress = ask()
    assert (code, len(endpoint.asked)) == (0, 24)
    assert "0 votes of model:m/1 added to votes (24 stood already): 6 warning" in progress
    assert "24 sentences: 24 answered before, 0 asked in 0 requests" in progress
    assert "accuracy 1.000" in output
    monkeypatch.delenv("OPENAI_API_KEY")
    assert stance(*command())[0] == 0
    assert votes() == right(*TEXTS)


def test_an_answer_is_to_a_question_not_to_an_address_or_a_place(ask, endpoint):
    ask()
    with standing_in() as other:
        assert ask("--url", other.url)[0] == 0
        assert other.asked == []
        ask("--url", other.url, "--model", "m/2", "--name", "m/1")
        assert len(other.asked) == 24
    write_jsonl(Path("some.jsonl"), [{"doc_id": f"e{n}", "position": 1, "text": TEXTS[0]} for n in range(5)])
    ask()
    assert len(endpoint.asked) == 25
    assert {f"e{n}#1": (LABEL_OF[TEXTS[0]], 0.9) for n in range(5)}.items() <= votes().items()


def test_a_server_that_misbehaves_in_every_way_loses_no_vote(ask, endpoint):
    def behave(asked: Asked) -> None:
        ways = [
            lambda: asked.fail(500), lambda: asked.fail(503), asked.hang_up, lambda: time.sleep(1.2),
            lambda: asked.say("warning, I think"), lambda: asked.say('{"label": "warnin", "confidence": 1}'),
            lambda: asked.send(200, "<html>", "text/html"), lambda: asked.send(200, "{oops"),
            lambda: asked.say(None), lambda: asked.say('{"label": "none", "confidence": 7}'),
            lambda: asked.send(200, {"choices": []}), lambda: asked.send(200, []), lambda: asked.fail(429),
            lambda: asked.send(500, KEY, "text/plain"), lambda: asked.say(json.dumps({"label": KEY})),
        ]  # fmt: skip
        place = TEXTS.index(asked.text)
        time.sleep(0.01)
        if asked.times == 1 and place < len(ways):
            ways[place]()
        else:
            asked.right()

    endpoint.behave = behave
    code, _, progress = ask("--timeout", "1", "--concurrency", "5")
    assert code == 0
    assert votes() == right(*TEXTS)
    assert Counter(endpoint.texts()) == {text: 2 if n < 15 else 1 for n, text in enumerate(TEXTS)}
    assert "24 asked in 39 requests (15 repeated), 0 without an answer; 2,900 tokens\n" in progress
    assert endpoint.most_at_once <= 6  # 5, and the one that was given up


def test_answers_of_any_form_lose_no_vote(ask, endpoint):
    message = {"choices": [{"message": {"content": [5]}}], "usage": {"total_tokens": "many"}}
    bodies = [
        5, "x", None, {}, [], {"choices": "abc"}, {"choices": [5]}, {"choices": [{}]}, {"choices": [{"message": "x"}]},
        {"choices": {"a": 1}}, message, {"usage": 5}, {"error": {"message": "no"}}, {"choices": [None]},
    ]  # fmt: skip
    contents = [json.dumps(body) for body in bodies] + [
        "",
        "\ud800".encode("utf-16-le", "surrogatepass").hex(),
        "[" * 9000,
    ]

    def behave(asked: Asked) -> None:
        place = TEXTS.index(asked.text)
        if asked.times == 1 and place < len(contents):
            asked.send(200, contents[place])
        else:
            asked.right()

    endpoint.behave = behave
    code, _, progress = ask()
    assert code == 0, progress
    assert votes() == right(*TEXTS)
    assert len(endpoint.asked) == 24 + len(contents)


def test_no_more_is_asked_at_once_than_is_allowed(ask, endpoint):
    def slowly(asked: Asked) -> None:
        time.sleep(0.05)
        asked.right()

    endpoint.behave = slowly
    ask("--concurrency", "3")
    assert endpoint.most_at_once == 3


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
def test_a_server_that_asks_to_wait_is_left_alone(ask, endpoint, as_date):
    refused: list[float] = []

    def behave(asked: Asked) -> None:
        if asked.number == 3:
            refused.append(asked.began)
            wait = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True) if as_date else "1.5"
            asked.fail(429, "slower", retry_after=wait)
        else:
            asked.right()

    endpoint.behave = behave
    assert ask("--concurrency", "2")[0] == 0
    later = [asked.began - refused[0] for asked in endpoint.asked if asked.began > refused[0]]
    assert [wait for wait in later if 0.3 < wait < 1.4] == []  # what came before was under way already
    assert max(later) >= 1.4
    assert votes() == right(*TEXTS)


def test_a_server_that_answers_one_request_at_a_time_answers_all_in_the_end(ask, endpoint):
    answered = [0.0]

    def behave(asked: Asked) -> None:
        if asked.began - answered[-1] < 0.05:
            asked.fail(429, "one at a time", retry_after="0.05")
        else:
            answered.append(asked.began)
            asked.right()

    endpoint.behave = behave
    code, _, progress = ask("--retries", "2", "--concurrency", "6")
    assert code == 0, progress
    assert votes() == right(*TEXTS)


def test_a_server_that_asks_to_wait_too_long_is_waited_for_by_the_user(ask, endpoint):
    endpoint.behave = lambda asked: asked.right() if asked.number < 3 else asked.fail(429, "later", retry_after="3600")
    code, _, progress = ask("--concurrency", "1")
    assert code == 2
    assert f"asks to wait 3,600 seconds (429: later). {KEPT}\n" in progress
    assert votes() == right(*TEXTS[:2])
    assert len(endpoint.asked) == 3


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (401, None, "does not accept the key in OPENAI_API_KEY (401). Set one that it knows"),
        (403, None, "does not accept the key in OPENAI_API_KEY (403). Set one that it knows"),
        (404, None, 'no model "m/1" there, or nothing at this address (404: no: [key]). Check --model and --url'),
        (429, "insufficient_quota", "the account's quota is spent (429). Add to it, and give the command again"),
        (307, None, "sends requests on to another address (307). Name that one: --url"),
    ],
)  # fmt: skip
def test_what_no_further_request_can_mend_ends_at_once(ask, endpoint, status, code, told):
    endpoint.behave = lambda asked: asked.fail(status, f"no: {KEY}", code, location="http://127.0.0.1:9/")
    host = endpoint.url.split("/")[2]
    exit_code, output, progress = ask()
    assert (exit_code, output) == (2, "")
    assert progress.endswith(f"error: {host}: {told}\n")
    assert progress.count("error") == 1
    assert len(endpoint.asked) <= 4


def test_a_server_without_a_key_gets_a_placeholder_and_may_want_one(ask, endpoint, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    assert ask("--max-requests", "1")[0] == 0
    assert endpoint.asked[0].headers["authorization"] == "Bearer none"
    endpoint.behave = lambda asked: asked.fail(401)
    code, _, progress = ask()
    assert (code, progress.splitlines()[-1]) == (
        2, f"error: {endpoint.url.split('/')[2]}: wants a key (401). Set OPENAI_API_KEY",
    )  # fmt: skip


def test_a_server_that_dies_for_good_ends_the_command_and_the_next_one_goes_on(ask, endpoint):
    endpoint.behave = lambda asked: asked.right() if asked.number <= 10 else asked.hang_up()
    code, output, progress = ask("--retries", "1", "--concurrency", "2")
    assert code == 2
    assert (
        f"error: {endpoint.url.split('/')[2]}: no answer to 3 requests, each asked 2 times: no connection: " in progress
    )
    assert progress.endswith(f". {KEPT}\n")
    assert "10 votes of model:m/1 added to votes: " in progress
    assert output == "on 10 of 24 that people labeled: accuracy 1.000, macro-F1 of the stances 1.000\n"
    kept = votes()
    assert len(kept) == 10
    assert len(endpoint.asked) <= 10 + 4 * 2
    n_before, endpoint.behave = len(endpoint.asked), Asked.right
    code, _, progress = ask()
    assert code == 0
    assert len(endpoint.asked) == n_before + 14
    assert "24 sentences: 10 answered before, 14 asked in 14 requests" in progress
    assert votes() == right(*TEXTS)


def test_where_nobody_listens_the_command_ends(ask, endpoint):
    code, _, progress = ask("--url", "http://127.0.0.1:9/v1", "--retries", "0")
    assert code == 2
    assert "error: 127.0.0.1:9: no answer to 3 requests, each asked 1 time: no connection: " in progress
    assert not Path("votes").exists()


def test_one_sentence_that_is_never_answered_does_not_keep_the_others_from_it(ask, endpoint):
    endpoint.behave = lambda asked: asked.fail(500, "boom") if asked.text == TEXTS[5] else asked.right()
    code, _, progress = ask("--retries", "2")
    assert code == 2
    assert progress.endswith(f"no answer to 1 sentence, each asked 3 times: 500: boom. {KEPT}\n")
    assert votes() == right(*TEXTS[:5], *TEXTS[6:])


def test_what_is_of_no_use_is_asked_again_then_left_without_a_vote_and_shown(ask, endpoint):
    def behave(asked: Asked) -> None:
        if asked.text == TEXTS[3]:
            asked.say(f'I\x1b[31m\n{KEY} "refuse"' + "x" * 170 + KEY)
        elif asked.text == TEXTS[4]:
            asked.fail(400, "the content filter said no\nand more")
        else:
            asked.right()

    endpoint.behave = behave
    code, _, progress = ask("--concurrency", "1")
    assert code == 0
    assert votes() == right(*TEXTS[:3], *TEXTS[5:])
    assert Counter(endpoint.texts())[TEXTS[3]] == 3
    assert Counter(endpoint.texts())[TEXTS[4]] == 1
    assert '1 sentence of no use, the first: it is not JSON: I�[31m [key] "refuse"xxx' in progress
    assert "1 sentence declined, the first: 400: the content filter said no and more\n" in progress
    assert max(map(len, progress.splitlines())) < 300
    assert KEY[:8] not in progress
    again = [asked for asked in endpoint.asked if asked.text == TEXTS[3]][1].body["messages"][-1]["content"]
    assert again.endswith(
        "\n\nAn earlier answer to this was of no use: it is not JSON. Answer in the form that is asked for."
    )
    assert len(ask("--retries", "0")) == 3
    assert Counter(endpoint.texts())[TEXTS[3]] == 6


def test_a_key_that_stands_in_every_answer_spoils_none(ask, endpoint, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "label")  # whatever a server without a key was given
    assert ask("--max-requests", "24")[0] == 0
    assert votes() == right(*TEXTS)


def test_a_model_that_never_gives_an_answer_of_use_is_not_asked_forever(ask, endpoint):
    endpoint.behave = lambda asked: asked.say("{}")
    code, _, progress = ask()
    assert code == 2
    assert (
        "20 answers in a row of no use, the last: `label` is null, which is not one of warning, grievance, "
        f"cooperative, none: {{}}. {KEPT}\n"
    ) in progress
    assert len(endpoint.asked) <= (20 + 3) * 3


def test_a_budget_of_requests_is_kept_and_the_next_command_goes_on(ask, endpoint):
    code, _, progress = ask("--max-requests", "7")
    assert (code, len(endpoint.asked), len(votes())) == (0, 7, 7)
    assert progress.endswith("the budget of 7 requests is spent: the same command goes on from what was answered\n")
    endpoint.behave = lambda asked: asked.fail(500) if asked.number == 8 else asked.right()
    ask("--max-requests", "7")
    assert (len(endpoint.asked), len(votes())) == (14, 13)
    ask()
    assert (len(endpoint.asked), votes()) == (25, right(*TEXTS))


def test_a_budget_of_tokens_is_kept_by_what_the_server_reports(ask, endpoint):
    code, _, progress = ask("--max-tokens", "450", "--concurrency", "1")
    assert (code, len(endpoint.asked), len(votes())) == (0, 5, 5)
    assert "the budget of 450 tokens is spent (500 used): the same command goes on" in progress
    endpoint.behave = lambda asked: asked.say(json.dumps({"label": LABEL_OF[asked.text]}), usage=None)
    code, _, progress = ask("--max-tokens", "450", "--concurrency", "1")
    assert (code, len(endpoint.asked), len(votes())) == (0, 6, 6)
    assert "the server does not say how many tokens it uses, so --max-tokens cannot be kept" in progress


def test_several_sentences_a_request_are_told_apart_by_number(ask, endpoint):
    def behave(asked: Asked) -> None:
        if asked.number == 2:  # one wrong, one twice, one out of order, one left out
            said = [(3, "none"), (1, "oops"), (3, "warning"), (4, LABEL_OF[asked.text.splitlines()[3]])]
            entries = [{"number": number, "label": label, "confidence": 0.9} for number, label in said]
            entries[0]["label"] = LABEL_OF[asked.text.splitlines()[2]]
            asked.say(json.dumps({"answers": entries}))
        else:
            asked.right()

    endpoint.behave = behave
    code, _, progress = ask("--batch", "5", "--concurrency", "1")
    assert code == 0
    assert votes() == right(*TEXTS)
    assert [len(text.splitlines()) for text in endpoint.texts()] == [5, 5, 3, 5, 5, 4]
    assert "24 asked in 6 requests (1 repeated), 0 without an answer; 600 tokens\n" in progress
    ask("--batch", "5")
    assert len(endpoint.asked) == 6


def test_a_dry_run_shows_the_prompt_and_sends_nothing(ask, endpoint, monkeypatch):
    ask("--max-requests", "2", "--concurrency", "1")
    monkeypatch.delenv("OPENAI_API_KEY")
    code, output, progress = ask("--dry-run")
    assert (code, progress, len(endpoint.asked)) == (0, "", 2)
    assert endpoint.asked[0].body["messages"][0]["content"] in output
    assert endpoint.asked[0].body["messages"][1]["content"] in output
    assert output.endswith("22 requests to send, 2 answers kept; nothing was sent\n")
    assert ask("--dry-run", "--batch", "7")[1].endswith("4 requests to send, 0 answers kept; nothing was sent\n")


def test_it_is_said_where_sentences_go_when_they_leave_this_machine(ask, endpoint):
    elsewhere = endpoint.url.replace("127.0.0.1", "0.0.0.0")  # this machine too, but that is not plain to see
    progress = ask("--url", elsewhere)[2]
    assert progress.startswith(f"24 sentences and their neighbors go to {elsewhere.split('/')[2]}, unencrypted\n")
    Path("answers/m-1.jsonl").unlink()
    assert "neighbors go to" not in ask()[2]


def test_without_an_endpoint_nothing_is_asked(stance, place, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    code, _, complaint = stance(*command())
    assert (code, complaint) == (
        2,
        "error: no endpoint: name a server with --url or OPENAI_BASE_URL, such as http://localhost:8000/v1, or set "
        "OPENAI_API_KEY to ask OpenAI's\n",
    )
    assert not Path("votes").exists()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda end: end.name)
def test_a_command_that_is_ended_loses_no_answer_and_the_next_one_asks_for_none_again(ask, endpoint, end):
    def behave(asked: Asked) -> None:
        time.sleep(30 if asked.number > 9 else 0)
        asked.right()

    endpoint.behave = behave
    code = [sys.executable, "-m", "pipeline", *command("--url", endpoint.url, "--concurrency", "2")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(code, env=environment, stderr=subprocess.PIPE, text=True) as running:
        while len(endpoint.asked) < 11:
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(end)
        complaints = running.communicate()[1]
    first, answered = votes(), [asked.text for asked in endpoint.asked[:9]]
    if end == signal.SIGKILL:
        assert (running.returncode, first) == (-9, {})
        with Path("answers/m-1.jsonl").open("ab") as file:
            file.write(b'{"key": "half a li')
    else:
        assert (running.returncode, first) == (130, right(*answered))
        assert complaints.endswith(
            "error: interrupted; what was answered is kept: the same command goes on from there\n"
        )
        assert "Traceback" not in complaints
    n_before, endpoint.behave = len(endpoint.asked), Asked.right
    assert ask()[0] == 0
    assert sorted(endpoint.texts()[n_before:]) == sorted(set(TEXTS) - set(answered))
    assert votes() == right(*TEXTS)


def test_one_process_at_a_time_asks_a_model(ask, complaint):
    with open_cache(Path("answers"), "m/1"):
        code, _, said = ask()
    assert (code, said) == (
        2,
        "error: answers/m-1.jsonl: another process is asking this model. Wait for it to end, or choose another "
        "--cache\n",
    )


def test_answers_that_are_none_are_named(ask):
    ask("--max-requests", "2")
    with Path("answers/m-1.jsonl").open("ab") as file:
        file.write(b'{"key": "x", "label": "none", "weight": 2}\n')
    code, _, said = ask()
    assert (code, said) == (
        2, "error: answers/m-1.jsonl:3: not an answer. Take the line out; what it was for is asked again\n",
    )  # fmt: skip


def test_a_full_disk_ends_the_command_and_leaves_whole_answers(ask, endpoint, monkeypatch):
    write, n_written = os.write, []

    def full(file: int, content: bytes) -> int:
        if not content.startswith(b'{"key"'):
            return write(file, content)
        n_written.append(content)
        return write(file, content[:20]) if len(n_written) > 5 else write(file, content)

    monkeypatch.setattr("pipeline.labeling.annotators.endpoint.cache.os.write", full)
    code, _, progress = ask("--concurrency", "1")
    assert code == 2
    assert progress.endswith(
        "error: answers/m-1.jsonl: an answer cannot be written: No space left on device. Make room\n"
    )
    assert len(Path("answers/m-1.jsonl").read_text().splitlines()) == 5
    assert votes() == right(*TEXTS[:6])  # the one that could not be kept was still answered


def question(**further):
    fields = {"before": "They met.", "after": "", "suggestion": "warning", "score": 0.7, "why": "a doubt", **further}
    return Item(Sentence("d", 1, 0, 3, "We go.", "t.csv:1", "grievance", {"Ada": "grievance"}), **fields)


def test_the_prompt_holds_the_codebook_and_nothing_that_people_or_models_said_of_the_sentence():
    book = load_codebook(ROOT / "data/codebook.yaml")
    prompt = compile_prompt(book)
    entry = book.labels["warning"]
    for part in (
        book.unit, entry.definition, *entry.includes, *entry.excludes, *entry.examples[:5], entry.near_misses[0].text,
        entry.near_misses[0].why, book.guidelines[0].text, book.settled_cases[-1].text, *book.labels,
    ):  # fmt: skip
        assert part in prompt.system
    asked = prompt.question(question(), "m")
    assert asked.content == {"before": "They met.", "sentence": "We go."}


def test_the_key_of_a_question_changes_with_all_that_its_answer_hangs_on():
    book = load_codebook(ROOT / "data/codebook.yaml")
    prompt = compile_prompt(book)
    key = prompt.question(question(), ["m", None]).key
    assert prompt.question(question(suggestion=None, score=None, why=""), ["m", None]).key == key
    others = [
        prompt.question(question(), ["n", None]), prompt.question(question(), ["m", 0.0]),
        prompt.question(question(after="They left."), ["m", None]),
        compile_prompt(book, 2).question(question(), ["m", None]),
        compile_prompt(book.model_copy(update={"version": "2"})).question(question(), ["m", None]),
    ]  # fmt: skip
    assert len({key, *(other.key for other in others)}) == 6


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"label": "warning", "confidence": 0.8}', Answer("warning", 0.8)),
        ('```json\n{"label": "none", "confidence": 1}\n```', Answer("none", 1.0)),
        ('{"label": "none"}', Answer("none", 1.0)),
        ('{"label": "none", "confidence": null}', Answer("none", 1.0)),
        ('{"label": "none", "confidence": 0}', Answer("none", 0.01)),
        ('{"label": "none", "confidence": true}', "`confidence` is true, which is not a number from 0 to 1"),
        ('{"label": "none", "confidence": NaN}', "`confidence` is NaN, which is not a number from 0 to 1"),
        ('{"label": ["none"]}', '`label` is ["none"], which is not one of warning, grievance, cooperative, none'),
        ('{"label": "Warning"}', '`label` is "Warning", which is not one of warning, grievance, cooperative, none'),
        ("[1]", "it is not JSON"),
        ("}{", "it is not JSON"),
        ("", "it is not JSON"),
        ('{"a":' * 5000 + "1" + "}" * 5000, "it is not JSON"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_replies_are_read_strictly_and_what_stands_around_them_is_passed_over(text, answer):
    found, complaint = read_reply(text, 1, 1, LABELS)
    assert (found, complaint) == (({0: answer}, "") if isinstance(answer, Answer) else ({}, answer))


@pytest.mark.parametrize(
    ("text", "places", "complaint"),
    [
        ('{"answers": [{"number": 2, "label": "none"}, {"number": 1, "label": "none"}]}', {0, 1}, ""),
        ('{"answers": [{"number": 2, "label": "none"}]}', {1}, "it leaves sentences out"),
        ('{"answers": [{"number": 3, "label": "none"}]}', set(),
         "an entry is not an object with the number of a sentence, each once"),
        ('{"answers": [4, {"number": true, "label": "none"}]}', set(),
         "an entry is not an object with the number of a sentence, each once"),
        ('{"label": "none"}', set(), "it has no list `answers`"),
    ],
)  # fmt: skip
def test_replies_to_several_sentences_are_read_by_number(text, places, complaint):
    found, said = read_reply(text, 2, 2, LABELS)
    assert (set(found), said) == (places, complaint)


@pytest.mark.parametrize(
    ("url", "host", "is_here", "is_encrypted"),
    [
        ("http://localhost:8000/v1", "localhost:8000", True, False),
        ("http://127.0.0.9/v1", "127.0.0.9", True, False),
        ("http://[::1]:8000/v1", "[::1]:8000", True, False),
        ("https://api.example.org/v1", "api.example.org", False, True),
        ("http://localhost.example.org/v1", "localhost.example.org", False, False),
        (None, "api.openai.com", False, True),
    ],
)
def test_an_address_knows_whether_it_is_this_machine(url, host, is_here, is_encrypted):
    found = find_address(url, {"OPENAI_API_KEY": f" {KEY}\n"})
    assert (found.host, found.is_here, found.is_encrypted, found.key) == (host, is_here, is_encrypted, KEY)
    assert KEY not in repr(found)
    assert find_address(None, {"OPENAI_BASE_URL": "http://localhost:1/v1"}).has_key is False


@pytest.mark.parametrize(
    ("url", "key", "message"),
    [
        ("localhost:8000", KEY, "--url: localhost:8000: not an address. Give one such as http://localhost:8000/v1"),
        ("http://x:y/v1", KEY, "--url: not an address: Port could not be cast to integer value as 'y'. Give one such "
         "as http://localhost:8000/v1"),
        ("http://ada:secret@x/v1", KEY, "--url: holds a password, which would be shown. Set OPENAI_API_KEY instead"),
        (None, "sk-ö", "OPENAI_API_KEY: holds what no key does: spaces, line ends or letters beyond ASCII. Set it "
         "anew"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_is_told(complaint, url, key, message):
    assert complaint(find_address, url, {"OPENAI_API_KEY": key}) == message


def test_a_budget_without_bounds_is_never_spent():
    budget = Budget()
    for _ in range(1000):
        budget.send()
        budget.use(None)
    assert (budget.spent, budget.n_requests, budget.n_tokens) == ("", 1000, 0)
