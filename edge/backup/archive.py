"""The file itself: a gzipped tar of plain files, written and read as it passes by. The last member lists the others."""

import hashlib
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from edge.backup.errors import BackupError
from edge.backup.members import MANIFEST, MOST_BYTES, MOST_MEMBERS, most_bytes

CHUNK = 256 * 1024
LEVEL = 4
"""Of gzip: beyond it a log gets no smaller worth the time; pictures do not get smaller at all."""
BLOCK = tarfile.BLOCKSIZE
GZIP_WINDOW = 31
_DAMAGED = "this is no whole backup: it is damaged or was cut short; take another copy of it"


class Readable(Protocol):
    """Whatever bytes can be read from."""

    def read(self, count: int, /) -> bytes:
        """Return up to `count` bytes, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """One file to be written: its name, its size and where its bytes come from."""

    name: str
    size: int
    content: BinaryIO


@dataclass(slots=True)
class _Listed:
    """What the manifest says of all members."""

    rows: dict[str, dict[str, object]] = field(default_factory=dict)

    def add(self, name: str, size: int, digest: str) -> None:
        self.rows[name] = {"bytes": size, "sha256": digest}

    def text(self) -> bytes:
        return json.dumps({"members": self.rows}, indent=0).encode()


def pack(members: Iterable[Member], time_s: int) -> Iterator[bytes]:
    """Return the bytes of a backup piece by piece; each member's content is closed once it has passed.

    Raises BackupError where a member has less than its size: what was given out by then is no whole backup.
    """
    gzip = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    for piece in _tar(members, time_s):
        packed = gzip.compress(piece)
        if packed:
            yield packed
    yield gzip.flush()


def _tar(members: Iterable[Member], time_s: int) -> Iterator[bytes]:
    listed = _Listed()
    for member in members:
        with member.content as content:
            yield _header(member.name, member.size, time_s)
            digest = hashlib.sha256()
            for piece in _pieces(content, member.size, member.name):
                digest.update(piece)
                yield piece
            yield bytes(-member.size % BLOCK)
        listed.add(member.name, member.size, digest.hexdigest())
    text = listed.text()
    yield _header(MANIFEST, len(text), time_s) + text + bytes(-len(text) % BLOCK) + bytes(2 * BLOCK)


def _header(name: str, size: int, time_s: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, time_s, 0o600
    return entry.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")


def _pieces(content: Readable, size: int, name: str) -> Iterator[bytes]:
    left = size
    while left:
        piece = content.read(min(CHUNK, left))
        if not piece:
            raise BackupError(f"{name} became shorter while it was read; try again")
        left -= len(piece)
        yield piece


class Unpacking:
    """A backup as it is read: `members` gives one after the other, each to be read before the next is asked for.

    Strict: anything but a plain file of a name that backups have, once, within its bound, is refused with BackupError.
    """

    def __init__(self, stream: Readable) -> None:
        self._gzip = _Gunzip(stream)
        self._left = 0
        self._padding = 0
        self._total = 0
        self._listed = _Listed()
        self._name = ""
        self._digest = hashlib.sha256()

    def members(self) -> Iterator[tuple[str, int]]:
        """Yield name and size of each member up to the manifest, which is checked against what was read."""
        for _ in range(MOST_MEMBERS):
            header = self._gzip.read(BLOCK)
            if len(header) < BLOCK or not header.strip(b"\0"):
                raise BackupError(_DAMAGED)
            name, size = self._described(header)
            self._begin(name, size)
            if name == MANIFEST:
                self._check(b"".join(self.pieces()))
                return
            yield name, size
            for _unread in self.pieces():
                pass
            self._gzip.read(self._padding)
            self._listed.add(name, size, self._digest.hexdigest())
        raise BackupError(f"this file has more than {MOST_MEMBERS} members; no backup has")

    def pieces(self) -> Iterator[bytes]:
        """Yield what is left of the member in hand."""
        while self._left:
            piece = self._gzip.read(min(CHUNK, self._left))
            if not piece:
                raise BackupError(_DAMAGED)
            self._left -= len(piece)
            self._digest.update(piece)
            yield piece

    def _begin(self, name: str, size: int) -> None:
        self._name, self._left, self._padding, self._digest = name, size, -size % BLOCK, hashlib.sha256()

    def _described(self, header: bytes) -> tuple[str, int]:
        try:
            entry = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError) as error:
            raise BackupError(_DAMAGED) from error
        name = entry.name
        bound = most_bytes(name)
        if entry.type != tarfile.REGTYPE or bound is None:
            raise BackupError(f"this is no backup of edge: it has {name[:100]!r}, which does not belong into one")
        if name in self._listed.rows:
            raise BackupError(f"this is no backup of edge: it has {name} twice")
        self._total += entry.size
        if not 0 <= entry.size <= bound or self._total > MOST_BYTES:
            raise BackupError(f"this is no backup of edge: {name} has {entry.size} bytes, more than such a file has")
        return name, entry.size

    def _check(self, text: bytes) -> None:
        try:
            told = json.loads(text)["members"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BackupError(_DAMAGED) from error
        if told != self._listed.rows:
            raise BackupError("this backup was changed or damaged: what is in it is not what its manifest lists")


class _Gunzip:
    """Bytes out of gzipped bytes, never more at once than are asked for."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._inflate = zlib.decompressobj(GZIP_WINDOW)
        self._began = False

    def read(self, count: int) -> bytes:
        """Return `count` bytes, fewer at the end."""
        parts: list[bytes] = []
        while count and not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._stream.read(CHUNK)
            try:
                part = self._inflate.decompress(packed, count)
            except zlib.error as error:
                text = _DAMAGED if self._began else "this is no backup of edge: it is no gzipped tar"
                raise BackupError(text) from error
            if not packed and not part:
                break
            self._began = self._began or bool(part)
            parts.append(part)
            count -= len(part)
        return b"".join(parts)
