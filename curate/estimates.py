"""How sure a share is that was measured on a sample."""

from __future__ import annotations

import math

__all__ = ["interval"]

Z = 1.959964
"""Of the standard normal distribution, for 95 %."""


def interval(share: float, sampled: float, fraction: float) -> tuple[float, float]:
    """The 95 % confidence interval of a share (Wilson, Probable inference, 1927), 0 to 1.

    `sampled` is how many records a simple sample of the same precision would have; of records that stand for w others each
    that is (sum of w)^2 / sum of w^2 (Kish, Survey sampling, 1965). `fraction` is the part of all that was sampled: of a
    whole nothing is unsure.
    """
    if fraction >= 1 or sampled <= 0:
        return share, share
    n = sampled / (1 - fraction)
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
