"""The bench of `tests/contract` for the real picamera2, inside the camera root (`contract.py` runs it there)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import libcamera
import picamera2

from edge.capture.csi.library import Camera, Library, Values, library_of
from tests.camera_root import virtual_camera
from tests.camera_root.enter import CAMERAS, RUN
from tests.camera_root.film import PICTURES_PER_S, virtual_cameras
from tests.support.csi_rig import Unable
from tests.support.csi_scenes import PERIOD_S, bgr

SCENES = {"still": 2.0, "walk": PERIOD_S, "black": 2.0}
"""Each is a virtual camera of its own, with so many seconds of pictures."""
_SIZE = (640, 360)


class VirtualRig:
    """The first camera is whichever virtual one plays the scene that is shown."""

    def __init__(self) -> None:
        self._scene = "still"
        self._opened: list[Any] = []
        virtual_camera.install()
        self.library: Library = replace(
            library_of(picamera2, libcamera, _no_network), cameras=self._cameras, camera=self._camera
        )

    def show(self, scene: str) -> None:
        self._scene = scene

    def stall(self, *, stalled: bool) -> None:
        if stalled:
            virtual_camera.FAILS.touch()
        else:
            virtual_camera.FAILS.unlink(missing_ok=True)

    def hang_on_stop(self) -> None:
        raise Unable("libcamera holds the interpreter while it hangs, and this test with it: see whole_program.py")

    def close(self) -> None:
        """Close what a test has left open."""
        virtual_camera.FAILS.unlink(missing_ok=True)
        for camera in self._opened:
            camera.close()

    def _cameras(self) -> list[Values]:
        return [picamera2.Picamera2.global_camera_info()[self._place()]]

    def _camera(self, number: int) -> Camera:
        opened: Camera = picamera2.Picamera2(self._place() if number == 0 else len(SCENES))
        self._opened.append(opened)
        return opened

    def _place(self) -> int:
        """Return where picamera2 lists the camera of the scene: it sorts them."""
        shown = f"Virtual{list(SCENES).index(self._scene)}"
        return [each["Id"] for each in picamera2.Picamera2.global_camera_info()].index(shown)


@contextmanager
def bench(_: Path) -> Iterator[VirtualRig]:
    """Yield the bench, its pictures drawn once a process."""
    _draw()
    rig = VirtualRig()
    try:
        yield rig
    finally:
        rig.close()


@cache
def _draw() -> None:
    for scene, seconds in SCENES.items():
        folder = RUN / "pictures" / scene
        folder.mkdir(parents=True)
        for number in range(round(seconds * PICTURES_PER_S)):
            picture = bgr(scene, number / PICTURES_PER_S, *_SIZE, number)
            cv2.imwrite(str(folder / f"{number:04}.jpg"), picture)
    (CAMERAS / "virtual.yaml").write_text(virtual_cameras(*(RUN / "pictures" / scene for scene in SCENES)))


def _no_network() -> ModuleType:
    raise Unable("a virtual camera has no network in its sensor")
