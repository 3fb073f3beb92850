"""Reading a bundle as it comes: the signed head first, then block by block. No more than one block is held."""

import zlib
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from edge.update.errors import UpdateError
from edge.update.manifest import (
    LENGTH_BYTES,
    MAGIC,
    MOST_MANIFEST_BYTES,
    SIGNATURE_BYTES,
    Block,
    Manifest,
    Verify,
    parse_manifest,
    signed_part,
)


class Stream(Protocol):
    """Where bytes come from: `read` waits for as many as asked for, and gives fewer only at the end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        ...


def read_head(stream: Stream, verify: Verify) -> Manifest:
    """Return the manifest. Nothing in it is looked at before its signature is found good; raises UpdateError."""
    begin = stream.read(len(MAGIC))
    if begin != MAGIC:
        raise UpdateError("this is no update bundle for this device (a file EDGE-BOARD-VERSION.edgeup is)")
    length = int.from_bytes(_exactly(stream, LENGTH_BYTES))
    if length > MOST_MANIFEST_BYTES:
        raise UpdateError("this is no update bundle: its head is too large")
    raw = _exactly(stream, length)
    if not verify(signed_part(raw), _exactly(stream, SIGNATURE_BYTES)):
        raise UpdateError("the signature is not by the key that this device takes updates from; nothing was changed")
    return parse_manifest(raw)


def read_blocks(stream: Stream, manifest: Manifest) -> Iterator[tuple[int, bytes]]:
    """Yield each block's number and bytes, checked against the manifest; raise UpdateError at one that is wrong."""
    for index, block in enumerate(manifest.blocks):
        yield index, _block(stream, block, index, manifest.length(index))
    if stream.read(1):
        raise UpdateError("the bundle goes on behind its end: it was put together wrongly")


def _block(stream: Stream, block: Block, index: int, length: int) -> bytes:
    if block.packed_bytes:
        content = _unpacked(_exactly(stream, block.packed_bytes), length)
        digest = sha256(content).digest()
    else:
        content, digest = bytes(length), hash_of_zeros(length)
    if len(content) != length or digest != block.sha256:
        raise UpdateError(f"the bundle is damaged at block {index}: fetch it anew")
    return content


@lru_cache(maxsize=2)
def hash_of_zeros(length: int) -> bytes:
    """Return the SHA-256 of so many zeros: half of a slot is such blocks, all alike."""
    return sha256(bytes(length)).digest()


def _unpacked(packed: bytes, length: int) -> bytes:
    """Return what is packed; at most a byte more than it may be, whatever the packed bytes claim to be."""
    try:
        return zlib.decompressobj().decompress(packed, length + 1)
    except zlib.error:
        return b""


def _exactly(stream: Stream, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise UpdateError("the bundle ended before it was whole: send it again")
    return content
