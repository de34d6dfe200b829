"""Text files to plain text: `.txt` as it is, `.md` without its marks, `.html` without what surrounds the article."""

import codecs
import re
from pathlib import Path

from pipeline.ingest.packed import open_bytes
from pipeline.records import StanceError

TEXT_SUFFIXES = (".txt", ".md", ".html", ".htm")
CHUNK_BYTES = 1 << 20
UTF_16_MARKS = (0xFE, 0xFF)  # how a file starts that was saved as "Unicode" on Windows
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:(?=[ \t]*[\w\"'-]+[ \t]*:|#)(?:.*\n)*?)?---[ \t]*(?:\n|\Z)")


def read_text(path: Path | str, encoding: str = "utf-8") -> str:
    r"""The plain text of a file, with line ends as ``\n`` and no byte order mark; offsets point into it.

    Raises:
        StanceError: the file cannot be read, or is not in that encoding; the first wrong byte is named.
    """
    path = Path(path)
    raw = decode(path, encoding)
    suffix = path.suffix.lower()
    if suffix == ".md":
        return _from_markdown(raw)
    return _from_html(raw) if suffix in {".html", ".htm"} else raw


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
    """Python's own name of the encoding, so that `UTF8` and `utf-8` are one.

    Raises:
        StanceError: it does not.
    """
    try:
        "".encode(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise StanceError(f'encoding "{encoding}" is not known. Name one such as utf-8, cp1252 or utf-16') from None


def wrong_encoding(path: Path, offset: int, byte: int, encoding: str) -> StanceError:
    """The error for a byte that the encoding does not allow."""
    likely = "utf-16" if offset == 0 and byte in UTF_16_MARKS else "cp1252"
    other = likely if known_encoding(encoding) == "utf-8" else "utf-8"
    return StanceError(
        f"{path}: byte {offset} (0x{byte:02x}) is not {encoding.upper()}. Save the file as UTF-8, or name its "
        f"encoding: --encoding {other} (encoding: {other})"
    )


def first_wrong_byte(path: Path, encoding: str) -> StanceError:
    """The error for a streamed file that turned out not to be in its encoding, with the place in the whole file."""
    decoder = codecs.getincrementaldecoder(encoding)()
    read = 0
    with open_bytes(path) as file:
        while chunk := file.read(CHUNK_BYTES):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return wrong_encoding(path, read - pending + error.start, error.object[error.start], encoding)
            except UnicodeError:  # UTF-16 that does not say its byte order
                return wrong_encoding(path, 0, chunk[0], encoding)
            read += len(chunk)
    return StanceError(f"{path}: ends in the middle of a character. Is the file whole?")


def _from_markdown(raw: str) -> str:
    from markdown_it import MarkdownIt

    blocks = []
    in_table = False
    for token in MarkdownIt("commonmark").enable("table").parse(_FRONT_MATTER.sub("", raw, count=1)):
        in_table = token.type == "table_open" or (in_table and token.type != "table_close")
        if token.type == "inline" and not in_table:
            parts = (_inline_text(child.type, child.content) for child in token.children or [])
            blocks.append("".join(parts))
    return "\n\n".join(blocks)


def _inline_text(kind: str, content: str) -> str:
    if kind in {"softbreak", "hardbreak"}:
        return " "
    return content if kind in {"text", "code_inline"} else ""


def _from_html(raw: str) -> str:
    import trafilatura

    extracted = trafilatura.extract(raw, include_comments=False, include_tables=False, favor_recall=True)
    return "\n\n".join(line for line in (extracted or "").splitlines() if line.strip())
