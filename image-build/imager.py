"""Packs images and describes them for Raspberry Pi Imager: a list for its `--repo`, with the figures of the files.

imager.py --url https://downloads.example.org/edge --out FOLDER build/image/rpi4 build/image/rpi5
leaves FOLDER/edge.rpi-imager.json and the packed images: what is put at that URL. Standard library and xz only.

The form is that of github.com/raspberrypi/rpi-imager, doc/json-schema/os-list-schema.json (read at 71754dd16416).
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

LIST = "edge.rpi-imager.json"
NAMES = {"rpi4": "Raspberry Pi 4", "rpi5": "Raspberry Pi 5"}
DEVICES = {"rpi4": ["pi4-64bit"], "rpi5": ["pi5-64bit"]}  # Imager shows an image for these boards only
DESCRIPTION = "Counts people and vehicles on any camera; set up by README.txt on the card"
ICON = "edge.svg"
ICON_FILE = Path(__file__).resolve().parent.parent / "edge/outputs/web/icon.svg.txt"
# Imager would write files for a first start that this system does not run: it offers no settings then.
INIT_FORMAT = "none"
XZ = ("xz", "--threads=2", "--block-size=16MiB", "-6", "--stdout")  # the same bytes on any machine
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Packed:
    """An image and its packed form."""

    path: Path
    extract_bytes: int
    extract_sha256: str
    download_sha256: str


def pack(image: Path, to: Path) -> Packed:
    """Pack an image beside its final name, and move it there when it is whole."""
    new = to.with_name(f"{to.name}.new")
    with image.open("rb") as source, new.open("wb") as target:
        size, digest = pass_through(source, target)
    new.replace(to)
    return Packed(to, size, digest, digest_of(to))


def pass_through(source: IO[bytes], target: IO[bytes]) -> tuple[int, str]:
    """Pack `source` into `target` with xz; return how many bytes went in, and their SHA-256."""
    digest, size = sha256(), 0
    with subprocess.Popen(XZ, stdin=subprocess.PIPE, stdout=target) as xz:  # noqa: S603 - fixed words
        assert xz.stdin  # noqa: S101 - asked for
        while block := source.read(BLOCK_BYTES):
            digest.update(block)
            size += len(block)
            xz.stdin.write(block)
        xz.stdin.close()
    if xz.returncode:
        sys.exit(f"imager.py: xz ended with {xz.returncode}")
    return size, digest.hexdigest()


def digest_of(path: Path) -> str:
    """Return a file's SHA-256."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def told(folder: Path) -> dict[str, Any]:
    """Return what a build says of its image: manifest.json, or for a Raspberry Pi rendered.json."""
    for name in ("manifest.json", "rendered.json"):
        if (folder / name).exists():
            found: dict[str, Any] = json.loads((folder / name).read_text())
            return found
    sys.exit(f"imager.py: {folder} holds no image: it has no manifest.json (image-build/build.sh makes one)")


def entry(folder: Path, out: Path, url: str) -> dict[str, Any]:
    """Pack one image and return how Imager is told of it."""
    build = told(folder)
    target, version = build["target"], f"{build['version']}+{build['commit']}"
    image = folder / "disk.img"
    if not image.exists():
        sys.exit(f"imager.py: {folder} has no disk.img: the image was rendered, not built")
    packed = pack(image, out / f"edge-{target}-{version}.img.xz")
    return {
        "name": f"edge {build['version']} for {NAMES.get(target, target)}",
        "description": DESCRIPTION,
        "icon": f"{url}/{ICON}",
        "url": f"{url}/{packed.path.name.replace('+', '%2B')}",
        "extract_size": packed.extract_bytes,
        "extract_sha256": packed.extract_sha256,
        "image_download_size": packed.path.stat().st_size,
        "image_download_sha256": packed.download_sha256,
        "release_date": build["time"][:10],
        "init_format": INIT_FORMAT,
        "devices": DEVICES.get(target, []),
    }


def main() -> None:
    """Pack the images named and write the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="where the files will lie")
    parser.add_argument("--out", type=Path, required=True, help="where they are left")
    parser.add_argument("images", type=Path, nargs="+", help="folders that image-build/build.sh left")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    url = given.url.rstrip("/")
    entries = [entry(folder, given.out, url) for folder in given.images]
    (given.out / ICON).write_bytes(ICON_FILE.read_bytes())
    (given.out / LIST).write_text(json.dumps({"os_list": entries}, indent=1) + "\n")


if __name__ == "__main__":
    main()
