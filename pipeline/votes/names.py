"""What annotators may be called."""

import unicodedata

from pipeline.records import StanceError

LONGEST = 60  # characters
NOT_PEOPLE = ("rule:", "model:")  # how the votes of others are signed


def checked_name(given: str) -> str:
    """The name as votes carry it: composed characters, single spaces, none at either end.

    Raises:
        StanceError: it is empty, too long, not printable, or that of a rule or model.
    """
    name = " ".join(unicodedata.normalize("NFC", given).split())
    if not name:
        raise StanceError("a name is needed, so that it is known whose answers these are. Give yours")
    if len(name) > LONGEST:
        raise StanceError(f"the name has {len(name)} characters; it may have {LONGEST}. Give a shorter one")
    if not name.isprintable():
        raise StanceError("the name holds characters that cannot be shown. Type it anew")
    if name.lower().startswith(NOT_PEOPLE):
        raise StanceError(f'"{name}": names of people do not begin with {" or ".join(NOT_PEOPLE)}. Give another one')
    return name
