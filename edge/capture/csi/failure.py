"""What it means that picamera2 cannot open a camera, in words that say what to do."""

import os
from collections.abc import Iterator
from pathlib import Path

from edge.capture.source import CameraStatus, CaptureError

_BUSY = ("busy", "failed to acquire", "in use", "code: -16")
_FORBIDDEN = ("permission", "not permitted", "could not open any dmaheap", "code: -13")
_MEMORY = ("failed to allocate", "cannot allocate memory", "code: -12")
_DEVICES = ("media", "video", "v4l-subdev")
_FORBIDDEN_TEXT = "put its user into the group video (as root: usermod -aG video USER), then start it again"


def failure(error: BaseException, camera: str) -> CaptureError:
    """Return what an error of the library means; picamera2 hides the cause behind others, so all are looked at."""
    said = [str(each) for each in _causes(error)]
    words = " ".join(said).lower()
    why = next((text for text in reversed(said) if text), type(error).__name__)
    if any(word in words for word in _FORBIDDEN):
        return CaptureError(CameraStatus.FORBIDDEN, f"{camera}: the program may not use it ({why}); {_FORBIDDEN_TEXT}")
    if any(word in words for word in _BUSY):
        text = "is in use by another program, or by another channel of this one; end that, or name another camera"
        return CaptureError(CameraStatus.BUSY, f"{camera} {text} ({why})")
    if any(word in words for word in _MEMORY):
        text = "there is not enough memory for its pictures; make width and height smaller, or end other programs"
        return CaptureError(CameraStatus.BROKEN, f"{camera}: {text} ({why})")
    return CaptureError(CameraStatus.BROKEN, f"{camera} cannot be used ({why}); check its cable, restart the device")


def none_there(devices: Path = Path("/dev")) -> CaptureError:
    """Return why no camera is seen at all: libcamera shows none where it may not look."""
    closed = [path for name in _DEVICES for path in devices.glob(f"{name}[0-9]*") if not os.access(path, os.R_OK)]
    if closed:
        text = f"no camera module is seen, and {min(closed)} may not be opened; {_FORBIDDEN_TEXT}"
        return CaptureError(CameraStatus.FORBIDDEN, text)
    return CaptureError(
        CameraStatus.NOT_FOUND,
        "no camera module is found; with the power off look at the ribbon cable, both ends; `rpicam-hello"
        " --list-cameras` must show it",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
