"""The command line: `curate`. Results go to stdout, progress and messages to stderr.

Exit codes: 0 done, 1 finished but a check failed, 2 the user's mistake, 3 the data were at fault beyond what is allowed,
70 a fault of the program itself (EX_SOFTWARE of sysexits.h), 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from ..errors import CurateError
from ..memory import collect_seldom
from .output import told

__all__ = ["main"]

MISTAKE, FAULT, INTERRUPTED = 2, 70, 130
FRAMES = 3
"""Innermost places that a fault of the program names."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; no traceback ever leaves here, since it may hold data."""
    collect_seldom()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # or it searches all that is installed for some
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Chinese gets escapes, not an error
    try:
        from .app import command

        command().main(args=None if arguments is None else list(arguments), prog_name="curate")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except CurateError as error:
        sys.stderr.write(f"{told(error)}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return INTERRUPTED
    except OSError as error:
        sys.stderr.write(f"{told(error)}\n")
        return MISTAKE
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
        at = " ‹ ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
        sys.stderr.write(f"fault of the program: {type(error).__name__} at {at}\n")
        sys.stderr.write("Its message may hold data and is not shown. Please report this line.\n")
        return FAULT
    return 0
