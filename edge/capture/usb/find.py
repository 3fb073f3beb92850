"""Which device files are USB cameras, by what stable names, and where a camera is now."""

import os
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.capture.usb import v4l2
from edge.capture.usb.modes import FORMATS, Mode

DEV = Path("/dev")
_STABLE = ("by-id", "by-path")


@dataclass(frozen=True, slots=True)
class UsbCamera:
    """A camera on USB: its name and place on the bus, its device file and the name of it that stays.

    `trouble` says why it could not be looked at; `name` is then that of the file.
    """

    path: Path
    name: str
    bus: str = ""
    trouble: str = ""
    modes: tuple[Mode, ...] = ()

    @property
    def stable(self) -> Path:
        """Its name that stays over restarts and replugging, where udev gives one: `by-id`, else `by-path`."""
        return stable_name(self.path)

    def same(self, other: "UsbCamera") -> bool:
        """Whether both are one camera, as far as it can be told: the same name at the same plug."""
        return (self.name, self.bus) == (other.name, other.bus)


def usb_cameras(folder: Path = DEV) -> list[UsbCamera]:
    """Return the cameras on USB, in order of their files.

    A webcam has further device files that give no pictures, and a board has some for its codecs: those are left out.
    One that may not be opened is told with its trouble.
    """
    return [found for found in map(_camera_at, _nodes(folder)) if found is not None]


def stable_name(path: Path) -> Path:
    """Return the name of a device file that stays; the file itself where there is none."""
    for kind in _STABLE:
        links = sorted(path.parent.joinpath("v4l", kind).glob("*"))
        for link in links:
            if link.resolve() == path.resolve():
                return link
    return path


def whereabouts(device: str, known: UsbCamera | None, folder: Path = DEV) -> Path:
    """Return the device file that the settings mean: a path, a number, or a camera's name.

    A bare `/dev/videoN` may have become another number when the camera was plugged in again: then `known`, the camera
    that was opened before, is looked for. Where it is not found, the path is returned as it was given.
    """
    if device.isascii() and device.isdigit():
        device = str(folder / f"video{device}")
    elif "/" not in device:
        named = [camera.path for camera in usb_cameras(folder) if camera.name == device]
        return named[0] if named else folder / device
    path = Path(device)
    if known is None or _numbered(path) is None or _is(path, known):
        return path
    others = usb_cameras(path.parent)
    same = [each for each in others if each.same(known)] or [each for each in others if each.name == known.name]
    return same[0].path if same else path


def look_at(path: Path) -> UsbCamera:
    """Return what a device file is, without its modes; OSError where it cannot be asked."""
    with opened(path) as device:
        told = v4l2.query(device)
    return UsbCamera(path, told.card or "USB camera", told.bus)


def modes_of(device: int) -> Iterator[Mode]:
    """Give all that a camera can send."""
    for code in dict.fromkeys(v4l2.formats(device)):
        for width, height in v4l2.sizes(device, code):
            for fps in tuple(v4l2.rates(device, code, width, height)) or (0.0,):
                yield Mode(code, width, height, fps)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Give a device file, opened so that nothing on it waits; OSError where it is none or may not be opened."""
    line = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    with closing(os.fdopen(line, "rb", buffering=0)) as device:
        yield device.fileno()


def offered(modes: tuple[Mode, ...]) -> Iterator[str]:
    """Give a line for each format: its sizes, each with its highest rate."""
    for code in dict.fromkeys(mode.code for mode in modes):
        highest: dict[tuple[int, int], float] = {}
        for mode in modes:
            if mode.code == code:
                size = mode.width, mode.height
                highest[size] = max(highest.get(size, 0.0), mode.fps)
        listed = ", ".join(
            f"{width}x{height}" + (f" at {fps:.3g}" if fps else "") for (width, height), fps in highest.items()
        )
        yield f"{FORMATS.get(code, code)}: {listed}"


def _nodes(folder: Path) -> list[Path]:
    return sorted(
        (path for path in folder.glob("video*") if _numbered(path) is not None), key=lambda p: _numbered(p) or 0
    )


def _numbered(path: Path) -> int | None:
    number = path.name.removeprefix("video")
    return int(number) if path.name.startswith("video") and number.isascii() and number.isdigit() else None


def _is(path: Path, known: UsbCamera) -> bool:
    try:
        return look_at(path).same(known)
    except OSError:
        return False


def _camera_at(path: Path) -> UsbCamera | None:
    try:
        with opened(path) as device:
            told = v4l2.query(device)
            if not told.captures or not told.on_usb:
                return None
            return UsbCamera(path, told.card or "USB camera", told.bus, modes=tuple(modes_of(device)))
    except PermissionError:
        return UsbCamera(path, path.name, trouble=not_permitted(path))
    except OSError:
        return None


def not_permitted(path: Path) -> str:
    """Return what to do where a device file may not be opened."""
    group = _group(path)
    return f"may not be opened by this user; add it to the group {group}: usermod -aG {group} edge, then start anew"


def _group(path: Path) -> str:
    import grp  # noqa: PLC0415 - for this text only

    try:
        found = path.stat()
        return grp.getgrgid(found.st_gid).gr_name if stat.S_ISCHR(found.st_mode) and found.st_gid else "video"
    except (OSError, KeyError):
        return "video"
