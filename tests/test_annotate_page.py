"""Labeling in the browser as people meet it: a real server process, and a real Chromium without a window."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_annotate import free_port, wait_for
from toy import write_jsonl

from pipeline.votes import VoteTable

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
playwright.expect.set_options(timeout=20_000)
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]
ROOT = Path(__file__).parent.parent
LABELS = ("cooperative", "warning", "grievance", "none")
N_SENTENCES = 24
DIGITS = "1234"


class Server:
    """`stance label serve` in a process of its own, over a list and a folder of votes."""

    def __init__(self, folder: Path) -> None:
        rows = [
            {"doc_id": "d", "position": n, "text": f"This is sentence {n}.", "suggestion": "none", "score": 0.41}
            for n in range(1, N_SENTENCES + 1)
        ]
        write_jsonl(folder / "list.jsonl", rows)
        self.folder, self.port = folder / "votes", free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._list = folder / "list.jsonl"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "pipeline", "label", "serve", str(self._list), "--votes", str(self.folder)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--no-open"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        wait_for(self.port)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def fill_disk(self, most: int) -> None:
        """Let the server write files of so many bytes; -1: of any size."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    def votes(self, annotator: str) -> list[tuple[int, str, float]]:
        """Number of the sentence, label and weight of each row, in order."""
        rows = VoteTable(self.folder).rows().to_pylist()
        mine = [row for row in rows if row["annotator"] == annotator]
        return [(int(row["sentence_id"].split("#")[1]), row["label"], row["weight"]) for row in mine]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """One for all tests: each has an annotator of its own."""
    started = Server(tmp_path_factory.mktemp("serve"))
    yield started
    started.kill()


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with playwright.sync_playwright() as driver:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


class Tab:
    """A page that somebody labels on, and what went over the network."""

    def __init__(self, context, server: Server) -> None:
        self.page, self.server = context.new_page(), server
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def enter(self, name: str) -> "Tab":
        self.name = name
        self.page.goto(self.server.url)
        self.page.fill("#annotator", name)
        self.page.keyboard.press("Enter")
        self.sees(1)
        return self

    def sees(self, number: int) -> None:
        playwright.expect(self.page.locator("#sentence")).to_have_text(f"This is sentence {number}.")

    def says(self, text: str) -> None:
        playwright.expect(self.page.locator("#note")).to_contain_text(text)

    def counts(self, n: int) -> None:
        playwright.expect(self.page.locator("#count")).to_have_text(f"{n} of {N_SENTENCES}")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def answer(self, numbers: range) -> None:
        """Label these sentences in turn, with the key that their number gives."""
        for number in numbers:
            self.sees(number)
            self.press(DIGITS[number % 4])
            self.counts(number)

    def votes(self) -> list[tuple[int, str, float]]:
        return self.server.votes(self.name)

    def is_clean(self) -> bool:
        elsewhere = [url for url in self.requests if not url.startswith((self.server.url, "data:,"))]
        return len(self.requests) > 3 and elsewhere == [] and self.complaints == []


@pytest.fixture
def tab(chromium, server, request) -> Iterator[Callable[..., Tab]]:
    """Opens tabs for an annotator of this test; those of one browser share what it remembers."""
    contexts = {}

    def opened(name: str = "Ada", browser: str = "first") -> Tab:
        if browser not in contexts:
            contexts[browser] = chromium.new_context()
        return Tab(contexts[browser], server).enter(f"{name} {request.node.name[-40:]}")

    yield opened
    for context in contexts.values():
        context.close()


def wanted(numbers: range) -> list[tuple[int, str, float]]:
    return [(number, LABELS[number % 4], 1.0) for number in numbers]


def test_a_server_killed_while_somebody_labels_loses_nothing_and_counts_nothing_twice(tab, server):
    ada = tab()
    ada.answer(range(1, 11))
    assert ada.is_clean()
    server.kill()
    ada.sees(11)
    ada.press("2")
    ada.says("The server does not answer. Is it still running? Your answer (warning) waits here")
    ada.sees(11)
    assert ada.votes() == wanted(range(1, 11))
    server.start()
    ada.sees(12)
    ada.answer(range(12, 16))
    assert ada.votes() == [*wanted(range(1, 11)), (11, "warning", 1.0), *wanted(range(12, 16))]
    again = Tab(ada.page.context, server)
    again.page.goto(ada.page.url)
    again.sees(16)
    again.counts(15)
    assert again.is_clean()


def test_undo_skip_hard_and_arrows(tab, server):
    ada = tab()
    ada.answer(range(1, 4))
    ada.press("u")
    ada.sees(3)
    ada.says("Your answer: none. Another label changes it; → goes on.")
    ada.press("Control+z")
    ada.sees(2)
    ada.press("1")
    ada.sees(4)
    ada.press("s")
    ada.sees(5)
    ada.says("Skipped: it comes back after all others.")
    ada.press("h")
    playwright.expect(ada.page.locator("#hard")).to_have_text("h Hard: counts half")
    ada.press("3")
    ada.sees(6)
    playwright.expect(ada.page.locator("#hard")).to_have_text("h Hard")
    ada.press("ArrowLeft")
    ada.sees(5)
    ada.says("Your answer: grievance, hard.")
    ada.press("h")
    ada.says("Your answer: grievance. Another")
    ada.press("ArrowLeft")
    ada.sees(2)
    ada.press("ArrowRight")
    ada.sees(5)
    ada.press("ArrowRight")
    ada.sees(6)
    changed = [(2, "cooperative", 1.0), (5, "grievance", 0.5), (5, "grievance", 1.0)]
    assert ada.votes() == [*wanted(range(1, 4)), *changed]
    assert ada.is_clean()


def test_to_the_end_with_what_was_skipped_and_back_again(tab, server):
    ada = tab()
    ada.press("s")
    for number in range(2, N_SENTENCES + 1):
        ada.sees(number)
        ada.press("4")
    ada.sees(1)
    playwright.expect(ada.page.locator("#place")).to_have_text("d, sentence 1 · skipped before")
    ada.press("s")
    ada.says("It is the only one left.")
    ada.press("1")
    done = ada.page.locator("#done")
    playwright.expect(done).to_be_visible()
    playwright.expect(done.locator("tbody tr")).to_have_text(["cooperative1", "warning0", "grievance0", "none23"])
    playwright.expect(done).to_contain_text(f"stance label votes {server.folder}")
    ada.press("ArrowLeft")
    ada.sees(1)
    assert ada.is_clean()


def test_two_annotators_at_once_each_see_their_own(tab, server):
    ada, grace = tab("Ada"), tab("Grace", "second")
    ada.answer(range(1, 5))
    grace.sees(1)
    grace.press("4")
    grace.sees(2)
    grace.counts(1)
    ada.sees(5)
    assert ada.votes() == wanted(range(1, 5))
    assert grace.votes() == [(1, "none", 1.0)]


def test_an_answer_in_a_second_tab_is_told_in_the_first_and_counts_when_it_is_given_again(tab, server):
    first, second = tab(), tab()
    second.press("2")
    second.sees(2)
    first.press("3")
    first.says("You have answered this sentence in another window meanwhile: warning. Your grievance from here was not")
    first.sees(1)
    assert first.votes() == [(1, "warning", 1.0)]
    first.press("3")
    first.sees(2)
    assert first.votes() == [(1, "warning", 1.0), (1, "grievance", 1.0)]
    second.press("u")
    second.says("Your answer: grievance.")


def test_a_full_disk_is_told_and_the_sentence_stays(tab, server):
    ada = tab()
    ada.answer(range(1, 3))
    server.fill_disk(16)
    try:
        ada.press("1")
        ada.says("Your answer is not written.")
        ada.says(f"{server.folder}: the votes cannot be written: {os.strerror(27)}. Make room, and vote again")
        ada.sees(3)
        assert ada.votes() == wanted(range(1, 3))
    finally:
        server.fill_disk(-1)
    ada.press("1")
    ada.sees(4)
    assert ada.votes() == [*wanted(range(1, 3)), (3, "cooperative", 1.0)]
    assert [path.name for path in server.folder.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.parametrize("is_killed", [False, True], ids=["lost", "killed"])
def test_an_answer_that_was_written_and_never_confirmed_is_not_written_again(tab, server, is_killed):
    ada = tab()

    def lost(route) -> None:
        """Let the request through, and its answer not."""
        route.fetch()
        if is_killed:
            server.kill()
            server.start()
        route.abort()

    ada.page.route("**/answer", lost, times=1)
    ada.press("2")
    ada.sees(2)
    playwright.expect(ada.page.locator("#note")).to_have_text("")
    assert ada.votes() == [(1, "warning", 1.0)]


def test_a_key_held_down_and_a_double_click_answer_once(tab, server):
    ada = tab()
    ada.page.keyboard.down("2")
    for _ in range(3):
        ada.page.keyboard.down("2")
        time.sleep(0.1)
    ada.page.keyboard.up("2")
    ada.sees(2)
    ada.page.locator(".label", has_text="none").dblclick(delay=60)
    ada.sees(3)
    time.sleep(0.3)
    assert ada.votes() == [(1, "warning", 1.0), (2, "none", 1.0)]


def test_the_codebook_follows_the_label_under_the_cursor_or_in_focus(tab):
    page = tab().page
    text = page.locator("#panels section:visible")
    page.locator(".label", has_text="grievance").hover()
    playwright.expect(text.locator("h2")).to_have_text("grievance")
    for part in ("holds a wrong against another actor", "condemnation, accusation", "Looks like it, and is not"):
        playwright.expect(text).to_contain_text(part)
    page.mouse.move(0, 0)
    page.locator("#later").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    playwright.expect(text.locator("h2")).to_have_text("none")
    page.keyboard.press("g")
    playwright.expect(text).to_contain_text("Label what the main clause does.")


def test_suggestions_and_the_list_of_keys_come_and_go(tab, server):
    ada = tab()
    suggested = ada.page.locator("#suggestion")
    playwright.expect(suggested).to_have_text("none, 0.41")
    ada.press("m")
    playwright.expect(suggested).to_have_text("hidden")
    ada.press("?")
    playwright.expect(ada.page.locator("#keys")).to_be_visible()
    ada.press("1")
    ada.press("Escape")
    playwright.expect(ada.page.locator("#keys")).to_be_hidden()
    ada.sees(1)
    assert ada.votes() == []
    ada.page.locator("#skip").click()
    ada.sees(2)
    playwright.expect(suggested).to_have_text("hidden")
    assert ada.is_clean()


def test_nothing_is_cut_off_on_a_phone(chromium, server):
    context = chromium.new_context(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    ada = Tab(context, server).enter("A name of many words that takes sixty characters, as it may")
    ada.page.locator(".label", has_text="none").tap()
    ada.sees(2)
    sizes = ada.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert sizes[0] <= sizes[1]
    shown = ada.page.locator("button:visible").evaluate_all("all => all.map(b => b.getBoundingClientRect().right)")
    assert len(shown) > 12
    assert max(shown) <= 320
    context.close()
