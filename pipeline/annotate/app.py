"""The application: the page, and what it asks for: `/view`, `/answer` and `/skip`."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, PackageLoader

from pipeline.annotate.door import Door
from pipeline.annotate.ledger import Answer, Ledger, NotAsSeen, NotWritten
from pipeline.annotate.schema import AnswerIn, Asked, View
from pipeline.annotate.views import view_of
from pipeline.codebook import Codebook
from pipeline.records import StanceError
from pipeline.serve import Limits
from pipeline.serve.guard import Guard
from pipeline.serve.metrics import Metrics
from pipeline.votes.names import checked_name

STATIC = Path(__file__).parent / "static"
TYPES = {"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8"}
REMEMBERED = "stance-annotator"
YEAR = 365 * 24 * 3600  # seconds
CONFLICT, UNPROCESSABLE, FULL = 409, 422, 507


def make_app(
    ledger: Ledger, book: Codebook, place: str, host: str, key: str | None = None, *, suggests: bool = True
) -> Door:
    """The application, behind its door and guard.

    Args:
        ledger: the sentences, and what everybody has answered.
        book: says what the labels mean.
        place: the folder of the votes, for the page to name.
        host: that the server listens at.
        key: what a request has to bring; None: nothing.
        suggests: whether the page shows what a model says.
    """
    templates = Environment(loader=PackageLoader("pipeline.annotate"), autoescape=True)
    app = FastAPI(title="stance label", docs_url=None, redoc_url=None, openapi_url=None)
    _tell_problems(app)
    _add_pages(app, templates, {"book": book, "place": place, "n_sentences": len(ledger.items), "suggests": suggests})
    _add_answers(app, ledger, suggests=suggests)
    guarded = Guard(app, Limits(), key, Metrics())
    return Door(guarded, host, key, lambda problem: templates.get_template("key.html.j2").render(problem=problem))


def _add_pages(app: FastAPI, templates: Environment, known: dict[str, Any]) -> None:
    @app.get("/")
    def page(request: Request, annotator: str | None = None) -> HTMLResponse:
        if annotator is None:
            remembered = unquote(request.cookies.get(REMEMBERED, ""))
            return HTMLResponse(templates.get_template("name.html.j2").render(known, annotator=remembered))
        try:
            name = checked_name(annotator)
        except StanceError as error:
            form = templates.get_template("name.html.j2").render(known, annotator=annotator, problem=str(error))
            return HTMLResponse(form, UNPROCESSABLE)
        shown = HTMLResponse(templates.get_template("page.html.j2").render(known, annotator=name))
        shown.set_cookie(REMEMBERED, quote(name), max_age=YEAR, httponly=True, samesite="strict")
        return shown

    @app.get("/page.{kind}")
    def static(kind: str) -> Response:
        name = f"page.{kind}"
        if name not in TYPES:
            return Response(status_code=404)
        return Response((STATIC / name).read_bytes(), media_type=TYPES[name])


def _add_answers(app: FastAPI, ledger: Ledger, *, suggests: bool) -> None:
    def view_for(annotator: str, sentence_id: str | None = None) -> View:
        return view_of(ledger, annotator, sentence_id, suggests=suggests)

    @app.get("/view")
    def view(annotator: str, sentence: str | None = None) -> View:
        return view_for(checked_name(annotator), sentence)

    @app.post("/answer", response_model=View)
    def answer(asked: AnswerIn) -> Any:
        name = checked_name(asked.annotator)
        given = Answer(asked.sentence_id, asked.label, asked.is_hard, asked.revision, asked.token)
        try:
            ledger.answer(name, given)
        except NotAsSeen:
            now = view_for(name, asked.sentence_id)
            return JSONResponse({"error": _not_as_seen(now, asked.label), "view": now.model_dump()}, CONFLICT)
        return view_for(name, asked.sentence_id if asked.stay else None)

    @app.post("/skip")
    def skip(asked: Asked) -> View:
        name = checked_name(asked.annotator)
        ledger.skip(name, asked.sentence_id)
        return view_for(name)


def _not_as_seen(now: View, label: str) -> str:
    stands = now.shown.answer.label if now.shown and now.shown.answer else "nothing"
    return (
        f"You have answered this sentence in another window meanwhile: {stands}. Your {label} from here was not "
        "written; press its key once more if it should count instead."
    )


def _tell_problems(app: FastAPI) -> None:
    """Every refusal is one sentence under `error`."""

    @app.exception_handler(StanceError)
    def refused(request: Request, error: StanceError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, UNPROCESSABLE)

    @app.exception_handler(NotWritten)
    def not_written(request: Request, error: NotWritten) -> JSONResponse:
        return JSONResponse({"error": f"Your answer is not written. {error}"}, FULL)

    @app.exception_handler(RequestValidationError)
    def wrong(request: Request, error: RequestValidationError) -> JSONResponse:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"] if part not in {"body", "query"}) or "the request"
        return JSONResponse({"error": f"{place}: {problem['msg']}. Load the page again"}, UNPROCESSABLE)
