"""Which of the camera modules is meant."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edge.capture.csi.failure import none_there
from edge.capture.source import CameraStatus, CaptureError
from edge.settings import CsiSettings

Modules = Sequence[tuple[int, Mapping[str, Any]]]
"""Number and description, as `Picamera2.global_camera_info` gives it."""


def modules(described: Sequence[Mapping[str, Any]]) -> Modules:
    """Return the camera modules among all that libcamera knows: it knows webcams too."""
    return [(number, each) for number, each in enumerate(described) if "usb" not in text_of(each, "Id").lower()]


def chosen(described: Sequence[Mapping[str, Any]], settings: CsiSettings) -> tuple[int, Mapping[str, Any]]:
    """Return number and description of the camera that is asked for.

    CaptureError NOT_FOUND where it is not there, with those that are.
    """
    there = modules(described)
    if not there:
        raise none_there()
    found = list(_matching(there, settings))
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{number} ({shown(each)}, id {text_of(each, 'Id')})" for number, each in there)
    asked = f"id {settings.id}" if settings.id else f"camera {settings.camera}"
    what = "fits more than one camera; give the whole id" if found else "is not there; check its cable, or correct it"
    raise CaptureError(CameraStatus.NOT_FOUND, f"{asked} {what}; cameras: {listed}")


def shown(described: Mapping[str, Any]) -> str:
    """Return a camera's model, for people."""
    return text_of(described, "Model") or "camera"


def text_of(described: Mapping[str, Any], key: str) -> str:
    """Return what a description says, empty where it says nothing."""
    return str(described.get(key, ""))


def _matching(there: Modules, settings: CsiSettings) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if not settings.id:
        yield from (each for each in there if each[0] == settings.camera)
        return
    whole = [each for each in there if text_of(each[1], "Id") == settings.id]
    yield from whole or [each for each in there if text_of(each[1], "Model") == settings.id]
