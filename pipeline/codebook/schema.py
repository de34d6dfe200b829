"""The shape of a codebook.

Another file with other labels works in its place; nothing in the code knows the names of labels.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.codebook.scope import Scope
from pipeline.codebook.words import NAMED
from pipeline.config.base import KeyPath, PlacedError, Section
from pipeline.config.load import parse_yaml
from pipeline.config.root import Config
from pipeline.records import StanceError, did_you_mean, listing


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]
Word = Annotated[str, Field(pattern=r"^[^/\s][^/]*(/[^/\s][^/]*)*$")]  # forms parted by slashes, none empty
ListName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]


class NearMiss(Section):
    """A sentence that looks like one label and is another."""

    text: str
    label: str
    why: str = ""


class LabelDefinition(Section):
    """What one label means."""

    definition: str
    hypothesis: str | None = Field(
        None, description="The label in one sentence, true or false of another, as models of inference are asked."
    )
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()

    @property
    def in_one_sentence(self) -> str:
        """The hypothesis; where there is none, the first sentence of the definition."""
        return self.hypothesis or re.split(r"(?<=[.!?])\s", self.definition.strip(), maxsplit=1)[0]


class Guideline(Section):
    """What decides when more than one label seems to fit."""

    name: str
    text: str


class SettledCase(Section):
    """A kind of sentence whose label was argued once and is settled."""

    case: str
    text: str
    label: str


class Rule(Section):
    """A named labelling function: a pattern that gives a label, and abstains where it is not found.

    Attributes:
        name: unique.
        label: the label it gives.
        pattern: regular expression, searched without regard to case; ``{name}`` in it, as in the next two, stands for
            any form of any word of that list.
        words: words that are looked for in all their forms, in place of a pattern.
        within: the part of the sentence in which it is looked for.
        where: regular expression; the rule abstains where it is not found, anywhere in the sentence.
        unless: regular expression; the rule abstains where it is found, anywhere in the sentence.
        example: a sentence that the rule labels.
    """

    name: str = Field(pattern="^[a-z0-9_]+$")
    label: str
    pattern: Pattern | None = None
    words: tuple[Word, ...] = ()
    within: Scope = "sentence"
    where: Pattern | None = None
    unless: Pattern | None = None
    example: str

    @property
    def patterns(self) -> Iterator[tuple[str, str]]:
        """Each regular expression with its key."""
        return ((key, value) for key in ("pattern", "where", "unless") if (value := getattr(self, key)) is not None)

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        if (self.pattern is None) == (not self.words):
            found = "both" if self.words else "neither"
            raise ValueError(f"a rule has a pattern or words; found {found}")
        return self


class Codebook(Section):
    """Labels with their definitions, the rules, and how conflicts between rules end."""

    name: str
    version: str
    language: str = "en"
    background: str
    priority: tuple[str, ...] = Field((), description="When rules disagree, the first of these labels wins.")
    unit: str = ""
    labels: dict[str, LabelDefinition]
    guidelines: tuple[Guideline, ...] = ()
    settled_cases: tuple[SettledCase, ...] = ()
    lists: dict[ListName, tuple[Word, ...]] = Field(
        default_factory=dict, description="Words by the name under which patterns have them, in all their forms."
    )
    rules: tuple[Rule, ...] = ()

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every label once, the one that wins a conflict first; the background last, if `priority` leaves it out."""
        rest = [label for label in self.labels if label != self.background]
        return tuple(dict.fromkeys([*self.priority, *rest, self.background]))

    @model_validator(mode="after")
    def _labels_exist(self) -> Self:
        known = list(self.labels)
        unknown = [(path, label) for path, label in self._mentioned() if label not in self.labels]
        if unknown:
            raise PlacedError(
                (path, f"{label} is not among the labels {', '.join(known)}.{did_you_mean(label, known)}")
                for path, label in unknown
            )
        return self

    def _mentioned(self) -> Iterator[tuple[KeyPath, str]]:
        """Every label that stands outside of `labels`, with its place."""
        yield ("background",), self.background
        yield from ((("priority", i), label) for i, label in enumerate(self.priority))
        for name, entry in self.labels.items():
            yield from ((("labels", name, "near_misses", i, "label"), m.label) for i, m in enumerate(entry.near_misses))
        yield from ((("settled_cases", i, "label"), case.label) for i, case in enumerate(self.settled_cases))
        yield from ((("rules", i, "label"), rule.label) for i, rule in enumerate(self.rules))

    @model_validator(mode="after")
    def _lists_exist(self) -> Self:
        known = list(self.lists)
        unknown = [
            (("rules", i, key), name)
            for i, rule in enumerate(self.rules)
            for key, pattern in rule.patterns
            for name in NAMED.findall(pattern)
            if name not in self.lists
        ]
        if unknown:
            raise PlacedError(
                (path, f"no list is named {name}; there are {listing(known) or 'none'}.{did_you_mean(name, known)}")
                for path, name in unknown
            )
        return self

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [rule.name for rule in self.rules]
        twice = [i for i, name in enumerate(names) if name in names[:i]]
        if twice:
            raise PlacedError(
                (("rules", i, "name"), f"a rule above is named {names[i]} too. Rename one of the two") for i in twice
            )
        return self


def load_codebook(path: Path) -> Codebook:
    """The codebook in a YAML file.

    Raises:
        StanceError: the file is missing or has problems; all of them are named.
    """
    return parse_yaml(Codebook, path)


def codebook_for(config: Config) -> Codebook:
    """The config's codebook, which must define just the config's labels.

    Raises:
        StanceError: the two name different labels, or a different background.
    """
    if not config.codebook.is_file():
        raise StanceError(
            f"codebook: {config.codebook}: no such file. Check the path; it is taken from {Path.cwd().name}/, the "
            "folder that the command was given in"
        )
    codebook = load_codebook(config.codebook)
    defined, asked = set(codebook.labels), set(config.all_labels)
    if defined != asked:
        missing, extra = sorted(asked - defined), sorted(defined - asked)
        parts = [f"the config also has {listing(missing)}"] if missing else []
        parts += [f"the codebook also has {listing(extra)}"] if extra else []
        raise StanceError(
            f"{config.codebook}: labels differ from the config's: {'; '.join(parts)}. "
            f"List the codebook's labels under `labels` and `background`."
        )
    if codebook.background != config.background:
        raise StanceError(
            f'{config.codebook}: background is "{codebook.background}", the config has "{config.background}". '
            "Give both the same."
        )
    return codebook
