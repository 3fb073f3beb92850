"""Camera modules of this machine, for `edge cameras`."""

from collections.abc import Callable

from edge.capture.attached import Attached
from edge.capture.csi.choice import modules, shown, text_of
from edge.capture.csi.library import ERRORS, Library, load
from edge.capture.source import CaptureError


def csi_cameras(library: Callable[[], Library] = load) -> list[Attached]:
    """Return the camera modules that picamera2 knows; none without it. May block for seconds."""
    try:
        described = library().cameras()
    except (*ERRORS, CaptureError):  # without picamera2, without libcamera, or without its kernel drivers
        return []
    return [
        Attached("csi", shown(each), str(number), (f"id {text_of(each, 'Id')}",)) for number, each in modules(described)
    ]
