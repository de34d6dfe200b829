"""What a server allows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one request may ask for, and all of them together.

    Attributes:
        n_bytes: of a request's body.
        n_sentences: of a request, those of its documents counted.
        n_characters: of a sentence that is given as one.
        seconds: until an answer is given up.
        n_waiting: sentences of all requests that wait for the model; further requests are sent away.
    """

    n_bytes: int = 1_000_000
    n_sentences: int = 2_000
    n_characters: int = 10_000
    seconds: float = 30.0
    n_waiting: int = 20_000
