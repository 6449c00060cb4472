"""What this machine can do; nothing here is imported that is only asked about."""

from __future__ import annotations

import os
import platform
import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from . import __version__
from .report.layout import size, table

__all__ = ["examine", "report_lines"]

DISTRIBUTION = "qiancui"
EXTRA = re.compile(r"extra\s*==\s*['\"](\w+)['\"]")


def examine() -> dict[str, Any]:
    """Packages with their versions, kernels compiled, engines, isolation, as plain data; `missing` is what a run needs."""
    packages = _packages()
    needed = {name: found for name, (found, extra) in packages.items() if extra is None}
    return {
        "qiancui": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "packages": needed,
        "extras": {
            name: {"extra": extra, "version": found} for name, (found, extra) in packages.items() if extra is not None
        },
        "missing": sorted(name for name, found in needed.items() if found is None),
        "kernels": _kernels(),
        "engines": {"local": True, "ray": find_spec("ray") is not None},
        "isolation": "none",
        "models": [],
    }


def _packages() -> dict[str, tuple[str | None, str | None]]:
    """What the package asks for: the version that is here, and the extra it belongs to."""
    out: dict[str, tuple[str | None, str | None]] = {}
    for line in _asked():
        name = re.split(r"[^A-Za-z0-9_.-]", line, maxsplit=1)[0]
        extra = EXTRA.search(line)
        try:
            found: str | None = version(name)
        except PackageNotFoundError:
            found = None
        out.setdefault(name, (found, extra.group(1) if extra else None))
    return out


def _asked() -> list[str]:
    """The requirements, of the installed package or of the checkout it is run from."""
    try:
        return requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        checkout = Path(str(files("curate"))).parent / "pyproject.toml"
        project = tomllib.loads(checkout.read_text("utf-8"))["project"] if checkout.is_file() else {}
        extras = project.get("optional-dependencies", {})
        return [
            *project.get("dependencies", []),
            *(f"{line}; extra == '{extra}'" for extra, lines in extras.items() for line in lines),
        ]


def _kernels() -> dict[str, Any]:
    """Which kernel modules Numba has compiled and kept; the others are compiled at their first use, in seconds."""
    spec = find_spec("curate.kernels")
    folder = Path(next(iter(spec.submodule_search_locations or ()))) if spec else Path()
    modules = sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__")
    cache = Path(os.environ.get("NUMBA_CACHE_DIR") or folder / "__pycache__")
    kept = {p.name.split(".")[0].split("-")[0] for p in cache.rglob("*.nbi")}
    place = cache if cache.exists() else cache.parent
    return {"modules": {m: m in kept for m in modules}, "kept": os.access(place, os.W_OK)}


def report_lines(told: dict[str, Any]) -> list[str]:
    """The examination for people to read."""
    kernels, engines = told["kernels"], told["engines"]
    compiled = [m for m, done in kernels["modules"].items() if done]
    waiting = [m for m, done in kernels["modules"].items() if not done]
    rows = [
        ("qiancui", f"{told['qiancui']}, Python {told['python']}, {told['system']}"),
        ("machine", f"{told['processors']} processors, {size(told['memory_bytes'])} memory"),
        ("packages", ", ".join(f"{n} {v}" for n, v in told["packages"].items() if v)),
        ("missing", ", ".join(told["missing"]) or "nothing"),
        ("kernels compiled", ", ".join(compiled) or "none"),
        (
            "compiled on first use",
            (", ".join(waiting) or "none") + ("" if kernels["kept"] else " (and not kept: no write access)"),
        ),
        ("engines", ", ".join(n for n, there in engines.items() if there)),
        ("isolation", "none yet: a run has the rights of whoever starts it"),
        ("models", "none needed by this version"),
    ]
    if not engines["ray"]:
        rows.append(("without ray", "one machine only; pip install 'qiancui[ray]' for more"))
    return table(rows)
