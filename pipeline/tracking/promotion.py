"""The alias `champion`: what a decision needs of MLflow, and moving the alias, one promotion at a time."""

import json
import re
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
from pipeline.tracking.registry import CHAMPION

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
    uri: str
    name: str
    candidate: Any
    champion: Any | None
    claim: str

    def results(self, version: Any, folder: Path) -> Path:
        """The folder, with what a version's run logged of its evaluation and behavior.

        Raises:
            StanceError: it logged no evaluation.
        """
        folder.mkdir(parents=True)
        with clear_errors(self.uri):
            logged = {entry.path for entry in self.client.list_artifacts(version.run_id)}
            for name in RESULTS:
                if name in logged:
                    self.client.download_artifacts(version.run_id, name, str(folder))
        if not (folder / RESULTS[0]).is_dir():
            raise StanceError(
                f"{self.name} version {version.version}: its run has no evaluation. Log it again with `stance run`"
            )
        return folder

    def told(self, version: Any) -> str:
        """A version, with the run that it comes from."""
        with clear_errors(self.uri):
            return f"version {version.version} ({self.client.get_run(version.run_id).info.run_name})"

    def move(self, decision: Mapping[str, Any]) -> None:
        """Point the alias at the candidate, and keep the decision with it: as JSON, and each condition as a tag.

        Raises:
            StanceError: the champion has changed since, or the claim was lost; the alias stays where it is.
        """
        with clear_errors(self.uri):
            registered = self.client.get_registered_model(self.name)
            before = None if self.champion is None else str(self.champion.version)
            now = registered.aliases.get(CHAMPION)
            if registered.tags.get(CLAIM_TAG) != self.claim or (None if now is None else str(now)) != before:
                raise StanceError(f"{self.name}: the champion or the claim changed meanwhile. Give the command again")
            self.client.set_registered_model_alias(self.name, CHAMPION, self.candidate.version)
            self._tag("promotion.decision", json.dumps(decision))
            for condition in decision["conditions"]:
                state = "holds" if condition["holds"] else "fails"
                self._tag(f"promotion.{condition['name']}", f"{state}: {condition['found']}")

    def _tag(self, key: str, value: str) -> None:
        self.client.set_model_version_tag(self.name, self.candidate.version, re.sub(r"[^\w./-]", "_", key), value)


@contextmanager
def contest(config: TrackConfig, run_name: str, version: str | None) -> Iterator[Contest]:
    """The candidate and the present champion; nobody else promotes meanwhile.

    Args:
        config: names the store and the model.
        run_name: of the run whose newest version is the candidate, if no version is named.
        version: that is the candidate.

    Raises:
        StanceError: there is no store, no such model or version; it is champion already; or somebody else is promoting.
    """
    if not has_store(config.uri):
        raise StanceError(f"track.uri: {shown(config.uri)}: no such store. Log a run first, with `stance run`")
    with clear_errors(config.uri):
        client, name = connect(config.uri), config.registered_model
        _registered(client, name)
        number = version or _newest(client, name, run_name)
        candidate = _version(client, name, str(number))
    with _claimed(client, config.uri, name) as claim:
        with clear_errors(config.uri):
            number_now = _registered(client, name).aliases.get(CHAMPION)  # nobody else can move it now
            champion = None if number_now is None else _version(client, name, str(number_now))
        if champion is not None and str(champion.version) == str(number):
            raise StanceError(f"{name} version {number}: is champion already. Name another, with --version")
        yield Contest(client, config.uri, name, candidate, champion, claim)


@contextmanager
def _claimed(client: Any, uri: str, name: str) -> Iterator[str]:
    """One promotion at a time: of two that write their claim at once, the one written last stands."""
    claim = f"{uuid.uuid4().hex} {time.time():.0f}"
    with clear_errors(uri):
        held = client.get_registered_model(name).tags.get(CLAIM_TAG, "")
        if held and time.time() - float(held.split()[1]) < CLAIM_SECONDS:
            raise _busy(name)
        try:
            client.set_registered_model_tag(name, CLAIM_TAG, claim)
        except Exception:
            if client.get_registered_model(name).tags.get(CLAIM_TAG):  # somebody wrote theirs in the same moment
                raise _busy(name) from None
            raise
    try:
        time.sleep(SETTLE_SECONDS)
        if not _is_held(client, uri, name, claim):
            raise _busy(name)
        yield claim
    finally:
        if _is_held(client, uri, name, claim):
            with clear_errors(uri):
                client.set_registered_model_tag(name, CLAIM_TAG, "")


def _is_held(client: Any, uri: str, name: str, claim: str) -> bool:
    with clear_errors(uri):
        return bool(client.get_registered_model(name).tags.get(CLAIM_TAG) == claim)


def _busy(name: str) -> StanceError:
    return StanceError(f"{name}: another promotion is going on. Wait for it to end, and see what it decided")


def _registered(client: Any, name: str) -> Any:
    with _told(f"{name}: no such registered model. Log a run first, with `stance run`"):
        return client.get_registered_model(name)


def _newest(client: Any, name: str, run_name: str) -> str:
    """The newest version that a run of that name logged."""
    runs = {}
    for version in sorted(client.search_model_versions(f"name='{name}'"), key=lambda v: int(v.version), reverse=True):
        runs[str(version.version)] = client.get_run(version.run_id).info.run_name
        if runs[str(version.version)] == run_name:
            return str(version.version)
    found = ", ".join(f"{number} ({run})" for number, run in runs.items())
    raise StanceError(
        f"{name}: no version comes from a run named {run_name}; there are {found or 'none'}. Run that config first, or "
        "name a version, with --version"
    )


def _version(client: Any, name: str, number: str) -> Any:
    with _told(f"{name}: has no version {number}. See its versions with `stance ui`, under Models"):
        return client.get_model_version(name, number)


@contextmanager
def _told(message: str) -> Iterator[None]:
    """Say what is not there; other troubles of the store are told as they are."""
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST, ErrorCode

    try:
        yield
    except MlflowException as error:
        if error.error_code in {ErrorCode.Name(RESOURCE_DOES_NOT_EXIST), ErrorCode.Name(INVALID_PARAMETER_VALUE)}:
            raise StanceError(message) from None
        raise
