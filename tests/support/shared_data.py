"""Finds the optional test data that lies beside the checkout."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


def shared(relative: str) -> Path:
    """The path of a file of the shared data; skips the test where it is not there."""
    named = os.environ.get("EDGE_SHARED")
    folders = [Path(named)] if named else [_ROOT.parent / "shared", _ROOT.parent.parent / "shared"]
    for folder in folders:
        if (folder / relative).is_file():
            return folder / relative
    pytest.skip(f"{relative} is not in {' or '.join(map(str, folders))} (set EDGE_SHARED)")
