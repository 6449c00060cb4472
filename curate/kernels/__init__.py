"""Numba kernels over Arrow buffers: pure functions on UTF-8 bytes and int32 offsets, no I/O.

Importing this package imports numba, so stages import their kernels when they are opened.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from ..absent import absent

UNUSED = ("cffi", "scipy", "scipy.linalg", "yaml")
"""What numba loads only to look for C functions, BLAS and a settings file, none of which is used here."""

with absent(*UNUSED):
    import numba  # noqa: F401

from numba import njit  # noqa: E402 - after what it must not find
from numba.core import caching  # noqa: E402
from numba.core.runtime import rtsys  # noqa: E402

__all__ = ["CACHED", "Locator", "inlined", "kernel"]

F = TypeVar("F", bound=Callable[..., object])

FOLDER = Path(__file__).parent
PLACES = (caching.UserProvidedCacheLocator, caching.InTreeCacheLocator, caching.UserWideCacheLocator)
"""Where numba keeps compiled functions: NUMBA_CACHE_DIR, beside the source, the user's cache; the first it may write to."""


class Locator:
    """Where numba keeps the kernels of this folder, and whether what it kept there is of today's sources.

    Numba itself looks at the file of a function alone, and would go on using a kernel into which an older `code_point` was
    compiled. Functions elsewhere are left to numba.
    """

    def __init__(self, place: Any, file: str) -> None:
        self._place = place
        self._file = file

    @classmethod
    def from_function(cls, function: Callable[..., object], file: str) -> Locator | None:
        """The locator of a function in `file`; none if it is not ours or there is no place."""
        if Path(file).parent != FOLDER:
            return None
        found = (place.from_function(function, file) for place in PLACES)
        return next((cls(place, file) for place in found if place is not None), None)

    def get_source_stamp(self) -> str:
        """What a kept kernel must have been made of."""
        return _stamp(Path(self._file).stem)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._place, name)


@functools.cache
def _stamp(module: str) -> str:
    """Hash of the sources of a module, of the modules here that it imports from, and of those that they do."""
    sources = _sources()
    used: set[str] = set()
    found = {module, "__init__"}
    while found:
        used |= found
        imports = [line for name in found for line in re.findall(r"^from \..*", sources[name], re.MULTILINE)]
        found = {word for line in imports for word in re.findall(r"\w+", line)} & sources.keys() - used
    return hashlib.sha256("\0".join(sources[name] for name in sorted(used)).encode()).hexdigest()


@functools.cache
def _sources() -> dict[str, str]:
    return {file.stem: file.read_text("utf-8") for file in FOLDER.glob("*.py")}


def kernel(function: F) -> F:
    """Compile `function` without the GIL, cached on disk, keeping its type."""
    return cast(F, njit(nogil=True, cache=CACHED)(function))


def inlined(function: F) -> F:
    """Compile `function` into the kernels that call it: six times faster than a call for each character."""
    return cast(F, njit(nogil=True, cache=CACHED, inline="always")(function))


def _load_overload(cache: Any, signature: Any, context: Any) -> Any:
    """Load a kernel kept on disk without what only a compiler needs.

    Numba fills its tables of types and implementations, 0.25 s in every process, before it looks into its cache; when it
    does compile, it fills them by itself. Functions elsewhere are left to numba.
    """
    if not isinstance(cache._impl.locator, Locator):
        return _numba_load_overload(cache, signature, context)
    rtsys.initialize(context)
    with absent(*UNUSED), cache._guard_against_spurious_io_errors():
        return cache._load_overload(signature, context)


caching.CacheImpl._locator_classes.insert(0, Locator)
_numba_load_overload = caching.Cache.load_overload
caching.Cache.load_overload = _load_overload
CACHED = Locator.from_function(kernel, __file__) is not None
"""Whether compiled kernels can be kept; otherwise each process compiles them."""
