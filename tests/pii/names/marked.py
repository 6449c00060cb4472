"""Texts in which the network's word is written as brackets, for tests of the rules alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def marked(text: str, p: float = 0.9) -> tuple[str, npt.NDArray[np.float32]]:
    """The text without its ⟦⟧, and likelihoods: `p` between them, 0 elsewhere."""
    out: list[str] = []
    per: list[float] = []
    inside = False
    for c in text:
        if c in "⟦⟧":
            inside = c == "⟦"
        else:
            out.append(c)
            per.append(p if inside else 0.0)
    return "".join(out), np.array(per, np.float32)
