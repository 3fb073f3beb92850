"""A large body as it comes: handed to its call through a small buffer, never kept as a whole.

waitress gathers a request before it is served. For the paths in `STREAMED` the request is served once its head is
there, and the call reads the body from an `Inflow`; what it does not read is taken from the client and dropped, so that
the client sees the answer.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import cast

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.utilities import RequestEntityTooLarge

STREAMED: frozenset[str] = frozenset({"/v1/update", "/v1/restore"})
"""Paths whose POST takes a body of this media type, of any size up to `MOST_BYTES`."""
MEDIA = "application/octet-stream"
MOST_BYTES = 2**34
ROOM_BYTES = 256 * 1024
SILENCE_S = 60.0


class Inflow:
    """One body on its way from the thread that owns the sockets to the one that serves the call.

    `wake` is called where there is room again for a client that was kept waiting.
    """

    def __init__(self, length: int, wake: Callable[[], None], silence_s: float = SILENCE_S) -> None:
        self._missing = length
        self._wake = wake
        self._silence_s = silence_s
        self._parts: deque[bytes] = deque()
        self._held = 0
        self._dropped = False
        self._gone = False
        self._change = threading.Condition()

    @property
    def whole(self) -> bool:
        """Whether all of it has come."""
        return not self._missing

    @property
    def full(self) -> bool:
        """Whether no more is to be taken from the client for now."""
        return self._held >= ROOM_BYTES

    def take(self, data: bytes) -> int:
        """Take what belongs to this body from the front of `data`; return how many bytes these are."""
        part = data[: self._missing]
        with self._change:
            self._missing -= len(part)
            if part and not self._dropped:
                self._parts.append(part)
                self._held += len(part)
            self._change.notify()
        return len(part)

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, waiting for the first of them; empty where it has ended or the client has gone.

        Raises TimeoutError where nothing comes for so long that nothing will.
        """
        with self._change:
            if not self._change.wait_for(self._readable, self._silence_s):
                raise TimeoutError(f"nothing has come for {self._silence_s:.0f} s")
            if not self._parts or self._gone:
                return b""
            was_full = self.full
            part = self._parts.popleft()
            if len(part) > size:
                self._parts.appendleft(part[size:])
                part = part[:size]
            self._held -= len(part)
            room = was_full and not self.full
        if room:
            self._wake()
        return part

    def drop(self) -> None:
        """Read no more: what still comes is dropped."""
        with self._change:
            self._dropped = True
            self._parts.clear()
            self._held = 0
        self._wake()

    def lost(self) -> None:
        """Note that the client has gone."""
        with self._change:
            self._gone = True
            self._change.notify()

    def _readable(self) -> bool:
        return bool(self._parts) or self._gone or self.whole


class Parser(HTTPRequestParser):
    """A request that is complete once its head is there, where its body is streamed.

    `begun` gets the body before the request is served: what comes next is taken by it.
    """

    inflow: Inflow | None = None

    def __init__(self, adjustments: Adjustments, wake: Callable[[], None], begun: Callable[[Inflow], None]) -> None:
        super().__init__(adjustments)
        self._wake = wake
        self._begun = begun

    def received(self, data: bytes) -> int:
        """Take what came; return how many bytes of it belong to this request."""
        if self.inflow is not None:  # the client waited to be told to go on
            self.completed = True
            return self.inflow.take(data)
        consumed = super().received(data)
        if self.headers_finished and self._streamed():
            self.error = None
            self.completed = True
            self.inflow = Inflow(self.content_length, self._wake)
            self._begun(self.inflow)
            consumed += self.inflow.take(data[consumed:])
        return consumed

    def get_body_stream(self) -> "Inflow":  # type: ignore[override] # of a file only `read` is used, by one call
        """Return the body."""
        return self.inflow if self.inflow is not None else cast(Inflow, super().get_body_stream())

    def close(self) -> None:
        """Let go of it, served."""
        if self.inflow is not None:
            self.inflow.drop()
        super().close()

    def _streamed(self) -> bool:
        if self.error is not None and not isinstance(self.error, RequestEntityTooLarge):
            return False
        media = self.headers.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        path = str(getattr(self, "path", "")).rstrip("/")
        post = str(self.command) == "POST" and path in STREAMED and media == MEDIA
        return post and not self.chunked and 0 < self.content_length <= MOST_BYTES
