"""Repeated windows by comparing all of them in plain Python: what the kernels and the stage must find."""

from __future__ import annotations


def counts(window: str) -> bool:
    """Whether at least half of a window tells: no white space, and other than each of the two characters before it."""
    tell = [c not in (window[i - 1], window[i - 2]) and not c.isspace() for i, c in enumerate(window) if i >= 2]
    return 2 * sum(tell) >= len(window)


def repeated(texts: list[str], ids: list[str], least: int) -> tuple[list[set[int]], list[set[int]]]:
    """For each text the positions in windows that another text holds, and in those that one of a smaller id does."""
    holders: dict[str, set[str]] = {}
    windows = [[t[s : s + least] for s in range(len(t) - least + 1)] for t in texts]
    for i, found in zip(ids, windows, strict=True):
        for window in found:
            if counts(window):
                holders.setdefault(window, set()).add(i)
    held: list[set[int]] = []
    lost: list[set[int]] = []
    for i, found in zip(ids, windows, strict=True):
        of = [(s, holders.get(window, {i})) for s, window in enumerate(found)]
        held.append({p for s, who in of if len(who) > 1 for p in range(s, s + least)})
        lost.append({p for s, who in of if min(who) < i for p in range(s, s + least)})
    return held, lost
