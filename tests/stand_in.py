"""An endpoint that talks like OpenAI's, over real connections on this machine; it may misbehave as it is told to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from toy import SENTENCES

LABEL_OF = {text: label for label, group in SENTENCES.items() for text in group}
Behavior = Callable[["Asked"], object]


class Asked:
    """One request, and the ways to answer it.

    Attributes:
        body: what was sent.
        headers: that came with it, by lowercase name.
        number: of the request, from 1.
        times: the same sentence has been asked, from 1.
        began: when it came, in seconds on a clock of its own.
    """

    def __init__(self, handler: BaseHTTPRequestHandler, body: dict[str, Any], number: int) -> None:
        self.handler = handler
        self.body = body
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.number = number
        self.times = 1
        self.began = time.monotonic()

    @property
    def shown(self) -> dict[str, Any]:
        """What the prompt says of the sentence."""
        return json.loads(self.body["messages"][-1]["content"].split("\n\nAn earlier answer")[0])

    @property
    def text(self) -> str:
        """The sentence, or all of a batch."""
        shown = self.shown
        return shown["sentence"] if "sentence" in shown else "\n".join(one["sentence"] for one in shown["sentences"])

    def right(self, confidence: float | None = 0.9) -> None:
        """Answer as one should."""
        shown = self.shown
        if "sentences" in shown:
            said: object = {
                "answers": [{"number": one["number"], **_said(one, confidence)} for one in shown["sentences"]]
            }
        else:
            said = _said(shown, confidence)
        self.say(json.dumps(said))

    def say(self, content: str | None, **further: Any) -> None:
        """Answer with a text."""
        message = {"role": "assistant", "content": content}
        usage = {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100}
        completion = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "usage": usage}
        completion["choices"] = [{"index": 0, "finish_reason": "stop", "message": message}]
        self.send(200, {**completion, **further})

    def fail(self, status: int, message: str = "no", code: str | None = None, **headers: str) -> None:
        """Answer with an error."""
        self.send(status, {"error": {"message": message, "code": code}}, **headers)

    def send(self, status: int, body: object, kind: str = "application/json", **headers: str) -> None:
        """Send a response."""
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(content)

    def hang_up(self) -> None:
        """Close the connection in the middle of an answer."""
        self.handler.send_response(200)
        self.handler.send_header("Content-Length", "1000")
        self.handler.end_headers()
        self.handler.wfile.write(b'{"choices": [')
        self.handler.close_connection = True


class StandIn:
    """The endpoint, and what it was asked.

    Attributes:
        url: of it.
        behave: how it answers; may be changed at any time.
        asked: every request, in order.
        most_at_once: requests that were under way at one time.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.behave: Behavior = Asked.right
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            asked = Asked(handler, body, len(self.asked) + 1)
            asked.times = 1 + sum(before.text == asked.text for before in self.asked)
            self.asked.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            self.behave(asked)
        except (BrokenPipeError, ConnectionResetError):
            pass  # whoever asked has given up
        finally:
            with self._lock:
                self._at_once -= 1

    def texts(self) -> list[str]:
        """The sentences that were asked, in order, each as often as it was."""
        return [asked.text for asked in self.asked]


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """An endpoint until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            assert self.path == "/v1/chat/completions"
            endpoint.answer(self)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    endpoint = StandIn(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _said(shown: dict[str, Any], confidence: float | None) -> dict[str, Any]:
    label = LABEL_OF[shown["sentence"]]
    return {"label": label} if confidence is None else {"label": label, "confidence": confidence}
