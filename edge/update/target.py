"""The slot that is written: made unbootable first, its first block last, read back past the page cache."""

import mmap
import os
import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.update.errors import UpdateError
from edge.update.manifest import Manifest

SUPERBLOCK_END = 4096
"""The ext4 superblock is in here: without it no kernel mounts the slot."""
FLUSH_BYTES = 16 * 2**20
"""So much may wait in memory for the card: the cameras need the rest."""


class Target:
    """A slot under writing; used within `with`. Every method raises UpdateError where the card does not do it.

    A slot that was begun and not finished holds no file system: whoever tries to start it comes back at once.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self._path = path
        self._manifest = manifest
        self._file = -1
        self._first = b""
        self._flushed = 0

    def __enter__(self) -> Self:
        try:
            # Exclusive: the kernel refuses a device that is mounted.
            self._file = os.open(self._path, os.O_RDWR | os.O_EXCL | os.O_CLOEXEC)
            self._check()
        except OSError as error:
            self.__exit__(None, None, None)
            raise self._failed("cannot be opened", error) from None
        except UpdateError:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def invalidate(self) -> None:
        """Take away what makes it bootable, before anything else is written."""
        self._write(0, bytes(SUPERBLOCK_END))
        self._flush()

    def write(self, index: int, content: bytes) -> None:
        """Write a block; the first one waits until `finish`. Zeros are written only where there are none yet."""
        if index == 0:
            self._first = content
            return
        at = index * self._manifest.block_bytes
        if not self._manifest.blocks[index].packed_bytes and self._read(at, len(content)) == content:
            return
        self._write(at, content)
        if at - self._flushed >= FLUSH_BYTES:
            self._flush()
            self._flushed = at

    def read_back(self, progress: Callable[[int], None]) -> None:
        """Compare what the card has, all but the first block, with what it should have."""
        self._flush()
        self._compare(range(1, len(self._manifest.blocks)), progress)

    def finish(self) -> None:
        """Write the first block, and look at it too: from here on the slot can be started."""
        self._write(0, self._first)
        self._flush()
        try:
            self._compare(range(1), lambda _: None)
        except UpdateError:
            self.invalidate()
            raise

    def _check(self) -> None:
        status = os.fstat(self._file)
        if stat.S_ISBLK(status.st_mode) and status.st_rdev == os.stat("/").st_dev:  # noqa: PTH116 - "/" is no Path of ours
            raise UpdateError(f"{self._path} is the running system", "failed")
        size = os.lseek(self._file, 0, os.SEEK_END)
        if size < self._manifest.image_bytes:
            text = f"the new system needs {self._manifest.image_bytes} bytes, a slot of this device has {size}"
            raise UpdateError(f"{text}; flash the card anew")

    def _compare(self, indexes: range, progress: Callable[[int], None]) -> None:
        with mmap.mmap(-1, self._manifest.block_bytes) as memory:  # aligned, as reading past the cache asks for
            source = self._opened_past_cache()
            try:
                for index in indexes:
                    length = self._manifest.length(index)
                    with memoryview(memory) as whole, whole[:length] as view:
                        got = os.preadv(source, [view], index * self._manifest.block_bytes)
                        right = got == length and self._is_right(index, view)
                    if not right:
                        raise UpdateError(
                            f"the card did not keep block {index} of the new system; it may be worn out", "failed"
                        )
                    progress(index)
            except OSError as error:
                raise self._failed("cannot be read back", error) from None
            finally:
                os.close(source)

    def _is_right(self, index: int, content: memoryview) -> bool:
        block = self._manifest.blocks[index]
        if not block.packed_bytes:
            return bytes(content) == bytes(len(content))
        return sha256(content).digest() == block.sha256

    def _opened_past_cache(self) -> int:
        try:
            return os.open(self._path, os.O_RDONLY | os.O_DIRECT | os.O_CLOEXEC)
        except OSError:  # a file system without it, as in tests: the cache was let go by _flush
            return os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)

    def _read(self, at: int, size: int) -> bytes:
        try:
            return os.pread(self._file, size, at)
        except OSError:
            return b""  # what cannot be read is written

    def _write(self, at: int, content: bytes) -> None:
        rest = memoryview(content)
        try:
            while rest:
                written = os.pwrite(self._file, rest, at)
                rest, at = rest[written:], at + written
        except OSError as error:
            raise self._failed("cannot be written", error) from None

    def _flush(self) -> None:
        try:
            os.fsync(self._file)
            os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_DONTNEED)
        except OSError as error:
            raise self._failed("cannot be written", error) from None

    def _failed(self, what: str, error: OSError) -> UpdateError:
        return UpdateError(f"the slot {self._path} {what}: {error.strerror}", "failed")
