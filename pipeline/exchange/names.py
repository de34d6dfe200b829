"""Who gave the labels of an export: what it says itself, and what the user says of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.exchange.contract import Format, Mark
from pipeline.records import StanceError
from pipeline.votes import KINDS
from pipeline.votes.names import checked_name

OTHERS = tuple(f"{kind}:" for kind in KINDS if kind != "person")  # what begins the names of other annotators
NOBODY = "all"  # doccano's name of a file that everybody shares


@dataclass(frozen=True, slots=True)
class Names:
    """Annotators' names, as the user gives them.

    Attributes:
        default: whose labels are that name nobody.
        renamed: the right name of each that is not the right one there.
    """

    default: str | None = None
    renamed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Sequence[str]) -> "Names":
        """What options come to, each `NAME` or `FOUND=NAME`.

        Raises:
            StanceError: one has an empty side, or two are names of whom nobody is named.
        """
        defaults = [each for each in given if "=" not in each]
        pairs = [(left.strip(), right.strip()) for left, equals, right in (e.partition("=") for e in given) if equals]
        if len(defaults) > 1:
            raise StanceError(
                f"--annotator: {defaults[0]} and {defaults[1]} cannot both be who is not named. Give one NAME, and for "
                "the others FOUND=NAME"
            )
        if not all(name.strip() for name in defaults) or not all(found and name for found, name in pairs):
            raise StanceError(f"--annotator: {', '.join(given)}: a name is empty. Give NAME or FOUND=NAME")
        return cls(defaults[0].strip() if defaults else None, dict(pairs))

    def whose(self, mark: Mark, path: Path, form: Format) -> str:
        """The annotator of a label.

        Raises:
            StanceError: nobody says, or it is no person.
        """
        by_file = path.stem if form.is_named_after_annotator and path.stem != NOBODY else None
        found = mark.annotator or self.default or by_file
        if found is None:
            raise StanceError(
                f"{mark.place}: the label {mark.label} names no annotator. Say whose such labels are: --annotator NAME"
            )
        name = self.renamed.get(found, found)
        if name.startswith(OTHERS):
            raise StanceError(
                f'{mark.place}: "{name}" is the name of no person, and only votes of people are read. Say who it is: '
                f'--annotator "{found}=NAME"'
            )
        return checked_name(name)
