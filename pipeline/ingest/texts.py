"""Text files to plain text: `.txt` as it is, `.md` without its marks, `.html` without what surrounds the article."""

import codecs
from pathlib import Path

from pipeline.records import StanceError

TEXT_SUFFIXES = (".txt", ".md", ".html", ".htm")
CHUNK_BYTES = 1 << 20


def read_text(path: Path, encoding: str) -> str:
    r"""The plain text of a file, with line ends as ``\n`` and no byte order mark; offsets point into it.

    Raises:
        StanceError: the file cannot be read, or is not in that encoding; the first wrong byte is named.
    """
    raw = decode(path, encoding)
    if path.suffix == ".md":
        return _from_markdown(raw)
    return _from_html(raw) if path.suffix in {".html", ".htm"} else raw


def decode(path: Path, encoding: str) -> str:
    """A file's contents as text.

    Raises:
        StanceError: the file cannot be read, or is not in that encoding.
    """
    try:
        content = path.read_bytes().decode(known_encoding(encoding))
    except OSError as error:
        raise StanceError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise wrong_encoding(path, error.start, error.object[error.start], encoding) from None
    return content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def known_encoding(encoding: str) -> str:
    """The encoding, if Python knows it.

    Raises:
        StanceError: it does not.
    """
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise StanceError(f'encoding "{encoding}" is not known. Name one such as utf-8, cp1252 or utf-16') from None
    return encoding


def wrong_encoding(path: Path, offset: int, byte: int, encoding: str) -> StanceError:
    """The error for a byte that the encoding does not allow."""
    return StanceError(
        f"{path}: byte {offset} (0x{byte:02x}) is not {encoding.upper()}. Save the file as UTF-8, or name its "
        "encoding: --encoding cp1252 (encoding: cp1252)"
    )


def first_wrong_byte(path: Path, encoding: str) -> StanceError:
    """The error for a streamed file that turned out not to be in its encoding, with the place in the whole file."""
    decoder = codecs.getincrementaldecoder(encoding)()
    read = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return wrong_encoding(path, read - pending + error.start, error.object[error.start], encoding)
            read += len(chunk)
    return StanceError(f"{path}: ends in the middle of a character. Is the file whole?")


def _from_markdown(raw: str) -> str:
    from markdown_it import MarkdownIt

    blocks = []
    for token in MarkdownIt("commonmark").parse(_without_front_matter(raw)):
        if token.type == "inline":
            parts = (_inline_text(child.type, child.content) for child in token.children or [])
            blocks.append("".join(parts))
    return "\n\n".join(blocks)


def _inline_text(kind: str, content: str) -> str:
    if kind in {"softbreak", "hardbreak"}:
        return " "
    return content if kind in {"text", "code_inline"} else ""


def _without_front_matter(raw: str) -> str:
    """The text below a YAML header, if there is one."""
    if not raw.startswith("---\n"):
        return raw
    _, found, rest = raw[4:].partition("\n---\n")
    return rest if found else raw


def _from_html(raw: str) -> str:
    import trafilatura

    extracted = trafilatura.extract(raw, include_comments=False, include_tables=False, favor_recall=True)
    return "\n\n".join(line for line in (extracted or "").splitlines() if line.strip())
