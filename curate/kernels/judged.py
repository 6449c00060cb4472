"""One layer of units over what is known of characters and their neighbours, without the table of facts it stands for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import inlined, kernel

__all__ = ["judged"]

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@inlined
def _add(sums: Floats, weight: np.float32, row: Floats) -> None:
    for u in range(len(sums)):
        sums[u] += weight * row[u]


@kernel
def judged(
    told: Floats,
    said: Floats,
    kinds: npt.NDArray[np.uint8],
    words: npt.NDArray[np.int32],
    beside: Ints,
    kinds_at: Ints,
    words_at: Ints,
    of_kinds: int,
    inner: Floats,
    inner_shift: Floats,
    outer: Floats,
    outer_shift: float,
) -> Floats:
    """Log odds, float32[p, length], of pieces of one length.

    The rows of `inner` are, in this order: `told` float32[p, length, t] of the character; `said` float32[p, length, s] of it; `told` of the
    characters `beside` it; one row for each of `of_kinds` kinds at each place of `kinds_at`; sixteen for each of `words_at`, int64[w, 2]: where a word
    begins and which four bits of `words` are its class. What is beyond a piece adds nothing, but for a word, whose class is 0 there.
    """
    pieces, length, tells = told.shape
    tags, units = said.shape[2], inner.shape[1]
    out = np.empty((pieces, length), np.float32)
    sums = np.empty(units, np.float32)
    one = np.float32(1)
    for p in range(pieces):
        for i in range(length):
            sums[:] = inner_shift
            row = 0
            for t in range(tells):
                _add(sums, told[p, i, t], inner[row + t])
            row += tells
            for s in range(tags):
                if said[p, i, s] != 0:
                    _add(sums, said[p, i, s], inner[row + s])
            row += tags
            for offset in beside:
                if 0 <= i + offset < length:
                    for t in range(tells):
                        _add(sums, told[p, i + offset, t], inner[row + t])
                row += tells
            for offset in kinds_at:
                if 0 <= i + offset < length:
                    _add(sums, one, inner[row + kinds[p, i + offset]])
                row += of_kinds
            for w in range(len(words_at)):
                which = 0
                if 0 <= i + words_at[w, 0] < length:
                    which = (words[p, i + words_at[w, 0]] >> (4 * words_at[w, 1])) & 15
                _add(sums, one, inner[row + which])
                row += 16
            score = np.float32(outer_shift)
            for u in range(units):
                if sums[u] > 0:
                    score += sums[u] * outer[u]
            out[p, i] = score
    return out
