"""Names found surely in one place of a document, looked for in the rest of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from .features import Codes
from .likely import Found
from .words import common_surnames, covered, surname

__all__ = ["propagated", "worth"]

LOW_BITS = np.uint32(0xFFFF)
LONGEST = 24  # characters of a name that is looked for again
FAINT = 0.02  # what the network must say of a name of two characters met again


def worth(name: str) -> bool:
    """Whether a name is told well enough by itself: three characters, or two with a surname that is no everyday word."""
    return 3 <= len(name) <= LONGEST or (len(name) == 2 and name[0] in common_surnames() and surname(name, 0) == 1)


def propagated(text: str, codes: Codes, per: npt.NDArray[np.float32], names: Iterable[Found]) -> Iterator[Found]:
    """Where the names at `names` are written again; linear in the text, whatever the number of names."""
    by_start: dict[str, dict[str, float]] = {}
    for start, end, score in names:
        name = text[start:end]
        if worth(name):
            own = by_start.setdefault(name[:2], {})
            own[name] = max(score, own.get(name, 0.0))
    if not by_start or len(codes) < 2:
        return
    first, second = np.zeros(1 << 16, np.bool_), np.zeros(1 << 16, np.bool_)
    for pair in by_start:
        first[ord(pair[0]) & LOW_BITS] = True
        second[ord(pair[1]) & LOW_BITS] = True
    folded = (codes & LOW_BITS).astype(np.uint16)
    lengths = {pair: sorted({len(name) for name in own}, reverse=True) for pair, own in by_start.items()}
    done = 0
    for at in np.flatnonzero(first[folded[:-1]] & second[folded[1:]]).tolist():
        pair = text[at : at + 2]
        if at < done or pair not in by_start:
            continue
        for length in lengths[pair]:
            name = text[at : at + length]
            known = by_start[pair].get(name)
            if known is not None and _again(text, at, at + len(name), per):
                yield at, at + len(name), known
                done = at + len(name)
                break


def _again(text: str, start: int, end: int, per: npt.NDArray[np.float32]) -> bool:
    """Whether what is written like a name is one here too."""
    if text[start].isascii():
        around = text[max(0, start - 1) : start] + text[end : end + 1]
        return not any(c.isascii() and (c.isalnum() or c in "_.@/") for c in around)
    if end - start == 2 and float(per[start:end].max()) < FAINT:
        return False
    return not covered(text, start, end)
