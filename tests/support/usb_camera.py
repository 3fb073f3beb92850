"""Webcams without hardware: the real reading code runs on real system calls, which v4l2_shim.c answers."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from edge.model.scene import Plane

_ROOT = Path(__file__).parents[2]
_SOURCE = Path(__file__).with_name("v4l2_shim.c")
WEBCAM = ("YUYV 640 480 30 15", "YUYV 1280 720 10 5", "MJPG 640 480 30 15", "MJPG 1280 720 30 15", "MJPG 1920 1080 30")


@cache
def unavailable() -> str:
    """Why there are no webcams on this machine; empty where there are."""
    return "" if _shim() else "a C compiler or linux/videodev2.h is not installed (gcc, libc6-dev)"


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a process that sees the webcams of a folder."""
    return {**os.environ, "PYTHONPATH": str(_ROOT), "LD_PRELOAD": str(_shim()), "V4L2_SHIM": str(folder.resolve())}


@dataclass
class UsbCamera:
    """A webcam with its two device files; `number` is that of the first, the second gives metadata only."""

    folder: Path
    number: int = 0
    card: str = "HD Webcam"
    bus: str = "usb-0000:01:00.0-1.2"
    serial: str = "A1"
    modes: Sequence[str] = WEBCAM
    say: str = ""

    @property
    def path(self) -> Path:
        return self.folder / f"video{self.number}"

    @property
    def metadata(self) -> Path:
        return self.folder / f"video{self.number + 1}"

    @property
    def by_id(self) -> Path:
        return self.folder / "v4l" / "by-id" / f"usb-{self.card.replace(' ', '_')}_{self.serial}-video-index0"

    def plug_in(self, number: int | None = None) -> None:
        """Let udev make device files and links, of another number where one is given."""
        self.number = self.number if number is None else number
        self.by_id.parent.mkdir(parents=True, exist_ok=True)
        self._write(self.path, "capture")
        self._write(self.metadata, "metadata")
        if self.serial:
            self.by_id.symlink_to(self.path)

    def unplug(self) -> None:
        for each in (self.by_id, self.path, self.metadata):
            each.unlink(missing_ok=True)

    def misbehave(self, say: str) -> None:
        """From now on: denied, nospace, stall, error, damage or cut; empty: behave."""
        self.say = say
        self._write(self.path, "capture")

    def show(self, pictures: Sequence[np.ndarray]) -> None:
        """Set what its modes show: pictures in BGR, scaled to each size, over and over."""
        frames = self.folder / f"frames{self.serial}"
        frames.mkdir(exist_ok=True)
        (frames / "count").write_text(str(len(pictures)))
        for mode in self.modes:
            code, width, height = mode.split()[:3]
            for number, picture in enumerate(pictures):
                scaled = cv2.resize(picture, (int(width), int(height)))
                (frames / f"{code}-{width}x{height}-{number}").write_bytes(_encoded(code, np.asarray(scaled, np.uint8)))

    def _write(self, path: Path, caps: str) -> None:
        frames = self.folder / f"frames{self.serial}"
        count = (frames / "count").read_text() if (frames / "count").exists() else "0"
        lines = [f"card {self.card}", f"bus {self.bus}", f"caps {caps}", f"frames {frames}", f"pictures {count}"]
        lines += [f"mode {mode}" for mode in self.modes if caps == "capture"]
        lines += [f"say {self.say}"] if self.say else []
        told = path.with_suffix(".camera")
        told.with_suffix(".new").write_text("\n".join([*lines, ""]))
        told.with_suffix(".new").replace(told)
        path.touch()


def _encoded(code: str, picture: np.ndarray) -> bytes:
    if code == "MJPG":
        done, jpeg = cv2.imencode(
            ".jpg", picture, [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422]
        )
        assert done
        return jpeg.tobytes()
    yuv = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV)
    packed: Plane = np.empty((*yuv.shape[:2], 2), np.uint8)
    packed[:, :, 0] = yuv[:, :, 0]
    packed[:, 0::2, 1] = yuv[:, 0::2, 1]
    packed[:, 1::2, 1] = yuv[:, 0::2, 2]
    return packed.tobytes()


@cache
def _shim() -> Path | None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    built = Path(tempfile.mkdtemp(prefix="edge-v4l2-")) / "v4l2_shim.so"
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(built), str(_SOURCE), "-ldl"]
    made = subprocess.run(words, capture_output=True, check=False)
    return built if made.returncode == 0 else None


_OWN_DEV = """
set -e
mkdir "$KEPT/real"
mount --rbind /dev "$KEPT/real"
mount -t tmpfs dev /dev
for name in null zero full random urandom shm; do
  if [ -d "$KEPT/real/$name" ]; then mkdir "/dev/$name"; else touch "/dev/$name"; fi
  mount --bind "$KEPT/real/$name" "/dev/$name"
done
exec env LD_PRELOAD="$SHIM" V4L2_SHIM=/dev "$@"
"""


@cache
def own_dev_unavailable() -> str:
    """Why there can be no /dev of its own on this machine; empty where there can."""
    if shutil.which("unshare") is None:
        return "unshare (util-linux) is not installed"
    with tempfile.TemporaryDirectory() as kept:
        tried = _with_own_dev(["true"], Path(kept))
    return f"this machine allows no /dev of its own: {tried.stderr.strip()}" if tried.returncode else ""


def run_tests(path: str, folder: Path, *, own_dev: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a file of tests where device files below `folder`, or those in a /dev of its own, are webcams."""
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={folder}/tests", path]
    if own_dev:
        return _with_own_dev(words, folder)
    (folder / "dev").mkdir()
    return subprocess.run(
        words, capture_output=True, check=False, text=True, cwd=_ROOT, env=environment(folder / "dev"), timeout=170
    )


def _with_own_dev(words: list[str], kept: Path) -> subprocess.CompletedProcess[str]:
    namespaces = ["unshare", "--map-root-user", "--mount", "--net", "sh", "-c", _OWN_DEV, "dev"]
    return subprocess.run(
        [*namespaces, *words],
        capture_output=True,
        check=False,
        text=True,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT), "SHIM": str(_shim()), "KEPT": str(kept)},
        timeout=170,
    )
