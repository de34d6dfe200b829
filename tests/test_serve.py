"""A model behind HTTP: a real server on this machine, asked over real connections."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from toy import LABELS

from pipeline.models import StanceModel, make_model
from pipeline.models.saved import save_model
from pipeline.serve import Limits, make_app

ROOT = Path(__file__).parent.parent
Ask = Callable[..., tuple[int, dict, dict]]
TEXTS = ["We welcome the talks.", "Any attack will be met with force.", "We condemn it.", "They met in May."]


class Watched:
    """A model that counts what it is asked, and may be slow or broken."""

    def __init__(self, model: StanceModel) -> None:
        self._model = model
        self.batches: list[int] = []
        self.seconds = 0.0
        self.is_broken = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._model, name)

    def predict(self, texts: list[str]) -> list:
        self.batches.append(len(texts))
        time.sleep(self.seconds)
        if self.is_broken:
            raise ValueError("broken")
        return self._model.predict(texts)


@pytest.fixture(scope="module")
def trained(settings, examples) -> StanceModel:
    return make_model(settings["baseline"], LABELS, seed=13, device="cpu").fit(examples[:72], examples[72:])


@pytest.fixture
def model(trained) -> Watched:
    return Watched(trained)


@pytest.fixture
def serving(model) -> Iterator[Callable[..., Ask]]:
    """Starts servers of the model; each answers with a function that asks it."""
    stops = []

    def start(limits: Limits | None = None, key: str | None = None) -> Ask:
        config = uvicorn.Config(make_app(model, limits or Limits(), key), port=0, log_level="critical", lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        stops.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        return partial(ask, port)

    yield start
    for server, thread in stops:
        server.should_exit = True
        thread.join()


def ask(port: int, path: str, body: object = None, **headers: str) -> tuple[int, dict, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET" if body is None else "POST", path, sent, {"Content-Type": "application/json", **named})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    return (
        answer.status,
        json.loads(content) if is_json else {"text": content.decode(errors="replace")},
        dict(answer.headers),
    )


def test_sentences_are_answered_as_the_model_answers_them(serving, trained):
    status, answer, _ = serving()("/predict", {"sentences": TEXTS})
    assert status == 200
    assert answer["documents"] is None
    for found, wanted, text in zip(answer["sentences"], trained.predict(TEXTS), TEXTS, strict=True):
        assert found == {
            "text": text,
            "label": wanted.label,
            "score": wanted.score,
            "abstain": wanted.abstain,
            "probabilities": wanted.probabilities,
        }


def test_documents_are_split_and_come_back_with_their_names(serving):
    text = "The envoy met Dr. Amin. We welcome the talks."
    asked = {"documents": [{"id": "a", "text": text}, {"text": ""}, {"id": "c", "text": "We will answer."}]}
    status, answer, _ = serving()("/predict", asked)
    assert status == 200
    assert [(each["id"], len(each["sentences"])) for each in answer["documents"]] == [("a", 2), ("", 0), ("c", 1)]
    for position, found in enumerate(answer["documents"][0]["sentences"], start=1):
        assert found["position"] == position
        assert text[found["start"] : found["end"]] == found["text"]


def test_nothing_asked_is_nothing_answered(serving):
    assert serving()("/predict", {"sentences": []})[:2] == (200, {"sentences": [], "documents": None})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{broken", "1: JSON decode error"),
        (b"", "the body: Field required"),
        ({}, "the body: give either sentences or documents"),
        ({"sentences": ["a"], "documents": []}, "the body: give either sentences or documents"),
        ({"sentences": "We will answer."}, "sentences: Input should be a valid list"),
        ({"sentences": ["a", 5]}, "sentences.1: Input should be a valid string"),
        ({"sentence": ["a"]}, "sentence: Extra inputs are not permitted"),
        ({"documents": [{"text": "a"}], "language": "english"}, "language: String should match pattern"),
    ],
    ids=str,
)
def test_what_is_no_request_is_refused_with_the_place(serving, model, body, error):
    status, answer, _ = serving()("/predict", body)
    assert status == 422
    assert answer["error"].startswith(error)
    assert answer["error"].endswith('. Send JSON such as {"sentences": ["…"]} or {"documents": [{"text": "…"}]}')
    assert model.batches == []


def test_too_much_at_once_is_refused_with_what_is_allowed(serving, model):
    server = serving(Limits(n_sentences=3, n_characters=20, n_bytes=400))
    assert server("/predict", {"sentences": ["a"] * 4})[:2] == (
        413, {"error": "4 sentences; a request may have 3. Send them in parts"},
    )  # fmt: skip
    assert server("/predict", {"documents": [{"text": "We go. We stay. They met. They left."}]})[0] == 413
    assert server("/predict", {"sentences": ["short", "x" * 21]})[:2] == (
        413,
        {
            "error": "sentences[1] has 21 characters; a sentence may have 20. Send longer texts as documents",
        },
    )
    assert server("/predict", {"sentences": ["x" * 400]})[:2] == (
        413, {"error": "the request's body has more than 400 bytes. Send it in parts"},
    )  # fmt: skip
    assert server("/predict", {"sentences": ["a"]})[0] == 200
    assert model.batches == [1]


def test_a_body_that_hides_its_length_is_cut_off_too(serving):
    server = serving(Limits(n_bytes=1000))
    with closing(http.client.HTTPConnection("127.0.0.1", _port_of(server), timeout=30)) as connection:
        connection.request("POST", "/predict", iter([b"x" * 600] * 3), {"Content-Type": "application/json"})
        assert connection.getresponse().status == 413


def test_a_key_is_asked_for_where_there_is_one(serving):
    server = serving(key="secret")
    wrong = {"error": "no API key, or a wrong one. Send the header `Authorization: Bearer KEY`"}
    assert server("/predict", {"sentences": TEXTS})[:2] == (401, wrong)
    assert server("/predict", {"sentences": TEXTS}, Authorization="Bearer secre")[:2] == (401, wrong)
    assert server("/metrics")[0] == server("/docs")[0] == server("/openapi.json")[0] == 401
    assert server("/predict", {"sentences": TEXTS}, Authorization="Bearer secret")[0] == 200
    assert server("/predict", {"sentences": TEXTS}, X_API_Key="secret")[0] == 200
    assert server("/healthz")[0] == 200


def test_requests_that_come_while_the_model_is_at_work_are_answered_together(serving, model):
    server = serving()
    model.seconds = 0.2
    with ThreadPoolExecutor(33) as clients:
        answers = list(clients.map(lambda n: server("/predict", {"sentences": [TEXTS[n % 4]]}), range(33)))
    assert [answer["sentences"][0]["text"] for _, answer, _ in answers] == [TEXTS[n % 4] for n in range(33)]
    assert sum(model.batches) == 33
    assert len(model.batches) <= 5


def test_a_large_request_takes_turns_with_small_ones(serving, model):
    server = serving()
    model.seconds = 0.1
    with ThreadPoolExecutor(2) as clients:
        large = clients.submit(server, "/predict", {"sentences": TEXTS * 320})
        time.sleep(0.15)
        small = clients.submit(server, "/predict", {"sentences": TEXTS[:1]})
        small.result()
        assert not large.done()
        assert len(large.result()[1]["sentences"]) == 1280


def test_an_answer_that_takes_too_long_is_given_up_and_the_next_is_not(serving, model):
    server = serving(Limits(seconds=0.3))
    model.seconds = 0.8
    status, answer, headers = server("/predict", {"sentences": TEXTS})
    assert (status, headers["retry-after"]) == (503, "5")
    assert answer == {"error": "no answer within 0.3 seconds. Ask for less at once, or again later"}
    model.seconds = 0
    time.sleep(0.8)
    assert server("/predict", {"sentences": TEXTS})[0] == 200


def test_more_than_can_wait_is_sent_away(serving, model):
    server = serving(Limits(n_waiting=6))
    model.seconds = 0.4
    with ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(lambda n: server("/predict", {"sentences": TEXTS}), range(4)))
    assert sorted({status for status, _, _ in answers}) == [200, 503]
    [busy, *_] = [answer for status, answer, _ in answers if status == 503]
    assert busy == {"error": "too many sentences wait already. Ask again in a few seconds"}
    assert server("/predict", {"sentences": TEXTS})[0] == 200


def test_a_model_that_fails_fails_for_those_who_asked_only(serving, model):
    server = serving()
    model.is_broken = True
    assert server("/predict", {"sentences": TEXTS})[0] == 500
    model.is_broken = False
    assert server("/predict", {"sentences": TEXTS})[0] == 200


def test_metrics_count_what_happened(serving):
    server = serving()
    server("/predict", {"sentences": TEXTS})
    server("/predict", {})
    server("/nowhere")
    text = server("/metrics")[1]["text"]
    assert 'stance_requests_total{path="/predict",status="200"} 1.0' in text
    assert 'stance_requests_total{path="/predict",status="422"} 1.0' in text
    assert 'stance_requests_total{path="other",status="404"} 1.0' in text
    assert sum(float(n) for n in re.findall(r"stance_sentences_total\{.*\} (.*)", text)) == 4
    assert 'stance_batch_sentences_bucket{le="4.0"} 1.0' in text
    assert "stance_waiting_sentences 0.0" in text


def test_health_names_the_model(serving):
    status, answer, _ = serving()("/healthz")
    assert status == 200
    assert answer == {"status": "ok", "kind": "baseline", "labels": list(LABELS.all), "device": "cpu", "model": ""}


def test_the_page_of_the_interface_fetches_nothing_from_elsewhere(serving):
    server = serving()
    page = server("/docs")[1]["text"]
    places = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(places) >= 3
    assert [place for place in places if not place.startswith("/static-offline-docs/")] == []
    assert all(server(place)[0] == 200 for place in places)
    assert set(server("/openapi.json")[1]["paths"]) == {"/predict", "/healthz", "/metrics"}


@pytest.mark.slow
def test_a_server_told_to_stop_answers_those_it_has_begun_with(trained, tmp_path):
    save_model(trained, tmp_path)
    port = _free_port()
    command = [sys.executable, "-m", "pipeline", "serve", "--model", str(tmp_path), "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
        _wait_for(port)
        with ThreadPoolExecutor(1) as clients:
            asked = clients.submit(ask, port, "/predict", {"sentences": TEXTS * 500})
            time.sleep(0.05)
            server.send_signal(signal.SIGTERM)
            assert len(asked.result()[1]["sentences"]) == 2000
        said = server.communicate(timeout=30)[1]
    assert server.returncode in {0, 130, -signal.SIGTERM, 143}
    assert "Traceback" not in said
    assert f"http://127.0.0.1:{port}/docs" in said


def test_a_port_that_is_taken_is_an_error(stance, trained, tmp_path):
    import socket

    save_model(trained, tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, complaint = stance("serve", "--model", str(tmp_path), "--port", str(port))
    assert code == 2
    assert complaint == (
        f"error: --host 127.0.0.1 --port {port}: cannot listen there: {os.strerror(98)}. Name another port or host\n"
    )


def _port_of(server: partial) -> int:
    return server.args[0]


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            if ask(port, "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError
