"""A run's folder: stages that are done once, skipped while nothing changed, one writer at a time."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from filelock import FileLock, Timeout

from pipeline.records import StanceError
from pipeline.store import fingerprint
from pipeline.store.atomic import atomic_folder, sweep, write_text
from pipeline.store.manifest import Ingredients, Manifest, read_manifest, why_stale

T = TypeVar("T")
MANIFESTS = "manifests"
NOTE = "ingredients"  # file in a scratch folder that says what it is for
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Stage(Generic[T]):
    """How a stage's result is kept.

    Attributes:
        name: of the stage, and of its manifest.
        folder: its place in the run's folder.
        save: writes a result into an empty folder.
        load: reads it back.
        code: modules or folders of this package that compute it.
        libraries: packages whose version matters to the result.
        summarize: figures of a result, for people.
        collective: every process of a distributed run computes it together.
        apart_from: names of files in its folder that do not belong to the result.
    """

    name: str
    folder: str
    save: Callable[[T, Path], None]
    load: Callable[[Path], T]
    code: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    summarize: Callable[[T], Mapping[str, Any]] = lambda result: {}
    collective: bool = False
    apart_from: tuple[str, ...] = ()


class Saved(Generic[T]):
    """A stage's result on disk: its fingerprint now, its value when asked."""

    def __init__(self, manifest: Manifest, folder: Path, load: Callable[[Path], T]) -> None:
        self.manifest = manifest
        self.folder = folder
        self._load = load

    @property
    def fingerprint(self) -> str:
        """Hash of the result."""
        return self.manifest.fingerprint

    @cached_property
    def value(self) -> T:
        """The result, read once."""
        return self._load(self.folder)


@dataclass(frozen=True)
class Narrator:
    """Who is told what happens to each stage."""

    started: Callable[[str, str], None] = lambda stage, reason: None
    finished: Callable[[str, Mapping[str, Any], float], None] = lambda stage, summary, seconds: None
    skipped: Callable[[str, str], None] = lambda stage, since: None


class RunFolder:
    """Stages of one run. Of several processes only the leader writes; the others wait for it."""

    def __init__(self, path: Path, narrator: Narrator, *, is_leader: bool = True) -> None:
        self.path = path
        self.is_leader = is_leader
        self._narrator = narrator

    def do(
        self,
        stage: Stage[T],
        compute: Callable[[], T],
        *,
        settings: Mapping[str, Any],
        inputs: Mapping[str, str],
    ) -> Saved[T]:
        """The stage's result: kept if nothing it depends on changed, else computed and saved."""
        now = Ingredients(settings, inputs, fingerprint.of_code(stage.code), fingerprint.of_libraries(stage.libraries))
        folder = self.path / stage.folder
        reason = why_stale(read_manifest(self._manifest_path(stage)), now, folder, stage.apart_from)
        if reason is None:
            return self._skip(stage)
        if not self.is_leader:
            return self._follow(stage, compute, now)
        return self._compute(stage, compute, now, reason)

    def scratch(self, stage: Stage[T]) -> Path:
        """A folder that outlives a killed run, for what the stage can go on from; `do` empties it when it is done."""
        return self.path / f".{stage.name}-unfinished"

    def forget(self, stage: Stage[Any]) -> None:
        """Do the stage again next time, whatever it says it was made from."""
        if self.is_leader:
            self._manifest_path(stage).unlink(missing_ok=True)

    def _compute(self, stage: Stage[T], compute: Callable[[], T], now: Ingredients, reason: str) -> Saved[T]:
        self._narrator.started(stage.name, reason)
        self._prepare_scratch(stage, now)
        began = time.monotonic()
        result = compute()
        folder = self.path / stage.folder
        with atomic_folder(folder) as temporary:
            stage.save(result, temporary)
        outputs = fingerprint.of_folder(folder, stage.apart_from)
        seconds = round(time.monotonic() - began, 2)
        manifest = Manifest(stage.name, now, outputs, stage.summarize(result), seconds)
        manifest.write(self._manifest_path(stage))
        shutil.rmtree(self.scratch(stage), ignore_errors=True)
        self._narrator.finished(stage.name, manifest.summary, seconds)
        return Saved(manifest, folder, stage.load)

    def _skip(self, stage: Stage[T]) -> Saved[T]:
        manifest = read_manifest(self._manifest_path(stage))
        if manifest is None:
            raise StanceError(f"{self.path}: the manifest of {stage.name} vanished during the run; run it again")
        if self.is_leader:
            self._narrator.skipped(stage.name, manifest.finished)
        return Saved(manifest, self.path / stage.folder, stage.load)

    def _follow(self, stage: Stage[T], compute: Callable[[], T], now: Ingredients) -> Saved[T]:
        """Help with what all processes do together; then wait until the leader has saved the result."""
        has_helped = not stage.collective
        while True:
            manifest = read_manifest(self._manifest_path(stage))
            if manifest and why_stale(manifest, now, self.path / stage.folder, stage.apart_from) is None:
                return Saved(manifest, self.path / stage.folder, stage.load)
            if not has_helped and self._scratch_key(stage) == now.key:  # the leader has cleared what others left
                compute()
                has_helped = True
            time.sleep(POLL_SECONDS)

    def _prepare_scratch(self, stage: Stage[T], now: Ingredients) -> None:
        """Keep unfinished work only if it was for just these ingredients."""
        if self._scratch_key(stage) != now.key:
            shutil.rmtree(self.scratch(stage), ignore_errors=True)
            write_text(self.scratch(stage) / NOTE, now.key)

    def _scratch_key(self, stage: Stage[T]) -> str | None:
        note = self.scratch(stage) / NOTE
        return note.read_text(encoding="utf-8") if note.is_file() else None

    def _manifest_path(self, stage: Stage[T]) -> Path:
        return self.path / MANIFESTS / f"{stage.name}.json"


@contextmanager
def open_run(path: Path, narrator: Narrator, *, is_leader: bool = True) -> Iterator[RunFolder]:
    """A run's folder, locked against other writers until the block ends.

    Raises:
        StanceError: another process writes to it, or it cannot be written.
    """
    if not is_leader:
        yield RunFolder(path, narrator, is_leader=False)
        return
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path / ".lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise StanceError(
            f"{path}: another process is writing to this run. Wait for it to end, or choose another `name`"
        ) from None
    except OSError as error:
        raise StanceError(f"{path}: cannot be written: {error.strerror}. Choose another `runs` folder") from None
    try:
        sweep(path)
        sweep(path / MANIFESTS)
        yield RunFolder(path, narrator)
    finally:
        lock.release()
