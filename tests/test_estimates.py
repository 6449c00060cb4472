"""Confidence intervals of shares."""

from __future__ import annotations

import random

import pytest

from curate.estimates import interval


@pytest.mark.parametrize(
    ("share", "sampled", "fraction", "low", "high", "why"),
    [
        (0.5, 100, 0.0, 0.4038, 0.5962, "as in tables"),
        (0.0, 100, 0.0, 0.0, 0.0370, "nothing found in a hundred is not nothing"),
        (1.0, 100, 0.0, 0.9630, 1.0, "and all is not all"),
        (0.1, 10, 0.0, 0.0179, 0.4042, "a small sample says little"),
        (0.3, 50, 1.0, 0.3, 0.3, "all was read"),
        (0.3, 50, 1.2, 0.3, 0.3, "more than all cannot be surer"),
        (0.0, 0, 0.0, 0.0, 0.0, "nothing was read"),
        (0.5, 100, 0.75, 0.4513, 0.5487, "three quarters of all were read: as 400 of very many"),
    ],
)
def test_intervals(share: float, sampled: float, fraction: float, low: float, high: float, why: str) -> None:
    assert interval(share, sampled, fraction) == pytest.approx((low, high), abs=1e-3), why


@pytest.mark.parametrize("share", [0.02, 0.2, 0.5])
def test_nineteen_of_twenty_hold_the_truth(share: float) -> None:
    rng = random.Random(11)
    held = 0
    for _ in range(2000):
        found = sum(rng.random() < share for _ in range(150)) / 150
        low, high = interval(found, 150, 0.0)
        held += low <= share <= high
    assert 0.93 <= held / 2000 <= 0.98
