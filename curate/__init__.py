"""Qiancui 黔萃: raw Chinese documents in, industry datasets out, inside the organisation's own domain."""

__all__ = ["__version__"]

__version__ = "0.1.0"
