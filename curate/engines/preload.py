"""What the fork server imports once, so that every worker starts with it."""

from .. import kernels
from . import tasks

__all__ = ["kernels", "tasks"]
