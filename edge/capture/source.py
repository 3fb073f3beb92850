"""What every kind of camera looks like to the rest of the program."""

from enum import StrEnum
from typing import Protocol

from edge.model.scene import Frame


class CameraStatus(StrEnum):
    """How a channel's camera is doing, as status, REST and health show it."""

    STARTING = "starting"
    OK = "ok"
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - a status, not a password
    NO_SUCH_STREAM = "no such stream"
    REFUSED = "connection refused"
    UNREACHABLE = "unreachable"
    STALLED = "stalled"
    BROKEN = "broken stream"
    NOT_FOUND = "not found"
    ENDED = "ended"
    DISABLED = "disabled"


class CaptureError(Exception):
    """A camera cannot be opened or has stopped; the text says what to do and never holds credentials."""

    def __init__(self, status: CameraStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


class FrameSource(Protocol):
    """One open-able camera. Used by one thread; `open` may be called again after `close`."""

    def open(self) -> None:
        """Connect; raise CaptureError where that fails."""
        ...

    def read(self) -> Frame | None:
        """Return the next frame, None at the end of a file; raise CaptureError where the camera is lost."""
        ...

    def close(self) -> None:
        """Let go of the camera; never raises, may be called twice."""
        ...
