"""What a run shows while it goes on: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..report.layout import size

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from ..runner import Phase, Progress
    from ..stage import TaskResult

__all__ = ["BarProgress", "PlainProgress", "phase_line", "shown_progress"]

NAME_WIDTH = 28
EVERY = 20.0
"""Seconds between two plain lines while a phase goes on."""


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """The kind of progress that suits stderr."""
    if not sys.stderr.isatty():
        yield PlainProgress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}", markup=False),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bars:
        yield BarProgress(bars)


def phase_line(phase: Phase) -> str:
    """`normalise → quality    412 in   57 dropped: too_short 21`."""
    return f"{_short(phase.name):<{NAME_WIDTH}}{phase.text}"


def _short(name: str) -> str:
    """A row of stages by its first and last."""
    parts = name.split(" → ")
    return f"{parts[0]} → {parts[-1]}" if len(parts) > 2 else name


class _Tally:
    """What the tasks of one phase did so far; rates count only what this run did itself."""

    def __init__(self, tasks: int) -> None:
        self.tasks, self.done = tasks, 0
        self.dropped = self.quarantined = 0
        self._began = time.monotonic()
        self._documents = self._bytes = self._ran = 0

    def add(self, result: TaskResult) -> None:
        marker = result.marker
        stages = marker.get("stages", {})
        self.done += 1
        self.dropped += sum(sum(s["dropped"].values()) for s in stages.values())
        self.quarantined += sum(marker.get("faults", {}).values())
        if not result.skipped:
            self._ran += 1
            self._documents += next(iter(stages.values()))["in"] if stages else marker.get("rows", 0)
            self._bytes += sum(output["bytes"] for output in marker["outputs"].values())

    def told(self) -> str:
        """`1,234 documents/s · 5.6 MB/s · 12 dropped`."""
        seconds = max(time.monotonic() - self._began, 1e-3)
        parts = [f"{self._documents / seconds:,.0f} documents/s", f"{size(self._bytes / seconds)}/s"]
        if self.quarantined:
            parts.append(f"{self.quarantined:,} quarantined")
        if self.dropped:
            parts.append(f"{self.dropped:,} dropped")
        return " · ".join(parts)

    def left(self) -> str:
        """`about 4 min left`, from the tasks this run has done."""
        if not self._ran:
            return ""
        seconds = (time.monotonic() - self._began) / self._ran * (self.tasks - self.done)
        return f"about {seconds / 60:.0f} min left" if seconds >= 90 else f"about {seconds:.0f} s left"


class PlainProgress:
    """One line when a phase ends, and now and then while it goes on; implements `runner.Progress`."""

    def __init__(self) -> None:
        self._name = ""
        self._tally = _Tally(0)
        self._last = 0.0

    def start(self, phase: str, tasks: int) -> None:
        """See `runner.Progress`."""
        self._name, self._tally, self._last = phase, _Tally(tasks), time.monotonic()

    def task(self, result: TaskResult) -> None:
        """See `runner.Progress`."""
        tally = self._tally
        tally.add(result)
        if time.monotonic() - self._last >= EVERY and tally.done < tally.tasks:
            self._last = time.monotonic()
            at = f"{tally.done:,}/{tally.tasks:,} tasks"
            told = " · ".join(filter(None, (at, tally.told(), tally.left())))
            sys.stderr.write(f"{_short(self._name):<{NAME_WIDTH}}{told}\n")
            sys.stderr.flush()

    def end(self, phase: Phase) -> None:
        """See `runner.Progress`."""
        if phase.text:
            sys.stderr.write(phase_line(phase) + "\n")
            sys.stderr.flush()


class BarProgress:
    """A bar for the phase that goes on, a line for each that is done; implements `runner.Progress`."""

    def __init__(self, bars: RichProgress) -> None:
        self._bars = bars
        self._bar: Any = None
        self._tally = _Tally(0)

    def start(self, phase: str, tasks: int) -> None:
        """See `runner.Progress`."""
        self._remove()
        self._tally = _Tally(tasks)
        self._bar = self._bars.add_task(_short(phase), total=tasks, told="")

    def task(self, result: TaskResult) -> None:
        """See `runner.Progress`."""
        self._tally.add(result)
        self._bars.update(self._bar, advance=1, told=self._tally.told())

    def end(self, phase: Phase) -> None:
        """See `runner.Progress`."""
        self._remove()
        if phase.text:
            self._bars.console.print(phase_line(phase), markup=False, highlight=False, soft_wrap=True)

    def _remove(self) -> None:
        if self._bar is not None:
            self._bars.remove_task(self._bar)
            self._bar = None
