"""Every exception a user can meet, named for what happens next.

CurateError
├── UserError           exit 2: the user's mistake, nothing was done
│   ├── ConfigError         recipe, config, catalog or domain is wrong; carries every problem found
│   ├── DomainError         the domain folder, or a source in it, cannot be used
│   └── DatasetError        the folder is no dataset, or has no such record
├── IntegrityError      exit 1: finished, but a check failed
├── QuotaError          exit 3: more was quarantined than the domain allows
├── TaskError           abort: a task failed; the same command continues after the cause is mended
│   └── WorkerLost          the task's worker died more often than it is retried
└── Unreadable          quarantine: this file or record cannot be read; the run goes on

No message may hold raw text or a personal value: say kinds, counts, positions and types.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ConfigError",
    "CurateError",
    "DatasetError",
    "DomainError",
    "IntegrityError",
    "Problem",
    "QuotaError",
    "TaskError",
    "Unreadable",
    "UserError",
    "WorkerLost",
]


class CurateError(Exception):
    """Base of all errors raised on purpose: what happened, where, got, expected, and what to do."""

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", got: str = "", expected: str = "", fix: str = "") -> None:
        super().__init__(what, where, got, expected, fix)
        self.what, self.where, self.got, self.expected, self.fix = what, where, got, expected, fix

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__.copy()))

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.got:
            parts.append(f"got {self.got}")
        if self.expected:
            parts.append(f"expected {self.expected}")
        line = "; ".join(parts)
        return f"{line}. {self.fix}" if self.fix else line


def _rebuild(cls: type[CurateError], state: dict[str, object]) -> CurateError:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    return error


class UserError(CurateError):
    """The user's mistake; nothing was done."""


@dataclass(frozen=True)
class Problem:
    """One mistake in one file: where it stands, what was found, what was expected."""

    file: str
    line: int
    field: str
    what: str
    got: str = ""
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file  # no line: the file is missing, or it is no file
        parts = [f"{place}: {self.field}: {self.what}"]
        if self.got:
            parts.append(f"got {self.got}")
        if self.expected:
            parts.append(f"expected {self.expected}")
        line = "; ".join(parts)
        return f"{line}. {self.hint}" if self.hint else line


class ConfigError(UserError):
    """A recipe, config, catalog or domain file is wrong; all its problems are reported at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problem(s) in the configuration")
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(p) for p in self.problems)


class DomainError(UserError):
    """The domain folder, or a source named in its catalog, cannot be used."""


class DatasetError(UserError):
    """The folder is not a dataset this version can read, or holds no such record."""


class IntegrityError(CurateError):
    """A dataset or a run does not add up: a hash, a count or a schema differs."""

    exit_code = 1


class QuotaError(CurateError):
    """More files or records were quarantined than the domain's quota allows."""

    exit_code = 3


class TaskError(CurateError):
    """A task failed for a reason that trying again cannot mend."""

    exit_code = 2


class WorkerLost(TaskError):
    """The worker of one task died more often than a task is tried."""


class Unreadable(CurateError):
    """A file or a record that cannot be read and goes to quarantine under `kind`.

    Kinds: empty, encoding, encrypted, truncated, corrupt, wrong_type, unsupported, too_large, bomb,
    too_deep, unsafe_path, no_text, entities, bad_record, too_long.
    """

    exit_code = 3

    def __init__(self, kind: str, what: str, *, where: str = "", got: str = "", expected: str = "") -> None:
        super().__init__(what, where=where, got=got, expected=expected)
        self.kind = kind
