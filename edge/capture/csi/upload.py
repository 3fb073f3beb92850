"""Puts a network into a sensor, by a process of its own: `python -m edge.capture.csi.upload FILE ID NUMBER`.

libcamera keeps the interpreter while it starts a camera, and the first start with a network takes minutes: no thread
of the program would run meanwhile, and the watchdog would end it. What was uploaded once the camera module keeps in its
own flash memory, so that the next start takes seconds.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from edge.capture.csi.library import load
from edge.capture.source import CameraStatus, CaptureError

_log = logging.getLogger("edge.capture")
UPLOAD_S = 300.0
_LOOK_S = 0.2
_DIE_WITH_PARENT = 1
_SIZE = (640, 360)


def upload(file: Path, camera_id: str, number: int, seconds: float, now_s: Callable[[], float]) -> None:
    """Start a camera with a network once, in another process, and wait for its end.

    CaptureError STALLED where that takes longer than some seconds. A start that fails is left to be told by the start
    in this process, which will fail too.
    """
    words = [sys.executable, "-m", "edge.capture.csi.upload", str(file), camera_id, str(number)]
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own module
    until_s = now_s() + seconds
    try:
        while child.poll() is None:
            if now_s() >= until_s:
                text = f"{file.name} was not put into the sensor within {seconds:g} s; check cable and power supply"
                raise CaptureError(CameraStatus.STALLED, text)
            time.sleep(_LOOK_S)
    finally:
        child.kill()
        child.wait()
    if child.returncode:
        _log.warning("the process that puts %s into the sensor has failed (code %d)", file.name, child.returncode)


def main(words: Sequence[str]) -> NoReturn:
    """Start the camera and end: all that is open goes with the process, which no hang can prevent."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    file, camera_id, number = words
    library = load()
    network = library.network(file, camera_id)
    camera = library.camera(int(number))
    camera.configure(
        camera.create_video_configuration(
            main={"size": _SIZE, "format": "YUV420"},
            raw=None,
            transform=library.transform(),
            colour_space=library.colour_space(),
        )
    )
    camera.start()
    del network
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
