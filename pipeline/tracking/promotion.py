"""The alias `champion`: what a decision needs of MLflow, and moving the alias, one promotion at a time."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config.track import TrackConfig
from pipeline.records import StanceError
from pipeline.tracking.client import clear_errors, connect, has_store, shown
from pipeline.tracking.registry import CANDIDATE, CHAMPION

CLAIM_TAG = "promotion"  # of the registered model: who is promoting, and since when
CLAIM_SECONDS = 600  # after which a claim that nobody gave back is void
SETTLE_SECONDS = 1.0  # in which two claims at once see each other
RESULTS = ("evaluation", "behavior")


@dataclass(frozen=True)
class Contest:
    """A candidate and the champion it would replace.

    Attributes:
        candidate: version of the registered model.
        champion: version; None where there is none.
    """

    client: Any
    name: str
    candidate: Any
    champion: Any | None

    def results(self, version: Any, folder: Path) -> Path:
        """The folder, with what a version's run logged of its evaluation and behavior.

        Raises:
            StanceError: it logged no evaluation.
        """
        folder.mkdir(parents=True)
        logged = {entry.path for entry in self.client.list_artifacts(version.run_id)}
        for name in RESULTS:
            if name in logged:
                self.client.download_artifacts(version.run_id, name, str(folder))
        if not (folder / RESULTS[0]).is_dir():
            raise StanceError(
                f"{self.name} version {version.version}: its run has no evaluation. Log it again with `stance run`"
            )
        return folder

    def move(self, decision: Mapping[str, Any]) -> None:
        """Point the alias at the candidate, and keep the decision with it."""
        self.keep(decision)
        self.client.set_registered_model_alias(self.name, CHAMPION, self.candidate.version)

    def keep(self, decision: Mapping[str, Any]) -> None:
        """Store a decision on the candidate's version: as JSON, and each condition as a tag."""
        version = self.candidate.version
        self.client.set_model_version_tag(self.name, version, "promotion.decision", json.dumps(decision))
        for condition in decision["conditions"]:
            state = "holds" if condition["holds"] else "fails"
            key = f"promotion.{condition['name'].replace(' ', '_')}"
            self.client.set_model_version_tag(self.name, version, key, f"{state}: {condition['found']}")


@contextmanager
def contest(config: TrackConfig, version: str | None) -> Iterator[Contest]:
    """The candidate, by version or the alias `candidate`, and the present champion; nobody else promotes meanwhile.

    Raises:
        StanceError: there is no store, no such model or version; it is champion already; or somebody else is promoting.
    """
    if not has_store(config.uri):
        raise StanceError(f"track.uri: {shown(config.uri)}: no such store. Log a run first, with `stance run`")
    with clear_errors(config.uri):
        client, name = connect(config.uri), config.registered_model
        registered = _registered(client, name)
        number = version or registered.aliases.get(CANDIDATE)
        if number is None:
            raise StanceError(f"{name}: has no candidate. Name a version, with --version")
        candidate = _version(client, name, str(number))
        with _claimed(client, name):
            champion = _registered(client, name).aliases.get(CHAMPION)  # as it is now that nobody else can move it
            if str(champion) == str(number):
                raise StanceError(f"{name} version {number}: is champion already. Name another, with --version")
            yield Contest(client, name, candidate, None if champion is None else _version(client, name, str(champion)))


@contextmanager
def _claimed(client: Any, name: str) -> Iterator[None]:
    """One promotion at a time: of two that write their claim at once, the one written last stands."""
    claim = f"{uuid.uuid4().hex} {time.time():.0f}"
    held = client.get_registered_model(name).tags.get(CLAIM_TAG, "")
    if held and time.time() - float(held.split()[1]) < CLAIM_SECONDS:
        raise _busy(name)
    try:
        client.set_registered_model_tag(name, CLAIM_TAG, claim)
    except Exception:
        if client.get_registered_model(name).tags.get(CLAIM_TAG):  # somebody wrote theirs in the same moment
            raise _busy(name) from None
        raise
    time.sleep(SETTLE_SECONDS)
    if client.get_registered_model(name).tags.get(CLAIM_TAG) != claim:
        raise _busy(name)
    try:
        yield
    finally:
        client.set_registered_model_tag(name, CLAIM_TAG, "")


def _busy(name: str) -> StanceError:
    return StanceError(f"{name}: another promotion is going on. Wait for it to end, and see what it decided")


def _registered(client: Any, name: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return client.get_registered_model(name)
    except MlflowException:
        raise StanceError(f"{name}: no such registered model. Log a run first, with `stance run`") from None


def _version(client: Any, name: str, number: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return client.get_model_version(name, number)
    except MlflowException:
        raise StanceError(f"{name}: has no version {number}. See its versions with `stance ui`, under Models") from None
