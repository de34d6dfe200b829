"""What Prometheus reads at `/metrics`."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

KNOWN = {"/predict", "/healthz", "/metrics"}  # paths that are counted by name, so that nobody can invent series
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """Counts of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter("stance_requests", "Requests answered.", ["path", "status"], registry=self._registry)
        self._seconds = Histogram(
            "stance_request_seconds", "Seconds from request to answer.", ["path"], registry=self._registry
        )
        self._sentences = Counter("stance_sentences", "Sentences labeled.", ["label"], registry=self._registry)
        self._batches = Histogram(
            "stance_batch_sentences", "Sentences that the model saw at once.", buckets=BATCHES, registry=self._registry
        )
        self._waiting = Gauge("stance_waiting_sentences", "Sentences waiting.", registry=self._registry)

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Take note of a request."""
        known = path if path in KNOWN else "other"
        self._requests.labels(known, str(status)).inc()
        self._seconds.labels(known).observe(seconds)

    def labeled(self, label: str) -> None:
        """Take note of a sentence."""
        self._sentences.labels(label).inc()

    def computed(self, n_sentences: int) -> None:
        """Take note of a batch."""
        self._batches.observe(n_sentences)

    def watch(self, n_waiting: Callable[[], float]) -> None:
        """Ask this for the sentences that wait."""
        self._waiting.set_function(n_waiting)

    def page(self) -> bytes:
        """All of it, in Prometheus's text format."""
        return generate_latest(self._registry)
