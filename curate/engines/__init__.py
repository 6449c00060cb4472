"""Engines run lists of tasks. They know no stage; every task runs through `tasks.run_task`."""

from __future__ import annotations

from typing import Literal

from ..stage import Engine
from .local import LocalEngine

__all__ = ["EngineName", "engine_of"]

EngineName = Literal["local", "ray"]


def engine_of(name: EngineName, workers: int) -> Engine:
    """The engine of that name; Ray joins the cluster in RAY_ADDRESS, or starts one on this machine.

    Raises:
        UserError: the engine's package is not installed.
    """
    if name == "ray":
        from .ray import RayEngine

        return RayEngine(workers)
    return LocalEngine(workers)
