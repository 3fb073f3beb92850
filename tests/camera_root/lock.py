"""Pins picamera2 and what it imports, with the hashes of the wheels for both kinds of machine; part of `make lock`.

pip-compile cannot: two of picamera2's requirements have no wheel and build on a Pi only. They are not used (see
`stubs/`), numpy and av come from the program's own lock.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.camera_root.python_packages import LOCK, MACHINES, for_root

WANTED = ("picamera2==0.3.38", "piexif", "pillow", "simplejpeg", "videodev2")


def chosen(machine: str) -> list[tuple[str, str]]:
    """Return each package as NAME==VERSION with its wheel's hash on such a machine."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        words = [*for_root(Path(folder), machine), "--only-binary", ":all:", "--dry-run", "--report", str(report)]
        subprocess.run([sys.executable, "-m", "pip", *words, *WANTED], check=True)
        installed: list[dict[str, Any]] = json.loads(report.read_text())["install"]
    return sorted(
        (
            f"{each['metadata']['name'].lower()}=={each['metadata']['version']}",
            each["download_info"]["archive_info"]["hashes"]["sha256"],
        )
        for each in installed
    )


def main() -> None:
    """Write the lock."""
    hashes: dict[str, set[str]] = {}
    for machine in MACHINES:
        for name, digest in chosen(machine):
            hashes.setdefault(name, set()).add(digest)
    blocks = [
        " \\\n".join([name, *(f"    --hash=sha256:{each}" for each in sorted(found))])
        for name, found in sorted(hashes.items())
    ]
    LOCK.write_text("\n".join(blocks) + "\n")


if __name__ == "__main__":
    main()
