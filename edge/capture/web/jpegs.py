"""JPEG pictures out of a stream of bytes, whatever stands between them. Pure.

Boundaries and lengths of MJPEG streams are often wrong or missing; a JPEG says itself where it begins and ends, and is
whole the moment its last byte is there.
"""

MOST_BYTES = 16_000_000
_START, _END = b"\xff\xd8\xff", b"\xff\xd9"
_SCAN = 0xDA
_NEVER_HERE = {0xD8, 0xD9}
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}


class JpegStream:
    """Takes bytes as they come and gives whole pictures. `cut` counts those that were broken off or too long."""

    def __init__(self) -> None:
        self.cut = 0
        self._raw = bytearray()
        self._at = 0
        self._in_scan = False

    @property
    def begun(self) -> bool:
        """Whether a picture has begun and is not there yet."""
        return self._at > 0

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes; return the pictures that are whole now, in order."""
        self._raw += data
        whole: list[bytes] = []
        while True:
            if not self._at and not self._find_start():
                return whole
            if not self._in_scan and not self._walk():
                return whole
            end = self._find_end()
            if end is None:
                return whole
            if end:
                whole.append(bytes(self._raw[:end]))
                self._drop(end)

    def _find_start(self) -> bool:
        start = self._raw.find(_START)
        if start < 0:
            del self._raw[: max(0, len(self._raw) - 2)]
            return False
        del self._raw[:start]
        self._at = 2
        return True

    def _walk(self) -> bool:
        """Walk the segments up to the picture's own data; False where more bytes are needed, or it was no picture."""
        while len(self._raw) >= self._at + 4:
            marker = self._raw[self._at + 1]
            if self._raw[self._at] != 0xFF or marker in _NEVER_HERE:  # noqa: PLR2004 - begins every marker
                self._give_up(self._at)
                return bool(self._raw)
            if marker == 0xFF:  # noqa: PLR2004 - a filler
                self._at += 1
                continue
            length = 0 if marker in _WITHOUT_LENGTH else int.from_bytes(self._raw[self._at + 2 : self._at + 4])
            self._at += 2 + length
            if marker == _SCAN:
                self._in_scan = True
                return True
        return self._too_long()

    def _find_end(self) -> int | None:
        """Return where the picture ends, None where more bytes are needed, 0 where another begins before."""
        if not self._in_scan:
            return 0
        end, start = self._raw.find(_END, self._at), self._raw.find(_START, self._at)
        if start >= 0 and (end < 0 or start < end):
            self._give_up(start)
            return 0
        if end >= 0:
            return end + 2
        self._at = max(self._at, len(self._raw) - 2)
        return 0 if self._too_long() else None

    def _too_long(self) -> bool:
        if max(self._at, len(self._raw)) <= MOST_BYTES:
            return False
        self._give_up(len(self._raw))
        return True

    def _give_up(self, end: int) -> None:
        self.cut += 1
        self._drop(end)

    def _drop(self, end: int) -> None:
        del self._raw[:end]
        self._at = 0
        self._in_scan = False
