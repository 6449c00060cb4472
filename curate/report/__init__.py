"""Reading finished datasets: what is in one, one record's life, two versions side by side, and whether it is whole."""

from __future__ import annotations

__all__: list[str] = []
