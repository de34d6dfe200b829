"""`stance label endpoint`: answers of any server that talks like OpenAI's as votes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import interruptible, output, progress, say
from pipeline.cli.label.asking import AnnotatorName, VotesFolder, add_and_tell, bar, read_to_ask
from pipeline.cli.options import CODEBOOK, As, CodebookFile, ReadAs, SentenceFiles, SkipBad, TextColumn
from pipeline.records import counted

if TYPE_CHECKING:
    from pipeline.labeling.annotators import Answer
    from pipeline.labeling.annotators.endpoint import Client, Interview, Prompt, Question, Sampling, Tally

CACHE = Path("runs/answers")


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(endpoint)


def endpoint(  # noqa: PLR0917 (typer calls it by name)
    inputs: SentenceFiles,
    model: Annotated[str, typer.Option("--model", metavar="NAME", help="The model's name at the endpoint.")],
    votes: VotesFolder,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="As http://localhost:8000/v1.", show_default="OPENAI_BASE_URL, else OpenAI's"),
    ] = None,
    name: AnnotatorName = None,
    codebook: CodebookFile = CODEBOOK,
    cache: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where answers are kept: none is paid for twice.")
    ] = CACHE,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Requests under way at once.")] = 4,
    batch: Annotated[int, typer.Option(min=1, max=100, help="Sentences a request.")] = 1,
    max_requests: Annotated[int | None, typer.Option(min=1, help="Stop after so many, repeated ones too.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Stop after so many, as the server counts.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds until an answer is given up.")] = 60.0,
    retries: Annotated[int, typer.Option(min=0, max=20, help="Of a request that fails, each after a longer wait.")] = 5,
    temperature: Annotated[
        float | None, typer.Option(min=0, max=2, help="0: the likeliest answer.", show_default="the server's")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the first prompt and the number of requests; send nothing.")
    ] = False,
    text_column: TextColumn = "text",
    read_as: ReadAs = As.sentences,
    skip_bad: SkipBad = False,
) -> None:
    """A model behind an OpenAI-compatible endpoint, here or elsewhere, votes on sentences by the codebook.

    The sentences and their neighbors are sent there. A key is taken from OPENAI_API_KEY alone, and never written. The
    weight of a vote is the confidence that the model gives. Killed, the same command goes on from what was answered.

    Example: stance label endpoint data/corpus/*.jsonl --model qwen3 --url http://localhost:8000/v1 --votes runs/votes
    """
    from pipeline.codebook import load_codebook
    from pipeline.labeling.annotators import open_votes
    from pipeline.labeling.annotators.endpoint import (
        Budget,
        Interview,
        Patience,
        Sampling,
        Tally,
        compile_prompt,
        open_cache,
    )

    book = load_codebook(codebook)
    table = open_votes(votes)
    items = read_to_ask(inputs, book, text_column, read_as, skip_bad)
    prompt = compile_prompt(book, batch)
    questions = [prompt.question(item, [model, temperature]) for item in items]
    with (
        interruptible("what was answered is kept: the same command goes on from there"),
        open_cache(cache, model) as kept,
    ):
        todo = kept.lacking(questions)
        if dry_run:
            show_prompt(prompt, questions, todo)
            return
        client = connect(url, Sampling(model, temperature, timeout), prompt, len(todo)) if todo else None
        tally = Tally(Budget(max_requests, max_tokens))
        n_before = sum(kept.get(question.key) is not None for question in questions)
        try:
            if client is not None:
                ask(Interview(client, prompt, kept, tally, Patience(concurrency, retries)), todo)
        finally:
            answers = [kept.get(question.key) for question in questions]
            add_and_tell(table, items, answers, f"model:{name or model}", book)
            tell(tally, n_before, answers)


def connect(url: str | None, sampling: "Sampling", prompt: "Prompt", n_sentences: int) -> "Client":
    """The client for an endpoint; says where sentences go, if they leave this machine.

    Raises:
        StanceError: no endpoint is named, or it cannot be one.
    """
    import os

    from pipeline.labeling.annotators.endpoint import Client, find_address

    address = find_address(url, os.environ)
    if not address.is_here:
        openly = "" if address.is_encrypted else ", unencrypted"
        told = f"{counted(n_sentences, 'sentence')} and their neighbors go to {address.host}{openly}"
        say(progress(), told, style="yellow")
    return Client(address, sampling, prompt.schema)


def ask(interview: "Interview", questions: "Sequence[Question]") -> None:
    """Send the questions.

    Raises:
        StanceError: the endpoint refuses, or is gone; or the cache cannot be written.
    """
    import asyncio

    with bar(len(questions)) as advance:
        asyncio.run(interview.run(questions, advance))


def tell(tally: "Tally", n_before: int, answers: "Sequence[Answer | None]") -> None:
    """What was asked, what it took, and what has no answer."""
    console = progress()
    n_without = sum(answer is None for answer in answers)
    say(
        console,
        f"{counted(len(answers), 'sentence')}: {n_before} answered before, {len(tally.asked)} asked in "
        f"{counted(tally.budget.n_requests, 'request')} ({tally.n_retried} repeated), {n_without} without an answer; "
        f"{counted(tally.budget.n_tokens, 'token')}",
    )
    for kind, n in tally.given_up.items():
        if kind == "not reached":
            continue  # the command ends in an error that says so
        say(console, f"{counted(n, 'sentence')} {kind}, the first: {tally.first_reason[kind]}", style="yellow")
    if tally.stopped:
        say(console, f"{tally.stopped}: the same command goes on from what was answered", style="yellow")


def show_prompt(prompt: "Prompt", questions: "Sequence[Question]", todo: "Sequence[Question]") -> None:
    """The first request's messages, the form of its answer, and how many requests there would be."""
    import json
    import math

    for message in prompt.messages(questions[: prompt.batch]):
        say(output(), f"{message['role']}:", style="bold")
        say(output(), message["content"] + "\n")
    say(output(), "schema:", style="bold")
    say(output(), json.dumps(prompt.schema, ensure_ascii=False) + "\n")
    n_requests = math.ceil(len(todo) / prompt.batch)
    n_kept = len({question.key for question in questions}) - len(todo)
    say(output(), f"{counted(n_requests, 'request')} to send, {counted(n_kept, 'answer')} kept; nothing was sent")
