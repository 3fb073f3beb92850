"""Runs commands in the camera root: in a mount namespace of its own, the root itself read-only."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

CHECKOUT = Path("/srv/edge")
"""Where this checkout is in the root, read-only."""
RUN = Path("/srv/run")
"""Where a test's own folder is, writable."""
CAMERAS = Path("/usr/share/libcamera/pipeline/virtual")
"""Where libcamera looks for its virtual cameras."""
STAND_INS = Path("/usr/lib/stand_ins.so")
STUBS = Path("tests/camera_root/stubs")
"""Modules that picamera2 imports and nobody uses."""
PLACES = (CHECKOUT, RUN, CAMERAS)

_HERE = Path(__file__).parent
_KEPT = ("OPENBLAS", "TZ")


def command(
    root: Path,
    words: Sequence[str],
    *,
    run: Path | None = None,
    more: Mapping[str, str] | None = None,
    writable: bool = False,
) -> list[str]:
    """Return the words that run a command in the root; the process that they start becomes that command's.

    `run` is the test's folder, whose sub-folder `cameras` holds `virtual.yaml`; `more` is further environment.
    """
    mounts = [f"mount --bind {_at(root)} {_at(root)}"]
    if not writable:
        mounts.append(f"mount -o remount,bind,ro {_at(root)}")
    mounts += [f"mount --rbind /{each} {_at(root, Path('/', each))}" for each in ("dev", "proc", "sys")]
    mounts.append(f"mount -t tmpfs tmpfs {_at(root, Path('/tmp'))}")
    mounts.append(f"mount --bind -o ro {shlex.quote(str(_HERE.parents[1]))} {_at(root, CHECKOUT)}")
    if run is not None:
        mounts.append(f"mount --bind {shlex.quote(str(run))} {_at(root, RUN)}")
        mounts.append(f"mount --bind {shlex.quote(str(run / 'cameras'))} {_at(root, CAMERAS)}")
    script = "\n".join(["set -e", *mounts, f'exec chroot {_at(root)} "$@"'])
    names = [f"{name}={value}" for name, value in {**_environment(), **(more or {})}.items()]
    return [*_unshare(), "sh", "-c", script, "enter", "/usr/bin/env", "-i", *names, *words]


def _environment() -> dict[str, str]:
    """Return what a command in the root finds; of this process's environment little is right there."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
    return kept | {
        "PATH": "/usr/bin",
        "HOME": str(RUN),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / STUBS}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LD_PRELOAD": str(STAND_INS),
        "LIBCAMERA_PIPELINES_MATCH_LIST": "virtual",
        "LIBCAMERA_LOG_LEVELS": "*:WARN",
    }


@cache
def missing() -> str:
    """Return why this machine cannot enter a root; empty where it can."""
    for program in ("unshare", "mount", "chroot"):
        if shutil.which(program) is None:
            return f"it has no {program}"
    tried = subprocess.run([*_unshare(), "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    if tried.returncode == 0:
        return ""
    return "it allows no mount namespace: run as root, or where unprivileged user namespaces are allowed"


def _unshare() -> list[str]:
    return ["unshare", "--mount", "--propagation", "private", *(() if os.geteuid() == 0 else ("--map-root-user",))]


def _at(root: Path, place: Path = Path("/")) -> str:
    return shlex.quote(str(root / place.relative_to("/")))
