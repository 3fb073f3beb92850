"""The Debian package for this machine, made once a run, or named by EDGE_DEB."""

import os
import subprocess
from pathlib import Path

BUILD = Path(__file__).parents[2] / "image-build" / "deb" / "build.sh"
BUILD_TIMEOUT_S = 1500


def built_package(out: Path, *options: str, umask: int = 0o022, **environment: str) -> Path:
    """Build the package into `out` and return it; where EDGE_DEB names one, and nothing else is asked, that one."""
    if "EDGE_DEB" in os.environ and not options and not environment:
        return Path(os.environ["EDGE_DEB"])
    words = [str(BUILD), "--out", str(out), *options]
    surroundings = os.environ | {"TMPDIR": str(out.parent)} | environment
    subprocess.run(words, check=True, timeout=BUILD_TIMEOUT_S, env=surroundings, umask=umask)
    return next(out.glob("edge_*.deb"))
