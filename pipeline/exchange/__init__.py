"""To the tools in which people label, and back: sentences go out as tasks, labels come back as votes.

`contract` says what a format is, `send` and `receive` are what the command line does; each format has its own file.
"""

from pathlib import Path

from pipeline.exchange import csv_sheet, doccano, excel, label_studio
from pipeline.exchange.contract import Format, Mark, Task
from pipeline.records import StanceError, did_you_mean

__all__ = ["FORMATS", "Format", "Mark", "Task", "format_of"]

FORMATS = {
    each.name: each
    for each in (
        Format("label-studio", ".json", label_studio.read, label_studio.write),
        Format("doccano", ".jsonl", doccano.read, doccano.write, is_named_after_annotator=True),
        Format("csv", ".csv", csv_sheet.read, csv_sheet.write),
        Format("excel", ".xlsx", excel.read, excel.write),
    )
}


def format_of(path: Path, name: str | None = None) -> Format:
    """The format of that name; where none is given, the one that the file's name ends like.

    Raises:
        StanceError: there is no such format.
    """
    if name is not None and name in FORMATS:
        return FORMATS[name]
    if name is not None:
        raise StanceError(
            f'--format: "{name}" is not one of {", ".join(FORMATS)}.{did_you_mean(name, list(FORMATS)) or " Name one"}'
        )
    by_suffix = {each.suffix: each for each in FORMATS.values()}
    if path.suffix.lower() not in by_suffix:
        known = ", ".join(f"{suffix} ({each.name})" for suffix, each in by_suffix.items())
        raise StanceError(f"{path}: the name does not tell the format; known are {known}. Say which: --format NAME")
    return by_suffix[path.suffix.lower()]
