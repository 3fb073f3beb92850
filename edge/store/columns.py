"""Columns of whole numbers as few bytes: what is like the one before becomes nought, and noughts compress well."""

import json
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]
_LENGTH_BYTES = 4
_LEVEL = 6


def pack(columns: Mapping[str, Column], steps: Mapping[str, int]) -> bytes:
    """Return named columns as compressed bytes.

    `steps` says how often a column is replaced by the differences of its neighbours: 1 where it stays alike, 2 where it
    rises evenly; 0 where it is not named. Each byte of the numbers is laid beside its like, the high ones being nought.
    """
    head: dict[str, list[int]] = {}
    parts = []
    for name, column in columns.items():
        differences = column
        for _ in range(steps.get(name, 0)):
            differences = np.diff(differences, prepend=0)
        unsigned = ((differences << 1) ^ (differences >> 63)).astype(np.uint64)
        width = max(1, -(-int(unsigned.max(initial=0)).bit_length() // 8))
        planes = unsigned.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width]
        head[name] = [len(column), width, steps.get(name, 0)]
        parts.append(planes.T.tobytes())
    names = json.dumps(head, separators=(",", ":")).encode()
    return zlib.compress(len(names).to_bytes(_LENGTH_BYTES, "little") + names + b"".join(parts), _LEVEL)


def unpack(packed: bytes) -> dict[str, Column]:
    """Return the columns that `pack` was given; raises ValueError where the bytes are damaged."""
    try:
        body = zlib.decompress(packed)
        start = _LENGTH_BYTES + int.from_bytes(body[:_LENGTH_BYTES], "little")
        head: dict[str, list[int]] = json.loads(body[_LENGTH_BYTES:start])
        columns = {}
        for name, (count, width, steps) in head.items():
            columns[name] = _column(body[start : start + count * width], count, width, steps)
            start += count * width
    except (zlib.error, TypeError, AttributeError) as error:
        raise ValueError(f"damaged columns: {error}") from error
    return columns


def _column(body: bytes, count: int, width: int, steps: int) -> Column:
    planes = np.zeros((count, 8), np.uint8)
    planes[:, :width] = np.frombuffer(body, np.uint8).reshape(width, count).T
    unsigned = planes.view("<u8").reshape(-1)
    column = (unsigned >> np.uint64(1)).astype(np.int64) ^ -(unsigned & np.uint64(1)).astype(np.int64)
    for _ in range(steps):
        column = np.cumsum(column)
    return column
