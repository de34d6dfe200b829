"""How surely a share of a few cases is known."""


def wilson(n_passed: int, n: int, confidence: float) -> tuple[float, float]:
    """Interval of a share of independent cases (Wilson 1927)."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(n_passed, n, alpha=1 - confidence, method="wilson")
    return float(low), float(high)
