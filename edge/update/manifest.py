"""What stands in the head of an update bundle: for which board, which version, and what each block of the slot is.

    EDGEUP1 and a line feed       8 bytes
    length of the manifest        4 bytes, the most significant first
    the manifest                  JSON
    its Ed25519 signature         64 bytes, over the first 8 bytes and the manifest
    the blocks, in order          each packed by zlib by itself; blocks of zeros are left out

    {"format": 1, "board": "edge-rpi4", "version": "0.2.0+4f21c0", "epoch": 1780000000, "image_bytes": 1073741824,
     "block_bytes": 1048576, "blocks": [[400123, "SHA-256 of the unpacked block"], [0, "..."], ...]}

The first number of a block is its packed length; 0: zeros. The last block may be shorter than the others.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from edge.update.errors import UpdateError
from edge.update.version import Release

MAGIC = b"EDGEUP1\n"
LENGTH_BYTES = 4
SIGNATURE_BYTES = 64
FORMAT = 1
MOST_MANIFEST_BYTES = 2**20
LEAST_BLOCK_BYTES = 4096
MOST_BLOCK_BYTES = 2**22
MOST_IMAGE_BYTES = 2**34

_HASH = re.compile(r"[0-9a-f]{64}")
_BOARD = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the slot. `packed_bytes` is what it takes in the bundle; 0: it is all zeros, and is left out."""

    packed_bytes: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole of it. `digest` is the SHA-256 of its bytes: it names the bundle."""

    board: str
    release: Release
    image_bytes: int
    block_bytes: int
    blocks: tuple[Block, ...]
    digest: str

    def length(self, index: int) -> int:
        """Return how many bytes of the slot a block is."""
        return min(self.block_bytes, self.image_bytes - index * self.block_bytes)


def signed_part(manifest: bytes) -> bytes:
    """Return what is signed: never only JSON, which might be signed for something else."""
    return MAGIC + manifest


def parse_manifest(raw: bytes) -> Manifest:
    """Return the manifest; raise UpdateError, saying which value is wrong."""
    try:
        return _manifest(json.loads(raw), sha256(raw).hexdigest())
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UpdateError(f"the bundle's manifest is not as it must be: {error or type(error).__name__}") from None


def _manifest(read: object, digest: str) -> Manifest:
    if not isinstance(read, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - told as all else that is wrong with it
    if read.get("format") != FORMAT:
        raise ValueError(f"its format is {read.get('format')!r}, this device reads {FORMAT}")
    if not isinstance(read["board"], str) or not _BOARD.fullmatch(read["board"]):
        raise ValueError("board is no name")
    block_bytes = _whole(read, "block_bytes", LEAST_BLOCK_BYTES, MOST_BLOCK_BYTES)
    image_bytes = _whole(read, "image_bytes", LEAST_BLOCK_BYTES, MOST_IMAGE_BYTES)
    if block_bytes % LEAST_BLOCK_BYTES or image_bytes % LEAST_BLOCK_BYTES:
        raise ValueError(f"block_bytes and image_bytes must be multiples of {LEAST_BLOCK_BYTES}")
    blocks = tuple(_block(each, block_bytes) for each in read["blocks"])
    if len(blocks) != -(-image_bytes // block_bytes):
        raise ValueError(f"{len(blocks)} blocks are not the whole of {image_bytes} bytes")
    if not blocks[0].packed_bytes:
        raise ValueError("its first block holds no file system")
    release = Release(cast(str, read["version"]), _whole(read, "epoch", 0, 2**40))
    return Manifest(read["board"], release, image_bytes, block_bytes, blocks, digest)


def _whole(read: dict[str, object], name: str, least: int, most: int) -> int:
    value = read[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}")
    return value


def _block(read: list[object], block_bytes: int) -> Block:
    packed_bytes, digest = read
    if not isinstance(digest, str) or not _HASH.fullmatch(digest):
        raise ValueError("a block's hash is none")
    # What zlib makes of bytes that do not pack is a little longer than they were.
    most = block_bytes + block_bytes // 1000 + 64
    return Block(_whole({"a block's length": packed_bytes}, "a block's length", 0, most), bytes.fromhex(digest))


def manifest_bytes(board: str, release: Release, image_bytes: int, block_bytes: int, blocks: list[Block]) -> bytes:
    """Return the manifest as it stands in a bundle: the same values give the same bytes."""
    written = {
        "format": FORMAT,
        "board": board,
        "version": release.version,
        "epoch": release.epoch,
        "image_bytes": image_bytes,
        "block_bytes": block_bytes,
        "blocks": [[each.packed_bytes, each.sha256.hex()] for each in blocks],
    }
    return json.dumps(written, separators=(",", ":")).encode()


Verify = Callable[[bytes, bytes], bool]
"""(what is signed, signature) -> whether it is the key's."""
