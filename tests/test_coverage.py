"""What `benchmarks/coverage.py` measures at length, in short: simulated test sets whose truth is known."""

import numpy as np

from benchmarks import coverage
from pipeline.config.evaluate import EvaluateConfig

N_SETS = 400  # of which a rate of 95 % varies by 1.1 points, of 5 % as much


def test_intervals_hold_the_truth_and_a_null_is_seldom_rejected():
    config, truth = EvaluateConfig(bootstrap_draws=500), coverage.truths()
    rates = [coverage.simulate(30, config, seed, truth) for seed in range(N_SETS)]
    one, three, null, null_of_three = np.mean(rates, axis=0)
    assert 0.925 < one < 0.975
    assert 0.925 < three < 0.975
    assert 0.025 < null < 0.07
    assert 0.015 < null_of_three < 0.07
