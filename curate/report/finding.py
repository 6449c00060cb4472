"""What a check found: one difference between what a dataset says of itself and what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Finding", "Findings"]


@dataclass(frozen=True)
class Finding:
    """One difference: in which file, what differs, what is there and what should be."""

    file: str
    what: str
    got: str = ""
    expected: str = ""

    def __str__(self) -> str:
        parts = [f"{self.file}: {self.what}"]
        if self.got:
            parts.append(f"got {self.got}")
        if self.expected:
            parts.append(f"expected {self.expected}")
        return "; ".join(parts)

    def as_dict(self) -> dict[str, str]:
        """Plain data, for JSON."""
        return asdict(self)


class Findings:
    """A list of findings that grows while a dataset is read."""

    def __init__(self) -> None:
        self.all: list[Finding] = []

    def add(self, file: str, what: str, *, got: object = "", expected: object = "") -> None:
        """Note one difference."""
        self.all.append(Finding(file, what, str(got), str(expected)))

    def equal(self, file: str, what: str, got: object, expected: object) -> None:
        """Note a difference if there is one."""
        if got != expected:
            self.add(file, what, got=got, expected=expected)

    @contextmanager
    def reading(self, file: str, as_what: str) -> Iterator[None]:
        """Read a file of which nothing may be trusted: whatever a library raises on it is a finding."""
        try:
            yield
        except Exception as error:
            # Arrow and the JSON reader raise a dozen classes on damaged files; the text may quote the file
            frame = error.__traceback__
            while frame is not None and frame.tb_next is not None:
                frame = frame.tb_next
            at = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
            self.add(file, f"cannot be read as {as_what}", got=f"{type(error).__name__} at {at}")
