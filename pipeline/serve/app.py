"""The application: `/predict`, `/healthz`, `/metrics`, and `/docs`, which shows the interface and fetches nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi_offline import FastAPIOffline

from pipeline.ingest import BadRows
from pipeline.ingest.sentences import split_document
from pipeline.models.contract import StanceModel
from pipeline.records import Document, Prediction, Sentence
from pipeline.serve.batching import Batcher, TooMuchAsked
from pipeline.serve.guard import Guard
from pipeline.serve.metrics import Metrics
from pipeline.serve.schema import Answer, Ask, DocumentOut, Health, Labeled, Placed, Problem
from pipeline.serve.settings import Limits

REFUSALS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": why}
    for code, why in {
        401: "No API key, or a wrong one",
        413: "Too much asked for in one request",
        422: "Not what the server expects",
        503: "Too busy, or too slow",
    }.items()
}


class Refusal(Exception):  # noqa: N818 (the asker's, not the program's)
    """A request that is not answered.

    Attributes:
        status: of HTTP.
        error: what is wrong, and what to do.
    """

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


def make_app(model: StanceModel, limits: Limits, key: str | None = None) -> Guard:
    """The application around a model, behind its guard.

    Args:
        model: what answers.
        limits: what may be asked.
        key: what a request has to bring; None: nothing.
    """
    metrics = Metrics()
    batcher = Batcher(model, limits.n_waiting, metrics.computed)
    metrics.watch(lambda: batcher.n_waiting)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        batcher.close()

    app = FastAPIOffline(title="stance-pipeline", description="Stance of sentences.", lifespan=lifespan, redoc_url=None)
    _tell_problems(app)
    _add_probes(app, model, metrics)

    @app.post("/predict", summary="Label sentences, or the sentences of documents", responses=REFUSALS)
    async def predict(asked: Ask) -> Answer:
        documents = [split(number, each.text, asked.language) for number, each in enumerate(asked.documents or [])]
        texts = asked.sentences or [sentence.text for document in documents for sentence in document]
        check(asked.sentences or [], len(texts), limits)
        found = await batcher.predict(texts)
        for prediction in found:
            metrics.labeled(prediction.label)
        if asked.documents is None:
            return Answer(sentences=[Labeled.of(*pair) for pair in zip(texts, found, strict=True)])
        names = [document.id for document in asked.documents]
        return Answer(documents=_regrouped(names, documents, found))

    return Guard(app, limits, key, metrics)


def _add_probes(app: FastAPI, model: StanceModel, metrics: Metrics) -> None:
    """What machines ask: whether the server lives, and what it has done."""

    @app.get("/healthz", summary="Whether the server answers, and with which model")
    async def healthz() -> Health:
        return Health(
            status="ok",
            kind=model.kind,
            labels=list(model.labels.all),
            device=model.device,
            model=model.saved_as or "",
        )

    @app.get("/metrics", summary="For Prometheus", response_class=Response)
    async def read_metrics() -> Response:
        return Response(metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")


def split(number: int, text: str, language: str) -> list[Sentence]:
    """The sentences of a document."""
    return list(split_document(Document(str(number), text), f"documents[{number}]", language, BadRows("skip")))


def check(sentences: list[str], n: int, limits: Limits) -> None:
    """Make sure that a request asks for no more than it may.

    Raises:
        Refusal: it does.
    """
    if n > limits.n_sentences:
        raise Refusal(413, f"{n:,} sentences; a request may have {limits.n_sentences:,}. Send them in parts")
    for place, text in enumerate(sentences):
        if len(text) > limits.n_characters:
            raise Refusal(
                413,
                f"sentences[{place}] has {len(text):,} characters; a sentence may have {limits.n_characters:,}. "
                "Send longer texts as documents",
            )


def _regrouped(names: list[str], documents: list[list[Sentence]], found: list[Prediction]) -> list[DocumentOut]:
    answers = iter(found)
    return [
        DocumentOut(id=name, sentences=[Placed.at(sentence, next(answers)) for sentence in sentences])
        for name, sentences in zip(names, documents, strict=True)
    ]


def _tell_problems(app: FastAPI) -> None:
    """Every refusal is one sentence under `error`."""

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> JSONResponse:
        return JSONResponse({"error": error.error}, error.status)

    @app.exception_handler(TooMuchAsked)
    async def busy(request: Request, error: TooMuchAsked) -> JSONResponse:
        what = "too many sentences wait already. Ask again in a few seconds"
        return JSONResponse({"error": what}, 503, {"Retry-After": "2"})

    @app.exception_handler(RequestValidationError)
    async def wrong(request: Request, error: RequestValidationError) -> JSONResponse:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"] if part != "body") or "the body"
        what = problem["msg"].removeprefix("Value error, ")
        example = '{"sentences": ["…"]} or {"documents": [{"text": "…"}]}'
        return JSONResponse({"error": f"{place}: {what}. Send JSON such as {example}"}, 422)
