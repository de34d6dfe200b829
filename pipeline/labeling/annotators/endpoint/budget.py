"""How much may be asked: requests and tokens, counted as they are spent."""

from pipeline.records import counted


class Budget:
    """Bounds what a command spends.

    Args:
        max_requests: that may be sent, repeated ones too; None: as many as it takes.
        max_tokens: that may be used, as the server reports them; requests under way may exceed it. None: any number.

    Attributes:
        n_requests: sent so far.
        n_tokens: used so far.
    """

    def __init__(self, max_requests: int | None = None, max_tokens: int | None = None) -> None:
        self.max_requests = max_requests
        self.max_tokens = max_tokens
        self.n_requests = 0
        self.n_tokens = 0
        self._is_reported = True

    def send(self) -> None:
        """Count a request."""
        self.n_requests += 1

    def use(self, n_tokens: int | None) -> None:
        """Count the tokens of an answer; None: the server does not say."""
        self.n_tokens += n_tokens or 0
        self._is_reported = self._is_reported and n_tokens is not None

    @property
    def spent(self) -> str:
        """Why no further request may be sent; empty while one may."""
        if self.max_requests is not None and self.n_requests >= self.max_requests:
            return f"the budget of {counted(self.max_requests, 'request')} is spent"
        if self.max_tokens is not None and not self._is_reported:
            return "the server does not say how many tokens it uses, so --max-tokens cannot be kept"
        if self.max_tokens is not None and self.n_tokens >= self.max_tokens:
            return f"the budget of {counted(self.max_tokens, 'token')} is spent ({self.n_tokens:,} used)"
        return ""
