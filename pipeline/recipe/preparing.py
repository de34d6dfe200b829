"""The first stages of a run: documents to examples in three parts."""

from functools import cached_property

from pipeline import ingest, labeling, split, tracking
from pipeline.codebook import codebook_for
from pipeline.config.root import Config
from pipeline.ingest import BadRows
from pipeline.recipe.audience import Audience
from pipeline.recipe.gather import settings_of
from pipeline.records import listing
from pipeline.store import fingerprint
from pipeline.store.run_folder import RunFolder, Saved


class Preparing:
    """Ingest, label, split."""

    def __init__(self, config: Config, folder: RunFolder, audience: Audience) -> None:
        self.config = config
        self.folder = folder
        self.live = tracking.LiveRun(config, audience.note)
        self._audience = audience

    @cached_property
    def ingest(self) -> Saved[ingest.Ingested]:
        """Documents to sentences."""
        config = self.config.ingest
        sources = ingest.find_sources(config.inputs, config.read_as)
        inputs = {"documents": ingest.fingerprint_sources(sources)}
        if others := ingest.passed_over(config.inputs, config.read_as):
            self._audience.note(f"ingest: passed over, of a kind that is not read: {listing([str(p) for p in others])}")
        done = self.folder.do(ingest.STAGE, lambda: ingest.ingest(config), settings=settings_of(config), inputs=inputs)
        summary = done.manifest.summary
        if config.read_as == "sentences" and summary["documents"] == summary["sentences"] > 1:
            self._audience.note(
                f"ingest: no document has two sentences; if some belong together, name the column that says so "
                f'(ingest.document_column is "{config.document_column}"), or they part between training and test'
            )
        return done

    @cached_property
    def label(self) -> Saved[labeling.Labeled]:
        """Sentences to examples."""
        codebook, config = codebook_for(self.config), self.config.label
        inputs = {"sentences": self.ingest.fingerprint, "codebook": fingerprint.of_file(self.config.codebook)}
        if config.votes is not None:
            inputs["votes"] = fingerprint.of_value(fingerprint.of_folder(config.votes))
        return self.folder.do(
            labeling.STAGE,
            lambda: labeling.label(self.ingest.value.sentences, codebook, config),
            settings=settings_of(config),
            inputs=inputs,
        )

    @cached_property
    def split(self) -> Saved[split.SplitResult]:
        """Examples to a training, a validation and a test part."""
        labels, config, seed = self.config.all_labels, self.config.split, self.config.seed
        return self.folder.do(
            split.STAGE,
            lambda: split.split(self.label.value.examples, labels, config, seed),
            settings={**settings_of(config), "seed": seed, "labels": list(labels)},
            inputs={"examples": self.label.fingerprint},
        )

    def _tell_of(self, place: str, bad_rows: BadRows) -> None:
        if bad_rows.n_skipped:
            self._audience.note(f"{place}: rows left out: {bad_rows.n_skipped}; the first: {bad_rows.messages[0]}")
