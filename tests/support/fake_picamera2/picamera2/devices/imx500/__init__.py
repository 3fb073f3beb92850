"""Where the real library has it."""

from ...network import IMX500  # noqa: TID252 - found under two names: alone, and as a part of tests

__all__ = ["IMX500"]
