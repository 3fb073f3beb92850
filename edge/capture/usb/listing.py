"""USB cameras for people who are about to set them up."""

from collections.abc import Iterator
from pathlib import Path

from edge.capture.attached import Attached
from edge.capture.usb.find import DEV, UsbCamera, offered, usb_cameras
from edge.capture.usb.modes import Wanted, in_order
from edge.settings import UsbSettings


def attached_by_usb(folder: Path = DEV) -> list[Attached]:
    """Return the cameras on USB under names that stay, with what they offer; a star marks what would be played."""
    return [Attached("usb", each.name, str(each.stable), tuple(_lines(each))) for each in usb_cameras(folder)]


def _lines(camera: UsbCamera) -> Iterator[str]:
    if camera.trouble:
        yield camera.trouble
        return
    default = UsbSettings()
    best = in_order(camera.modes, Wanted(default.width, default.height, default.fps))
    yield f"* {best[0].shown}" if best else "sends neither MJPEG nor YUYV: it cannot be played"
    yield from offered(camera.modes)
