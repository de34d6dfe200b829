"""Names of files, folders and globs to the sources they stand for."""

import glob
from collections.abc import Sequence
from pathlib import Path

from pipeline.config.ingest import ReadAs
from pipeline.ingest import hub
from pipeline.ingest.packed import suffix_of
from pipeline.ingest.tables import TABLE_SUFFIXES
from pipeline.ingest.texts import TEXT_SUFFIXES
from pipeline.records import StanceError

Source = Path | str  # a file, a folder saved by datasets, or dataset:NAME


def find_sources(inputs: Sequence[str], read_as: ReadAs) -> list[Source]:
    """What to read, in order: the inputs' order, and sorted within a folder or glob; nothing twice.

    Raises:
        StanceError: an input does not exist, matches nothing, or is of a kind that cannot be read.
    """
    sources: dict[Source, Source] = {}
    for source in (source for name in inputs for source in _expand(name, read_as)):
        _check_name(source)
        sources.setdefault(source.resolve() if isinstance(source, Path) else source, source)
    return list(sources.values())


def _expand(name: str, read_as: ReadAs) -> list[Source]:
    if name.startswith(hub.PREFIX):
        return [name]
    path = Path(name)
    if path.is_dir():
        return _in_folder(path, read_as)
    if path.is_file():
        return [_readable(path, read_as)]
    if path.exists():
        raise StanceError(f"{name}: is neither a file nor a folder. Write what it gives to a file, and name that")
    matches = sorted(Path(match) for match in glob.glob(name, recursive=True))  # noqa: PTH207 (it takes absolute globs too)
    if not matches or matches == [path]:  # itself: a link that leads nowhere
        what = "matches no file" if glob.has_magic(name) else "no such file or folder"
        raise StanceError(f"{name}: {what}. Check the path{_where_am_i(path)}.{hub.suggestion(name)}")
    return [source for match in matches for source in _expand(str(match), read_as)]


def _check_name(source: Source) -> None:
    """Make sure that every output can hold the source's name."""
    try:
        str(source).encode()
    except UnicodeEncodeError:
        raise StanceError(f"{str(source)!a}: the file's name is not UTF-8. Rename it") from None


def _where_am_i(path: Path) -> str:
    return (
        "" if path.is_absolute() else f"; it is taken from {Path.cwd().name}/, the folder that the command was given in"
    )


def _in_folder(folder: Path, read_as: ReadAs) -> list[Source]:
    if hub.is_saved(folder):
        return [folder]
    suffixes = _suffixes(read_as)
    files = [path for path in _files_of(folder) if suffix_of(path) in suffixes]
    if not files:
        raise StanceError(
            f"{folder}: no file that can be read as {read_as} ({' '.join(suffixes)}). Name another folder"
        )
    return list(files)


def passed_over(inputs: Sequence[str], read_as: ReadAs) -> list[Path]:
    """Files in folders of the input that are of a kind that is not read."""
    folders = [Path(name) for name in inputs if Path(name).is_dir() and not hub.is_saved(Path(name))]
    files = (path for folder in folders for path in _files_of(folder))
    return [path for path in files if suffix_of(path) not in _suffixes(read_as)]


def would_read(inputs: Sequence[str], read_as: ReadAs, output: Path) -> bool:
    """Whether a file that is not there yet would be among what the inputs stand for."""
    if suffix_of(output) not in _suffixes(read_as):
        return False
    path = output.resolve()
    for name in inputs:
        folder = Path(name).resolve()
        is_below = folder.is_dir() and not hub.is_saved(folder) and folder in path.parents
        if is_below and not _is_hidden(path.relative_to(folder)):
            return True
        if glob.has_magic(name) and path.match(name.replace("**/", "")):
            return True
    return False


def _files_of(folder: Path) -> list[Path]:
    """Every file below a folder, sorted; hidden ones are left out."""
    return [p for p in sorted(folder.rglob("*")) if p.is_file() and not _is_hidden(p.relative_to(folder))]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _suffixes(read_as: ReadAs) -> tuple[str, ...]:
    return TABLE_SUFFIXES if read_as == "sentences" else (*TEXT_SUFFIXES, *TABLE_SUFFIXES)


def _readable(path: Path, read_as: ReadAs) -> Path:
    if suffix_of(path) in _suffixes(read_as):
        return path
    if suffix_of(path) in TEXT_SUFFIXES:
        raise StanceError(f"{path}: is a text, and sentences are read from tables. Read it with --as documents")
    raise StanceError(f"{path}: cannot read files of this kind; it reads {' '.join(_suffixes(read_as))}")
