"""A camera module on a bench, to be shown scenes and made to fail: with the fake library, or with any other.

The real picamera2 stands on the same bench: `EDGE_CSI_RIG=package.module:function` names a function that takes a folder
of its own and returns a context manager of a `Rig`. Whatever a rig cannot do it refuses by raising `Unable`, with the
reason; the test is skipped with it.
"""

import importlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from edge.capture.csi.library import Library, library_of
from tests.support.fake_picamera2 import libcamera, picamera2
from tests.support.fake_picamera2.picamera2 import network
from tests.support.fake_picamera2.picamera2.script import VARIABLE

CHOICE = "EDGE_CSI_RIG"
FAKE = Path(__file__).parent / "fake_picamera2"
"""To be put on PYTHONPATH where a whole program is to find the fake by `import picamera2`."""


class Unable(Exception):  # noqa: N818 - a reason, no error
    """This rig cannot do that; the text says why."""


class Rig(Protocol):
    """One bench with one camera or more, the first of which is number 0."""

    library: Library

    def show(self, scene: str) -> None:
        """Show the first camera a scene of `csi_scenes`, from its next opening on at the latest."""
        ...

    def stall(self, *, stalled: bool) -> None:
        """Let no picture of the first camera come any more, without a word; or let them come again."""
        ...

    def hang_on_stop(self) -> None:
        """Let the next stop of the first camera never return."""
        ...


class FakeRig:
    """The bench of the fake: `cameras` are those of its file, written anew with each change."""

    def __init__(self, path: Path, *cameras: dict[str, Any]) -> None:
        self.library = library_of(picamera2, libcamera, lambda: network)
        self._path = path
        self._cameras = [dict(each) for each in cameras] or [module()]
        self._write()

    def set(self, number: int = 0, **state: Any) -> None:  # noqa: ANN401 - as the file has it
        """Change what one camera is or does."""
        self._cameras[number] |= state
        self._write()

    def replace(self, *cameras: dict[str, Any]) -> None:
        """Plug in other cameras."""
        self._cameras = [dict(each) for each in cameras]
        self._write()

    def show(self, scene: str) -> None:
        self.set(scene=scene)

    def stall(self, *, stalled: bool) -> None:
        self.set(stalled=stalled)

    def hang_on_stop(self) -> None:
        self.set(hang_on_stop=True)

    def _write(self) -> None:
        """Replace the file whole: the fake may read it at any time."""
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps({"cameras": self._cameras}), encoding="utf-8")
        part.replace(self._path)


def module(model: str = "imx708", number: int = 0, **state: Any) -> dict[str, Any]:  # noqa: ANN401 - as the file has it
    """Return a camera for the fake's file."""
    camera_id = f"/base/soc/i2c0mux/i2c@{9 - number}/{model}@1a"
    return {"Model": model, "Location": 2, "Rotation": 180, "Id": camera_id, "scene": "still"} | state


@contextmanager
def fake_rig(folder: Path, *cameras: dict[str, Any]) -> Iterator[FakeRig]:
    """Yield the bench of the fake in this process."""
    path = folder / "cameras.json"
    rig = FakeRig(path, *cameras)
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(path)
    try:
        yield rig
    finally:
        network.NETWORKS.clear()
        picamera2.Picamera2.forget()
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def chosen_rig(folder: Path) -> AbstractContextManager[Rig]:
    """Return the rig that the environment names, the fake's without one."""
    name = os.environ.get(CHOICE, "")
    if not name:
        return fake_rig(folder)
    module_name, _, function = name.partition(":")
    make: Callable[[Path], AbstractContextManager[Rig]] = getattr(importlib.import_module(module_name), function)
    return make(folder)


def able(what: Callable[[], None]) -> None:
    """Do it, or skip the test with the reason why this rig cannot."""
    try:
        what()
    except Unable as reason:
        pytest.skip(str(reason))
