"""One HTTP answer, from its bytes as they come. Pure; lenient as browsers are, since the servers of cameras are odd."""

import re
from dataclasses import dataclass

MOST_HEAD = 32_768
_STATUS = re.compile(rb"(?:HTTP/(\d\.\d)|ICY)\s+(\d{3})\b")
_WITHOUT_BODY = {204, 304}
_LONGEST_CHUNK_LINE = 1024


class NotHttpError(ValueError):
    """What comes is no HTTP."""


@dataclass(frozen=True, slots=True)
class Head:
    """The status and the headers of an answer; names in small letters."""

    status: int
    headers: tuple[tuple[str, str], ...]
    version: str = "1.1"

    def get(self, name: str) -> str:
        """Return a header's value, empty without it."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a header."""
        return tuple(value for each, value in self.headers if each == name)


class AnswerReader:
    """Takes the bytes of one answer; gives its head, and its body in pieces."""

    def __init__(self) -> None:
        self.head: Head | None = None
        self.done = False
        self.begun = False
        self._raw = bytearray()
        self._body = bytearray()
        self._left: int | None = None
        self._chunked = False
        self._trailer = False

    @property
    def reusable(self) -> bool:
        """Whether another question may follow on the same connection."""
        if not self.done or self.head is None or (self._left is None and not self._chunked):
            return False
        said = self.head.get("connection").lower()
        return "keep-alive" in said if self.head.version == "1.0" else "close" not in said

    @property
    def waiting(self) -> int:
        """How many bytes of the body `take` would give."""
        return len(self._body)

    def feed(self, data: bytes) -> None:
        """Take bytes as they come; empty: the other side has closed. Raises NotHttpError."""
        self.begun = self.begun or bool(data)
        self._raw += data
        if self.head is None:
            self._read_head()
        if self.head is not None:
            self._read_body()
        if not data and not self.done:
            self._closed()

    def take(self) -> bytes:
        """Return what has come of the body since the last call."""
        taken = bytes(self._body)
        self._body.clear()
        return taken

    def _read_head(self) -> None:
        end = re.search(rb"\r?\n\r?\n", self._raw)
        if end is None:
            if len(self._raw) > MOST_HEAD or (
                not b"HTTP/".startswith(bytes(self._raw[:5])) and not self._begins_well()
            ):
                raise NotHttpError
            return
        lines = bytes(self._raw[: end.start()]).decode("latin-1").splitlines()
        del self._raw[: end.end()]
        status = _STATUS.match(lines[0].encode("latin-1")) if lines else None
        if status is None:
            raise NotHttpError
        pairs = [line.partition(":")[::2] for line in lines[1:] if ":" in line]
        headers = tuple((name.strip().lower(), value.strip()) for name, value in pairs)
        head = Head(int(status[2]), headers, (status[1] or b"1.0").decode())
        if head.status // 100 == 1:
            self._read_head()
            return
        self.head = head
        self._set_length(head)

    def _begins_well(self) -> bool:
        return self._raw.startswith((b"HTTP/", b"ICY"))

    def _set_length(self, head: Head) -> None:
        length = head.get("content-length")
        self._chunked = "chunked" in head.get("transfer-encoding").lower()
        if head.status in _WITHOUT_BODY:
            self._left, self._chunked = 0, False
        elif not self._chunked and length.isascii() and length.isdigit():
            self._left = int(length)
        self.done = self._left == 0

    def _read_body(self) -> None:
        if self._chunked:
            while not self.done and self._read_chunk():
                pass
        elif self._left is None:
            self._body += self._raw
            self._raw.clear()
        elif not self.done:
            self._move(self._left)
            self.done = self._left == 0

    def _read_chunk(self) -> bool:
        """Move on by one step; False where more bytes are needed."""
        if self._left:
            self._move(self._left)
            return not self._left
        end = self._raw.find(b"\n")
        if end < 0:
            if len(self._raw) > _LONGEST_CHUNK_LINE:
                raise NotHttpError
            return False
        line = bytes(self._raw[:end]).strip()
        del self._raw[: end + 1]
        if self._trailer:
            self.done = not line
        elif line:  # the empty line behind a chunk is passed over
            self._left = _size(line)
            self._trailer = self._left == 0
        return True

    def _move(self, most: int) -> None:
        moved = self._raw[:most]
        del self._raw[:most]
        self._body += moved
        self._left = most - len(moved)

    def _closed(self) -> None:
        """Take the end of the connection for that of the body; one that is cut off by it is shown so by its JPEG."""
        if self.head is None:
            raise NotHttpError
        self.done = True


def _size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise NotHttpError from None
