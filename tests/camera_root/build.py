"""Builds the camera root: a folder with Debian 13, libcamera and the real picamera2, to run tests in.

It is kept in `$EDGE_CACHE` (default: `~/.cache/edge`) under the hash of its recipe, is made beside its place and moved
there when complete, and may be asked for by several runs at once. `python -m tests.camera_root.build` makes it by hand.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tests.camera_root import debian, enter, python_packages

CACHE = Path(os.environ.get("EDGE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "edge")
_HERE = Path(__file__).parent
_RECIPE = (
    "build.py",
    "debian.py",
    "enter.py",
    "picamera2.lock",
    "python_packages.py",
    "stand_ins.c",
    python_packages.PROGRAM_LOCK,
    python_packages.TEST_LOCK,
)
_SITE = f"usr/local/lib/python{python_packages.PYTHON}/dist-packages"
_COMPILE = ("cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC")
_OLD_S = 7 * 86400.0


class CannotBuildError(Exception):
    """This machine has no root and cannot make one; the text says what is missing."""


@contextmanager
def camera_root() -> Iterator[Path]:
    """Yield the root's folder, built where it is not there yet; it is not cleared away meanwhile.

    CannotBuildError where this machine cannot make or enter one; CalledProcessError where the recipe is at fault.
    """
    if why := _missing():
        raise CannotBuildError(why)
    CACHE.mkdir(parents=True, exist_ok=True)
    _clear_old()
    root = CACHE / f"camera-root-{recipe()}"
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            _build(root)
        os.utime(lock.fileno())
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield root


def recipe() -> str:
    """Return the hash of everything that decides what is in the root."""
    digest = hashlib.sha256(f"{platform.machine()} {debian.MIRROR}".encode())
    for name in _RECIPE:
        digest.update((_HERE / name).read_bytes())
    return digest.hexdigest()[:16]


def _missing() -> str:
    if platform.machine() not in python_packages.MACHINES:
        return f"its processor is a {platform.machine()}: there are wheels for {' and '.join(python_packages.MACHINES)}"
    if shutil.which("cc") is None:
        return "it has no C compiler: apt install gcc libc6-dev"
    return enter.missing() or debian.missing()


def _build(root: Path) -> None:
    began_s = time.monotonic()
    print(f"building {root}", file=sys.stderr, flush=True)
    for stale in CACHE.glob(f"{root.name}.part-*"):  # of a run that was killed
        shutil.rmtree(stale)
    with _part(root) as part, tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as aside:
        wheels = aside.submit(python_packages.install, part / "wheels", platform.machine(), Path(folder))
        try:
            debian.unpack(part / "root", platform.machine(), Path(folder))
        except debian.ArchiveSilentError as error:
            raise CannotBuildError(str(error)) from error
        wheels.result()
        _finish(part)
        (part / "root").rename(root)
    size = subprocess.run(["du", "-sm", str(root)], check=True, capture_output=True, text=True).stdout.split()[0]
    print(f"built in {time.monotonic() - began_s:.0f} s, {size} MB", file=sys.stderr, flush=True)


def _finish(part: Path) -> None:
    """Put all together, compile Python to byte code, and see that picamera2 loads."""
    root = part / "root"
    (root / _SITE).parent.mkdir(parents=True, exist_ok=True)
    (part / "wheels").rename(root / _SITE)
    shim = root / enter.STAND_INS.relative_to("/")
    subprocess.run([*_COMPILE, "-o", shim, _HERE / "stand_ins.c"], check=True)
    for place in enter.PLACES:
        (root / place.relative_to("/")).mkdir(parents=True, exist_ok=True)
    libraries = ["/" + _SITE, "/usr/lib/python3", f"/usr/lib/python{python_packages.PYTHON}"]
    compiling = ["python3", "-m", "compileall", "-q", "-j0", *libraries]
    subprocess.run(enter.command(root, compiling, writable=True), check=True, stdout=subprocess.DEVNULL)
    subprocess.run(enter.command(root, ["python3", "-c", "import cv2, picamera2"]), check=True)


@contextmanager
def _part(root: Path) -> Iterator[Path]:
    part = Path(tempfile.mkdtemp(prefix=f"{root.name}.part-", dir=root.parent))
    part.chmod(0o755)
    (part / "root").mkdir()
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _clear_old() -> None:
    """Remove roots of other recipes that nobody has used for a week or is using."""
    for path in CACHE.glob("camera-root-*.lock"):
        with suppress(OSError), path.open("a") as lock:
            if time.time() - path.stat().st_mtime > _OLD_S and _free(lock):
                shutil.rmtree(path.with_suffix(""), ignore_errors=True)
                path.unlink()


def _free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    try:
        with camera_root() as built:
            print(built)
    except CannotBuildError as missing:
        sys.exit(f"no camera root on this machine: {missing}")
