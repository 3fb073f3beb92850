"""What every kind of camera looks like to the rest of the program."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Protocol, runtime_checkable

from edge.model.scene import Frame


class CameraStatus(StrEnum):
    """How a channel's camera is doing, as status, REST and health show it."""

    STARTING = "starting"
    OK = "ok"
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - a status, not a password
    LOCKED = "account locked"
    NO_LOGIN = "login not supported"
    CLOCK_OFF = "clock off"
    NO_SUCH_STREAM = "no such stream"
    NOT_ONVIF = "not ONVIF"
    REFUSED = "connection refused"
    UNREACHABLE = "unreachable"
    STALLED = "stalled"
    BROKEN = "broken stream"
    NOT_FOUND = "not found"
    BUSY = "in use"
    FORBIDDEN = "not permitted"
    PREPARING = "preparing"
    HUNG = "hung"
    ENDED = "ended"
    DISABLED = "disabled"


class CaptureError(Exception):
    """A camera cannot be opened or has stopped; the text says what to do and never holds credentials."""

    def __init__(self, status: CameraStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


class Pause(Enum):
    """What `read` returns where a frame is not there yet: the caller looks after its own duties and reads again."""

    PAUSE = "pause"


class FrameSource(Protocol):
    """One open-able camera. Used by one thread at a time; `open` may be called again after `close`."""

    def open(self) -> None:
        """Connect; raise CaptureError where that fails. May block for several seconds."""
        ...

    def read(self) -> Frame | Pause | None:
        """Return the next frame, None at the end of a file; raise CaptureError where the camera is lost.

        Blocks for two seconds at most: then it returns PAUSE.
        """
        ...

    def close(self) -> None:
        """Let go of the camera; never raises, may be called twice."""
        ...


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told what becomes of a channel's camera; each is called with the channel's id.

    `lost` once an outage, `ended` when a file that does not loop has ended and its last frame was taken, `hung` once
    where the camera's library does not come back.
    """

    lost: Callable[[str, CaptureError], None]
    ended: Callable[[str], None]
    hung: Callable[[str, str], None]


@runtime_checkable
class Knockable(Protocol):
    """A camera that can be asked cheaply whether it is there again."""

    def knock(self) -> bool:
        """Tell whether the camera answers at all; blocks for some seconds at most, never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Stream:
    """Which of a camera's streams is played: the camera's own name and token for it, and how people may read it."""

    name: str
    token: str
    shown: str


@runtime_checkable
class Chooses(Protocol):
    """A source that chooses among a camera's streams."""

    @property
    def stream(self) -> Stream | None:
        """What is played; None before the first choice."""
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """What has come since the start: bytes of video, packets that could not be decoded, and packets left undecoded.

    Those were `skipped` since decoding had fallen behind.
    """

    bytes: int = 0
    errors: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.bytes + other.bytes, self.errors + other.errors, self.skipped + other.skipped)


@runtime_checkable
class Decodes(Protocol):
    """A source with a decoder, which counts what goes through it."""

    @property
    def counts(self) -> Counts:
        """What has come since the start."""
        ...


@runtime_checkable
class Prepares(Protocol):
    """A source whose opening may take minutes, and says what it does meanwhile."""

    @property
    def preparing(self) -> str:
        """What is being done at this moment, for people; empty where nothing that takes long is."""
        ...


@runtime_checkable
class MayHang(Protocol):
    """A source whose library may never come back from opening or closing a camera."""

    @property
    def hung(self) -> str:
        """What hangs, for people; once it is not empty only a new process gets the camera back."""
        ...


@runtime_checkable
class Rests(Protocol):
    """A source that can spare itself the work of decoding most pictures, and stay connected: one a second is enough.

    `keys_only` (where each picture stands alone, each is a key frame) may be set at any time and from any thread.
    """

    keys_only: bool
